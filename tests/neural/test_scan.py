"""The gated delta rule:

its three forms say the same, in values and in gradients, whatever the length, the chunk and the
padding.
"""

import pytest
import torch
from torch.nn import functional

from remanence.neural import chunks, scan

torch.set_num_threads(1)

LENGTHS = [1, 3, 63, 64, 65, 130]
NAMES = ("q", "k", "v", "erase", "add", "decay", "state")


def given(tokens, batch=2, heads=2, key=8, value=5, dtype=torch.float32, seed=0):
    random = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=random, dtype=dtype)

    axes = (batch, tokens, heads)
    made = [functional.normalize(normal(*axes, key), dim=-1) for _ in range(2)]
    made += [normal(*axes, value), torch.sigmoid(normal(*axes, key))]
    made += [torch.sigmoid(normal(*axes, value)), -functional.softplus(normal(*axes) - 2)]
    made += [normal(batch, heads, key, value)]
    return [x.requires_grad_() for x in made]


def padding(tokens, batch=2, seed=0):
    return torch.rand(batch, tokens, generator=torch.Generator().manual_seed(seed)) > 0.3


def gradients(found, leaves):
    """Of a loss that weighs every number otherwise."""
    loss = sum(
        (x * torch.linspace(-1, 1, x.numel()).view(x.shape).to(x.dtype)).sum() for x in found
    )
    return torch.autograd.grad(loss, leaves, retain_graph=True)


def same(one, two, leaves, values=1e-5, slopes=1e-4):
    for a, b in zip(one, two, strict=True):
        torch.testing.assert_close(a, b, atol=values, rtol=values)
    for name, a, b in zip(NAMES, gradients(one, leaves), gradients(two, leaves), strict=True):
        torch.testing.assert_close(
            a, b, atol=slopes, rtol=slopes, msg=lambda m, n=name: f"{n}: {m}"
        )


def test_the_token_loop_gives_what_a_hand_computes():
    """K = V = 2, one head. Two writes along one key: the second erases half of the first."""
    one, half = [1.0, 0.0], [0.5, 0.5]
    q = torch.tensor([one, one, one])[None, :, None]
    k = torch.tensor([one, one, [0.0, 1.0]])[None, :, None]
    v = torch.tensor([[2.0, 4.0], [1.0, 1.0], [8.0, 8.0]])[None, :, None]
    erase = torch.tensor([half, half, half])[None, :, None]
    add = torch.tensor([[1.0, 0.5], [1.0, 1.0], [0.0, 1.0]])[None, :, None]
    decay = torch.tensor([0.0, 0.5, 1.0]).log().nan_to_num(neginf=0)[None, :, None]
    found, state = scan.recurrent(q, k, v, erase, add, decay, torch.zeros(1, 1, 2, 2))
    # token 0 reads nothing, adds (2, 2); token 1 reads it, halves it, erases half of (1, 1), adds
    # (1, 1); token 2 reads (1.5, 1.5)
    assert found[0, :, 0].tolist() == [[0, 0], [2, 2], [1.5, 1.5]]
    assert state[0, 0].tolist() == [[1.5, 1.5], [0, 8]]


@pytest.mark.parametrize("tokens", LENGTHS)
@pytest.mark.parametrize("masked", [False, True], ids=["whole", "masked"])
def test_chunks_say_what_the_token_loop_says(tokens, masked):
    leaves = given(tokens)
    mask = padding(tokens) if masked else None
    same(scan.chunked(*leaves, mask), scan.recurrent(*leaves, mask), leaves)


@pytest.mark.parametrize("chunk", [1, 2, 7, 16, 32, 100])
def test_the_size_of_a_chunk_changes_nothing(chunk):
    leaves = given(37)
    same(scan.chunked(*leaves, padding(37), chunk), scan.recurrent(*leaves, padding(37)), leaves)


@pytest.mark.parametrize("tokens", LENGTHS)
@pytest.mark.parametrize("cached", [1, 200, 1 << 30], ids=["one by one", "some", "all"])
def test_how_many_chunks_are_done_at_once_changes_nothing(monkeypatch, cached, tokens):
    monkeypatch.setattr(chunks, "CACHED", cached)
    leaves = given(tokens)
    same(scan.chunked(*leaves, None, 8), scan.recurrent(*leaves), leaves)


@pytest.mark.parametrize("cached", [1, 1 << 30], ids=["one by one", "all"])
@pytest.mark.parametrize("erases", [True, False], ids=["erases", "additive"])
def test_gradients_go_through_several_reads_and_through_a_state_that_nobody_read(
    monkeypatch, erases, cached
):
    """As hops ask:

    the second query is made of what the first one found. And as writing alone does: only the last
    state has a loss.
    """
    monkeypatch.setattr(chunks, "CACHED", cached)
    q, k, v, erase, add, decay, state = leaves = given(19, key=5)
    gate = erase if erases else None
    slow = torch.zeros_like(erase) + (erase if erases else 0)

    def hops(read):
        first = read(q)
        return first, read(functional.normalize(q + first, dim=-1))

    done = scan.written(k, v, gate, add, decay, state, None, 4)
    loops = lambda x: scan.recurrent(x, k, v, slow, add, decay, state)[0]  # noqa: E731
    one, two = (
        (*hops(done.read), done.last),
        (*hops(loops), scan.recurrent(q, k, v, slow, add, decay, state)[1]),
    )
    used = [x for x in leaves if erases or x is not erase]
    for a, b in zip(one, two, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)
    for losses in (slice(None), slice(2, 3), slice(0, 2)):
        asked = used if losses.start != 2 else used[1:]
        for a, b in zip(gradients(one[losses], asked), gradients(two[losses], asked), strict=True):
            torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("masked", [False, True], ids=["whole", "masked"])
