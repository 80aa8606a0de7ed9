"""Which rows have the keys nearest to a query: by a scan of all, or of the few lists that are near
the query.

Both forms answer with inner products, best first, and find a row as soon as it was added. `Exact`
is the twin that `Lists` is measured against.

Axes: N rows, K numbers of a key, C lists, P lists probed, k rows asked for.
"""

from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.errors import InvalidInput

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

# rows that one scan takes in 0.9 ms: lists of clustered keys take as long, others longer
EXACT_BELOW: Final = 65_536
GROWTH: Final = 4  # lists are laid anew when there are so many times the rows they were laid for
_PER_LIST: Final = 32  # sampled keys a list, from which its centre is learnt
_ROUNDS: Final = 6  # of k-means: later ones were measured to move recall by less than a point
_ASKED: Final = 128  # queries from which the number of probes is estimated
_NEAREST: Final = 32  # neighbours of each that the estimate counts
_BLOCK: Final = 16_384  # keys of one product, so that its scores stay in the cache
_ROOM: Final = 1.25  # a full list grows by a quarter


class Index(Protocol):
    """Rows by their keys. Row numbers are from 0 on, and each is added once."""

    def __len__(self) -> int: ...

    def add(self, rows: Numbers, keys: Floats) -> None:
        """Rows (N) and their keys (N, K); `search` finds them from now on."""
        ...

    def remove(self, rows: Numbers) -> None:
        """Forget these rows; those that are not here are ignored."""
        ...

    def search(self, query: Floats, k: int) -> tuple[Numbers, Floats]:
        """The numbers (<= k) of the rows whose keys have the largest inner products with `query`
        (K), and these, best first.
        """
        ...


class _Column:
    """Keys and row numbers that lie one after another, with room for more."""

    __slots__ = ("_keys", "_rows", "keys", "rows")

    def __init__(self, dim: int) -> None:
        self._keys: Floats = np.empty((0, dim), np.float32)
        self._rows: Numbers = np.empty(0, np.int64)
        self.keys, self.rows = self._keys, self._rows

    def extend(self, rows: Numbers, keys: Floats) -> None:
        old, new = len(self.rows), len(self.rows) + len(rows)
        if new > len(self._rows):
            size = max(new, int(old * _ROOM) + 1)
            more, numbers = np.empty((size, keys.shape[1]), np.float32), np.empty(size, np.int64)
            more[:old], numbers[:old] = self.keys, self.rows
            self._keys, self._rows = more, numbers
        self._keys[old:new], self._rows[old:new] = keys, rows
        self.keys, self.rows = self._keys[:new], self._rows[:new]

    def drop(self, rows: Numbers) -> int:
        """How many were here.

        What they leave behind is overwritten, so that no key outlasts its row.
        """
        stay = ~np.isin(self.rows, rows)
        left = int(stay.sum())
        gone = len(stay) - left
        if gone:
            self._keys[:left], self._rows[:left] = self.keys[stay], self.rows[stay]
            self._keys[left : left + gone] = 0
            self.keys, self.rows = self._keys[:left], self._rows[:left]
        return gone


