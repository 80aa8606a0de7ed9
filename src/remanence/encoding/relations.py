"""The relations that a fact may have, one record each, read from `relations.toml`.

Extraction, linking, training, export and recommendation all read these records; a new relation is
one table in that file, and the patterns that recognise it in a sentence.

`RELATIONS["lives_in"].english.format(s="Wei", o="Chengdu")` is "Wei lives in Chengdu".
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

STATE: Final = "state"
EVENT: Final = "event"
RECURRENT: Final = "recurrent"
TIMELESS: Final = "timeless"
TIMES: Final = (STATE, EVENT, RECURRENT, TIMELESS)
KINDS: Final = ("person", "place", "organisation", "work", "thing", "date", "quantity", "text")


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation: what it joins, how it holds in time, what it does to others, and its words."""

    name: str
    """Name in snake_case."""
    functional: bool
    """True where a subject has at most one object at a time, so that a new one ends the old."""
    subject_kinds: tuple[str, ...]
    """Kinds of subject, of `KINDS`; empty admits every kind."""
    object_kinds: tuple[str, ...]
    """Kinds of object, of `KINDS`; empty admits every kind."""
    inverse: str | None
    """Relation that states the same from the object's side; itself where it is symmetric."""
    english: str
    """Statement in English, with {s} and {o}."""
    chinese: str
    """Statement in Chinese, with {s} and {o}."""
    question: str = ""
    """Question for the object in English, with {s}."""
    question_chinese: str = ""
    """Question for the object in Chinese, with {s}."""
    time: str = STATE
    """Meaning of a time in its sentence: a state begins then; an event takes place then; a
    recurrent relation is limited only by a span or a beginning; a timeless one ignores it.
    """
    ends: tuple[str, ...] = ()
    """Relations between the same two that its statement ends:

    who moved from a place lived there.
    """
    contradicts: tuple[str, ...] = ()
    """Relations between the same two that cannot hold beside it."""
    resets: tuple[str, ...] = ()
    """Functional relations of the same subject whose value its beginning ends: who starts a job is
    no longer unemployed.
    """
    alias: bool = False
    """True where subject and object are names of one entity."""
    within: bool = False
    """True where the subject lies in the object."""
    preference: int = 0
    """1 where the subject wants the object, -1 where the subject refuses it, else 0."""
    synonyms: tuple[str, ...] = ()
    """Names outside this table under which callers and catalogues state the same."""
    posthumous: bool = False
    """True where the subject is dead, and so never asks about it."""

    @property
    def affected(self) -> tuple[str, ...]:
        """Return the relations of the subject that a statement may end or contradict."""
        return (*self.ends, *self.contradicts, *self.resets)

    @property
    def symmetric(self) -> bool:
        """Return whether subject and object can change places."""
        return self.inverse == self.name


def _record(name: str, row: dict[str, Any]) -> Relation:
    kinds = {key: tuple(row.pop(key, ())) for key in ("subject", "object")}
    rest: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Relation(
        name=name,
        functional=rest.pop("functional", False),
        subject_kinds=kinds["subject"],
        object_kinds=kinds["object"],
        inverse=name if rest.pop("symmetric", False) else rest.pop("inverse", None),
        **rest,
    )


def read(text: str) -> dict[str, Relation]:
    r"""Return the records of a TOML document, by name, in its order.

    Raises `TypeError` for a field that a relation does not have, `tomllib.TOMLDecodeError`.

    >>> read('[owes]\nenglish = "{s} owes {o}"\nchinese = "{s}欠{o}"')["owes"].functional
    False
    """
    return {name: _record(name, dict(row)) for name, row in tomllib.loads(text).items()}


RELATIONS: Final = read(
    resources.files("remanence.encoding").joinpath("relations.toml").read_text("utf-8")
)


def _named(relations: Iterator[Relation]) -> frozenset[str]:
    return frozenset(name for each in relations for name in (each.name, *each.synonyms))


ALIASES: Final = _named(each for each in RELATIONS.values() if each.alias)
WITHIN: Final = _named(each for each in RELATIONS.values() if each.within)
WANTED: Final = _named(each for each in RELATIONS.values() if each.preference > 0)
REFUSED: Final = _named(each for each in RELATIONS.values() if each.preference < 0)


def is_functional(relation: str) -> bool:
    """Return whether a subject has one object at a time.

    Of the relations outside the table, favourites, offices, sizes and expiries have one.

    >>> is_functional("lives_in"), is_functional("favourite_author"), is_functional("collects")
    (True, True, False)
    >>> is_functional("has_captain"), is_functional("visa_expires")
    (True, True)
    """
    known = RELATIONS.get(relation)
    if known is not None:
        return known.functional
    return relation.startswith("favourite_") or relation.endswith(_SINGLE)


def is_dated(relation: str) -> bool:
    """Return whether a relation outside the table has a day or a time of day as its object.

    >>> is_dated("exam_date"), is_dated("visa_expires"), is_dated("collects")
    (True, True, False)
    """
    return relation.endswith(_DATES) and relation not in RELATIONS


_DATES: Final = ("_date", "_time", "deadline", "_expires")
_SINGLE: Final = (
    *_DATES,
    "_size",
    "_ceo",
    "_cto",
    "_cfo",
    "_captain",
    "_president",
    "_chair",
    "_chairman",
    "_chairwoman",
    "_principal",
    "_headteacher",
    "_mayor",
    "_treasurer",
    "_drummer",
    "_singer",
    "_bassist",
    "_goalkeeper",
)


def contraries(relation: str) -> frozenset[str]:
    """Return the relations that cannot hold beside `relation` between the same two.

    >>> sorted(contraries("lives_in")), sorted(contraries("likes"))
    (['moved_from'], ['dislikes'])
    """
    known = RELATIONS.get(relation)
    own = set(known.contradicts) if known else set()
    return frozenset(own.union(_ENDED_BY.get(relation, ())))


_ENDED_BY: Final = {
    ended: tuple(each.name for each in RELATIONS.values() if ended in each.ends)
    for each in RELATIONS.values()
    for ended in each.ends
}
