"""`KnowledgeEmbedding`: a trained model and the graph it was trained on, asked by name.

What is likely true (`predict`), who is like whom (`similar`), how plausible a statement is
(`plausibility`), how well all that works (`evaluate`). What it says is offered, never asserted:
each prediction carries a probability and the known facts that it leans on.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import torch

from remanence.errors import InvalidInput
from remanence.kge import serialization, threads
from remanence.kge.calibration import Calibration, Floats, fit
from remanence.kge.ranking import Evaluation, Progress, Ranker, evaluation
from remanence.kge.recipe import Recipe
from remanence.kge.tables import Tables
from remanence.kge.training import EpochPoint
from remanence.kge.triples import (
    Answers,
    Ids,
    Split,
    Triple,
    Triples,
    both_ways,
    group,
    index,
    ranges,
    split,
)

REASONS = 3
CASES = 64  # unconfirmed candidates sampled for a held-out query, besides the best
BEST = 32
QUERIES = 2_000  # held-out queries that a calibration looks at, at most


@dataclass(frozen=True, slots=True)
class LinkPrediction:
    """A statement that the model holds likely.

    `probability` is None where nothing was held out to measure it by.

    `reasons` are known facts: the same said of the nearest entities.
    """

    head: str
    relation: str
    tail: str
    score: float
    probability: float | None
    reasons: tuple[Triple, ...] = ()
    known: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain dicts and lists, ready for `json.dumps`."""
        return asdict(self)


