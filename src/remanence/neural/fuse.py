"""How what a memory read joins the hidden states: through a gate, and at first not at all."""

import torch
from torch import Tensor, nn


class Fuse(nn.Module):
    """h + sigmoid(W_g [h; m]) * W_o m, (B, T, D).

    W_o begins at zero, so that a model with a fresh memory answers exactly as it did without; W_g
    has one row for each of `gates` groups of channels (Infini-attention has one a head), which
    costs next to nothing and keeps a gate readable.
    """

    def __init__(self, size: int, read: int, gates: int = 1) -> None:
        super().__init__()
        if size % gates:
            gates = 1
        self.gate = nn.Linear(size + read, gates)
        self.out = nn.Linear(read, size, bias=False)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(self, hidden: Tensor, found: Tensor) -> Tensor:
        """`hidden` (B, T, D) and what was read (B, T, R): (B, T, D), in the dtype of `hidden`."""
        found = found.to(self.out.weight.dtype)
        both = torch.cat([hidden.to(found.dtype), found], -1)  # (B, T, D + R)
        gate = torch.sigmoid(self.gate(both))  # (B, T, G)
        said: Tensor = self.out(found).unflatten(-1, (gate.shape[-1], -1))  # (B, T, G, D / G)
        return hidden + (gate[..., None] * said).flatten(-2).to(hidden.dtype)
