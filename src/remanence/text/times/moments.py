"""A time given by a person: RFC 3339, or words such as "yesterday", "last week", 去年三月."""

import re
from typing import Final

from remanence import instants
from remanence.errors import InvalidInput
from remanence.text.times.resolver import spans
from remanence.types import When

_YEAR: Final = re.compile(r"\d{4}")


def beginning(when: When, name: str = "at", *, reference: int | None = None) -> int:
    """Return the first instant of a time, in microseconds since 1970.

    Words are read relative to `reference` (absent, now) and must name one time and nothing else.
    Raises `InvalidInput`; `name` is the argument's name.

    >>> beginning("2025") == instants.parse("2025-01-01")
    True
    """
    if isinstance(when, str) and _YEAR.fullmatch(when.strip()):
        when = f"{when.strip()}-01-01"
    try:
        return instants.parse(when, name)
    except InvalidInput as error:
        if not isinstance(when, str):
            raise
        moment = instants.moment(instants.now() if reference is None else reference)
        found = spans(when, moment)
        whole = [span for span in found if span.text.strip() == when.strip().strip(".,;。，")]
        if len(whole) != 1:
            raise InvalidInput(f"{error}, or in words like yesterday or last week") from None
        return instants.parse(whole[0].start, name)


def clock(when: When | None) -> int:
    """Return the minutes east of UTC of the clock by which a time is given; 0 for words.

    >>> clock("2025-03-20T09:00:00+08:00"), clock("yesterday"), clock(None)
    (480, 0, 0)
    """
    try:
        return 0 if when is None else instants.offset(when)
    except InvalidInput:
        return 0  # in words