@dataclass
class KnowledgeEmbedding:
    """A model over the graph `graph`. Made by `kge.train` or `kge.load`; not changed afterwards."""

    recipe: Recipe
    tables: Tables
    graph: Triples
    calibration: Calibration | None = None
    curve: list[EpochPoint] = field(default_factory=list)
    stopped: str = ""

    # -- asking -------------------------------------------------------------------------------

    def predict(
        self,
        head: str | None = None,
        relation: str = "",
        k: int = 10,
        *,
        tail: str | None = None,
        known: bool = False,
        typed: bool = False,
        reasons: bool = True,
    ) -> list[LinkPrediction]:
        """The `k` likeliest answers to (head, relation, ?), or with `tail=` in the head's stead to
        (?, relation, tail), best first.

        What the graph states already is left out unless `known`; with `typed`, also what answers
        this relation nowhere in the graph. Raises `InvalidInput` for names that the graph does not
        have.
        """
        if (head is None) == (tail is None):
            raise InvalidInput(
                "give head= to ask for tails, or tail= to ask for heads; one of them"
            )
        _count(k)
        kind = self._relation(relation)
        turned = head is None
        asked = self._entity(tail if head is None else head)
        kind += len(self.graph.relations) * turned
        scores = self._scores(asked, kind)
        stated = set(self._answers_of(asked, kind).tolist())
        evidence = scores - _log_sum(scores)
        order = np.argsort(-scores, kind="stable")
        fit = set(self._ranges[kind].tolist()) if typed else None
        left_out = frozenset() if known else stated
        chosen = [at for at in order.tolist() if at not in left_out and (fit is None or at in fit)][
            :k
        ]
        likely = self._probability(evidence[chosen]) if chosen else []
        names, plain = self.graph.entities, kind % len(self.graph.relations)
        found = []
        for at, chance in zip(chosen, likely, strict=True):
            first, last = (at, asked) if turned else (asked, at)
            why = tuple(self.reasons(first, plain, last)) if reasons else ()
            triple = (names[first], relation, names[last])
            found.append(LinkPrediction(*triple, float(scores[at]), chance, why, at in stated))
        return found

    def similar(self, entity: str, k: int = 10) -> list[tuple[str, float]]:
        """The `k` entities whose vectors point the way that `entity`'s does, with the cosine,
        nearest first.
        """
        _count(k)
        at = self._entity(entity)
        likeness = self._directions @ self._directions[at]
        likeness[at] = -np.inf
        order = np.argsort(-likeness, kind="stable")[: min(k, len(likeness) - 1)]
        return [(self.graph.entities[row], float(likeness[row])) for row in order.tolist()]

    def plausibility(self, triple: Sequence[str], prior: float | None = 0.5) -> float:
        """How probable (head, relation, tail) is, in [0, 1]: beforehand as likely as `prior` (even
        odds; None: as rare as a true statement is among all that could be made of these entities).

        Raises `InvalidInput` for unknown names, and where nothing was held out of training to
        measure a probability by.
        """
        if isinstance(triple, str) or len(triple) != 3:
            raise InvalidInput(f"{triple!r:.80} is not (head, relation, tail)")
        if prior is not None and not 0 < prior < 1:
            raise InvalidInput(f"prior={prior!r:.40} is not between 0 and 1")
        head, tail = self._entity(triple[0]), self._entity(triple[2])
        kind = self._relation(triple[1])
        if self.calibration is None:
            raise InvalidInput(
                "this model has no calibration: nothing was held out of its training; train with "
                "valid="
            )
        both = []
        for asked, turned, answer in ((head, 0, tail), (tail, 1, head)):
            scores = self._scores(asked, kind + turned * len(self.graph.relations))
            both.append(float(scores[answer] - _log_sum(scores)))
        return float(self.calibration.probability(np.array([np.mean(both)]), prior)[0])

    def reasons(self, head: int, kind: int, tail: int, most: int = REASONS) -> list[Triple]:
        """Known facts that say the same of the nearest entities: (h', r, t) with h' near h, and (h,
        r, t') with t' near t.
        """
        near: dict[tuple[int, int, int], float] = {}
        relations = len(self.graph.relations)
        for answer, asked, turned in ((head, tail, relations), (tail, head, 0)):
            others = self._answers_of(asked, kind + turned)
            others = others[others != answer]
            likeness = self._directions[others] @ self._directions[answer]
            for other, value in zip(others.tolist(), likeness.tolist(), strict=True):
                near[(other, kind, tail) if turned else (head, kind, other)] = value
        best = sorted(near, key=lambda ids: (-near[ids], ids))[:most]
        e, r = self.graph.entities, self.graph.relations
        return [(e[h], r[k], e[t]) for h, k, t in best]

    # -- measuring ----------------------------------------------------------------------------

    def evaluate(
        self,
        test: Sequence[Sequence[str]],
        known: Sequence[Sequence[str]] = (),
        *,
        typed: bool = False,
        progress: Progress | None = None,
    ) -> Evaluation:
        """Link prediction on the triples `test` (by name), the graph's own and `known` ones
        filtered. See `ranking`.

        With `typed`, an answer competes only with the entities that answer its relation in the
        graph, `known` or `test`.

        Names that the graph does not have count as unseen: ranked as entities whose row is the mean
        of all.
        """
        whole = split(self.graph.named(), known, test)
        tables = self._widened(whole)
        ids = whole.test
        ranker = Ranker(self.recipe.scorer(), tables, len(whole.relations))
        allowed = ranges(whole.known(), len(whole.relations)) if typed else None
        ranks = ranker.ranks(ids, whole.known(), allowed=allowed, progress=progress)
        return evaluation(ranks, ids, whole.train.ids, len(whole.relations), whole.unseen(ids))

    def _widened(self, whole: Split) -> Tables:
        """Tables in the numbering of `whole`, which may have names that the graph has not."""
        entity_at, relation_at = index(self.graph.entities), index(self.graph.relations)
        entity = torch.stack([self.tables.entity.mean(0), *self.tables.entity])
        rows = torch.tensor([entity_at.get(name, -1) + 1 for name in whole.entities])
        known = torch.tensor([relation_at.get(name, -1) for name in whole.relations])
        if (known < 0).any():
            strange = [name for name in whole.relations if name not in relation_at]
            raise InvalidInput(f"{self._no('relation', strange[0], self.graph.relations)}")
        halves = self.tables.relation.split(len(self.graph.relations))
        return Tables(entity[rows], torch.cat([half[known] for half in halves]), self.tables.shared)

    def calibrate(self, held_out: Ids, seed: int = 0) -> Calibration | None:
        """The curve of `calibration` through queries that were held out of training; None where too
        few were.
        """
        cases = self.cases(held_out, seed)
        return fit(*cases) if cases else None

    def cases(self, held_out: Ids, seed: int = 0) -> tuple[Floats, np.ndarray, Floats] | None:
        """Evidence, whether confirmed, and weight of the candidates of held-out queries: all that
        were confirmed, the best that were not, and a sample of the rest, which stands for it.
        """
        random = np.random.default_rng(seed)
        queries = group(both_ways(held_out, len(self.graph.relations)))
        if not len(queries):
            return None
        chosen = np.sort(random.permutation(len(queries))[:QUERIES])
        parts: list[tuple[Floats, np.ndarray, Floats]] = []
        for at in chosen.tolist():
            asked, kind = int(queries.heads[at]), int(queries.relations[at])
            answers = queries.tails[queries.starts[at] : queries.starts[at + 1]]
            scores = self._scores(asked, kind)
            evidence = scores - _log_sum(scores)
            open_ = np.ones(len(scores), np.bool_)
            open_[self._answers_of(asked, kind)] = False
            open_[answers] = False
            rest = np.flatnonzero(open_)
            rest = rest[np.argsort(-scores[rest], kind="stable")]
            sample = random.choice(rest[BEST:], min(CASES, max(len(rest) - BEST, 0)), replace=False)
            few = np.concatenate([answers, rest[:BEST], sample])
            weight = np.ones(len(few))
            weight[len(few) - len(sample) :] = max(len(rest) - BEST, 0) / max(len(sample), 1)
            parts.append((evidence[few], np.arange(len(few)) < len(answers), weight))
        evidence, confirmed, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
        return evidence, confirmed, weight

    # -- keeping ------------------------------------------------------------------------------

    def save(self, path: Path | str) -> Path:
        """Write the model as one safetensors file, names and recipe as JSON in its header; returns
        the path.

        Raises `CheckpointError` where the disk does not take it.
        """
        return serialization.save(self, Path(path))

    # -- inside -------------------------------------------------------------------------------

    def _scores(self, asked: int, kind: int) -> Floats:
        """(entities,) of one query, by the scorer's own scale."""
        scorer, tables = self.recipe.scorer(), self.tables
        with torch.inference_mode(), threads.thread_count(tables.entity.numel()):
            row = tables.relations_of(scorer, torch.tensor([kind]), len(self.graph.relations))
            queries = scorer.query(tables.entity[asked : asked + 1], row, tables.shared)
            raw = scorer.between(queries, self._keys)
            bias = scorer.bias(row, tables.entity)
            scores = scorer.finish(raw if bias is None else raw + bias)
        return scores[0].double().cpu().numpy()

    @cached_property
    def _keys(self) -> Any:
        with torch.inference_mode():
            return self.recipe.scorer().keys(self.tables.entity)

    @cached_property
    def _directions(self) -> np.ndarray:
        """(entities, dim) unit vectors."""
        vectors = self.tables.entity[:, : self.recipe.dim]
        return torch.nn.functional.normalize(vectors - vectors.mean(0), dim=1).cpu().numpy()

    @cached_property
    def _stated(self) -> tuple[Answers, Mapping[tuple[int, int], int]]:
        known = group(both_ways(self.graph.ids, len(self.graph.relations)))
        pairs = zip(known.heads.tolist(), known.relations.tolist(), strict=True)
        return known, {pair: at for at, pair in enumerate(pairs)}

    def _answers_of(self, asked: int, kind: int) -> Ids:
        known, places = self._stated
        at = places.get((asked, kind))
        return (
            known.tails[:0] if at is None else known.tails[known.starts[at] : known.starts[at + 1]]
        )

    @cached_property
    def _ranges(self) -> Mapping[int, Ids]:
        return ranges(self.graph.ids, len(self.graph.relations))

    def _probability(self, evidence: Floats) -> list[float | None]:
        if self.calibration is None:
            return [None] * len(evidence)
        return [float(p) for p in self.calibration.probability(evidence)]

    @cached_property
    def _numbers(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        return index(self.graph.entities), index(self.graph.relations)

    def _entity(self, name: str | None) -> int:
        at = self._numbers[0].get(name or "")
        if at is None:
            raise InvalidInput(self._no("entity", name, self.graph.entities))
        return at

    def _relation(self, name: str) -> int:
        at = self._numbers[1].get(name)
        if at is None:
            raise InvalidInput(self._no("relation", name, self.graph.relations))
        return at

    @staticmethod
    def _no(what: str, name: Any, known: Sequence[str]) -> str:
        near = difflib.get_close_matches(str(name), known[:50_000], 3)
        hint = (
            f"did you mean {', '.join(map(repr, near))}?"
            if near
            else f"it has {len(known):,}, such as {known[0]!r}"
        )
        return f"{what} {name!r:.80} is not in the graph; {hint}"


def _count(k: int) -> None:
    if isinstance(k, bool) or not isinstance(k, Integral) or k < 1:
        raise InvalidInput(f"k={k!r:.40} is not a number of answers, 1 or more")


def _log_sum(scores: Floats) -> float:
    top = float(scores.max())
    return top + float(np.log(np.exp(scores - top).sum()))
