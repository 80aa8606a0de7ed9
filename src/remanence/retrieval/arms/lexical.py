"""The lexical arm: words that a row shares with the query, by BM25 and by coverage."""

from typing import Final

import numpy as np

from remanence.retrieval import sums
from remanence.retrieval.arm import Arm, Columns, Rows, Seeking
from remanence.retrieval.candidates import largest
from remanence.retrieval.pool import Floats, Pool, bm25, share
from remanence.text.query import Query

WEIGHTS: Final = {
    "lexical": 1.4,  # BM25, as a share of the best row's
    "coverage": 3.7,  # how much of the question the row holds: comparable between questions
    "part": 1.0,  # one sentence of a long query may be the whole point
    "last": 0.8,  # a dialogue's closing sentences say what it is about now
}


def candidates(seeking: Seeking) -> Rows:
    """Return the rows with the largest BM25."""
    mask = seeking.mask
    scores = seeking.lexical if mask is None else seeking.lexical * mask
    return largest(scores, seeking.count)


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    """Return the columns that `WEIGHTS` names."""
    content = content_weights(query)
    scores = bm25(pool) * content
    lexical = share(sums.weighted(scores, pool.idf))  # idf once more: names and titles lead
    part, last = _parts(query, scores, lexical)
    importance = content * pool.idf
    importance = importance / max(float(importance.sum()), 1e-9)
    own = sums.weighted((pool.tf > 0).view(np.uint8), importance)
    return {"lexical": lexical, "coverage": own, "part": part, "last": last}


def content_weights(query: Query) -> Floats:
    """Return (t,) the terms' weights, 0 for those that only name a speaker."""
    weights = np.array(query.weights, np.float32)
    content = np.where(query.names, 0, weights).astype(np.float32)
    return content if content.any() else weights  # a query that is nothing but a name


def _parts(query: Query, weighted: Floats, lexical: Floats) -> tuple[Floats, Floats]:
    """Return the best part's share, and the closing parts': the last, half of the one before."""
    if not query.members:
        return lexical, lexical
    member = np.zeros((weighted.shape[1], len(query.members)), np.float32)
    for part, terms in enumerate(query.members):
        member[list(terms), part] = 1
    each = weighted @ member
    top = each.max(axis=0, initial=0.0)
    each /= np.where(top > 0, top, 1)
    closing = each[:, -1] + 0.5 * each[:, -2]
    return each.max(axis=1), share(closing)


ARM: Final = Arm("lexical", WEIGHTS, signals, candidates)
