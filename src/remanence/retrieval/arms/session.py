"""The session arm: a row stands higher where its session is about the matter."""

from typing import Final

import numpy as np

from remanence.retrieval.arm import Arm, Columns, agreement
from remanence.retrieval.pool import Floats, Pool
from remanence.text.query import Query

WEIGHTS: Final = {"session": 1.5}  # a session about the matter


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    """Return the column that `WEIGHTS` names."""
    return {"session": by_session(pool, agreement(columns, pool))}


def by_session(pool: Pool, both: Floats) -> Floats:
    """Return half the best score in a row's session and half the mean of its best three.

    It is 0 outside sessions.
    """
    found = np.zeros_like(both)
    order = np.lexsort((-both, pool.session))
    order = order[np.searchsorted(pool.session[order], 0) :]  # rows outside sessions come first
    if not len(order):
        return found
    sessions, scores = pool.session[order], both[order]
    first = np.ones(len(order), np.bool_)
    np.not_equal(sessions[1:], sessions[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    sizes = np.concatenate([starts[1:], [len(order)]]) - starts
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    three = np.add.reduceat(np.where(rank < 3, scores, 0), starts) / 3
    found[order] = np.repeat((scores[starts] + three) / 2, sizes)
    return found


ARM: Final = Arm("session", WEIGHTS, signals)
