"""What `learn` writes: a sentence for the log, and the candidate that it states. It knows relations and words, no store."""

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


@dataclass(frozen=True, slots=True)
class Lesson:
    """A fact to learn, in words and as a candidate."""

    text: str
    candidate: Candidate


def lesson(
    subject: str, relation: str, object: str, valid_from: When | None, valid_until: When | None
) -> Lesson:
    """Check a fact and put it into words. Raises `InvalidInput`."""
    for value, name in ((subject, "subject"), (object, "object")):
        if not names.key(checks.label(value, name)):
            raise InvalidInput(f"{name}={value!r:.80} has no letter or digit, so it names nothing")
    checks.label(relation, "relation")
    if len(relation) > _LONGEST or not _RELATION.fullmatch(relation):
        raise InvalidInput(
            f"relation={relation!r:.80} is no name of a relation; write it like lives_in, in at most "
            f"{_LONGEST} small letters, digits and underscores"
        )
    if names.key(subject) == names.key(object):
        raise InvalidInput(f"subject and object are both {subject!r:.80}; a fact joins two things")
    start = None if valid_from is None else instants.parse(valid_from, "valid_from")
    end = None if valid_until is None else instants.parse(valid_until, "valid_until")
    if start is not None and end is not None and end <= start:
        raise InvalidInput(
            f"valid_until={instants.render(end)} is not after valid_from={instants.render(start)}"
        )
    text = sentence(subject, relation, object, start, end)
    said = Candidate(
        subject, relation, object, 1.0, 0, len(text), valid_from=start, valid_until=end
    )
    return Lesson(text, said)


def sentence(subject: str, relation: str, object: str, start: int | None, end: int | None) -> str:
    """A fact in words, in Chinese where either name is.

    >>> sentence("Wei", "lives_in", "Chengdu", 1_740_787_200_000_000, None)
    'Wei lives in Chengdu (from 2025-03-01).'
    """
    known = RELATIONS.get(relation)
    chinese = _HAN.search(subject + object) is not None
    plain = "{s} " + relation.replace("_", " ") + " {o}"
    template = plain if known is None else known.chinese if chinese else known.english
    words = ("从", "至", "，", "（", "）。") if chinese else ("from ", "until ", ", ", " (", ").")
    times = [words[at] + _day(time) for at, time in enumerate((start, end)) if time is not None]
    said = template.replace("{s}", subject, 1).replace("{o}", object, 1)
    if not times:
        return said + words[4][-1]
    return said + words[3] + words[2].join(times) + words[4]


def told(fact: Fact) -> str:
    """A fact as a sentence, with its dates."""
    times = (
        None if time is None else instants.parse(time)
        for time in (fact.valid_from, fact.valid_until)
    )
    return sentence(fact.subject, fact.relation, fact.object, *times)


@lru_cache(maxsize=1_000)  # anybody may name a relation
def wording(relation: str) -> frozenset[str]:
    """The words of a relation, by which a question asks for it: of its name, and of the sentences that state it.

    >>> sorted(wording("lives_in"))
    ['live', '住']
    """
    known = RELATIONS.get(relation)
    said = [relation.replace("_", " ")] + ([known.english, known.chinese] if known else [])
    return frozenset(terms(" ".join(said).replace("{s}", " ").replace("{o}", " ")))


def _day(instant: int) -> str:
    """The date alone where the time of day is midnight."""
    return instants.render(instant).removesuffix("T00:00:00Z")


def taught(document: Document, lesson: Lesson) -> Document:
    """A lesson's document, with what it states."""
    (draft,) = document.parts
    stated = replace(draft, statements=notation.dump([lesson.candidate]), extractor=facts.LEARNED)
    return replace(document, parts=(stated,))
