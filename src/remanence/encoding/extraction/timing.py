"""When a statement holds: the time expressions of its sentence, read by the relation's `time`."""

from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR
from typing import Final

from remanence import instants
from remanence.encoding.extraction.scene import Statement
from remanence.encoding.relations import EVENT, RELATIONS, TIMELESS, is_dated
from remanence.text.times import Span, spans

_TIME: Final = {name: relation.time for name, relation in RELATIONS.items()}
_FIRST, _LAST = MINYEAR, MAXYEAR


def timeless(statement: Statement) -> bool:
    """Return whether no time expression beside it changes what the statement says."""
    return _TIME.get(statement.relation) == TIMELESS or is_dated(statement.relation)


def times(text: str, at: int, start: int, end: int) -> Sequence[Span]:
    """The time expressions of text[start:end], relative to `at`, microseconds;

    offsets within the sentence.
    """
    return spans(text[start:end], instants.moment(at))


def validity(statement: Statement, found: Sequence[Span]) -> tuple[int | None, int | None]:
    """From when and until when, in microseconds; None where it is not said."""
    if not found or timeless(statement):
        return None, None
    span = found[0]
    start = None if span.start.year == _FIRST else instants.parse(span.start)
    end = None if span.end.year == _LAST else instants.parse(span.end)
    if _TIME.get(statement.relation) == EVENT:
        return start, end
    if statement.change == "end":
        return None, start if start is not None else end
    if statement.change or span.end.year == _LAST:
        return start, None
    if span.start.year == _FIRST:
        return None, end
    return (start, end) if span.grain == "range" else (None, None)
