"""One query over one namespace: candidates from each arm, then signals and fusion on the candidates
alone.

The arms that choose: the text index, the vectors, the time a query names, and the neighbours of
what those found. Everything after that touches a pool of a few thousand rows, however large the
namespace is. It knows rows and scores; texts stay in the store.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.embed.port import Embedder
from remanence.errors import EmbedderError
from remanence.retrieval import evidence, fusion, relevance, signals, when
from remanence.retrieval.candidates import FROM_EACH, Mask, Rows, candidates, distinct
from remanence.retrieval.index import NONE, Index
from remanence.retrieval.reader import Reader
from remanence.text import words
from remanence.text.query import Query, analyse

_DIGITS = 4  # of scores and shares
ALL_OF = 16  # rows of a namespace that is small enough to be looked at whole
SPEAKERS = 2_000  # speakers of a namespace up to which each is looked for in a query
_PUNCTUATION = str.maketrans(dict.fromkeys(',.;:!?"()', " "))
TURN = 4.0  # added for the last of the rows that tell of a thing, half of it for the first
NEAR = 0.8  # share of the best row's words from which a row tells of the same thing


@dataclass(frozen=True, slots=True)
class Filters:
    """What a recollection must be; None is anything. Times in microseconds."""

    speaker: str | None = None
    session: str | None = None
    since: int | None = None
    until: int | None = None
    numbers: frozenset[int] | None = None  # episodes whose metadata match


class Found(NamedTuple):
    """A row that answers, its score, what each arm gave to it, and the episode whose names led
    there, if any.
    """

    number: int
    score: float
    why: dict[str, float]
    via: int | None
    relevance: float
    similarity: float
    vector: NDArray[np.float32]


def search(
    index: Index,
    text: str,
    embedder: Embedder,
    filters: Filters,
    k: int,
    reference: datetime,
    reader: Reader | None = None,
    weights: fusion.Weights = fusion.DEFAULT,
) -> tuple[list[Found], tuple[str, ...]]:
    """The best `k` rows, best first, and what was degraded. Call with `index.lock` held.

    A `reader` has the last word on the order of the best few dozen.
    """
    allowed = _allowed(index, filters)
    period = when.read(text, reference, lambda event: _time_of(index, event, embedder, allowed))
    matter = when.matter(text) if period.turn else text
    query = _timed(analyse(matter, _speakers(index, text), period.window), period)
    vectors, degraded = _embed(embedder, [text, *query.parts])
    keys = [words.hash32(term) for term in query.terms]
    rows = candidates(index, query, keys, vectors, allowed, max(FROM_EACH, k))
    if not len(rows):
        return [], degraded
    competence = _competence(query, embedder)
    if not competence and query.scripts and not query.only_time and vectors is not None:
        degraded += (f"dense: {embedder.name} does not read {', '.join(query.scripts)}",)

    def pool_of(rows: Rows) -> signals.Pool:
        return _pool(index, query, keys, vectors, rows, competence)

    led: dict[int, int] = {}
    said = np.empty(0, np.uint32)
    if index.graph.silent:
        pool = pool_of(rows)
    else:
        rows, pool, led, said = _follow(index, query, keys, rows, pool_of)
    columns = signals.signals(query, pool)
    scores, contributions = fusion.weigh(columns, weights)
    if period.turn:
        contributions["time"] = contributions["time"] + (turn := _turn(query, pool, period.turn))
        scores = scores + turn
    eligible = np.flatnonzero(allowed[rows])
    ranked = eligible[np.argsort(-scores[eligible], kind="stable")]
    if reader is not None and vectors is None:
        degraded += ("reader: it needs vectors, and there are none for this query",)
    elif reader is not None and not (index.graph.silent and reader.titled > 0):
        seen = ranked[: evidence.SEEN]
        view = evidence.view(query, pool, scores, contributions, index.graph, rows, seen, said)
        scores, contributions["reader"] = _reread(reader, view, scores, seen)
        ranked = np.concatenate([_sorted(seen, scores), ranked[evidence.SEEN :]])
    top = ranked[:k]
    likely = relevance.relevance(query, pool, columns, top)
    sure = (likely, np.clip(pool.cosine[top, 0], 0, 1))
    return _found(index, rows, top, scores, contributions, led, sure), degraded


def rest(index: Index, found: Sequence[Found], filters: Filters) -> list[Found]:
    """The other rows of an index of at most `ALL_OF`, as found with a score of 0; none of a larger
    one. Call with `index.lock` held.
    """
    if len(index) > ALL_OF:
        return []
    rows = np.flatnonzero(_allowed(index, filters))
    numbers = index.column("id")[rows].tolist()
    held = {item.number for item in found}
    return [
        Found(number, 0.0, {}, None, 0.0, 0.0, vector)
        for number, vector in zip(numbers, index.dense.vectors(rows), strict=True)
        if number not in held
    ]


def _timed(query: Query, period: when.Period) -> Query:
    """`query` with what the period says of it."""
    occasion = [at for at, term in enumerate(query.terms) if term in period.occasion]
    return replace(query, only_time=period.alone, occasion=tuple(occasion))


def _time_of(index: Index, event: str, embedder: Embedder, allowed: Mask) -> float | None:
    """The time of the row that best tells of an event, seconds since 1970; None where none does."""
    query = analyse(event, ())
    vectors, _ = _embed(embedder, [event, *query.parts])
    keys = [words.hash32(term) for term in query.terms]
    rows = candidates(index, query, keys, vectors, allowed, FROM_EACH)
    rows = rows[allowed[rows]]
    if not len(rows):
        return None
    pool = _pool(index, query, keys, vectors, rows, _competence(query, embedder))
    columns = signals.signals(query, pool)
    scores, _ = fusion.weigh(columns)
    top = int(np.argmax(scores))
    (likely,) = relevance.relevance(query, pool, columns, np.array([top]))
    return float(pool.time[top]) if likely >= relevance.MINIMUM else None


def _turn(query: Query, pool: signals.Pool, direction: int) -> NDArray[np.float32]:
    """What the place in time adds to the rows (n,) that tell of the thing asked for about as well
    as any: up to `TURN`, for the last of them (direction 1) or the first (-1).
    """
    held = relevance.subject(query, pool)
    added = np.zeros_like(held)
    near = np.flatnonzero((held >= NEAR * held.max(initial=0.0)) & (held > 0))
    order = near[np.argsort(direction * pool.time[near], kind="stable")]
    added[order] = TURN * np.linspace(0.5, 1, len(order), dtype=np.float32)
    return added


def _found(
    index: Index,
    rows: Rows,
    order: Rows,
    scores: NDArray[np.float32],
    contributions: Mapping[str, NDArray[np.float32]],
    led: Mapping[int, int],
    sure: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> list[Found]:
    """The rows at `order` (k,) of the pool, each with its arms' shares, relevance and similarity.

    The last two are `sure`, (k,) each.
    """
    arms = list(contributions)
    shares = np.stack([share[order] for share in contributions.values()], axis=1)
    columns = (
        index.column("id")[rows[order]].tolist(),
        np.round(scores[order].astype(np.float64), _DIGITS).tolist(),
        np.round(shares.astype(np.float64), _DIGITS).tolist(),
        *(np.round(each.astype(np.float64), _DIGITS).tolist() for each in sure),
        index.dense.vectors(rows[order]),
    )
    return [
        Found(
            number,
            total,
            {arm: part for arm, part in zip(arms, parts, strict=True) if part},
            led.get(number),
            likely,
            cosine,
            vector,
        )
        for number, total, parts, likely, cosine, vector in zip(*columns, strict=True)
    ]


def _reread(
    reader: Reader, view: evidence.View, scores: NDArray[np.float32], seen: Rows
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`scores` (n,) with what the reader adds at `seen` (k,), and that alone. The worst of those
    keeps the score that the worst had: what was not looked at stays behind.
    """
    share = np.zeros_like(scores)
    added = reader.read(view)
    if added is not None and len(seen):
        after = view.scores + added
        share[seen] = added + (view.scores.min() - after.min())
    return scores + share, share


