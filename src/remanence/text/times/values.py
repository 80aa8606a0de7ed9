"""The values that pass between the rooms of time reading: tokens, rules, intervals and spans.

Intervals here are naive wall-clock times in the reference's own zone; only `Span`, which leaves the
package, is in UTC. Nothing here knows a language or a calendar rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

FIRST = datetime.min  # noqa: DTZ901 -- the open start of "before 2022"
LAST = datetime.max  # noqa: DTZ901 -- the open end of "since March"


@dataclass(frozen=True, slots=True)
class Span:
    """A time expression and the half-open UTC interval it names."""

    start: datetime  # inclusive, aware UTC
    end: datetime  # exclusive, aware UTC
    text: str  # the words matched
    at: tuple[int, int]  # character offsets in the input: text == input[at[0]:at[1]]
    grain: str  # minute, hour (also parts of a day), day, week, month, season, year, decade, range
    explicit: bool  # the year, or the full date, is named


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open stretch of wall-clock time, before it is placed in UTC."""

    start: datetime
    end: datetime
    grain: str
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The reader's point of view: `now` as naive wall-clock time, and the zone it was given in."""

    now: datetime
    zone: tzinfo

    @property
    def today(self) -> datetime:
        """Midnight at which the reference's day begins."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def moved(self, now: datetime) -> "Frame":
        """The same zone, seen from another instant."""
        return Frame(now, self.zone)

    def days(self, count: int) -> datetime:
        """Midnight `count` days from the reference's day."""
        return self.today + timedelta(days=count)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of time: its kind (a letter), place, and what its word says."""

    kind: str
    start: int
    end: int
    word: str = ""
    n: int = 0
    m: int = 0
    name: str = ""
    found: Interval | None = None
    again: Callable[[Frame], Interval | None] | None = None


class Found(tuple[Token, ...]):
    """The tokens a rule's pattern matched, in order."""

    __slots__ = ()

    def all(self, kinds: str) -> list[Token]:
        """Every token of one of `kinds`."""
        return [token for token in self if token.kind in kinds]

    def get(self, kinds: str) -> Token | None:
        """The first token of one of `kinds`."""
        return next((token for token in self if token.kind in kinds), None)

    def one(self, kinds: str) -> Token:
        """The first token of one of `kinds`, which the rule's pattern makes sure is there."""
        return next(token for token in self if token.kind in kinds)

    def interval(self, index: int = 0) -> Interval:
        """The interval of the expression number `index` among those already resolved."""
        return [token.found for token in self if token.found is not None][index]


Reading = Callable[[Frame, Found], Interval | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over token kinds, its reading, and examples that are its tests.

    `read` answers None where the rule does not apply, and raises ValueError or OverflowError where
    the words name no date (30 February). `kind` is what later levels see: "E" an expression, "e"
    one that lacks its year, "w" a weekday, "k" a weekend. An example is "I left on [May 7] => day
    2023-05-07": the brackets hold the words matched, read on Wednesday 2023-06-14 10:00 UTC; "day!"
    where the span is explicit; "a/b" for a half-open interval; "=>" and nothing where none is
    found.
    """

    pattern: str
    read: Reading
    kind: str
    examples: tuple[str, ...]
