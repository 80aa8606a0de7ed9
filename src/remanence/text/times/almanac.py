"""Arithmetic of the calendar: months, weeks, seasons, feasts, and the latest one not yet to come.

Weeks begin on Monday. Seasons are the meteorological ones of the north, and a winter is named for
the year it begins in. Feasts without a formula are read from a table of dates. Knows no words.
"""

# ruff: noqa: DTZ001, FBT001, FBT002 -- wall-clock times have no zone; the flag is a field of
# Interval

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from remanence.text.times.values import Frame, Interval

DAY = timedelta(days=1)
CLOCK = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": DAY}
CLOCK |= {"week": 7 * DAY, "fortnight": 14 * DAY, "weekend": 7 * DAY}
MONTHS = {"month": 1, "quarter": 3, "season": 3, "half": 6, "year": 12, "decade": 120}
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
# Hours of the day; a night runs into the next morning.
PARTS = {
    "small hours": (0, 6),
    "morning": (5, 12),
    "noon": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 24),
    "night": (18, 30),
}


def add(when: datetime, count: int, unit: str) -> datetime:
    """`when` moved by `count` units; the 31st falls back to a shorter month's last day."""
    if unit in CLOCK:
        return when + count * CLOCK[unit]
    years, month = divmod(when.year * 12 + when.month - 1 + count * MONTHS[unit], 12)
    if not 1 <= years <= 9999:
        raise ValueError(f"year {years} is outside the calendar")
    for day in range(when.day, 27, -1):
        try:
            return when.replace(year=years, month=month + 1, day=day)
        except ValueError:
            continue
    return when.replace(year=years, month=month + 1)


