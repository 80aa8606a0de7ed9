"""Generation with memory: what `generate` reads, how beams carry their states, what a session has
heard when it is over.

While a text is being generated its states ride in the cache, so that beams take them along. An open
session is read, and written once the text stands: prompt and reply in one pass, so that the
session's state is the same whichever way the reply was decoded, with a cache or without.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from transformers.generation.configuration_utils import GenerationMode

from remanence.errors import InvalidInput
from remanence.neural import sessions
from remanence.neural.cache import MemoryCache, adopt, carried
from remanence.neural.layer import running
from remanence.neural.state import MemoryState

CACHES: Final = (None, "dynamic", "offloaded")  # implementations that can carry a state


@dataclass
class _GenerationTurn:
    """One call of `generate`.

    start: what its memories begin with, a row for each beam or sample. The rest is what a session
    hears afterwards: the prompt (B, P), its mask, and the tokens that end a reply.
    """

    model: Any
    start: MemoryState | None = None
    ids: Tensor | None = None
    mask: Tensor | None = None
    length: int = 0
    ends: Tensor | None = None
    pad: Tensor | None = None


_current_turn: ContextVar[_GenerationTurn | None] = ContextVar("remanence_turn", default=None)


@contextmanager
def _generation_turn(turn: _GenerationTurn) -> Iterator[None]:
    token = _current_turn.set(turn)
    try:
        yield
    finally:
        _current_turn.reset(token)


def initial_state_of_turn(model: Any) -> MemoryState | None:
    """Return the state that a model's memories begin the current generation with, for a cache
    without one: PEFT's prefixes put in their own.
    """
    turn = _current_turn.get()
    return turn.start if turn is not None and turn.model is model else None


def check_carries(model: Any) -> None:
    """Raise `InvalidInput` where a decoder is generating and returns no cache to carry its state.

    State-space models (Mamba) keep states of their own, RecurrentGemma keeps them in its modules.
    """
    turn = _current_turn.get()
    if turn is not None and turn.model is model and not model.memory_attached.apart:
        raise InvalidInput(
            f"{type(model).__name__} keeps no cache of keys and values, so the state of a memory "
            "would be lost after the first token; generate with use_cache=False"
        )


class MemoryGenerationMixin:
    """The part of a model with memory that generates."""

    memory_attached: Any

    def generate(
        self: Any,
        *args: Any,
        memory_state: MemoryState | None = None,
        memory_write: bool = True,
        **kwargs: Any,
    ) -> Any:
        """As ever, reading memory: `memory_state`, else the open session, else the state in
        `past_key_values`.

        In a session prompt and reply are written afterwards, unless `memory_write` is False; where
        several replies come back for a prompt, the prompt alone is, since nobody knows which was
        said. An encoder-decoder model writes its input, which is all that its encoder reads.
        Memories that write once a segment are read only, until the text stands.

        Raises `InvalidInput` for decoding that would have to take back what was written: assisted,
        prompt lookup, caches of fixed size.
        """
        attached = self.memory_attached
        if kwargs.get("cache_implementation") == "paged":
            raise InvalidInput(_refused("cache_implementation='paged'"))
        step = {"memory_write": memory_write and (attached.tokenwise or attached.apart)}
        session = sessions.current(self) if memory_state is None else None
        turn = _GenerationTurn(self)
        if attached.apart or session is None:
            with _generation_turn(turn):
                return super().generate(*args, memory_state=memory_state, **step, **kwargs)  # type: ignore[misc]
        if memory_write and kwargs.get("inputs_embeds") is not None:
            raise InvalidInput(
                "a session cannot write a prompt of inputs_embeds; give input_ids, or "
                "memory_write=False"
            )
        cache = carried(kwargs)
        before = copy.deepcopy(cache) if memory_write and cache is not None else None
        with session.apart(), _generation_turn(turn):
            output = super().generate(*args, memory_state=session.state, **step, **kwargs)  # type: ignore[misc]
        if memory_write:
            _write_turn(self, turn, output, before)
        return output

    def generate_batch(self, *_: Any, **__: Any) -> Any:
        """Raises `InvalidInput`: continuous batching keeps its keys and values in pages, where no
        state rides along.
        """
        raise InvalidInput(_refused("continuous batching"))

    def _validate_generation_mode(self: Any, mode: Any, settings: Any, more: Any) -> None:
        super()._validate_generation_mode(mode, settings, more)  # type: ignore[misc]
        if self.memory_attached.apart:
            return
        if mode == GenerationMode.ASSISTED_GENERATION:
            raise InvalidInput(_refused("assisted or prompt-lookup decoding"))
        if settings.cache_implementation not in CACHES:
            raise InvalidInput(_refused(f"cache_implementation={settings.cache_implementation!r}"))

    def _expand_inputs_for_generation(self: Any, expand_size: int = 1, **given: Any) -> Any:
        turn = _current_turn.get()
        if turn is not None:
            turn.ids, turn.mask = given.get("input_ids"), given.get("attention_mask")
        state = given.pop("memory_state", None)
        ids, expanded = super()._expand_inputs_for_generation(expand_size=expand_size, **given)  # type: ignore[misc]
        if state is not None:
            expanded["memory_state"] = state.repeat(expand_size) if expand_size > 1 else state
        return ids, expanded

    def _prepare_cache_for_generation(self: Any, settings: Any, kwargs: Any, *args: Any) -> Any:
        super()._prepare_cache_for_generation(settings, kwargs, *args)  # type: ignore[misc]
        turn = _current_turn.get()
        if turn is not None:
            turn.ends, turn.pad = settings._eos_token_tensor, settings._pad_token_tensor  # noqa: SLF001
            turn.length = getattr(settings, "_mask_length", 0)
        cache = carried(kwargs)
        if cache is None and settings.use_cache:
            check_carries(self)
        if cache is not None and not self.memory_attached.apart:
            state = kwargs.pop("memory_state", None)
            if state is not None:
                from remanence.neural.mixin import check_state

                check_state(self, state)
                adopt(cache).memory_state = state
                if turn is not None:
                    turn.start = state

    def _maybe_prepare_encoder_kwargs_for_generation(
        self: Any, inputs_tensor: Tensor, model_kwargs: dict[str, Any], *args: Any, **more: Any
    ) -> Any:
        ready = super()._maybe_prepare_encoder_kwargs_for_generation  # type: ignore[misc]
        if not self.memory_attached.apart or model_kwargs.get("encoder_outputs") is not None:
            return ready(inputs_tensor, model_kwargs, *args, **more)
        from remanence.neural.mixin import begin_pass, end_pass

        state, write = (
            model_kwargs.pop("memory_state", None),
            model_kwargs.pop("memory_write", True),
        )
        given = {"input_ids": inputs_tensor, "attention_mask": model_kwargs.get("attention_mask")}
        now, session = begin_pass(self, given, state, write=write)
        with running(now):
            model_kwargs = ready(inputs_tensor, model_kwargs, *args, **more)
        end_pass(now, session, None)
        return model_kwargs


def _write_turn(model: Any, turn: _GenerationTurn, output: Any, before: MemoryCache | None) -> None:
    """Write prompt and reply into the open session, in one pass."""
    sequences = output if isinstance(output, Tensor) else output.sequences
    ids = turn.ids
    if ids is None:
        raise InvalidInput(
            "a session cannot write a prompt that is not input_ids; memory_write=False"
        )
    prompt = ids.shape[1]
    if len(sequences) != len(ids):
        sequences = ids
    past = 0 if before is None else before.get_seq_length()
    mask = turn.mask
    if mask is None:
        mask = torch.ones(len(ids), turn.length, dtype=torch.long, device=ids.device)
    seen = mask.shape[1]
    mask = torch.cat([mask, _said(sequences[:, prompt:], turn)], 1)
    # With a cache, either the whole text was handed in, or what is new of it.
    new = sequences[:, past:] if seen == prompt else sequences
    more = {} if before is None else {"past_key_values": before, "use_cache": True}
    model.memorize(new, mask, **more)
    cache = None if isinstance(output, Tensor) else carried(output)
    if isinstance(cache, MemoryCache) and sequences.shape[1] > prompt:
        # The last token of the reply is heard, and not in the cache. Next time it reads what it
        # would have read now.
        cache.written, cache.behind = mask.shape[1], cache.memory_state


def _said(reply: Tensor, turn: _GenerationTurn) -> Tensor:
    """(B, R): 1 for tokens of a reply up to the one that ends it, 0 for the padding after."""
    said = torch.ones_like(reply)
    if turn.ends is None or not reply.shape[1]:
        return said
    ends = torch.isin(reply, turn.ends.to(reply.device))
    said = ((ends.cumsum(1) - ends.long()) == 0).long()
    if turn.pad is not None and not bool(torch.isin(turn.pad, turn.ends).any()):
        said = said * (reply != turn.pad.to(reply.device)).long()
    return said


def _refused(what: str) -> str:
    return (
        f"{what} would have to take back what a memory has written, or has no place for its state; "
        "generate without it, or detach the memory"
    )
