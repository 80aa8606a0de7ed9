"""A gated recurrent unit as a memory: the recurrent baseline of the other memories."""

import torch
from torch import Tensor, nn

from remanence.neural.configs import GRUMemoryConfig
from remanence.neural.neural_memory import State
from remanence.neural.segments import admit, pack


class GRUMemory(nn.Module):
    """Implements `port.NeuralMemory` by a gated recurrent unit (arXiv 1406.1078).

    State: `hidden` (B, S).

    h_t = GRU(x_t, h_{t-1}), and position t reads W_o h_t, its own token and what came before.
    `read` takes that one step from the state for each query, and keeps none of them. Padding is no
    step; it reads zeros. Raises what the other memories raise.
    """

    def __init__(self, config: GRUMemoryConfig, size: int) -> None:
        super().__init__()
        self.config, self.size = config, size
        self.norm = nn.RMSNorm(size, eps=1e-6)
        self.cell = nn.GRU(size, config.size, batch_first=True)
        self.out = nn.Linear(config.size, size, bias=False)

    @property
    def form(self) -> dict[str, torch.Size]:
        """Shapes of one session's state."""
        return {"hidden": torch.Size([self.config.size])}

    def initial(self, batch: int) -> State:
        device = self.out.weight.device
        size = self.config.size
        return {"hidden": torch.zeros(batch, size, device=device, dtype=torch.float32)}

    def read(self, state: State, query: Tensor) -> Tensor:
        admit(state, self.form, query, None, self.size)
        rows, tokens = query.shape[:2]
        before = state["hidden"].repeat_interleave(tokens, 0)  # (B T, S)
        found = self._steps(query.flatten(0, 1)[:, None], before)  # (B T, 1, S)
        return self._said(found.view(rows, tokens, self.config.size), query)

    def write(self, state: State, hidden: Tensor, mask: Tensor | None = None) -> State:
        return self.through(state, hidden, mask)[1]

    def through(
        self, state: State, hidden: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        admit(state, self.form, hidden, mask, self.size)
        packed = pack(hidden, mask)
        steps = self._steps(packed.hidden, state["hidden"])
        after = packed.last(state["hidden"][:, None], steps)[:, 0]
        return packed.unpack(self._said(steps, hidden)), {"hidden": after}

    def _steps(self, hidden: Tensor, before: Tensor) -> Tensor:
        """(B, T, D) after (B, S): (B, T, S), float32."""
        if not hidden.numel():
            return before.new_zeros(*hidden.shape[:2], before.shape[1])
        kind = self.out.weight.dtype
        steps: Tensor = self.cell(self.norm(hidden.to(kind)), before.to(kind)[None])[0]
        return steps.float()

    def _said(self, found: Tensor, hidden: Tensor) -> Tensor:
        said: Tensor = self.out(found.to(self.out.weight.dtype))
        return said.to(hidden.dtype)
