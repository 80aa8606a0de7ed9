"""Meanings of expressions made of expressions: times of a day, parts, distances, ranges.

As in `readings`, a reading answers None where it does not apply and raises ValueError where the
words name no date. An expression that lacks its year is read anew where another one decides the
year.
"""

from datetime import timedelta

from remanence.text.times import almanac
from remanence.text.times.almanac import DAY, add, floor, share, whole
from remanence.text.times.readings import FINE, part_of_day
from remanence.text.times.values import FIRST, LAST, Found, Frame, Interval, Token

_TICK = timedelta(microseconds=1)


def look(frame: Frame, token: Token) -> Interval:
    """An expression's interval; one that lacks its year is read anew where the frame has moved."""
    seen = token.again(frame) if token.again is not None and token.kind in "ew" else token.found
    if seen is None:
        raise ValueError(f"{token.word!r} has no reading at {frame.now:%Y-%m-%d}")
    return seen


X = "Eewk"  # the kinds of expressions


def hours(frame: Frame, found: Found) -> Interval | None:
    """As in "yesterday morning", "the evening of 7 July", "at 3pm on May 5", "昨天下午三点半"."""
    base = look(frame, found.one(X))
    part, clock = found.get("p"), found.get("C")
    explicit = base.explicit
    if part is not None:
        if base.grain != "day":
            return None
        base = part_of_day(base.start, part.name)
    if clock is None:
        return Interval(base.start, base.end, base.grain, explicit)
    if base.grain not in {"day", "hour"}:
        return None
    midnight = base.start.replace(hour=0, minute=0)
    starts = [midnight + timedelta(hours=clock.n + more, minutes=clock.m) for more in (0, 12, 24)]
    if clock.name.endswith("?") and base.grain == "hour":
        starts = [start for start in starts if base.start <= start < base.end] or starts
    unit = clock.name.rstrip("?")
    return Interval(starts[0], add(starts[0], 1, unit), unit, explicit)


def dated_weekday(frame: Frame, found: Found) -> Interval | None:
    """As in "Monday, June 2", "6月3日（周二）": the date, where the weekday is its own."""
    weekday, date = found.one("w"), look(frame, found.one("Ee"))
    if date.grain != "day" or look(frame, weekday).start.weekday() != date.start.weekday():
        return None
    return date


def hours_between(frame: Frame, found: Found) -> Interval | None:
    """As in "between 2pm and 4pm yesterday", "from 3am to noon on Friday"."""
    base = look(frame, found.one(X))
    first, last = found.all("CNp")[0], found.all("Cp")[-1]
    if base.grain != "day" or first is last or first.kind == "p":
        return None
    midnight = base.start
    end = midnight + timedelta(hours=last.n, minutes=last.m)
    if last.kind == "p":
        if last.name != "noon":
            return None
        end = midnight + timedelta(hours=12)
    start = midnight + timedelta(hours=first.n, minutes=first.m)
    if first.kind == "N":
        start = midnight + timedelta(hours=first.n + (12 if last.n > 12 and first.n < 12 else 0))
    return Interval(start, end, "range", base.explicit) if start < end else None


def counted_from(frame: Frame, found: Found) -> Interval | None:
    """As in "a week from Friday", "two weeks from tomorrow", "Tuesday week"."""
    token, count = found.one("Eew"), found.get("q")
    base = look(frame, token)
    if base.grain != "day" or (count is None and found.one("U").name != "week"):
        return None
    number, unit = (1, "week") if count is None else (count.n, count.name)
    start = base.start
    if token.kind == "w":
        start += (7 if start < frame.today else 0) * DAY
    if unit in FINE or (count is not None and count.n != count.m):
        return None
    start = add(start, number, unit)
    return Interval(start, start + DAY, "day", base.explicit)


def portion(frame: Frame, found: Found) -> Interval:
    """As in "early May", "end of last year", "五月底":

    a third or half, not in the future if the year is open.
    """
    token, part = found.one(X), found.one("Qg初").n
    base = look(frame, token)
    if base.grain in {"day", "hour", "minute"}:
        return base
    cut = share(base, part)
    if token.kind == "e" and not base.explicit and cut.start > frame.now:
        cut = share(look(frame.moved(base.start - _TICK), token), part)
    return cut


def unit_of(frame: Frame, found: Found) -> Interval | None:
    """As in "the week of May 5", "the weekend of June 3"."""
    base, unit = look(frame, found.one(X)), found[0].name
    if base.grain != "day":
        return base if base.grain == unit else None
    if unit == "weekend":
        return almanac.weekend(floor(base.start, "week"))
    return whole(base.start, unit, base.explicit)


