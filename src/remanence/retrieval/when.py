"""Reading the time that a query asks about: its window, and whether it names nothing but a time.

Pure. From a text and a reference instant to a `Period`; events that a query counts from ("the week
before the wedding") come out as words, which the caller looks up (`search`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from remanence.text import times
from remanence.text.words import DATE_WORDS, normal, table, terms

Window = tuple[float, float]

_DAY: Final = 86_400.0
_AROUND: Final = re.compile(
    r"(?:\b(?:around|about|near|close to)\s+(?:the\s+)?|大约|大概)$", re.IGNORECASE
)
_ABOUT_THEN: Final = re.compile(r"^\s*(?:or so\b|前后|左右|那阵子?|那几天)", re.IGNORECASE)
_AROUND_DAYS: Final = 5  # on each side of a day that a query means only roughly

GENERIC: Final = frozenset(
    term
    for word in table(
        """happen happened happening happens do did done doing i we me us my our you was were am is
        are be been have had go going went on in at of the a an and but about anything everything
        something thing things big main important recap summary summarise summarize overview please
        write wrote written say said tell told talk talked mention mentioned remember recall record
        recorded note notes log diary entry entries up busy life events event day days what when how
        that this then so now wait no actually show give list all any from during over for to around
        sum time times year years month months week weeks weekend two three
        发生 什么 事 事情 大事 做 干 过 我 我们 咱 那天 那 怎么 怎么样 记 记录 写 说 总结 回顾 了 的
        有 有什么 都 吗 呢 请 一下 干嘛 哪些 什么事 经历 忙 忙什么 时候 在 是 干了 做了 发生了 人 之 里"""
    )
    for term in (*terms(word), word)
)
"""Words of a question about a time that say nothing of the matter."""

_UNITS: Final = {"day": 1, "night": 1, "week": 7, "weekend": 7, "fortnight": 14, "month": 30.5}
_UNITS_ZH: Final = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30.5, "个月": 30.5}
_UNITS_ALL: Final = {**_UNITS, "year": 365.25, **_UNITS_ZH, "年": 365.25}
_WORDS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS: Final = (
    dict(zip(_WORDS, range(1, 11), strict=True))
    | dict(zip("一二三四五六七八九十", range(1, 11), strict=True))
    | {"a": 1, "an": 1, "两": 2, "couple of": 2, "few": 3, "几": 3}
)
_ENGLISH_EVENT: Final = re.compile(
    r"\b(?:the\s+)?(?:first\s+)?(?:(?P<n>\d+|one|two|three|four|five|six|a|few|couple of)\s+)?"
    r"(?:(?P<unit>day|night|weekend|week|fortnight|month|year)s?\s+)?"
    r"(?P<side>(?:right |just |shortly |soon )?(?:before|after)|since|until)\s+"
    r"(?P<event>(?!last\b)[^?？.!,]{1,200})",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(
    r"\bbetween\s+(?P<event>[^?？.!,]{1,200}?)\s+and\s+(?P<other>[^?？.!,]{1,200})"
    r"|从(?P<event_zh>[^，。？?]{1,40}?)到(?P<other_zh>[^，。？?]{1,40}?)(?:之间|期间|这段时间)",
    re.IGNORECASE,
)
_SPAN_OF: Final = re.compile(
    r"\b(?:in|during)?\s*the\s+(?P<unit>week|weekend|month)\s+(?:that\s+|when\s+|of\s+)?"
    r"(?P<event>(?!before|after|of\b|that\b)[^?？.!,]{1,200})$",
    re.IGNORECASE,
)
_CHINESE_EVENT: Final = re.compile(
    r"(?P<event>[^，。？?\d一二两三四五六七八九十几]{2,40}?)(?:之|以)?(?P<side>前|后)(?:的)?"
    r"(?:第)?(?P<n>[一二两三四五六七八九十几]|\d+)(?P<unit>个月|星期|礼拜|天|周|月|年)"
)
_AGO: Final = re.compile(
    r"(?P<n>\d+|an?|one|two|three|four|five) (?P<unit>year|month)s? ago"
    r"|(?P<n_zh>[一两二三四五六七八九十]|\d+)(?P<unit_zh>年|个月)(?:之|以)?前",
    re.IGNORECASE,
)
_TWO_YEARS: Final = re.compile(  # a winter is named after the year in which it begins
    r"\bwinter (?:of )?(?:20)?(\d\d)\s?[/-]\s?(?:20)?\d\d\b", re.IGNORECASE
)
_YEARS_END: Final = re.compile(
    r"年[底末]|\bend of (?:the |last |this )?(?:year|(?:19|20)\d\d)$", re.IGNORECASE
)
_AGO_DAYS: Final = 7  # on each side of that day
_DIGIT: Final = re.compile(r"[\d一二三四五六七八九十]")
_PLAIN: Final = GENERIC | frozenset(
    term
    for word in DATE_WORDS
    | table(
        """early mid late beginning middle end start first second third jan feb mar apr may jun jul
        aug sep sept oct nov dec days 今年 去年 前年 明年 昨天 前天 今天 上周 上个月 周末 年 月 日 号"""
    )
    for term in (*terms(word), word)
)
_TURN_WORDS: Final = re.compile(
    r"^\s*when (?:did|was|were|have|had|has) (?:it |the )?(?:last time|(?=.*\blast\b))"
    r"|\b(?:the )?(?:last|latest|first|most recent)(?: time)?\b"
    r"|上一?次|最近一次|最后一次|上回|第一次|头一次|首次|是?(?:在)?什么时候",
    re.IGNORECASE,
)
_LAST: Final = re.compile(
    r"\bwhen (?:did|was|were|have|had|has)\b.*\blast\b(?! (?:night|week|month|year))"
    r"|\b(?:last|latest|most recent) time\b|\bhow long (?:is it |has it been )?since\b"
    r"|上次|上一次|最近一次|最后一次|上回",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(
    r"\bfirst (?:time|thing|one)\b|\bwhen did .* first\b|第一次|头一次|首次", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a query asks about."""

    window: Window | None = None
    """From its first moment to its last, in seconds since 1970 UTC; None where it names none."""
    alone: bool = False
    """True where the query names a time and nothing else, so that the time is the question."""
    turn: int = 0
    """1 for a query about the last time of something, -1 for the first, else 0."""
    occasion: frozenset[str] = frozenset()
    """Terms of a named day ("christmas", 国庆), which rows of that day may hold."""


