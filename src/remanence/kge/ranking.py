"""Link prediction measured: for each triple, at which place the true answer stands among all
entities, other true answers left out.

The protocol is that of Bordes et al. (2013, section 4.2, "filtered"), both ways: (h, r, ?) and (?,
r, t). Equal scores share a place: the realistic rank, 1 + better + equal / 2 (Berrendorf et al.,
2020). Each query is scored once, whatever the number of its answers; queries come ordered by
relation, so that what depends on the relation alone is computed once, or by head, where head and
relation add to the score each by itself; scores live in one buffer of bounded size.

`ranks` is the fast path, `naive_ranks` its twin by the paper's equation. Nothing here knows
training.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.kge.places import RowRequest, Tile, multiply, places
from remanence.kge.scorers.scorer import Linear, Scorer
from remanence.kge.tables import Tables
from remanence.kge.triples import CATEGORIES, Answers, Ids, both_ways, categories, group

Floats = NDArray[np.float64]
TILE: Final = 1 << 23  # scores held at once: 32 MB
HITS: Final = (1, 3, 10)
HEAD, TAIL = "head", "tail"

Progress = Callable[[int, int], None]
"""Called with (queries ranked, of how many)."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over `count` ranks: `mrr` of their reciprocals, `mr` of themselves, `hits` the share at
    most 1, 3 and 10.
    """

    count: int
    mrr: float
    mr: float
    hits: Mapping[int, float]

    @classmethod
    def of(cls, ranks: Floats) -> "Quality":
        if not len(ranks):
            return cls(0, 0.0, 0.0, dict.fromkeys(HITS, 0.0))
        hits = {k: float((ranks <= k).mean()) for k in HITS}
        return cls(len(ranks), float((1 / ranks).mean()), float(ranks.mean()), hits)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Result of a ranking: `overall` both ways, by `side` ("head", "tail": which was predicted),
    and by `category` of the relation ("1-1", "1-N", "N-1", "N-N", as heads-tails) and side.

    `unseen` counts triples that name an entity or relation without a training triple. They are in
    `overall`, ranked by the numbers that such a row was first drawn with; `seen` is without them.
    """

    overall: Quality
    seen: Quality
    unseen: int
    side: Mapping[str, Quality]
    category: Mapping[str, Mapping[str, Quality]]

    def as_json(self) -> dict[str, Any]:
        """Plain dicts, ready for `json.dumps`."""
        return asdict(self)


@dataclass(frozen=True)
class _View:
    """Entities as some queries see them: `scorer` over the rows `entity` (N, E), whose keys are
    `columns` (D, N) and `level` (N,).
    """

    scorer: Scorer
    entity: Tensor
    columns: Tensor
    level: Tensor | None

    @classmethod
    def of(cls, scorer: Scorer, entity: Tensor) -> "_View":
        keys = scorer.keys(entity)
        return cls(scorer, entity, keys.vectors.T, keys.added)

    def folded(self) -> "_View":
        """The same for many queries: the level is a row of the product, and the columns lie as it
        reads them.
        """
        if self.scorer.pairwise:
            return self
        parts = [self.columns] if self.level is None else [self.columns, self.level[None]]
        return replace(self, columns=torch.cat(parts).contiguous(), level=None)

    def fill(self, heads: Tensor, rows: Tensor, shared: Tensor, out: Tensor) -> None:
        """Scores of the queries (heads (b,), rows (b, R)) into `out` (b, N), without what the
        columns do not hold.
        """
        asked = self.scorer.query(self.entity[heads], rows, shared)
        if self.scorer.pairwise:
            out.copy_(self.scorer.between(asked, Linear(self.columns.T)))
            return
        left = asked.vectors
        if len(self.columns) > left.shape[1]:
            left = torch.cat([left, left.new_ones(len(left), 1)], 1)
        multiply(left, self.columns, out)


@dataclass(frozen=True)
class _Moves:
    """Terms (U, N) that each of the relations `kinds` (U,), ascending, adds to the scores of its
    queries.
    """

    kinds: Ids
    scores: Tensor


