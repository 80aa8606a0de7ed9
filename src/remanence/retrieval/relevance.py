"""Relevance: how likely a candidate row is to answer a query, as a probability.

The fused score orders rows within one query and cannot be compared between queries. Relevance can:
it is the output of a logistic regression (Cox, 1958) over features that do not depend on the size
of the store. The coefficients are fitted by `benchmarks/relevance.py` on questions with and without
an answer, in English and Chinese; of rows with relevance 0.7, about seven in ten answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.arm import column
from remanence.retrieval.pool import Floats, Pool, flag
from remanence.text import manner, words
from remanence.text.query import FIRST_PERSON, Query
from remanence.text.words import terms

Rows = NDArray[np.integer]

FEATURES: Final = (
    "constant",
    "coverage",
    "coverage squared",
    "subject",
    "subject squared",
    "subject nearby",
    "kind of answer",
    "nearby",
    "cosine",
    "cosine above mean",
    "cosine and coverage",
    "best term",
    "title",
    "chain",
    "speaker",
    "window",
    "first person",
    "few terms",
    "few terms and coverage",
    "asks",
    "general",
    "general and coverage",
    "row asks",
)
"""Names of the columns of `features`."""

ATTRIBUTES: Final = frozenset(
    term
    for word in [
        "name",
        "called",
        "call",
        "colour",
        "color",
        "cost",
        "costs",
        "price",
        "paid",
        "pay",
        "much",
        "many",
        "long",
        "old",
        "age",
        "heavy",
        "weigh",
        "weight",
        "tall",
        "height",
        "size",
        "big",
        "far",
        "often",
        "time",
        "date",
        "day",
        "days",
        "year",
        "month",
        "week",
        "kind",
        "type",
        "sort",
        "brand",
        "make",
        "model",
        "breed",
        "number",
        "amount",
        "first",
        "last",
        "again",
        "called",
        "code",
        "address",
        "title",
        "get",
        "got",
        "go",
        "went",
        "do",
        "did",
        "have",
        "had",
        "remember",
        "know",
        "tell",
        "now",
        "these",
        "currently",
        "current",
        "before",
        "ago",
        "叫",
        "名字",
        "名",
        "牌子",
        "颜色",
        "价格",
        "多少",
        "多少钱",
        "几",
        "多大",
        "年纪",
        "岁",
        "时候",
        "时间",
        "日期",
        "地方",
        "哪里",
        "哪儿",
        "种",
        "第几",
        "什么样",
        "花",
        "去",
        "是",
        "有",
        "做",
        "现在",
        "目前",
        "以前",
        "多长",
        "多久",
        "多高",
        "多重",
        "号码",
    ]
    for term in terms(word)
)
"""Terms that name the kind of an answer, or no matter at all."""

SMOOTH: Final = 1.0
"""Added to the idf of a term: among a few memories, words that most of them have still count."""

IN_PERIOD: Final = 0.9
"""Relevance of a row of the time that a query names, where it names nothing else."""

MINIMUM: Final = 0.1
"""Relevance below which `context`, chat and the proxy bring nothing."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Weights of a fitted model, one a feature."""

    values: tuple[float, ...]
    """In the order of `FEATURES`."""


DEFAULT: Final = Coefficients(
    (
        *(-5.176, 0.896, 0.781, 1.221, 0.857, 0.912, 0.304, 0.216, 3.168, 2.936, -0.039, 0.851),
        *(1.778, 1.588, 0.249, 0.398, 1.045, -0.976, 0.005, 0.068, -0.622, 0.495, -1.042),
    )
)


