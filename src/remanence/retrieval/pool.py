"""Candidates of a query as columns, and small sums over them that several arms share."""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
T = TypeVar("T", bound=np.generic)

K1: Final = 1.0  # repetition counts little in turns of 25 words
B: Final = 0.4  # a long turn says more; it is not merely wordier


@dataclass(frozen=True, slots=True)
class Pool:
    """Columns about `n` candidate rows, for a query of `t` terms and `p` parts."""

    tf: NDArray[np.uint8]
    """(n, t) occurrences of each query term in each row."""
    idf: Floats
    """(t,) BM25's idf of each query term in the namespace."""
    length: NDArray[np.int32]
    """(n,) index terms in each row."""
    mean_length: float
    """Their mean over the namespace."""
    cosine: Floats
    """(n, 1 + p) with the whole query, then with each part."""
    mean_cosine: Floats
    """(1 + p,) means over the whole namespace: query vector times mean vector."""
    prev: NDArray[np.int32]
    """(n,) position in the pool of the turn before in the session, -1 where there is none."""
    next: NDArray[np.int32]
    """(n,) position in the pool of the turn after, likewise."""
    session: NDArray[np.int32]
    """(n,) small integers, -1 where there is none."""
    speaker: NDArray[np.int32]
    """(n,) small integers, -1 where there is none."""
    flags: NDArray[np.int32]
    """(n,) of `words.shape`."""
    time: NDArray[np.float64]
    """(n,) seconds since 1970, NaN unknown."""
    named: tuple[int, ...] = ()
    """Speakers that the query names, as in `speaker`."""
    competence: float = 1.0
    """Share of the query that the embedder can read, in [0, 1]."""
    vectors: NDArray[np.float16] | Floats | None = None
    """(n, d) unit vectors for feedback (float32 saves a conversion); None does without."""
    title: Floats | None = None
    """(n,) in [0, 1], how surely the query names the row's title; None: the graph is silent."""
    chain: Floats | None = None
    """(n,) in [0, 1], worth of the best path to the row; None: the graph is silent."""
    titled: NDArray[np.bool_] | None = None
    """(t,) terms that such names account for; None: the graph is silent."""


def idf(rows: int, frequency: NDArray[np.int64]) -> Floats:
    """Return BM25's idf, ln(1 + (N - df + 1/2) / (df + 1/2)), of terms held by df of N rows."""
    return np.log1p((rows - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)


def bm25(pool: Pool) -> Floats:
    """Return (n, t) BM25 of each query term in each row.

    Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
    """
    tf = pool.tf.astype(np.float32)
    norm = K1 * (1 - B + B * pool.length.astype(np.float32) / max(pool.mean_length, 1e-9))
    return np.asarray(tf * (K1 + 1) / (tf + norm[:, None]) * pool.idf, np.float32)


def zeros(pool: Pool) -> Floats:
    """Return a column of nothing, (n,)."""
    return np.zeros(len(pool.length), np.float32)


def ramp(value: float, low: float, high: float) -> float:
    """Return 0 below `low`, 1 above `high`, and the share of the way between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def share(column: NDArray[np.floating]) -> Floats:
    """Return a column of scores >= 0 divided by its largest."""
    top = float(column.max(initial=0.0))
    return np.asarray(column / top if top > 0 else column, np.float32)


def take(column: NDArray[T], at: NDArray[np.int32]) -> NDArray[T]:
    """Return rows of `column` at positions `at`, 0 where the position is -1."""
    taken = column.take(at, axis=0, mode="wrap")
    taken[at < 0] = 0
    return taken


def flag(pool: Pool, bit: int) -> Floats:
    """Return (n,) 1 where a row has a flag of `words.shape`."""
    return ((pool.flags & bit) > 0).astype(np.float32)
