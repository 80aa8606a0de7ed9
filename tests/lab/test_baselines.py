"""The baselines:

a GRU by its equations, and local attention that is the naive one, block by block.
"""

import pytest
import torch

from remanence.errors import ConfigError
from remanence.lab.local_attention import LocalAttention
from remanence.neural.configs import GRUMemoryConfig
from remanence.neural.gru import GRUMemory

torch.set_num_threads(1)


def attention(window, relative, size=8, heads=2):
    torch.manual_seed(0)
    return LocalAttention(size, heads, window, relative=relative)


def test_a_gru_computes_its_equations():
    """Cho et al., 2014, in the form of torch: the reset gate after the product."""
    torch.manual_seed(0)
    memory = GRUMemory(GRUMemoryConfig(size=3), 5)
    hidden = torch.randn(1, 4, 5)
    found, state = memory.through(memory.initial(1), hidden)
    cell, h = memory.cell, torch.zeros(3)
    for t, plain in enumerate(hidden[0]):
        x = plain * (plain.square().mean() + 1e-6).rsqrt()
        by_x = (cell.weight_ih_l0 @ x + cell.bias_ih_l0).chunk(3)
        by_h = (cell.weight_hh_l0 @ h + cell.bias_hh_l0).chunk(3)
        r, z = (torch.sigmoid(by_x[n] + by_h[n]) for n in (0, 1))
        h = (1 - z) * torch.tanh(by_x[2] + r * by_h[2]) + z * h
        torch.testing.assert_close(found[0, t], memory.out.weight @ h)
    torch.testing.assert_close(state["hidden"][0], h)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("window", [1, 2, 5, 64])
@pytest.mark.parametrize("tokens", [1, 4, 5, 13])
def test_attention_by_blocks_is_attention_over_everything_with_a_mask(tokens, window, relative):
    module = attention(window, relative)
    hidden = torch.randn(3, tokens, 8, requires_grad=True)
    mask = torch.rand(3, tokens) > 0.3
    mask[2] = False
    for each in (None, mask):
        fast, slow = module(hidden, each), module.naive(hidden, each)
        torch.testing.assert_close(fast, slow)
        slopes = [
            torch.autograd.grad((x * torch.arange(8)).sum(), [hidden, *module.parameters()])
            for x in (fast, slow)
        ]
        torch.testing.assert_close(*slopes, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("relative", [False, True])
def test_a_token_sees_its_window_and_nothing_else(relative):
    module = attention(3, relative)
    hidden = torch.randn(1, 10, 8)
    plain = module(hidden)
    for changed in (0, 4, 9):
        other = hidden.clone()
        other[:, changed] += 1
        touched = (module(other) - plain).abs().amax(-1)[0] > 1e-6
        assert touched.nonzero().flatten().tolist() == list(range(changed, min(changed + 3, 10)))


def test_relative_attention_tells_distances_apart_and_plain_attention_does_not():
    hidden = torch.randn(1, 4, 8)
    swapped = hidden[:, [1, 0, 2, 3]]
    for relative in (False, True):
        module = attention(4, relative)
        same = torch.allclose(module(hidden)[:, 3], module(swapped)[:, 3], atol=1e-6)
        assert same is not relative


def test_padding_is_not_seen_and_answers_nothing():
    module = attention(3, relative=True)
    hidden = torch.randn(1, 7, 8)
    mask = torch.tensor([[True, True, False, True, True, True, False]])
    found = module(hidden, mask)
    other = hidden.masked_fill(~mask[..., None], 5.0)
    torch.testing.assert_close(module(other, mask), found)
    assert not found[~mask].any()


def test_no_token_and_no_session_are_segments_too():
    module = attention(3, relative=True)
    for shape in ((2, 0, 8), (0, 4, 8)):
        assert module(torch.zeros(shape)).shape == shape


def test_what_cannot_be_is_refused_with_the_value():
    with pytest.raises(ConfigError, match="heads=3"):
        LocalAttention(8, 3, 4)
    with pytest.raises(ConfigError, match="window=0"):
        LocalAttention(8, 2, 0)