def _sorted(rows: Rows, scores: NDArray[np.float32]) -> Rows:
    return rows[np.argsort(-scores[rows], kind="stable")]


def _speakers(index: Index, text: str) -> Sequence[str]:
    """The speakers that the query may name. Among very many, only by their full names."""
    names = index.speakers.names
    if len(names) <= SPEAKERS:
        return names
    said = text.replace("'s", " ").translate(_PUNCTUATION).split()
    runs = (
        " ".join(said[start : start + length])
        for start in range(len(said))
        for length in range(1, 4)
    )
    return [name for name in dict.fromkeys(runs) if name in index.speakers.numbers]


def _embed(
    embedder: Embedder, texts: Sequence[str]
) -> tuple[NDArray[np.float32] | None, tuple[str, ...]]:
    """(1 + parts, dim), or None and the reason: recall then works without the dense arm."""
    try:
        return embedder.embed(texts, "query"), ()
    except EmbedderError as error:
        return None, (f"dense: {error}",)


def _competence(query: Query, embedder: Embedder) -> float:
    """The share of the query's letters that are of scripts the embedder knows."""
    if "*" in embedder.scripts or not query.scripts:
        return 1.0
    return sum(
        share for script, share in query.scripts.items() if script.lower() in embedder.scripts
    )


