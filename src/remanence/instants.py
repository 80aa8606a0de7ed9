"""Instants: RFC 3339 outside, microseconds since 1970 in UTC inside. Naive input is UTC."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from remanence.errors import InvalidInput
from remanence.types import When

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60_000_000  # microseconds
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND


def now() -> int:
    """The present, in microseconds."""
    return time.time_ns() // 1000


def parse(when: When, name: str = "at") -> int:
    """An instant in microseconds.

    >>> parse("1970-01-01T08:00:00+08:00")
    0

    Raises `InvalidInput` when `when` is no date or time, or in UTC none of the years 1 to 9999;
    `name` says which argument it was.
    """
    if isinstance(when, datetime):
        instant = _since_epoch(when)
    elif isinstance(when, date):
        instant = _since_epoch(datetime(when.year, when.month, when.day, tzinfo=UTC))
    elif isinstance(when, str):
        try:
            instant = _read(when)
        except ValueError as error:
            raise InvalidInput(
                f"{name}={when!r:.80} is no date or time ({error}); "
                "write it like 2025-03-20 or 2025-03-20T09:00:00Z"
            ) from None
    else:
        raise InvalidInput(
            f"{name}={when!r:.80} is no date or time; give RFC 3339 text or a datetime"
        )
    if not _FIRST <= instant <= _LAST:
        raise InvalidInput(f"{name}={when!r:.80} lies, in UTC, outside the years 1 to 9999")
    return instant


def optional(when: When | None, name: str) -> int | None:
    """Return `parse`'s microseconds, or None for None."""
    return None if when is None else parse(when, name)


@lru_cache(maxsize=8_192)
def _read(when: str) -> int:
    return _since_epoch(datetime.fromisoformat(when.strip()))


def _since_epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // _MICROSECOND


def moment(instant: int, offset: int = 0) -> datetime:
    """Microseconds as an aware datetime, in UTC or `offset` minutes east of it."""
    moved = EPOCH + timedelta(microseconds=instant)
    if offset and holds(instant + offset * MINUTE):
        return moved.astimezone(timezone(timedelta(minutes=offset)))
    return moved


@lru_cache(maxsize=8_192)
def render(instant: int, offset: int = 0) -> str:
    """RFC 3339, in UTC or `offset` minutes east of it; fractions of a second only where not 0.

    >>> render(1_742_461_200_000_000), render(1_742_461_200_000_000, 480)
    ('2025-03-20T09:00:00Z', '2025-03-20T17:00:00+08:00')
    """
    return moment(instant, offset).isoformat().replace("+00:00", "Z")


def holds(instant: int) -> bool:
    """Return whether an instant lies in the years 1 to 9999."""
    return _FIRST <= instant <= _LAST


def offset(when: When) -> int:
    """Return the minutes east of UTC that a time states; 0 where it states none.

    >>> offset("2025-03-20T09:00:00-05:00"), offset("2025-03-20"), offset("2025-03-20T09:00:00Z")
    (-300, 0, 0)

    Raises `InvalidInput` as `parse` does.
    """
    parse(when)
    moment = datetime.fromisoformat(when.strip()) if isinstance(when, str) else when
    stated = moment.utcoffset() if isinstance(moment, datetime) else None
    return 0 if stated is None else stated // timedelta(minutes=1)
