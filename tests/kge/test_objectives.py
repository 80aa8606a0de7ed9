"""Every loss as its paper writes it, one answer after another, with autograd's gradient:

what the closed forms must equal.
"""

import math

import pytest
import torch
from torch.nn.functional import logsigmoid, softplus

from remanence.kge.objectives import OBJECTIVES, Shape

SHAPE = Shape(margin=1.5, temperature=0.7)


def plain_softmax(s, others, shape):
    return torch.log(s.exp() + others.exp().sum() * shape.stands_for) - s


def plain_all_softmax(s, others, shape):
    return torch.log(others.exp().sum() * shape.stands_for) - s


def plain_logistic(s, others, shape):
    return softplus(-s)  # the candidates' part is the query's: see `plain`


def plain_self_adversarial(s, others, shape):
    weight = (others * shape.temperature).softmax(0).detach()
    return -logsigmoid(shape.margin + s) - (weight * logsigmoid(-shape.margin - others)).sum()


def plain_margin(s, others, shape):
    return (shape.margin + others - s).clamp_min(0).mean()


PLAIN = {
    "softmax": plain_softmax,
    "all-softmax": plain_all_softmax,
    "logistic": plain_logistic,
    "self-adversarial": plain_self_adversarial,
    "margin": plain_margin,
}


def plain(name, positive, negative, owner, shape, weight=None):
    """The loss, answer by answer, over the candidates that are none of -inf."""
    loss = positive.sum() * 0
    weight = torch.ones(len(positive)) if weight is None else weight
    for s, query, counts in zip(positive, owner.tolist(), weight, strict=True):
        others = negative[query]
        loss = loss + PLAIN[name](s, others[torch.isfinite(others)], shape) * counts
    if (
        name == "logistic"
    ):  # "KvsAll" asks about each candidate of a query once, however many answers it has
        for query, row in enumerate(negative):
            mine = weight[owner == query]
            counts = mine.mean() if len(mine) else float(bool(weight.eq(1).all()))
            loss = loss + softplus(row[torch.isfinite(row)]).mean() * counts
    return loss


def scores(queries, candidates, answers, seed=0):
    """Scores with a tenth of the candidates hidden, and the answers' owners:

    not every query needs have one.
    """
    random = torch.Generator().manual_seed(seed)
    positive = torch.randn(answers, generator=random) * 2
    negative = torch.randn(queries, candidates, generator=random) * 2
    hidden = torch.rand(queries, candidates, generator=random) < 0.1
    hidden[:, 0] = False
    owner = torch.randint(queries, (answers,), generator=random).sort().values
    return positive, negative.masked_fill(hidden, -torch.inf), owner


def test_every_objective_is_in_this_suite():
    assert set(PLAIN) == set(OBJECTIVES)


@pytest.mark.parametrize("stands_for", [1.0, 9.0])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 7, 3), (5, 63, 12), (12, 4, 5)])
@pytest.mark.parametrize("name", PLAIN)
def test_loss_and_gradients_are_those_of_the_plain_loss(name, sizes, stands_for):
    shape = Shape(SHAPE.margin, SHAPE.temperature, stands_for)
    positive, negative, owner = scores(*sizes)
    leaves = [positive.clone().requires_grad_(), negative.clone().requires_grad_()]
    wanted = plain(name, *leaves, owner, shape)
    wanted.backward()
    found = OBJECTIVES[name](positive, negative, owner, shape)
    torch.testing.assert_close(found.loss, wanted.detach())
    torch.testing.assert_close(found.positive, leaves[0].grad)
    torch.testing.assert_close(found.negative, leaves[1].grad)


@pytest.mark.parametrize("name", PLAIN)
def test_an_answer_counts_what_its_weight_says(name):
    positive, negative, owner = scores(5, 21, 12)
    weight = torch.rand(12, generator=torch.Generator().manual_seed(4)) + 0.1
    leaves = [positive.clone().requires_grad_(), negative.clone().requires_grad_()]
    wanted = plain(name, *leaves, owner, SHAPE, weight)
    wanted.backward()
    found = OBJECTIVES[name](positive, negative, owner, SHAPE, weight)
    torch.testing.assert_close(found.loss, wanted.detach())
    torch.testing.assert_close(found.positive, leaves[0].grad)
    torch.testing.assert_close(found.negative, leaves[1].grad)


