"""The fact memory's parallel form is its sequential form;

the network around it sees the past alone, explains itself, and learns.
"""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.babi_training import BabiTraining, error, train, train_with_restarts
from remanence.lab.episodic import EpisodicMemory
from remanence.lab.fact_memory import (
    EpisodicConfig,
    FactMemory,
    sequential,
    solve,
    weights,
)
from remanence.lab.tasks.babi import Encoded, Lexicon, Story, StoryBatch, generated

SMALL = EpisodicConfig(size=16, entity=5, role=3, writes=2, reads=2, hops=2, heads=2)


def memory(seed: int = 0) -> FactMemory:
    torch.manual_seed(seed)
    return FactMemory(SMALL).double()


def facts(length: int, rows: int = 3) -> Tensor:
    return torch.randn(rows, length, SMALL.size, dtype=torch.float64)


def matrix(rows: int = 3) -> Tensor:
    return torch.randn(rows, SMALL.entity * SMALL.role, SMALL.entity, dtype=torch.float64)


def batch(stories: list[Story]) -> StoryBatch:
    (made,) = Encoded(stories, Lexicon.of(stories)).batches(len(stories))
    return made


@pytest.mark.parametrize("length", [1, 2, 7, 31])
def test_all_writes_at_once_are_the_writes_one_by_one_in_value_and_gradient(length: int) -> None:
    cell, told, before = memory(), facts(length), matrix()
    naive_rows, naive_after = sequential(cell.writes(told), before)
    naive = torch.autograd.grad(naive_after.square().sum(), list(cell.content.parameters()))
    after = cell.write({"matrix": before}, told)["matrix"]
    fast = torch.autograd.grad(after.square().sum(), list(cell.content.parameters()))
    torch.testing.assert_close(solve(cell.writes(told), before), naive_rows)
    torch.testing.assert_close(after, naive_after)
    torch.testing.assert_close(fast, naive)


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_writing_in_two_parts_is_writing_at_once(cut: int) -> None:
    cell, told = memory(), facts(7)
    state = {"matrix": matrix()}
    parts = cell.write(cell.write(state, told[:, :cut]), told[:, cut:])
    torch.testing.assert_close(parts["matrix"], cell.write(state, told)["matrix"])


def test_fact_t_reads_what_was_written_before_it() -> None:
    cell, told = memory(), facts(5)
    state = {"matrix": matrix()}
    said, after = cell.through(state, told)
    for t in range(5):
        once = cell.read(cell.write(state, told[:, :t]) if t else state, told[:, t : t + 1])
        torch.testing.assert_close(said[:, t : t + 1], once)
    torch.testing.assert_close(after["matrix"], cell.write(state, told)["matrix"])


def test_padding_writes_nothing_and_a_row_of_padding_comes_back_bit_by_bit() -> None:
    cell, told, before = memory(), facts(6), matrix()
    mask = torch.ones(3, 6, dtype=torch.bool)
    mask[0] = False
    mask[1, 4:] = False
    kept = before.clone()
    after = cell.write({"matrix": before}, told, mask)["matrix"]
    assert torch.equal(after[0], before[0])
    assert torch.equal(before, kept)
    torch.testing.assert_close(after[1], cell.write({"matrix": before}, told[:, :4])["matrix"][1])


def test_a_key_written_again_holds_the_new_value_alone() -> None:
    made = memory().writes(facts(4, rows=1))
    same = made._replace(
        entity=made.entity[:, :1].expand_as(made.entity),
        role=made.role[:, :1].expand_as(made.role),
        gate=torch.ones_like(made.gate),
        move=torch.zeros_like(made.move),
    )
    held = solve(same).sum(1)  # all keys are one key of length one, so a read of it is the sum
    torch.testing.assert_close(held, same.content[:, -1])


def test_a_read_is_its_attention_weights_times_what_the_facts_added() -> None:
    cell = memory()
    made = cell.writes(facts(5))
    scores = torch.randn(3, 4, 2, made.content.shape[1], dtype=torch.float64)
    read = scores.flatten(1, 2) @ solve(made)
    told = weights(scores, made).flatten(1, 2) @ made.content
    torch.testing.assert_close(told, read)


