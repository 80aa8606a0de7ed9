"""Evidence about the candidates for a reader: columns about each, and what each one is to each
other.

What lives here: the `View` and how it is made from a query, its pool and the graph. Nothing in it
belongs to one collection: ranks, gaps between scores, shares of the question, likenesses, and how
surely one passage mentions what another one is about; no embedding, no word, no name. It does not
know what a reader makes of it (`reader`), or how it is trained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval import sums
from remanence.retrieval.graph import Graph
from remanence.retrieval.pool import Floats, Pool
from remanence.text import names
from remanence.text.query import Query

SEEN: Final = 48  # candidates that a reader looks at, the best by fusion
ARMS: Final = (
    "lexical",
    "dense",
    "neighbourhood",
    "session",
    "speaker",
    "time",
    "answer",
    "manner",
    "graph",
)
COLUMNS: Final = (
    "gap",
    "spread",
    "rank",
    *ARMS,
    "coverage",
    "rest",
    "title",
    "chain",
    "cosine",
    "length",
    "passage",
)
RELATIONS: Final = (
    "mentions",
    "mentioned",
    "share a name",
    "alike",
    "answers more",
    "answers the same",
    "mentions, more",
    "mentioned, more",
    "share a name, more",
    "alike, more",
    "beside",
    "session",
    "title",
    "time",
)
ARM: Final = 4.0  # what an arm's contribution is divided by, so that columns lie about in [-1, 1]
_LEAST_SPREAD: Final = 0.25  # of scores
_COMMON: Final = 60  # rows that mention a name, above which sharing it says nothing
_DAY: Final = 86_400.0  # seconds
_BITS: Final = 0xFFFF
_WORTH: Final = np.array([0, 0, 0.5, 1.0, 0.8, 1.0], np.float32)  # of a name, by its kind

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class View:
    """`k` candidates, best first by fusion, for a question of `t` terms; float32 throughout.

    scores: (k,) of fusion. columns: (k, len(COLUMNS)). has: (k, t) 1 where the row holds the term;
    share: (t,) of the question that each term makes up. relations: (len(RELATIONS), k, k), [r, i,
    j] what j is to i. titled: the share of the k that have a title.
    """

    scores: Floats
    columns: Floats
    has: Floats
    share: Floats
    relations: Floats
    titled: float


def view(
    query: Query,
    pool: Pool,
    scores: Floats,
    contributions: Mapping[str, Floats],
    graph: Graph,
    rows: Rows,
    order: Rows,
    said: NDArray[np.uint32],
) -> View:
    """The view of the candidates at `order` (k,) in the pool, whose `rows` (n,), `scores` (n,) and
    `contributions` are given; `said` are the names that the query holds.
    """
    has = (pool.tf[order] > 0).astype(np.float32)
    weights = np.array(query.weights, np.float32)
    content = np.where(query.names, 0, weights).astype(np.float32)
    importance = (content if content.any() else weights) * pool.idf
    share = importance / max(float(importance.sum()), 1e-9)
    links, titled = _links(said, graph, rows[order], pool.speaker[order] >= 0)
    return View(
        scores=scores[order],
        columns=_columns(pool, scores, contributions, order, has, share),
        has=has,
        share=share,
        relations=_relations(pool, order, has, share, links),
        titled=titled,
    )


def _columns(
    pool: Pool,
    scores: Floats,
    contributions: Mapping[str, Floats],
    order: Rows,
    has: Floats,
    share: Floats,
) -> Floats:
    best = scores[order]
    nothing = np.zeros(len(order), np.float32)
    known = np.zeros(len(share), np.bool_) if pool.titled is None else pool.titled
    columns = [
        (best - best[:1]) / 4,
        (best - best.mean()) / max(float(best.std()), _LEAST_SPREAD),
        np.log1p(np.arange(len(order))) / np.log(101),
        *(contributions[arm][order] / ARM if arm in contributions else nothing for arm in ARMS),
        sums.weighted(has, share),
        sums.weighted(has, share * ~known),
        nothing if pool.title is None else pool.title[order],
        nothing if pool.chain is None else pool.chain[order],
        pool.cosine[order, 0] - pool.mean_cosine[0],
        np.log(np.maximum(pool.length[order], 1) / max(pool.mean_length, 1e-9)),
        pool.speaker[order] < 0,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _links(
    said: NDArray[np.uint32], graph: Graph, rows: Rows, spoken: NDArray[np.bool_]
) -> tuple[Floats, float]:
    """(3, k, k) how surely i mentions what j is about, how rare the names are that both mention,
    whether they have one title; and the share of `rows` (k,) with a title, which what is `spoken`
    (k,) has not. Names that were `said` in the question link nothing.
    """
    k = len(rows)
    origin, name, kind = graph.names_of(rows)
    fit = (kind >= names.PART) & ((kind < names.ALIAS) | ~spoken[origin])
    origin, name, kind = origin[fit], name[fit], kind[fit]
    titled = np.bincount(origin[kind >= names.ALIAS], minlength=k)
    # Most names are met once, and link nothing: what shares its last bits with no other is one of
    # them.
    bits = name & _BITS
    fit = np.bincount(bits, minlength=_BITS + 1)[bits] > 1
    origin, name, kind = origin[fit], name[fit], kind[fit]
    unique, at = np.unique(name, return_inverse=True)
    about = kind >= names.ALIAS
    table = np.zeros((2, k, len(unique)), np.float32)  # mentions, titles
    table[about.astype(np.int64), origin, at] = _WORTH[kind]
    mention, title = table
    same = title @ title.T > 0
    new = ~np.isin(unique, said)
    unique, title, mention = unique[new], title[:, new], mention[:, new]
    titles, mentions = graph.sizes(unique)
    link = (mention * _rarity(titles)) @ title.T
    shared = (mention * (_rarity(mentions - 1) * (mentions <= _COMMON))) @ mention.T
    found = np.stack([link, shared, same]).astype(np.float32)
    return np.minimum(found, 1), np.count_nonzero(titled) / max(k, 1)


def _rarity(counts: Rows) -> Floats:
    return (1 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)


def _relations(pool: Pool, order: Rows, has: Floats, share: Floats, links: Floats) -> Floats:
    k = len(order)
    link, shared, same = links
    alike = _alike(pool, order)
    more, equal = ((1 - has) * share) @ has.T, (has * share) @ has.T
    where = np.full(len(pool.length) + 1, -1)  # the last place is for "no neighbour"
    where[order] = np.arange(k)
    beside = np.zeros((k, k), np.float32)
    for side in (pool.prev, pool.next):
        at = where[side[order]]
        beside[at[at >= 0], np.flatnonzero(at >= 0)] = 1
    session = pool.session[order]
    together = (session[:, None] == session) & (session[:, None] >= 0)
    days = np.nan_to_num(pool.time[order]) / _DAY
    near = np.exp(-np.abs(days[:, None] - days).astype(np.float32)) * (1 - same)
    relations = np.empty((len(RELATIONS), k, k), np.float32)
    for r, each in enumerate((link, link.T, shared, alike, more, equal)):
        relations[r] = each
    np.multiply(relations[:3], more, out=relations[6:9])
    relations[9] = np.maximum(alike, 0) * more
    for r, each in enumerate((beside, together, same, near), start=10):
        relations[r] = each
    relations[:, np.arange(k), np.arange(k)] = 0
    return relations


def _alike(pool: Pool, order: Rows) -> Floats:
    """(k, k) cosines of the candidates' vectors less their mean:

    all are about the question, which says nothing.
    """
    if pool.vectors is None:
        return np.zeros((len(order), len(order)), np.float32)
    vectors = pool.vectors[order].astype(np.float32)
    vectors -= vectors.mean(axis=0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return vectors @ vectors.T
