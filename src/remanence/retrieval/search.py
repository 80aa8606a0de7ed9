"""One query over one namespace: candidates from each arm, then signals and fusion on those alone.

What an arm brings and judges is its own (`arms`). Everything after the candidates touches a pool of
a few hundred rows, however large the namespace is. Texts stay in the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.embed.port import Embedder
from remanence.errors import EmbedderError
from remanence.retrieval import evidence, fusion, relevance, when
from remanence.retrieval.arm import Arm, Columns, Followed, Mask, Rows, Seeking, signals
from remanence.retrieval.arms import ARMS
from remanence.retrieval.candidates import FROM_EACH, POSTINGS, distinct
from remanence.retrieval.index import NONE, Index
from remanence.retrieval.pool import K1, B, Floats, Pool
from remanence.retrieval.reader import Reader
from remanence.storage.selection import EVERYTHING, Selection
from remanence.text import words
from remanence.text.query import Query, analyse

_DIGITS: Final = 4  # of scores and shares
ALL_OF: Final = 16  # rows of a namespace that is small enough to be looked at whole
SPEAKERS: Final = 2_000  # speakers of a namespace up to which each is looked for in a query
_PUNCTUATION: Final = str.maketrans(dict.fromkeys(',.;:!?"()', " "))
TURN: Final = 6.0  # added for the last of the rows that tell of a thing, less for those before
NEAR: Final = 0.8  # share of the best row's words from which a row tells of the same thing
_NO_NAMES: Final = np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of recollections; None admits anything. Times in microseconds."""

    speaker: str | None = None
    session: str | None = None
    since: int | None = None
    until: int | None = None
    numbers: Selection = EVERYTHING  # episodes that come into question


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
    arms: Sequence[Arm] = ARMS,
) -> tuple[list[Found], tuple[str, ...]]:
    """Return the best `k` rows, best first, and what was degraded. Call with `index.lock` held.

    A `reader` has the last word on the order of the best few dozen.
    """
    allowed = _allowed(index, filters)
    period = when.read(text, reference, lambda event: _time_of(index, event, embedder, allowed))
    matter = when.matter(text) if period.turn else text
    query = _timed(analyse(matter, _speakers(index, text), period.window), period)
    vectors, degraded = _embed(embedder, [text, *query.parts])
    seeking = _seeking(index, query, vectors, allowed, max(FROM_EACH, k))
    judged = _judge(seeking, _competence(query, embedder), arms)
    if judged is None:
        return [], degraded
    competence = judged.pool.competence
    if not competence and query.scripts and not query.only_time and vectors is not None:
        degraded += (f"dense: {embedder.name} does not read {', '.join(query.scripts)}",)
    scores, contributions = judged.scores, dict(judged.shares)
    if period.turn:
        turn = _turn(query, judged.pool, period.turn)
        contributions["time"] = contributions["time"] + turn if "time" in contributions else turn
        scores = scores + turn
    eligible = np.flatnonzero(allowed[judged.rows])
    ranked = eligible[np.argsort(-scores[eligible], kind="stable")]
    if reader is not None and vectors is None:
        degraded += ("reader: it needs vectors, and there are none for this query",)
    elif reader is not None and not (index.graph.silent and reader.titled > 0):
        seen = ranked[: evidence.SEEN]
        view = evidence.view(
            query, judged.pool, scores, contributions, index.graph, judged.rows, seen, judged.named
        )
        scores, contributions["reader"] = _reread(reader, view, scores, seen)
        ranked = np.concatenate([_sorted(seen, scores), ranked[evidence.SEEN :]])
    top = ranked[:k]
    likely = relevance.relevance(query, judged.pool, judged.columns, top)
    sure = (likely, np.clip(judged.pool.cosine[top, 0], 0, 1))
    return _found(index, judged.rows, top, scores, contributions, judged.led, sure), degraded


class _Judged(NamedTuple):
    """Candidates with everything that the arms say of them."""

    rows: Rows
    """Rows of the index, (n,), ascending."""
    pool: Pool
    """Their columns."""
    columns: Columns
    """Their signals by name, (n,) each."""
    scores: Floats
    """Their scores, (n,)."""
    shares: Mapping[str, Floats]
    """Share of each arm in the scores, (n,) each."""
    led: Mapping[int, int]
    """Number of an episode -> number of the one that led there."""
    named: NDArray[np.uint32]
    """Hashes of the names that the query holds."""