def features(
    query: Query, pool: Pool, columns: Mapping[str, Floats], rows: Rows | None = None
) -> Floats:
    """Return the features of candidates, (m, len(FEATURES)).

    `columns` are the signals, `rows` (m,) the positions in the pool; absent, all.
    """
    rows = np.arange(len(pool.length)) if rows is None else rows
    content = np.array([not name for name in query.names], np.bool_)
    content = content if content.any() else ~content
    has = pool.tf[rows] > 0
    own = _share(has, np.array(query.weights, np.float32) * content * (pool.idf + SMOOTH))
    alike = pool.cosine[rows, 0]
    cosine = pool.competence * np.maximum(alike, 0)
    above = pool.competence * np.maximum(alike - pool.mean_cosine[0], 0)
    about = _subject_weights(query) * (pool.idf + SMOOTH)
    within = _share(has, about)
    beside = _beside(pool.tf, pool.prev[rows]) | _beside(pool.tf, pool.next[rows])
    general = float(manner.is_general(query.text))
    few = 1.0 / (1.0 + float(content.sum()))
    first = float(bool(FIRST_PERSON.search(query.text)))

    def given(name: str) -> Floats:
        return column(columns, name, pool)[rows]

    table: dict[str, float | Floats] = {
        "constant": 1.0,
        "coverage": own,
        "coverage squared": own * own,
        "subject": within,
        "subject squared": within * within,
        "subject nearby": _share(has | beside, about) - within,
        "kind of answer": given("when_date") + given("many_number"),
        "nearby": given("joined") + given("joined_wide"),
        "cosine": cosine,
        "cosine above mean": above,
        "cosine and coverage": cosine * own,
        "best term": _best_term(has, pool.idf * content),
        "title": given("title"),
        "chain": given("chain"),
        "speaker": np.sign(given("speaker")),
        "window": given("window"),
        "first person": first,
        "few terms": few,
        "few terms and coverage": few * own,
        "general": general,
        "general and coverage": general * own,
        "asks": float(query.asks > 0),
        "row asks": flag(pool, words.REQUEST | words.ENDS_ASKING)[rows],
    }
    found = np.empty((len(rows), len(FEATURES)), np.float32)
    for place, name in enumerate(FEATURES):
        found[:, place] = table[name]
    return found


def subject(query: Query, pool: Pool) -> Floats:
    """Return (n,) the share of the words that say what a query is about, in each row."""
    return _share(pool.tf > 0, _subject_weights(query) * (pool.idf + SMOOTH))


def _subject_weights(query: Query) -> Floats:
    """Return (t,) how much each term says of what a query is about.

    Words that only name the kind of the answer ("colour", "how much", 名字) stand in questions and
    seldom in answers; they do not count. A name that is a speaker's counts half.
    """
    weights = [
        0.0 if term in ATTRIBUTES else 0.5 if name else 1.0
        for term, name in zip(query.terms, query.names, strict=True)
    ]
    return np.array(weights, np.float32)


def _share(has: NDArray[np.bool_], importance: Floats) -> Floats:
    """Return (m,) the share of the important terms (t,) that each row of `has` (m, t) holds."""
    return np.asarray(has @ importance / max(float(importance.sum()), 1e-9), np.float32)


def _beside(tf: NDArray[np.uint8], at: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return the terms held at positions `at` (m,) -> (m, t), none where there is none (-1)."""
    return (tf[at] > 0) & (at >= 0)[:, None]


def _best_term(has: NDArray[np.bool_], idf: Floats) -> Floats:
    """Return (m,) the idf of the rarest term that each row holds, as a share of the rarest's."""
    if not idf.any():
        return np.zeros(len(has), np.float32)
    return np.asarray((has * idf).max(axis=1) / max(float(idf.max()), 1e-9), np.float32)


def relevance(
    query: Query,
    pool: Pool,
    columns: Mapping[str, Floats],
    rows: Rows | None = None,
    coefficients: Coefficients = DEFAULT,
) -> Floats:
    """Return the relevance of candidates, (m,) in [0, 1]; 0 for a query that asks for nothing.

    `rows` (m,) are positions in the pool; absent, all.
    """
    rows = np.arange(len(pool.length)) if rows is None else rows
    if manner.needs_no_memory(query.text):
        return np.zeros(len(rows), np.float32)
    if query.only_time:
        return IN_PERIOD * column(columns, "period", pool)[rows]
    logits = features(query, pool, columns, rows) @ np.array(coefficients.values, np.float32)
    likely = 1 / (1 + np.exp(-logits))
    if manner.is_personal(query.text) or query.named:
        likely = MINIMUM + (1 - MINIMUM) * likely  # a personal question is one for memory
    return np.asarray(likely, np.float32)
