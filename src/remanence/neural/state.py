"""The state of a whole model: one `State` for each layer that has a memory.

A value, with the few verbs that rows of sessions need.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from remanence.errors import InvalidInput
from remanence.neural.neural_memory import State


@dataclass(frozen=True)
class MemoryState:
    """`layers` maps the name of a layer ("3", or "encoder.3") to its state; all tensors have the
    same number of rows, the sessions.
    """

    layers: Mapping[str, State]

    def __post_init__(self) -> None:
        every = (tensor for state in self.layers.values() for tensor in state.values())
        rows = {tensor.shape[0] if tensor.dim() else None for tensor in every}
        if len(rows) > 1 or None in rows:
            raise InvalidInput(
                f"the tensors of a memory state have {sorted(map(str, rows))} rows; every one "
                "needs a row a session"
            )

    def __reduce__(self) -> Any:
        return type(self), ({layer: dict(state) for layer, state in self.layers.items()},)

    def __len__(self) -> int:
        """How many sessions there are."""
        every = (tensor for state in self.layers.values() for tensor in state.values())
        return next((tensor.shape[0] for tensor in every), 0)

    def tensors(self) -> dict[str, Tensor]:
        """All tensors, named LAYER/NAME, in order of their names."""
        return {
            f"{layer}/{name}": tensor
            for layer, state in sorted(self.layers.items())
            for name, tensor in sorted(state.items())
        }

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> Self:
        """The state whose `tensors()` these are."""
        layers: dict[str, dict[str, Tensor]] = {}
        for path, tensor in tensors.items():
            layer, _, name = path.rpartition("/")
            layers.setdefault(layer, {})[name] = tensor
        return cls(layers)

    def map(self, change: Callable[[Tensor], Tensor]) -> Self:
        """The state with every tensor changed."""
        return type(self)(
            {
                layer: {name: change(tensor) for name, tensor in state.items()}
                for layer, state in self.layers.items()
            }
        )

    def detach(self) -> Self:
        """Cut off from what computed it: where truncated backpropagation stops."""
        return self.map(Tensor.detach)

    def to(self, device: torch.device | str) -> Self:
        """On another device."""
        return self.map(lambda tensor: tensor.to(device))

    def select(self, rows: Tensor | Sequence[int]) -> Self:
        """These rows, in this order; one may come more than once, as beams do."""
        index = torch.as_tensor(rows, dtype=torch.long)
        return self.map(lambda tensor: tensor.index_select(0, index.to(tensor.device)))

    def repeat(self, times: int) -> Self:
        """Each row `times` times, beside itself."""
        return self.map(lambda tensor: tensor.repeat_interleave(times, 0))

    @property
    def nbytes(self) -> int:
        """Size of all sessions together, in bytes."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors().values())


def stack(states: Iterable[MemoryState]) -> MemoryState:
    """The rows of several states as one. Raises `InvalidInput` where they are not of one form."""
    found = list(states)
    if not found:
        raise InvalidInput("no state to stack; give at least one")
    forms = [{path: t.shape[1:] for path, t in state.tensors().items()} for state in found]
    for form in forms:
        if form != forms[0]:
            raise InvalidInput(
                f"states of different memories do not stack: {_told(forms[0])} and {_told(form)}"
            )
    parts = [state.tensors() for state in found]
    return MemoryState.of({path: torch.cat([part[path] for part in parts]) for path in parts[0]})


def _told(form: Mapping[str, torch.Size]) -> str:
    return ", ".join(f"{path} {tuple(shape)}" for path, shape in form.items()) or "nothing"