def _seeking(
    index: Index,
    query: Query,
    vectors: NDArray[np.float32] | None,
    allowed: Mask,
    count: int,
) -> Seeking:
    keys = [words.hash32(term) for term in query.terms]
    pairs = list(zip(keys, query.weights, strict=True))
    lexical = index.lexical.scores(pairs, K1, B, POSTINGS)
    return Seeking(index, query, keys, vectors, allowed, count, lexical)


def _judge(seeking: Seeking, competence: float, arms: Sequence[Arm]) -> _Judged | None:
    """Return the candidates of all arms, judged by all; None where there are none."""
    query = seeking.query
    rows = gathered(seeking, arms)
    if not len(rows):
        return None

    def pool_of(rows: Rows) -> Pool:
        return _pool(seeking, rows, competence)

    def score(pool: Pool) -> Floats:
        return fusion.fuse(query, pool, arms)[0]

    reached: Followed | None = None
    for arm in arms:
        if arm.follow is not None:
            reached = arm.follow(seeking, rows, pool_of, score) or reached
    if reached is None:
        reached = Followed(rows, pool_of(rows), {}, _NO_NAMES)
    columns = signals(query, reached.pool, arms)
    scores, shares = fusion.weigh(columns, reached.pool, arms)
    return _Judged(reached.rows, reached.pool, columns, scores, shares, reached.led, reached.named)


def gathered(seeking: Seeking, arms: Sequence[Arm]) -> Rows:
    """Return the rows that the arms bring and the turns beside them, (n,), ascending."""
    index = seeking.index
    found = [arm.candidates(seeking) for arm in arms if arm.candidates is not None]
    if not found:
        return np.empty(0, np.int64)
    rows = distinct(np.concatenate(found))
    beside = np.concatenate([index.column("previous")[rows], index.column("next")[rows]])
    rows = distinct(np.concatenate([rows, beside[beside != NONE]]))
    return rows[index.column("alive")[rows].astype(np.bool_)]


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
    """Return the time of the row that best tells of an event, seconds since 1970; None of none."""
    query = analyse(event, ())
    vectors, _ = _embed(embedder, [event, *query.parts])
    plain = [arm for arm in ARMS if arm.follow is None]
    judged = _judge(
        _seeking(index, query, vectors, allowed, FROM_EACH), _competence(query, embedder), plain
    )
    if judged is None or not allowed[judged.rows].any():
        return None
    scores = np.where(allowed[judged.rows], judged.scores, -np.inf)
    top = int(np.argmax(scores))
    (likely,) = relevance.relevance(query, judged.pool, judged.columns, np.array([top]))
    return float(judged.pool.time[top]) if likely >= relevance.MINIMUM else None


def _turn(query: Query, pool: Pool, direction: int) -> NDArray[np.float32]:
    """Return the bonus of the place in time for the rows (n,) that tell of the thing asked for
    about as well as any: up to `TURN`, for the last of them (direction 1) or the first (-1).
    """
    held = relevance.subject(query, pool)
    added = np.zeros_like(held)
    near = np.flatnonzero((held >= NEAR * held.max(initial=0.0)) & (held > 0))
    order = near[np.argsort(direction * pool.time[near], kind="stable")]
    added[order] = TURN * np.linspace(1, 0, len(order), dtype=np.float32)[::-1] ** 2
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
    if filters.numbers is not EVERYTHING:
        allowed &= filters.numbers.mask(index.column("id"))
    return allowed


def _pool(seeking: Seeking, rows: Rows, competence: float) -> Pool:
    """Return everything that signals need to know of the candidates `rows` (n,), ascending."""
    index, query, vectors = seeking.index, seeking.query, seeking.vectors
    stored = index.dense.vectors(rows)
    if vectors is None:
        vectors, competence = np.zeros((1 + len(query.parts), index.dense.dim), np.float32), 0.0
    speakers = index.speakers.numbers
    return Pool(
        tf=index.lexical.counts(seeking.keys, rows),
        idf=np.array([index.lexical.idf(key) for key in seeking.keys], np.float32),
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
    """Return the place of each of `targets` in the ascending `rows`; -1 where it does not."""
    where = np.minimum(np.searchsorted(rows, targets), len(rows) - 1)
    return np.where(rows[where] == targets, where, NONE).astype(np.int32)
