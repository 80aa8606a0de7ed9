"""Sums over a query's terms: each row of a narrow matrix times one vector. It knows no query.

Not by `@`: OpenBLAS's `sgemv` for such shapes computes with lanes of its stack that it has never
written. It throws what comes of them away, so that the sums are right, but now and then such a lane
is a signalling NaN, and numpy reports an invalid value where there is none. Numpy's own loops read
only what was written, still tell of a value that is invalid, and over a few hundred rows take
microseconds more.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def weighted(matrix: NDArray[Any], weights: Floats) -> Floats:
    """(n,) for each row of (n, t) the sum of its values, each times a weight of (t,)."""
    return np.asarray(np.multiply(matrix, weights).sum(axis=1, dtype=np.float32))


def overlaps(left: Floats, right: NDArray[Any]) -> Floats:
    """(s, m) the inner product of each row of (s, t) with each of (m, t).

    A single row would go to `sgemv` too.
    """
    if len(left) == 1:
        return weighted(right, left[0])[None]
    return np.asarray(left @ right.T.astype(np.float32, copy=False))
