"""Dynamic memory: a matrix a head, erased and added to at every token, read by content, once or in
several hops.

For a token whose hidden state, brought to root mean square 1, is x_t, and conv a causal convolution
of `kernel` tokens for each channel:

    q_t = norm(conv(W_q x)_t)    k_t = norm(conv(W_k x)_t)    v_t = conv(W_v x)_t
    e_t = sigmoid(E x_t)    w_t = sigmoid(W x_t)    log a_t = -softplus(A x_t + b)
    r_t = M_{t-1}^T q_t        M_t = a_t M_{t-1} - k_t (e_t * k_t)^T a_t M_{t-1} + k_t (w_t * v_t)^T

(arXiv 2605.22791). M~_t = a_t M_{t-1} is the update, the second term Erase(M~_t, e_t), the third
Add(M~_t, a_t) of memories with erase and add vectors. A hop asks again with what the last one
found, as the episodes of dynamic memory networks do (arXiv 1506.07285):

    q^1 = q_t        q^{i+1} = norm(q^i + W_i r^i)        read: W_o [r^1; ...; r^hops]
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from remanence.neural import scan
from remanence.neural.configs import DynamicMemoryConfig
from remanence.neural.neural_memory import State
from remanence.neural.segments import Packed, admit, pack

# of the gates: a token opens them along a few directions, and full rank would cost as much as the
# keys
RANK: Final = 16
OPEN: Final = 2.0  # bias of both gates: at first a write replaces 88 % of what its key found
# b of the first and the last head: half is gone after 280 tokens, and after 110,000
DECAY: Final = (-6.0, -12.0)
# added to a squared length before it divides: the first token of all has no token before it, and so
# a key of zeros
SHORT: Final = 1e-3


@dataclass(frozen=True)
class _Entries:
    """Projections of a segment: q, k (B, T, H, K), v (B, T, H, V), gates, and the tail of the
    convolution after it.
    """

    packed: Packed
    q: Tensor
    k: Tensor
    v: Tensor
    erase: Tensor | None
    add: Tensor
    decay: Tensor
    tail: Tensor


class DynamicMemory(nn.Module):
    """Implements `port.NeuralMemory`, token by token.

    State: `matrix` (B, H, K, V), and `tail` (B, kernel - 1, H (2 K + V)), what the convolution
    still has to see: so a text says the same in one segment, in several, and token by token.

    At first the convolution lets q and v see their own token and k the one before: what followed a
    token is what it is the key of (an induction head's prior). Reads and writes are float32
    whatever the model is in; what is read comes in the dtype of the query, zeros where there is
    padding. Raises `InvalidInput` for shapes that do not fit and for hidden states that are not
    finite.
    """

    def __init__(self, config: DynamicMemoryConfig, size: int) -> None:
        super().__init__()
        self.config, self.size = config, size
        heads, key, value = config.heads, config.key, config.value
        self.norm = nn.RMSNorm(size, eps=1e-6)
        self.ask = nn.Linear(size, heads * key, bias=False)
        self.tell = nn.Linear(size, heads * (key + value), bias=False)
        self.seen = nn.Parameter(prior(heads, key, value, config.kernel))
        gated = heads * (value + (key if config.erases else 0))
        self.gates = nn.Sequential(nn.Linear(size, RANK, bias=False), nn.Linear(RANK, gated))
        self.decay = nn.Linear(size, heads)
        self.again = nn.Parameter(torch.zeros(config.hops - 1, heads, value, key))
        self.out = nn.Linear(config.hops * heads * value, size, bias=False)
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        """Initialise: a key is made as a query is, so that a query finds its key; gates are open,
        whatever the token.
        """
        self.tell.weight[: len(self.ask.weight)] = self.ask.weight
        nn.init.zeros_(self.gates.get_parameter("1.weight"))
        nn.init.constant_(self.gates.get_parameter("1.bias"), OPEN)
        nn.init.zeros_(self.decay.weight)
        self.decay.bias.copy_(torch.linspace(*DECAY, len(self.decay.bias)))

    @property
    def form(self) -> dict[str, torch.Size]:
        """Shapes of one session's state."""
        config = self.config
        return {
            "matrix": torch.Size([config.heads, config.key, config.value]),
            "tail": torch.Size([config.kernel - 1, self.seen.shape[1]]),
        }

    def initial(self, batch: int) -> State:
        device = self.seen.device
        return {
            name: torch.zeros(batch, *shape, device=device, dtype=torch.float32)
            for name, shape in self.form.items()
        }

    def read(self, state: State, query: Tensor) -> Tensor:
        admit(state, self.form, query, None, self.size)
        width = self.ask.out_features
        asked = self.ask(self.norm(query.to(self.out.weight.dtype))).float()
        seen = convolved(asked, state["tail"][..., :width], self.seen[:, :width])
        q = unit(seen.unflatten(-1, (self.config.heads, -1)))
        return self._found(q, lambda each: scan.look(each, state["matrix"])).to(query.dtype)

    def write(self, state: State, hidden: Tensor, mask: Tensor | None = None) -> State:
        told = self._entries(state, hidden, mask)
        if hidden.shape[1] == 1:
            return self._stepped(state, told)
        return {"matrix": self._written(state, told).last, "tail": told.tail}

    def through(
        self, state: State, hidden: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        told = self._entries(state, hidden, mask)
        if hidden.shape[1] == 1:
            found = self._found(told.q, lambda each: scan.look(each, state["matrix"]))
            after = self._stepped(state, told)
        else:
            done = self._written(state, told)
            found, after = self._found(told.q, done.read), {"matrix": done.last, "tail": told.tail}
        return told.packed.unpack(found).to(hidden.dtype), after

    def _stepped(self, state: State, told: _Entries) -> State:
        """One token, without a chunk around it: what decoding does."""
        erase = None if told.erase is None else told.erase[:, 0]
        real = None if told.packed.real is None else told.packed.real[:, 0]
        matrix = scan.update(
            told.k[:, 0],
            told.v[:, 0],
            erase,
            told.add[:, 0],
            told.decay[:, 0],
            state["matrix"],
            real,
        )
        return {"matrix": matrix, "tail": told.tail}

    def _written(self, state: State, told: _Entries) -> scan.ScanWrites:
        return scan.written(
            told.k, told.v, told.erase, told.add, told.decay, state["matrix"],
            told.packed.real, self.config.chunk,
        )  # fmt: skip

    def _entries(self, state: State, hidden: Tensor, mask: Tensor | None) -> _Entries:
        config = self.config
        admit(state, self.form, hidden, mask, self.size)
        packed = pack(hidden, mask)
        x = self.norm(packed.hidden.to(self.out.weight.dtype))
        heads, width = config.heads, config.heads * config.key
        said = torch.cat([self.ask(x), self.tell(x)], -1).float()  # (B, T, H (2 K + V))
        seen = convolved(said, state["tail"], self.seen)
        q, k, v = seen.split([width, width, heads * config.value], -1)
        gates = torch.sigmoid(self.gates(x).float())
        add, erase = gates.tensor_split([heads * config.value], -1)
        return _Entries(
            packed=packed,
            q=unit(q.unflatten(-1, (heads, -1))),
            k=unit(k.unflatten(-1, (heads, -1))),
            v=v.unflatten(-1, (heads, -1)),
            erase=erase.unflatten(-1, (heads, -1)) if config.erases else None,
            add=add.unflatten(-1, (heads, -1)),
            decay=-functional.softplus(self.decay(x).float()),
            tail=packed.last(state["tail"], said),
        )

    def _found(self, q: Tensor, look: Callable[[Tensor], Tensor]) -> Tensor:
        """Every hop's read, and what is made of them for the model: (B, T, H, K) -> (B, T, D)."""
        reads = [look(q)]  # (B, T, H, V)
        for weights in self.again.float():
            q = unit(q + torch.einsum("bthv,hvk->bthk", reads[-1], weights))
            reads.append(look(q))
        found: Tensor = self.out(torch.stack(reads, 2).flatten(2).to(self.out.weight.dtype))
        return found


def convolved(entries: Tensor, tail: Tensor, weights: Tensor) -> Tensor:
    """Each channel's sum over its last `kernel` entries: (B, T, X) after (B, kernel - 1, X)."""
    tokens = entries.shape[1]
    joined = torch.cat([tail, entries], 1)
    first, *others = weights.float()
    seen: Tensor = joined[:, :tokens] * first
    for n, each in enumerate(others, 1):
        seen = torch.addcmul(seen, joined[:, n : n + tokens], each)
    return seen


def prior(heads: int, key: int, value: int, kernel: int) -> Tensor:
    """Weights of the convolution, (kernel, H (2 K + V)), the newest token last, that let q and v
    through, and k one token late (where the kernel sees that far).
    """
    weights = torch.zeros(kernel, heads * (2 * key + value))
    weights[-1] = 1
    keys = slice(heads * key, 2 * heads * key)
    weights[-1, keys] = 0
    weights[-min(2, kernel), keys] = 1
    return weights


def unit(x: Tensor) -> Tensor:
    """Scaled to length one along the last axis; shorter where it is next to nothing."""
    return x * torch.rsqrt(x.square().sum(-1, keepdim=True) + SHORT)