Found = Callable[[str], float | None]
"""The time of the event that some words describe, in seconds since 1970; None where none does."""


def read(text: str, reference: datetime, found: Found | None = None) -> Period:
    """Return the period that a query asks about, relative to `reference`, in its time zone.

    `found` looks up the events that a query counts from; without it they are left alone.

    >>> read("What happened in May 2024?", datetime(2025, 1, 1, tzinfo=UTC)).alone
    True
    """
    text = _TWO_YEARS.sub(r"winter 20\1", normal(text))
    turn = 1 if _LAST.search(text) else -1 if _FIRST.search(text) else 0
    spans = _resolved(text, reference)
    counted = None if found is None or turn else _counted(text, found)
    if counted is not None and all(_within(span.at, counted[1]) for span in spans):
        window, place = counted
        return Period(window, _nothing_else(text, [place]), turn)
    if not spans:
        return Period(turn=turn)
    alone = _nothing_else(text, [span.at for span in spans])
    return Period(_hull(text, spans, reference), alone, turn, _occasion(spans))


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _resolved(text: str, reference: datetime) -> list[times.Span]:
    """Return the spans of a text; one without a year is read in the year that stands beside it."""
    spans = list(times.spans(text, reference))
    years = [span for span in spans if span.grain == "year"]
    if len(years) != 1 or len(spans) < 2:
        return spans
    (year,) = years
    zone = reference.tzinfo or UTC
    within = (year.end - timedelta(seconds=1)).astimezone(zone)
    finer = []
    for span in spans:
        if span is not year:
            again = times.spans(span.text, within)
            moved = again[0] if len(again) == 1 and not span.explicit else span
            finer.append(
                times.Span(moved.start, moved.end, span.text, span.at, moved.grain, span.explicit)
            )
    inside = [span for span in finer if span.start < year.end and span.end > year.start]
    if not inside:
        return spans
    first = inside[0]
    joined = (min(first.at[0], year.at[0]), max(first.at[1], year.at[1]))
    held = text[joined[0] : joined[1]]
    return [times.Span(first.start, first.end, held, joined, first.grain, True), *inside[1:]]


