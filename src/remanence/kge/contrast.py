"""Answers against candidates: from the two sides of a scorer's inner product to a loss, by a fast
path and its naive twin.

The fast path is one autograd function over a whole batch: one matrix product for the scores, the
objective in place, two products for the gradients; the matrix (B, N) is made once, in a buffer that
the next batch uses again. `naive` is the same in plain operations.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from remanence.kge.objectives import OBJECTIVES, Shape
from remanence.kge.scorers.scorer import TINY, Linear, Scorer


@dataclass(frozen=True)
class ContrastBatch:
    """B queries, ordered by relation. Numbers are rows of the tensors that they are used with.

    owner, column: (P,) for each answer its query, and its place among the candidates (None where
    answers are scored apart). hidden: (2, M) query and candidate of the pairs that are no
    negatives, because the candidate is an answer. blocks: (U + 1,) the queries of the u-th distinct
    relation are blocks[u] to blocks[u + 1]. weight: (P,) what each answer counts, None for 1.
    """

    owner: Tensor
    column: Tensor | None
    hidden: Tensor
    blocks: list[int]
    weight: Tensor | None = None


class Scratch:
    """The buffer of the scores, grown when it must be."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self._held = torch.empty(0, dtype=dtype)

    def matrix(self, rows: int, columns: int, device: torch.device) -> Tensor:
        """(rows, columns), of whatever was in it."""
        if self._held.numel() < rows * columns or self._held.device != device:
            self._held = torch.empty(rows * columns, dtype=self.dtype, device=device)
        return self._held[: rows * columns].view(rows, columns)


def rooted(raw: Tensor) -> tuple[Tensor, Tensor]:
    """Minus the root of minus `raw`, and its slope: 0 where the root is held at its least, for its
    own would have no end.
    """
    distance = torch.sqrt((-raw).clamp_min(TINY))
    return -distance, (0.5 / distance).masked_fill_(raw > -TINY, 0)


