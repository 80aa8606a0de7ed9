"""The cache of a model with memory: keys and values as ever, and the state of the memories that
read what they are of.

In one object, because whoever reorders, repeats or drops rows of the one (beam search does, at
every step) must do so with the other.
"""

from collections.abc import Mapping
from typing import Any, Final

import torch
from transformers import DynamicCache

from remanence.errors import InvalidInput
from remanence.neural.state import MemoryState

# What models call a cache, handed in or given back: from transformers 5.24 on, and before.
NAMES: Final = ("cache", "past_key_values")


class MemoryCache(DynamicCache):
    """memory_state: after the last token that the cache has seen; None before the first.

    written: how many of its tokens a session has taken in already, be they in the cache yet or not.
    behind: what those of them read that are not, since the session has gone on without the cache.
    fused_layers: layers whose weights were folded for the token before, one by one (`decode_step`).
    """

    memory_state: MemoryState | None = None
    behind: MemoryState | None = None
    written: int = 0
    fused_layers: frozenset[str] = frozenset()

    def reorder_cache(self, beam_idx: torch.Tensor) -> None:
        super().reorder_cache(beam_idx)  # type: ignore[arg-type]
        self._keep(beam_idx)

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        super().batch_select_indices(indices)
        self._keep(indices)

    def batch_repeat_interleave(self, repeats: int) -> None:
        super().batch_repeat_interleave(repeats)
        if self.memory_state is not None:
            self.memory_state = self.memory_state.repeat(repeats)
        if self.behind is not None:
            self.behind = self.behind.repeat(repeats)

    def reset(self) -> None:
        super().reset()  # type: ignore[no-untyped-call]
        self.memory_state, self.behind, self.written, self.fused_layers = None, None, 0, frozenset()

    def crop(self, tokens_to_remove: int) -> None:
        """Raises `InvalidInput`: what a memory has read, it has read."""
        if tokens_to_remove:
            raise InvalidInput(
                f"a cache with memory cannot take {tokens_to_remove} tokens back, since its state "
                "cannot; decode without an assistant and "
                "without prompt lookup, or detach the memory"
            )
        super().crop(tokens_to_remove)

    def _keep(self, rows: torch.Tensor) -> None:
        if self.memory_state is not None:
            self.memory_state = self.memory_state.select(rows)
        if self.behind is not None:
            self.behind = self.behind.select(rows)


def carried(given: Mapping[str, Any]) -> Any:
    """The cache in the arguments or the output of a model, by either name; None where there is
    none.
    """
    for name in NAMES:
        if (found := given.get(name)) is not None:
            return found
    return None


def adopt(cache: Any) -> MemoryCache:
    """A model's cache as one that carries a state: the same object.

    Raises `InvalidInput` for kinds that cannot.
    """
    if isinstance(cache, MemoryCache):
        return cache
    if type(cache) is not DynamicCache:
        raise InvalidInput(
            f"a {type(cache).__name__} cannot carry the state of a memory; leave "
            "cache_implementation and past_key_values out, or give a DynamicCache"
        )
    cache.__class__ = MemoryCache
    return cache  # type: ignore[return-value]
