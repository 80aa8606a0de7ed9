"""When a statement holds: the sentence's time expressions read for what the statement is. It knows relations and spans, no words."""

from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR
from typing import Final

from remanence import instants
from remanence.encoding.extraction.scene import Statement
from remanence.text.times import Span, spans
from remanence.text.words import table

# Relations that are events: they hold for as long as the time that is named.
_EVENTS: Final = table("has_visited attended plans_to wants_to award_won")
# Relations that time expressions in the sentence say nothing about: they are dates themselves, or hold whenever.
_TIMELESS: Final = table(
    """
    born_on birthday died_on born_in died_in buried_in released_on founded_on founded_by comes_from age named
    parent_of child_of sibling_of relative_of directed_by written_by composed_by created_by produced_by stars
    performed_by published_by instance_of nationality based_on part_of located_in named_after borders genre
    population area
    """
)
_FIRST, _LAST = MINYEAR, MAXYEAR


def timeless(statement: Statement) -> bool:
    """Whether no time expression beside it changes what the statement says."""
    return statement.relation in _TIMELESS


def times(text: str, at: int, start: int, end: int) -> Sequence[Span]:
    """The time expressions of text[start:end], relative to `at`, microseconds; offsets within the sentence."""
    return spans(text[start:end], instants.moment(at))


def validity(statement: Statement, found: Sequence[Span]) -> tuple[int | None, int | None]:
    """From when and until when, in microseconds; None where it is not said."""
    if not found or statement.relation in _TIMELESS:
        return None, None
    span = found[0]
    start = None if span.start.year == _FIRST else instants.parse(span.start)
    end = None if span.end.year == _LAST else instants.parse(span.end)
    if statement.relation in _EVENTS:
        return start, end
    if statement.change == "end":
        return None, start if start is not None else end
    if statement.change or span.end.year == _LAST:
        return start, None
    if span.start.year == _FIRST:
        return None, end
    return (start, end) if span.grain == "range" else (None, None)
