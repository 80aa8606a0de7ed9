"""Causal attention within a fixed window: the attention baseline of the memories."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from remanence.errors import ConfigError


class LocalAttention(nn.Module):
    """Attention of each token over itself and the `window` - 1 tokens before it, in blocks: T x 2
    `window` scores, not T x T.

    relative: keys that depend on how far back a token is are added to its own (arXiv 1803.02155,
    equation 5), one a head and distance; else positions are not told apart. Shapes (B, T, D) -> (B,
    T, D); `mask` (B, T) is False at padding, which is neither seen nor answers. Raises
    `ConfigError` where `heads` does not divide `size`.
    """

    def __init__(self, size: int, heads: int, window: int, *, relative: bool = False) -> None:
        super().__init__()
        if size % heads:
            raise ConfigError(f"heads={heads} do not divide size={size}; choose a divisor")
        if window < 1:
            raise ConfigError(f"window={window} sees no token; choose 1 or more")
        self.heads, self.window = heads, window
        self.project = nn.Linear(size, 3 * size, bias=False)
        self.out = nn.Linear(size, size, bias=False)
        distances = torch.randn(heads, window, size // heads) * (size // heads) ** -0.5
        self.distance = nn.Parameter(distances) if relative else None  # (H, window, D / H)

    def forward(self, hidden: Tensor, mask: Tensor | None = None) -> Tensor:
        tokens, wide = hidden.shape[1], self.window
        if not tokens:
            return hidden
        if mask is None:
            mask = torch.ones(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
        short = -tokens % wide
        q, k, v = self._heads(functional.pad(hidden, (0, 0, 0, short)))  # (B, H, T', X)
        real = functional.pad(mask, (wide, short))  # (B, W + T')
        k, v = (functional.pad(x, (0, 0, wide, 0)) for x in (k, v))
        q = q.unflatten(2, (-1, wide))  # (B, H, N, W, X)
        k, v = (x.unfold(2, 2 * wide, wide).mT for x in (k, v))  # (B, H, N, 2 W, X)
        seen = real.unfold(1, 2 * wide, wide)[:, None, :, None, :]  # (B, 1, N, 1, 2 W)
        row = torch.arange(wide, device=hidden.device)[:, None] + wide
        back = row - torch.arange(2 * wide, device=hidden.device)  # (W, 2 W): how far back
        near = (back >= 0) & (back < wide)
        scores = q @ k.mT  # (B, H, N, W, 2 W)
        if self.distance is not None:
            apart = q @ self.distance[:, None].mT  # (B, H, N, W, W)
            scores = scores + apart.gather(-1, back.clamp(0, wide - 1).expand_as(scores))
        found = self._weighed(scores, near & seen) @ v
        found = found.flatten(2, 3)[:, :, :tokens].transpose(1, 2).flatten(2)
        said: Tensor = self.out(found)
        return said.masked_fill(~mask[..., None], 0)

    def naive(self, hidden: Tensor, mask: Tensor | None = None) -> Tensor:
        """The same, from all T x T scores."""
        tokens = hidden.shape[1]
        if mask is None:
            mask = torch.ones(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
        q, k, v = self._heads(hidden)
        at = torch.arange(tokens, device=hidden.device)
        back = at[:, None] - at
        scores = q @ k.mT  # (B, H, T, T)
        if self.distance is not None:
            keys = self.distance[:, back.clamp(0, self.window - 1)]  # (H, T, T, X)
            scores = scores + torch.einsum("bhtx,htsx->bhts", q, keys)
        near = (back >= 0) & (back < self.window) & mask[:, None, None, :]
        found = (self._weighed(scores, near) @ v).transpose(1, 2).flatten(2)
        said: Tensor = self.out(found)
        return said.masked_fill(~mask[..., None], 0)

    def _heads(self, hidden: Tensor) -> tuple[Tensor, ...]:
        parts = self.project(hidden).unflatten(-1, (3, self.heads, -1))  # (B, T, 3, H, X)
        return tuple(part.transpose(1, 2) for part in parts.unbind(2))

    def _weighed(self, scores: Tensor, seen: Tensor) -> Tensor:
        scores = scores.float() / math.sqrt(self.project.in_features // self.heads)
        scores = scores.masked_fill(~seen, torch.finfo(scores.dtype).min)
        return torch.softmax(scores, -1).to(self.out.weight.dtype)
