"""Needle in a haystack: a few facts early in a stream of filler, asked for up to a million tokens
later (Kamradt, 2023, as a protocol).

The stream is made segment by segment, so that an episode of any length takes the memory of one
segment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from remanence.errors import ConfigError
from remanence.lab.tasks.task import UNASKED, Check, Segment, asked, rungs

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)  # tokens of a test's stream


@dataclass(frozen=True)
class Haystack:
    """`needles` pairs of a key and a value, `ways` each, among filler in the first segment of
    `length` tokens; filler; a question for each.

    Levels have 1, 2, 4 ... needles without hay, then all of them in more and more of it, and ask in
    the next segment; in the last level needles lie up to `distractors` segments further back. They
    stand in the first segment: the hardest place.
    """

    needles: int = 4
    ways: int = 32
    filler: int = 64
    length: int = 64
    distractors: int = 8

    def __post_init__(self) -> None:
        least = {"needles": 1, "ways": 2, "filler": 1, "length": 2, "distractors": 0}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ConfigError(f"{name}={getattr(self, name)} is below {bound}")
        if self.needles > self.ways:
            raise ConfigError(
                f"needles={self.needles} need as many keys, and ways={self.ways} gives fewer"
            )
        if 2 * self.needles > self.length:
            raise ConfigError(
                f"needles={self.needles} do not fit into a segment of length={self.length}; make "
                f"it at least {2 * self.needles}"
            )

    @property
    def about(self) -> str:
        return f"{self.needles} needles among filler, tested up to {SIZES[-1]:,} tokens later, {self.ways} ways"

    @property
    def vocabulary(self) -> int:
        return 2 * self.ways + self.filler + 1

    @property
    def whole(self) -> int:
        return self.length * (self.distractors + 1) + self.needles + 1

    @property
    def levels(self) -> int:
        return len(self._ladder()) + (self.distractors > 0)

    @property
    def chance(self) -> float:
        return 1 / self.ways

    def episode(self, random: np.random.Generator, rows: int, level: int) -> list[Segment]:
        ladder = self._ladder()
        gap = int(random.integers(self.distractors + 1)) if level > len(ladder) else 0
        needles, length = ladder[min(level, len(ladder)) - 1]
        return list(self.stream(random, rows, needles=needles, length=length, gap=gap))

    def checks(self) -> Mapping[str, Check]:
        return {
            f"{size:,} tokens": Check(
                partial(self.stream, gap=max(0, -(-size // self.length) - 1)),
                rows=64 if size < SIZES[-1] else 16,
                rounds=4 if size < SIZES[-2] else 1,
            )
            for size in SIZES
        }

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def stream(
        self,
        random: np.random.Generator,
        rows: int,
        *,
        needles: int | None = None,
        length: int | None = None,
        gap: int = 0,
    ) -> Iterator[Segment]:
        """The segments of an episode with exactly `gap` segments of filler after the needles."""
        needles, length = needles or self.needles, length or self.length
        keys = random.permuted(np.tile(np.arange(self.ways), (rows, 1)), axis=1)[:, :needles]
        values = self.ways + random.integers(self.ways, size=keys.shape)
        first = self._hay(random, rows, length)
        # Places of pairs that do not touch: slots in a line from which each pair takes two.
        slots = length - needles
        free = np.tile(np.arange(slots), (rows, 1))
        places = np.sort(random.permuted(free, axis=1)[:, :needles], 1) + np.arange(needles)
        np.put_along_axis(first, places, keys, 1)
        np.put_along_axis(first, places + 1, values, 1)
        yield asked(first)
        for _ in range(gap):
            yield asked(self._hay(random, rows, length))
        ask = np.full((rows, 1), self.vocabulary - 1)
        order = random.permuted(np.tile(np.arange(needles), (rows, 1)), axis=1)
        keys, values = np.take_along_axis(keys, order, 1), np.take_along_axis(values, order, 1)
        unasked = np.full_like(ask, UNASKED)
        yield asked(np.concatenate([ask, keys], 1), np.concatenate([unasked, values], 1))

    def _ladder(self) -> list[tuple[int, int]]:
        """Needles of a level, and tokens of its segments: a pair alone, more pairs, then hay twice
        as long from level to level.
        """
        pairs = [(count, 2 * count) for count in rungs(self.needles)]
        lengths: list[int] = []
        while (length := 4 * self.needles * 2 ** len(lengths)) < self.length:
            lengths.append(length)
        return [*pairs, *((self.needles, each) for each in (*lengths, self.length))]

    def _hay(
        self, random: np.random.Generator, rows: int, length: int
    ) -> "np.ndarray[Any, np.dtype[np.int64]]":
        return 2 * self.ways + random.integers(self.filler, size=(rows, length))
