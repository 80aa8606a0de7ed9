"""From words to candidates, by rules: what a turn or a passage states, in English and Chinese. It knows no store and nothing said before.

    extract("I moved to Chengdu in March.", speaker="Wei", addressee="Sara", at=...)
        ->  [Candidate(subject="Wei", relation="lives_in", object="Chengdu", change="begin", ...)]

Rules are tables with examples that are their tests; questions, wishes, suppositions and reports state nothing.
"""

import re
from typing import Final

from remanence.encoding.candidate import Candidate
from remanence.encoding.extraction import chinese, english
from remanence.encoding.extraction.scene import Scene, Statement
from remanence.encoding.extraction.timing import timeless, times, validity
from remanence.encoding.relations import RELATIONS

LEAST: Final = 0.5  # confidence below which nothing is kept
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]+")

__all__ = ["LEAST", "extract"]


def extract(text: str, *, speaker: str | None, addressee: str | None, at: int) -> list[Candidate]:
    """What `text` states, in order. `at` is when it was said, microseconds since 1970 UTC.

    Without a speaker it is prose: "I" is nobody, and he, she and it are what the title names. Never raises for any text.
    """
    scene = Scene(text, speaker or None, addressee or None)
    if text.isascii() or 2 * len(_HAN.findall(text)) < len(_LATIN.findall(text)):
        statements = english.read(scene)
    else:
        statements = chinese.read(scene)
    return _candidates(statements, text, at) if statements else []


def _candidates(statements: list[Statement], text: str, at: int) -> list[Candidate]:
    found: dict[tuple[str, str, str], Candidate] = {}
    timed = {(said.start, said.end) for said in statements if not timeless(said)}
    spans = {place: times(text, at, *place) for place in timed}
    for said in statements:
        here = spans.get((said.start, said.end), ())
        value = _without_time(said, [span.text for span in here])
        key = (said.subject.name, said.relation, value)
        if (
            not value
            or said.confidence < LEAST
            or (key in found and found[key].confidence >= said.confidence)
        ):
            continue
        relation = RELATIONS[said.relation]
        valid_from, valid_until = validity(said, here)
        found[key] = Candidate(
            subject=said.subject.name,
            relation=said.relation,
            object=value,
            confidence=round(said.confidence, 3),
            start=said.start,
            end=said.end,
            negated=said.negated,
            change=said.change,
            replaces=said.replaces,
            valid_from=valid_from,
            valid_until=valid_until,
            subject_kind=said.subject.kind or next(iter(relation.subject_kinds), ""),
            object_kind=next(iter(relation.object_kinds), ""),
        )
    return list(found.values())


_DANGLING: Final = re.compile(
    r"\s+(?:in|on|at|by|for|since|until|from|of|this|next|last|the|around|early|late)$"
)
_DATED: Final = frozenset(
    name for name, relation in RELATIONS.items() if "date" in relation.object_kinds
)


def _without_time(said: Statement, expressions: list[str]) -> str:
    """The object without the time expression that ends or begins it; dates stay whole."""
    value = said.object
    if said.relation in _DATED or said.relation.startswith("favourite"):
        return value
    for expression in expressions:
        if said.relation.endswith("s_to") and value.startswith(expression):
            value = value.removeprefix(expression).lstrip()
        if value.endswith(expression) and len(value) > len(expression):
            value = value.removesuffix(expression).rstrip()
            while (shorter := _DANGLING.sub("", value)) != value:
                value = shorter
        elif value == expression:
            return ""
    return value.strip(" ,，、的")
