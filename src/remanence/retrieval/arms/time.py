"""The time arm: rows of the time that the query names."""

from typing import Final

import numpy as np

from remanence.retrieval.arm import Arm, Columns, Rows, Seeking
from remanence.retrieval.candidates import best
from remanence.retrieval.pool import Floats, Pool, flag, zeros
from remanence.text import words
from remanence.text.query import Query

WEIGHTS: Final = {
    "window": 2.4,  # of the time that the question names
    "period": 24.0,  # nothing but a time is asked for: above what stray words can add
}
IN_WINDOW: Final = 150  # rows taken from the time that a query names
ASKING: Final = 0.2  # taken from what a turn that asks for something tells of its time
DAY: Final = 86_400.0  # seconds
WEEK: Final = 7 * DAY  # the least slack around a time that a query names
SEASON: Final = 100 * DAY  # within which a named day falls in one country or another
TELLING: Final = 6  # index terms from which a turn tells something


def candidates(seeking: Seeking) -> Rows:
    """Return rows of the time that the query names; the lexically best of them if many."""
    if seeking.query.window is None:
        return np.empty(0, np.int64)
    start, end = seeking.query.window
    at = seeking.index.column("at")
    inside = (at >= start * 1e6) & (at < end * 1e6) & seeking.allowed
    rows = np.flatnonzero(inside)
    return rows[best(seeking.lexical[rows], IN_WINDOW)]


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    """Return the columns that `WEIGHTS` names."""
    return {"window": _window(query, pool), "period": _period(query, pool)}


def _window(query: Query, pool: Pool) -> Floats:
    """Return 1 inside the time named, falling to 0 over its own width, a week at least."""
    if query.window is None:
        return zeros(pool)
    start, end = query.window
    width = max(end - start, WEEK)
    distance = np.maximum(np.maximum(start - pool.time, pool.time - end), 0.0)
    return np.nan_to_num(np.clip(1 - distance / width, 0, 1), nan=0.0).astype(np.float32)


def _period(query: Query, pool: Pool) -> Floats:
    """Return, for a query that names only a time, near 1 within it, below 1/2 by the distance.

    Rows of the season that name the day themselves ("mothers' day lunch", which falls on other days
    in other countries) count as within. Turns of a word or two, and those that ask for something,
    tell little of a time.
    """
    if query.window is None or not query.only_time:
        return zeros(pool)
    start, end = query.window
    inside = (pool.time >= start) & (pool.time < end)
    distance = np.maximum(np.maximum(start - pool.time, pool.time - end), 0.0)
    telling = 0.9 + 0.1 * np.minimum(pool.length / TELLING, 1)
    telling = telling - ASKING * flag(pool, words.REQUEST)
    if query.occasion:
        held = (pool.tf[:, list(query.occasion)] > 0).all(axis=1)
        inside |= held & (distance < SEASON)
    beside = np.nan_to_num(0.5 / (1 + distance / DAY), nan=0.0)
    return np.asarray(np.where(inside, telling, beside), np.float32)


ARM: Final = Arm("time", WEIGHTS, signals, candidates)