def test_without_an_erase_gate_it_is_an_erase_gate_of_zeros(masked):
    q, k, v, erase, add, decay, state = given(21)
    mask = padding(21) if masked else None
    zeros = torch.zeros_like(erase)
    slow = scan.recurrent(q, k, v, zeros, add, decay, state, mask)
    for form in (
        scan.chunked(q, k, v, None, add, decay, state, mask, 8),
        scan.chunked(q, k, v, zeros, add, decay, state, mask, 8),
    ):
        torch.testing.assert_close(form, slow, atol=1e-5, rtol=1e-5)
    one = scan.update(k[:, 0], v[:, 0], None, add[:, 0], decay[:, 0], state)
    two = scan.update(k[:, 0], v[:, 0], zeros[:, 0], add[:, 0], decay[:, 0], state)
    assert torch.equal(one, two)


def test_what_was_written_can_be_asked_again():
    """As hops do: another query at every position, of the same matrices."""
    q, *others = given(19)
    done = scan.written(*others[:5], others[5], None, 8)
    again = torch.randn(q.shape, generator=torch.Generator().manual_seed(1))
    for each in (q, again):
        torch.testing.assert_close(
            done.read(each), scan.recurrent(each, *others)[0], atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize("size", [1, 2, 17, 64])
def test_the_inverse_is_that_of_the_triangular_system(size):
    random = torch.Generator().manual_seed(0)
    lower = torch.randn(3, size, size, generator=random, dtype=torch.float64).tril(-1) * 0.3
    found = chunks.inverse(lower)
    torch.testing.assert_close(
        (torch.eye(size) + lower) @ found, torch.eye(size, dtype=torch.float64).expand_as(found)
    )


def test_the_gradients_are_those_of_finite_differences():
    leaves = given(5, 1, 2, 3, 2, torch.float64)
    mask = torch.tensor([[True, False, True, True, True]])
    for form in (
        lambda *x: scan.chunked(*x, mask, 3),
        lambda *x: scan.chunked(*x, None, 2),
        lambda q, k, v, _, *x: scan.chunked(q, k, v, None, *x, None, 2),
        lambda *x: scan.recurrent(*x, mask),
    ):
        assert torch.autograd.gradcheck(form, leaves)


def test_a_backward_inside_autocast_is_exact_too():
    leaves = given(33)
    exact = gradients(scan.chunked(*leaves), leaves)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = gradients(scan.chunked(*leaves), leaves)
    assert all(torch.equal(a, b) for a, b in zip(exact, cast, strict=True))


@pytest.mark.parametrize("form", [scan.recurrent, scan.chunked])
def test_padding_leaves_the_state_bit_by_bit(form):
    leaves = given(9)
    mask = torch.zeros(2, 9, dtype=torch.bool)
    mask[1, 4] = True
    leaves[6] = leaves[6].detach().clone()
    leaves[6][0, 0, 0, 0] = -0.0
    _, state = form(*leaves, mask)
    assert torch.equal(state[0].view(torch.int32), leaves[6][0].view(torch.int32))
    assert not torch.equal(state[1], leaves[6][1])


def test_what_stands_at_padding_is_not_looked_at():
    leaves = [x.detach() for x in given(9)]
    mask = padding(9)
    strange = [torch.where(mask.view(2, 9, *[1] * (x.dim() - 2)), x, torch.nan) for x in leaves[:6]]
    found, state = scan.chunked(*strange, leaves[6], mask, 4)
    other, clean = scan.chunked(*leaves, mask, 4)
    torch.testing.assert_close(state, clean)
    torch.testing.assert_close(found[mask], other[mask])


@pytest.mark.parametrize("form", [scan.recurrent, scan.chunked])
def test_no_token_and_no_session_are_segments_too(form):
    leaves = given(0)
    found, state = form(*leaves)
    assert found.shape == (2, 0, 2, 5)
    assert torch.equal(state, leaves[6])
    found, state = form(*given(3, batch=0))
    assert found.shape == (0, 3, 2, 5)
    assert state.shape == (0, 2, 8, 5)


def test_a_decay_to_nothing_gives_no_infinity():
    """exp(+large) * 0 would be NaN: what lies above the diagonal is masked before exp."""
    leaves = given(40)
    leaves[5] = torch.full_like(leaves[5], -300.0).requires_grad_()
    same(scan.chunked(*leaves), scan.recurrent(*leaves), leaves)
    assert all(g.isfinite().all() for g in gradients(scan.chunked(*leaves), leaves))


def test_autocast_does_not_reach_in():
    leaves = given(33)
    plain = scan.chunked(*leaves)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = scan.chunked(*leaves)
        one = scan.step(*[x[:, 0] for x in leaves[:6]], leaves[6])
    assert torch.equal(cast[0], plain[0])
    assert torch.equal(cast[1], plain[1])
    assert one[1].dtype == torch.float32


def test_a_state_stays_bounded_over_many_tokens():
    """Keys of length one and gates below one: 4,000 tokens later nothing has grown."""
    leaves = [x.detach() for x in given(4000, 1, 1)]
    _, state = scan.chunked(*leaves)
    assert state.abs().max() < 20
