"""The fuse: nothing at first, its equation later, in the dtype of the model."""

import pytest
import torch

from remanence.neural.fuse import Fuse

torch.set_num_threads(1)


def shaken(size, read, gates):
    torch.manual_seed(0)
    fuse = Fuse(size, read, gates)
    with torch.no_grad():
        for parameter in fuse.parameters():
            parameter.add_(torch.randn_like(parameter))
    return fuse


@pytest.mark.parametrize("gates", [1, 2, 8])
def test_a_fresh_fuse_changes_nothing(gates):
    hidden = torch.randn(2, 3, 8)
    assert torch.equal(Fuse(8, 5, gates)(hidden, torch.randn(2, 3, 5)), hidden)


def test_a_fresh_fuse_can_learn():
    """Zero, but not stuck at it: the output's weights have a gradient."""
    fuse = Fuse(8, 5)
    fuse(torch.randn(2, 3, 8), torch.randn(2, 3, 5)).square().sum().backward()
    assert fuse.out.weight.grad.abs().min() > 0


@pytest.mark.parametrize("gates", [1, 2, 4])
def test_it_computes_its_equation(gates):
    fuse = shaken(8, 5, gates)
    hidden, found = torch.randn(8), torch.randn(5)
    gate = torch.sigmoid(fuse.gate.weight @ torch.cat([hidden, found]) + fuse.gate.bias)
    wanted = hidden + gate.repeat_interleave(8 // gates) * (fuse.out.weight @ found)
    torch.testing.assert_close(fuse(hidden[None, None], found[None, None])[0, 0], wanted)


def test_groups_that_do_not_divide_the_channels_are_one_group():
    assert Fuse(8, 5, 3).gate.out_features == 1


def test_the_answer_comes_in_the_dtype_of_the_hidden_states():
    fuse = shaken(8, 5, 2)
    hidden, found = torch.randn(1, 2, 8).bfloat16(), torch.randn(1, 2, 5)
    assert fuse(hidden, found).dtype == torch.bfloat16
    assert fuse.bfloat16()(hidden, found).dtype == torch.bfloat16
