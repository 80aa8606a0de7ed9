"""What every neural memory owes, for every entry of `MODULES`:

state as a value, padding that is no token, no look ahead, clear refusals.
"""

import pytest

torch = pytest.importorskip("torch")

from remanence.errors import InvalidInput  # noqa: E402
from remanence.neural.configs import (  # noqa: E402
    CONFIGS,
    DynamicMemoryConfig,
    GatedMemoryConfig,
    GRUMemoryConfig,
    HashMemoryConfig,
    KNNMemoryConfig,
)
from remanence.neural.modules import MODULES, build  # noqa: E402
from remanence.neural.state import MemoryState  # noqa: E402

torch.set_num_threads(1)

SIZE = 10  # of the hidden states
VARIANTS = {
    "gated": GatedMemoryConfig(cells=3, size=6, heads=2),
    "gated-one-head": GatedMemoryConfig(cells=2, size=5, heads=1),
    "dynamic": DynamicMemoryConfig(heads=2, key=5, value=3, chunk=4),
    "dynamic-hops": DynamicMemoryConfig(heads=1, key=4, value=6, hops=3, chunk=64, kernel=2),
    "dynamic-additive": DynamicMemoryConfig(
        heads=3, key=3, value=4, kernel=1, chunk=1, erases=False
    ),
    "gru": GRUMemoryConfig(size=7),
    "hash": HashMemoryConfig(heads=2, key=5, value=3, rows=6, probes=3, chunk=4),
    "hash-one-head": HashMemoryConfig(
        heads=1, key=4, value=6, rows=2, probes=2, chunk=64, kernel=1
    ),
    "knn": KNNMemoryConfig(heads=2, key=4, value=3, rows=11, nearest=5),
}
BY_TOKEN = [name for name, config in VARIANTS.items() if config.tokenwise]


@pytest.fixture(params=VARIANTS)
def memory(request):
    return made(VARIANTS[request.param])


def made(config, seed=0):
    """With no parameter where it begins: nothing is zero that training would move."""
    torch.manual_seed(seed)
    module = build(config, SIZE)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return module


def hidden(batch, tokens, seed=1):
    return torch.randn(batch, tokens, SIZE, generator=torch.Generator().manual_seed(seed))


def filled(memory, batch, tokens=5):
    """A state in which something was said."""
    return memory.write(memory.initial(batch), hidden(batch, tokens, 9))


def same(one, two, **close):
    assert one.keys() == two.keys()
    for name in one:
        torch.testing.assert_close(one[name], two[name], msg=lambda m, n=name: f"{n}: {m}", **close)


def bits(one, two):
    """Equal to the bit: -0 is not 0."""
    return one.shape == two.shape and one.numpy().tobytes() == two.numpy().tobytes()


def test_every_kind_is_in_this_suite():
    assert {config.kind for config in VARIANTS.values()} == set(MODULES) == set(CONFIGS)


# -- shapes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("batch", "tokens"), [(1, 1), (2, 3), (3, 17), (0, 4), (2, 0), (0, 0)])
def test_what_comes_out_has_the_shape_of_what_went_in(memory, batch, tokens):
    state, segment = memory.initial(batch), hidden(batch, tokens)
    found, after = memory.through(state, segment)
    assert found.shape == memory.read(state, segment).shape == segment.shape
    for each in (after, memory.write(state, segment)):
        assert {name: t.shape for name, t in each.items()} == {
            name: t.shape for name, t in state.items()
        }
    assert len(MemoryState({"0": after})) == batch


def test_nothing_said_leaves_the_state(memory):
    state = filled(memory, 2)
    same(memory.write(state, hidden(2, 0)), state, atol=0, rtol=0)


def test_a_state_is_float32_whatever_the_model_is_in(memory):
    memory.to(torch.bfloat16)
    for state in (memory.initial(2), memory.write(memory.initial(2), hidden(2, 3).bfloat16())):
        assert {t.dtype for t in state.values() if t.is_floating_point()} == {torch.float32}
    found, _ = memory.through(state, hidden(2, 3).bfloat16())
    assert found.dtype == memory.read(state, hidden(2, 1).bfloat16()).dtype == torch.bfloat16


def test_in_bfloat16_it_says_about_the_same(memory):
    plain, _ = memory.through(filled(memory, 2), hidden(2, 6))
    state = filled(memory, 2)
    memory.to(torch.bfloat16)
    found, _ = memory.through(state, hidden(2, 6).bfloat16())
    assert (found.float() - plain).norm() < 0.1 * plain.norm()


