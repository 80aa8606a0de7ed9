"""The numbers that are learnt: a table of entities, one of relations, one row that all share; and
Adagrad over some of their rows.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from remanence.kge.scorers.scorer import Scorer, Widths

EPS = 1e-10  # Duchi et al., 2011; keeps the first step finite
CHUNK = 1 << 18  # numbers updated at a time: what the processor's cache holds


@dataclass(frozen=True)
class Tables:
    """entity (entities, E), relation (relations, R), shared (1, S): the parameters of a scorer."""

    entity: Tensor
    relation: Tensor
    shared: Tensor

    @classmethod
    def new(
        cls,
        scorer: Scorer,
        entities: int,
        relations: int,
        initial: float,
        generator: torch.Generator,
    ) -> "Tables":
        """Drawn at random: the same for the same generator."""
        return cls(
            scorer.initial(entities, "entity", generator, initial),
            scorer.initial(relations, "relation", generator, initial),
            scorer.initial(1, "shared", generator, initial),
        )

    def columns(self, widths: Widths) -> "Tables":
        """The first columns of each: the same numbers, not copies."""
        return Tables(
            self.entity[:, : widths.entity],
            self.relation[:, : widths.relation],
            self.shared[:, : widths.shared],
        )

    def named(self) -> dict[str, Tensor]:
        """The three by name."""
        return {"entity": self.entity, "relation": self.relation, "shared": self.shared}

    def map(self, change: "torch._C._TensorMeta | object") -> "Tables":
        """A function over each."""
        return Tables(*(change(each) for each in (self.entity, self.relation, self.shared)))  # type: ignore[operator]

    def relations_of(self, scorer: Scorer, kinds: Tensor, relations: int) -> Tensor:
        """Rows (m, R) of relations `kinds` (m,), numbers from `relations` on being inverses, tied
        or with rows of their own.
        """
        if len(self.relation) > relations or not len(kinds):
            return self.relation[kinds]
        rows = self.relation[kinds % relations]
        turned = kinds >= relations
        return torch.where(turned[:, None], scorer.inverse(rows), rows) if turned.any() else rows


class Adagrad:
    """Duchi et al.

    (2011), equation 1 with a diagonal: x -= rate g / (eps + sqrt(sum of squares so far)).

    A row without gradient does not move, so that a step over the rows touched is the step over all.
    """

    def __init__(self, tables: Tables, squares: Tables | None = None) -> None:
        self.squares = tables.map(torch.zeros_like) if squares is None else squares

    def step(
        self,
        name: str,
        table: Tensor,
        rows: Tensor | None,
        slope: Tensor,
        rate: float,
        pace: Tensor | None = None,
    ) -> None:
        """Move `rows` (m,) of a table, None for all in order, against `slope` (m, width); column c
        at `rate` times `pace` (width,).
        """
        squares: Tensor = getattr(self.squares, name)
        if rows is None:
            step = max(1, CHUNK // max(1, table.shape[1]))
            for at in range(0, len(table), step):
                piece, gone = slope[at : at + step], squares[at : at + step]
                gone.addcmul_(piece, piece)
                piece = piece if pace is None else piece * pace
                table[at : at + step].addcdiv_(piece, gone.sqrt().add_(EPS), value=-rate)
            return
        gone = squares[rows].addcmul_(slope, slope)
        squares[rows] = gone
        slope = slope if pace is None else slope * pace
        table[rows] = table[rows].addcdiv_(slope, gone.sqrt_().add_(EPS), value=-rate)
