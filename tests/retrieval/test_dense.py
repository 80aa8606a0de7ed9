"""Vectors: the scan of codes finds what comparing with every vector finds."""

import numpy as np
import pytest

from remanence.retrieval.dense import EXACT_BELOW, Dense, smallest


def unit(rng, n, dim, mean=0.0):
    vectors = rng.standard_normal((n, dim)) + mean
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def clustered(rng, n, dim, mean=0.0):
    """Vectors around forty topics, as texts are; evenly spread ones have no neighbours to find."""
    vectors = unit(rng, n, dim, mean) + unit(rng, 40, dim)[rng.integers(0, 40, n)]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def naive(vectors, query, k, allowed=None):
    scores = vectors.astype(np.float32) @ query
    if allowed is not None:
        scores[~allowed] = -np.inf
    return set(np.argsort(-scores, kind="stable")[:k].tolist())


def found(index, query, k, allowed=None):
    rows = index.nearest(query, 400, allowed)
    return set(rows[np.argsort(-index.at(query, rows), kind="stable")[:k]].tolist())


@pytest.mark.parametrize("dim", [32, 100, 256, 384])
@pytest.mark.parametrize("mean", [0.0, 0.5])
def test_the_ten_nearest_are_found(dim, mean):
    """Also where all vectors share a large mean, as text embeddings do: centring takes it out."""
    rng = np.random.default_rng(dim)
    vectors = clustered(rng, 6000, dim, mean)
    index = Dense(dim, None)
    for start in range(0, 6000, 777):
        index.extend(vectors[start : start + 777])
    queries = vectors[rng.integers(0, 6000, 30)].astype(np.float32)
    hits = [len(found(index, q, 10) & naive(vectors, q, 10)) / 10 for q in queries]
    assert np.mean(hits) >= 0.99 if dim >= 256 else np.mean(hits) >= 0.9


@pytest.mark.parametrize("n", [0, 1, 3, EXACT_BELOW, EXACT_BELOW + 1])
def test_odd_sizes_are_exact(n):
    rng = np.random.default_rng(n)
    vectors = unit(rng, n, 64).astype(np.float16)
    index = Dense(64, np.zeros(64, np.float32))
    index.extend(vectors)
    query = unit(rng, 1, 64)[0]
    assert len(found(index, query, 5) & naive(vectors, query, 5)) >= min(n, 5) - (n > EXACT_BELOW)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.5])
def test_a_filter_holds_before_ranking(share):
    rng = np.random.default_rng(7)
    vectors = clustered(rng, 5000, 256)
    index = Dense(256, None)
    index.extend(vectors)
    allowed = rng.random(5000) < share
    query = vectors[17].astype(np.float32)
    got = found(index, query, 10, allowed)
    assert allowed[sorted(got)].all()
    assert len(got & naive(vectors, query, min(10, int(allowed.sum())), allowed)) >= 0.9 * len(got)
    assert len(got) == min(10, allowed.sum())


def test_scores_are_the_cosines():
    rng = np.random.default_rng(3)
    vectors = unit(rng, 50, 256)
    index = Dense(256, None)
    index.extend(vectors.astype(np.float16))
    query = unit(rng, 1, 256)[0]
    assert np.allclose(index.at(query, np.arange(50)), vectors @ query, atol=1e-3)
    assert np.allclose(index.mean, vectors.mean(axis=0), atol=1e-3)


@pytest.mark.parametrize("count", [1, 10, 400, 5000])
def test_smallest_finds_at_least_as_many_as_asked_and_the_smallest(count):
    rng = np.random.default_rng(count)
    distance = rng.integers(60, 200, 300_001).astype(np.uint8)
    rows = smallest(distance, count)
    assert count <= len(rows) <= 2 * count
    worst = np.sort(distance)[count - 1]
    assert (distance[rows] <= worst).sum() >= count