# -- a value --------------------------------------------------------------------------------------


def test_a_state_is_not_changed_in_place(memory):
    state = filled(memory, 2)
    kept = {name: t.clone() for name, t in state.items()}
    mask = torch.tensor([[True, True, False], [False, False, False]])
    memory.read(state, hidden(2, 3))
    memory.write(state, hidden(2, 3), mask)
    memory.through(state, hidden(2, 3))
    memory.through(state, hidden(2, 1))
    assert all(bits(state[name].detach(), kept[name].detach()) for name in kept)


def test_nothing_of_a_session_is_in_the_module(memory):
    before = {name: t.clone() for name, t in memory.state_dict().items()}
    names = set(vars(memory))
    memory.through(filled(memory, 3), hidden(3, 8))
    after = memory.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not list(memory.buffers())
    assert set(vars(memory)) == names


def test_the_same_call_gives_the_same_answer(memory):
    state = filled(memory, 2)
    one, two = (memory.through(state, hidden(2, 9)) for _ in range(2))
    assert bits(one[0].detach(), two[0].detach())
    assert all(bits(one[1][name].detach(), two[1][name].detach()) for name in one[1])


def test_rows_know_nothing_of_each_other(memory):
    segment = hidden(3, 7)
    state = filled(memory, 3)
    found, after = memory.through(state, segment)
    for row in range(3):
        alone = {name: t[row : row + 1] for name, t in state.items()}
        one, then = memory.through(alone, segment[row : row + 1])
        torch.testing.assert_close(one[0], found[row])
        same(then, {name: t[row : row + 1] for name, t in after.items()})


# -- padding --------------------------------------------------------------------------------------

