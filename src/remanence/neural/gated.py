"""Short-term memory: a few cells, read by attention at every token, and written once a segment
through a gate.

With cells c_1 .. c_N of a session, h_t the hidden states of a segment (root mean square 1), W
matrices, and d the width of a head:

    read:  r_t = W_o [per head: softmax_n(<W_q h_t, c_n> / sqrt(d)) c_n]        from the cells before the segment
    write: s_n = sum_t softmax_t(<W_a c_n + b_n, W_k h_t> / sqrt(S)) W_v h_t    what the segment says to cell n
           g_n = sigmoid(W_g [s_n; c_n] + b_g)
           c_n' = g_n * c_n + (1 - g_n) * tanh(W_c [s_n; c_n])

The gate is that of g_t = sigmoid(W_g [h_t, c_{t-1}]), for each cell and each of its numbers.
Because c stands inside the sigmoid and the tanh the cells cannot be scanned in parallel: that is
why they are written once a segment and not once a token. Softmax in reading is over cells, in
writing over tokens. b_n, an address that is learnt, tells the cells apart even where they hold the
same.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn

from remanence.errors import ConfigError
from remanence.neural.configs import GatedMemoryConfig
from remanence.neural.neural_memory import State
from remanence.neural.segments import admit

KEEPS: Final = 1.0  # b_g: at first a cell keeps 73 % of what it holds


class GatedMemory(nn.Module):
    """Implements `port.NeuralMemory`, segment by segment.

    State: `cells` (B, N, S). All positions of a segment read the cells from before it.

    A new session begins with cells that are learnt, a copy for each. Cells are float32 whatever the
    model is in. Every call that writes is a segment: one token at a time makes every token one.
    Raises `InvalidInput` for shapes that do not fit and for hidden states that are not finite,
    `ConfigError` where `heads` does not divide the cells' size.
    """

    def __init__(self, config: GatedMemoryConfig, size: int) -> None:
        super().__init__()
        if config.size % config.heads:
            raise ConfigError(
                f"heads={config.heads} do not divide cells of size={config.size}; choose a divisor"
            )
        self.config, self.size = config, size
        wide = config.size
        self.norm = nn.RMSNorm(size, eps=1e-6)
        self.first = nn.Parameter(torch.randn(config.cells, wide) * 0.1)
        self.query = nn.Linear(size, wide, bias=False)
        self.out = nn.Linear(wide, size, bias=False)
        self.address = nn.Parameter(torch.randn(config.cells, wide))
        self.asks = nn.Linear(wide, wide, bias=False)
        self.tell = nn.Linear(size, 2 * wide, bias=False)  # W_k, W_v
        self.gate = nn.Linear(2 * wide, wide)
        self.new = nn.Linear(2 * wide, wide)
        nn.init.constant_(self.gate.bias, KEEPS)

    @property
    def form(self) -> dict[str, torch.Size]:
        """Shapes of one session's state."""
        return {"cells": torch.Size([self.config.cells, self.config.size])}

    def initial(self, batch: int) -> State:
        return {"cells": self.first.float().expand(batch, -1, -1).clone()}

    def read(self, state: State, query: Tensor) -> Tensor:
        admit(state, self.form, query, None, self.size)
        return self._read(state["cells"], query)

    def write(self, state: State, hidden: Tensor, mask: Tensor | None = None) -> State:
        admit(state, self.form, hidden, mask, self.size)
        return self._written(state["cells"], hidden, mask)

    def through(
        self, state: State, hidden: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        admit(state, self.form, hidden, mask, self.size)
        if mask is not None:
            hidden = hidden.masked_fill(~mask[..., None], 0)
        found = self._read(state["cells"], hidden)
        if mask is not None:
            found = found.masked_fill(~mask[..., None], 0)
        return found, self._written(state["cells"], hidden, mask)

    def _read(self, cells: Tensor, hidden: Tensor) -> Tensor:
        heads = self.config.heads
        x = self.norm(hidden.to(self.out.weight.dtype))
        q = self.query(x).float().unflatten(-1, (heads, -1)).transpose(1, 2)  # (B, H, T, S / H)
        held = cells.unflatten(-1, (heads, -1)).transpose(1, 2)  # (B, H, N, S / H)
        with torch.autocast(cells.device.type, enabled=False):
            weights = torch.softmax(q @ held.mT / math.sqrt(q.shape[-1]), -1)  # (B, H, T, N)
            found = (weights @ held).transpose(1, 2).flatten(2)  # (B, T, S)
        said: Tensor = self.out(found.to(self.out.weight.dtype))
        return said.to(hidden.dtype)

    def _written(self, cells: Tensor, hidden: Tensor, mask: Tensor | None) -> State:
        if not hidden.shape[1]:
            return {"cells": cells}
        kind = self.out.weight.dtype
        if mask is not None:
            hidden = hidden.masked_fill(~mask[..., None], 0)
        k, v = self.tell(self.norm(hidden.to(kind))).float().chunk(2, -1)  # (B, T, S) each
        asks = self.asks(cells.to(kind)).float() + self.address.float()  # (B, N, S)
        with torch.autocast(cells.device.type, enabled=False):
            scores = asks @ k.mT / math.sqrt(k.shape[-1])  # (B, N, T)
            if (
                mask is not None
                # a finite number: a row of padding alone has a softmax too, and no NaN in its
                # gradient
            ):
                scores = scores.masked_fill(~mask[:, None], torch.finfo(scores.dtype).min)
            said = torch.softmax(scores, -1) @ v  # (B, N, S)
        both = torch.cat([said, cells], -1).to(kind)
        gate = torch.sigmoid(self.gate(both).float())
        after = gate * cells + (1 - gate) * torch.tanh(self.new(both).float())
        if mask is not None:
            after = torch.where(mask.any(1)[:, None, None], after, cells)
        return {"cells": after}
