"""The port of recall's arms: rows that an arm brings, and signals of every candidate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remanence.errors import ConfigError
from remanence.retrieval.index import Index
from remanence.retrieval.pool import Floats, Pool, zeros
from remanence.text.query import Query

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Columns = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Seeking:
    """A query over one namespace, as the arms that bring candidates see it."""

    index: Index
    """The namespace."""
    query: Query
    """What is asked."""
    keys: Sequence[int]
    """Hashes of the query's terms."""
    vectors: NDArray[np.float32] | None
    """Of the query, then of its parts, (1 + parts, dim); None where there are none."""
    allowed: Mask
    """Rows that may be returned, (n,)."""
    count: int
    """Rows that an arm brings, about."""
    lexical: Floats
    """BM25 of every row, (n,), by the query's rarest terms."""

    @property
    def mask(self) -> Mask | None:
        """Return `allowed`, or None where every row is."""
        return None if self.allowed.all() else self.allowed


@dataclass(frozen=True, slots=True)
class Followed:
    """Candidates with those that lead on from them, and what is known of how they were reached."""

    rows: Rows
    """Rows, ascending."""
    pool: Pool
    """Their columns."""
    led: Mapping[int, int]
    """Number of an episode -> number of the one that led there."""
    named: NDArray[np.uint32]
    """Hashes of the names that the query holds."""


PoolOf = Callable[[Rows], Pool]
Score = Callable[[Pool], Floats]


def _no_signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    return {}


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to find: rows that it brings, signals about all candidates, and their weights."""

    name: str
    """Key of its share in `Recollection.why`."""
    weights: Mapping[str, float]
    """Weight of each of its signals. Signals lie mostly in [0, 1], so weights compare."""
    signals: Callable[[Query, Pool, Columns], Columns] = _no_signals
    """From a query, its pool and the columns of the arms before it to columns (n,) by name."""
    candidates: Callable[[Seeking], Rows] | None = None
    """Rows that it brings, in any order; None where it only judges those of others."""
    follow: Callable[[Seeking, Rows, PoolOf, Score], Followed | None] | None = None
    """Rows reached from the candidates of all arms; None where nothing leads on."""


def weighted(arms: Sequence[Arm], weights: Mapping[str, float]) -> tuple[Arm, ...]:
    """Return arms with some of their signals' weights changed.

    Raises `ConfigError` for a signal that no arm has.
    """
    known = {name for arm in arms for name in arm.weights}
    unknown = sorted(set(weights) - known)
    if unknown:
        raise ConfigError(f"no arm has the signal {unknown[0]!r}; there are {sorted(known)}")
    return tuple(
        replace(
            arm, weights={name: weights.get(name, weight) for name, weight in arm.weights.items()}
        )
        for arm in arms
    )


def signals(query: Query, pool: Pool, arms: Sequence[Arm]) -> dict[str, Floats]:
    """Return the columns (n,) of every arm by name, each 0 where it has nothing to say."""
    found: dict[str, Floats] = {}
    for arm in arms:
        found.update(arm.signals(query, pool, found))
    return found


def column(columns: Columns, name: str, pool: Pool) -> Floats:
    """Return a column (n,), 0 where no arm gives it."""
    found = columns.get(name)
    return zeros(pool) if found is None else found


def agreement(columns: Columns, pool: Pool) -> Floats:
    """Return (n,) how well rows meet the query by words and meaning together."""
    return column(columns, "lexical", pool) + column(columns, "dense", pool)
