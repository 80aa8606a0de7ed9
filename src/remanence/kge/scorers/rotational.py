"""Scorers that turn the head: RotatE and RotE.

A complex vector of n numbers stands in a row as [real parts (n) | imaginary parts (n)].
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from remanence.errors import ConfigError
from remanence.kge.scorers.scorer import NOTHING, TINY, Linear, Scorer, Widths, squared_norm

NORMS = ("modulus", "l2", "squared")
TILE = 1 << 22  # numbers of one piece of the sum of moduli, which is no matrix product


def turn(x: Tensor, phase: Tensor) -> Tensor:
    """Turned numbers, x o e^(i phase): (..., 2n), (..., n) -> (..., 2n)."""
    re, im = x.chunk(2, -1)
    cos, sin = phase.cos(), phase.sin()
    return torch.cat([re * cos - im * sin, re * sin + im * cos], -1)


def moduli(x: Tensor) -> Tensor:
    """(..., 2n) -> (...): the sum of the n moduli."""
    re, im = x.chunk(2, -1)
    return (re * re + im * im + TINY).sqrt().sum(-1)


@dataclass(frozen=True)
class RotatE(Scorer):
    """RotatE: -|h o r - t|, |r_i| = 1 (Sun et al., 2019, equation 2).

    `dim` counts real numbers: n = dim / 2 complex ones.

    Relation row: n phases in radians. The norm is L2 over the complex vector, its square, or
    ("modulus") the sum of moduli that the authors' code has; the first two are one matrix product,
    since |h o r| = |h|.
    """

    norm: str = "squared"
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise ConfigError(f"norm={self.norm!r} is none of {', '.join(NORMS)}")
        if self.dim % 2:
            raise ConfigError(f"dim={self.dim} is odd; a complex vector takes an even number")

    @property
    def root(self) -> bool:  # type: ignore[override]
        return self.norm == "l2"

    @property
    def pairwise(self) -> bool:  # type: ignore[override]
        return self.norm == "modulus"

    @property
    def _factor(self) -> float:
        return self.scale**2 if self.root else self.scale

    def widths(self) -> Widths:
        return Widths(self.dim, self.dim // 2)

    @property
    def shrunk(self) -> slice:
        return slice(0)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        away = turn(h, r) - t
        if self.norm == "modulus":
            return -self.scale * moduli(away)
        if self.norm == "l2":
            return -self.scale * squared_norm(away).clamp_min(TINY).sqrt()
        return -self.scale * squared_norm(away)

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        turned = turn(h, r)
        if self.pairwise:
            return Linear(turned)
        return Linear(2 * self._factor * turned, -self._factor * squared_norm(h))

    def keys(self, t: Tensor) -> Linear:
        return Linear(t) if self.pairwise else Linear(t, -self._factor * squared_norm(t))

    def between(self, queries: Linear, keys: Linear) -> Tensor:
        if not self.pairwise:
            return super().between(queries, keys)
        q, k = queries.vectors, keys.vectors
        step = max(1, TILE // max(1, k.numel()))
        pieces = [moduli(q[at : at + step, None] - k) for at in range(0, len(q), step)]
        return -self.scale * torch.cat(pieces) if pieces else q.new_zeros(0, len(k))

    def inverse(self, r: Tensor) -> Tensor:
        return -r

    def link(self, h: Tensor, t: Tensor) -> Tensor:
        # |h o r - t|^2 = |h|^2 + |t|^2 - 2 Re <h conj t, r>
        if self.norm != "squared":
            raise ConfigError(f"norm={self.norm!r} does not rank relations; norm='squared' does")
        h_re, h_im = h.chunk(2, -1)
        t_re, t_im = t.chunk(2, -1)
        real, imaginary = h_re * t_re + h_im * t_im, h_im * t_re - h_re * t_im
        return 2 * self.scale * torch.cat([real, -imaginary], -1)

    def links(self, r: Tensor) -> Linear:
        return Linear(torch.cat([r.cos(), r.sin()], -1))

    def initial(self, rows: int, side: str, generator: torch.Generator, scale: float) -> Tensor:
        table = super().initial(rows, side, generator, scale)
        if side == "relation":  # any angle, as in the paper
            table = (torch.rand(table.shape, generator=generator) * 2 - 1) * math.pi
        return table


@dataclass(frozen=True)
class RotE(Scorer):
    """RotE: -|h o e^(i theta) + r - t|^2 + b_h + b_t (Chami et al., 2020, equation 10, in the flat
    space). `dim` counts real numbers.

    Turns and moves, so it holds TransE and RotatE as special cases; each entity has a bias. Entity
    row: [x (d) | b (1)], relation row: [theta (d / 2) | r (d)]. The square of the distance, as in
    the authors' code.
    """

    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.dim % 2:
            raise ConfigError(f"dim={self.dim} is odd; a complex vector takes an even number")

    def widths(self) -> Widths:
        return Widths(self.dim + 1, self.dim // 2 + self.dim)

    def _moved(self, h: Tensor, r: Tensor) -> Tensor:
        half = self.dim // 2
        return turn(h[..., : self.dim], r[..., :half]) + r[..., half:]

    @property
    def shrunk(self) -> slice:
        return slice(self.dim // 2, None)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        away = self._moved(h, r) - t[..., : self.dim]
        return -self.scale * squared_norm(away) + h[..., -1] + t[..., -1]

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        moved = self._moved(h, r)
        return Linear(2 * self.scale * moved, h[..., -1] - self.scale * squared_norm(moved))

    def keys(self, t: Tensor) -> Linear:
        vector = t[..., : self.dim]
        return Linear(vector, t[..., -1] - self.scale * squared_norm(vector))

    def inverse(self, r: Tensor) -> Tensor:
        # |h o e^(i theta) + r - t| = |t o e^(-i theta) - r o e^(-i theta) - h|
        phase, move = r[..., : self.dim // 2], r[..., self.dim // 2 :]
        return torch.cat([-phase, -turn(move, -phase)], -1)

    def initial(self, rows: int, side: str, generator: torch.Generator, scale: float) -> Tensor:
        table = super().initial(rows, side, generator, scale)
        half = self.dim // 2
        if side == "relation":
            angles = torch.rand(rows, half, generator=generator) * 2 - 1
            table[:, :half] = angles * math.pi
        elif side == "entity":
            table[:, -1] = 0
        return table
