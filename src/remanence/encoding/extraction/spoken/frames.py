"""Statements of verbs and predicates: a table of frames, one row each.

A row reads `heads ; what follows ; relation ; kind of the object ; marks`. `heads` are verbs in
their base form or, with the mark `be`, words that follow "be". What follows is one of several word
sequences, or nothing; then the object stands. A kind that begins with "=" is the object itself.

Marks: `be` needs "be" before the head, `act` must not have it (but "is living"); `state` ends with
the plain past; `begin` and `end` are changes; `past` holds of the past only, `present` of the
present; `plan` is what is going to happen; `person` needs a person; `known` needs a place that the
tables know; `weak` lowers the confidence, so that nothing is ended; `no:R` is the relation of a
negation, `no:-` drops it; `inner` keeps the head in the object; `lone` needs nothing more in the
clause; `own` needs the speaker; `quantity`, `also` lets later rows of the head be tried as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from remanence.encoding.extraction.spoken import predicate_rows, verb_rows


@dataclass(frozen=True)
class Frame:
    """One row of the table. `follows` are alternatives, each a tuple of words, longest first."""

    follows: tuple[tuple[str, ...], ...]
    relation: str
    kind: str
    marks: frozenset[str]
    denied: str  # relation of a negation; "" where it is denied, "-" where it says nothing

    @cached_property
    def opening(self) -> frozenset[str] | None:
        """First words of what must follow the head; None where nothing needs to."""
        return frozenset(choice[0] for choice in self.follows) if all(self.follows) else None

    @cached_property
    def asked(self) -> frozenset[str]:
        """Marks that a clause must bear: a state of the past is one that has ended."""
        return self.marks - {"present"} if "state" in self.marks else self.marks


def _rows(table: str) -> Iterator[tuple[list[str], Frame]]:
    for line in table.strip().splitlines():
        if not line.strip():
            continue
        heads, follows, relation, kind, marks = (part.strip() for part in line.split(";"))
        choices = [tuple(choice.split()) for choice in follows.split("|")]
        choices.sort(key=len, reverse=True)
        marked = frozenset(marks.split())
        denied = next((mark[3:] for mark in marked if mark.startswith("no:")), "")
        for mark in marked:
            if mark.startswith("follows:"):
                choices = [tuple(mark[8:].split("+"))]
        yield heads.split(), Frame(tuple(choices), relation, kind, marked, denied)


def _table(text: str) -> dict[str, tuple[Frame, ...]]:
    found: dict[str, list[Frame]] = {}
    for heads, frame in _rows(text):
        for head in heads:
            found.setdefault(head, []).append(frame)
    return {head: tuple(frames) for head, frames in found.items()}


VERBS: Final = _table(verb_rows.VERBS)
PREDICATES: Final = _table(predicate_rows.PREDICATES)