class Ranker:
    """Ranks answers by a scorer over its tables.

    `relations` is how many there are without their inverses.

    What adds the same to every candidate of a query (the offset, the root of a distance) changes no
    rank and is left out.
    """

    def __init__(self, scorer: Scorer, tables: Tables, relations: int, tile: int = TILE) -> None:
        self._scorer, self._tables, self._relations = scorer, tables, relations
        self._tied = len(tables.relation) <= relations
        self._device = tables.entity.device
        entities = len(tables.entity)
        self._rows = max(1, tile // max(1, entities))
        self._buffer = torch.empty(self._rows, entities, device=self._device)
        self._whole = None if scorer.projects else _View.of(scorer, tables.entity).folded()
        self._within: tuple[int, _View] | None = None  # the last relation's

    @torch.inference_mode()
    def ranks(
        self,
        ids: Ids,
        known: Ids,
        *,
        allowed: Mapping[int, Ids] | None = None,
        progress: Progress | None = None,
    ) -> Floats:
        """(n, 3) -> (n, 2): the realistic rank of each triple's tail among all entities, then of
        its head.

        `known` (m, 3) holds every other triple known to be true; its answers do not count against
        each other. `allowed` maps a relation's number (inverses after the rest) to the entities
        that may answer it: type constraints. Raises `InvalidInput` where a score is no number.
        """
        asked = both_ways(ids, self._relations)
        moves = self._moves(np.unique(asked[:, 1]), allowed)
        if moves is not None:
            order = np.lexsort((asked[:, 1], asked[:, 0]))
        else:  # an inverse beside its relation: what both see is projected once
            order = np.lexsort((asked[:, 0], asked[:, 1], asked[:, 1] % max(1, self._relations)))
        asked = asked[order]
        fresh = np.append(True, np.any(asked[1:, :2] != asked[:-1, :2], axis=1))[: len(asked)]
        queries, ends = asked[fresh], np.append(np.flatnonzero(fresh), len(asked))
        truth = group(both_ways(np.concatenate([known, ids]), self._relations))
        starts, stops = _find(queries, truth)
        found = np.empty(len(asked))
        for low in range(0, len(queries), self._rows):
            high = min(low + self._rows, len(queries))
            first, last = ends[low], ends[high]
            tile = self._tile(queries[low:high, 0], queries[low:high, 1], allowed, moves)
            hidden = [
                truth.tails[i:j] for i, j in zip(starts[low:high], stops[low:high], strict=True)
            ]
            wanted = RowRequest(asked[first:last, 2], ends[low : high + 1] - first, hidden)
            found[first:last] = places(tile, wanted)
            if progress:
                progress(high, len(queries))
        ranks = np.empty(len(asked))
        ranks[order] = found
        return ranks.reshape(2, -1).T

    def _tile(
        self, heads: Ids, kinds: Ids, allowed: Mapping[int, Ids] | None, moves: _Moves | None
    ) -> Tile:
        """(b,), (b,), in runs of one relation, or of one head where there are `moves`: the scores,
        in a buffer that the next call uses again.

        At most as many queries as fit it.
        """
        tables = self._tables
        if moves is not None and self._whole is not None:
            starts, row = _runs(heads)
            still = tables.relation.new_zeros(len(starts), tables.relation.shape[1])
            scores = self._buffer[: len(starts)]
            self._whole.fill(self._to(heads[starts]), still, tables.shared, scores)
            return Tile(scores, row, moves.scores, np.searchsorted(moves.kinds, kinds))
        starts, which = _runs(kinds)
        rows = tables.relations_of(self._scorer, self._to(kinds[starts]), self._relations)  # (U, R)
        scores, at = self._buffer[: len(heads)], self._to(heads)
        if self._whole is not None:
            each = rows.repeat_interleave(self._to(np.bincount(which)), 0)
            self._whole.fill(at, each, tables.shared, scores)
            added = self._scorer.bias(rows, tables.entity)
        else:
            levels = []
            spans = zip(starts.tolist(), [*starts[1:].tolist(), len(kinds)], strict=True)
            for low, high in spans:
                its = rows[which[low] : which[low] + 1]
                view = self._seen(int(kinds[low]), its)
                mine = its[:, : view.scorer.widths().relation].expand(high - low, -1)
                view.fill(at[low:high], mine, tables.shared, scores[low:high])
                levels.append(view.level)
            added = torch.stack([level for level in levels if level is not None])
        added = self._barred(added, kinds[starts], allowed)
        return Tile(scores, np.arange(len(heads)), added, which)

    def _moves(self, kinds: Ids, allowed: Mapping[int, Ids] | None) -> _Moves | None:
        """Return the terms that relations `kinds` (U,) add to the scores.

        None where a query is no sum of head and relation, or they are too many for the buffer.
        """
        if not self._scorer.additive or self._whole is None or len(kinds) > self._rows:
            return None
        tables = self._tables
        rows = tables.relations_of(self._scorer, self._to(kinds), self._relations)
        nowhere = tables.entity.new_zeros(len(kinds), tables.entity.shape[1])
        left = self._scorer.query(nowhere, rows, tables.shared).vectors
        scores = self._buffer.new_empty(len(kinds), self._buffer.shape[1])
        multiply(left, self._whole.columns[: left.shape[1]], scores)  # the heads bring the level
        self._barred(scores, kinds, allowed)
        return _Moves(kinds, scores)

    def _seen(self, kind: int, row: Tensor) -> _View:
        """Return the entities as the queries of one relation see them; kept for the last relation
        and a tied inverse.
        """
        key = kind % self._relations if self._tied else kind
        if self._within is None or self._within[0] != key:
            self._within = key, _View.of(*self._scorer.within(row, self._tables.entity))
        return self._within[1]

    def _barred(
        self, added: Tensor | None, kinds: Ids, allowed: Mapping[int, Ids] | None
    ) -> Tensor | None:
        """`added` (U, N) with -inf for whom types bar from answering `kinds` (U,)."""
        if not allowed or not any(kind in allowed for kind in kinds.tolist()):
            return added
        if added is None:
            added = self._buffer.new_zeros(len(kinds), self._buffer.shape[1])
        for at, kind in enumerate(kinds.tolist()):
            if kind in allowed:
                barred = torch.ones(added.shape[1], dtype=torch.bool, device=self._device)
                barred[self._to(allowed[kind])] = False
                added[at].masked_fill_(barred, -torch.inf)
        return added

    def _to(self, ids: Ids) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(ids)).to(self._device)


