"""The fast path of a batch and its naive twin:

the same loss, the same gradient of everything that goes in.
"""

import pytest
import torch

from remanence.kge.contrast import ContrastBatch, Scratch, contrast, gathered, lose, naive, sampled
from remanence.kge.objectives import OBJECTIVES, Shape
from remanence.kge.scorers import SCORERS
from remanence.kge.scorers.scorer import Linear

SHAPE = Shape(margin=2.0, temperature=0.5, stands_for=3.0)
KINDS = {
    "transe-l1": ("transe", {"norm": "l1", "scale": 0.5}),
    "transe-l2": ("transe", {"norm": "l2", "scale": 0.5}),
    "transe-squared": ("transe", {"scale": 0.3}),
    **{
        f"{name}-l2": (name, {"norm": "l2", "scale": 0.5})
        for name in ("transh", "transr", "transd")
    },
    "rotate-modulus": ("rotate", {"norm": "modulus", "scale": 0.5}),
    "rotate-l2": ("rotate", {"norm": "l2", "scale": 0.5}),
    "rotate-squared": ("rotate", {"scale": 0.3}),
    **{name: (name, {}) for name in SCORERS if name not in ("transe", "rotate")},
}
# queries, candidates, answers of each query, and the queries of each relation: one has none, one
# has a single query
SIZES = {
    "one": (1, 1, 1, [1]),
    "few": (7, 5, 2, [3, 0, 1, 3]),
    "odd": (13, 63, 3, [12, 1]),
}


def drawn(kind, size, seed=0):
    """A scorer and the leaves of a batch: the two sides, the bias, and the batch."""
    name, more = KINDS[kind]
    scorer = SCORERS[name](4, **more)
    queries, candidates, answers, sizes = SIZES[size]
    random = torch.Generator().manual_seed(seed)

    def normal(rows, side):
        return torch.randn(rows, getattr(scorer.widths(), side), generator=random) * 0.7

    r = normal(len(sizes), "relation")
    kinds = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    query = scorer.query(normal(queries, "entity"), r[kinds], normal(1, "shared"))
    tails = normal(candidates, "entity")
    given = [*query, *scorer.keys(tails), scorer.bias(r, tails)]
    owner = torch.arange(queries).repeat_interleave(answers)
    column = torch.stack(
        [torch.randperm(candidates, generator=random)[:answers] for _ in range(queries)]
    ).flatten()
    known = torch.rand(queries, candidates, generator=random) < 0.2
    known[owner, column] = True
    blocks = [0, *torch.tensor(sizes).cumsum(0).tolist()]
    return scorer, given, ContrastBatch(owner, column, torch.stack(torch.where(known)), blocks)


def gradients(form, scorer, given, batch, objective, apart, *scratch):
    """The loss, and its gradient by each of `given` and by `apart`;

    None where there was nothing.
    """
    leaves = [None if each is None else each.clone().requires_grad_() for each in (*given, apart)]
    query, offset, key, level, bias, apart = leaves
    loss = form(
        scorer,
        Linear(query, offset),
        Linear(key, level),
        bias,
        batch,
        objective,
        SHAPE,
        *scratch,
        apart,
    )
    (loss * 0.5).backward()
    return loss.detach(), [None if leaf is None else leaf.grad for leaf in leaves]


