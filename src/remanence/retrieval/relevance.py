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

from remanence.retrieval.signals import Floats, Pool
from remanence.text import manner
from remanence.text.query import FIRST_PERSON, Query
from remanence.text.words import terms

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

MINIMUM: Final = 0.05
"""Relevance below which `context`, chat and the proxy bring nothing."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Weights of a fitted model, one a feature."""

    values: tuple[float, ...]
    """In the order of `FEATURES`."""


DEFAULT: Final = Coefficients(
    (
        *(-4.512, 0.392, 1.766, 1.081, -0.042, 1.124, 0.356, 0.626, 2.97, 1.325, 1.049),
        *(0.937, 1.889, 1.725, 0.357, 0.78, 0.573, -3.632, -0.831, 0.124, -0.983, 0.327),
    )
)


def features(query: Query, pool: Pool, columns: Mapping[str, Floats]) -> Floats:
    """Return the features of every candidate, (n, len(FEATURES)). `columns` are the signals."""
    count = len(pool.length)
    content = np.array([not name for name in query.names], np.bool_)
    content = content if content.any() else ~content
    own = _held(pool, np.array(query.weights, np.float32) * content)
    cosine = pool.competence * np.maximum(pool.cosine[:, 0], 0)
    above = pool.competence * np.maximum(pool.cosine[:, 0] - pool.mean_cosine[0], 0)
    subject, around = _subject(query, pool)
    general = float(manner.is_general(query.text))
    few = 1.0 / (1.0 + float(content.sum()))
    first = float(bool(FIRST_PERSON.search(query.text)))
    table = {
        "constant": np.ones(count),
        "coverage": own,
        "coverage squared": own * own,
        "subject": subject,
        "subject squared": subject * subject,
        "subject nearby": around - subject,
        "kind of answer": columns["when_date"] + columns["many_number"],
        "nearby": columns["joined"] + columns["joined_wide"],
        "cosine": cosine,
        "cosine above mean": above,
        "cosine and coverage": cosine * own,
        "best term": _best_term(pool, content),
        "title": columns["title"],
        "chain": columns["chain"],
        "speaker": columns["speaker"] > 0,
        "window": columns["window"],
        "first person": np.full(count, first),
        "few terms": np.full(count, few),
        "few terms and coverage": few * own,
        "general": np.full(count, general),
        "general and coverage": general * own,
        "asks": np.full(count, float(query.asks > 0)),
    }
    return np.stack([table[name].astype(np.float32) for name in FEATURES], axis=1)


def subject(query: Query, pool: Pool) -> Floats:
    """Return (n,) the share of the words that say what a query is about, in each row."""
    return _subject(query, pool)[0]


def _subject(query: Query, pool: Pool) -> tuple[Floats, Floats]:
    """Return two (n,) shares of the words that say what a query is about: in a row, and around it.

    Words that only name the kind of answer ("colour", "how much", 名字) stand in questions and seldom
    in answers; they do not count here. A name that is a speaker's counts half.
    """
    weights = np.array(
        [
            0.0 if term in ATTRIBUTES else 0.5 if name else 1.0
            for term, name in zip(query.terms, query.names, strict=True)
        ],
        np.float32,
    )
    has = pool.tf > 0
    around = has | _beside(has, pool.prev) | _beside(has, pool.next)
    return _held(pool, weights), _share(around, weights * (pool.idf + SMOOTH))


def _held(pool: Pool, weights: Floats) -> Floats:
    """Return (n,) the share of the weighted query terms (t,) that each row holds, by importance."""
    return _share(pool.tf > 0, weights * (pool.idf + SMOOTH))


def _share(has: NDArray[np.bool_], importance: Floats) -> Floats:
    return np.asarray(has @ importance / max(float(importance.sum()), 1e-9), np.float32)


def _beside(has: NDArray[np.bool_], at: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return the rows of `has` at positions `at`, False where there is none (-1)."""
    return np.where(at[:, None] >= 0, has[at], False)


def _best_term(pool: Pool, content: NDArray[np.bool_]) -> Floats:
    """Return (n,) the idf of the rarest query term in each row, as a share of the rarest possible."""
    if not content.any():
        return np.zeros(len(pool.length), np.float32)
    held = (pool.tf > 0) * (pool.idf * content)
    return np.asarray(held.max(axis=1) / max(float((pool.idf * content).max()), 1e-9), np.float32)


def relevance(
    query: Query,
    pool: Pool,
    columns: Mapping[str, Floats],
    coefficients: Coefficients = DEFAULT,
) -> Floats:
    """Return the relevance of every candidate, (n,) in [0, 1];

    0 for a query that asks for nothing.
    """
    if manner.needs_no_memory(query.text):
        return np.zeros(len(pool.length), np.float32)
    if query.only_time:
        return IN_PERIOD * np.asarray(columns["period"], np.float32)
    logits = features(query, pool, columns) @ np.array(coefficients.values, np.float32)
    likely = 1 / (1 + np.exp(-logits))
    if manner.is_personal(query.text) or query.named:
        likely = MINIMUM + (1 - MINIMUM) * likely  # a personal question is one for memory
    return np.asarray(likely, np.float32)
