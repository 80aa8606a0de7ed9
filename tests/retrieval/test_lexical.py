"""BM25: the inverted index agrees with the formula applied row by row."""

import math
import random

import numpy as np
import pytest

from remanence.retrieval.lexical import Lexical
from remanence.storage.appending import POSTING


def blob(counts):
    return np.array(sorted(counts.items()), POSTING).tobytes() if counts else b""


def naive(rows, gone, terms, k1, b):
    """Robertson and Zaragoza 2009, equation 3.15, with Lucene's idf, term by term and row by row."""
    live = [number for number in range(len(rows)) if number not in gone]
    mean = sum(sum(rows[n].values()) for n in live) / max(1, len(live))
    scores = np.zeros(len(rows))
    for term, weight in terms:
        df = sum(term in rows[n] for n in live)
        idf = math.log(1 + (len(live) - df + 0.5) / (df + 0.5))
        for n in live:
            tf = min(rows[n].get(term, 0), 63)
            length = sum(rows[n].values())
            scores[n] += weight * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean))
    return scores


def random_rows(rng, n, vocabulary=40):
    return [
        {
            rng.randrange(1, vocabulary) * 7919: rng.choice([1, 1, 2, 5, 70])
            for _ in range(rng.randint(0, 9))
        }
        for _ in range(n)
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 7, 63, 500])
@pytest.mark.parametrize("tail", [3, 10_000])
def test_scores_are_those_of_the_formula(monkeypatch, n, tail):
    """Whether rows stand in the tail, in one segment or in many; with some retired."""
    monkeypatch.setattr("remanence.retrieval.lexical._TAIL_ROWS", tail)
    rng = random.Random(n)
    rows = random_rows(rng, n)
    index = Lexical()
    at = 0
    while at < n:
        step = rng.randint(1, 9)
        index.extend([blob(row) for row in rows[at : at + step]])
        at += step
    gone = set(rng.sample(range(n), n // 5))
    for row in gone:
        index.retire(row)
    terms = [(rng.randrange(1, 40) * 7919, rng.choice([1.0, 0.5, 2.0])) for _ in range(5)]
    terms = list(dict(terms).items())
    got = index.scores(terms, 1.2, 0.4, budget=10**9)
    assert np.allclose(got, naive(rows, gone, terms, 1.2, 0.4), rtol=1e-4, atol=1e-5)


def test_counts_are_what_was_stored():
    rng = random.Random(5)
    rows = random_rows(rng, 300)
    index = Lexical()
    for row in rows:
        index.extend([blob(row)])
    terms = [7919 * n for n in range(1, 40)] + [12345]
    for some in (0, 1, 5, 77, 300):  # fewer rows than a term has postings, and more
        asked = np.array(sorted(rng.sample(range(300), some)), np.int64)
        expected = [[min(rows[n].get(term, 0), 63) for term in terms] for n in asked]
        assert np.array_equal(index.counts(terms, asked), np.reshape(expected, (some, 40)))


def test_a_term_looked_up_before_is_looked_up_anew_after_a_change(monkeypatch):
    monkeypatch.setattr("remanence.retrieval.lexical._KEPT", 2)
    index = Lexical()
    for n in range(1, 6):
        index.extend([blob({7: n, 8: 1, 9: 1})])
        assert [index.frequency(term) for term in (7, 8, 9)] == [n, n, n]
    index.settle()
    assert index.counts([7], np.arange(5)).ravel().tolist() == [1, 2, 3, 4, 5]


def test_merging_segments_changes_no_score(monkeypatch):
    monkeypatch.setattr("remanence.retrieval.lexical._TAIL_ROWS", 4)
    rng = random.Random(1)
    rows = random_rows(rng, 1000)
    index = Lexical()
    for start in range(0, 1000, 5):
        index.extend([blob(row) for row in rows[start : start + 5]])
    assert len(index._segments) < 40  # two hundred were made
    terms = [(7919 * n, 1.0) for n in (1, 5, 9)]
    before = index.scores(terms, 1.0, 0.4, 10**9)
    index.settle()
    assert len(index._segments) == 1
    assert np.allclose(index.scores(terms, 1.0, 0.4, 10**9), before)


def test_the_commonest_words_are_left_out_when_the_budget_is_spent():
    index = Lexical()
    rare, common = 1, 2
    index.extend([blob({common: 1, **({rare: 1} if n < 3 else {})}) for n in range(5000)])
    scores = index.scores([(common, 1.0), (rare, 1.0)], 1.0, 0.4, budget=100)
    assert np.flatnonzero(scores).tolist() == [0, 1, 2]
    assert np.count_nonzero(index.scores([(common, 1.0)], 1.0, 0.4, budget=100)) == 5000


def test_an_unknown_term_scores_nothing():
    index = Lexical()
    index.extend([blob({3: 1})])
    assert not index.scores([(99, 1.0)], 1.0, 0.4, 100).any()
    assert index.frequency(99) == 0
