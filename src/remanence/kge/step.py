"""One step of training: a drawn batch becomes a loss, gradients on the rows that it touches, and an
update of those rows.

Autograd follows the scorer's few operations on the batch's rows, `contrast` the large product.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, embedding

from remanence.errors import ConfigError
from remanence.kge import contrast
from remanence.kge.batches import Draw
from remanence.kge.contrast import Scratch
from remanence.kge.objectives import Shape
from remanence.kge.recipe import Recipe
from remanence.kge.rows import GatheredRows, gather
from remanence.kge.scorers.scorer import Linear, Scorer, dot
from remanence.kge.tables import Adagrad, Tables

Reduce = Callable[[Tensor], None]
"""Adds up a tensor over all processes, in place."""


def precision(wanted: str) -> torch.dtype:
    """Choose the number format of the large products: bfloat16, summed in float32, where the
    processor multiplies it natively.
    """
    native = torch.backends.mkldnn.is_available() and torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001
    low = wanted == "bfloat16" or (wanted == "auto" and native)
    return torch.bfloat16 if low else torch.float32


def _sampled(queries: Linear, keys: Linear, candidates: Tensor) -> Tensor:
    """Return the inner products of each query with its own candidates, (B, K)."""
    raw = contrast.sampled(queries.vectors, keys.vectors, candidates)
    raw = raw if keys.added is None else raw + keys.added[candidates]
    return raw if queries.added is None else raw + queries.added[:, None]


class Stepper:
    """Trains tables, batch by batch."""

    def __init__(
        self, recipe: Recipe, tables: Tables, adagrad: Adagrad, relations: int, reduce: Reduce
    ) -> None:
        self._recipe, self._scorer = recipe, recipe.scorer()
        self._tables, self._adagrad = tables, adagrad
        self._relations, self._reduce = relations, reduce
        count = len(tables.entity) if recipe.negatives == "all" else recipe.count
        stands_for = max(1.0, len(tables.entity) / count)
        self._shape = Shape(recipe.margin, recipe.temperature, stands_for)
        self._scratch = Scratch(precision(recipe.precision))
        pace = self._scorer.pace()
        self._pace = None if pace is None else pace.to(tables.relation)
        self._biased = type(self._scorer).bias is not Scorer.bias
        if recipe.links and type(self._scorer).link is Scorer.link:
            raise ConfigError(
                f"links={recipe.links}: {recipe.model} does not rank relations; set links=0"
            )

    def step(self, draw: Draw, mine: Draw, rate: float, generator: torch.Generator) -> float:
        """One update by the batch `draw`, of which this process computes `mine`; returns the mean
        loss of its answers.
        """
        every = self._recipe.links > 0
        rows = gather(self._tables, self._relations, draw, mine, every_relation=every)
        leaves = [
            leaf.detach().requires_grad_()
            for leaf in (rows.entity, rows.relation, self._tables.shared)
        ]
        value = rows.entity.new_zeros(())
        if len(mine.heads):
            loss = self._loss(rows, generator, *leaves) / len(draw.answers)
            loss.backward()
            value = loss.detach()
        slopes = [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves]
        if self._recipe.n3 and len(mine.heads):
            self._regularise(rows, len(draw.answers), slopes)
        for each in (*slopes, value):
            self._reduce(each)
        self._update(rows, slopes, rate)
        return float(value)

    def _loss(
        self,
        rows: GatheredRows,
        generator: torch.Generator,
        entity: Tensor,
        relation: Tensor,
        shared: Tensor,
    ) -> Tensor:
        recipe, scorer = self._recipe, self._scorer
        kinds = relation
        if rows.flipped.any():
            kinds = torch.where(rows.flipped[:, None], scorer.inverse(relation), relation)
        h = embedding(rows.head, entity)
        r = embedding(rows.kind, kinds) if recipe.dropout or not scorer.projects else None
        if recipe.dropout and r is not None:
            h, r = (_drop(x, recipe.dropout, generator) for x in (h, r))
        if rows.own:
            loss = self._against_own(rows, h, r, entity, kinds, shared)
        else:
            loss = self._against_shared(rows, h, r, entity, kinds, shared)
        if recipe.links:
            loss = loss + recipe.links * self._links(rows, entity, relation)
        return loss

    def _against_shared(
        self,
        rows: GatheredRows,
        h: Tensor,
        r: Tensor | None,
        entity: Tensor,
        kinds: Tensor,
        shared: Tensor,
    ) -> Tensor:
        """The loss of answers against candidates that all queries share."""
        scorer = self._scorer
        queries, apart, chosen = self._queries(rows, h, r, kinds, shared), None, entity
        if rows.candidates is not None:
            apart = self._answers(rows, queries, h, r, entity, kinds)
            chosen = embedding(rows.candidates, entity)
        return contrast.contrast(
            scorer,
            queries,
            scorer.keys(chosen),
            scorer.bias(kinds, chosen),
            rows.batch,
            self._recipe.loss,
            self._shape,
            self._scratch,
            apart,
        )

    def _queries(
        self, rows: GatheredRows, h: Tensor, r: Tensor | None, kinds: Tensor, shared: Tensor
    ) -> Linear:
        """Compute the queries (B, D): a row for each query or, where r is None, relation by
        relation, so that no matrix is copied for each query.
        """
        if r is not None:
            return self._scorer.query(h, r, shared)
        sizes = [end - start for start, end in pairwise(rows.batch.blocks)]
        asked = [
            self._scorer.query(heads, row, shared)
            for heads, row in zip(h.split(sizes), kinds.split(1), strict=True)
        ]
        added = [each.added for each in asked if each.added is not None]
        return Linear(
            torch.cat([each.vectors for each in asked]), torch.cat(added) if added else None
        )

    def _against_own(
        self,
        rows: GatheredRows,
        h: Tensor,
        r: Tensor | None,
        entity: Tensor,
        kinds: Tensor,
        shared: Tensor,
    ) -> Tensor:
        """The loss of answers against each query's own candidates, (B, K)."""
        scorer, candidates = self._scorer, rows.candidates
        if candidates is None:
            raise ValueError("a batch without candidates has none of its queries' own")
        both = None if r is None else scorer.sides(h, r, entity, shared)
        queries, keys = both or (self._queries(rows, h, r, kinds, shared), scorer.keys(entity))
        positive = self._answers(rows, queries, h, r, entity, kinds)
        if r is not None and scorer.pairwise:
            scores = scorer.score(h[:, None], r[:, None], embedding(candidates, entity), shared)
        else:
            raw = _sampled(queries, keys, candidates)
            if scorer.projects:
                flat = candidates.flatten()
                each = rows.kind.repeat_interleave(candidates.shape[1])
                raw = raw + self._bias(each, kinds, embedding(flat, entity)).view_as(raw)
            elif both is None and (bias := scorer.bias(kinds, entity)) is not None:
                raw = raw + bias[rows.kind[:, None], candidates]
            scores = scorer.finish(raw)
        hidden = torch.zeros_like(scores, dtype=torch.bool)
        hidden[rows.batch.hidden[0], rows.batch.hidden[1]] = True
        scores = scores.masked_fill(hidden, -torch.inf)
        return contrast.lose(positive, scores, rows.batch, self._recipe.loss, self._shape)

    def _answers(
        self,
        rows: GatheredRows,
        queries: Linear,
        h: Tensor,
        r: Tensor | None,
        entity: Tensor,
        kinds: Tensor,
    ) -> Tensor:
        """Scores (P,) of the answers, which are not among the candidates."""
        scorer, owner = self._scorer, rows.batch.owner
        tails = embedding(rows.answer, entity)
        if r is not None and (scorer.pairwise or (self._biased and not scorer.projects)):
            return scorer.score(h[owner], r[owner], tails)
        keys = scorer.keys(tails)
        raw = dot(queries.vectors[owner], keys.vectors)
        raw = raw if keys.added is None else raw + keys.added
        raw = raw if queries.added is None else raw + queries.added[owner]
        if self._biased:
            raw = raw + self._bias(rows.kind[owner], kinds, tails)
        return scorer.finish(raw)

    def _bias(self, kind: Tensor, kinds: Tensor, tails: Tensor) -> Tensor:
        """The bias (n,) of each of `tails` (n, E) by its own relation, a row of `kinds`; `kind`
        (n,) ascending.
        """
        present, sizes = torch.unique_consecutive(kind, return_counts=True)
        pieces = zip(present.tolist(), tails.split(sizes.tolist()), strict=True)
        found = [self._scorer.bias(kinds[row : row + 1], piece) for row, piece in pieces]
        return torch.cat([bias[0] for bias in found if bias is not None])

    def _links(self, rows: GatheredRows, entity: Tensor, relation: Tensor) -> Tensor:
        """Cross-entropy of the relation between head and answer against all relations, each triple
        as it was told (Chen et al., 2021, equation 3). `relation` holds the rows of all relations
        here, in order.
        """
        kind = rows.kind[rows.batch.owner]
        told = kind < self._relations
        heads = rows.head[rows.batch.owner[told]]
        asked = self._scorer.link(embedding(heads, entity), embedding(rows.answer[told], entity))
        keys = self._scorer.links(relation[: self._relations])
        scores = asked @ keys.vectors.T
        scores = scores if keys.added is None else scores + keys.added
        return cross_entropy(scores, kind[told], reduction="sum")

    def _regularise(self, rows: GatheredRows, answers: int, slopes: list[Tensor]) -> None:
        """Add the slope of the nuclear 3-norm, n3 times the mean over answers of sum |x|^3 of head,
        relation and tail.
        """
        weight = self._recipe.n3 / answers
        sizes = torch.bincount(rows.batch.owner, minlength=len(rows.head)).float()
        shrunk = self._scorer.shrunk
        for slope, table, at, times in (
            (slopes[0], rows.entity, rows.head, sizes),
            (slopes[1][:, shrunk], rows.relation[:, shrunk], rows.kind, sizes),
            (slopes[0], rows.entity, rows.answer, torch.ones(len(rows.answer))),
        ):
            cube = self._cube_slope(table[at])
            slope.index_add_(0, at, cube * (weight * times.to(cube.device))[:, None])

    def _cube_slope(self, x: Tensor) -> Tensor:
        """d/dx |x|^3 = 3 |x| x, by modulus where the numbers are complex."""
        if self._scorer.complex:
            re, im = x.chunk(2, -1)
            size = (re * re + im * im).sqrt()
            return 3 * torch.cat([size * re, size * im], -1)
        return 3 * x.abs() * x

    def _update(self, rows: GatheredRows, slopes: list[Tensor], rate: float) -> None:
        tables, adagrad = self._tables, self._adagrad
        adagrad.step("entity", tables.entity, rows.entities, slopes[0], rate)
        # A relation and its tied inverse are two rows of the batch, one of the table.
        kinds, where = torch.unique(rows.kinds, return_inverse=True)
        merged = slopes[1].new_zeros(len(kinds), slopes[1].shape[1]).index_add_(0, where, slopes[1])
        adagrad.step("relation", tables.relation, kinds, merged, rate, self._pace)
        if tables.shared.numel():
            adagrad.step("shared", tables.shared, None, slopes[2], rate)


def _drop(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Dropout (Srivastava et al., 2014) that draws from a generator of its own."""
    kept = torch.rand(x.shape, generator=generator) >= share
    return x * kept.to(x.device) / (1 - share)