def _hull(text: str, spans: list[times.Span], reference: datetime) -> Window:
    """Return the stretch from the first moment of `spans` to the last, wider where said roughly."""
    starts, ends = [], []
    for span in spans:
        start, end = _narrowed(span, reference)
        before, after = text[: span.at[0]], text[span.at[1] :]
        roughly = _AROUND.search(before) or _ABOUT_THEN.match(after)
        if roughly and (end - start) <= timedelta(days=7):
            start, end = _shifted(start, -_AROUND_DAYS), _shifted(end, _AROUND_DAYS)
        starts.append(start)
        ends.append(end)
    return min(starts).timestamp(), max(ends).timestamp()


def _narrowed(span: times.Span, reference: datetime) -> tuple[datetime, datetime]:
    """Return a span's ends; those of "a year ago" are some days around that day.

    The end of a year is its last month.
    """
    if _YEARS_END.search(span.text):
        return max(span.start, _shifted(span.end, -31)), span.end
    ago = _AGO.fullmatch(span.text.strip())
    if ago is None:
        return span.start, span.end
    said = (ago["n"] or ago["n_zh"]).lower()
    count = int(said) if said.isdigit() else _NUMBERS.get(said, 1)
    now = reference if reference.tzinfo else reference.replace(tzinfo=UTC)
    day = _shifted(now, -count * _UNITS_ALL[(ago["unit"] or ago["unit_zh"]).lower()])
    return _shifted(day, -_AGO_DAYS), _shifted(day, _AGO_DAYS)


def _shifted(moment: datetime, days: float) -> datetime:
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return moment


def _nothing_else(text: str, places: list[tuple[int, int]]) -> bool:
    """Return whether a text without the words at `places` says nothing of any matter."""
    rest = text
    for start, end in sorted(places, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    return set(terms(rest)) <= GENERIC


def _occasion(spans: list[times.Span]) -> frozenset[str]:
    """Return the terms of a day that has a name, without those of plain dates."""
    held = {term for span in spans if span.grain == "day" for term in terms(span.text)}
    return frozenset(term for term in held - _PLAIN if not _DIGIT.search(term))


def matter(text: str) -> str:
    """Return a query about the last or first time of something without the words for that.

    >>> matter("When was the last time I went skiing?")
    'I went skiing?'
    """
    return " ".join(_TURN_WORDS.sub(" ", normal(text)).split()) or text


def _counted(text: str, found: Found) -> tuple[Window, tuple[int, int]] | None:
    """Return the window that a query counts from an event, and where its words stand."""
    for pattern, window in (
        (_BETWEEN, _between),
        (_ENGLISH_EVENT, _beside),
        (_CHINESE_EVENT, _beside),
        (_SPAN_OF, _around),
    ):
        match = pattern.search(text)
        if match is not None and (made := window(match, found)) is not None:
            return made, match.span()
    return None


def _between(match: re.Match[str], found: Found) -> Window | None:
    first = found(match["event"] or match["event_zh"])
    last = found(match["other"] or match["other_zh"])
    if first is None or last is None:
        return None
    return min(first, last), max(first, last) + _DAY


def _beside(match: re.Match[str], found: Found) -> Window | None:
    """Return the window before or after an event, as wide as the query says."""
    event = found(match["event"])
    if event is None:
        return None
    said, unit = (match["n"] or "one").lower(), (match["unit"] or "").lower()
    count = int(said) if said.isdigit() else _NUMBERS.get(said, 1)
    side = match["side"].lower()
    width = count * _UNITS_ALL[unit] * _DAY if unit else 0.0
    if side.endswith(("before", "until", "前")):
        return (event - width if width else datetime.min.replace(tzinfo=UTC).timestamp()), event
    if not width and side != "since":
        width = 14 * _DAY if " " in side else 0.0
    event += 1.0  # the event itself is not after it
    return event, (event + width if width else datetime.max.replace(tzinfo=UTC).timestamp())


def _around(match: re.Match[str], found: Found) -> Window | None:
    """Return the calendar week or month of an event."""
    event = found(match["event"])
    if event is None:
        return None
    day = datetime.fromtimestamp(event, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if match["unit"].lower() == "month":
        start = day.replace(day=1)
        return start.timestamp(), (start + timedelta(days=31)).replace(day=1).timestamp()
    start = day - timedelta(days=day.weekday())
    return start.timestamp(), (start + timedelta(days=7)).timestamp()
