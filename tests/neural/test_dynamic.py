"""Dynamic memory:

the equations of its docstring token by token, its prior, its size, and that it learns what an
additive memory cannot.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional

from remanence.neural.configs import DynamicMemoryConfig
from remanence.neural.dynamic import DynamicMemory
from remanence.neural.fuse import Fuse

torch.set_num_threads(1)


def made(seed=0, size=8, shaken=True, **config):
    torch.manual_seed(seed)
    memory = DynamicMemory(
        DynamicMemoryConfig(**{"heads": 2, "key": 4, "value": 3, **config}), size
    )
    if shaken:
        with torch.no_grad():
            for parameter in memory.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.3)
    return memory


def unit(x):
    return x / (x.square().sum() + 1e-3).sqrt()


def by_the_book(memory, texts):
    """The equations as they stand, one session, one head and one token at a time;

    no chunk, no batch, no library of scans.
    """
    config, answers = memory.config, []
    heads, key, value, kernel = config.heads, config.key, config.value, config.kernel
    matrices = [torch.zeros(key, value) for _ in range(heads)]
    raw = [torch.zeros(heads * (2 * key + value))] * (kernel - 1)
    for hidden in texts:
        x = hidden * (hidden.square().mean() + 1e-6).rsqrt() * memory.norm.weight
        raw.append(torch.cat([memory.ask.weight @ x, memory.tell.weight @ x]))
        conv = sum(w * entry for w, entry in zip(memory.seen, raw[-kernel:], strict=True))
        queries, keys, values = conv.split([heads * key, heads * key, heads * value])
        gates = torch.sigmoid(
            memory.gates[1].weight @ (memory.gates[0].weight @ x) + memory.gates[1].bias
        )
        decay = torch.exp(-functional.softplus(memory.decay.weight @ x + memory.decay.bias))
        reads = [[] for _ in range(config.hops)]
        for h in range(heads):
            matrix = matrices[h]
            q, k = unit(queries[h * key : (h + 1) * key]), unit(keys[h * key : (h + 1) * key])
            v = values[h * value : (h + 1) * value]
            w = gates[h * value : (h + 1) * value]
            e = gates[heads * value :][h * key : (h + 1) * key] if config.erases else 0 * k
            for hop in range(config.hops):
                reads[hop].append(matrix.T @ q)
                if hop < config.hops - 1:
                    q = unit(q + reads[hop][-1] @ memory.again[hop, h])
            kept = decay[h] * matrix
            erased = torch.outer(k, (e * k) @ kept)
            matrices[h] = kept - erased + torch.outer(k, w * v)
        answers.append(memory.out.weight @ torch.cat([r for hop in reads for r in hop]))
    return (
        torch.stack(answers),
        torch.stack(matrices),
        torch.stack(raw[len(raw) - kernel + 1 :]) if kernel > 1 else None,
    )


@pytest.mark.parametrize(
    "config",
    [{}, {"hops": 3}, {"erases": False}, {"kernel": 1, "chunk": 4}, {"kernel": 2, "chunk": 1}],
)
@pytest.mark.parametrize("tokens", [1, 7])
def test_it_computes_its_equations(config, tokens):
    memory = made(**config)
    hidden = torch.randn(1, tokens, 8)
    found, state = memory.through(memory.initial(1), hidden)
    answers, matrices, tail = by_the_book(memory, hidden[0])
    torch.testing.assert_close(found[0], answers, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(state["matrix"][0], matrices, atol=1e-5, rtol=1e-4)
    if tail is not None:
        torch.testing.assert_close(state["tail"][0], tail)


def test_at_first_a_token_is_kept_under_the_one_before_it():
    """The induction prior, untrained:

    after "a b c d", "a" reads what "b" wrote, more than any other.
    """
    memory = made(size=64, shaken=False, heads=1, key=64, value=64)
    words = torch.randn(6, 64)
    memory.norm.weight.data.fill_(1)
    state = memory.write(memory.initial(1), words[:4][None])
    matrix = state["matrix"][0, 0]
    values = words @ memory.tell.weight[64:].T
    for asked in (0, 1, 2):
        found = unit(words[asked] @ memory.ask.weight.T) @ matrix
        near = functional.cosine_similarity(found, values)
        assert near.argmax() == asked + 1


def test_at_first_it_hardly_forgets():
    memory = made(shaken=False, heads=4)
    kept = torch.exp(-functional.softplus(memory.decay.bias)) ** 100
    assert kept.min() > 0.75
    assert kept.max() > 0.999


def test_a_hop_goes_where_the_last_one_pointed():
    """Two facts, a -> b and b -> c: one read of a finds b, the second finds c."""
    memory = made(hops=2, heads=1, key=4, value=4, shaken=False)
    with torch.no_grad():
        memory.again[0, 0] = 1000 * torch.eye(4)  # what is found is what to ask for
    a, b, c = torch.eye(4)[:3]
    matrix = torch.outer(a, b) + torch.outer(b, c)
    asked = []

    def look(q):
        asked.append(q[0, 0, 0])
        return q @ matrix

    memory._found(a.view(1, 1, 1, 4), look)
    torch.testing.assert_close(asked[1], b, atol=2e-3, rtol=0)
    torch.testing.assert_close(asked[1] @ matrix, c, atol=2e-3, rtol=0)


def test_one_token_does_not_go_through_the_chunks(monkeypatch):
    memory = made(hops=2)
    state = memory.initial(2)

    def never(*_):
        raise AssertionError("a chunk of one token")

    monkeypatch.setattr("remanence.neural.scan.written", never)
    memory.through(state, torch.randn(2, 1, 8))
    memory.write(state, torch.randn(2, 1, 8))


def test_it_is_as_small_as_it_says():
    """On a GPT-2 of 30M parameters (8 layers of 512), two layers of it:

    a tenth of the parameters at most, 150 kB a session.
    """
    memory = DynamicMemory(DynamicMemoryConfig(layers=(2, 5)), 512)
    fuse = Fuse(512, 512, 4)
    parameters = sum(p.numel() for part in (memory, fuse) for p in part.parameters())
    assert 2 * parameters < 0.06 * 30e6
    size = sum(t.numel() * t.element_size() for t in memory.initial(1).values())
    assert 2 * size == 149_504


def test_a_session_that_begins_gives_no_wild_gradient():
    """The first token has no token before it:

    its key is all zeros, whose direction is nothing's.
    """
    memory = made(shaken=False)
    found, state = memory.through(memory.initial(1), torch.randn(1, 3, 8))
    (found.square().sum() + state["matrix"].square().sum()).backward()
    assert all(p.grad is None or p.grad.norm() < 1e3 for p in memory.parameters())


def test_it_is_what_it_is_under_autocast():
    memory = made()
    hidden = torch.randn(2, 9, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found, state = memory.through(memory.initial(2), hidden)
    assert state["matrix"].dtype == torch.float32
    plain, _ = memory.through(memory.initial(2), hidden)
    assert (found - plain).norm() < 0.05 * plain.norm()


# -- learning -------------------------------------------------------------------------------------

KEYS, VALUES, WIDE, PAIRS = 64, 16, 32, 8


class Answers(nn.Module):
    """Words, a memory, answers: nothing else could remember."""

    def __init__(self, config):
        super().__init__()
        self.words = nn.Embedding(KEYS + VALUES, WIDE)
        self.memory = DynamicMemory(config, WIDE)
        self.answer = nn.Linear(WIDE, VALUES)

    def forward(self, told, asked):
        state = self.memory.initial(len(asked))
        for segment in told:
            state = self.memory.write(state, self.words(segment))
        return self.answer(self.memory.read(state, self.words(asked)))


def episodes(count, random):
    """Every key is given a value, half of them then another, in another segment and order;

    all are asked for. Keys crowd: 64 words, K = 16.
    """
    keys = torch.rand(count, KEYS, generator=random).argsort(1)[:, :PAIRS]
    first, second = torch.randint(VALUES, (2, count, PAIRS), generator=random)
    again = torch.rand(count, PAIRS, generator=random).argsort(1)[:, : PAIRS // 2]
    changed, values = keys.gather(1, again), second.gather(1, again)
    told = [
        torch.stack([k, v + KEYS], -1).flatten(1) for k, v in ((keys, first), (changed, values))
    ]
    return told, keys, first.scatter(1, again, values)


def taught(erases, steps=200):
    """The share of right answers after so many batches of 64."""
    torch.manual_seed(0)
    random = torch.Generator().manual_seed(0)
    model = Answers(DynamicMemoryConfig(heads=1, key=16, value=16, erases=erases))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(steps):
        told, asked, wanted = episodes(64, random)
        loss = functional.cross_entropy(model(told, asked).flatten(0, 1), wanted.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    told, asked, wanted = episodes(512, random)
    with torch.no_grad():
        return (model(told, asked).argmax(-1) == wanted).float().mean().item()


@pytest.mark.slow
def test_it_learns_to_replace_a_value_with_half_the_errors_of_an_additive_memory():
    """An additive memory learns it too, by letting what is older fade;

    but it fades for every key. Chance is 6 %.
    """
    erasing, adding = taught(True), taught(False)
    assert erasing > 0.97
    assert 1 - adding > 2 * (1 - erasing)
