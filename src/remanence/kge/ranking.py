"""Link prediction measured: for each triple, at which place the true answer stands among all entities, other true answers left out.

The protocol is that of Bordes et al. (2013, section 4.2, "filtered"), both ways: (h, r, ?) and (?, r, t). Equal scores share a place:
the realistic rank, 1 + better + equal / 2 (Berrendorf et al., 2020). Each query is scored once, whatever the number of its answers; queries
come ordered by relation, so that what depends on the relation alone is computed once; scores live in one buffer of bounded size.

`ranks` is the fast path, `naive_ranks` its twin by the paper's equation. Nothing here knows training.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.errors import InvalidInput
from remanence.kge.scorers.port import Scorer
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
    """Means over `count` ranks: `mrr` of their reciprocals, `mr` of themselves, `hits` the share at most 1, 3 and 10."""

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
    """What came out: `overall` both ways, by `side` ("head", "tail": which was asked for), and by `category` of the relation
    ("1-1", "1-N", "N-1", "N-N", as heads-tails) and side.

    `unseen` counts triples that name an entity or relation without a training triple. They are in `overall`, ranked by the numbers that
    such a row was first drawn with; `seen` is without them.
    """

    overall: Quality
    seen: Quality
    unseen: int
    side: Mapping[str, Quality]
    category: Mapping[str, Mapping[str, Quality]]

    def as_json(self) -> dict[str, Any]:
        """Plain dicts, ready for `json.dumps`."""
        return asdict(self)


class Ranker:
    """Ranks answers by a scorer over its tables. `relations` is how many there are without their inverses.

    What adds the same to every candidate of a query (the offset, the root of a distance) changes no rank and is left out.
    """

    def __init__(self, scorer: Scorer, tables: Tables, relations: int, tile: int = TILE) -> None:
        self._scorer, self._tables, self._relations = scorer, tables, relations
        self._device = tables.entity.device
        entities = len(tables.entity)
        self._rows = max(1, tile // max(1, entities))
        self._buffer = torch.empty(self._rows, entities, device=self._device)
        self._keys = scorer.keys(tables.entity)
        self._biased: tuple[int, Tensor | None] = (-1, None)  # the last relation's

    @torch.inference_mode()
    def ranks(
        self,
        ids: Ids,
        known: Ids,
        *,
        allowed: Mapping[int, Ids] | None = None,
        progress: Progress | None = None,
    ) -> Floats:
        """(n, 3) -> (n, 2): the realistic rank of each triple's tail among all entities, then of its head.

        `known` (m, 3) holds every other triple known to be true; its answers do not count against each other. `allowed` maps a relation's
        number (inverses after the rest) to the entities that may answer it: type constraints. Raises `InvalidInput` where a score
        is no number.
        """
        asked = both_ways(ids, self._relations)
        order = np.lexsort((asked[:, 0], asked[:, 1]))
        asked = asked[order]
        fresh = np.append(True, np.any(asked[1:, :2] != asked[:-1, :2], axis=1))[: len(asked)]
        queries, owner = asked[fresh], np.cumsum(fresh) - 1
        truth = group(both_ways(np.concatenate([known, ids]), self._relations))
        starts, stops = _find(queries, truth)
        found = np.empty(len(asked))
        for low in range(0, len(queries), self._rows):
            high = min(low + self._rows, len(queries))
            scores = self.scores(queries[low:high, 0], queries[low:high, 1], allowed)
            a, b = np.searchsorted(owner, [low, high])
            hidden = [
                truth.tails[i:j] for i, j in zip(starts[low:high], stops[low:high], strict=True)
            ]
            found[a:b] = _places(scores, owner[a:b] - low, asked[a:b, 2], hidden)
            if progress:
                progress(high, len(queries))
        ranks = np.empty(len(asked))
        ranks[order] = found
        return ranks.reshape(2, -1).T

    @torch.inference_mode()
    def scores(self, heads: Ids, kinds: Ids, allowed: Mapping[int, Ids] | None = None) -> Tensor:
        """(b,), (b,) ascending -> (b, entities): what ranks the candidates of each query, in a buffer that the next call uses again.

        At most as many queries as fit the buffer.
        """
        tables, scorer = self._tables, self._scorer
        distinct, starts, sizes = np.unique(kinds, return_index=True, return_counts=True)
        rows = tables.relations_of(scorer, self._to(distinct), self._relations)
        each = rows.repeat_interleave(self._to(sizes), 0)
        asked = scorer.query(tables.entity[self._to(heads)], each, tables.shared)
        if scorer.pairwise:
            scores = scorer.between(asked, self._keys)
        else:
            scores = self._buffer[: len(heads)]
            if self._keys.added is None:
                torch.mm(asked.vectors, self._keys.vectors.T, out=scores)
            else:
                torch.addmm(self._keys.added, asked.vectors, self._keys.vectors.T, out=scores)
        for at, (kind, low, size) in enumerate(
            zip(distinct.tolist(), starts.tolist(), sizes.tolist(), strict=True)
        ):
            mine = scores[low : low + size]
            if (bias := self._bias(kind, rows[at : at + 1])) is not None:
                mine += bias
            if allowed and kind in allowed:
                barred = torch.ones(scores.shape[1], dtype=torch.bool, device=self._device)
                barred[self._to(allowed[kind])] = False
                mine.masked_fill_(barred, -torch.inf)
        return scores

    def _bias(self, kind: int, row: Tensor) -> Tensor | None:
        """(1, entities) or None; of the last relation again where a tile cuts through it."""
        if self._biased[0] != kind:
            self._biased = kind, self._scorer.bias(row, self._tables.entity)
        return self._biased[1]

    def _to(self, ids: Ids) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(ids)).to(self._device)


def _find(queries: Ids, truth: Answers) -> tuple[list[int], list[int]]:
    """Where the known answers of each of `queries` (q, 2), ordered as `truth` is, begin and end."""
    most = int(max(truth.heads.max(initial=0), queries[:, 0].max(initial=0))) + 1
    keys = truth.relations * most + truth.heads
    wanted = queries[:, 1] * most + queries[:, 0]
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    met = keys[at] == wanted if len(keys) else np.zeros(len(wanted), np.bool_)
    starts = np.where(met, truth.starts[at], 0)
    return starts.tolist(), np.where(met, truth.starts[at + met], 0).tolist()


def _places(scores: Tensor, rows: Ids, answers: Ids, hidden: Sequence[Ids]) -> Floats:
    """The place (p,) of each of `answers` in row `rows` of `scores`, whose `hidden` columns are overwritten."""
    sizes = [len(each) for each in hidden]
    device = scores.device
    row = torch.from_numpy(np.repeat(np.arange(len(hidden)), sizes)).to(device)
    column = torch.from_numpy(np.concatenate(hidden) if hidden else rows[:0]).to(device)
    true = scores[torch.from_numpy(rows).to(device), torch.from_numpy(answers).to(device)]
    if not torch.isfinite(true).all():
        raise InvalidInput(
            "a true answer has a score that is no finite number; the tables are damaged, or types bar it"
        )
    scores[row, column] = -torch.inf
    if device.type == "cpu":
        better, equal = _count(scores.numpy(), rows, true.numpy())
    else:
        picked = scores[torch.from_numpy(rows).to(device)]
        better = (picked > true[:, None]).sum(1).cpu().numpy()
        equal = (picked == true[:, None]).sum(1).cpu().numpy()
    return np.asarray(1 + better + equal / 2, np.float64)


def _count(scores: NDArray[np.float32], rows: Ids, true: NDArray[np.float32]) -> tuple[Ids, Ids]:
    """How many scores of each row are above and equal to each of `true` (p,). A row at a time stays in the processor's cache."""
    better, equal = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    mask = np.empty(scores.shape[1], np.bool_)
    for at, (row, value) in enumerate(zip(rows.tolist(), true, strict=True)):
        better[at] = np.count_nonzero(np.greater(scores[row], value, out=mask))
        equal[at] = np.count_nonzero(np.equal(scores[row], value, out=mask))
    return better, equal


@torch.inference_mode()
def naive_ranks(scorer: Scorer, tables: Tables, relations: int, ids: Ids, known: Ids) -> Floats:
    """What `Ranker.ranks` gives, by the paper's equation for one candidate after another."""
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
    """Ranks (n, 2) of the triples `ids` (n, 3) as an `Evaluation`; `unseen` (n,) says which name what `train` does not."""
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
