"""Knowledge-graph embeddings: a graph becomes vectors that tell what else is likely true, who is
like whom, and how plausible a statement is.

    model = kge.train(triples, model="transe")
    model.predict("Wei", "likes", k=5)

`triples` numbers a graph, `scorers` are the models' mathematics, `recipe` and `presets` say how one
is trained, `training` does it, `ranking` measures, `embedding` answers. Needs torch: the extra
`remanence[kge]`. It does not know memories; `own` of the command line does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from remanence import _deprecated
from remanence.errors import InvalidInput, MissingExtra

try:
    import safetensors  # noqa: F401
    import torch  # noqa: F401
except ImportError as error:
    raise MissingExtra(
        f"knowledge-graph embeddings need {error.name}, which is not installed; pip install "
        f'"remanence[kge]"'
    ) from error

from remanence.kge import presets, serialization, threads
from remanence.kge.checkpoint import CheckpointFile
from remanence.kge.embedding import KnowledgeEmbedding, LinkPrediction
from remanence.kge.ranking import Evaluation, Quality
from remanence.kge.recipe import Recipe
from remanence.kge.training import Trainer, Watch
from remanence.kge.triples import Split, Triples, hold_out, number, read, split

HELD_OUT = 0.05  # of the triples, for validation and calibration, where none are handed in
LEAST_HELD_OUT = 20
SMALL = 100  # triples below which nothing is held out

Source = Path | str | Split | Iterable[Sequence[str]]


def train(
    triples: Source,
    model: str = "transe",
    *,
    valid: Iterable[Sequence[str]] | None = None,
    recipe: Recipe | None = None,
    checkpoints: Path | str | None = None,
    device: str = "cpu",
    watch: Watch | None = None,
    **changed: Any,
) -> KnowledgeEmbedding:
    """Train a model on a graph.

    `triples` are (head, relation, tail) names, a file of them, or a folder with train.txt and
    perhaps valid.txt. `valid` is held out for early stopping and calibration; absent, a twentieth
    of the triples is (nothing below 100 triples: probabilities are then None). `model` is a name of
    `SCORERS`; how it is trained, its preset says for a graph of this size, `recipe` in its stead,
    and `changed` value by value (`dim=64, epochs=10, seed=1`; see `Recipe`). With `checkpoints`, a
    folder, a training that was interrupted goes on from its last epoch.

    Raises `InvalidInput`, `ConfigError`, `TrainingError` (the loss is not finite),
    `CheckpointError`.

    >>> from remanence import kge
    >>> people = [(f"p{i}", "lives_in", f"c{i % 3}") for i in range(30)]
    >>> cities = [(f"c{i}", "lies_in", "Sichuan") for i in range(3)]
    >>> model = kge.train(people + cities, model="transe", dim=16)
    >>> model.predict("c0", "lies_in", k=1, known=True)[0].tail
    'Sichuan'
    """
    graph = _graph(triples, valid, changed.get("seed", recipe.seed if recipe else 0))
    chosen = (recipe or presets.choose(model, graph)).but(**changed)
    store = None if checkpoints is None else CheckpointFile(Path(checkpoints))
    with threads.thread_count(len(graph.entities) * chosen.batch * chosen.dim):
        return _trained(graph, chosen, device, store, watch)


def _trained(
    graph: Split, chosen: Recipe, device: str, store: CheckpointFile | None, watch: Watch | None
) -> KnowledgeEmbedding:
    run = Trainer(graph, chosen, device=device, store=store, watch=watch).run()
    trained = Triples(graph.train.ids, graph.entities, graph.relations)
    tables = run.tables.map(lambda each: each.cpu())
    made = KnowledgeEmbedding(chosen, tables, trained, None, run.curve, run.stopped)
    calibration = made.calibrate(graph.valid[~graph.unseen(graph.valid)], chosen.seed)
    # What was held out is known all the same: it is not to be offered as news.
    known = Triples(np.concatenate([graph.train.ids, graph.valid]), graph.entities, graph.relations)
    return replace(made, graph=known, calibration=calibration)


def _graph(triples: Source, valid: Iterable[Sequence[str]] | None, seed: int) -> Split:
    if isinstance(triples, (str, Path)):
        graph = read(triples)
    elif isinstance(triples, Split):
        graph = triples
    else:
        graph = split(triples)
    if valid is not None:
        return split(graph.train.named(), valid)
    if len(graph.valid) or len(graph.train) < SMALL:
        return graph
    share = max(HELD_OUT, LEAST_HELD_OUT / len(graph.train))
    apart = hold_out(graph.train, share, seed)
    return Split(apart.train, apart.valid, graph.test, graph.entities, graph.relations)


def load(path: Path | str) -> KnowledgeEmbedding:
    """A model that `KnowledgeEmbedding.save` or `remanence kge train` wrote.

    Raises `CheckpointError`.
    """
    return KnowledgeEmbedding(**serialization.load(Path(path)))


__all__ = [
    "Evaluation",
    "InvalidInput",
    "KnowledgeEmbedding",
    "LinkPrediction",
    "Quality",
    "Recipe",
    "Split",
    "Triples",
    "load",
    "number",
    "read",
    "split",
    "train",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        return _deprecated.attribute(__name__, name)
