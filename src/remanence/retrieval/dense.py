"""Vectors of one namespace: nearest rows by cosine.

Vectors, and beside them one sign bit per dimension of the centred vector. A query is compared with
all codes by XOR and popcount, the best few hundred are rescored with the vectors (Charikar,
"Similarity estimation techniques from rounding algorithms", STOC 2002, is why sign bits estimate
the angle). Centring matters: text embeddings share a large mean, and without taking it out most
signs agree everywhere.

The store keeps float16. In memory the same two bytes hold fixed point, of which numpy makes float32
ten times as fast; the step, 2^-15, is that of float16 at the size of a unit vector's components. It
knows rows and vectors, not texts.
"""

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.columns import Column

EXACT_BELOW = 1_500  # rows that are simply all scored
_SAMPLED = 65_536  # distances from which a bound is estimated
_CACHED = 512  # rows whose floats are made at a time
_ONE = 32_767  # 1.0 in fixed point

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Dense:
    """Cosine search over the rows of one namespace. Rows are numbered by arrival.

    `centre` (dim,) is the mean of typical vectors, or None: then it is that of the rows themselves,
    taken again whenever their number has grown fourfold.
    """

    def __init__(self, dim: int, centre: Floats | None) -> None:
        self.dim = dim
        self._vectors = Column(np.int16, dim)  # fixed point
        # One column per 64 dimensions: a scan then runs through memory in order, with no sum over
        # a short axis (measured at 1M rows: 3.5 ms against 23 ms for rows of four words).
        self._codes = [Column(np.uint64) for _ in range(-(-dim // 64))]
        self._fixed = centre is not None
        self._centre = np.zeros(dim, np.float32) if centre is None else centre.astype(np.float32)
        self._estimated_at = 0
        self._sum = np.zeros(dim, np.float64)

    @property
    def mean(self) -> Floats:
        """The mean of all vectors (dim,), retired rows included."""
        return (self._sum / max(1, len(self))).astype(np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._vectors.nbytes + sum(column.nbytes for column in self._codes)

    def reserve(self, count: int) -> None:
        """Make room for `count` rows in all."""
        for column in (self._vectors, *self._codes):
            column.reserve(count)

    def extend(self, vectors: NDArray[np.float16]) -> None:
        """Append rows of L2-normalised vectors (n, dim); a zero row is a text without a vector."""
        for start in range(0, len(vectors), 16_384):  # float32 copies stay small
            block = vectors[start : start + 16_384].astype(np.float32)
            self._sum += block.sum(axis=0, dtype=np.float64)
            self._vectors.extend(np.rint(block * _ONE).astype(np.int16))
            if self._fixed or self._estimated_at:
                self._encode(block)
        if not self._fixed and len(self) >= max(64, 4 * self._estimated_at):
            self._estimate()

    def _encode(self, vectors: Floats) -> None:
        for column, words in zip(self._codes, self._pack(vectors), strict=True):
            column.extend(words)

    def _estimate(self) -> None:
        self._centre = self.mean
        self._estimated_at = len(self)
        self._codes = [Column(np.uint64) for _ in self._codes]
        for start in range(0, len(self), 16_384):
            self._encode(self.vectors(slice(start, start + 16_384)))

    def _pack(self, vectors: Floats) -> NDArray[np.uint64]:
        bits = np.packbits(vectors > self._centre, axis=1)  # (n, ceil(dim / 8))
        wide = np.zeros((len(vectors), 8 * len(self._codes)), np.uint8)
        wide[:, : bits.shape[1]] = bits
        return np.ascontiguousarray(wide.view(np.uint64).T)  # (ceil(dim / 64), n)

    def vectors(self, rows: Rows | slice) -> Floats:
        """The vectors of `rows` (m,) -> (m, dim)."""
        found = self._vectors.values[rows].astype(np.float32)
        found *= 1 / _ONE
        return found

    def at(self, query: Floats, rows: Rows) -> Floats:
        """Exact cosine of `query` (dim,) with each of `rows` (m,) -> (m,)."""
        scores = np.empty(len(rows), np.float32)
        scaled = query * np.float32(1 / _ONE)
        stored = self._vectors.values
        for start in range(0, len(rows), _CACHED):  # a block's floats never leave the cache
            block = stored.take(rows[start : start + _CACHED], axis=0).astype(np.float32)
            np.matmul(block, scaled, out=scores[start : start + _CACHED])
        return scores

    def nearest(self, query: Floats, count: int, allowed: Mask | None = None) -> Rows:
        """About the `count` nearest rows, in no order; `allowed` (n,) excludes the others.

        Up to `EXACT_BELOW` eligible rows all are returned, for the caller to score with `at`.
        """
        rows: Rows | None = None
        if allowed is not None and 8 * np.count_nonzero(allowed) <= len(self):
            rows = np.flatnonzero(allowed)  # few: gathering them is cheaper than scanning all
        if (len(self) if rows is None else len(rows)) <= EXACT_BELOW:
            if rows is None:
                rows = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
            return rows
        distance = self._hamming(query, rows)
        if rows is None and allowed is not None:
            distance[~allowed] = 255
        chosen = smallest(distance, count)
        return chosen if rows is None else rows[chosen]

    def _hamming(self, query: Floats, rows: Rows | None) -> NDArray[np.uint8]:
        """Differing bits per row, saturating at 255 in effect: 256 of 256 never is a neighbour."""
        code = self._pack(query[None, :])[:, 0]
        # Beyond 256 bits a byte would wrap round: there, half of every count keeps the order.
        halve = len(self._codes) > 4
        total = np.zeros(len(self) if rows is None else len(rows), np.uint8)
        for word, column in zip(code, self._codes, strict=True):
            values = column.values if rows is None else column.values[rows]
            count = np.bitwise_count(values ^ word)
            total += count >> 1 if halve else count
        return total


def smallest(distance: NDArray[np.uint8], count: int) -> Rows:
    """At least `count` positions with the smallest values, ties included up to twice as many."""
    if count >= len(distance):
        return np.arange(len(distance))
    # The rank of a value is estimated from every so-many-th position, a little generously; then one
    # comparison with all leaves few to look at one by one.
    stride = max(1, len(distance) // _SAMPLED)
    ranks = np.cumsum(np.bincount(distance[::stride], minlength=256))
    bound = int(np.searchsorted(ranks, count * 5 // (4 * stride) + 8))
    near = np.flatnonzero(distance <= min(bound, 255))
    if len(near) < count:
        near = np.arange(len(distance))
    if len(near) > 2 * count:
        values = distance[near]
        limit = int(np.searchsorted(np.cumsum(np.bincount(values, minlength=256)), count))
        near = near[values <= limit]
        if len(near) > 2 * count:
            values = distance[near]
            inside = near[values < limit]
            near = np.concatenate((inside, near[values == limit][: 2 * count - len(inside)]))
    return near
