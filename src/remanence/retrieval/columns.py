"""A numpy array that grows at its end. It knows nothing of what it holds."""

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Column:
    """Amortised append: capacity doubles, `values` is a view of the used part."""

    __slots__ = ("_buffer", "_used")

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        shape = (0,) if width is None else (0, width)
        self._buffer: NDArray[np.generic] = np.empty(shape, dtype)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def values(self) -> NDArray[np.generic]:
        """(n,) or (n, width); a view: valid until the next `extend`."""
        return self._buffer[: self._used]

    @property
    def nbytes(self) -> int:
        """Bytes held, spare capacity included."""
        return self._buffer.nbytes

    def reserve(self, count: int) -> None:
        """Make room for `count` rows in all, so that a large load does not grow step by step."""
        if count > len(self._buffer):
            grown = np.empty((count, *self._buffer.shape[1:]), self._buffer.dtype)
            grown[: self._used] = self.values
            self._buffer = grown

    def trim(self) -> None:
        """Give back the room that no row uses."""
        if self._used < len(self._buffer):
            self._buffer = self.values.copy()

    def extend(self, values: NDArray[np.generic]) -> None:
        """Append rows."""
        needed = self._used + len(values)
        if needed > len(self._buffer):
            # 1/8 spare once large: a million vectors should not cost two million.
            self.reserve(needed + max(64, needed if needed < 65_536 else needed // 8))
        self._buffer[self._used : needed] = values
        self._used = needed
