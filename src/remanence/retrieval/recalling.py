"""Recall within one open index: conditions, search, texts, and the order among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from remanence import instants
from remanence.embed.port import Embedder
from remanence.retrieval import recollecting, search, spanning, standing
from remanence.retrieval.arm import Arm
from remanence.retrieval.index import Index
from remanence.retrieval.reader import Reader
from remanence.retrieval.recollecting import Replaced
from remanence.retrieval.where import Condition
from remanence.storage import expiry
from remanence.storage.engine import Rows
from remanence.storage.selection import Selection
from remanence.types import Recall


@dataclass(frozen=True, slots=True)
class Question:
    """The checked arguments of a recall."""

    text: str
    """The query."""
    k: int
    """How many recollections are wanted."""
    reference: datetime
    """The instant to which "yesterday" is relative."""
    filters: search.Filters
    """What a recollection must be."""
    condition: Condition | None
    """What its metadata must say; None: anything."""
    several: bool
    """Whether the index is of several namespaces."""
    min_relevance: float
    """The relevance below which episodes are left out."""


@dataclass(frozen=True, slots=True)
class Means:
    """The result of a recall."""

    embedder: Embedder
    """Makes the query's vectors."""
    reader: Reader | None
    """Has the last word on the order of the best; None: there is none."""
    arms: Sequence[Arm]
    """Choose and weigh."""
    replaced: Replaced
    """Finds the statements that are over."""


def recall_in(
    index: Index,
    rows: Rows,
    names: Mapping[int, str],
    question: Question,
    means: Means,
) -> Recall:
    """Return what answers a question in an index of namespaces (number -> name), held open.

    Statements of several namespaces replace none of each other: they may be of different people.
    """
    filters = _filters(index, rows, names, question)
    most = max(question.k, standing.LOOKED_AT)
    found, degraded = search.search(
        index,
        question.text,
        means.embedder,
        filters,
        most,
        question.reference,
        means.reader,
        means.arms,
    )
    if question.several:
        found = [*found, *search.rest(index, found, filters)][: question.k]
        ranked = recollecting.read(rows, found, names)
    else:
        ranked = recollecting.recollect(
            rows, question.text, found, question.k, means.replaced, index, filters, names
        )
    kept = (one for one in ranked if one.relevance >= question.min_relevance)
    return Recall(kept, degraded)


def _filters(
    index: Index, rows: Rows, names: Mapping[int, str], question: Question
) -> search.Filters:
    """Return the filters of a question with its conditions as sets of episodes."""
    filters = question.filters
    numbers = filters.numbers
    due = expiry.due_in(rows, names, instants.now())  # of a store that could not be written
    if due:
        numbers &= ~Selection.of(due)
    if question.condition is not None:
        index.fields.catch_up(rows, names)
        numbers &= index.fields.select(question.condition)
    if question.several and filters.session is not None:
        numbers &= spanning.in_session(index, names, filters.session)
        filters = replace(filters, session=None)
    return filters if numbers is filters.numbers else replace(filters, numbers=numbers)