class Exact:
    """Every key, every time."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._all = _Column(dim)

    def __len__(self) -> int:
        return len(self._all.rows)

    def add(self, rows: Numbers, keys: Floats) -> None:
        self._all.extend(*_checked(rows, keys, self.dim))

    def remove(self, rows: Numbers) -> None:
        self._all.drop(rows)

    def search(self, query: Floats, k: int) -> tuple[Numbers, Floats]:
        place, scores = _best(self._all.keys @ _query(query, self.dim), k)
        return self._all.rows[place], scores


class Lists:
    """Keys in lists around centres; a search scans the lists whose centres are nearest (inverted
    lists: Sivic & Zisserman, ICCV 2003, and Jegou et al., "Product quantization for nearest
    neighbor search", 2011, section IV, without the quantisation).

    `recall` is the share of the nearest 32 rows that a search is to find, on the average. How many
    lists that takes is measured on the queries of `calibrate`, or on stored keys where there are
    none, whenever the lists are laid: keys in clusters need a few of them, and keys without any
    structure nearly half. So the share found is held to, within the error of that sample, and the
    time is what varies. Up to `exact_below` rows there is one list, and every row is found. Raises
    `InvalidInput` for what does not fit.
    """

    def __init__(
        self, dim: int, *, recall: float = 0.97, seed: int = 0, exact_below: int = EXACT_BELOW
    ) -> None:
        if not 0 < recall <= 1:
            raise InvalidInput(f"recall={recall} is no share; give more than 0 and at most 1")
        if exact_below < GROWTH:
            raise InvalidInput(f"exact_below={exact_below} is too few rows; give {GROWTH} or more")
        self.dim, self.recall = dim, recall
        self._seed, self._exact_below = seed, exact_below
        self._queries: Floats | None = None
        self._centres: Floats = np.zeros((1, dim), np.float32)  # (C, K)
        self._lists = [_Column(dim)]
        self._where: NDArray[np.int32] = np.empty(0, np.int32)  # the list of each row, -1: none
        self._count = 0
        self._laid_for = exact_below // GROWTH
        self.probes = 1

    def __len__(self) -> int:
        return self._count

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return len(self._lists)

    @property
    def nbytes(self) -> int:
        """Bytes of keys and row numbers, room for more not counted."""
        return self._count * (4 * self.dim + 8) + self._centres.nbytes

    def add(self, rows: Numbers, keys: Floats) -> None:
        rows, keys = _checked(rows, keys, self.dim)
        if not len(rows):
            return
        self._file(rows, keys)
        self._count += len(rows)
        if self._count > GROWTH * self._laid_for:
            self._lay()

    def remove(self, rows: Numbers) -> None:
        known = rows[(rows >= 0) & (rows < len(self._where))]
        for each in np.unique(self._where[known]):
            if each >= 0:
                self._count -= self._lists[each].drop(known)
        self._where[known] = -1
        if self.lists > 1 and GROWTH * self._count < self._laid_for:
            self._lay()

    def search(self, query: Floats, k: int) -> tuple[Numbers, Floats]:
        query = _query(query, self.dim)
        near = self._near(query)
        columns = [self._lists[each] for each in near]
        if sum(len(column.rows) for column in columns) < min(k, self._count):
            columns = self._lists  # the near lists alone hold too few
        scores = np.concatenate([column.keys @ query for column in columns])
        place, best = _best(scores, k)
        ends = np.cumsum([len(column.rows) for column in columns])
        found = np.empty(len(place), np.int64)
        for at, (each, inside) in enumerate(
            zip(np.searchsorted(ends, place, "right"), place, strict=True)
        ):
            column = columns[each]
            found[at] = column.rows[inside - ends[each] + len(column.rows)]
        return found, best

    def calibrate(self, queries: Floats) -> None:
        """Choose the number of probes for searches like these (n, K), now and whenever the lists
        are laid anew.
        """
        if queries.ndim != 2 or queries.shape[1] != self.dim or not len(queries):
            raise InvalidInput(
                f"queries are {queries.shape}; give at least one, as (n, {self.dim})"
            )
        self._queries = np.ascontiguousarray(queries[:_ASKED], np.float32)
        if self.lists > 1:
            self._estimate()

    def _near(self, query: Floats) -> Numbers:
        if self.probes >= self.lists:
            return np.arange(self.lists)
        return np.argpartition(self._centres @ query, -self.probes)[-self.probes :]

    def _file(self, rows: Numbers, keys: Floats) -> None:
        """Put rows into the lists of their nearest centres."""
        if (top := int(rows.max()) + 1) > len(self._where):
            wide = np.full(max(top, int(len(self._where) * _ROOM)), -1, np.int32)
            wide[: len(self._where)] = self._where
            self._where = wide
        into = _nearest(self._centres, keys)
        self._where[rows] = into
        order = np.argsort(into, kind="stable")
        edges = np.flatnonzero(np.diff(into[order])) + 1
        for group in np.split(order, edges):
            self._lists[into[group[0]]].extend(rows[group], keys[group])

    def _lay(self) -> None:
        """New centres for the rows that there are, and all rows filed anew."""
        rows = np.concatenate([column.rows for column in self._lists])
        keys = np.concatenate([column.keys for column in self._lists])
        self._laid_for = max(len(rows), self._exact_below // GROWTH)
        if len(rows) > self._exact_below:
            count = int(2 * np.sqrt(len(rows)))
            self._centres = _centres(keys, count, np.random.default_rng(self._seed))
        else:
            self._centres, self.probes = np.zeros((1, self.dim), np.float32), 1
        self._lists = [_Column(self.dim) for _ in self._centres]
        if len(rows):
            self._file(rows, keys)
        if self.lists > 1:
            self._estimate()

    def _estimate(self) -> None:
        """So many probes that `recall` of the sampled queries' nearest rows lie in the lists
        probed.
        """
        rows = np.concatenate([column.rows for column in self._lists])
        keys = np.concatenate([column.keys for column in self._lists])
        asked = self._queries
        skip = 0
        if asked is None:  # stored keys ask, and do not count themselves
            choice = np.random.default_rng(self._seed).choice(len(keys), _ASKED)
            asked, skip = keys[choice], 1
        best = _exact(keys, asked, _NEAREST + skip)[:, skip:]  # (n, 32) places
        lists = self._where[rows[best]]  # (n, 32)
        order = np.argsort(-(asked @ self._centres.T), axis=1)  # (n, C)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(order.shape[1])[None, :], axis=1)
        needed = np.take_along_axis(rank, lists.astype(np.int64), axis=1)
        self.probes = 1 + int(np.quantile(needed, self.recall, method="higher"))


def recall(index: Index, twin: Index, queries: Floats, k: int) -> float:
    """The share of the `k` rows that `twin` finds for each of `queries` (n, K) which `index` finds
    too.
    """
    shared = sum(
        len(np.intersect1d(index.search(query, k)[0], twin.search(query, k)[0]))
        for query in queries
    )
    return shared / max(1, len(queries) * min(k, len(twin)))


def _checked(rows: Numbers, keys: Floats, dim: int) -> tuple[Numbers, Floats]:
    if keys.shape != (len(rows), dim):
        raise InvalidInput(f"{len(rows)} rows need keys of {(len(rows), dim)}, not {keys.shape}")
    if len(rows) and rows.min() < 0:
        raise InvalidInput(f"row {rows.min()} is below 0; rows are counted from 0 on")
    if not np.isfinite(keys).all():
        raise InvalidInput("a key is not finite; a search could never rank it")
    return np.asarray(rows, np.int64), np.asarray(keys, np.float32)


def _query(query: Floats, dim: int) -> Floats:
    if query.shape != (dim,):
        raise InvalidInput(f"a query is {query.shape}, the keys {(dim,)}; give one of their length")
    return np.ascontiguousarray(query, np.float32)


def _best(scores: Floats, k: int) -> tuple[Numbers, Floats]:
    """Places of the largest, best first. torch selects in a third of numpy's time."""
    found = torch.from_numpy(scores).topk(min(k, len(scores)))
    return found.indices.numpy(), found.values.numpy()


def _nearest(centres: Floats, keys: Floats) -> NDArray[np.int32]:
    """The centre (N) with the largest inner product with each key (N, K)."""
    if len(centres) == 1:
        return np.zeros(len(keys), np.int32)
    blocks = [
        (keys[start : start + _BLOCK] @ centres.T).argmax(1)
        for start in range(0, len(keys), _BLOCK)
    ]
    return np.concatenate(blocks).astype(np.int32)


def _exact(keys: Floats, queries: Floats, k: int) -> Numbers:
    """Places (n, k) of the keys nearest to each query, best first, block by block."""
    asked = torch.from_numpy(queries)
    best = torch.empty(len(asked), 0)
    place = torch.empty(len(asked), 0, dtype=torch.long)
    for start in range(0, len(keys), _BLOCK):
        scores = asked @ torch.from_numpy(keys[start : start + _BLOCK]).T
        here = scores.topk(min(k, scores.shape[1]))
        both, at = torch.cat([best, here.values], 1), torch.cat([place, here.indices + start], 1)
        kept = both.topk(min(k, both.shape[1]))
        best, place = kept.values, at.gather(1, kept.indices)
    return place.numpy()


def _centres(keys: Floats, count: int, random: np.random.Generator) -> Floats:
    """Spherical k-means (Dhillon & Modha, 2001) on a sample: unit centres (C, K)."""
    sample = keys[random.choice(len(keys), min(len(keys), _PER_LIST * count), replace=False)]
    centres = sample[:count].copy()
    for _ in range(_ROUNDS):
        into = _nearest(_unit(centres), sample)
        sizes = np.bincount(into, minlength=count)
        order = np.argsort(into, kind="stable")
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        filled = sizes > 0
        centres[filled] = np.add.reduceat(sample[order], starts[filled], axis=0)
        # An empty list starts again inside the largest ones.
        crowded = np.argsort(-sizes)[: int((~filled).sum())]
        centres[~filled] = sample[order[starts[crowded]]]
    return _unit(centres)


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = (vectors / np.maximum(length, 1e-12)).astype(np.float32)
    return scaled
