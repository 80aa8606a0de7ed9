"""The class that a model with memory has: its own, woven with `MemoryMixin`.

What `forward` takes and gives back beside the plain model's.

Where a pass begins, in this order: the `memory_state` handed in; the open session of this model;
the cache handed in; nothing said yet. Files and layers are `attach`'s business, generation is
`speaking`'s.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import Cache

from remanence.errors import InvalidInput
from remanence.neural import sessions
from remanence.neural.cache import NAMES, MemoryCache, adopt, carried
from remanence.neural.configs import MemoryConfig
from remanence.neural.generation import (
    MemoryGenerationMixin,
    check_carries,
    initial_state_of_turn,
)
from remanence.neural.layer import Pass, running
from remanence.neural.state import MemoryState

_ADDED = ("memory_state", "memory_write")


@dataclass(frozen=True)
class AttachedMemory:
    """Record of the memories attached to a model.

    paths: block of each layer. tokenwise: whether all memories write token by token, so that one
    pass or many come to the same. apart: whether they are in the encoder of an encoder-decoder
    model. positions: tokens it can take, None for no bound. quiet: of its config, before.
    """

    memories: tuple[MemoryConfig, ...]
    paths: dict[str, str]
    tokenwise: bool
    apart: bool
    positions: int | None
    quiet: list[str] | None


class MemoryMixin(MemoryGenerationMixin):
    """Methods of a model with memory. Made by `attach_memory` alone."""

    memory_attached: AttachedMemory

    def memorize(
        self: Any,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        *,
        memory_state: MemoryState | None = None,
        **inputs: Any,
    ) -> MemoryState:
        """Write a text (B, T) and answer nothing: the state after it, which the open session has
        then too. Without gradients, and without the work of a language model's head.

        Raises `InvalidInput` for what does not fit the model or the state.
        """
        inputs["input_ids"], inputs["attention_mask"] = input_ids, attention_mask
        if attention_mask is not None and not self.memory_attached.apart:
            _place(self, inputs, attention_mask)
        reader = self.get_encoder() if self.memory_attached.apart else self.base_model
        accepts = inspect.signature(reader.forward).parameters
        cache = carried(inputs)
        inputs |= dict.fromkeys(NAMES) | {next((n for n in NAMES if n in accepts), ""): cache}
        inputs = {name: value for name, value in inputs.items() if value is not None}
        with torch.no_grad():
            if reader is self:
                return self(**inputs, memory_state=memory_state).memory_state  # type: ignore[no-any-return]
            now, session = begin_pass(self, inputs, memory_state, write=True)
            with running(now):
                reader(**{name: each for name, each in inputs.items() if name in accepts})
            return end_pass(now, session, None if self.memory_attached.apart else cache)  # type: ignore[return-value]

    def session(
        self: Any,
        name: str | Sequence[str],
        *,
        store: Any = None,
        namespace: str | None = None,
        fresh: bool = False,
    ) -> sessions.Session:
        """The session of that name, to be opened with `with`; of several names, a row each, in a
        batch. See `sessions.Session`.
        """
        return sessions.Session(self, name, store=store, namespace=namespace, fresh=fresh)

    def save_pretrained(self: Any, save_directory: Any, *args: Any, **options: Any) -> None:
        """As ever, with the memories: `neural.from_pretrained` reads both, the plain class the
        model alone.
        """
        from remanence.neural.attach import declared

        with declared(self):
            super().save_pretrained(Path(save_directory), *args, **options)  # type: ignore[misc]

    def __reduce_ex__(self, protocol: Any) -> Any:
        made = object.__reduce_ex__(self, protocol)
        return (_blank, (without_memory(type(self)),), *made[2:])


def _blank(base: type) -> Any:
    """An empty object of a woven class: how one is copied and pickled, since no module has the
    class by its name.
    """
    made: Any = with_memory(base)
    return made.__new__(made)


@functools.cache
def with_memory(base: type) -> type:
    """`base` with memory, under the same name."""
    names = {
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
        "forward": _forward(base),
    }
    return type(base.__name__, (MemoryMixin, base), names)


def without_memory(made: type) -> type:
    """The class that was woven."""
    return made.__mro__[made.__mro__.index(MemoryGenerationMixin) + 1]


def _forward(base: Any) -> Callable[..., Any]:
    before = inspect.signature(base.forward)
    names = tuple(before.parameters)[1:]

    @functools.wraps(base.forward)
    def forward(
        self: Any,
        *args: Any,
        memory_state: MemoryState | None = None,
        memory_write: bool = True,
        **kwargs: Any,
    ) -> Any:
        given = {**dict(zip(names, args, strict=False)), **kwargs} if args else kwargs
        now, session = begin_pass(self, given, memory_state, write=memory_write)
        with running(now):
            output = base.forward(self, *args, **kwargs)
        cache = _cache_of(self, output)
        if cache is None and carried(given) is not None:
            check_carries(self)
        return _add_state(output, end_pass(now, session, cache))

    parameters = list(before.parameters.values())
    last = parameters.pop() if parameters[-1].kind is inspect.Parameter.VAR_KEYWORD else None
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in zip(_ADDED, (None, True), strict=True)
    ]
    parameters += [*added, *([] if last is None else [last])]
    forward.__signature__ = before.replace(parameters=parameters)  # type: ignore[attr-defined]
    return forward


def _state_before(
    model: Any, state: MemoryState | None, cache: MemoryCache | None
) -> tuple[MemoryState | None, Any]:
    """Return the state that a pass begins with, and the session that it is of, if any."""
    if state is not None:
        check_state(model, state)
        return state, None
    session = sessions.current(model)
    if session is not None:
        return session.state, session
    if cache is None:
        return None, None
    known = cache.memory_state
    return initial_state_of_turn(model) if known is None else known, None


def _checked_mask(given: dict[str, Any]) -> Tensor | None:
    """Return the attention mask (sessions, tokens). Raises `InvalidInput` for another shape."""
    mask: Tensor | None = given.get("attention_mask")
    if mask is not None and mask.dim() != 2:
        raise InvalidInput(
            "a memory needs attention_mask as (sessions, tokens), to know padding from words; "
            f"this one is {tuple(mask.shape)}"
        )
    return mask


def begin_pass(
    model: Any, given: dict[str, Any], state: MemoryState | None, *, write: bool
) -> tuple[Pass, Any]:
    """The pass of a model over these inputs, and the session that it is of, if any.

    Raises `InvalidInput`.
    """
    attached: AttachedMemory = model.memory_attached
    cache = None
    if not attached.apart and (handed := carried(given)) is not None:
        cache = adopt(handed)
    state, session = _state_before(model, state, cache)
    mask = _checked_mask(given)
    past = 0 if cache is None else cache.get_seq_length()
    check_length(attached, given, past)
    now = Pass(state, mask, bool(write))
    if cache is not None:
        now.skip, now.behind, now.fused_layers = (
            cache.written - past,
            cache.behind,
            cache.fused_layers,
        )
        # What was folded lasts as long as a cache: keys and values in it are of those weights too.
        now.quick = now.write and now.skip <= 0 and not torch.is_grad_enabled()
    return now, session


def end_pass(now: Pass, session: Any, cache: Any) -> MemoryState | None:
    """The state after a pass, in the session and in the cache too."""
    after = now.result()
    if session is not None and now.write and now.after and after is not None:
        session.take(after)
    if cache is not None:
        cache.memory_state, cache.fused_layers = after, now.fused_layers
    return after


def check_state(model: Any, state: MemoryState) -> None:
    """Raise `InvalidInput` unless `state` is one of this model's memories, and finite.

    Shapes are the memories' to check.
    """
    if not isinstance(state, MemoryState):
        raise InvalidInput(
            f"memory_state is {type(state).__name__}, not a MemoryState; hand back what a pass gave"
        )
    mine, theirs = sorted(model.memory_attached.paths), sorted(state.layers)
    if mine != theirs:
        raise InvalidInput(
            f"the state is of layers {', '.join(theirs)}, the model's memories are in "
            f"{', '.join(mine)}; it is another model's"
        )
    for path, tensor in state.tensors().items():
        if not bool(torch.isfinite(tensor).all()):
            raise InvalidInput(
                f"the state {path} has numbers that are not finite; begin anew, and look at the "
                "learning rate"
            )


def check_length(attached: AttachedMemory, given: dict[str, Any], past: int) -> None:
    """Raise `InvalidInput` where there are more tokens than positions."""
    tokens = (
        given.get("input_ids") if given.get("inputs_embeds") is None else given["inputs_embeds"]
    )
    if attached.positions is None or tokens is None or given.get("position_ids") is not None:
        return
    if past + tokens.shape[1] > attached.positions:
        raise InvalidInput(
            f"{tokens.shape[1]:,} tokens after {past:,} are more than the model's "
            f"{attached.positions:,} positions; "
            "hand the text over in segments, the memory carries on from one to the next"
        )


def _place(model: Any, inputs: dict[str, Any], mask: Tensor) -> None:
    """Count positions from the first real token, as `generate` does."""
    takes = "position_ids" in inspect.signature(model.base_model.forward).parameters
    causal = getattr(model, "can_generate", bool)()
    if takes and causal and inputs.get("position_ids") is None and not bool(mask.all()):
        tokens = (
            inputs["input_ids"] if inputs.get("input_ids") is not None else inputs["inputs_embeds"]
        )
        inputs["position_ids"] = (mask.long().cumsum(-1) - 1).clamp(min=0)[:, -tokens.shape[1] :]


def _cache_of(model: Any, output: Any) -> Any:
    """The cache that a model made or filled, as one that carries a state."""
    if model.memory_attached.apart:
        return None
    if isinstance(output, tuple):
        found = next((each for each in output if isinstance(each, Cache)), None)
    else:
        found = carried(output)
    return None if found is None else adopt(found)


def _add_state(output: Any, state: MemoryState | None) -> Any:
    if isinstance(output, tuple):
        return (*output, state)
    said: Any = type(output)
    output.__class__ = _output_type(
        said
    )  # in place: to make an output anew takes long beside a token
    if state is not None:
        output["memory_state"] = state
    return output


@functools.cache
def _output_type(base: Any) -> Any:
    """Return the model's output class `base` with a state as a field, because DDP takes outputs
    apart by their fields.
    """
    names = {
        "__module__": __name__,
        "__doc__": base.__doc__,
        "__annotations__": {"memory_state": MemoryState | None},
        "__reduce__": lambda self: (_add_state, (base(**_without_state(self)), self.memory_state)),
        "memory_state": None,
    }
    return dataclass(type(base.__name__, (base,), names))


def _without_state(output: Any) -> dict[str, Any]:
    return {name: value for name, value in output.items() if name != "memory_state"}
