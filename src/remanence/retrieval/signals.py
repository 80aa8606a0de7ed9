"""Signals: for a pool of candidate rows, numbers that speak for or against each row.

What lives here: the `Pool` (columns about the candidate rows, filled by whoever holds the index)
and `signals`, a pure function from a query and a pool to named columns of one row each. It does not
know where rows come from, how signals are weighed (fusion does), text, storage or embedders.

Every signal is 0 where it has nothing to say, and most lie in [0, 1]; BM25 is Robertson and
Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval import sums
from remanence.text import query as asking
from remanence.text import words
from remanence.text.query import Query

Floats = NDArray[np.float32]
T = TypeVar("T", bound=np.generic)

K1: Final = 1.0  # repetition counts little in turns of 25 words
B: Final = 0.4  # a long turn says more; it is not merely wordier
_PASSAGE: Final = (
    10.0,
    30.0,
)  # distinct terms: below, a question; above, a passage that hints at a memory
_SPEAKER_FADES: Final = 0.6  # share of the speaker's say that full lexical agreement takes away
_DISTINCT: Final = (
    0.15  # cosine above the mean that tells rows apart; less, where all are alike, is noise
)
_DAY: Final = 86_400.0  # seconds
_SEASON: Final = 100 * _DAY  # within which a named day falls in one country or another
_TELLING: Final = 6  # index terms from which a turn tells something
_WEEK: Final = 7 * 86_400.0  # seconds; the least slack around a time that a query names
_FED_BACK: Final = 5  # rows whose mean is the feedback vector
_FEW: Final = 8  # terms of a query whose presence in a row is kept as one byte


@dataclass(frozen=True, slots=True)
class Pool:
    """Columns about `n` candidate rows, for a query of `t` terms and `p` parts.

    tf: (n, t) occurrences of each query term in each row. idf: (t,) BM25's idf of each query term
    in the namespace. length: (n,) index terms in each row; mean_length: their mean over the
    namespace. cosine: (n, 1 + p) with the whole query, then with each part; mean_cosine: (1 + p,)
    the means over the whole namespace (the dot product of the query vector with the mean vector).
    prev, next: (n,) position in the pool of the neighbouring turn of the same session, -1 where
    there is none or it is not in the pool. session, speaker: (n,) small integers, -1 where there is
    none. flags: (n,) `words.shape`. time: (n,) seconds since 1970, NaN unknown. named: indices, as
    in `speaker`, of the speakers the query names. competence: [0, 1], share of the query that the
    embedder can read. vectors: (n, d) unit vectors for feedback (float32 saves a conversion), or
    None to do without. title, chain: (n,) in [0, 1] from `graph.Graph`, how surely the query names
    the row's title, and what the best path to the row is worth; titled: (t,) terms that such names
    account for; None where the graph is silent.
    """

    tf: NDArray[np.uint8]
    idf: Floats
    length: NDArray[np.int32]
    mean_length: float
    cosine: Floats
    mean_cosine: Floats
    prev: NDArray[np.int32]
    next: NDArray[np.int32]
    session: NDArray[np.int32]
    speaker: NDArray[np.int32]
    flags: NDArray[np.int32]
    time: NDArray[np.float64]
    named: tuple[int, ...] = ()
    competence: float = 1.0
    vectors: NDArray[np.float16] | Floats | None = None
    title: Floats | None = None
    chain: Floats | None = None
    titled: NDArray[np.bool_] | None = None


def idf(rows: int, frequency: NDArray[np.int64]) -> Floats:
    """BM25's idf, ln(1 + (N - df + 1/2) / (df + 1/2)), of terms held by `frequency` of `rows` rows."""
    return np.log1p((rows - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)


def bm25(pool: Pool) -> Floats:
    """(n, t) BM25 of each query term in each row."""
    tf = pool.tf.astype(np.float32)
    norm = K1 * (1 - B + B * pool.length.astype(np.float32) / max(pool.mean_length, 1e-9))
    return np.asarray(tf * (K1 + 1) / (tf + norm[:, None]) * pool.idf, np.float32)


def signals(query: Query, pool: Pool) -> dict[str, Floats]:
    """Columns of (n,) float32 by name; `fusion.Weights` has a field for each."""
    weights = np.array(query.weights, np.float32)
    content = np.where(query.names, 0, weights).astype(np.float32)
    if not content.any():
        content = weights  # a query that is nothing but a name
    weighted = bm25(pool) * content
    lexical = _share(sums.weighted(weighted, pool.idf))  # idf once more: names and titles lead
    dense = _dense(pool)
    both = lexical + dense[:, 0]
    found = {"lexical": lexical, "dense": dense[:, 0]}
    found["part"], found["last"] = _parts(query, weighted, lexical)
    found["feedback"] = _feedback(query, pool, both)
    found.update(_coverage(content, pool))
    found["reply"] = _reply(pool, both)
    found["session"] = _session(pool, both)
    found["speaker"] = _speaker(pool, lexical)
    found["window"] = _window(query, pool)
    found["period"] = _period(query, pool)
    found.update(_answer(query, pool))
    found.update(_manner(pool))
    found.update(_graph(weights, pool))
    return found


def _ramp(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _share(column: NDArray[np.floating]) -> Floats:
    """A column of scores >= 0 divided by its largest."""
    top = float(column.max(initial=0.0))
    return np.asarray(column / top if top > 0 else column, np.float32)


def _take(column: NDArray[T], at: NDArray[np.int32]) -> NDArray[T]:
    """Rows of `column` at positions `at`, 0 where the position is -1."""
    taken = column.take(at, axis=0, mode="wrap")
    taken[at < 0] = 0
    return taken


def _flag(pool: Pool, flag: int) -> Floats:
    return ((pool.flags & flag) > 0).astype(np.float32)


def _parts(query: Query, weighted: Floats, lexical: Floats) -> tuple[Floats, Floats]:
    """Best part's share, and the closing parts': the last, and half of the one before it."""
    if not query.members:
        return lexical, lexical
    member = np.zeros((weighted.shape[1], len(query.members)), np.float32)
    for part, terms in enumerate(query.members):
        member[list(terms), part] = 1
    each = weighted @ member
    top = each.max(axis=0, initial=0.0)
    each /= np.where(top > 0, top, 1)
    closing = each[:, -1] + 0.5 * each[:, -2]
    return each.max(axis=1), _share(closing)


def _dense(pool: Pool) -> Floats:
    """(n, 1 + p) cosine above the namespace's mean, as a share of the pool's best;

    faded by competence.
    """
    above = pool.cosine - pool.mean_cosine
    top = above.max(axis=0, initial=0.0)
    return np.asarray(pool.competence * above / np.maximum(top, _DISTINCT), np.float32)


def _coverage(content: Floats, pool: Pool) -> dict[str, Floats]:
    """Share of the query's idf in the row;

    and what the turns beside it, then those beside them, add to it.
    """
    importance = content * pool.idf
    importance = importance / max(float(importance.sum()), 1e-9)
    has = (pool.tf > 0).view(np.uint8)
    few = 0 < has.shape[1] <= _FEW
    if few:  # the terms of a row as bits of one byte: there are fewer sums than rows
        has = np.packbits(has, axis=1, bitorder="little")[:, 0]
    before, after = _take(has, pool.prev), _take(has, pool.next)
    joined = has | before | after
    wide = joined | _take(before, pool.prev) | _take(after, pool.next)
    if few:
        table = sums.weighted(_subsets(len(importance)), importance)
        own, near, far = (table.take(each) for each in (has, joined, wide))
    else:
        own, near, far = (sums.weighted(each, importance) for each in (has, joined, wide))
    return {"coverage": own, "joined": near - own, "joined_wide": far - near}


@cache
def _subsets(terms: int) -> NDArray[np.uint8]:
    """(2^t, t) which of t <= 8 terms each byte holds."""
    every = np.arange(2**terms, dtype=np.uint8)[:, None]
    return np.ascontiguousarray(np.unpackbits(every, axis=1, bitorder="little")[:, :terms])


def _reply(pool: Pool, both: Floats) -> Floats:
    """Score of the turn before, where it ends by asking and another speaker takes over:

    this row answers it.
    """
    asked = _take(both * _flag(pool, words.ENDS_ASKING), pool.prev)
    return np.where(pool.speaker != pool.speaker[pool.prev], asked, 0).astype(np.float32)


def _session(pool: Pool, both: Floats) -> Floats:
    """Half the best score in the row's session and half the mean of its best three;

    0 outside sessions.
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


def _speaker(pool: Pool, lexical: Floats) -> Floats:
    """Said by the one speaker named, counting less where the words decide;

    two named tell nothing.
    """
    if len(pool.named) != 1:
        return np.zeros_like(lexical)
    said = pool.speaker == pool.named[0]
    return np.asarray(said * (1 - _SPEAKER_FADES * lexical), np.float32)


def _answer(query: Query, pool: Pool) -> dict[str, Floats]:
    """Does the row hold the kind of thing that is asked for?"""
    return {
        "when_date": _flag(pool, words.DATE) * bool(query.asks & asking.WHEN),
        "many_number": _flag(pool, words.NUMBER) * bool(query.asks & asking.HOW_MANY),
    }


def _manner(pool: Pool) -> dict[str, Floats]:
    """Turns that seldom tell anything, and turns that often do.

    A document (no speaker) is neither.
    """
    turn = pool.speaker >= 0
    return {
        "ends_asking": _flag(pool, words.ENDS_ASKING) * turn,
        "greeting": _flag(pool, words.GREETING) * turn,
        "has_date": _flag(pool, words.DATE) * turn,
        "has_name": _flag(pool, words.NAME) * turn,
    }


def _graph(weights: Floats, pool: Pool) -> dict[str, Floats]:
    """What the graph says;

    and the share of the query that a row only repeats from a name whose passage is known.
    """
    nothing = np.zeros(len(pool.length), np.float32)
    title = nothing if pool.title is None else pool.title
    chain = nothing if pool.chain is None else pool.chain
    if pool.titled is None or not pool.titled.any():
        return {"title": title, "chain": chain, "repeated": nothing}
    importance = weights * pool.idf
    share = importance * pool.titled / max(float(importance.sum()), 1e-9)
    repeated = sums.weighted(pool.tf > 0, share) * (1 - title)
    return {"title": title, "chain": chain, "repeated": np.asarray(repeated, np.float32)}


def _window(query: Query, pool: Pool) -> Floats:
    """1 inside the time the query names, falling to 0 over the window's own width (a week at least)
    around it.
    """
    if query.window is None:
        return np.zeros(len(pool.time), np.float32)
    start, end = query.window
    width = max(end - start, _WEEK)
    distance = np.maximum(np.maximum(start - pool.time, pool.time - end), 0.0)
    return np.nan_to_num(np.clip(1 - distance / width, 0, 1), nan=0.0).astype(np.float32)


def _period(query: Query, pool: Pool) -> Floats:
    """(n,) of a query that names only a time: near 1 within it, below 1/2 outside, by the distance.

    Rows of the season that name the day themselves ("mothers' day lunch", which falls on other days
    in other countries) count as within. Turns of a word or two tell little of a time.
    """
    if query.window is None or not query.only_time:
        return np.zeros(len(pool.time), np.float32)
    start, end = query.window
    inside = (pool.time >= start) & (pool.time < end)
    distance = np.maximum(np.maximum(start - pool.time, pool.time - end), 0.0)
    telling = 0.9 + 0.1 * np.minimum(pool.length / _TELLING, 1)
    if query.occasion:
        held = (pool.tf[:, list(query.occasion)] > 0).all(axis=1)
        inside |= held & (distance < _SEASON)
    beside = np.nan_to_num(0.5 / (1 + distance / _DAY), nan=0.0)
    return np.asarray(np.where(inside, telling, beside), np.float32)


def _feedback(query: Query, pool: Pool, both: Floats) -> Floats:
    """Likeness to the mean of the five best rows (Rocchio, 1971), for passages:

    they share few words with a memory.
    """
    passage = _ramp(float(len(query.terms)), *_PASSAGE)
    if pool.vectors is None or not len(both) or passage * pool.competence <= 0:
        return np.zeros(len(both), np.float32)
    best = np.argsort(-both, kind="stable")[:_FED_BACK]
    weights = np.maximum(both[best], 0)
    centre = weights @ pool.vectors[best].astype(np.float32)
    likeness = pool.vectors.astype(np.float32, copy=False) @ centre
    likeness -= likeness.mean()
    return np.asarray(passage * pool.competence * _share(np.maximum(likeness, 0)), np.float32)
