"""A reader trained on question sets, and measured on sets that it has not seen.

What lives here: from folders of memories and questions (see `retrieval`) to the views that recall
would hand to a reader, with what answers marked; from those to weights; and what a reader gains.
The network and its training are in `neural.reader` (torch), what it does at recall in
`retrieval.reader` (numpy).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from remanence import build, config
from remanence.embed.port import Embedder, identity
from remanence.errors import InvalidInput, MissingExtra
from remanence.evals import making, metrics, retrieval
from remanence.evals.retrieval import Question
from remanence.retrieval import evidence
from remanence.retrieval.evidence import View
from remanence.retrieval.pool import Floats
from remanence.retrieval.reader import TITLED, DynamicReader, shapes
from remanence.types import Turn

if TYPE_CHECKING:
    from remanence.neural.reader import Example, ReaderPlan

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many are, and of how many."""

CUTOFFS = (2, 5, 10)
CUT = 1_600  # questions made from one cutting of the passages
MADE = ", made"  # behind the name of a set, where its questions are made from its passages


@dataclass(frozen=True, slots=True)
class Seen:
    """A question's candidates as a reader sees them: the view, the id that was handed in of each
    (k,), and the ids that answer.
    """

    view: View
    sources: tuple[str, ...]
    gold: frozenset[str]

    def recall(self, scores: Floats, cutoff: int) -> float:
        """R@cutoff with the candidates in the order of `scores` (k,)."""
        order = np.argsort(-scores, kind="stable")
        ranked = metrics.unique(self.sources[at] for at in order.tolist())
        return metrics.recall(ranked, self.gold, cutoff)


@dataclass(frozen=True, slots=True)
class Views:
    """All questions of a set, and the identity of the embedder."""

    name: str
    embedder: str
    seen: tuple[Seen, ...]

    def read(self, titled: float) -> float:
        """The share of the questions at which a reader with this `titled` does not keep out."""
        return sum(seen.view.titled >= titled for seen in self.seen) / max(len(self.seen), 1)

    def half(self, *, odd: bool) -> "Views":
        """Every other question: one half to learn from, the other to be asked."""
        return Views(self.name, self.embedder, self.seen[int(odd) :: 2])


class _Recorder:
    """A reader that changes nothing and remembers the last view."""

    titled = 0.0

    def __init__(self) -> None:
        self.view: View | None = None

    def read(self, view: View) -> Floats | None:
        # Half the bytes: a few thousand views are held at once.
        self.view = replace(view, relations=view.relations.astype(np.float16))
        return None


def views(
    directory: Path,
    *,
    embedder: str | None = None,
    most: int | None = None,
    progress: Progress | None = None,
) -> Views:
    """Return a reader's input for each question of a folder, or for `most` of them, evenly spread.

    Raises `InvalidInput` as `retrieval.run` does.
    """
    namespaces, questions = retrieval.load(directory)
    if most is not None and len(questions) > most:
        spread = np.linspace(0, len(questions) - 1, most).astype(int)
        questions = [questions[at] for at in spread.tolist()]
    name = directory.resolve().name
    return _views(name, namespaces, questions, embedder, progress)


