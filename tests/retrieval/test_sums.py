"""Sums over a query's terms, against plain loops of products."""

import numpy as np
import pytest

from remanence.retrieval.sums import overlaps, weighted

SHAPES = [(0, 3), (1, 1), (3, 5), (18, 5), (19, 5), (7, 9), (300, 8), (5, 96)]


def drawn(*shape):
    return np.random.default_rng(sum(shape)).random(shape, dtype=np.float32)


@pytest.mark.parametrize(("rows", "terms"), SHAPES)
def test_a_weighted_sum_is_the_sum_of_the_products_of_each_row(rows, terms):
    matrix, weights = drawn(rows, terms), drawn(terms)
    found = weighted(matrix, weights)
    assert found.dtype == np.float32 and found.shape == (rows,)
    assert found == pytest.approx([sum(row * weights) for row in matrix], rel=1e-5)


def test_flags_are_summed_as_ones():
    flags = np.array([[True, False, True], [False, False, False]])
    assert weighted(flags, np.array([1, 2, 4], np.float32)).tolist() == [5, 0]


@pytest.mark.parametrize("left", [1, 2, 5])
@pytest.mark.parametrize(("rows", "terms"), SHAPES)
def test_overlaps_are_inner_products_of_every_row_with_every_row(left, rows, terms):
    one, other = drawn(left, terms), drawn(rows, terms)
    naive = [[sum(a * b) for b in other] for a in one]
    assert overlaps(one, other) == pytest.approx(np.array(naive).reshape(left, rows), rel=1e-5)


def test_a_value_that_is_invalid_is_still_told():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        weighted(np.array([[np.inf, 1]], np.float32), np.array([0, 1], np.float32))
