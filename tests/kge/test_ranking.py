"""Ranks by hand:

what is filtered, what shares a place, what types bar, and what the means are over.
"""

import numpy as np
import pytest
import torch

from remanence.errors import InvalidInput
from remanence.kge.ranking import Quality, Ranker, evaluation, naive_ranks
from remanence.kge.scorers import SCORERS
from remanence.kge.scorers.scorer import NOTHING
from remanence.kge.tables import Tables

# On a line: entity n stands at n; relation 0 moves by 1, relation 1 by 3; TransE, inverses tied.
LINE = Tables(torch.arange(6.0)[:, None], torch.tensor([[1.0], [3.0]]), NOTHING)
TRANSE = SCORERS["transe"](1)


def line(**more):
    return Ranker(TRANSE, LINE, 2, **more)


def ids(*rows):
    return np.array(rows, np.int64).reshape(-1, 3)


def test_the_answer_that_is_met_is_first_on_both_sides():
    assert line().ranks(ids((0, 0, 1), (1, 1, 4)), ids()).tolist() == [[1, 1], [1, 1]]


def test_the_place_counts_who_is_nearer_and_half_of_who_is_as_near():
    """(0, by 1, 3):

    aims at 1; 1 is nearest, 0 and 2 are next, then 3. From 3 back by 1: aims at 2; 2, {1, 3}, {0,
    4}, 5.
    """
    assert line().ranks(ids((0, 0, 3)), ids()).tolist() == [[4.0, 4.5]]


def test_known_answers_do_not_count_against_each_other():
    """With (0, by 1, 1) and (0, by 1, 0) known, only 2 is before 3;

    asked for heads they are other queries.
    """
    known = ids((0, 0, 1), (0, 0, 0), (0, 0, 3), (5, 0, 5), (0, 1, 2))
    assert line().ranks(ids((0, 0, 3)), known).tolist() == [[2.0, 4.5]]


def test_what_is_known_is_filtered_on_the_other_side_too():
    """Heads of (?, by 1, 3): 2 is known."""
    assert line().ranks(ids((0, 0, 3)), ids((2, 0, 3))).tolist() == [[4.0, 3.5]]


def test_several_answers_of_one_query_are_ranked_each_by_itself():
    both = ids((0, 0, 3), (0, 0, 1))
    apart = np.concatenate([line().ranks(each[None], both) for each in both])
    np.testing.assert_array_equal(line().ranks(both, both), apart)
    assert line().ranks(both, both).tolist() == [[3.0, 4.5], [1.0, 1.0]]


@pytest.mark.parametrize("tile", [6, 1 << 20])
def test_types_bar_who_may_not_answer(tile):
    """Only 3, 4 and 5 may be tails by 1, only 0 and 5 heads:

    of those, 3 is nearest to 1, and 0 to 2.
    """
    allowed = {0: np.array([3, 4, 5]), 2: np.array([0, 5])}
    ranker = line(tile=tile)
    assert ranker.ranks(ids((0, 0, 3)), ids(), allowed=allowed).tolist() == [[1.0, 1.0]]
    assert ranker.ranks(ids((0, 1, 4)), ids(), allowed=allowed).tolist() == (
        ranker.ranks(ids((0, 1, 4)), ids()).tolist()
    )


def test_an_answer_that_types_bar_is_an_error():
    with pytest.raises(InvalidInput, match="types bar it"):
        line().ranks(ids((0, 0, 3)), ids(), allowed={0: np.array([1, 2])})


def test_scores_that_are_no_numbers_are_an_error():
    broken = LINE.map(lambda each: each * torch.nan)
    with pytest.raises(InvalidInput, match="no finite number"):
        Ranker(TRANSE, broken, 2).ranks(ids((0, 0, 1)), ids())


def test_the_answer_counts_as_known_whether_or_not_it_was_handed_in():
    ranks = line().ranks(ids((0, 0, 3)), ids((0, 0, 1)))
    np.testing.assert_array_equal(line().ranks(ids((0, 0, 3)), ids((0, 0, 1), (0, 0, 3))), ranks)
    np.testing.assert_array_equal(
        naive_ranks(TRANSE, LINE, 2, ids((0, 0, 3)), ids((0, 0, 1))), ranks
    )


def test_nothing_to_rank_has_no_ranks():
    assert line().ranks(ids(), ids((0, 0, 1))).shape == (0, 2)


@pytest.mark.parametrize("tile", [1, 7, 13, 1 << 20])
def test_the_tile_changes_nothing(tile):
    random = np.random.default_rng(0)
    known = np.unique(
        np.stack(
            [random.integers(0, 6, 40), random.integers(0, 2, 40), random.integers(0, 6, 40)], 1
        ),
        axis=0,
    )
    found = line(tile=tile).ranks(known[::2], known)
    np.testing.assert_array_equal(found, naive_ranks(TRANSE, LINE, 2, known[::2], known))


def test_a_ranker_gives_the_same_again():
    ranker = line(tile=12)
    for _ in range(2):
        assert ranker.ranks(ids((0, 0, 3), (0, 1, 4)), ids((0, 0, 1))).tolist() == [
            [3, 4.5],
            [2.5, 2.5],
        ]


def test_progress_is_told_up_to_the_end():
    told = []
    line(tile=12).ranks(
        ids((0, 0, 3), (1, 0, 3), (2, 1, 4)), ids(), progress=lambda *at: told.append(at)
    )
    assert told == [(2, 5), (4, 5), (5, 5)]


# -- means ----------------------------------------------------------------------------------------


def test_quality_is_the_means_of_the_ranks():
    quality = Quality.of(np.array([1.0, 2.0, 4.0, 10.5]))
    assert quality.count == 4
    assert quality.mrr == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 10.5) / 4)
    assert quality.mr == pytest.approx(17.5 / 4)
    assert quality.hits == {1: 0.25, 3: 0.5, 10: 0.75}


def test_no_ranks_have_quality_zero():
    assert Quality.of(np.empty(0)) == Quality(0, 0.0, 0.0, {1: 0.0, 3: 0.0, 10: 0.0})


def test_an_evaluation_is_split_by_side_category_and_by_what_training_saw():
    """Relation 0 is 1-N in training (one head, three tails), relation 1 is 1-1, relation 2 is not
    in training.
    """
    train = ids((0, 0, 1), (0, 0, 2), (0, 0, 3), (1, 1, 2))
    test = ids((0, 0, 4), (3, 1, 1), (0, 2, 1))
    ranks = np.array([[2.0, 1.0], [4.0, 8.0], [5.0, 5.0]])
    found = evaluation(ranks, test, train, 3, np.array([True, False, True]))
    assert found.overall == Quality.of(ranks.ravel())
    assert found.unseen == 2
    assert found.seen == Quality.of(np.array([4.0, 8.0]))
    assert found.side == {"tail": Quality.of(ranks[:, 0]), "head": Quality.of(ranks[:, 1])}
    assert found.category == {
        "1-1": {"tail": Quality.of(ranks[1:2, 0]), "head": Quality.of(ranks[1:2, 1])},
        "1-N": {"tail": Quality.of(ranks[0:1, 0]), "head": Quality.of(ranks[0:1, 1])},
    }
    assert found.as_json()["overall"]["hits"][10] == 1.0
