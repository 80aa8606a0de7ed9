"""Predictions from a memory's own facts: an embedding of a namespace's graph, kept in the store.

    knowledge.train(memory, "wei")
    knowledge.predict_facts(memory, "wei", subject="Wei")

What is offered is never asserted: no offer is written anywhere, none is among `memory.facts`.
Trained is on what holds now. `storage.models` says where a model is kept and why there,
`serialization` what stands in it. Forgetting anything in a namespace takes its model along. Needs
torch: the extra `remanence[kge]`.
"""

from typing import TYPE_CHECKING, Any

from remanence import _deprecated, checks, kge
from remanence.errors import ConfigError, InvalidInput, TrainingError
from remanence.kge.embedding import KnowledgeEmbedding
from remanence.knowledge import serialization
from remanence.knowledge.graph import Triple, as_triples, triples_of
from remanence.knowledge.predictions import LEAST_FACTS, Prediction, Predictions, predict_from
from remanence.memory import Memory
from remanence.storage import models
from remanence.storage.store import UNKNOWN, View

LEAST = 0.05  # the probability below which nothing is offered


def train(
    memory: Memory, namespace: str, model: str = "transe", *, keep: bool = True, **options: Any
) -> KnowledgeEmbedding:
    """Train a model on what holds in a namespace now, and keep it in the store in the stead of the
    last one.

    `model` and `options` are those of `kge.train`, but for its checkpoints: forgetting would not
    reach them. With `keep=False` nothing is written.

    Raises `InvalidInput` where no fact holds, `TrainingError` where something was forgotten
    meanwhile (nothing is kept then), what `kge.train` raises, and `StorageError`.
    """
    checks.label(namespace, "namespace")
    if options.get("checkpoints") is not None:
        raise ConfigError(
            f"checkpoints={options['checkpoints']!r:.80} would keep what forgetting does not "
            "reach; leave it out, "
            "or export the facts and train on the file"
        )
    claimed = _claim(memory, namespace) if keep else None
    try:
        made = kge.train(_trainable_triples(memory, namespace), model, **options)
        if claimed is not None:
            _store_model(memory, namespace, claimed, made)
    except BaseException:
        if claimed is not None:
            memory.store.writing(lambda transaction: models.release(transaction, claimed))
        raise
    return made


def _trainable_triples(memory: Memory, namespace: str) -> list[Triple]:
    """The triples of a namespace, at least one."""
    triples = triples_of(memory, namespace)
    if not triples:
        raise InvalidInput(
            f"namespace {namespace!r} holds no facts to train on; remember what states some, or "
            "learn them"
        )
    return triples


def _claim(memory: Memory, namespace: str) -> models.Claim | None:
    """A claim of the namespace; None where nothing was ever remembered in it."""

    def job(view: View) -> models.Claim | None:
        return None if view.number == UNKNOWN else models.claim(view.rows, view.number)

    return memory.namespace(namespace).writing(job, make=False)


def _store_model(
    memory: Memory, namespace: str, claimed: models.Claim, made: KnowledgeEmbedding
) -> None:
    body = serialization.dump(made, claimed.salt)
    if not memory.store.writing(lambda transaction: models.keep(transaction, claimed, body)):
        raise TrainingError(
            f"something was forgotten in namespace {namespace!r} while a model was trained on it, "
            "so the model was not kept; train again"
        )


def load(memory: Memory, namespace: str) -> KnowledgeEmbedding:
    """The model that is kept of a namespace, over what holds there now: what it was not trained on,
    it does not know.

    Raises `InvalidInput` where none is kept, or nothing that it knows still holds;
    `CheckpointError` where it is damaged.
    """
    checks.label(namespace, "namespace")
    with memory.namespace(namespace).reading() as (snapshot, number):
        kept = models.read(snapshot, number)
    if kept is None:
        raise InvalidInput(
            f"no model is kept of namespace {namespace!r}: none was trained, or something was "
            "forgotten since; train one"
        )
    triples = triples_of(memory, namespace)
    with memory.semantic.opened(namespace) as (graph, _):
        found = serialization.restore(kept, triples, graph.entities)
    if found is None:
        raise InvalidInput(
            f"nothing that the model of namespace {namespace!r} was trained on still holds; train "
            "again"
        )
    return found


def predict_facts(
    memory: Memory,
    namespace: str,
    subject: str | None = None,
    relation: str | None = None,
    *,
    k: int = 10,
    least: float = LEAST,
    model: KnowledgeEmbedding | None = None,
) -> Predictions:
    """At most `k` facts that are likely by the model of a namespace, likeliest first, each of
    probability `least` or more.

    Of one subject (by any of its names), one relation, both, or all. `model` spares loading the one
    that is kept.

    No offer says what is known already, was said before and holds no longer, or would be a second
    value where there can be but one. Subjects and objects are such as the graph itself has in the
    relation, and a subject has less in it than those who are most alike. Below `LEAST_FACTS` facts
    nothing is offered: `Predictions.withheld` then says so.

    Raises `InvalidInput` for names that the graph does not have, and what `load` raises.
    """
    checks.label(namespace, "namespace")
    k = checks.count(k, "k")
    checks.optional_label(subject, "subject")
    checks.optional_label(relation, "relation")
    if isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 <= least <= 1:
        raise InvalidInput(f"least={least!r:.40} is no probability, from 0 to 1")
    told = memory.facts(namespace=namespace, history=True)
    holding = memory.facts(namespace=namespace)
    if len(as_triples(holding)) < LEAST_FACTS:
        return predict_from(None, holding, told, None, None, k, least)
    if subject is not None:
        with memory.semantic.opened(namespace) as (graph, _):
            subject = graph.entities.name(graph.entities.find(subject))
    return predict_from(
        model or load(memory, namespace), holding, told, subject, relation, k, least
    )


__all__ = [
    "LEAST",
    "LEAST_FACTS",
    "KnowledgeEmbedding",
    "Prediction",
    "Predictions",
    "load",
    "predict_facts",
    "train",
    "triples_of",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        return _deprecated.attribute(__name__, name)
