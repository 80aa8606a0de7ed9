"""Clocks of speakers: the offset from UTC by which "today" and "in March" of a text are read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from remanence import instants
from remanence.encoding.candidate import Candidate
from remanence.types import When

KEY: Final = "utc_offset"  # of metadata, like "+08:00"
_MINUTE: Final = timedelta(minutes=1)


def stamped(metadata: Mapping[str, Any] | None, at: When | None) -> Mapping[str, Any] | None:
    """Return metadata with the offset that `at` states, unless it is UTC or they name a clock.

    >>> stamped({"channel": "mail"}, "2025-06-10T21:00:00-05:00")
    {'channel': 'mail', 'utc_offset': '-05:00'}
    """
    offset = 0 if at is None else instants.offset(at)
    if not offset or not isinstance(metadata, Mapping | None):
        return metadata
    kept = dict(metadata or {})
    if KEY not in kept and "timezone" not in kept:
        hours, minutes = divmod(abs(offset), 60)
        kept[KEY] = f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
    return kept


def offset(stated: str | None, timezone: str | None, at: int) -> int:
    """Return minutes east of UTC at an instant, microseconds; 0 where neither name is a clock.

    `stated` is like "+08:00", `timezone` a name of the IANA database.

    >>> offset("-05:30", None, 0), offset(None, "Asia/Shanghai", 0), offset(None, "Mars", 0)
    (-330, 480, 0)
    """
    found = _of_offset(stated) if stated is not None else None
    if found is None and timezone is not None:
        found = _of_zone(timezone, at)
    minutes = 0 if found is None else found // _MINUTE
    return minutes if instants.holds(at + minutes * instants.MINUTE) else 0


def _of_offset(stated: str) -> timedelta | None:
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00:00{stated}").utcoffset()
    except ValueError:
        return None  # metadata are free text


def _of_zone(name: str, at: int) -> timedelta | None:
    try:
        return instants.moment(at).astimezone(ZoneInfo(name)).utcoffset()
    except (KeyError, ValueError, OSError, OverflowError):  # no name of a zone
        return None


def universal(candidate: Candidate, offset: int) -> Candidate:
    """Return a candidate read by a local clock, its times in UTC."""
    if not offset:
        return candidate
    start, end = (_moved(time, offset) for time in (candidate.valid_from, candidate.valid_until))
    return replace(candidate, valid_from=start, valid_until=end, offset=offset)


def _moved(local: int | None, offset: int) -> int | None:
    """A local time in UTC; one that leaves the calendar stays as it is."""
    if local is None:
        return None
    moved = local - offset * instants.MINUTE
    return moved if instants.holds(moved) else local
