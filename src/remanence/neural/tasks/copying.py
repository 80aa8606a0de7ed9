"""Copy and repeat-copy: a sequence is said, later segments are to say it again, once or as often as was asked (Graves et al., 2014).

It knows no model. Sequences run over as many segments as they need, and a later test is twice as long as anything trained on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from remanence.errors import ConfigError
from remanence.neural.tasks.port import Check, Segment, asked, rungs

Array = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Copy:
    """Sequences of up to `most` of `symbols`, said again up to `repeats` times, `length` tokens a segment; tested at `tested`.

    Said: TIMES_r s_1 ... s_n END. To be said: GO s_1 ... s_n, r times, then STOP, each token from those before it (so an episode whose answers
    are all right is what free decoding gives too). A level has sequences of up to 2, 4, 8 ...; the last adds up to `distractors` segments of
    filler between the two.
    """

    most: int = 20
    tested: int = 40
    symbols: int = 32
    repeats: int = 1
    length: int = 11
    distractors: int = 2

    def __post_init__(self) -> None:
        least = {
            "most": 1, "tested": 1, "symbols": 2, "repeats": 1, "length": 2, "distractors": 0,
        }  # fmt: skip
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ConfigError(f"{name}={getattr(self, name)} is below {bound}")

    @property
    def about(self) -> str:
        times = "once" if self.repeats == 1 else f"1 to {self.repeats} times"
        return f"a sequence of up to {self.most} symbols said again {times}, tested at {self.tested}; {self.symbols} symbols"

    @property
    def vocabulary(self) -> int:
        return self.symbols + self.repeats + 4

    @property
    def whole(self) -> int:
        spoken = self.most + 2 + self.repeats * (self.most + 1)
        return spoken + 2 * self.length + self.distractors * self.length

    @property
    def levels(self) -> int:
        return len(self._lengths()) + (self.distractors > 0)

    @property
    def chance(self) -> float:
        return 1 / self.symbols

    def episode(self, random: np.random.Generator, rows: int, level: int) -> list[Segment]:
        ladder = self._lengths()
        count = int(random.integers(1, ladder[min(level, len(ladder)) - 1] + 1))
        times = int(random.integers(1, self.repeats + 1))
        gap = int(random.integers(self.distractors + 1)) if level > len(ladder) else 0
        return list(self.stream(random, rows, count=count, times=times, gap=gap))

    def checks(self) -> Mapping[str, Check]:
        lengths = dict.fromkeys((self.most, self.tested))
        found = {
            f"length {count}": Check(partial(self.stream, count=count, times=self.repeats))
            for count in lengths
        }
        found["+64"] = Check(partial(self.stream, count=self.most, times=self.repeats, gap=64))
        return found

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def stream(
        self, random: np.random.Generator, rows: int, *, count: int, times: int = 1, gap: int = 0
    ) -> Iterator[Segment]:
        """The segments of an episode: `count` symbols, `times` copies, exactly `gap` segments of filler."""
        filler, end, go, stop = range(self.symbols, self.symbols + 4)
        what = random.integers(self.symbols, size=(rows, count))
        said = _column(what, stop + times), what, _column(what, end)
        yield from self._cut(np.concatenate(said, 1))
        for _ in range(gap):
            yield asked(np.full((rows, self.length), filler))
        once = np.concatenate([_column(what, go), what], 1)  # (B, 1 + n)
        spoken = np.tile(once, (1, times))
        answers = np.concatenate([spoken[:, 1:], _column(what, stop)], 1)
        yield from self._cut(spoken, answers)

    def _cut(self, words: Array, answers: Array | None = None) -> Iterator[Segment]:
        for start in range(0, words.shape[1], self.length):
            part = slice(start, start + self.length)
            yield asked(words[:, part], None if answers is None else answers[:, part])

    def _lengths(self) -> tuple[int, ...]:
        return rungs(self.most)[1:] or (1,)


def _column(like: Array, value: int) -> Array:
    return np.full((len(like), 1), value)
