"""A batch's own small tables: the rows that it touches, gathered once, and its numbers as rows of
them.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from remanence.kge.batches import Draw
from remanence.kge.contrast import ContrastBatch
from remanence.kge.tables import Tables
from remanence.kge.triples import Ids

WHOLE = (
    0.5  # share of the entities above which a batch takes the table as it is rather than rows of it
)


@dataclass(frozen=True)
class GatheredRows:
    """The part of a draw that this process computes, over rows that all processes gather alike.

    entities: (m,) numbers of the rows in `entity` (m, E), or None for the whole table. kinds: (U,)
    numbers of the rows in `relation` (U, R); flipped: (U,) which of them stand for an inverse that
    is tied to them. head, kind: (B,), answer: (P,), rows of those. candidates: rows of `entity`,
    (N,) or (B, K), or None for all. `batch` says where answers stand.
    """

    entities: Tensor | None
    entity: Tensor
    relation: Tensor
    kinds: Tensor
    flipped: Tensor
    head: Tensor
    kind: Tensor
    answer: Tensor
    candidates: Tensor | None
    batch: ContrastBatch

    @property
    def own(self) -> bool:
        """Tell whether each query has candidates of its own."""
        return self.candidates is not None and self.candidates.dim() == 2


def gather(
    tables: Tables, relations: int, draw: Draw, mine: Draw, *, every_relation: bool
) -> GatheredRows:
    """The rows of `draw`, of which this process computes `mine`; with `every_relation`, all
    relations, in order.
    """
    device = tables.entity.device

    def tensor(ids: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(ids)).to(device)

    entities, place = _entities(draw, len(tables.entity))
    kinds = np.arange(2 * relations) if every_relation else np.unique(draw.relations)
    tied = len(tables.relation) <= relations
    numbers = tensor(kinds % relations if tied else kinds)
    picked = None if entities is None else tensor(entities)
    candidates = mine.candidates
    ends = np.searchsorted(mine.relations, kinds, side="right").tolist()
    return GatheredRows(
        picked,
        tables.entity if picked is None else tables.entity[picked],
        tables.relation[numbers],
        numbers,
        tensor((kinds >= relations) & tied),
        tensor(place[mine.heads]),
        tensor(np.searchsorted(kinds, mine.relations)),
        tensor(place[mine.answers]),
        None if candidates is None else tensor(place[candidates]),
        ContrastBatch(
            tensor(mine.owner),
            tensor(mine.answers) if candidates is None else None,
            tensor(_hidden(mine, len(tables.entity))),
            [0, *ends],
            None if mine.weights is None else tensor(mine.weights),
        ),
    )


def _entities(draw: Draw, count: int) -> tuple[Ids | None, Ids]:
    """The entities that a draw touches, or None for all, and (count,) the row of each."""
    everything = np.arange(count)
    if draw.candidates is None:
        return None, everything
    parts = [draw.heads, draw.answers, draw.candidates.ravel()]
    if sum(map(len, parts)) >= WHOLE * count:
        return None, everything
    entities = np.unique(np.concatenate(parts))
    place = np.full(count, -1)
    place[entities] = np.arange(len(entities))
    return entities, place


def _hidden(mine: Draw, count: int) -> Ids:
    """(2, M): query and candidate of the pairs that are no negatives."""
    if mine.candidates is None:
        return mine.hidden
    if mine.candidates.ndim == 2:
        return np.stack(np.nonzero(mine.candidates == mine.answers[:, None]))
    place = np.full(count, -1)
    place[mine.candidates] = np.arange(len(mine.candidates))
    column = place[mine.hidden[1]]
    return np.stack([mine.hidden[0][column >= 0], column[column >= 0]])
