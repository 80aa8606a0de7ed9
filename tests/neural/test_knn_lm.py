"""kNN-LM: distances, shares and mixture as the paper's equations say, and never worse than the
model on the text it was tuned on.
"""

import math

import pytest
import torch

from remanence.errors import InvalidInput
from remanence.neural import knn_lm
from remanence.neural.knn_lm import Datastore, Mixture, chances, distribution, loss, mixed, tune

torch.set_num_threads(1)
WORDS = 11


def store(count, seed=0, wide=6):
    torch.manual_seed(seed)
    return Datastore(torch.randn(count, wide) + 2, torch.randint(WORDS, (count,)))


@pytest.mark.parametrize("count", [2, 3, 50, 51])
@pytest.mark.parametrize("asked", [1, 9])
def test_the_nearest_are_those_of_a_sort_by_distance(count, asked, monkeypatch):
    monkeypatch.setattr(knn_lm, "BLOCK", 4)
    made = store(count)
    contexts = torch.randn(asked, 6) + 2
    found = made.nearest(contexts, 7)
    squared = torch.cdist(contexts.double(), made.contexts.double()).square()
    unit = torch.cdist(made.contexts.double(), made.contexts.double()).square().mean()
    want, place = (squared / unit).sort(1)
    torch.testing.assert_close(found.distances.double(), want[:, :7], atol=1e-5, rtol=1e-4)
    assert torch.equal(found.tokens, made.tokens[place[:, :7]])


def test_the_mean_distance_is_the_unit_so_a_scale_changes_nothing():
    made = store(40)
    larger = Datastore(made.contexts * 30, made.tokens)
    asked = torch.randn(5, 6)
    one, other = made.nearest(asked, 3), larger.nearest(asked * 30, 3)
    torch.testing.assert_close(one.distances, other.distances, rtol=1e-4, atol=1e-4)


def test_a_distribution_is_equation_2():
    made = store(30)
    found = made.nearest(torch.randn(4, 6) + 2, 8)
    near = distribution(found, WORDS, 0.3)
    for row in range(4):
        weights = [math.exp(-float(d) / 0.3) for d in found.distances[row]]
        for word in range(WORDS):
            share = sum(
                w for w, token in zip(weights, found.tokens[row], strict=True) if token == word
            )
            assert float(near[row, word]) == pytest.approx(share / sum(weights), abs=1e-6)
    targets = torch.randint(WORDS, (4,))
    torch.testing.assert_close(
        chances(found, targets, 0.3), near.gather(1, targets[:, None]).squeeze(1)
    )


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_mixture_is_equation_3_and_sums_to_one(share):
    found = store(30).nearest(torch.randn(6, 6) + 2, 8)
    logits, targets = torch.randn(6, WORDS), torch.randint(WORDS, (6,))
    both = mixed(logits, found, Mixture(share, 1.0))
    torch.testing.assert_close(both.sum(1), torch.ones(6))
    want = share * distribution(found, WORDS, 1.0) + (1 - share) * torch.softmax(logits, 1)
    torch.testing.assert_close(both, want)
    model = torch.log_softmax(logits, 1).gather(1, targets[:, None]).squeeze(1)
    nats = -both.gather(1, targets[:, None]).clamp(min=1e-12).log().mean()
    assert loss(model, found, targets, Mixture(share, 1.0)) == pytest.approx(float(nats), abs=1e-5)


def test_text_that_comes_again_is_foretold_and_tuning_sees_it():
    torch.manual_seed(3)
    contexts, tokens = torch.randn(200, 6), torch.randint(WORDS, (200,))
    made = Datastore(contexts, tokens)
    model = torch.full((50,), -math.log(WORDS))  # knows nothing
    found = made.nearest(contexts[:50] + 0.01 * torch.randn(50, 6), 16)
    best = tune(model, found, tokens[:50])
    assert best.share == max(knn_lm.SHARES)
    assert loss(model, found, tokens[:50], best) < 0.3 * math.log(WORDS)


def test_neighbours_that_say_nothing_are_left_out():
    torch.manual_seed(4)
    found = store(300).nearest(torch.randn(80, 6), 4)
    targets = torch.randint(WORDS, (80,))
    model = torch.full((80,), math.log(0.9))  # right, and sure of it
    best = tune(model, found, targets)
    assert best.share == 0
    assert loss(model, found, targets, best) == pytest.approx(-math.log(0.9), abs=1e-6)


def test_what_does_not_fit_is_refused():
    with pytest.raises(InvalidInput, match=r"not \(N, D\)"):
        Datastore(torch.randn(3, 2), torch.zeros(4, dtype=torch.long))
    with pytest.raises(InvalidInput, match=r"not \(N, D\)"):
        Datastore(torch.randn(0, 2), torch.zeros(0, dtype=torch.long))
    with pytest.raises(InvalidInput, match="not finite"):
        Datastore(torch.full((1, 2), math.nan), torch.zeros(1, dtype=torch.long))
    for contexts, k in ((torch.randn(1, 5), 3), (torch.randn(1, 6), 0)):
        with pytest.raises(InvalidInput, match="from 1 on"):
            store(9).nearest(contexts, k)
