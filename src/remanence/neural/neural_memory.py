"""The port `NeuralMemory`, and the state that it keeps between two calls.

A memory is a module without a memory: its parameters say how to read and write, and what was
written is a `State`, handed in and handed back. So a snapshot is a reference, a rollback is
forgetting the newer one, a batch of sessions is a stack of rows, and nothing of a session can reach
a checkpoint, an optimizer or another session.

Axes here and in every file of this room: B sessions, T tokens of a segment, D hidden size, H heads,
K and V sizes of a head's key and value, N cells or rows.
"""

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor

State = Mapping[str, Tensor]
"""Tensors by name.

The first axis of each is the session: row b of every tensor is all that is known of session b.
"""


class NeuralMemory(Protocol):
    """A memory over hidden states. Implementations are `torch.nn.Module`s."""

    def initial(self, batch: int) -> State:
        """The state of `batch` sessions in which nothing was said, float32, on the module's device."""
        ...

    def read(self, state: State, query: Tensor) -> Tensor:
        """Read the state for `query` (B, T, D): (B, T, D). Writes nothing."""
        ...

    def write(self, state: State, hidden: Tensor, mask: Tensor | None = None) -> State:
        """The state after a segment `hidden` (B, T, D).

        `mask` (B, T) is False where a token is padding: such a token writes nothing, and a row of
        padding alone comes back as it was, bit by bit. `state` itself is not changed.
        """
        ...

    def through(
        self, state: State, hidden: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Read and write a segment in causal order: (B, T, D), and the state after it.

        Position t reads nothing that came after t. Memories that write token by token let it read
        what t - 1 and before have written in this segment; those that write once a segment let it
        read what was there before the segment.
        """
        ...