PATTERNS = {
    "left": [False, False, True, True, True, True],
    "right": [True, True, True, True, False, False],
    "holes": [True, False, True, False, True, True],
    "one": [False, False, False, True, False, False],
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_padding_is_no_token_wherever_it_stands(memory, pattern):
    """What is read at real tokens, and the state after, are those of the same text without padding;

    what stands at padding does not matter.
    """
    keep = torch.tensor(PATTERNS[pattern])
    segment, state = hidden(2, 6), filled(memory, 2)
    strange = segment.masked_fill(~keep[:, None], torch.nan)
    mask = keep.expand(2, 6)
    plain, bare = memory.through(state, segment[:, keep])
    found, after = memory.through(state, strange, mask)
    torch.testing.assert_close(found[:, keep], plain)
    assert not found[:, ~keep].any()
    same(after, bare)
    same(memory.write(state, strange, mask), bare)


@pytest.mark.parametrize("tokens", [1, 5])
def test_a_row_of_padding_alone_comes_back_bit_by_bit(memory, tokens):
    state = {name: t.detach().clone() for name, t in filled(memory, 3).items()}
    mask = torch.ones(3, tokens, dtype=torch.bool)
    mask[1] = False
    for after in (
        memory.write(state, hidden(3, tokens), mask),
        memory.through(state, hidden(3, tokens), mask)[1],
    ):
        assert all(bits(after[name][1].detach(), state[name][1]) for name in state)
        assert not all(torch.equal(after[name][0], state[name][0]) for name in state)


def test_padding_gives_no_gradient(memory):
    segment = hidden(2, 5).requires_grad_()
    mask = torch.tensor([[False, False, True, True, True], [False] * 5])
    found, after = memory.through(filled(memory, 2), segment, mask)
    loss = found.square().sum() + sum(
        t.square().sum() for t in after.values() if t.is_floating_point()
    )
    loss.backward()
    assert segment.grad.isfinite().all()
    assert not segment.grad[~mask].any()
    assert segment.grad[0, 2:].any()
    assert all(p.grad is None or p.grad.isfinite().all() for p in memory.parameters())


# -- order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 4, 8])
def test_nothing_is_read_before_it_is_said(memory, at):
    segment, state = hidden(1, 9), filled(memory, 1)
    other = segment.clone()
    other[:, at] += 1
    one, two = memory.through(state, segment)[0], memory.through(state, other)[0]
    torch.testing.assert_close(one[:, :at], two[:, :at])
    assert not torch.allclose(one[:, at:], two[:, at:])


def test_what_was_said_is_read_later(memory):
    """Two sessions that were told different things answer one question differently."""
    state = memory.write(memory.initial(2), hidden(2, 5))
    found = memory.read(state, hidden(1, 3, 4).expand(2, -1, -1))
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_read_is_what_through_reads_first(memory):
    state = filled(memory, 2)
    found, _ = memory.through(state, hidden(2, 6))
    torch.testing.assert_close(memory.read(state, hidden(2, 6)[:, :1]), found[:, :1])


def test_write_is_through_without_reading(memory):
    state, mask = filled(memory, 2), torch.rand(2, 6) > 0.3
    for each in (None, mask):
        _, after = memory.through(state, hidden(2, 6), each)
        same(memory.write(state, hidden(2, 6), each), after)


@pytest.mark.parametrize("cuts", [(1,) * 13, (6, 7), (1, 11, 1), (4, 0, 4, 5)])
@pytest.mark.parametrize("variant", BY_TOKEN)
def test_a_text_in_pieces_says_what_it_says_whole(variant, cuts):
    memory = made(VARIANTS[variant])
    segment, state = hidden(2, 13), filled(memory, 2)
    whole, after = memory.through(state, segment)
    parts = []
    for piece in segment.split(cuts, 1):
        found, state = memory.through(state, piece)
        parts.append(found)
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-5, rtol=1e-4)
    same(state, after, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("variant", sorted(VARIANTS.keys() - BY_TOKEN))
def test_a_memory_written_by_segment_reads_what_was_there_before_it(variant):
    memory = made(VARIANTS[variant])
    state = filled(memory, 2)
    found, _ = memory.through(state, hidden(2, 6))
    torch.testing.assert_close(found, memory.read(state, hidden(2, 6)))


def test_the_gradient_reaches_the_first_write_through_two_segments(memory):
    first = hidden(2, 4).requires_grad_()
    state = memory.write(memory.initial(2), first)
    _, state = memory.through(state, hidden(2, 3, 2))
    found, _ = memory.through(state, hidden(2, 2, 3))
    found[0].square().sum().backward()
    assert first.grad[0].abs().max() > 1e-6
    assert not first.grad[1].any()


def test_every_parameter_learns(memory):
    state = memory.write(memory.initial(2), hidden(2, 6))
    found, after = memory.through(state, hidden(2, 5, 2))
    later, _ = memory.through(after, hidden(2, 4, 3))
    (found.square().sum() + later.square().sum()).backward()
    for name, parameter in memory.named_parameters():
        assert parameter.numel() == 0 or parameter.grad.any(), name


# -- refusals -------------------------------------------------------------------------------------


def refused(memory, words, state, segment, mask=None, reads=True):
    calls = [
        lambda: memory.write(state, segment, mask),
        lambda: memory.through(state, segment, mask),
    ]
    if reads:
        calls.append(lambda: memory.read(state, segment))
    for call in calls:
        with pytest.raises(InvalidInput, match=words):
            call()


@pytest.mark.parametrize("shape", [(2, 3, SIZE + 1), (2, SIZE), (1, 2, 3, SIZE)])
def test_hidden_states_of_another_shape_are_refused(memory, shape):
    refused(memory, rf"size {SIZE}", memory.initial(2), torch.zeros(shape))


@pytest.mark.parametrize("tokens", [1, 3])
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_what_is_not_finite_is_refused_and_told_where(memory, value, tokens):
    segment = hidden(2, tokens)
    segment[1, tokens - 1, 3] = value
    refused(memory, rf"session 1, token {tokens - 1} is not finite", memory.initial(2), segment)


def test_a_mask_that_does_not_fit_is_refused(memory):
    state, segment = memory.initial(2), hidden(2, 3)
    refused(memory, "mask", state, segment, torch.ones(2, 4, dtype=torch.bool), reads=False)
    refused(memory, "give a bool", state, segment, torch.ones(2, 3), reads=False)


def test_a_state_of_another_batch_or_memory_is_refused(memory):
    refused(memory, "2 sessions", memory.initial(3), hidden(2, 3))
    refused(memory, "is not one of", {}, hidden(2, 3))
    cut = {name: t[..., :1] for name, t in memory.initial(2).items()}
    strange = {**cut, "other": torch.zeros(2, 1)}
    refused(memory, "other", strange, hidden(2, 3))