def nth(frame: Frame, found: Found) -> Interval | None:
    """As in "the first week of May": days 1-7; "the last weekend of June"; "五月最后一天"."""
    base, unit = look(frame, found.one(X)), (found.get("UxKA") or found.one("j")).name
    index = found.one("Loj").n
    if base.grain in {"day", "hour", "minute"} or unit in FINE or (found.get("L") and index > 0):
        return None
    if index == 0:
        return None
    if unit == "weekend":
        first = base.start + (5 - base.start.weekday()) % 7 * DAY
        last = base.end - DAY - (base.end.weekday() - 6) % 7 * DAY
        start = first + 7 * (index - 1) * DAY if index > 0 else last
        return Interval(start, start + 2 * DAY, "range", base.explicit)
    start = add(base.start, index - 1, unit) if index > 0 else add(base.end, -1, unit)
    if not base.start <= start < base.end:
        raise ValueError(f"{base.grain} of {base.start:%Y-%m-%d} has no {unit} number {index}")
    return Interval(
        start, min(add(start, 1, unit), base.end), almanac.GRAINS.get(unit, unit), base.explicit
    )


def offset(frame: Frame, found: Found) -> Interval | None:
    """As in "two weeks before X": the two-weeks-off unit itself, as wide as the unit.

    The unit that begins N units before X begins, or that ends N units after X ends: "the week
    before 9 June" is the seven days up to it, "three days after X" is a day.
    """
    base = look(frame, found.all(X)[-1])
    token = found[0] if found[0].kind not in X or found.get("q") is None else found.one("q")
    if found.get("_") is not None and base.grain != "day":
        return None  # "the week before she came in May": her coming, not May, is what it precedes
    sign = found.one("B前后").n
    start, end = base.start, base.end
    few, most, unit = (token.n, token.m, token.name) if token.kind == "q" else (1, 1, token.name)
    if token.kind in "wkK":
        return _named_before(
            base, 5 if token.kind in "kK" else look(frame, token).start.weekday(), sign, token
        )
    if unit not in FINE:
        start, end = floor(start, "day"), floor(end - _TICK, "day") + DAY
    grain = almanac.GRAINS.get(unit, unit) if few == most else "range"
    if found.get("前") and found[0].kind in X and add(start, most, unit) < end:
        return Interval(start, add(start, most, unit), "range", base.explicit)  # its first N units
    if sign < 0:
        return Interval(add(start, -most, unit), add(start, 1 - few, unit), grain, base.explicit)
    return Interval(add(end, few - 1, unit), add(end, most, unit), grain, base.explicit)


def _named_before(base: Interval, day: int, sign: int, token: Token) -> Interval:
    """The weekday, or weekend, nearest before or after an interval."""
    width, grain = (1, "day") if token.kind == "w" else (2, "range")
    if sign < 0:
        latest_ = floor(base.start, "day") - width * DAY
        start = latest_ - (latest_.weekday() - day) % 7 * DAY
    else:
        first = floor(base.end - _TICK, "day") + DAY
        start = first + (day - first.weekday()) % 7 * DAY
    return Interval(start, start + width * DAY, grain, base.explicit)


def between(frame: Frame, found: Found) -> Interval | None:
    """As in "between March and May 2023": an end that lacks its year takes it from the other."""
    a, b = found.all(X)[:2]
    first, second = look(frame, a), look(frame, b)
    follows = a.kind == "E" and (second.start < first.start or first.grain in {"day", "month"})
    if b.kind in "ew" and (first.explicit or follows):
        reach = add(first.start, 1, "year" if b.kind == "e" else "week")
        second = look(frame.moved(reach - _TICK), b)
    elif a.kind in "ew":
        first = look(frame.moved(second.end - _TICK), a)
    if first.start >= second.end:
        return None
    return Interval(first.start, second.end, "range", first.explicit or second.explicit)


def onward(frame: Frame, found: Found) -> Interval:
    """As in "since X", "从X起": from X's start, without end."""
    base = look(frame, found.one(X))
    return Interval(base.start, LAST, "range", base.explicit)


def until(frame: Frame, found: Found) -> Interval:
    """As in "until X": up to X's end."""
    base = look(frame, found.one(X))
    return Interval(FIRST, base.end, "range", base.explicit)


def beyond(frame: Frame, found: Found) -> Interval:
    """As in "before X" and "after X": all time on that side of X."""
    base = look(frame, found.one(X))
    before = found.one("B前后").n < 0
    start, end = (FIRST, base.start) if before else (base.end, LAST)
    return Interval(start, end, "range", base.explicit)