@pytest.mark.parametrize("name", PLAIN)
def test_weights_of_one_change_nothing(name):
    positive, negative, owner = scores(5, 21, 12)
    plainly = OBJECTIVES[name](positive, negative.clone(), owner, SHAPE)
    weighed = OBJECTIVES[name](positive, negative.clone(), owner, SHAPE, torch.ones(12))
    if name == "logistic":  # a query without an answer weighs nothing where weights are given
        answered = torch.bincount(owner, minlength=5) > 0
        torch.testing.assert_close(weighed.negative[answered], plainly.negative[answered])
    else:
        torch.testing.assert_close(weighed.negative, plainly.negative)
    torch.testing.assert_close(weighed.positive, plainly.positive)


@pytest.mark.parametrize("name", [name for name in PLAIN if name != "logistic"])
def test_answers_that_share_a_query_are_worth_as_much_as_each_alone(name):
    positive, negative, owner = scores(4, 9, 11)
    grouped = OBJECTIVES[name](positive, negative.clone(), owner, SHAPE)
    alone = OBJECTIVES[name](positive, negative[owner], torch.arange(11), SHAPE)
    torch.testing.assert_close(grouped.loss, alone.loss)
    torch.testing.assert_close(grouped.positive, alone.positive)
    summed = torch.zeros_like(negative).index_add_(0, owner, alone.negative)
    torch.testing.assert_close(grouped.negative, summed)


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_hidden_has_no_gradient_and_hides_nothing_else(name):
    positive, negative, owner = scores(5, 20, 8)
    hidden = torch.isinf(negative)
    found = OBJECTIVES[name](positive, negative, owner, SHAPE)
    assert hidden.any()
    assert not found.negative[hidden].any()
    with_answers = torch.zeros(5, dtype=torch.bool)
    with_answers[owner] = True
    if name != "margin":  # which is 0 beyond the margin
        assert (found.negative[~hidden & with_answers[:, None]] > 0).all()


@pytest.mark.parametrize("name", [name for name in PLAIN if name != "all-softmax"])
def test_where_no_candidate_is_left_the_loss_is_finite_and_moves_none(name):
    """Every entity is an answer of the second query."""
    negative = torch.tensor([[0.5, -1.0], [-torch.inf, -torch.inf]])
    positive, owner = torch.tensor([0.3, 0.1]), torch.tensor([0, 1])
    found = OBJECTIVES[name](positive, negative, owner, SHAPE)
    assert all(torch.isfinite(each).all() for each in found)
    assert not found.negative[1].any()
    assert found.negative[0].any()


@pytest.mark.parametrize("name", PLAIN)
def test_scores_far_out_give_numbers(name):
    positive = torch.tensor([1e4, -1e4])
    negative = torch.tensor([[-1e4, 1e4, -torch.inf], [1e4, 1e4, -1e4]])
    found = OBJECTIVES[name](positive, negative, torch.tensor([0, 1]), SHAPE)
    assert all(torch.isfinite(each).all() for each in found)


@pytest.mark.parametrize("name", PLAIN)
def test_the_gradient_is_written_over_the_scores(name):
    positive, negative, owner = scores(3, 5, 4)
    assert OBJECTIVES[name](positive, negative, owner, SHAPE).negative is negative


@pytest.mark.parametrize("name", PLAIN)
def test_bfloat16_comes_near_float32(name):
    positive, negative, owner = scores(6, 40, 9)
    low = negative.to(torch.bfloat16)
    wanted = OBJECTIVES[name](positive, low.float(), owner, SHAPE)
    found = OBJECTIVES[name](positive, low, owner, SHAPE)
    assert found.negative.dtype == torch.bfloat16
    assert found.positive.dtype == torch.float32
    torch.testing.assert_close(found.loss.float(), wanted.loss, rtol=0.02, atol=0)
    torch.testing.assert_close(found.positive, wanted.positive, rtol=0.02, atol=0.01)
    torch.testing.assert_close(found.negative.float(), wanted.negative, rtol=0.05, atol=0.01)


# -- by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("softmax", math.log(4 / 2)),  # e^s = 2, against 2 = 1 + 1
        ("all-softmax", math.log(2 / 2)),
        ("logistic", math.log(1 + 1 / 2) + math.log(2)),
        ("self-adversarial", math.log(1 + 1 / (2 * math.e)) + math.log(1 + math.e)),
        ("margin", 1 - math.log(2)),
    ],
)
def test_one_answer_against_two_candidates_by_hand(name, wanted):
    """s = log 2, both candidates 0, gamma = 1."""
    positive, negative = torch.tensor([math.log(2)]), torch.zeros(1, 2)
    found = OBJECTIVES[name](positive, negative, torch.tensor([0]), Shape(margin=1.0))
    assert found.loss.item() == pytest.approx(wanted, abs=1e-6)
