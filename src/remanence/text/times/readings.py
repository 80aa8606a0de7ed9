"""Meanings of expressions by kind: from the tokens a rule matched to an interval.

Each reading takes the frame (where the reader stands) and the tokens found; None says that the rule
does not apply after all, ValueError that the words name no date. Knows kinds, not words or
languages.
"""

# ruff: noqa: ARG001, DTZ001 -- every reading has one signature; wall-clock times have no zone

import re
from datetime import UTC, datetime, timedelta

from remanence.text.times import almanac
from remanence.text.times.almanac import DAY, add, floor, latest, share, whole
from remanence.text.times.values import Found, Frame, Interval, Token

_DIGITS = re.compile(r"[0-9]+")
_OFFSET = re.compile(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$", re.IGNORECASE)
FINE = {"minute", "hour"}


def numeric(frame: Frame, found: Found) -> Interval:
    """2023-05-07, 2023-05, 2023/5/7, 2023-05-07T09:30Z;

    7/5/2023 is month first unless impossible.
    """
    word = found[0].word
    parts = [int(part) for part in _DIGITS.findall(word)]
    if ":" in word:
        return _instant(frame, word, parts)
    if len(parts) == 2:
        return almanac.month(parts[0], parts[1], True)
    year, month, day = parts
    if not word[:4].isdecimal():
        month, day, year = parts if "." not in word else (parts[1], parts[0], parts[2])
        if month > 12 and day <= 12:
            month, day = day, month
    if year < 100:
        year += 2000 if year < 70 else 1900
    return almanac.day(year, month, day, True)


def _instant(frame: Frame, word: str, parts: list[int]) -> Interval:
    start = datetime(*parts[:5])  # type: ignore[arg-type]
    offset = _OFFSET.search(word[10:])
    if offset is not None:
        zone = datetime.fromisoformat(f"2000-01-01T00:00{offset.group().upper()}").tzinfo
        start = start.replace(tzinfo=zone or UTC).astimezone(frame.zone).replace(tzinfo=None)
    return Interval(start, start + timedelta(minutes=1), "minute", True)


def _year(frame: Frame, found: Found) -> tuple[int, bool] | None:
    """The year that the tokens name, and whether by number; None where they name none."""
    named = found.get("Y年")
    if named is not None:
        return named.n, True
    beside = found.get("r") or (found.get("LT") if found.get("A") else None)
    return None if beside is None else (frame.now.year + beside.n, False)


def date(frame: Frame, found: Found) -> Interval | None:
    """A day of a month, of the year named or of the latest that does not put it in the future."""
    month, number = found.one("Mmv").n, found.one("No日")
    if number.kind == "N" and not 1 <= number.n <= 31:
        return None
    year = _year(frame, found)
    if year is None:
        return latest(frame, lambda y: almanac.day(y, month, number.n))
    return almanac.day(year[0], month, number.n, year[1])


def dates(frame: Frame, found: Found) -> Interval | None:
    """As in "from 3 to 7 June", "June 3-7, 2023", "5月3日到7日": days of one month."""
    first, last = found.all("No日")[:2]
    month, year = found.one("Mmv"), _year(frame, found)
    if not 1 <= first.n < last.n <= 31:
        return None

    def of_year(y: int) -> Interval:
        start, end = almanac.day(y, month.n, first.n), almanac.day(y, month.n, last.n)
        return Interval(start.start, end.end, "range", year is not None and year[1])

    return latest(frame, of_year) if year is None else of_year(year[0])


def day_of_month(frame: Frame, found: Found) -> Interval | None:
    """As in "上个月7号", "the 7th of last month"."""
    beside, number = found.one("rLT"), found.one("日o")
    if (found.get("U") or beside).name != "month":
        return None
    month = add(floor(frame.now, "month"), beside.n, "month")
    return almanac.day(month.year, month.month, number.n)


def months(frame: Frame, found: Found) -> Interval | None:
    """As in "May or June 2023": two months, one after the other, of one year."""
    (first, second), year = found.all("Mmv"), _year(frame, found)
    if year is None or second.n != first.n + 1:
        return None
    start, end = (almanac.month(year[0], each.n) for each in (first, second))
    return Interval(start.start, end.end, "range", year[1])


def within_year(frame: Frame, found: Found) -> Interval | None:
    """As in "last year in May", "two years ago at Christmas": a date of that year."""
    beside, count = found.get("LT"), found.get("q")
    if count is not None and (count.name != "year" or count.n != count.m):
        return None
    year = frame.now.year + (beside.n if beside is not None else -found.one("q").n)
    token, number = found.one("MmvSc"), found.get("No")
    if token.kind == "S":
        return almanac.season(year, token.name)
    if token.kind == "c":
        return almanac.feast(year, token.name)
    return almanac.month(year, token.n) if number is None else almanac.day(year, token.n, number.n)


def anniversary(frame: Frame, found: Found) -> Interval | None:
    """As in "a year ago today", "去年的今天": the same day, so many units back or beside."""
    near, beside = found.one("y"), found.get("r")
    if near.name or (beside is not None and beside.name == "day"):
        return None
    if beside is not None:
        away, unit = beside.n, beside.name
    else:
        away, unit = -found.one("q").n, found.one("q").name
    if unit in FINE:
        return None
    start = add(frame.days(near.n), away, unit)
    return Interval(start, start + DAY, "day")


def iso_week(frame: Frame, found: Found) -> Interval | None:
    """As in "2024-W23", "week 23 of 2024": a week of ISO 8601."""
    token = found.get("周")
    if token is None and found[0].name != "week":
        return None
    year, week = (token.n, token.m) if token is not None else (found.one("Y").n, found.one("N").n)
    return whole(datetime.fromisocalendar(year, week, 1), "week", True)


def century(frame: Frame, found: Found) -> Interval:
    """As in "20世纪", "the 20th century": the years from 1900 to 1999."""
    number = (found.get("o") or found[0]).n
    start = datetime(max(1, 100 * (number - 1)), 1, 1)
    return Interval(start, datetime(100 * number, 1, 1), "range", True)


def weekday_of_period(frame: Frame, found: Found) -> Interval | None:
    """As in "Tuesday of last week", "next week on Friday"."""
    if found.one("U").name != "week":
        return None
    start = floor(frame.now, "week") + (7 * found.one("LT").n + found.one("Wz").n) * DAY
    return Interval(start, start + DAY, "day")


def counted_weekday(frame: Frame, found: Found) -> Interval:
    """As in "three Fridays ago": the third Friday back from yesterday."""
    count, day = found.one("J").n, found.one("J").m
    start = frame.days(-((frame.today.weekday() - day - 1) % 7 + 1) - 7 * (count - 1))
    return Interval(start, start + DAY, "day")


def second_last(frame: Frame, found: Found) -> Interval:
    """As in "the summer before last", "the Friday before last"."""
    token = found[0]
    if token.kind == "S":
        last_ = almanac.beside(frame, -1, lambda y: almanac.season(y, token.name))
        return almanac.season(last_.start.year - 1, token.name)
    start = frame.days(-((frame.today.weekday() - token.n - 1) % 7 + 1) - 7)
    return Interval(start, start + DAY, "day")


def part_of_unit(frame: Frame, found: Found) -> Interval | None:
    """As in "the end of the month": of this one, or of the last where it has not begun."""
    unit, part = found[-1].name, found.one("g").n
    if unit not in {"month", "year", "week"}:
        return None
    cut = share(whole(frame.now, unit), part)
    if cut.start > frame.now:
        cut = share(whole(add(floor(frame.now, unit), -1, unit), unit), part)
    return cut


def month(frame: Frame, found: Found) -> Interval:
    """A month, of the year named or the latest that has begun."""
    number, year = found.one("Mmv").n, _year(frame, found)
    if year is None:
        return latest(frame, lambda y: almanac.month(y, number))
    return almanac.month(year[0], number, year[1])


def beside_month(frame: Frame, found: Found) -> Interval:
    """As in "last May":

    the last one that is over; "this May": this year's; "next May": the next to begin.
    """
    number = found.one("Mmv").n
    return almanac.beside(frame, found.one("LT").n, lambda y: almanac.month(y, number))


def season(frame: Frame, found: Found) -> Interval:
    """A season, of the year named, beside the reference, or the latest that has begun."""
    name, year, beside = found.one("S").name, _year(frame, found), found.get("LT")
    if year is not None:
        return almanac.season(year[0], name, year[1])
    if beside is not None:
        return almanac.beside(frame, beside.n, lambda y: almanac.season(y, name))
    return latest(frame, lambda y: almanac.season(y, name))


def feast(frame: Frame, found: Found) -> Interval:
    """A feast's day, or the seven days that begin with it where its holidays are meant."""
    name, year, beside = found.one("c").name, _year(frame, found), found.get("LT")
    if year is not None:
        day = almanac.feast(year[0], name, year[1])
    elif beside is not None:
        day = almanac.beside(frame, beside.n, lambda y: almanac.feast(y, name))
    else:
        day = latest(frame, lambda y: almanac.feast(y, name))
    return (
        day
        if found.get("期") is None
        else Interval(day.start, add(day.start, 7, "day"), "range", day.explicit)
    )


def quarter(frame: Frame, found: Found) -> Interval:
    """As in "Q2 2023", "去年第一季度"."""
    number, year = found.one("季").n, _year(frame, found)

    def of_year(y: int) -> Interval:
        return whole(datetime(y, 3 * number - 2, 1), "quarter", year is not None and year[1])

    return latest(frame, of_year) if year is None else of_year(year[0])


def year(frame: Frame, found: Found) -> Interval:
    """A year by its number."""
    return almanac.span_of_years(found.one("Y年").n, 1)


def decade(frame: Frame, found: Found) -> Interval:
    """A decade by its number."""
    return almanac.span_of_years(found.one("d").n, 10)


def period(frame: Frame, found: Found) -> Interval:
    """As in "last week", "this year", "上个月": the calendar unit beside the reference's own."""
    beside, unit = found.one("LTr").n, found[-1].name
    return whole(add(floor(frame.now, unit), beside, unit), unit)


def before_last(frame: Frame, found: Found) -> Interval:
    """As in "the week before last"."""
    return whole(add(floor(frame.now, found[0].name), -2, found[0].name), found[0].name)


def part_of_period(frame: Frame, found: Found) -> Interval | None:
    """As in "去年年底", "月初", "2023年上半年": a part of a year or month."""
    part, beside, named = found.one("a"), found.get("r"), found.get("年")
    if named is not None:
        return share(almanac.span_of_years(named.n, 1), part.n) if part.name == "year" else None
    if beside is not None and beside.name != part.name:
        return None
    start = add(floor(frame.now, part.name), beside.n if beside else 0, part.name)
    cut = share(whole(start, part.name), part.n)
    if beside is None and cut.start > frame.now:
        cut = share(whole(add(start, -1, part.name), part.name), part.n)
    return cut


def weekday(frame: Frame, found: Found) -> Interval:
    """Last: the latest before today; next: the first after today; this: this week's; bare: the
    latest, today included.
    """
    day, beside = found.one("Wz").n, found.get("LT")
    today = frame.today.weekday()
    if beside is None:
        start = frame.days(-((today - day) % 7))
    elif beside.n == 0 and found.get("P") is None:
        start = frame.days(day - today)
    else:
        start = frame.days(
            -((today - day - 1) % 7 + 1) if beside.n <= 0 else (day - today - 1) % 7 + 1
        )
    return Interval(start, start + DAY, "day")


def weekday_of_week(frame: Frame, found: Found) -> Interval:
    """As in "下周五", "上周末": a day, or the weekend, of a calendar week."""
    word = found.one("V")
    monday = floor(frame.now, "week") + 7 * word.n * DAY
    if word.m == 7:
        return almanac.weekend(monday)
    return Interval(monday + word.m * DAY, monday + (word.m + 1) * DAY, "day")


def weekend(frame: Frame, found: Found) -> Interval:
    """Last: the latest that is over;

    next: next week's; this: this week's; bare: the latest begun.
    """
    monday, beside = floor(frame.now, "week"), found.get("LT")
    if beside is not None and beside.n >= 0 and found.get("P") is None:
        return almanac.weekend(monday + 7 * beside.n * DAY)
    here = almanac.weekend(monday)
    begun = here.start <= frame.now if beside is None and found.get("P") is None else False
    return here if begun else almanac.weekend(monday - 7 * DAY)


def near_day(frame: Frame, found: Found) -> Interval:
    """As in "yesterday", "大后天", "tonight"."""
    start = frame.days(found[0].n)
    return (
        part_of_day(start, found[0].name) if found[0].name else Interval(start, start + DAY, "day")
    )


def part_of_day(start: datetime, name: str) -> Interval:
    """The hours of a part of the day that begins at `start`."""
    first, last = almanac.PARTS[name]
    return Interval(start + first * timedelta(hours=1), start + last * timedelta(hours=1), "hour")


def near_part(frame: Frame, found: Found) -> Interval | None:
    """As in "this morning", "last night"."""
    beside = found.one("LT").n
    return part_of_day(frame.days(beside), found.one("p").name) if beside <= 0 else None


def recent(frame: Frame, found: Found) -> Interval:
    """The thirty days up to and with today."""
    return Interval(frame.days(-30), frame.days(1), "range")


def rolling(frame: Frame, found: Found) -> Interval:
    """As in "the last 3 days", "近三个月":

    so many units back from now, today included; or on from today.
    """
    unit, count = (
        (found[-1].name, 1) if found.get("q") is None else (found.one("q").name, found.one("q").m)
    )
    ahead = (found.get("L") or found[0]).n > 0
    if unit in FINE:
        edge = add(frame.now, count if ahead else -count, unit)
        return Interval(min(frame.now, edge), max(frame.now, edge), "range")
    if ahead:
        return Interval(frame.days(1), add(frame.days(1), count, unit), "range")
    return Interval(add(frame.today, -count, unit), frame.days(1), "range")


def few_before(frame: Frame, found: Found) -> Interval:
    """As in "前几天", "前两天": the days just before today."""
    count = found.one("q")
    return Interval(add(frame.today, -count.m, count.name), frame.today, "range")


def these_few(frame: Frame, found: Found) -> Interval:
    """As in "这两天": today and the days before it, so many in all."""
    count = found.one("q")
    return Interval(add(frame.days(1), -count.m, count.name), frame.days(1), "range")


def _away(frame: Frame, count: Token, sign: int) -> Interval:
    """The calendar unit(s) that hold the instant `count` units away."""
    near = whole(add(frame.now, sign * count.n, count.name), count.name)
    far = whole(add(frame.now, sign * count.m, count.name), count.name)
    grain = near.grain if count.n == count.m else "range"
    return Interval(min(near.start, far.start), max(near.end, far.end), grain)


def ago(frame: Frame, found: Found) -> Interval:
    """As in "3 weeks ago": the calendar week that holds the instant three weeks back."""
    return _away(frame, found.one("q"), -1)


def ahead(frame: Frame, found: Found) -> Interval:
    """As in "in two weeks", "三天后"."""
    return _away(frame, found.one("q"), 1)
