"""The port `Scorer`: the mathematics of one model over rows of its tables, without tables, training
or ranking.

Legend of axis letters: B queries (a head and a relation each), N candidates for the answer, U
distinct relations, D the width of the inner product, E the width of an entity's row, R that of a
relation's row, S that of what all relations share.

Every scorer here says how plausible a triple is in two ways that agree (`tests/kge/test_scorers.py`
holds them to it):

- `score(h, r, t)`: the paper's equation, triple by triple. Naive, and what the others are tested against.
- the same as one inner product, which is why ranking all entities is one matrix product:

      score[b, n] = <query[b], key[n]> + offset[b] + level[n] + bias[relation of b, n]

A squared distance becomes one by expanding the norm, |q - k|^2 = |q|^2 - 2 <q, k> + |k|^2. Where
entities are projected by the relation (TransH, TransR, TransD), what depends on both is `bias`:
computed once a relation, not once a query.

A sum of moduli (L1) has no such form: `between` computes it pair by pair, and is all that is
overridden.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

NOTHING = torch.empty(1, 0)  # what the relations of most models share
TINY = 1e-12  # under a square root, where the derivative has no end


class Widths(NamedTuple):
    """Columns of an entity's row, of a relation's row, and of the one row that all relations share."""

    entity: int
    relation: int
    shared: int = 0


class Linear(NamedTuple):
    """One side of the inner product: vectors (m, D), and what is added for each (m,), or None for
    nothing.
    """

    vectors: Tensor
    added: Tensor | None = None


@dataclass(frozen=True)
class Scorer:
    """The port.

    `dim` is the size of an entity's vector; a subclass adds what else its mathematics has.
    """

    dim: int

    root: ClassVar[bool] = False
    """Whether the score is minus the square root of what the inner product gives, negated: a norm,
    not its square.
    """
    additive: ClassVar[bool] = False
    """Whether a query's vector is what the head gives plus what the relation gives, and there is no
    bias.
    """
    complex: ClassVar[bool] = False
    """Whether an entity's and a relation's row are complex numbers, real parts first."""
    projects: ClassVar[bool] = False
    """Whether `bias` projects every candidate by every relation, rather than being one product of
    the two. Then there is `within`.
    """
    pairwise: ClassVar[bool] = False
    """Whether `between` is no matrix product."""

    def widths(self) -> Widths:
        """How wide the tables are."""
        raise NotImplementedError

    def score(self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING) -> Tensor:
        """(B, E), (B, R), (B, E) -> (B,): the paper's equation."""
        raise NotImplementedError

    def query(self, h: Tensor, r: Tensor, shared: Tensor = NOTHING) -> Linear:
        """(B, E), (B, R) -> vectors (B, D) and offset (B,)."""
        raise NotImplementedError

    def keys(self, t: Tensor) -> Linear:
        """(N, E) -> vectors (N, D) and level (N,)."""
        raise NotImplementedError

    def bias(self, r: Tensor, t: Tensor) -> Tensor | None:
        """(U, R), (N, E) -> (U, N), what depends on a relation and a candidate alone; None for
        nothing.
        """
        return None

    def sides(
        self, h: Tensor, r: Tensor, t: Tensor, shared: Tensor = NOTHING
    ) -> tuple[Linear, Linear] | None:
        """(B, E), (B, R), (N, E): both sides of an inner product with nothing left for `bias`,
        wider than `query` and `keys` where need be.

        For few pairs, where a bias of all candidates would cost more. None where the bias is no
        inner product.
        """
        if type(self).bias is not Scorer.bias:
            return None
        return self.query(h, r, shared), self.keys(t)

    def within(self, r: Tensor, t: Tensor) -> tuple["Scorer", Tensor]:
        """(1, R), (N, E) -> the simpler model that this is for one relation alone, and its entities
        (N, E').

        Its relation is the first columns of `r`. An inverse sees the entities as its relation does.
        Raises `NotImplementedError` where nothing is projected.
        """
        raise NotImplementedError(f"{type(self).__name__} is as simple for one relation as for all")

    def inverse(self, r: Tensor) -> Tensor:
        """(U, R) -> (U, R): rows with score(t, inverse, h) = score(h, r, t), for models without
        reciprocal relations.

        Raises `NotImplementedError` where no such rows exist.
        """
        raise NotImplementedError(f"{type(self).__name__} has no inverse of a relation")

    @property
    def begins(self) -> str:
        """The model that this is, over the first columns of its tables, while what it projects by
        is as first drawn; "" for none.
        """
        return ""

    @property
    def shrunk(self) -> slice:
        """Columns of a relation's row that a norm may draw towards 0: not angles, directions, or
        projections.
        """
        return slice(None)

    def link(self, h: Tensor, t: Tensor) -> Tensor:
        """(B, E), (B, E) -> (B, L): who asks which relation holds between two.

        Raises `NotImplementedError` where that is no inner product.
        """
        raise NotImplementedError(f"{type(self).__name__} does not rank relations")

    def links(self, r: Tensor) -> Linear:
        """(U, R) -> vectors (U, L) and level (U,): what `link` is compared with.

        Up to a constant of the query, the score.
        """
        return Linear(r)

    def pace(self) -> Tensor | None:
        """How fast each column of a relation's row learns, (R,), as a part of the rate; None for
        all alike.

        For what begins somewhere: Adagrad's first step is as long as the rate in every number,
        whatever the slope.
        """
        return None

    def initial(self, rows: int, side: str, generator: torch.Generator, scale: float) -> Tensor:
        """A new table, `side` "entity", "relation" or "shared": normal with deviation `scale`,
        unless overridden.
        """
        width = getattr(self.widths(), side)
        return torch.randn(rows, width, generator=generator) * scale

    def between(self, queries: Linear, keys: Linear) -> Tensor:
        """(B, D), (N, D) -> (B, N) before `bias` and `root`."""
        scores = queries.vectors @ keys.vectors.T
        if queries.added is not None:
            scores = scores + queries.added[:, None]
        return scores if keys.added is None else scores + keys.added

    def finish(self, raw: Tensor) -> Tensor:
        """The score, from what the inner product gives: itself, or minus a root."""
        return -torch.sqrt((-raw).clamp_min(TINY)) if self.root else raw


def squared_norm(x: Tensor) -> Tensor:
    """(..., d) -> (...)."""
    return (x * x).sum(-1)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """(..., d), (..., d) -> (...)."""
    return (a * b).sum(-1)