def floor(when: datetime, unit: str) -> datetime:
    """The start of the calendar unit that holds `when`."""
    if unit == "minute":
        return when.replace(second=0, microsecond=0)
    if unit == "hour":
        return when.replace(minute=0, second=0, microsecond=0)
    when = when.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit in CLOCK:
        return when if unit == "day" else when - when.weekday() * DAY
    width = MONTHS[unit]
    if width < 12:
        return when.replace(month=(when.month - 1) // width * width + 1, day=1)
    return when.replace(year=max(1, when.year // (width // 12) * (width // 12)), month=1, day=1)


GRAINS = {"quarter": "range", "half": "range", "fortnight": "range", "weekend": "week"}


def whole(when: datetime, unit: str, explicit: bool = False) -> Interval:
    """The calendar unit that holds `when`."""
    start = floor(when, unit)
    return Interval(start, add(start, 1, unit), GRAINS.get(unit, unit), explicit)


def day(year: int, month: int, number: int, explicit: bool = False) -> Interval:
    """A day; ValueError where there is none such."""
    start = datetime(year, month, number)
    return Interval(start, start + DAY, "day", explicit)


def month(year: int, number: int, explicit: bool = False) -> Interval:
    """A month; ValueError where there is none such."""
    start = datetime(year, number, 1)
    return Interval(start, add(start, 1, "month"), "month", explicit)


def season(year: int, name: str, explicit: bool = False) -> Interval:
    """A season by name, three whole months."""
    start = datetime(year, SEASONS[name], 1)
    return Interval(start, add(start, 3, "month"), "season", explicit)


def span_of_years(year: int, count: int, explicit: bool = True) -> Interval:
    """A year, or a decade where `count` is 10."""
    start = datetime(year, 1, 1)
    return Interval(start, add(start, count, "year"), "year" if count == 1 else "decade", explicit)


def weekend(monday: datetime) -> Interval:
    """Saturday and Sunday of the week that begins on `monday`."""
    return Interval(monday + 5 * DAY, monday + 7 * DAY, "range")


def latest(frame: Frame, of_year: Callable[[int], Interval], reach: int = 1) -> Interval:
    """The latest yearly occurrence that does not begin after the reference.

    The occurrence may not exist in every year (29 February), so up to eight years are tried; where
    none has it, ValueError.
    """
    for year in range(frame.now.year, frame.now.year - 8 * reach - 1, -reach):
        try:
            found = of_year(year)
        except ValueError:
            continue
        if found.start <= frame.now:
            return found
    raise ValueError(f"no such date in the eight years before {frame.now:%Y-%m-%d}")


def beside(frame: Frame, which: int, of_year: Callable[[int], Interval]) -> Interval:
    """The last one over before today (-1), this year's (0), or the first still to begin (+1)."""
    if which == 0:
        return of_year(frame.now.year)
    for year in range(frame.now.year, frame.now.year + which * 10, which):
        found = of_year(year)
        if found.end <= frame.today if which < 0 else found.start > frame.now:
            return found
    raise ValueError("no such date within ten years")


def share(whole_: Interval, part: int) -> Interval:
    """Early, middle or late third (0, 1, 2), or first or second half (3, 4), of an interval.

    A month's thirds are its days 1-10, 11-20 and from 21; longer stretches are cut at months, or at
    days where the months do not divide.
    """
    start, end = whole_.start, whole_.end
    count, index = (2, part - 3) if part > 2 else (3, part)
    months = (end.year - start.year) * 12 + end.month - start.month
    if whole_.grain == "month" and count == 3:
        edges = [start, start + 10 * DAY, start + 20 * DAY, end]
    elif start.day == 1 and months >= count and months % count == 0:
        edges = [add(start, months // count * step, "month") for step in range(count + 1)]
    else:
        length = (end - start).days
        edges = [start + round(length * step / count) * DAY for step in range(count + 1)]
    return Interval(edges[index], edges[index + 1], "range", whole_.explicit)


def _nth(month_: int, weekday: int, count: int) -> Callable[[int], datetime]:
    """The `count`-th given weekday of a month (-1: the last), for any year."""

    def find(year: int) -> datetime:
        base = datetime(year, month_, 1) if count > 0 else month(year, month_).end - 7 * DAY
        first = base + (weekday - base.weekday()) % 7 * DAY
        return first + (max(count, 1) - 1) * 7 * DAY

    return find


def _easter(year: int) -> datetime:
    """Easter Sunday (the anonymous Gregorian computus, Nature, 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    grow = (
        19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    ) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - grow - rest % 4) % 7
    late = (golden + 11 * grow + 22 * week) // 451
    number = grow + week - 7 * late + 114
    return datetime(year, number // 31, number % 31 + 1)


def _lunar(column: int, shift: int = 0) -> Callable[[int], datetime]:
    """A feast of the table below; ValueError outside its years."""

    def find(year: int) -> datetime:
        row = _lunar_table().get(year)
        if row is None:
            raise ValueError(f"no lunar feasts are known for {year}; the table has 1990 to 2040")
        code = int(row[column])
        return datetime(year, code // 100, code % 100) + shift * DAY

    return find


MOVING: dict[str, Callable[[int], datetime]] = {
    "thanksgiving": _nth(11, 3, 4),
    "black friday": lambda year: _nth(11, 3, 4)(year) + DAY,
    "mother's day": _nth(5, 6, 2),
    "father's day": _nth(6, 6, 3),
    "labor day": _nth(9, 0, 1),
    "memorial day": _nth(5, 0, -1),
    "easter": _easter,
    "good friday": lambda year: _easter(year) - 2 * DAY,
    "lunar new year": _lunar(0),
    "lunar new year's eve": _lunar(0, -1),
    "lantern": _lunar(0, 14),
    "qingming": _lunar(1),
    "dragon boat": _lunar(2),
    "qixi": _lunar(3),
    "mid-autumn": _lunar(4),
    "double ninth": _lunar(5),
}


def feast(year: int, name: str, explicit: bool = False) -> Interval:
    """The day of a feast: `name` is a key of MOVING, or a fixed date written MMDD."""
    if name in MOVING:
        start = MOVING[name](year)
        return Interval(start, start + DAY, "day", explicit)
    return day(year, int(name[:2]), int(name[2:]), explicit)


@cache
def _lunar_table() -> dict[int, tuple[str, ...]]:
    rows = (line.split() for line in _FEASTS.split("\n") if line)
    return {int(row[0]): tuple(row[1:]) for row in rows}


# year, then MMDD of: lunar new year, Qingming, Dragon Boat, Qixi, Mid-Autumn, Double Ninth
_FEASTS = """
1990 0127 0405 0528 0826 1003 1026
1991 0215 0405 0616 0816 0922 1016
1992 0204 0404 0605 0805 0911 1004
1993 0123 0405 0624 0824 0930 1023
1994 0210 0405 0613 0813 0920 1013
1995 0131 0405 0602 0802 0909 1101
1996 0219 0404 0620 0820 0927 1020
1997 0207 0405 0609 0809 0916 1010
1998 0128 0405 0530 0828 1005 1028
1999 0216 0405 0618 0817 0924 1017
2000 0205 0404 0606 0806 0912 1006
2001 0124 0405 0625 0825 1001 1025
2002 0212 0405 0615 0815 0921 1014
2003 0201 0405 0604 0804 0911 1004
2004 0122 0404 0622 0822 0928 1022
2005 0209 0405 0611 0811 0918 1011
2006 0129 0405 0531 0731 1006 1030
2007 0218 0405 0619 0819 0925 1019
2008 0207 0404 0608 0807 0914 1007
2009 0126 0404 0528 0826 1003 1026
2010 0214 0405 0616 0816 0922 1016
2011 0203 0405 0606 0806 0912 1005
2012 0123 0404 0623 0823 0930 1023
2013 0210 0404 0612 0813 0919 1013
2014 0131 0405 0602 0802 0908 1002
2015 0219 0405 0620 0820 0927 1021
2016 0208 0404 0609 0809 0915 1009
2017 0128 0404 0530 0828 1004 1028
2018 0216 0405 0618 0817 0924 1017
2019 0205 0405 0607 0807 0913 1007
2020 0125 0404 0625 0825 1001 1025
2021 0212 0404 0614 0814 0921 1014
2022 0201 0405 0603 0804 0910 1004
2023 0122 0405 0622 0822 0929 1023
2024 0210 0404 0610 0810 0917 1011
2025 0129 0404 0531 0829 1006 1029
2026 0217 0405 0619 0819 0925 1018
2027 0206 0405 0609 0808 0915 1008
2028 0126 0404 0528 0826 1003 1026
2029 0213 0404 0616 0816 0922 1016
2030 0203 0405 0605 0805 0912 1005
2031 0123 0405 0624 0824 1001 1024
2032 0211 0404 0612 0812 0919 1012
2033 0131 0404 0601 0801 0908 1001
2034 0219 0405 0620 0820 0927 1020
2035 0208 0405 0610 0810 0916 1009
2036 0128 0404 0530 0828 1004 1027
2037 0215 0404 0618 0817 0924 1017
2038 0204 0405 0607 0807 0913 1007
2039 0124 0405 0527 0826 1002 1026
2040 0212 0404 0614 0814 0920 1014"""