def _allowed(index: Index, filters: Filters) -> Mask:
    """Rows (n,) that may be returned: filters hold before ranking, not after."""
    allowed: Mask = index.column("alive").astype(np.bool_)
    if filters.speaker is not None:
        number = index.speakers.numbers.get(filters.speaker, NONE - 1)
        allowed &= index.column("speaker") == number
    if filters.session is not None:
        number = index.sessions.numbers.get(filters.session, NONE - 1)
        allowed &= index.column("session") == number
    if filters.since is not None:
        allowed &= index.column("at") >= filters.since
    if filters.until is not None:
        allowed &= index.column("at") < filters.until
    if filters.numbers is not None:
        allowed &= np.isin(index.column("id"), np.fromiter(filters.numbers, np.int64))
    return allowed


def _follow(
    index: Index,
    query: Query,
    keys: Sequence[int],
    rows: Rows,
    pool_of: Callable[[Rows], signals.Pool],
) -> tuple[Rows, signals.Pool, dict[int, int], NDArray[np.uint32]]:
    """`rows` with what the query names and what a walk from there and from the best rows reaches,
    ascending; by episode, the one that led to it; and the names that the query holds.
    """
    alive: Mask = index.column("alive").astype(np.bool_)
    named = index.graph.named(query.text, alive)
    rows = distinct(np.concatenate([rows, named.rows]))
    pool = replace(pool_of(rows), title=_spread(named.rows, named.strengths, rows))
    scores, _ = fusion.fuse(query, pool)
    importance = np.array(query.weights, np.float32) * pool.idf
    reached = index.graph.walk(
        named, rows, scores, importance, lambda at: index.lexical.counts(keys, at) > 0, alive
    )
    every = distinct(np.concatenate([rows, reached.rows]))
    if len(every) > len(rows):
        pool = pool_of(every)
    said = {term for phrase in named.phrases for term in words.terms(phrase)}
    pool = replace(
        pool,
        title=_spread(named.rows, named.strengths, every),
        chain=_spread(reached.rows, reached.worth, every),
        titled=np.array([term in said for term in query.terms], np.bool_),
    )
    ids = index.column("id")
    led = dict(zip(ids[reached.rows].tolist(), ids[reached.via].tolist(), strict=True))
    return every, pool, led, named.known


def _spread(rows: Rows, values: NDArray[np.float32], pool: Rows) -> NDArray[np.float32]:
    """`values` (m,) of `rows` (m,), all in the ascending `pool` (n,), as a column of it;

    0 elsewhere.
    """
    column = np.zeros(len(pool), np.float32)
    column[np.searchsorted(pool, rows)] = values
    return column


def _pool(
    index: Index,
    query: Query,
    keys: Sequence[int],
    vectors: NDArray[np.float32] | None,
    rows: Rows,
    competence: float,
) -> signals.Pool:
    """Everything that signals need to know of the candidates `rows` (n,), ascending."""
    stored = index.dense.vectors(rows)
    if vectors is None:
        vectors, competence = np.zeros((1 + len(query.parts), index.dense.dim), np.float32), 0.0
    speakers = index.speakers.numbers
    return signals.Pool(
        tf=index.lexical.counts(keys, rows),
        idf=np.array([index.lexical.idf(key) for key in keys], np.float32),
        length=index.lexical.lengths[rows].astype(np.int32),
        mean_length=index.lexical.mean_length,
        cosine=stored @ vectors.T,  # (n, 1 + parts)
        mean_cosine=vectors @ index.dense.mean,
        prev=_positions(index.column("previous")[rows], rows),
        next=_positions(index.column("next")[rows], rows),
        session=index.column("session")[rows].astype(np.int32),
        speaker=index.column("speaker")[rows].astype(np.int32),
        flags=index.column("shape")[rows].astype(np.int32),
        time=index.column("at")[rows] / 1e6,
        named=tuple(speakers[name] for name in query.named),
        competence=competence,
        vectors=stored,
    )


def _positions(targets: Rows, rows: Rows) -> NDArray[np.int32]:
    """Where each of `targets` stands in the ascending `rows`; -1 where it does not."""
    where = np.minimum(np.searchsorted(rows, targets), len(rows) - 1)
    return np.where(rows[where] == targets, where, NONE).astype(np.int32)
