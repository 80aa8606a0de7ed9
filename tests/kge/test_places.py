"""Places among scores: row by row, all at once, and by the definition, the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from remanence.errors import InvalidInput
from remanence.kge.places import RowRequest, Tile, at_once, by_row, multiply, places

SIZES = {"one": (1, 1), "few": (5, 7), "odd": (9, 63), "none": (0, 4)}


def drawn(size, *, added):
    """Scores of few values, so that many are equal;

    queries with no answer, with one, with several; what is hidden, the answers among it.
    """
    queries, candidates = SIZES[size]
    random = np.random.default_rng(0)
    scores = torch.from_numpy(random.integers(-3, 3, (queries, candidates)).astype(np.float32))
    counts = random.integers(0, min(4, candidates) + 1, queries)
    answers = [random.permutation(candidates)[:count] for count in counts]
    hidden = [np.union1d(each, random.integers(0, candidates, 2)) for each in answers]
    which = np.sort(random.integers(0, 2, queries))
    more = torch.from_numpy(random.integers(-3, 3, (2, candidates)).astype(np.float32))
    ends = np.append(0, np.cumsum(counts)).astype(np.int64)
    flat = np.concatenate([*answers, np.empty(0, np.int64)]).astype(np.int64)
    row = random.integers(0, max(queries, 1), queries) if added else np.arange(queries)
    tile = Tile(scores, row, more if added else None, which)
    return tile, RowRequest(flat, ends, hidden)


def defined(tile, wanted):
    """For each answer 1 + those above + half of those beside, all that is hidden left out."""
    found = []
    for query, (row, which) in enumerate(zip(tile.row, tile.which, strict=True)):
        whole = tile.scores[row] if tile.added is None else tile.scores[row] + tile.added[which]
        whole = whole.tolist()
        others = [x for n, x in enumerate(whole) if n not in wanted.hidden[query].tolist()]
        for answer in wanted.answers[wanted.ends[query] : wanted.ends[query + 1]].tolist():
            above = sum(x > whole[answer] for x in others)
            found.append(1 + above + sum(x == whole[answer] for x in others) / 2)
    return found


@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_places_are_as_defined(size, added):
    given = drawn(size, added=added)
    wanted = defined(*given)
    assert places(*given).tolist() == wanted


@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_tile_at_once_counts_what_row_by_row_counts(size, added):
    tile, asked = drawn(size, added=added)
    found, wanted = (
        form(replace(tile, scores=tile.scores.clone()), asked) for form in (at_once, by_row)
    )
    torch.testing.assert_close(found[0], wanted[0], rtol=0, atol=0)
    np.testing.assert_array_equal(found[1], wanted[1])


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_an_answer_without_a_finite_score_is_an_error(bad):
    scores = torch.tensor([[1.0, bad, 2.0]])
    wanted = RowRequest(np.array([1]), np.array([0, 1]), [np.array([1])])
    with pytest.raises(InvalidInput, match="no finite number"):
        places(Tile(scores, np.array([0]), None, np.array([0])), wanted)


@pytest.mark.parametrize(("rows", "width", "columns"), [(1, 1, 1), (3, 5, 7), (13, 4, 63)])
def test_the_product_is_torchs_in_whatever_order_the_numbers_lie(rows, width, columns):
    random = torch.Generator().manual_seed(0)
    left = torch.randn(rows, width, generator=random)
    right = torch.randn(columns, width, generator=random).T
    for each in (right, right.contiguous()):
        out = torch.empty(rows + 2, columns)
        multiply(left, each, out[1:-1])
        torch.testing.assert_close(out[1:-1], left @ right)
