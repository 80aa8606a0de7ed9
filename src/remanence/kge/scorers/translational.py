"""Scorers that move the head by a vector and measure how far the tail is: TransE, TransH, TransR,
TransD.

Symbols as in the papers: h, r, t vectors of head, relation and tail; the others stand at each
class. All are scaled distances, negated: a true triple has a score near 0, any other one far below.
`scale` is the inverse temperature of the softmax that they are trained by.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from remanence.errors import ConfigError
from remanence.kge.scorers.scorer import NOTHING, TINY, Linear, Scorer, Widths, dot, squared_norm

# of TransR's matrices, and below of TransD's r_p: in a batch they move all that their relation
# joins
MATRIX_PACE = 0.02
ONTO_PACE = 0.1


@dataclass(frozen=True)
class Distance(Scorer):
    """-`scale` times how far a head, moved by its relation, is from a tail: the L2 norm, or its
    square.

    The square ranks as the norm does; its gradient grows with the error, which suits a softmax, as
    the norm's suits a margin.
    """

    norm: str = "squared"
    scale: float = 1.0

    norms: ClassVar[tuple[str, ...]] = ("l2", "squared")

    def __post_init__(self) -> None:
        if self.norm not in self.norms:
            raise ConfigError(f"norm={self.norm!r} is none of {', '.join(self.norms)}")

    @property
    def root(self) -> bool:  # type: ignore[override]
        return self.norm == "l2"

    @property
    def _factor(self) -> float:
        """Of the squared norm, under the root where there is one."""
        return self.scale**2 if self.root else self.scale

    def _far(self, away: Tensor) -> Tensor:
        if self.root:
            return -self.scale * squared_norm(away).clamp_min(TINY).sqrt()
        return -self.scale * squared_norm(away)


@dataclass(frozen=True)
class TransE(Distance):
    """TransE: -|h + r - t| (Bordes et al., 2013, equation 1), by the L1 norm, the L2 norm, or the
    latter squared. h, r, t: (d,).
    """

    norms = ("l1", "l2", "squared")

    @property
    def pairwise(self) -> bool:  # type: ignore[override]
        return self.norm == "l1"

    @property
    def additive(self) -> bool:  # type: ignore[override]
        return not self.pairwise

    def widths(self) -> Widths:
        return Widths(self.dim, self.dim)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        away = h + r - t
        if self.norm == "l1":
            return -self.scale * away.abs().sum(-1)
        return self._far(away)

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        moved = h + r
        if self.pairwise:
            return Linear(moved)
        return Linear(2 * self._factor * moved, -self._factor * squared_norm(moved))

    def keys(self, t: Tensor) -> Linear:
        return Linear(t) if self.pairwise else Linear(t, -self._factor * squared_norm(t))

    def between(self, queries: Linear, keys: Linear) -> Tensor:
        if not self.pairwise:
            return super().between(queries, keys)
        return -self.scale * torch.cdist(queries.vectors, keys.vectors, p=1)

    def inverse(self, r: Tensor) -> Tensor:
        return -r

    def link(self, h: Tensor, t: Tensor) -> Tensor:
        if self.norm != "squared":
            raise ConfigError(f"norm={self.norm!r} does not rank relations; norm='squared' does")
        return 2 * self.scale * (t - h)

    def links(self, r: Tensor) -> Linear:
        return Linear(r, -self.scale * squared_norm(r))


@dataclass(frozen=True)
class TransH(Distance):
    """TransH: -|h_ + d - t_|, x_ = x - (w.x) w on the relation's hyperplane (Wang et al., 2014,
    equation 1).

    Relation row: [d | w], both (d,); w is taken as a direction (divided by its length), and d is
    laid into the plane, which the paper asks for by a penalty.
    """

    def widths(self) -> Widths:
        return Widths(self.dim, 2 * self.dim)

    def _relation(self, r: Tensor) -> tuple[Tensor, Tensor]:
        move, normal = r.chunk(2, -1)
        normal = torch.nn.functional.normalize(normal, dim=-1)
        return move - dot(move, normal)[..., None] * normal, normal

    @property
    def shrunk(self) -> slice:
        return slice(self.dim)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        move, normal = self._relation(r)
        fall = [x - dot(normal, x)[..., None] * normal for x in (h, t)]
        return self._far(fall[0] + move - fall[1])

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        move, normal = self._relation(r)
        moved = h - dot(normal, h)[..., None] * normal + move
        return Linear(2 * self._factor * moved, -self._factor * squared_norm(moved))

    def keys(self, t: Tensor) -> Linear:
        return Linear(t, -self._factor * squared_norm(t))

    def bias(self, r: Tensor, t: Tensor) -> Tensor:
        # |t_|^2 = |t|^2 - (w.t)^2, and q.t_ = q.t since q lies in the plane.
        return self._factor * (self._relation(r)[1] @ t.T).square()

    def inverse(self, r: Tensor) -> Tensor:
        move, normal = r.chunk(2, -1)
        return torch.cat([-move, normal], -1)


@dataclass(frozen=True)
class TransR(Distance):
    """TransR: -|M h + r - M t|, M: (k, d) a matrix of the relation's (Lin et al., 2015, equations 7
    and 8).

    Relation row: [r (k) | M (k d), row by row].
    """

    space: int = 0  # k; 0: as many as d

    projects = True

    @property
    def k(self) -> int:
        return self.space or self.dim

    def widths(self) -> Widths:
        return Widths(self.dim, self.k + self.k * self.dim)

    def _relation(self, r: Tensor) -> tuple[Tensor, Tensor]:
        return r[..., : self.k], r[..., self.k :].reshape(*r.shape[:-1], self.k, self.dim)

    @property
    def shrunk(self) -> slice:
        return slice(self.k)

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        move, matrix = self._relation(r)
        project = [(matrix @ x[..., None])[..., 0] for x in (h, t)]
        return self._far(project[0] + move - project[1])

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        # <M h + r, M t> = <M' (M h + r), t>: the tail need not be projected.
        move, matrix = self._relation(r)
        if len(r) == 1:  # one relation's queries: two products for all of them
            moved = h @ matrix[0].T + move
            return Linear(2 * self._factor * moved @ matrix[0], -self._factor * squared_norm(moved))
        moved = (matrix @ h[..., None])[..., 0] + move  # (B, k)
        back = (moved[..., None, :] @ matrix)[..., 0, :]  # (B, d)
        return Linear(2 * self._factor * back, -self._factor * squared_norm(moved))

    def keys(self, t: Tensor) -> Linear:
        return Linear(t)

    def bias(self, r: Tensor, t: Tensor) -> Tensor:
        matrix = self._relation(r)[1]
        return -self._factor * torch.stack([squared_norm(t @ each.T) for each in matrix])

    def within(self, r: Tensor, t: Tensor) -> tuple[Scorer, Tensor]:
        # |(M h) + r - (M t)|: TransE in the relation's own space.
        return TransE(self.k, self.norm, self.scale), t @ self._relation(r)[1][0].T

    def inverse(self, r: Tensor) -> Tensor:
        return torch.cat([-r[..., : self.k], r[..., self.k :]], -1)

    @property
    def begins(self) -> str:
        return "transe" if self.k == self.dim else ""  # every M the identity

    def pace(self) -> Tensor:
        # k d steps that are each as long as those of r would leave nothing of the identity.
        pace = torch.full((self.k + self.k * self.dim,), MATRIX_PACE)
        pace[: self.k] = 1
        return pace

    def initial(self, rows: int, side: str, generator: torch.Generator, scale: float) -> Tensor:
        table = super().initial(rows, side, generator, scale)
        if side == "relation":  # starts as TransE, as the paper advises: every M the identity
            table[:, self.k :] = torch.eye(self.k, self.dim).flatten()
        return table


@dataclass(frozen=True)
class TransD(Distance):
    """TransD: -|h_ + r - t_|, x_ = x + (x_p .

    x) r_p (Ji et al., 2015, equations 11 to 14, entities and relations of one size).

    Entity row: [x | x_p], relation row: [r | r_p], all (d,).
    """

    def widths(self) -> Widths:
        return Widths(2 * self.dim, 2 * self.dim)

    @staticmethod
    def _project(x: Tensor, onto: Tensor) -> Tensor:
        vector, projection = x.chunk(2, -1)
        return vector + dot(projection, vector)[..., None] * onto

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        move, onto = r.chunk(2, -1)
        return self._far(self._project(h, onto) + move - self._project(t, onto))

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        # With s = t_p . t: |q - t - s r_p|^2 = |q|^2 - 2 q.t - 2 s q.r_p + |t|^2 + [s^2 |r_p|^2 + 2
        # s t.r_p].
        move, onto = r.chunk(2, -1)
        moved = self._project(h, onto) + move
        both = torch.cat([moved, dot(moved, onto)[..., None]], -1)  # (B, d + 1)
        return Linear(2 * self._factor * both, -self._factor * squared_norm(moved))

    def keys(self, t: Tensor) -> Linear:
        vector, projection = t.chunk(2, -1)
        both = torch.cat([vector, dot(projection, vector)[..., None]], -1)
        return Linear(both, -self._factor * squared_norm(vector))

    def bias(self, r: Tensor, t: Tensor) -> Tensor:
        onto = r.chunk(2, -1)[1]
        vector, projection = t.chunk(2, -1)
        s = dot(projection, vector)  # (N,)
        return -self._factor * (s * (2 * onto @ vector.T + squared_norm(onto)[:, None] * s))

    def sides(
        self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING
    ) -> tuple[Linear, Linear]:
        # The bias is an inner product too, of [2 r_p | |r_p|^2] and [s t | s^2]: 2 d + 2 columns in
        # all.
        query, keys = self.query(h, r, shared), self.keys(t)
        onto, s = r.chunk(2, -1)[1], keys.vectors[:, -1:]
        more = torch.cat([2 * onto, squared_norm(onto)[:, None]], -1)  # (B, d + 1)
        return (
            Linear(torch.cat([query.vectors, -self._factor * more], -1), query.added),
            Linear(torch.cat([keys.vectors, s * keys.vectors], -1), keys.added),
        )

    def inverse(self, r: Tensor) -> Tensor:
        move, onto = r.chunk(2, -1)
        return torch.cat([-move, onto], -1)

    @property
    def begins(self) -> str:
        return "transe"  # every r_p is 0

    def pace(self) -> Tensor:
        # r_p is scaled by x_p . x, a sum of d products: at the pace of r it would outrun what the
        # rest has learnt.
        return torch.cat([torch.ones(self.dim), torch.full((self.dim,), ONTO_PACE)])

    def initial(self, rows: int, side: str, generator: torch.Generator, scale: float) -> Tensor:
        table = super().initial(rows, side, generator, scale)
        if side == "relation":  # starts as TransE: every r_p is 0
            table[:, self.dim :] = 0
        return table
