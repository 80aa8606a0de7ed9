"""Assertions: facts stated by a caller rather than read from a text, and facts put into words."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from remanence import checks, instants
from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import names, notation
from remanence.encoding.relations import RELATIONS
from remanence.errors import InvalidInput
from remanence.storage import facts
from remanence.storage.appending import Document
from remanence.text.words import terms
from remanence.types import Fact, When

_RELATION = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST = 64  # characters of a relation's name
_HAN = re.compile("[\u3400-\u9fff]")
_MIDNIGHT = re.compile(r"T00:00:00(?:Z|[+-]\d\d:\d\d)$")


@dataclass(frozen=True, slots=True)
class Assertion:
    """A fact that a caller states."""

    text: str
    """The fact as a sentence, which the log keeps."""
    candidate: Candidate
    """The fact as linking takes it."""


def assertion(
    subject: str, relation: str, object: str, valid_from: When | None, valid_until: When | None
) -> Assertion:
    """Check a fact and put it into words. Raises `InvalidInput`."""
    _check(subject, relation, object)
    start, end = _interval(valid_from, valid_until)
    text = sentence(subject, relation, object, start, end)
    candidate = Candidate(
        subject, relation, object, 1.0, 0, len(text), valid_from=start, valid_until=end
    )
    return Assertion(text, candidate)


def _check(subject: str, relation: str, object: str) -> None:
    for value, name in ((subject, "subject"), (object, "object")):
        if not names.key(checks.label(value, name)):
            raise InvalidInput(f"{name}={value!r:.80} has no letter or digit, so it names nothing")
    checks.label(relation, "relation")
    if len(relation) > _LONGEST or not _RELATION.fullmatch(relation):
        raise InvalidInput(
            f"relation={relation!r:.80} is no name of a relation; write it like lives_in, in at "
            f"most "
            f"{_LONGEST} small letters, digits and underscores"
        )
    if names.key(subject) == names.key(object):
        raise InvalidInput(f"subject and object are both {subject!r:.80}; a fact joins two things")


def _interval(valid_from: When | None, valid_until: When | None) -> tuple[int | None, int | None]:
    """Both ends in microseconds; raises `InvalidInput` where the end is not after the start."""
    start = None if valid_from is None else instants.parse(valid_from, "valid_from")
    end = None if valid_until is None else instants.parse(valid_until, "valid_until")
    if start is not None and end is not None and end <= start:
        raise InvalidInput(
            f"valid_until={instants.render(end)} is not after valid_from={instants.render(start)}"
        )
    return start, end


def sentence(subject: str, relation: str, object: str, start: int | None, end: int | None) -> str:
    """Return a fact in words, in Chinese where either name is; times in microseconds.

    >>> sentence("Wei", "lives_in", "Chengdu", 1_740_787_200_000_000, None)
    'Wei lives in Chengdu (from 2025-03-01).'
    """
    times = (None if time is None else instants.render(time) for time in (start, end))
    return _sentence(subject, relation, object, *times)


def _sentence(subject: str, relation: str, object: str, start: str | None, end: str | None) -> str:
    known = RELATIONS.get(relation)
    chinese = _HAN.search(subject + object) is not None
    plain = "{s} " + relation.replace("_", " ") + " {o}"
    template = plain if known is None else known.chinese if chinese else known.english
    words = ("从", "至", "，", "（", "）。") if chinese else ("from ", "until ", ", ", " (", ").")
    times = [words[at] + _MIDNIGHT.sub("", time) for at, time in enumerate((start, end)) if time]
    said = template.replace("{s}", subject, 1).replace("{o}", object, 1)
    if not times:
        return said + words[4][-1]
    return said + words[3] + words[2].join(times) + words[4]


def verbalise(fact: Fact) -> str:
    """Return a fact as a sentence, with its dates, in their own zone."""
    return _sentence(fact.subject, fact.relation, fact.object, fact.valid_from, fact.valid_until)


@lru_cache(maxsize=1_000)  # anybody may name a relation
def wording(relation: str) -> frozenset[str]:
    """Return the words by which a question asks for a relation: of its name and its sentences.

    >>> sorted(wording("lives_in"))
    ['live', '住']
    """
    known = RELATIONS.get(relation)
    said = [relation.replace("_", " ")] + ([known.english, known.chinese] if known else [])
    return frozenset(terms(" ".join(said).replace("{s}", " ").replace("{o}", " ")))


def to_document(document: Document, assertion: Assertion) -> Document:
    """Return the document of an assertion's text, with what it states."""
    (draft,) = document.parts
    body = notation.dump([assertion.candidate])
    return replace(document, parts=(replace(draft, statements=body, extractor=facts.LEARNED),))
