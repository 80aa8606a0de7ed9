"""Ranks of true answers among the scores of their queries: a product of matrices into a buffer, and
how many scores are above and beside each true one.

On a processor all passes over a query's scores follow each other while they lie in its cache;
elsewhere a tile is counted at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.errors import InvalidInput

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
Counts = tuple[Tensor, Ids]
"""(p,) each: true scores; how many are above plus how many are not below, which is twice those
above and once those beside.
"""


@dataclass(frozen=True)
class Tile:
    """Scores of b queries: those of query q are `scores[row[q]] + added[which[q]]`, (N,).

    scores: (m, N); row: (b,), each row once where `added` is None; added: (U, N) or None; which:
    (b,).
    """

    scores: Tensor
    row: Ids
    added: Tensor | None
    which: Ids


@dataclass(frozen=True)
class RowRequest:
    """The answers of b queries: those of query q are `answers[ends[q] : ends[q + 1]]`; `hidden[q]`
    are all that are known, which do not count.
    """

    answers: Ids
    ends: Ids
    hidden: Sequence[Ids]


def multiply(left: Tensor, right: Tensor, out: Tensor) -> None:
    """(b, D) @ (D, N) -> (b, N).

    numpy's product where it can: here twice as fast as torch's for few rows and many columns.
    """
    if out.device.type != "cpu":
        torch.mm(left, right, out=out)
        return
    with np.errstate(all="ignore"):  # what is no number is found in the scores
        np.matmul(left.numpy(), right.numpy(), out=out.numpy())


def places(tile: Tile, wanted: RowRequest) -> Floats:
    """The place (p,) of each answer among all N: 1 + those above + half of those beside.

    The scores are overwritten.

    Raises `InvalidInput` where the score of an answer is no finite number.
    """
    count = by_row if tile.scores.device.type == "cpu" else at_once
    true, twice = count(tile, wanted)
    if not torch.isfinite(true).all():
        raise InvalidInput(
            "a true answer has a score that is no finite number; the tables are damaged, or types "
            "bar it"
        )
    return np.asarray(1 + twice / 2, np.float64)


def by_row(tile: Tile, wanted: RowRequest) -> Counts:
    """One query after another, each in the processor's cache."""
    lines, more = tile.scores.numpy(), None if tile.added is None else tile.added.numpy()
    room, masks = np.empty(lines.shape[1], lines.dtype), np.empty((2, lines.shape[1]), np.bool_)
    more_than, as_much = masks
    true, twice = (
        np.empty(len(wanted.answers), lines.dtype),
        np.empty(len(wanted.answers), np.int64),
    )
    queries = zip(
        tile.row.tolist(),
        tile.which.tolist(),
        pairwise(wanted.ends.tolist()),
        wanted.hidden,
        strict=True,
    )
    with np.errstate(all="ignore"):
        for row, extra, (first, last), hidden in queries:
            mine = lines[row] if more is None else np.add(lines[row], more[extra], out=room)
            true[first:last] = mine[wanted.answers[first:last]]
            mine[hidden] = -np.inf
            for at in range(first, last):
                np.greater(mine, true[at], out=more_than)
                np.greater_equal(mine, true[at], out=as_much)
                twice[at] = np.count_nonzero(masks)
    return torch.from_numpy(true), twice


def at_once(tile: Tile, wanted: RowRequest) -> Counts:
    """Compute `by_row`, a tile in one operation."""

    def to(ids: Ids) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(ids)).to(tile.scores.device)

    scores = tile.scores[to(tile.row)]  # (b, N)
    if tile.added is not None:
        scores += tile.added[to(tile.which)]
    owner = to(np.repeat(np.arange(len(scores)), np.diff(wanted.ends)))
    true = scores[owner, to(wanted.answers)]
    rows = np.repeat(np.arange(len(scores)), [len(each) for each in wanted.hidden])
    columns = np.concatenate([*wanted.hidden, wanted.answers[:0]])
    scores[to(rows), to(columns)] = -torch.inf
    picked = scores[owner]
    twice = (picked > true[:, None]).sum(1) + (picked >= true[:, None]).sum(1)
    return true, twice.cpu().numpy()
