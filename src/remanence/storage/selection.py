"""Sets of episodes by number, as lists of what is in them or of what is not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A set of episodes that needs no list of all there are."""

    numbers: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    """Ascending numbers of episodes (n,), each once."""
    inverted: bool = False
    """Whether the set is of all the others."""

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Self:
        """Return the set of some numbers."""
        return cls(np.unique(np.fromiter(numbers, np.int64)))

    def __invert__(self) -> "Selection":
        return Selection(self.numbers, not self.inverted)

    def __and__(self, other: "Selection") -> "Selection":
        mine, theirs = self.numbers, other.numbers
        if self.inverted and other.inverted:
            return Selection(np.union1d(mine, theirs), inverted=True)
        if self.inverted:
            return Selection(np.setdiff1d(theirs, mine, assume_unique=True))
        if other.inverted:
            return Selection(np.setdiff1d(mine, theirs, assume_unique=True))
        return Selection(np.intersect1d(mine, theirs, assume_unique=True))

    def __or__(self, other: "Selection") -> "Selection":
        return ~(~self & ~other)

    def mask(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Return which of `numbers` (n,) are in the set."""
        found: NDArray[np.bool_] = np.isin(numbers, self.numbers)
        return ~found if self.inverted else found

    def __contains__(self, number: int) -> bool:
        at = int(np.searchsorted(self.numbers, number))
        held = at < len(self.numbers) and int(self.numbers[at]) == number
        return held is not self.inverted


EVERYTHING: Final = Selection(inverted=True)
