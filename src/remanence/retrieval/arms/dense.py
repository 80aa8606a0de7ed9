"""The dense arm: rows whose vectors are near to the query's."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from remanence.retrieval.arm import Arm, Columns, Rows, Seeking, agreement
from remanence.retrieval.candidates import best, rescored
from remanence.retrieval.pool import Floats, Pool, ramp, share, zeros
from remanence.text.query import Query

WEIGHTS: Final = {
    "dense": 1.4,  # likeness in meaning; faded where the embedder cannot read the query
    "feedback": 1.6,  # a passage shares a topic with memories, not words: likeness to the best
}
BY_EMBEDDER: Final[Mapping[str, float]] = {"multilingual-e5-small": 3.0}
"""Name of an embedder -> weight of `dense` that was measured to fit it better."""
DISTINCT: Final = 0.15  # cosine above the mean that tells rows apart; less is noise
PASSAGE: Final = (10.0, 30.0)  # distinct terms: below, a question; above, a passage that hints
FED_BACK: Final = 5  # rows whose mean is the feedback vector


def candidates(seeking: Seeking) -> Rows:
    """Return the rows with the largest cosine."""
    if seeking.vectors is None or not seeking.vectors[0].any():
        return np.empty(0, np.int64)
    query, held = seeking.vectors[0], seeking.index.dense
    near = held.nearest(query, max(seeking.count, rescored(len(seeking.index))), seeking.mask)
    return near[best(held.at(query, near), seeking.count)]


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:
    """Return the columns that `WEIGHTS` names."""
    alike = likeness(pool)[:, 0]
    return {"dense": alike, "feedback": _feedback(query, pool, {**columns, "dense": alike})}


def likeness(pool: Pool) -> Floats:
    """Return (n, 1 + p) cosine above the namespace's mean, as a share of the pool's best.

    It fades with the share of the query that the embedder cannot read.
    """
    above = pool.cosine - pool.mean_cosine
    top = above.max(axis=0, initial=0.0)
    return np.asarray(pool.competence * above / np.maximum(top, DISTINCT), np.float32)


def _feedback(query: Query, pool: Pool, columns: Columns) -> Floats:
    """Return (n,) likeness to the mean of the best rows (Rocchio, 1971), for passages."""
    passage = ramp(float(len(query.terms)), *PASSAGE)
    if pool.vectors is None or not len(pool.length) or passage * pool.competence <= 0:
        return zeros(pool)
    both = agreement(columns, pool)
    leading = np.argsort(-both, kind="stable")[:FED_BACK]
    centre = np.maximum(both[leading], 0) @ pool.vectors[leading].astype(np.float32)
    alike = pool.vectors.astype(np.float32, copy=False) @ centre
    alike -= alike.mean()
    return np.asarray(passage * pool.competence * share(np.maximum(alike, 0)), np.float32)


ARM: Final = Arm("dense", WEIGHTS, signals, candidates)
