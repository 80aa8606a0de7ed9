"""The neighbourhood arm: a turn and those beside it hold the question between them."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval import sums
from remanence.retrieval.arm import Arm, Columns, agreement
from remanence.retrieval.arms.lexical import content_weights
from remanence.retrieval.pool import Floats, Pool, flag, take
from remanence.text import words
from remanence.text.query import Query

WEIGHTS: Final = {
    "joined": 3.5,  # what the turns beside a row add to its coverage
    "joined_wide": 2.2,  # the same, two turns away
    "reply": 1.0,  # an answer follows its question
}
FEW: Final = 8  # terms of a query whose presence in a row is kept as one byte


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:
    """Return the columns that `WEIGHTS` names."""
    joined, wide = _joined(content_weights(query), pool)
    return {"joined": joined, "joined_wide": wide, "reply": _reply(pool, agreement(columns, pool))}


def _joined(content: Floats, pool: Pool) -> tuple[Floats, Floats]:
    """Return what the turns beside a row, then those beside them, add to its coverage."""
    importance = content * pool.idf
    importance = importance / max(float(importance.sum()), 1e-9)
    has = (pool.tf > 0).view(np.uint8)
    few = 0 < has.shape[1] <= FEW
    if few:  # the terms of a row as bits of one byte: there are fewer sums than rows
        has = np.packbits(has, axis=1, bitorder="little")[:, 0]
    before, after = take(has, pool.prev), take(has, pool.next)
    joined = has | before | after
    wide = joined | take(before, pool.prev) | take(after, pool.next)
    if few:
        table = sums.weighted(_subsets(len(importance)), importance)
        own, near, far = (table.take(each) for each in (has, joined, wide))
    else:
        own, near, far = (sums.weighted(each, importance) for each in (has, joined, wide))
    return near - own, far - near


@cache
def _subsets(terms: int) -> NDArray[np.uint8]:
    """Return (2^t, t) which of t <= 8 terms each byte holds."""
    every = np.arange(2**terms, dtype=np.uint8)[:, None]
    return np.ascontiguousarray(np.unpackbits(every, axis=1, bitorder="little")[:, :terms])


def _reply(pool: Pool, both: Floats) -> Floats:
    """Return the score of the turn before, where it ends by asking and another speaker follows."""
    asked = take(both * flag(pool, words.ENDS_ASKING), pool.prev)
    return np.where(pool.speaker != pool.speaker[pool.prev], asked, 0).astype(np.float32)


ARM: Final = Arm("neighbourhood", WEIGHTS, signals)
