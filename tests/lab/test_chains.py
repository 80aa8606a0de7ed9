"""Sums over chains are what going through every chain gives;

keys find what a sentence names; what was told later is in no chain.
"""

from dataclasses import replace

import pytest
import torch

from remanence.lab.babi_training import BabiTraining, error, train
from remanence.lab.chains import Chain, enumerated, places, shares
from remanence.lab.episodic import EpisodicMemory
from remanence.lab.fact_memory import EpisodicConfig
from remanence.lab.tasks.babi import BabiQuestion, Encoded, Lexicon, Story, generated, words

SMALL = EpisodicConfig(size=16, entity=8, role=3, writes=2, reads=2, hops=1, heads=2, edges=2)


def chain(edges: int, steps: int, seed: int = 0) -> Chain:
    torch.manual_seed(seed)
    first, last = torch.rand(2, 2, 3, edges, dtype=torch.float64)
    then = torch.rand(2, edges, edges, dtype=torch.float64)
    return Chain(first, torch.rand(2, 3, steps, edges, dtype=torch.float64), then, last)


@pytest.mark.parametrize(("edges", "steps"), [(1, 1), (1, 3), (5, 2), (4, 3), (3, 4)])
def test_forward_and_backward_sums_are_the_sums_over_every_chain_in_value_and_gradient(
    edges: int, steps: int
) -> None:
    made = chain(edges, steps)
    leaves = [part.requires_grad_() for part in made]
    fast, naive = shares(made), enumerated(made)
    torch.testing.assert_close(fast.evidence, naive.evidence)
    assert [share.shape[2] for share in fast.edges] == list(range(1, steps + 1))
    for one, other in zip(fast.edges, naive.edges, strict=True):
        torch.testing.assert_close(one, other)
    weight = torch.randn_like(naive.edges[-1])
    gradients = [
        torch.autograd.grad(
            (of.edges[-1] * weight).sum() + of.evidence.sum(),
            leaves,
            allow_unused=True,
            materialize_grads=True,
        )
        for of in (fast, naive)
    ]
    torch.testing.assert_close(*gradients)


def test_where_no_chain_fits_shares_are_zero_and_gradients_are_numbers() -> None:
    made = chain(3, 3)
    made = made._replace(each=torch.zeros_like(made.each).requires_grad_())
    found = shares(made)
    assert not any(share.any() for share in found.edges)
    sum(share.sum() for share in found.edges).backward()  # type: ignore[union-attr]
    assert torch.isfinite(made.each.grad).all()  # type: ignore[arg-type]


def test_places_count_from_both_ends_and_padding_moves_none() -> None:
    kept = torch.tensor([[True, True, True, False], [True, False, False, False]])
    at, ends = places(kept, 3)
    assert at.tolist() == [0, 1, 2, 2]
    assert ends[0, :3].tolist() == [2, 1, 0]
    assert ends[1, 0] == 0


def test_the_keys_of_sentences_that_name_the_same_are_alike_before_anything_is_learnt() -> None:
    torch.manual_seed(0)
    stories = generated(40, 0, ("Mary", "John", "小明", "Ada"))
    lexicon = Lexicon.of(stories)
    encoded = Encoded(stories, lexicon)
    (batch,) = encoded.batches(40)
    model = EpisodicMemory(SMALL, lexicon.size, len(lexicon.answers))
    assert model.chains is not None
    model.chains.begin(encoded.counts(lexicon.size))
    sentences = batch.sentences
    begins = model.chains.told(
        sentences, model.spell(sentences), torch.arange(len(sentences))[None]
    )
    first = begins.begin[0].unflatten(0, (-1, SMALL.edges))[:, 0]
    like = first @ first.T
    who = sentences[:, 0]
    same = (who[:, None] == who) & ~torch.eye(len(who), dtype=torch.bool)
    assert like[same].mean() > like[who[:, None] != who].mean() + 0.2


@pytest.mark.parametrize("steps", [1, 3])
def test_chains_hold_no_fact_that_was_told_after_the_question_and_each_fact_once_in_a_row(
    steps: int,
) -> None:
    torch.manual_seed(0)
    stories = generated(3, 2)
    lexicon = Lexicon.of(stories)
    (batch,) = Encoded(stories, lexicon).batches(3)
    model = EpisodicMemory(replace(SMALL, chain=steps), lexicon.size, 3)
    answer = model(batch, explain=True)
    asked = batch.after > 0
    assert len(answer.chains) == steps
    for length, share in enumerate(answer.chains, 1):
        assert share.shape == (*batch.after.shape, length, batch.facts.shape[1])
        torch.testing.assert_close(share.sum(-1)[asked], torch.ones_like(share.sum(-1)[asked]))
        assert not share[batch.after == 2][..., 2:].any()
    if steps > 1:  # two facts: the one is followed by the other
        pair = answer.chains[1][batch.after == 2][..., :2]
        torch.testing.assert_close(pair[:, 0], pair[:, 1].flip(-1))


def kinds(count: int, seed: int) -> list[Story]:
    """A is of a kind, B is of that kind, B has a colour: which colour has A?"""
    dice = torch.Generator().manual_seed(seed)
    names, sorts, colours = ("ann", "bob", "cat", "dan"), ("frog", "swan"), ("red", "blue", "grey")
    stories = []
    for _ in range(count):
        who = [names[at] for at in torch.randperm(4, generator=dice)]
        sort = [sorts[at] for at in torch.randperm(2, generator=dice)]
        colour = [colours[at] for at in torch.randperm(3, generator=dice)]
        facts = [f"{who[i]} is a {sort[i % 2]}" for i in range(4)]
        facts += [f"{who[i]} is {colour[i]}" for i in range(2)]
        facts = [facts[at] for at in torch.randperm(6, generator=dice)]
        asked = BabiQuestion(words(f"what color is {who[2]}"), colour[0], 6)
        stories.append(Story(tuple(map(words, facts)), (asked,)))
    return stories


@pytest.mark.slow
def test_chains_of_three_facts_learn_what_facts_one_by_one_do_not() -> None:
    recipe = BabiTraining(epochs=5, batch=32, rate=5e-3)
    config = replace(SMALL, size=32, entity=16, role=8, edges=4)
    wrong = {}
    for steps in (1, 3):
        made = train(kinds(500, 1), replace(config, chain=steps), recipe)
        wrong[steps] = error(made.model, Encoded(kinds(100, 2), made.lexicon))
    assert wrong[3] <= 5
    assert wrong[1] >= 20
