"""The graph arm: passages that the query names, and those that a walk from there reaches."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval import sums
from remanence.retrieval.arm import Arm, Columns, Followed, PoolOf, Rows, Score, Seeking
from remanence.retrieval.candidates import distinct
from remanence.retrieval.pool import Floats, Pool, zeros
from remanence.text import words
from remanence.text.query import Query

WEIGHTS: Final = {
    "title": 5.0,  # the query names the passage
    "chain": 6.0,  # a path leads there, and it answers what is left to answer
    "repeated": -4.0,  # shares with the query only the name of a passage that is known
}


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    """Return the columns that `WEIGHTS` names."""
    title = zeros(pool) if pool.title is None else pool.title
    chain = zeros(pool) if pool.chain is None else pool.chain
    if pool.titled is None or not pool.titled.any():
        return {"title": title, "chain": chain, "repeated": zeros(pool)}
    importance = np.array(query.weights, np.float32) * pool.idf
    share = importance * pool.titled / max(float(importance.sum()), 1e-9)
    repeated = sums.weighted(pool.tf > 0, share) * (1 - title)
    return {"title": title, "chain": chain, "repeated": np.asarray(repeated, np.float32)}


def follow(seeking: Seeking, rows: Rows, pool_of: PoolOf, score: Score) -> Followed | None:
    """Return `rows` with what the query names and what a walk from there and from them reaches."""
    index, query, graph = seeking.index, seeking.query, seeking.index.graph
    if graph.silent:
        return None
    alive = index.column("alive").astype(np.bool_)
    named = graph.named(query.text, alive)
    rows = distinct(np.concatenate([rows, named.rows]))
    pool = replace(pool_of(rows), title=_spread(named.rows, named.strengths, rows))
    importance = np.array(query.weights, np.float32) * pool.idf
    reached = graph.walk(
        named,
        rows,
        score(pool),
        importance,
        lambda at: index.lexical.counts(seeking.keys, at) > 0,
        alive,
    )
    every = distinct(np.concatenate([rows, reached.rows]))
    if len(every) > len(rows):
        pool = pool_of(every)
    known = {term for phrase in named.phrases for term in words.terms(phrase)}
    pool = replace(
        pool,
        title=_spread(named.rows, named.strengths, every),
        chain=_spread(reached.rows, reached.worth, every),
        titled=np.array([term in known for term in query.terms], np.bool_),
    )
    ids = index.column("id")
    led = dict(zip(ids[reached.rows].tolist(), ids[reached.via].tolist(), strict=True))
    return Followed(every, pool, led, named.known)


def _spread(rows: Rows, values: Floats, pool: Rows) -> Floats:
    """Return `values` (m,) of `rows` (m,) as a column of the ascending `pool` (n,), else 0."""
    column: NDArray[np.float32] = np.zeros(len(pool), np.float32)
    column[np.searchsorted(pool, rows)] = values
    return column


ARM: Final = Arm("graph", WEIGHTS, signals, follow=follow)
