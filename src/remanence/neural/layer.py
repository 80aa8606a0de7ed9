"""A memory in its place: a module beside a block's own, and the hook that lets what the block says
pass through it.

What the pass is for (training, a session, a step of generation) `attach` knows; how a memory reads
and writes, the memory does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from remanence.errors import InvalidInput
from remanence.neural import decode_step, modules
from remanence.neural.configs import MemoryConfig
from remanence.neural.fuse import Fuse
from remanence.neural.neural_memory import State
from remanence.neural.state import MemoryState


class MemoryLayer(nn.Module):
    """A memory and the fuse after it.

    At first the fuse adds nothing, so the block says what it said.
    """

    def __init__(self, config: MemoryConfig, size: int) -> None:
        super().__init__()
        self.cells = modules.build(config, size)
        self.fuse = Fuse(size, size)
        _drop_empty(self)

    def forward(
        self,
        hidden: Tensor,
        state: State | None,
        mask: Tensor | None,
        write: bool,  # noqa: FBT001
    ) -> tuple[Tensor, State]:
        """`hidden` (B, T, D) with what was read, and the state after it: that before where `write`
        is False.
        """
        if state is None:
            state = self.cells.initial(len(hidden))
        if not write:
            return self.fuse(hidden, self.cells.read(state, hidden)), state
        found, after = self.cells.through(state, hidden, mask)
        return self.fuse(hidden, found), after


def _drop_empty(layer: nn.Module) -> None:
    """Make parameters without numbers (a memory of one hop has one) buffers.

    There is nothing to train in them, for which DDP would wait, and savers take all such of a model
    for one shared tensor, and then miss the others.
    """
    for module in layer.modules():
        for name, weight in list(module.named_parameters(recurse=False)):
            if not weight.numel():
                delattr(module, name)
                module.register_buffer(name, weight.detach(), persistent=False)


@dataclass
class Pass:
    """One pass of a model.

    state: what its memories begin with; None where nothing was said yet. mask: (B, P), 0 at
    padding, the last T columns are those of the pass. skip: tokens at its beginning that `state`
    has heard before; behind: what those begin with, which is what they read. quick: whether a
    single token may go through folded weights; fused_layers: layers where the tokens before it did.
    after: what the layers have come to.
    """

    state: MemoryState | None = None
    mask: Tensor | None = None
    write: bool = True
    skip: int = 0
    behind: MemoryState | None = None
    quick: bool = False
    fused_layers: frozenset[str] = frozenset()
    after: dict[str, State] = field(default_factory=dict)
    _real: dict[int, Tensor | None] = field(default_factory=dict)

    def before(self, name: str, hidden: Tensor) -> State | None:
        """The state of a layer for a batch like `hidden` (B, T, D), on its device."""
        return _of(self.state, name, hidden)

    def real(self, hidden: Tensor) -> Tensor | None:
        """(B, T): which tokens of `hidden` (B, T, D) are words; None for all.

        Looked up once for all layers.
        """
        tokens = hidden.shape[1]
        if tokens not in self._real:
            mask = None if self.mask is None else self.mask[:, -tokens:].to(hidden.device).bool()
            self._real[tokens] = None if mask is None or bool(mask.all()) else mask
        return self._real[tokens]

    def through(self, name: str, memory: Any, hidden: Tensor) -> Tensor:
        """`hidden` with what the memory of a layer holds for it, (B, T, D); what the layer has come
        to is in `after` then.
        """
        real = self.real(hidden)
        if hidden.shape[1] > 1:
            self.fused_layers = frozenset()
        elif self.quick and self.state is not None and real is None:
            anew = name not in self.fused_layers
            self.fused_layers |= {name}
            found = decode_step.step(memory, hidden, self.state.layers[name], anew=anew)
            if found is not None:
                told, self.after[name] = found
                return told
        state = self.before(name, hidden)
        if self.skip <= 0:
            out: Tensor
            out, self.after[name] = memory(hidden, state, real, self.write)
            return out
        old, new = hidden[:, : self.skip], hidden[:, self.skip :]
        heard, unheard = (
            (None, None) if real is None else (real[:, : self.skip], real[:, self.skip :])
        )
        first, _ = memory(old, _of(self.behind, name, hidden), heard, True)
        rest, self.after[name] = memory(new, state, unheard, self.write)
        return torch.cat([first, rest], 1)

    def result(self) -> MemoryState | None:
        """The state of the whole model after the pass."""
        if not self.after:
            return self.state
        layers = {**({} if self.state is None else self.state.layers), **self.after}
        # No dict: DDP looks for tensors in the dicts of an output and waits for the gradients of
        # all that they depend on, and a state that no
        # later segment reads has none.
        return MemoryState(MappingProxyType(layers))


def _of(state: MemoryState | None, name: str, hidden: Tensor) -> State | None:
    if state is None:
        return None
    if len(state) != len(hidden):
        raise InvalidInput(
            f"the memory holds {len(state)} sessions, the batch has {len(hidden)} rows; "
            "a row is a session: give as many as there were, or begin anew"
        )
    return {key: tensor.to(hidden.device) for key, tensor in state.layers[name].items()}


_running: ContextVar[Pass | None] = ContextVar("remanence_pass", default=None)


@contextmanager
def running(now: Pass) -> Iterator[Pass]:
    """Memories inside belong to this pass; of a thread, or of a task of asyncio."""
    token = _running.set(now)
    try:
        yield now
    finally:
        _running.reset(token)


def _let_through(name: str, block: nn.Module, _: Any, output: Any) -> Any:
    """Pass a block's output through its memory: the forward hook.

    A block says a tensor, or a tuple that begins with one.
    """
    now = _running.get()
    if now is None:
        raise InvalidInput(
            f"layer {name} was called past the model that its memory was attached to; call that "
            "model, `memorize` or `generate`"
        )
    hidden = output if isinstance(output, Tensor) else output[0]
    memory: Any = block.memory  # the layer, or what PEFT has put around it
    told = now.through(name, memory, hidden)
    return told if isinstance(output, Tensor) else (told, *output[1:])


def place(block: nn.Module, name: str, config: MemoryConfig, size: int) -> None:
    """Give `block` a memory, on its device and in its dtype."""
    if hasattr(block, "memory"):
        raise InvalidInput(
            f"{type(block).__name__} has something called memory already; this model cannot carry "
            "one of ours"
        )
    like = next((each for each in block.parameters() if each.is_floating_point()), None)
    layer = MemoryLayer(config, size)
    block.memory = layer if like is None else layer.to(device=like.device, dtype=like.dtype)
    block.register_forward_hook(partial(_let_through, name))


def remove(block: nn.Module) -> None:
    """Take the memory and its hook away."""
    del block.memory
    for number, hook in list(block._forward_hooks.items()):  # noqa: SLF001 - a copied model has no handle of its hooks
        if isinstance(hook, partial) and hook.func is _let_through:
            del block._forward_hooks[number]  # noqa: SLF001


def blocks(reader: nn.Module, layers: int) -> list[nn.Module]:
    """The blocks of a stack: its outermost list of as many modules as it has layers."""
    for module in reader.modules():
        if isinstance(module, nn.ModuleList) and len(module) == layers:
            return list(module)
    raise InvalidInput(
        f"{type(reader).__name__} has no list of {layers} blocks to put a memory beside; "
        "models like GPT-2, Llama, Qwen, BERT and T5 have"
    )
