"""From the values of a matched Chinese frame to statements: denied or not, begun or ended."""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from remanence.encoding.extraction.chinese_talk.head import Stop
from remanence.encoding.extraction.chinese_talk.people import Cast
from remanence.encoding.extraction.pattern import OLD, Compiled
from remanence.encoding.extraction.scene import Statement, Subject

__all__ = ["NO_MORE", "Finish", "Found", "Values", "confidence", "plain", "polarity", "state"]


class Found(NamedTuple):
    """One frame where it matched."""

    frame: Compiled
    """The frame."""
    match: re.Match[str]
    """Its match in the clause."""
    stop: Stop
    """The head before it."""


Values = dict[str, list[str]]
Finish = Callable[[Subject, Values, Found, Cast], list[Statement]]
NO_MORE: Final = re.compile("不再|再也|已经不|早就?不|早已不")
_RENAMED: Final[Mapping[str, str]] = {
    "partner": "dating", "not_eats": "dislikes", "not_drinks": "avoids", "has_pet": "has_pet",
    "won": "award_won", "did": "signed", "trait": "trait",
}  # fmt: skip


def confidence(subject: Subject, found: Found) -> float:
    """Confidence of the frame, less where the subject is a guess."""
    return found.frame.pattern.confidence * subject.sure


def polarity(found: Found, relation: str) -> tuple[bool, str] | None:
    """(denied, change) of a statement; None where nothing is stated."""
    marks, stop = found.frame.marked, found.stop
    inner = found.match.groupdict().get("no") or ""
    negation = stop.negated + inner
    change = next((mark for mark in ("begin", "end", "replace") if mark in marks), "")
    if "event" not in marks and stop.past and not change:
        change = "end"
    if not negation or marks & {"diet_no", "stay", "stopped", "denied"}:
        return ("denied" in marks), change
    over = NO_MORE.search(negation) or ("不" in negation and found.match.string.endswith("了"))
    if over and not marks & {"event"} and not inner:
        return False, "end"
    if "taste" in marks and relation == "likes":
        return None if "没" in negation and not inner else (True, "")
    return (True, "") if "deny" in marks else None


def plain(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """A statement for each value of each slot."""
    made = []
    for name, items in values.items():
        if name.startswith(OLD) or name in ("no", "topic", "how"):
            continue
        relation = _RENAMED.get(name, name)
        told = polarity(found, relation)
        if told is None:
            continue
        denied, change = told
        if relation == "likes" and denied:
            relation, denied = "dislikes", False
        old = next(iter(values.get(OLD + name, ())), None)
        for item in items:
            if item == subject.name:
                continue
            one = Statement(
                subject, relation, item, confidence(subject, found), 0, 0, denied, change
            )
            topic = next(iter(values.get("topic", ())), None)
            one.replaces = (old or topic) if change == "replace" else None
            made.append(one)
    return made


def state(subject: Subject, relation: str, value: str, found: Found, change: str = "") -> Statement:
    """One statement with the confidence of its frame and subject;

    its place is set by the reader.
    """
    return Statement(subject, relation, value, confidence(subject, found), 0, 0, change=change)