def made_views(
    directory: Path,
    count: int,
    *,
    embedder: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Views:
    """What a reader would see for `count` questions made from the passages of a folder (see
    `making`), of whose questions it needs none.

    Raises `InvalidInput` where none can be made, and as `retrieval.run` does.
    """
    namespaces = retrieval.memories(directory)
    chosen = build.load_embedder(
        embedder or config.setting(config.EMBEDDER) or build.DEFAULT_EMBEDDER
    )
    held = sum(map(len, namespaces.values()))
    name = directory.resolve().name + MADE
    seen: tuple[Seen, ...] = ()
    # The passages are cut into other paragraphs for every so many questions.
    for start in range(0, count, CUT):
        parted: dict[str, list[Turn]] = {}
        questions: list[Question] = []
        for namespace, turns in namespaces.items():
            share = max(1, round(min(CUT, count - start) * len(turns) / held))
            parted[namespace], some = making.make(
                turns, share, chosen, namespace=namespace, seed=seed + start // CUT
            )
            questions += some
        seen += _views(name, parted, questions, chosen, progress).seen
    return Views(name, identity(chosen), seen)


def _views(
    name: str,
    namespaces: Mapping[str, list[Turn]],
    questions: Sequence[Question],
    embedder: str | Embedder | None,
    progress: Progress | None,
) -> Views:
    recorder = _Recorder()
    found: list[Seen] = []
    with build.open(":memory:", embedder=embedder, reader=recorder, extract=False) as memory:
        for namespace, turns in namespaces.items():
            memory.remember(turns, namespace=namespace)
        for question in questions:
            newest = retrieval.newest(namespaces[question.namespace])
            recorder.view = None
            recalled = memory.recall(
                question.text, namespace=question.namespace, k=evidence.SEEN, at=newest
            )
            if recorder.view is not None:  # there are candidates
                sources = tuple(item.source for item in recalled)
                found.append(Seen(recorder.view, sources, question.gold))
            if progress:
                progress(name, len(found), len(questions))
        return Views(name, identity(memory.embedder), tuple(found))


def examples(given: Views, titled: float) -> list["Example"]:
    """The questions of a set at which a reader with this `titled` would not keep out."""
    from remanence.neural.reader import Example

    found = []
    for seen in given.seen:
        view = seen.view
        if view.titled >= titled and len(view.scores) > 1:
            # Of several parts of one document the first stands for it.
            first = [seen.sources.index(source) == at for at, source in enumerate(seen.sources)]
            gold = np.array([source in seen.gold for source in seen.sources]) & first
            found.append(
                Example(view.scores, view.columns, view.has, view.share, view.relations, gold)
            )
    return found


def train(
    given: Sequence[Views],
    plan: "ReaderPlan | None" = None,
    *,
    titled: float = TITLED,
    sizes: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> DynamicReader:
    """A reader trained on sets; `sizes` questions of each make an epoch (absent: all it has).

    Raises `InvalidInput` where the sets were made with different embedders or nothing is left to
    learn from, and `MissingExtra` without torch.
    """
    try:
        from remanence.neural import reader as network
    except ImportError as error:
        raise MissingExtra(
            f"a reader is trained with {error.name}, which is not installed; pip install "
            f'"remanence[neural]"'
        ) from error
    made_by = {views.embedder for views in given}
    if len(made_by) != 1:
        raise InvalidInput(f"a reader is trained on the vectors of one embedder, not {made_by}")
    plan = plan or network.ReaderPlan()
    chosen = [examples(views, titled) for views in given]
    first = evidence.COLUMNS.index(evidence.ARMS[0])
    layout = network.Layout(
        slice(first, first + len(evidence.ARMS)), evidence.ARMS.index("graph"), evidence.ARM
    )
    wanted = shapes(plan.members, plan.width, plan.hidden, plan.hops)
    try:
        trained = network.fit(
            chosen,
            wanted,
            plan,
            layout,
            sizes=sizes,
            progress=progress and (lambda done, total: progress("training", done, total)),
        )
    except ValueError as error:
        names = ", ".join(views.name for views in given)
        raise InvalidInput(
            f"{names}: {error}, or fewer than {titled:.0%} of the candidates have a title; "
            "a lower --titled trains on what has none"
        ) from error
    return DynamicReader(trained.export(), plan.hops, made_by.pop(), titled)


def gains(reader: DynamicReader, given: Views) -> dict[int, tuple[float, float]]:
    """By cutoff: mean recall of fusion alone, and with the reader."""
    alone: dict[int, list[float]] = {cutoff: [] for cutoff in CUTOFFS}
    with_reader: dict[int, list[float]] = {cutoff: [] for cutoff in CUTOFFS}
    for seen in given.seen:
        added = reader.read(seen.view)
        after = seen.view.scores if added is None else seen.view.scores + added
        for cutoff in CUTOFFS:
            alone[cutoff].append(seen.recall(seen.view.scores, cutoff))
            with_reader[cutoff].append(seen.recall(after, cutoff))
    return {
        cutoff: (float(np.mean(alone[cutoff])), float(np.mean(with_reader[cutoff])))
        for cutoff in CUTOFFS
    }