def _sides(
    query: Tensor, offset: Tensor | None, key: Tensor, level: Tensor | None, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """(B, D + 4), (N, D + 4): what is added to the product as four more columns of it, each number
    in two parts.

    So the sums are made in the product's own precision, which is float32 whatever the factors are;
    added to a bfloat16 result, they would be rounded once more.
    """

    def two(x: Tensor | None, rows: int) -> Tensor:
        if x is None:
            return key.new_zeros(rows, 2, dtype=dtype)
        high = x.to(dtype)
        return torch.stack([high, (x - high).to(dtype)], 1)

    ones = [key.new_ones(len(x), 2, dtype=dtype) for x in (query, key)]
    return (
        torch.cat([query.to(dtype), two(offset, len(query)), ones[0]], 1),
        torch.cat([key.to(dtype), ones[1], two(level, len(key))], 1),
    )


def _add_bias(scores: Tensor, bias: Tensor | None, spans: Sequence[tuple[int, int]]) -> None:
    """Add each relation's row of `bias` to the scores of its queries, in place."""
    if bias is not None:
        for row, (start, end) in zip(bias.to(scores.dtype), spans, strict=True):
            scores[start:end] += row


def _root_in_place(scores: Tensor) -> Tensor:
    """Replace scores by `rooted` ones; return the slope of that."""
    finished, slope = rooted(scores)
    scores.copy_(finished)
    return slope


class _Contrast(torch.autograd.Function):
    """The loss of a batch. Its gradients are made in the forward pass."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> Tensor:
        query, offset, key, level, bias, apart, batch, objective, shape, scratch, root = given
        low_query, low_key = _sides(query, offset, key, level, scratch.dtype)
        scores = scratch.matrix(len(query), len(key), query.device)
        torch.mm(low_query, low_key.T, out=scores)
        spans = list(zip(batch.blocks, batch.blocks[1:], strict=False))
        _add_bias(scores, bias, spans)
        steep = _root_in_place(scores) if root else None
        positive = scores[batch.owner, batch.column].float() if apart is None else apart
        if OBJECTIVES[objective] is not OBJECTIVES["all-softmax"]:
            scores[batch.hidden[0], batch.hidden[1]] = -torch.inf
        slope = OBJECTIVES[objective](positive, scores, batch.owner, shape, batch.weight)
        slopes = slope.negative
        if apart is None:
            slopes[batch.owner, batch.column] += slope.positive.to(slopes.dtype)
        if steep is not None:
            slopes *= steep
        by_query, by_key = (slopes @ low_key).float(), (slopes.T @ low_query).float()
        wide = query.shape[1]
        # The columns of ones on the other side have summed the slopes.
        by_offset = None if offset is None else by_query[:, wide]
        by_level = None if level is None else by_key[:, wide + 2]
        by_query, by_key = by_query[:, :wide], by_key[:, :wide]
        by_bias = None
        if bias is not None:
            by_bias = torch.stack([slopes[a:b].sum(0, dtype=torch.float32) for a, b in spans])
        by_answer = None if apart is None else slope.positive
        ctx.slopes = (by_query, by_offset, by_key, by_level, by_bias, by_answer)
        return slope.loss

    @staticmethod
    def backward(ctx: Any, *outer: Any) -> Any:
        scaled = (None if each is None else each.mul_(outer[0]) for each in ctx.slopes)
        return (*scaled, None, None, None, None, None)


def contrast(
    scorer: Scorer,
    queries: Linear,
    keys: Linear,
    bias: Tensor | None,
    batch: ContrastBatch,
    objective: str,
    shape: Shape,
    scratch: Scratch,
    apart: Tensor | None = None,
) -> Tensor:
    """The loss () of a batch, summed over its answers; queries (B), candidates (N), bias (U, N).

    `apart` (P,) are the answers' scores where the answers are not among the candidates.
    """
    if scorer.pairwise:
        return naive(scorer, queries, keys, bias, batch, objective, shape, apart)
    loss: Tensor = _Contrast.apply(  # type: ignore[no-untyped-call]
        queries.vectors,
        queries.added,
        keys.vectors,
        keys.added,
        bias,
        apart,
        batch,
        objective,
        shape,
        scratch,
        scorer.root,
    )
    return loss


class _Objective(torch.autograd.Function):
    """An objective whose scores are already there: (P,), (B, N) -> ()."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> Tensor:
        positive, negative, owner, objective, shape, weight = given
        slope = OBJECTIVES[objective](positive, negative.clone(), owner, shape, weight)
        ctx.slopes = (slope.positive, slope.negative)
        return slope.loss

    @staticmethod
    def backward(ctx: Any, *outer: Any) -> Any:
        positive, negative = ctx.slopes
        return outer[0] * positive, outer[0] * negative, None, None, None, None


def lose(
    positive: Tensor, negative: Tensor, batch: ContrastBatch, objective: str, shape: Shape
) -> Tensor:
    """The loss () of scores (P,) against scores (B, N)."""
    loss: Tensor = _Objective.apply(  # type: ignore[no-untyped-call]
        positive, negative, batch.owner, objective, shape, batch.weight
    )
    return loss


def naive(
    scorer: Scorer,
    queries: Linear,
    keys: Linear,
    bias: Tensor | None,
    batch: ContrastBatch,
    objective: str,
    shape: Shape,
    apart: Tensor | None = None,
) -> Tensor:
    """Compute `contrast` by operations that autograd follows one by one."""
    raw = scorer.between(queries, keys)
    if bias is not None:
        sizes = torch.tensor(batch.blocks[1:]) - torch.tensor(batch.blocks[:-1])
        raw = raw + bias.repeat_interleave(sizes.to(bias.device), 0)
    scores = scorer.finish(raw)
    positive = scores[batch.owner, batch.column] if apart is None else apart
    if OBJECTIVES[objective] is not OBJECTIVES["all-softmax"]:
        hidden = torch.zeros_like(scores, dtype=torch.bool)
        hidden[batch.hidden[0], batch.hidden[1]] = True
        scores = scores.masked_fill(hidden, -torch.inf)
    return lose(positive, scores, batch, objective, shape)


class _Sampled(torch.autograd.Function):
    """<query[b], key[candidate[b, k]]>: (B, D), (N, D), (B, K) -> (B, K).

    Its gradients are sums of rows, weighted by the slopes: of keys by query, and of queries by key.
    """

    @staticmethod
    def forward(ctx: Any, *given: Any) -> Tensor:
        query, key, candidates = given
        ctx.save_for_backward(query, key, candidates)
        # torch makes no sparse matrix with more places than a dense one has
        sparse = key.device.type == "cpu" and candidates.shape[1] <= len(key)
        return (_pairs if sparse else gathered)(query, key, candidates)

    @staticmethod
    def backward(ctx: Any, *outer: Any) -> Any:
        query, key, candidates = ctx.saved_tensors
        slopes = outer[0].contiguous()
        flat = candidates.flatten()
        counts = torch.bincount(flat, minlength=len(key))
        order = flat.int().argsort(stable=True)
        owner = order.div(candidates.shape[1], rounding_mode="floor")
        by_query = embedding_bag(candidates, key, mode="sum", per_sample_weights=slopes)
        by_key = embedding_bag(
            owner,
            query,
            counts.cumsum(0) - counts,
            mode="sum",
            per_sample_weights=slopes.flatten()[order],
        )
        return by_query, by_key, None


def _pairs(query: Tensor, key: Tensor, candidates: Tensor) -> Tensor:
    """(B, K) without gathering (B, K, D): a product of which only the chosen places of a sparse
    matrix are made.

    torch calls that form a beta, once; this is all that is used of it.
    """
    rows, each = candidates.shape
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        chosen = torch.sparse_csr_tensor(
            torch.arange(rows + 1) * each,
            candidates.flatten(),
            query.new_zeros(rows * each),
            (rows, len(key)),
            check_invariants=False,
        )
    found: Tensor = torch.sparse.sampled_addmm(chosen, query, key.T).values()
    return found.view(rows, each)


def gathered(query: Tensor, key: Tensor, candidates: Tensor) -> Tensor:
    """Compute `sampled` with each query's keys gathered first."""
    picked = key.index_select(0, candidates.flatten()).view(*candidates.shape, -1)  # (B, K, D)
    return torch.bmm(picked, query[:, :, None])[..., 0]


def sampled(query: Tensor, key: Tensor, candidates: Tensor) -> Tensor:
    """Scores (B, K) of each query's own candidates."""
    product: Tensor = _Sampled.apply(query, key, candidates)  # type: ignore[no-untyped-call]
    return product
