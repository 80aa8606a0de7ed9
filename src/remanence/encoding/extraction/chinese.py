"""Reading Chinese: a sentence clause by clause, each rule tried on the clause that holds its
calling string.

The subject stands before the match; where nothing does, it is that of the clause before. It knows
the marks of `chinese_rules`; it does not know times or what was known before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Final

from remanence.encoding.extraction import chinese_talk
from remanence.encoding.extraction import chinese_words as words
from remanence.encoding.extraction.chinese_objects import OBJECTS, items
from remanence.encoding.extraction.chinese_rules import RULES
from remanence.encoding.extraction.chinese_subjects import Before, Reading, resolve, split
from remanence.encoding.extraction.chinese_text import (
    clauses,
    introduction,
    life,
    mood,
    open_reading,
    sentences,
)
from remanence.encoding.extraction.pattern import OLD, SWAPPED, Compiled, by_call, compiled
from remanence.encoding.extraction.scene import Scene, Statement, Subject


@dataclass(frozen=True, slots=True)
class _StatedPlace:
    """The sentence and the clause that are being read."""

    start: int
    end: int
    clause: str


@cache
def _rules() -> dict[str, tuple[Compiled, ...]]:
    made = (
        compiled(rule, OBJECTS, lambda text: text) for rule in RULES if "nothing" not in rule.marked
    )
    return by_call(made)


@cache
def _calls() -> dict[str, tuple[tuple[int, str, tuple[Compiled, ...]], ...]]:
    """First character -> the calling strings that begin with it, each with its place in the table
    and its rules.
    """
    found: dict[str, list[tuple[int, str, tuple[Compiled, ...]]]] = {}
    for place, (call, rules) in enumerate(_rules().items()):
        found.setdefault(call[0], []).append((place, call, rules))
    return {character: tuple(calls) for character, calls in found.items()}


def _called(clause: str) -> list[tuple[Compiled, ...]]:
    """The rules that strings of the clause call, in the order of the table."""
    calls = _calls()
    hits = [
        (place, rules)
        for character in calls.keys() & set(clause)
        for place, call, rules in calls[character]
        if call in clause
    ]
    hits.sort(key=itemgetter(0))
    return [rules for _, rules in hits]


def read(scene: Scene) -> list[Statement]:
    """Statements of the text, in order: spoken, by frames; written, by the rules of prose."""
    if not scene.prose:
        return chinese_talk.read(scene)
    reading, masked, first = open_reading(scene)
    found = list(life(reading)) if scene.prose else []
    for start, end in sentences(masked, first):
        found += _sentence(masked, start, end, reading)
    return found


def _sentence(text: str, start: int, end: int, reading: Reading) -> Iterator[Statement]:
    body = text[start:end]
    limit = mood(body)
    reading.carried = None
    reading.pet = None
    reading.lost = False
    for offset, clause in clauses(body[:limit]):
        if not clause:
            continue
        place = _StatedPlace(start, end, clause)
        yield from introduction(reading, start, end, clause, first=offset == 0)
        yield from _clause(reading, place)


def _clause(reading: Reading, place: _StatedPlace) -> Iterator[Statement]:
    clause, before = place.clause, None
    taken: list[tuple[int, int]] = []
    for rules in _called(clause):
        for rule in rules:
            match = rule.regex.search(clause)
            if match is None or ("over" not in rule.marked and _overlaps(match.span(), taken)):
                continue
            before = split(clause[: match.start()])
            said = list(_statements(reading, place, rule, match, before))
            if said:
                if "over" not in rule.marked:
                    taken.append(match.span())
                yield from said
                break
    if before is None and reading.carried is None:
        subject = resolve(reading, split(_opening(clause)).subject)
        if subject is not None:
            reading.carried = subject
        else:
            reading.lost = bool(_opening(clause))


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


_OWN: Final = re.compile(rf"我(?:们?家?的?(?:{words.KINS}))|我们?")
_VERB: Final = re.compile("死于|生于|卒于|出生|病逝|逝世|去世|发源|始建|是|于|由|在|有|与|和|曾|为")


def _opening(clause: str) -> str:
    """Return the words before the first that may be a verb:

    the subject of a clause that no rule read.
    """
    own = _OWN.match(clause)
    if own:
        return own.group()
    found = _VERB.search(clause, 1)
    return clause[: found.start()] if found else clause


def _statements(
    reading: Reading, place: _StatedPlace, rule: Compiled, match: re.Match[str], before: Before
) -> Iterator[Statement]:
    marks, prose = rule.marked, reading.scene.prose
    if ("prose" in marks and not prose) or ("talk" in marks and prose):
        return
    if (
        before.modal
        and "plan" not in marks
        and not ("able" in marks and before.modal in ("会", "能"))
    ):
        return
    if "ahead" in marks and before.past:
        return
    text = (
        before.subject.removesuffix("的") if "whose" in marks or "work" in marks else before.subject
    )
    extra: list[Statement] = []
    subject = resolve(reading, text, extra, place.start, place.end)
    if subject is None:
        return
    reading.carried = subject
    yield from extra
    negated = before.negated
    change = (
        "end"
        if negated == "不再" or ("past" in marks and before.past)
        else next(iter(marks & {"begin", "end", "replace"}), "")
    )
    for name, value in match.groupdict().items():
        if not value or name.startswith(OLD):
            continue
        for item in items(value, rule.kinds.get(name, "np")):
            statement = Statement(
                subject,
                name,
                item,
                rule.pattern.confidence * subject.sure,
                place.start,
                place.end,
                bool(negated) and change != "end",
                change,
            )
            made = _finished(statement, rule, match)
            if made is not None:
                if "pet" in marks:
                    reading.pet = f"{subject.name}的{made.object}"
                yield made


def _finished(said: Statement, rule: Compiled, match: re.Match[str]) -> Statement | None:
    if said.relation.startswith(SWAPPED):
        said.relation = said.relation.removeprefix(SWAPPED)
        said.subject, said.object = Subject(said.object, "", said.subject.sure), said.subject.name
    if "taste" in rule.marked and said.negated:
        if said.relation != "likes":
            return None
        said.relation, said.negated = "dislikes", False
    if rule.pattern.calls == "没有":
        said.negated = True
    if "plan" in rule.marked and (said.negated or said.change == "end"):
        return None
    old = match.groupdict().get(OLD + said.relation)
    if said.change == "replace":
        said.replaces = next(iter(items(old, "place")), None) if old else None
        if old is None and said.relation != "uses":
            said.change = "begin"
    return None if said.subject.name == said.object else said
