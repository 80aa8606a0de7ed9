"""Associative recall across segments: pairs of a key and a value are said, later segments ask for
the values; some keys are given twice.

The form is multi-query associative recall (Arora et al., Zoology, 2023), with a segment boundary
between what is said and what is asked, so that a model without a memory can only guess, and with
overwriting, where the newest value counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from remanence.errors import ConfigError
from remanence.lab.tasks.task import UNASKED, Check, Segment, asked, rungs

FILLER: Final = 32  # words that distract and mean nothing
GAPS: Final = (8, 64, 512)  # distractor segments that a check puts in between
LONG: Final = 1_000  # segments of the longest check, all in all

Array = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Recall:
    """`pairs` keys with a value of `ways`, `overwrites` of them given a second value, spread over
    `segments`; then `distractors` segments of filler at most (their number is drawn, from none on);
    then a question for every key.

    A segment is SAY key value key value ..., or ASK key key ..., where each key is to be answered
    at once. Keys, values and filler are words of their own. Levels have 1, 2, 4 ... pairs and
    overwrites in proportion, without distractors. The last level adds them.
    """

    pairs: int = 8
    ways: int = 32
    overwrites: int = 0
    segments: int = 1
    distractors: int = 4

    def __post_init__(self) -> None:
        least = {"pairs": 1, "ways": 2, "overwrites": 0, "segments": 1, "distractors": 0}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ConfigError(f"{name}={getattr(self, name)} is below {bound}")
        if self.pairs > self.ways:
            raise ConfigError(
                f"pairs={self.pairs} need as many keys, and ways={self.ways} gives fewer"
            )
        if self.overwrites > self.pairs:
            raise ConfigError(
                f"overwrites={self.overwrites} is more than pairs={self.pairs}: a key is given "
                "anew once"
            )

    @property
    def about(self) -> str:
        again = f" and {self.overwrites} of them anew" if self.overwrites else ""
        return (
            f"{self.pairs} pairs{again} in {_counted(self.segments)}, asked for in a later one"
            f", {self.ways} ways"
        )

    @property
    def vocabulary(self) -> int:
        return 2 * self.ways + FILLER + 2

    @property
    def length(self) -> int:
        return self._length(self.pairs)

    @property
    def whole(self) -> int:
        questions = -(-self.pairs // (self.length - 1))
        return self.length * (self.segments + self.distractors + questions)

    @property
    def levels(self) -> int:
        return len(rungs(self.pairs)) + (self.distractors > 0)

    @property
    def chance(self) -> float:
        return 1 / self.ways

    def episode(self, random: np.random.Generator, rows: int, level: int) -> list[Segment]:
        ladder = rungs(self.pairs)
        gap = int(random.integers(self.distractors + 1)) if level > len(ladder) else 0
        pairs = ladder[min(level, len(ladder)) - 1]
        return list(self.stream(random, rows, pairs=pairs, gap=gap))

    def checks(self) -> Mapping[str, Check]:
        few = {
            f"+{gap}": Check(partial(self.stream, gap=gap), rounds=4 if gap < GAPS[-1] else 1)
            for gap in GAPS
        }
        said = self.segments + -(-self.pairs // (self.length - 1))
        long = Check(partial(self.stream, gap=LONG - said), rounds=1)
        return {"next": Check(self.stream, rounds=8), **few, f"{LONG:,} segments": long}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def stream(
        self, random: np.random.Generator, rows: int, *, pairs: int | None = None, gap: int = 0
    ) -> Iterator[Segment]:
        """The segments of an episode with exactly `gap` distractor segments."""
        pairs = pairs or self.pairs
        length = self._length(pairs)
        say, ask = self.vocabulary - 2, self.vocabulary - 1
        keys = _distinct(random, rows, self.ways, pairs)  # (B, pairs)
        which = self._order(random, rows, pairs)  # (B, writes): a place in `keys`
        values = random.integers(self.ways, size=(rows, which.shape[1]))  # (B, writes)
        said = np.stack([np.take_along_axis(keys, which, 1), self.ways + values], -1)
        said = said.reshape(rows, -1)  # (B, 2 writes)
        for start in range(0, said.shape[1], length - 1):
            yield asked(_marked(say, said[:, start : start + length - 1]))
        for _ in range(gap):
            yield asked(2 * self.ways + random.integers(FILLER, size=(rows, length)))
        newest: Array = np.zeros(keys.shape, np.int64)
        for write in range(which.shape[1]):
            newest[np.arange(rows), which[:, write]] = self.ways + values[:, write]
        order = _distinct(random, rows, pairs, pairs)
        keys, newest = np.take_along_axis(keys, order, 1), np.take_along_axis(newest, order, 1)
        for start in range(0, pairs, length - 1):
            part = slice(start, start + length - 1)
            yield asked(_marked(ask, keys[:, part]), _marked(UNASKED, newest[:, part]))

    def _order(self, random: np.random.Generator, rows: int, pairs: int) -> Array:
        """(B, writes): every key once, some of them twice, in any order."""
        again = pairs * self.overwrites // self.pairs
        each = np.tile(np.arange(pairs), (rows, 1))
        twice = _distinct(random, rows, pairs, again)
        return random.permuted(np.concatenate([each, twice], 1), axis=1)

    def _length(self, pairs: int) -> int:
        """SAY, and as many pairs as a segment has to take."""
        writes = pairs + pairs * self.overwrites // self.pairs
        return 1 + 2 * -(-writes // self.segments)


def _distinct(random: np.random.Generator, rows: int, among: int, count: int) -> Array:
    """(B, count): different numbers below `among` in each row."""
    return random.permuted(np.tile(np.arange(among), (rows, 1)), axis=1)[:, :count]


def _marked(mark: int, words: Array) -> Array:
    """(B, 1 + T): the words, the mark before them."""
    return np.concatenate([np.full((len(words), 1), mark), words], 1)


def _counted(segments: int) -> str:
    return "one segment" if segments == 1 else f"{segments} segments"
