"""Fusion: the arms' signals become one score, and say which arm gave what.

It knows neither how a signal is measured (`arms`) nor where rows come from.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from remanence.retrieval.arm import Arm, Columns, signals
from remanence.retrieval.arms import ARMS
from remanence.retrieval.pool import Floats, Pool, zeros
from remanence.text.query import Query


def fuse(query: Query, pool: Pool, arms: Sequence[Arm] = ARMS) -> tuple[Floats, dict[str, Floats]]:
    """Return scores (n,) of the pool's rows, and each arm's share (n,), which add up to them."""
    return weigh(signals(query, pool, arms), pool, arms)


def weigh(
    columns: Columns, pool: Pool, arms: Sequence[Arm] = ARMS
) -> tuple[Floats, dict[str, Floats]]:
    """Return scores (n,) of rows by their signals, and each arm's share (n,)."""
    shares = {
        arm.name: total(
            [weight * columns[name] for name, weight in arm.weights.items() if weight], pool
        )
        for arm in arms
    }
    return total(list(shares.values()), pool), shares


def total(columns: Sequence[Floats], pool: Pool) -> Floats:
    """Return the sum (n,) of columns, one after another; 0 of none.

    It is `np.sum(columns, axis=0)` without a copy of them all in one array.
    """
    return reduce(np.add, columns) if columns else zeros(pool)
