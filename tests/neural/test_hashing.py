"""Hash memory:

its chunks say what the token loop says, its hash sends alike to alike, and a table learns what a
hand can follow.
"""

import pytest
import torch

from remanence.errors import ConfigError
from remanence.neural import hashing
from remanence.neural.configs import HashMemoryConfig
from remanence.neural.hashing import HashMemory

torch.set_num_threads(1)

SIZES = {"heads": 2, "key": 6, "value": 3, "rows": 8, "probes": 3}


def given(tokens, rows=2, dtype=torch.float32):
    random = torch.Generator().manual_seed(0)
    axes = (rows, tokens, SIZES["heads"])

    def weights():
        scores = torch.randn(*axes, SIZES["rows"], generator=random, dtype=dtype)
        best, at = scores.topk(SIZES["probes"], -1)
        return torch.zeros_like(scores).scatter(-1, at, best.softmax(-1))

    made = [weights(), weights(), torch.rand(*axes, generator=random, dtype=dtype)]
    made.append(torch.randn(*axes, SIZES["value"], generator=random, dtype=dtype))
    made.append(
        torch.randn(rows, *axes[2:], SIZES["rows"], SIZES["value"], generator=random, dtype=dtype)
    )
    return [each.requires_grad_() for each in made]


def slopes(found, leaves):
    weighed = sum((x * torch.linspace(-1, 1, x.numel()).view(x.shape)).sum() for x in found)
    return torch.autograd.grad(weighed, leaves, allow_unused=True)


@pytest.mark.parametrize("tokens", [1, 3, 16, 17, 33])
@pytest.mark.parametrize("chunk", [1, 5, 16])
@pytest.mark.parametrize("masked", [False, True], ids=["whole", "masked"])
def test_chunks_say_what_the_token_loop_says(tokens, chunk, masked):
    leaves = given(tokens)
    random = torch.Generator().manual_seed(1)
    real = torch.rand(2, tokens, generator=random) > 0.3 if masked else None
    one, two = hashing.chunked(*leaves, real, chunk), hashing.recurrent(*leaves, real)
    keep = slice(None) if real is None else real
    torch.testing.assert_close(one[0][keep], two[0][keep], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(one[1], two[1], atol=1e-5, rtol=1e-5)
    for a, b in zip(
        slopes((one[0][keep], one[1]), leaves), slopes((two[0][keep], two[1]), leaves), strict=True
    ):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def test_the_gradients_are_those_of_finite_differences():
    leaves = [x.detach().double().requires_grad_() for x in given(3, 1)]
    for form in (lambda *x: hashing.chunked(*x, None, 2), hashing.recurrent):
        assert torch.autograd.gradcheck(form, leaves)


def test_an_erase_gate_that_is_wide_open_gives_no_infinity():
    leaves = given(9)
    with torch.no_grad():
        leaves[1].copy_(torch.eye(8)[torch.zeros(2, 9, 2, dtype=torch.long)])
        leaves[2].fill_(1)
    one, two = hashing.chunked(*leaves), hashing.recurrent(*leaves)
    torch.testing.assert_close(one, two, atol=1e-4, rtol=1e-4)
    assert all(x is None or x.isfinite().all() for x in slopes(one, leaves))


def test_the_token_loop_gives_what_a_hand_computes():
    """One head of two rows.

    The second token erases half of row 0 and adds to it; each reads what was there before.
    """
    first, other = [1.0, 0.0], [0.0, 1.0]
    ask = torch.tensor([first, first, other])[None, :, None]
    tell = torch.tensor([first, first, other])[None, :, None]
    erase = torch.tensor([1.0, 0.5 / hashing.MOST, 0.0])[None, :, None]
    news = torch.tensor([[4.0], [1.0], [7.0]])[None, :, None]
    found, tables = hashing.recurrent(ask, tell, erase, news, torch.zeros(1, 1, 2, 1))
    assert found[0, :, 0, 0].tolist() == [0, 4, 0]
    assert tables[0, 0, :, 0].tolist() == [3, 7]


def made(**changed):
    torch.manual_seed(0)
    return HashMemory(HashMemoryConfig(**{**SIZES, **changed}), 10)


def test_a_hash_names_as_many_rows_as_there_are_probes_and_depends_on_direction_alone():
    memory = made()
    x = torch.randn(2, 5, 2, 6, generator=torch.Generator().manual_seed(2)) * 10
    weights = memory.hashed(x)
    assert ((weights > 0).sum(-1) == 3).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 5, 2))
    torch.testing.assert_close(memory.hashed(x * 3), weights, atol=1e-3, rtol=1e-3)
    first, opposite = weights.argmax(-1), memory.hashed(-x).argmax(-1)
    assert ((first + 4) % 8 == opposite).all()  # the other end of the same axis


def test_what_is_near_is_hashed_alike_more_often_than_what_is_not():
    """Locality: of 2,000 pairs, those at an angle of 0.2 share their bucket far more often than
    those at chance.
    """
    memory = made(heads=1, key=16, rows=32, probes=2)
    random = torch.Generator().manual_seed(3)
    one = torch.nn.functional.normalize(torch.randn(2000, 16, generator=random), dim=-1)
    aside = torch.nn.functional.normalize(torch.randn(2000, 16, generator=random), dim=-1)
    near = one + 0.2 * aside

    def bucket(x):
        return memory.hashed(x[None, :, None]).argmax(-1)[0, :, 0]

    alike = (bucket(one) == bucket(near)).float().mean()
    chance = (bucket(one) == bucket(aside)).float().mean()
    assert alike > 0.5 > 5 * chance


@pytest.mark.parametrize("wrong", [{"rows": 7}, {"probes": 1}, {"probes": 9}], ids=str)
def test_rows_and_probes_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ConfigError, match="rows is even"):
        made(**wrong)


def test_a_state_has_the_size_of_its_tables_and_tail_however_long_the_text():
    memory = made()
    state = memory.initial(1)
    for _ in range(3):
        state = memory.write(state, torch.randn(1, 50, 10))
        assert state["tables"].shape == (1, 2, 8, 3)
        assert state["tail"].shape == (1, 3, 2 * (2 * 6 + 3))
