"""The state of a model:

rows are sessions; they are taken, repeated, stacked, and stay what they were.
"""

import pytest
import torch

from remanence.errors import InvalidInput
from remanence.neural.state import MemoryState, stack


def state(batch, seed=0):
    random = torch.Generator().manual_seed(seed)
    return MemoryState(
        {
            "3": {"matrix": torch.randn(batch, 2, 4, generator=random)},
            "encoder.0": {
                "cells": torch.randn(batch, 3, generator=random),
                "serial": torch.arange(batch),
            },
        }
    )


def same(one, two):
    assert one.tensors().keys() == two.tensors().keys()
    return all(torch.equal(one.tensors()[name], two.tensors()[name]) for name in one.tensors())


def test_tensors_are_named_by_layer_and_name_and_make_the_state_again():
    given = state(2)
    assert list(given.tensors()) == ["3/matrix", "encoder.0/cells", "encoder.0/serial"]
    assert same(MemoryState.of(given.tensors()), given)


def test_a_row_is_a_session():
    assert len(state(5)) == 5
    assert len(state(0)) == 0
    assert len(MemoryState({})) == 0


def test_rows_of_different_counts_are_refused():
    with pytest.raises(InvalidInput, match=r"\['2', '3'\] rows"):
        MemoryState({"0": {"a": torch.zeros(2, 1)}, "1": {"a": torch.zeros(3, 1)}})
    with pytest.raises(InvalidInput, match="None"):
        MemoryState({"0": {"a": torch.tensor(1.0)}})


@pytest.mark.parametrize("rows", [[1], [2, 0], [0, 0, 2], []])
def test_select_takes_rows_in_the_order_asked_for_more_than_once_too(rows):
    given = state(3)
    for index in (rows, torch.tensor(rows, dtype=torch.long)):
        found = given.select(index)
        assert len(found) == len(rows)
        for name, tensor in found.tensors().items():
            assert torch.equal(tensor, given.tensors()[name][rows])


def test_repeat_keeps_a_rows_copies_side_by_side():
    assert same(state(2).repeat(3), state(2).select([0, 0, 0, 1, 1, 1]))


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_a_stack_of_sessions_gives_back_each(count):
    """1,000 sessions too: their rows are what they were."""
    parts = [state(1, seed) for seed in range(count)]
    whole = stack(parts)
    assert len(whole) == count
    for place in {0, count // 2, count - 1}:
        assert same(whole.select([place]), parts[place])


def test_states_of_different_memories_do_not_stack():
    other = MemoryState({"3": {"matrix": torch.zeros(1, 2, 5)}})
    with pytest.raises(InvalidInput, match=r"do not stack: .*3/matrix \(2, 4\)"):
        stack([state(1), other])
    with pytest.raises(InvalidInput, match="at least one"):
        stack([])


def test_a_state_is_not_changed_by_its_verbs():
    given, kept = state(3), state(3)
    given.select([0]), given.repeat(2), given.detach(), given.map(lambda t: t + 1)
    assert same(given, kept)


def test_detach_ends_the_gradient_and_keeps_the_numbers():
    leaf = torch.randn(2, 3, requires_grad=True)
    given = MemoryState({"0": {"a": leaf * 2}})
    assert not given.detach().tensors()["0/a"].requires_grad
    assert torch.equal(given.detach().tensors()["0/a"], leaf * 2)
    given.select([1]).tensors()["0/a"].sum().backward()
    assert leaf.grad.tolist() == [[0, 0, 0], [2, 2, 2]]


def test_its_size_is_that_of_its_tensors():
    assert state(2).nbytes == 2 * (8 * 4 + 3 * 4 + 8)


def test_it_moves_as_a_whole():
    assert all(t.device.type == "meta" for t in state(1).to("meta").tensors().values())
