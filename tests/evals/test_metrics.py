"""Each measure against examples worked by hand."""

import math

import pytest

from remanence.evals import metrics

RANKED = ["a", "x", "b", "y", "c"]


@pytest.mark.parametrize(
    ("gold", "k", "expected"),
    [
        ({"a"}, 1, 1.0),
        ({"x"}, 1, 0.0),
        ({"a", "b"}, 1, 1 / 2),
        ({"a", "b"}, 3, 1.0),
        ({"a", "b", "z"}, 3, 2 / 3),
        ({"z"}, 5, 0.0),
        ({"a", "c"}, 100, 1.0),
    ],
)
def test_recall_is_the_share_of_gold_in_the_first_k(gold, k, expected):
    assert metrics.recall(RANKED, gold, k) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("gold", "expected"),
    [({"a"}, 1.0), ({"x", "c"}, 1 / 2), ({"c"}, 1 / 5), ({"z"}, 0.0)],
)
def test_reciprocal_rank_looks_at_the_first_hit_only(gold, expected):
    assert metrics.reciprocal_rank(RANKED, gold) == pytest.approx(expected)


def test_ndcg_of_hits_at_one_and_three():
    """Gold a, b: gain 1/log2(2) + 1/log2(4) = 1.5, at best 1/log2(2) + 1/log2(3)."""
    assert metrics.ndcg(RANKED, {"a", "b"}, 10) == pytest.approx(1.5 / (1 + 1 / math.log2(3)))


def test_ndcg_beyond_k_counts_nothing_and_ideal_stops_at_k():
    assert metrics.ndcg(RANKED, {"c"}, 4) == 0.0
    assert metrics.ndcg(RANKED, {"a", "b", "c"}, 1) == 1.0
    assert metrics.ndcg(RANKED, {"b"}, 3) == pytest.approx(1 / 2)  # 1 / log2(4)


def test_a_perfect_list_scores_one_and_an_empty_one_zero_everywhere():
    gold = {"a", "b", "c"}
    for measure in (
        lambda ranked: metrics.recall(ranked, gold, 3),
        lambda ranked: metrics.reciprocal_rank(ranked, gold),
        lambda ranked: metrics.ndcg(ranked, gold, 3),
    ):
        assert measure(["c", "a", "b", "x"]) == pytest.approx(1.0)
        assert measure([]) == 0.0


def test_gold_named_twice_counts_once():
    assert metrics.recall(["a"], ["a", "a"], 1) == 1.0
    assert metrics.ndcg(["a"], ["a", "a"], 10) == 1.0


def test_unique_keeps_the_first_place_of_each():
    assert metrics.unique(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]