@pytest.mark.parametrize("relate", [0, 2])
def test_a_question_does_not_see_facts_told_after_it(relate: int) -> None:
    torch.manual_seed(0)
    stories = generated(3, 2)
    whole = batch(stories)
    model = EpisodicMemory(replace(SMALL, relate=relate), 20, 3).eval()
    changed = whole.facts.clone()
    changed[:, 2:] = whole.facts[:, 2:].flip(0)
    assert not torch.equal(changed, whole.facts)
    other = replace(whole, facts=changed)
    first = whole.after == 2
    torch.testing.assert_close(model(other).logits[first], model(whole).logits[first])


def test_a_story_is_answered_alike_alone_and_among_longer_ones() -> None:
    torch.manual_seed(0)
    stories = generated(6, 3)
    lexicon = Lexicon.of(stories)
    model = EpisodicMemory(replace(SMALL, relate=1), lexicon.size, len(lexicon.answers)).eval()
    (together,) = Encoded(stories, lexicon).batches(6)
    order = sorted(range(6), key=lambda row: len(stories[row].facts))
    both = model(together).logits
    for at, row in enumerate(order):
        (one,) = Encoded([stories[row]], lexicon).batches(1)
        count = len(stories[row].questions)
        torch.testing.assert_close(both[at, :count], model(one).logits[0], rtol=1e-4, atol=1e-5)


def test_an_explanation_has_a_weight_for_each_hop_read_and_fact_and_none_for_the_future() -> None:
    made = batch(generated(3, 4))
    answer = EpisodicMemory(SMALL, 20, 3)(made, explain=True)
    assert len(answer.attention) == SMALL.hops
    for found in answer.attention:
        assert found.shape == (*made.after.shape, SMALL.reads, made.facts.shape[1])
        assert not found[made.after == 2][..., 2:].any()


@pytest.mark.slow
def test_it_learns_where_people_are_and_the_same_seed_learns_the_same() -> None:
    stories = generated(150, 5)
    recipe = BabiTraining(epochs=25, batch=64, rate=5e-3)
    made = train(stories, replace(SMALL, size=32, entity=16), recipe)
    assert error(made.model, Encoded(generated(50, 6), made.lexicon)) <= 10
    short = replace(recipe, epochs=1)
    one, two = (train(stories, SMALL, short).model.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_of_several_seeds_the_one_best_on_held_out_stories_is_kept_and_a_good_one_is_the_last() -> (
    None
):
    stories, recipe = generated(30, 5), BabiTraining(epochs=1, batch=32)
    best, errors = train_with_restarts(stories, SMALL, recipe, attempts=3)
    assert len(errors) == 3
    assert best.held == min(errors)
    again = train(stories, SMALL, replace(recipe, seed=errors.index(best.held)))
    for name, weight in again.model.state_dict().items():
        assert torch.equal(weight, best.model.state_dict()[name])
    assert len(train_with_restarts(stories, SMALL, recipe, attempts=3, enough=100)[1]) == 1
    with pytest.raises(ConfigError, match="attempts=0"):
        train_with_restarts(stories, SMALL, recipe, attempts=0)


def test_dropout_is_for_training_alone() -> None:
    torch.manual_seed(0)
    made = batch(generated(3, 2))
    model = EpisodicMemory(replace(SMALL, dropout=0.5), 20, 3)
    assert not torch.equal(model(made).logits, model(made).logits)
    model.eval()
    assert torch.equal(model(made).logits, model(made).logits)


def test_values_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="hops=0"):
        EpisodicConfig(hops=0)
    with pytest.raises(ConfigError, match="dropout=1"):
        EpisodicConfig(dropout=1.0)
    with pytest.raises(ConfigError, match="multiple of heads"):
        EpisodicConfig(size=30, heads=4)
    with pytest.raises(InvalidInput, match="not of the form"):
        memory().writes(torch.zeros(2, 3, 5, dtype=torch.float64))
    with pytest.raises(InvalidInput, match="at least two"):
        train(generated(1, 0), SMALL, BabiTraining())
