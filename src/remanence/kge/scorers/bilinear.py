"""Scorers that are linear in the head and in the tail: DistMult, ComplEx, RESCAL, TuckER.

A higher score is a more plausible triple.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from remanence.errors import ConfigError
from remanence.kge.scorers.scorer import NOTHING, Linear, Scorer, Widths, dot


@dataclass(frozen=True)
class DistMult(Scorer):
    """DistMult: <h, r, t> = sum_i h_i r_i t_i (Yang et al., 2015, equation 2 with a diagonal M_r).

    h, r, t: (d,).
    """

    def widths(self) -> Widths:
        return Widths(self.dim, self.dim)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        return (h * r * t).sum(-1)

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        return Linear(h * r)

    def keys(self, t: Tensor) -> Linear:
        return Linear(t)

    def inverse(self, r: Tensor) -> Tensor:
        return r

    def link(self, h: Tensor, t: Tensor) -> Tensor:
        return h * t


@dataclass(frozen=True)
class ComplEx(Scorer):
    """ComplEx: Re <h, r, conj t> (Trouillon et al., 2016, equation 9).

    `dim` counts real numbers: n = dim / 2 complex ones.

    Rows: [real parts (n) | imaginary parts (n)].
    """

    complex = True

    def __post_init__(self) -> None:
        if self.dim % 2:
            raise ConfigError(f"dim={self.dim} is odd; a complex vector takes an even number")

    def widths(self) -> Widths:
        return Widths(self.dim, self.dim)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        h_re, h_im = h.chunk(2, -1)
        r_re, r_im = r.chunk(2, -1)
        t_re, t_im = t.chunk(2, -1)
        real = h_re * r_re * t_re + h_im * r_re * t_im + h_re * r_im * t_im - h_im * r_im * t_re
        return real.sum(-1)

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        h_re, h_im = h.chunk(2, -1)
        r_re, r_im = r.chunk(2, -1)
        return Linear(torch.cat([h_re * r_re - h_im * r_im, h_re * r_im + h_im * r_re], -1))

    def keys(self, t: Tensor) -> Linear:
        return Linear(t)

    def inverse(self, r: Tensor) -> Tensor:
        re, im = r.chunk(2, -1)
        return torch.cat([re, -im], -1)

    def link(self, h: Tensor, t: Tensor) -> Tensor:
        # Re <h, r, conj t> = <[Re(h conj t) | -Im(h conj t)], [Re r | Im r]>
        h_re, h_im = h.chunk(2, -1)
        t_re, t_im = t.chunk(2, -1)
        return torch.cat([h_re * t_re + h_im * t_im, h_re * t_im - h_im * t_re], -1)


@dataclass(frozen=True)
class RESCAL(Scorer):
    """RESCAL: h' M t, M: (d, d) the relation's (Nickel et al., 2011, equation 2).

    Relation row: M, row by row.
    """

    def widths(self) -> Widths:
        return Widths(self.dim, self.dim * self.dim)

    def _matrix(self, r: Tensor) -> Tensor:
        return r.reshape(*r.shape[:-1], self.dim, self.dim)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        return dot(h, (self._matrix(r) @ t[..., None])[..., 0])

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        return Linear((h[..., None, :] @ self._matrix(r))[..., 0, :])

    def keys(self, t: Tensor) -> Linear:
        return Linear(t)

    def inverse(self, r: Tensor) -> Tensor:
        return self._matrix(r).transpose(-1, -2).flatten(-2)

    def link(self, h: Tensor, t: Tensor) -> Tensor:
        return (h[..., :, None] * t[..., None, :]).flatten(-2)


@dataclass(frozen=True)
class TuckER(Scorer):
    """TuckER: W x_1 h x_2 r x_3 t (Balazevic et al., 2019, equation 3).

    h, t: (d,), r: (k,), W: (d, k, d), shared by all.

    The inverse of a relation would need another W: the model is trained with reciprocal relations,
    as in the paper.
    """

    space: int = 0  # k; 0: as many as d

    @property
    def k(self) -> int:
        return self.space or self.dim

    def widths(self) -> Widths:
        return Widths(self.dim, self.k, self.dim * self.k * self.dim)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        core = shared.view(self.dim, self.k, self.dim)
        return torch.einsum("bi,bk,bj,ikj->b", h, r, t, core)

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        pairs = (h[..., :, None] * r[..., None, :]).flatten(-2)  # (B, d k)
        return Linear(pairs @ shared.view(self.dim * self.k, self.dim))

    def keys(self, t: Tensor) -> Linear:
        return Linear(t)