def same(found, wanted, **within):
    torch.testing.assert_close(found[0].float(), wanted[0], **within)
    for mine, theirs in zip(found[1], wanted[1], strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            torch.testing.assert_close(mine, theirs, **within)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_fast_path_gives_what_the_naive_gives(kind, objective, size):
    scorer, given, batch = drawn(kind, size)
    scratch = Scratch(torch.float32)
    wanted = gradients(naive, scorer, given, batch, objective, None)
    for _ in range(2):  # the second time in a buffer that is full of the first
        found = gradients(contrast, scorer, given, batch, objective, None, scratch)
        same(found, wanted, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("kind", KINDS)
def test_answers_scored_apart_are_not_looked_for_among_the_candidates(kind, objective):
    scorer, given, batch = drawn(kind, "few")
    batch = ContrastBatch(batch.owner, None, batch.hidden, batch.blocks)
    apart = torch.randn(len(batch.owner), generator=torch.Generator().manual_seed(9))
    wanted = gradients(naive, scorer, given, batch, objective, apart)
    found = gradients(contrast, scorer, given, batch, objective, apart, Scratch(torch.float32))
    assert wanted[1][-1].any()
    same(found, wanted, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_bfloat16_comes_near(kind):
    scorer, given, batch = drawn(kind, "odd")
    wanted = gradients(naive, scorer, given, batch, "softmax", None)
    found = gradients(contrast, scorer, given, batch, "softmax", None, Scratch(torch.bfloat16))
    same(found, wanted, rtol=0.1, atol=0.1)


def test_what_is_added_is_not_rounded_to_bfloat16_alone():
    """q.k is 0; the offset 100.25 and the level -100 have more digits than one bfloat16 number:

    the score is 0.25.
    """
    queries = Linear(torch.zeros(1, 2), torch.tensor([100.25]))
    keys = Linear(torch.zeros(2, 2), torch.tensor([-100.0, -100.25]))
    batch = ContrastBatch(torch.tensor([0]), torch.tensor([0]), torch.tensor([[0], [0]]), [0, 1])
    low = Scratch(torch.bfloat16)
    loss = contrast(SCORERS["distmult"](2), queries, keys, None, batch, "softmax", Shape(), low)
    assert loss.item() == pytest.approx(0.5759, abs=1e-3)  # log(e^0.25 + e^0) - 0.25


@pytest.mark.parametrize("kind", ["transe-l2", "rotate-l2"])
def test_an_answer_that_is_exactly_met_is_not_thrown_about(kind):
    """Where the distance is 0 its root has no slope: both paths leave such a pair alone."""
    name, more = KINDS[kind]
    scorer = SCORERS[name](2, **more)
    h, r = torch.tensor([[1.0, 2.0]]), torch.zeros(1, scorer.widths().relation)
    tails = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    given = [*scorer.query(h, r), *scorer.keys(tails), None]
    batch = ContrastBatch(torch.tensor([0]), torch.tensor([0]), torch.tensor([[0], [0]]), [0, 1])
    wanted = gradients(naive, scorer, given, batch, "softmax", None)
    found = gradients(contrast, scorer, given, batch, "softmax", None, Scratch(torch.float32))
    same(found, wanted, rtol=1e-3, atol=1e-5)


def test_a_query_without_an_answer_here_still_counts_for_nothing_with_softmax():
    scorer, given, batch = drawn("distmult", "few")
    none = torch.empty(0, dtype=torch.long)
    batch = ContrastBatch(none, none, batch.hidden, batch.blocks)
    loss, slopes = gradients(
        contrast, scorer, given, batch, "softmax", None, Scratch(torch.float32)
    )
    assert loss == 0
    assert not any(slope.any() for slope in slopes if slope is not None)


def test_the_buffer_grows_and_is_used_again():
    scratch, cpu = Scratch(torch.float32), torch.device("cpu")
    first = scratch.matrix(3, 5, cpu)
    assert scratch.matrix(5, 2, cpu).data_ptr() == first.data_ptr()
    assert scratch.matrix(4, 5, cpu).shape == (4, 5)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_loss_of_scores_leaves_the_scores_as_they_were(objective):
    positive = torch.tensor([0.5, -0.5], requires_grad=True)
    negative = torch.tensor([[0.1, 0.2], [0.3, -torch.inf]], requires_grad=True)
    before = negative.detach().clone()
    batch = ContrastBatch(torch.tensor([0, 1]), None, torch.empty(2, 0, dtype=torch.long), [0, 2])
    lose(positive, negative, batch, objective, SHAPE).backward()
    assert torch.equal(negative.detach(), before)
    assert torch.isfinite(negative.grad).all()
    assert negative.grad[1, 1] == 0


# -- candidates of each query's own ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("queries", "keys", "each", "width"), [(1, 1, 1, 1), (5, 3, 7, 4), (7, 63, 9, 5), (3, 9, 1, 2)]
)
def test_sampled_scores_are_those_of_gathering_and_multiplying(queries, keys, each, width):
    """Also where a candidate comes twice in a row, and where one comes never."""
    random = torch.Generator().manual_seed(0)
    query = torch.randn(queries, width, generator=random)
    key = torch.randn(keys, width, generator=random)
    candidates = torch.randint(keys, (queries, each), generator=random)
    weight = torch.randn(queries, each, generator=random)
    found = []
    for form in (sampled, gathered, lambda q, k, at: (q[:, None] * k[at]).sum(-1)):
        leaves = [query.clone().requires_grad_(), key.clone().requires_grad_()]
        scores = form(*leaves, candidates)
        (scores * weight).sum().backward()
        found.append([scores.detach(), *(leaf.grad for leaf in leaves)])
    torch.testing.assert_close(found[0], found[2])
    torch.testing.assert_close(found[1], found[2])
