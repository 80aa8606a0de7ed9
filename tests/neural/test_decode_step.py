"""One token through folded weights says what the layer says;

and where it cannot, the layer is asked.
"""

import copy

import pytest

torch = pytest.importorskip("torch")

from remanence.neural import decode_step  # noqa: E402
from remanence.neural.configs import DynamicMemoryConfig, GatedMemoryConfig  # noqa: E402
from remanence.neural.layer import MemoryLayer  # noqa: E402

torch.set_num_threads(1)

SIZE = 10
VARIANTS = {
    "plain": {"heads": 2, "key": 5, "value": 3},
    "hops": {"heads": 3, "key": 4, "value": 6, "hops": 3, "kernel": 2},
    "additive": {"heads": 1, "key": 3, "value": 4, "kernel": 1, "erases": False},
}


def made(variant="plain"):
    torch.manual_seed(0)
    layer = MemoryLayer(DynamicMemoryConfig(**VARIANTS[variant]), SIZE)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.add_(torch.randn_like(weight) * 0.3)
    return layer.eval()


def hidden(rows, seed=1):
    return torch.randn(rows, 1, SIZE, generator=torch.Generator().manual_seed(seed)) * 3


@torch.no_grad()
def initial_state(layer, rows):
    return layer.cells.write(
        layer.cells.initial(rows), torch.cat([hidden(rows, 7), hidden(rows, 8)], 1)
    )


@torch.no_grad()
def through(layer, x, state, anew=True):
    return decode_step.step(layer, x, state, anew=anew)


@torch.no_grad()
def same(layer, rows=2, tokens=4):
    one = two = initial_state(layer, rows)
    for seed in range(tokens):
        x = hidden(rows, seed)
        told, one = layer(x, one, None, True)
        quick, two = through(layer, x, two, anew=not seed)
        torch.testing.assert_close(quick, told, atol=2e-6, rtol=1e-5)
        for name in one:
            torch.testing.assert_close(two[name], one[name], atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("variant", VARIANTS)
def test_it_says_what_the_layer_says_token_after_token(variant, rows):
    same(made(variant), rows)


def test_a_fresh_memory_adds_nothing_at_all():
    layer = MemoryLayer(DynamicMemoryConfig(**VARIANTS["plain"]), SIZE)
    x = hidden(2)
    assert torch.equal(through(layer, x, initial_state(layer, 2))[0], x)


def test_a_state_is_not_changed_in_place():
    layer = made()
    state = initial_state(layer, 2)
    kept = copy.deepcopy(dict(state))
    through(layer, hidden(2), state)
    assert all(torch.equal(state[name], kept[name]) for name in kept)


def test_weights_that_changed_are_seen_even_where_torch_was_not_told():
    layer = made()
    same(layer)
    layer.fuse.out.weight.data.mul_(2)  # no version counts this
    same(layer)
    layer.cells.decay = torch.nn.Linear(SIZE, 2)
    same(layer)
    layer.cells.ask.weight = torch.nn.Parameter(layer.cells.ask.weight * 2)
    same(layer)


def test_a_copied_layer_has_folded_weights_of_its_own():
    layer = made()
    same(layer)
    other = copy.deepcopy(layer)
    with torch.no_grad():
        other.cells.tell.weight.mul_(2)
    same(other)
    same(layer)


def doubled(*_):
    return None


REFUSED = {
    "a hook": lambda layer: layer.cells.out.register_forward_hook(doubled),
    "a hook before it": lambda layer: layer.fuse.register_forward_pre_hook(doubled),
    "a forward of its own": lambda layer: setattr(
        layer.cells.ask, "forward", layer.cells.ask.forward
    ),
    "an adapter": lambda layer: setattr(
        layer.cells, "ask", type("Lora", (torch.nn.Linear,), {})(SIZE, 10, bias=False)
    ),
    "another dtype": lambda layer: layer.to(torch.bfloat16),
    "one weight of another dtype": lambda layer: layer.cells.decay.to(torch.float64),
    "another fuse": lambda layer: setattr(layer, "fuse", torch.nn.Identity()),
}


@pytest.mark.parametrize("change", REFUSED)
def test_what_stands_in_front_of_a_weight_is_the_layers_to_go_through(change):
    layer = made()
    state, x = initial_state(layer, 2), hidden(2)
    assert through(layer, x, state) is not None
    REFUSED[change](layer)
    assert through(layer, x, state) is None


def test_autocast_other_memories_and_what_has_to_be_refused_are_the_layers_too():
    layer, x = made(), hidden(2)
    state = initial_state(layer, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert through(layer, x, state) is None
    other = MemoryLayer(GatedMemoryConfig(cells=2, size=8), SIZE)
    assert through(other, x, other.cells.initial(2)) is None
    assert through(layer, x, initial_state(layer, 3)) is None
    assert through(layer, x.double(), state) is None
    assert through(layer, torch.zeros(2, 1, SIZE + 1), state) is None
    x[1, 0, 3] = torch.nan
    assert through(layer, x, state) is None
    assert through(layer, x[1:], initial_state(layer, 1)) is None
