"""One token through a dynamic memory and its fuse, as decoding needs it: the same sums as in
`dynamic` and `fuse`, in three matrix products.

For a single token the time goes into reading weights and into starting operations, so both are made
fewer. All that is asked of a token is one product, whose result is scaled by its root mean square
afterwards; the decay joins the gates, since exp(-softplus(z)) = sigmoid(-z); and the two linear
maps behind a read, W_fuse W_out, are one. Weights that something else stands in front of (adapters,
hooks, quantized or sharded ones, another dtype) are not folded: the layer itself does the work
then.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from remanence.neural.dynamic import SHORT, DynamicMemory
from remanence.neural.fuse import Fuse
from remanence.neural.neural_memory import State

_PLAIN: Final = (nn.Linear, nn.RMSNorm, nn.Sequential, nn.Parameter, DynamicMemory, Fuse)


@dataclass(frozen=True)
class Sources:
    """Weights that were fused, and what is needed to tell whether they have changed since.

    places: every module and weight, and where it stands. copies: what the weights held.
    """

    places: tuple[tuple[dict[str, Any], str, Any], ...]
    modules: tuple[nn.Module, ...]
    weights: tuple[Tensor, ...]
    copies: tuple[Tensor, ...]

    @classmethod
    def of(cls, layer: nn.Module) -> "Sources":
        places = tuple(_places(layer))
        modules = [layer, *(each for _, _, each in places if isinstance(each, nn.Module))]
        weights = [each for _, _, each in places if isinstance(each, Tensor)]
        return cls(
            places,
            tuple(modules),
            tuple(weights),
            tuple(each.detach().clone() for each in weights),
        )

    def same(self) -> bool:
        """Tell whether these are the layer's weights still, with nothing in front of them, and hold
        what they held: a look at each number.
        """
        return (
            self.bare()
            and all(place.get(name) is each for place, name, each in self.places)
            and all(
                w.dtype == c.dtype and w.device == c.device and torch.equal(w, c)
                for w, c in zip(self.weights, self.copies, strict=True)
            )
        )

    def bare(self) -> bool:
        """Tell whether no module has hooks, or a forward of its own object."""
        return not any(
            m._forward_hooks or m._forward_pre_hooks or "forward" in vars(m)  # noqa: SLF001
            for m in self.modules
        )


@dataclass(frozen=True)
class FusedDecodeStep:
    """The weights of a layer, made for one token.

    X = H (2 K + V), R the rank of the memory's gates.

    ask: (D, X + R + H + 1): queries, keys, values; gates; decay; what the hidden state says to the
    fuse's gate. taps: the convolution, (kernel, X). opens: (R + H, H V + H K + H), add and erase
    gates, and decay; with bias. again: each hop's (H, V, K). tell: (hops H V, D + 1), what is
    added, and what the read says to the fuse's gate. gate: its bias, (1,).
    """

    shape: tuple[int, int, int]  # H, K, V
    eps: float
    ask: Tensor
    taps: Tensor
    opens: Tensor
    bias: Tensor
    again: tuple[Tensor, ...]
    tell: Tensor
    gate: Tensor
    short: Tensor  # what `dynamic` adds to a squared length
    sources: Sources

    def fits(self, hidden: Tensor, state: State) -> bool:
        """Tell whether hidden states and state are of this layer's shapes, kind and place."""
        kernel, wide = self.taps.shape
        rows, _, size = hidden.shape
        return (
            size == self.ask.shape[0]
            and hidden.dtype == self.ask.dtype
            and hidden.device == self.ask.device == state["matrix"].device
            and state["matrix"].shape == (rows, *self.shape)
            and state["tail"].shape == (rows, kernel - 1, wide)
        )

    def step(self, hidden: Tensor, state: State) -> tuple[Tensor, State] | None:
        """`hidden` (B, 1, D) with what was read, and the state after it; None for what has to be
        refused, which the layer does.
        """
        if not self.fits(hidden, state):
            return None
        (heads, key, value), (rows, _, size) = self.shape, hidden.shape
        wide, matrix = self.taps.shape[1], state["matrix"]
        x = hidden[:, 0]  # (B, D)
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)  # (B, 1)
        total = length.item() if rows == 1 else length.sum().item()
        if not math.isfinite(total):
            return None
        told, asks = (x @ self.ask).split((self.ask.shape[1] - 1, 1), 1)
        if rows == 1:  # a number costs less than a tensor of one
            said = told * (total * total / size + self.eps) ** -0.5
        else:
            said = told * (length.square() / size + self.eps).rsqrt()
        entry, low = said.split((wide, said.shape[1] - wide), 1)
        joined = torch.cat([state["tail"], entry[:, None]], 1)  # (B, kernel, X)
        seen = (joined * self.taps).sum(1)  # (B, X)
        asked, v = seen.split((2 * heads * key, heads * value), 1)
        q, k = self._unit(asked.view(rows, 2, heads, 1, key)).unbind(1)  # (B, H, 1, K) each
        gates = torch.addmm(self.bias, low, self.opens).sigmoid()  # (B, H V + H K + H)
        add, erase, decay = gates.split((heads * value, gates.shape[1] - heads * (value + 1), heads), 1)  # fmt: skip
        new = (add * v).view(rows, heads, 1, value)
        decay = decay.view(rows, heads, 1, 1)
        if erase.shape[1]:
            both = torch.cat([q, erase.view(k.shape) * k], 2)  # (B, H, 2, K)
            read, gone = (both @ matrix).split(1, 2)  # (B, H, 1, V) each
            new = torch.addcmul(new, decay, gone, value=-1)
        else:
            read = q @ matrix
        after = torch.addcmul(decay * matrix, k.mT, new)
        reads = [read]
        for weights in self.again:
            q = self._unit(q + reads[-1] @ weights)
            reads.append(q @ matrix)
        read = torch.cat(reads, 1) if self.again else read  # (B, hops H, 1, V)
        added, opened = (read.reshape(rows, -1) @ self.tell).split((size, 1), 1)
        gate = (asks + opened + self.gate).sigmoid()  # (B, 1)
        told = torch.addcmul(x, gate, added)
        return told[:, None], {"matrix": after, "tail": joined[:, 1:]}

    def _unit(self, x: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        return x * torch.addcmul(self.short, length, length).rsqrt()


_folded: "WeakKeyDictionary[nn.Module, FusedDecodeStep]" = WeakKeyDictionary()


def step(
    layer: nn.Module, hidden: Tensor, state: State, *, anew: bool
) -> tuple[Tensor, State] | None:
    """One token, (B, 1, D), through a `MemoryLayer`; None where it has to go through the layer
    itself. Without gradients.

    anew: compare the weights with what was folded, number by number; for the first token after
    others. For those that follow one by one they are what they were: keys and values in a cache are
    of the weights that there were, too.
    """
    if torch.is_autocast_enabled(hidden.device.type) or torch.compiler.is_compiling():
        return None
    known = _folded.get(layer)
    if known is None or (anew and not known.sources.same()):
        known = _fold(layer)
        if known is None:
            return None
        _folded[layer] = known
    return known.step(hidden, state)


@torch.no_grad()
def _is_plain(sources: "Sources", device: torch.device) -> bool:
    """Return whether all weights are of plain modules, float32, on one device, without hooks."""
    return (
        all(type(each) in _PLAIN for _, _, each in sources.places)
        and all(each.dtype == torch.float32 and each.device == device for each in sources.weights)
        and sources.bare()
    )


def _fold(layer: Any) -> FusedDecodeStep | None:
    cells, fuse = getattr(layer, "cells", None), getattr(layer, "fuse", None)
    if type(cells) is not DynamicMemory or type(fuse) is not Fuse or len(fuse.gate.weight) > 1:
        return None
    sources, device = Sources.of(layer), fuse.gate.bias.device
    if not _is_plain(sources, device):
        return None
    config, size = cells.config, cells.size
    low: Any = cells.gates[0]
    high: Any = cells.gates[1]
    ask = torch.cat([cells.ask.weight, cells.tell.weight, low.weight, cells.decay.weight])
    ask = torch.cat([ask * cells.norm.weight, fuse.gate.weight[:, :size]])
    minus = -torch.eye(config.heads, device=device)
    told = torch.cat([fuse.out.weight, fuse.gate.weight[:, size:]]) @ cells.out.weight
    return FusedDecodeStep(
        shape=(config.heads, config.key, config.value),
        eps=float(cells.norm.eps or 0),
        ask=ask.T.contiguous(),
        taps=cells.seen.detach().clone(),
        opens=torch.block_diag(high.weight.T, minus),
        bias=torch.cat([high.bias, -cells.decay.bias]),
        again=tuple(cells.again.detach().clone()),
        tell=told.T.contiguous(),
        gate=fuse.gate.bias.detach().clone(),
        short=torch.tensor(SHORT, device=device),
        sources=sources,
    )


def _places(layer: nn.Module) -> Iterator[tuple[dict[str, Any], str, Any]]:
    for module in layer.modules():
        for held in (module._modules, module._parameters):  # noqa: SLF001 - where a module or a weight would be exchanged
            yield from ((held, name, each) for name, each in held.items() if each is not None)