def _runs(values: Ids) -> tuple[Ids, Ids]:
    """(b,) -> where each run of equals begins (r,), and in which run each stands (b,)."""
    fresh = np.append(True, values[1:] != values[:-1])
    return np.flatnonzero(fresh), np.cumsum(fresh) - 1


def _find(queries: Ids, truth: Answers) -> tuple[list[int], list[int]]:
    """Return where the known answers of each of `queries` (q, 2) begin and end in `truth`."""
    most = int(max(truth.heads.max(initial=0), queries[:, 0].max(initial=0))) + 1
    keys = truth.relations * most + truth.heads
    wanted = queries[:, 1] * most + queries[:, 0]
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    met = keys[at] == wanted if len(keys) else np.zeros(len(wanted), np.bool_)
    starts = np.where(met, truth.starts[at], 0)
    return starts.tolist(), np.where(met, truth.starts[at + met], 0).tolist()


@torch.inference_mode()
def naive_ranks(scorer: Scorer, tables: Tables, relations: int, ids: Ids, known: Ids) -> Floats:
    """Compute `Ranker.ranks` by the paper's equation, one candidate after another."""
    truth: dict[tuple[int, int], set[int]] = {}
    for head, kind, tail in both_ways(known, relations).tolist():
        truth.setdefault((head, kind), set()).add(tail)
    everything = torch.arange(len(tables.entity))
    found = []
    for head, kind, tail in both_ways(ids, relations).tolist():
        row = tables.relations_of(scorer, torch.tensor([kind]), relations)
        scores = scorer.score(
            tables.entity[[head]].expand(len(everything), -1),
            row.expand(len(everything), -1),
            tables.entity,
            tables.shared,
        )
        others = [
            e for e in everything.tolist() if e != tail and e not in truth.get((head, kind), ())
        ]
        better = int((scores[others] > scores[tail]).sum())
        found.append(1 + better + int((scores[others] == scores[tail]).sum()) / 2)
    return np.array(found).reshape(2, -1).T


def evaluation(
    ranks: Floats, ids: Ids, train: Ids, relations: int, unseen: NDArray[np.bool_]
) -> Evaluation:
    """Ranks (n, 2) of the triples `ids` (n, 3) as an `Evaluation`; `unseen` (n,) says which name
    what `train` does not.
    """
    kinds = categories(train, relations)
    by_side = {TAIL: ranks[:, 0], HEAD: ranks[:, 1]}
    by_category: dict[str, dict[str, Quality]] = {}
    for name in CATEGORIES:
        mine = np.array([kinds[kind] == name for kind in ids[:, 1].tolist()], np.bool_)
        if mine.any():
            by_category[name] = {side: Quality.of(each[mine]) for side, each in by_side.items()}
    return Evaluation(
        overall=Quality.of(ranks.ravel()),
        seen=Quality.of(ranks[~unseen].ravel()),
        unseen=int(unseen.sum()),
        side={side: Quality.of(each) for side, each in by_side.items()},
        category=by_category,
    )
