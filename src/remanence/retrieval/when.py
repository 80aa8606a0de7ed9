"""The time that a query names: its window, and the words that are left to look for.

"what happened in June 2024?" asks for a time and nothing else: its words are in no answer, and June
as a word leads astray. Such a query has no words, only a window. Beside other words, the words of time
are searched for too: who says "next Friday" often says it again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from remanence.text import times
from remanence.text.times import Span
from remanence.text.words import DATE_WORDS, normal, table, terms

AROUND: Final = re.compile(
    r"\b(?:around|about|near|over|roughly)\W+$|前后\W*$|(?:大约|大概)在?\W*$", re.IGNORECASE
)
AROUND_AFTER: Final = re.compile(r"^\s*(?:前后|左右)|^\s*or so\b", re.IGNORECASE)
_AGO: Final = re.compile(r"\bago$|前$")
_SLACK: Final = {"month": timedelta(days=10), "year": timedelta(days=20)}
_UNIT: Final = {"month": timedelta(days=30.44), "year": timedelta(days=365.25)}
_FEW: Final = 2  # spans of a query that may be one time; more are those of a story
_WIDER: Final = timedelta(days=4)  # on either side of a day that is only near

_CALENDAR: Final = DATE_WORDS | table(
    "the of in on at this that these last next past previous first second third fourth final early mid "
    "late beginning start end middle week weeks day days month months year years quarter season summer "
    "winter spring autumn fall weekend today yesterday tomorrow tonight morning afternoon evening night "
    "ago before after since until around about couple few several two three four five six seven eight "
    "nine ten q1 q2 q3 q4 may march jan feb mar apr jun jul aug sep sept oct nov dec a an and"
)
_CALENDAR_HAN: Final = re.compile(
    r"[0-9０-９一二三四五六七八九十百千零〇两几年月日号上下个去今明昨前后周星期礼拜拜天末初中底旬半春夏秋冬季份的时点钟"
    r"这那本些近最第大约左右早晚里内间到至从、\s]+"
)
_FRAME: Final = frozenset(
    term
    for word in [
        "happen",
        "happened",
        "happening",
        "happens",
        "do",
        "did",
        "doing",
        "done",
        "go",
        "going",
        "went",
        "on",
        "up",
        "to",
        "be",
        "was",
        "were",
        "am",
        "is",
        "anything",
        "something",
        "everything",
        "recap",
        "summary",
        "summarise",
        "summarize",
        "summarised",
        "please",
        "thing",
        "things",
        "big",
        "main",
        "major",
        "important",
        "event",
        "events",
        "write",
        "wrote",
        "written",
        "say",
        "said",
        "talk",
        "talked",
        "tell",
        "told",
        "me",
        "my",
        "we",
        "our",
        "i",
        "remember",
        "note",
        "notes",
        "noted",
        "memory",
        "memories",
        "about",
        "around",
        "what",
        "when",
        "which",
        "who",
        "where",
        "how",
        "and",
        "or",
        "so",
        "then",
        "life",
        "busy",
        "with",
        "there",
        "any",
        "some",
        "day",
        "days",
        "time",
        "times",
        "week",
        "year",
        "month",
        "of",
        "in",
        "at",
        "the",
        "发生",
        "发生了什么",
        "做",
        "干",
        "忙",
        "事",
        "事情",
        "有",
        "什么",
        "怎么",
        "怎么样",
        "怎样",
        "总结",
        "回顾",
        "记录",
        "干嘛",
        "干什么",
        "有什么",
        "的事",
        "我",
        "我们",
        "都",
        "过",
        "那",
        "时候",
        "哪些",
        "大事",
        "情况",
        "经历",
    ]
    for term in (*terms(word), word)
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the time that it names."""

    text: str
    """The query."""
    window: tuple[float, float] | None
    """First and last moment of the time named, in seconds since 1970; None where there is none."""
    only_time: bool
    """Whether the query asks for nothing but what happened then."""


def asked(text: str, reference: datetime) -> Asked:
    """Return the time that a query names relative to `reference`, and what else it asks for."""
    spans = times.spans(text, reference)
    if not spans:
        return Asked(text, None, only_time=False)
    start, end = _window(text, spans, reference)
    rest = _without(text, spans)
    left = [term for term in terms(rest) if term not in _FRAME]
    return Asked(text, (start.timestamp(), end.timestamp()), only_time=not left)


def _window(text: str, spans: Sequence[Span], reference: datetime) -> tuple[datetime, datetime]:
    """Return the time from the first of several spans to the last; of two, one inside the other,
    the inner ("the end of May this year").
    """
    every = [_widened(text, span, reference) for span in spans]
    if len(every) > _FEW:
        return min(start for start, _ in every), max(end for _, end in every)
    inner = [
        one
        for one in every
        if not any(other != one and one[0] <= other[0] and other[1] <= one[1] for other in every)
    ]
    return min(start for start, _ in inner), max(end for _, end in inner)


def _widened(text: str, span: Span, reference: datetime) -> tuple[datetime, datetime]:
    """Return the window of one span: wider around a day, and centred where it is so long ago."""
    before, after = text[: span.at[0]], text[span.at[1] :]
    near = AROUND.search(before) or AROUND_AFTER.search(after)
    if near and span.end - span.start <= timedelta(days=2):
        return span.start - _WIDER, span.end + _WIDER
    if span.grain in _SLACK and _AGO.search(span.text.strip()):
        count = max(round((reference - span.start - _UNIT[span.grain] / 2) / _UNIT[span.grain]), 1)
        centre = reference - count * _UNIT[span.grain]
        slack = _SLACK[span.grain]
        return max(span.start, centre - slack), min(span.end, centre + slack)
    return span.start, span.end


def _without(text: str, spans: Sequence[Span]) -> str:
    """Return a text without the calendar words of its spans; names of feasts stay."""
    pieces, last = [], 0
    for span in sorted(spans, key=lambda one: one.at):
        words = [word for word in normal(span.text).split() if not _is_calendar(word)]
        pieces += [text[last : span.at[0]], " ".join(words)]
        last = span.at[1]
    return " ".join([*pieces, text[last:]]).strip()


def _is_calendar(word: str) -> bool:
    plain = word.casefold().strip(".,;:!?'\"")
    figures = re.fullmatch(r"[\d/.:-]+(?:st|nd|rd|th|s)?", plain)
    return plain in _CALENDAR or bool(figures or _CALENDAR_HAN.fullmatch(plain))
