"""Reading spoken Chinese: who says what of whom, clause by clause, by the frames of three tables.

A clause is read at each stop of its head with the frames that its words call. A clause without a
subject is about the person of the clause before, else about the speaker.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from remanence.encoding.extraction.chinese_talk.finish import SPECIAL
from remanence.encoding.extraction.chinese_talk.form import clauses, lines, masked, reading_form
from remanence.encoding.extraction.chinese_talk.frames import called
from remanence.encoding.extraction.chinese_talk.head import Stop, stops
from remanence.encoding.extraction.chinese_talk.kin import KIN, MENTIONED, MENTIONED_NOUNS
from remanence.encoding.extraction.chinese_talk.kinds import KINDS
from remanence.encoding.extraction.chinese_talk.lexicon import LEXICON
from remanence.encoding.extraction.chinese_talk.people import Cast
from remanence.encoding.extraction.chinese_talk.polarity import Found, plain
from remanence.encoding.extraction.chinese_talk.status import Status, status, unreal
from remanence.encoding.extraction.pattern import Compiled
from remanence.encoding.extraction.scene import Scene, Statement, Subject

__all__ = ["read"]


@dataclass(slots=True)
class _Talk:
    """State carried from clause to clause of one turn."""

    scene: Scene
    cast: Cast
    found: list[Statement] = field(default_factory=list)
    carried: Subject | None = None
    """Person of the clause before."""
    lost: bool = False
    """The clause before is about somebody who was not understood."""


_REQUEST: Final = re.compile("推荐|帮我|帮忙|请给|请问|求[助推]|告诉我|有没有|\\?")


def read(scene: Scene) -> list[Statement]:
    """The statements of a turn, in order; a scene without a speaker has none."""
    if scene.speaker is None:
        return []
    form = masked(reading_form(scene.text), scene.speaker)
    talk = _Talk(scene, Cast(scene))
    talk.cast.requesting = _REQUEST.search(form) is not None
    for line in lines(form):
        if unreal(form[line.start : line.end]):
            continue
        talk.carried, talk.lost = None, False
        _sentence(talk, clauses(form, line), (line.start, line.end), asks=line.asks)
    return talk.found + talk.cast.mentioned(talk.found)


def _sentence(talk: _Talk, parts: list[str], span: tuple[int, int], *, asks: bool) -> None:
    statuses = [status(clause) for clause in parts]
    talk.cast.asking = asks or any(how is not Status.STATED for how in statuses)
    for place, (clause, how) in enumerate(zip(parts, statuses, strict=True)):
        asked = how is Status.ASKED or (asks and place == len(parts) - 1)
        if how is Status.BLOCKED:
            return
        _mention(talk, clause, span)
        if not asked:
            _clause(talk, clause, span, suggested=how is Status.SUGGESTED)


_MENTION: Final = re.compile(LEXICON["MENTION"])


def _mention(talk: _Talk, clause: str, span: tuple[int, int]) -> None:
    for found in _MENTION.finditer(clause):
        if found["pet"]:
            talk.cast.mention(found["pet"], "has_pet", span)
        elif _stated_by_mention(found["kin"]):
            talk.cast.mention(KIN[found["kin"]].noun, KIN[found["kin"]].relation, span)


def _stated_by_mention(word: str) -> bool:
    kin = KIN[word]
    unclear = word in ("兄弟", "姐妹", "老大", "老二", "老三", "大宝", "宝宝", "姑娘", "先生")
    return not unclear and (kin.relation in MENTIONED or kin.noun in MENTIONED_NOUNS)


_AMOUNT: Final = re.compile(LEXICON["AMOUNT"] + "|涨薪|加薪")


def _clause(talk: _Talk, clause: str, span: tuple[int, int], *, suggested: bool) -> None:
    amount = _AMOUNT.search(clause)
    if amount:
        talk.cast.topic = amount[0]
    frames = called(clause)
    if suggested:
        frames = [frame for frame in frames if "ask" in frame.marked]
    seen = stops(clause)
    known = talk.carried is not None
    for stop in seen:
        for frame in frames:
            match = frame.regex.match(clause, stop.at)
            if (
                match
                and _fits(frame, stop, done="了" in clause, known=known)
                and _stated(talk, span, Found(frame, match, stop))
            ):
                return
    _carry(talk, seen[-1], clause, span)


_FOREIGN: Final = re.compile(LEXICON["FOREIGN"])


def _carry(talk: _Talk, last: Stop, clause: str, span: tuple[int, int]) -> None:
    """Remember whom a clause without a frame was about."""
    if last.kind:
        subject = talk.cast.subject(last, talk.found, span)
        talk.carried, talk.lost = subject, subject is None
    elif _FOREIGN.match(clause[last.at :]) and last.at == 0:
        talk.lost = True
        talk.carried = None


_PLAN: Final = re.compile("打算|计划|准备|想(?!着)|决定|考虑|将|梦想|立志|期待|争取|琢磨")
_FUTURE: Final = re.compile("明|后天|后年|下|马上|即将|快要?|月底|年底|以后|将来|今晚")
_UNSURE_FUTURE: Final = re.compile(r"周[一二三四五六日末]|\d[号日月]|[一二三四五六七八九十]月")
_NO_MODAL: Final = re.compile("本来|原本|希望|不|敢|肯|愿意|应该|尝试|试")


_CHECKS: Final[Mapping[str, Callable[[Stop, bool, bool], bool]]] = {
    "plan": lambda stop, done, known: _planned(stop, done=done),
    "able": lambda stop, done, known: (
        bool(stop.kind) and not stop.times and ("会" in stop.modal or "能" in stop.modal)
    ),
    "often": lambda stop, done, known: stop.often,
    "named": lambda stop, done, known: bool(stop.kind) or known,
    "mine": lambda stop, done, known: bool(stop.kind) or known,
    "self": lambda stop, done, known: stop.kind in ("", "self"),
    "diet_no": lambda stop, done, known: "不" in stop.negated,
    "adult": lambda stop, done, known: stop.kind in ("self", "kinsman", "named"),
}


def _fits(frame: Compiled, stop: Stop, *, done: bool, known: bool) -> bool:
    """Return whether modals, negation and times before the predicate are those that the frame asks
    for.
    """
    marks = frame.marked
    if "本来" in stop.modal or "原本" in stop.modal:
        return False
    if any(mark in marks and not fits(stop, done, known) for mark, fits in _CHECKS.items()):
        return False
    return not stop.modal or bool(marks & {"plan", "able", "free", "often"})


def _planned(stop: Stop, *, done: bool) -> bool:
    """Return whether a modal or a time to come stands before; 周三 is to come unless it is `done`."""
    if stop.negated or _NO_MODAL.search(stop.modal):
        return False
    own = stop.subject == "我" or stop.kind in ("kinsman", "named")
    if _PLAN.search(stop.modal) or (own and "要" in stop.modal):
        return True
    ahead = _FUTURE.search(stop.times) or (not done and _UNSURE_FUTURE.search(stop.times))
    return bool(ahead) and not stop.often


def _stated(talk: _Talk, span: tuple[int, int], found: Found) -> bool:
    """Add the statements of one frame; false where its slots hold no values of their kinds."""
    values = _values(found)
    if values is None:
        return False
    subject = _subject(talk, found.stop, span)
    if subject is None:
        return False
    special = next((SPECIAL[mark] for mark in found.frame.marked if mark in SPECIAL), plain)
    made = special(subject, values, found, talk.cast)
    if not made:
        return False
    for statement in made:
        statement.start, statement.end = span
        talk.found.append(statement)
    talk.carried = talk.cast.next_subject(subject, made)
    talk.lost = False
    return True


def _subject(talk: _Talk, stop: Stop, span: tuple[int, int]) -> Subject | None:
    if stop.kind == "you" and talk.cast.asking:
        return None
    if stop.kind:
        return talk.cast.subject(stop, talk.found, span)
    if talk.carried is not None:
        return Subject(talk.carried.name, talk.carried.kind, talk.carried.sure * 0.95)
    return None if talk.lost else Subject(str(talk.scene.speaker), "person", 0.95)


_PRONOUN: Final = re.compile("[我你您他她它](?!家|自己)")


def _values(found: Found) -> dict[str, list[str]] | None:
    """Relation -> values; None where a slot holds none of its kind."""
    values: dict[str, list[str]] = {}
    for name, words in found.match.groupdict().items():
        if not words:
            continue
        kind = found.frame.kinds.get(name)
        items = KINDS[kind].values(words) if kind else [words]
        if not items or (kind and any(map(_PRONOUN.match, items))):
            return None
        values[name] = items
    return values
