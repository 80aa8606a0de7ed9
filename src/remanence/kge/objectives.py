"""Losses over the scores of true answers and of candidates, each with its gradient in closed form.

A batch has B queries; `positive` (P,) are scores of their answers, `owner` (P,) which query each
belongs to, `negative` (B, N) the scores of each query's candidates, -inf where a candidate is known
to be an answer. `weight` (P,) is what each answer counts, None for 1. A loss is a sum over the P
answers. The gradient by `negative` is written over it, because that matrix is the largest thing
there is: nothing else of its size is ever made.

`tests/kge/test_objectives.py` holds every gradient to what autograd finds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

LOWEST = -1e30  # stands in for the largest of no scores
LEAST = 1e-30  # stands in for a sum of no exponentials


class Slope(NamedTuple):
    """The loss (), and its gradients by `positive` (P,) and `negative` (B, N); the latter is what
    was handed in, overwritten.
    """

    loss: Tensor
    positive: Tensor
    negative: Tensor


@dataclass(frozen=True)
class Shape:
    """Parameters of a loss: `margin` gamma, `temperature` alpha of self-adversarial weights, and
    how many entities each candidate stands for.
    """

    margin: float = 6.0
    temperature: float = 1.0
    stands_for: float = 1.0


Objective = Callable[[Tensor, Tensor, Tensor, Shape, Tensor | None], Slope]


def _partition(negative: Tensor, shape: Shape) -> tuple[Tensor, Tensor]:
    """exp(negative - largest), in place; returns its sum (B,) and the log of the sum of
    exponentials (B,), float32.

    A sample of the entities stands for all of them (Bengio and Senecal, 2008, for a uniform
    proposal): without that the loss is content as soon as an answer beats the few candidates that
    it happens to meet.
    """
    largest = negative.amax(1, keepdim=True).clamp_min(LOWEST)
    negative.sub_(largest).exp_()
    total = negative.sum(1, dtype=torch.float32)
    total = total.clamp_min(LEAST)
    return total, largest[:, 0].float() + total.log() + math.log(shape.stands_for)


def _counted(positive: Tensor, weight: Tensor | None) -> Tensor:
    return torch.ones_like(positive) if weight is None else weight


def _per_query(values: Tensor, owner: Tensor, queries: int) -> Tensor:
    """(P,) -> (B,), summed over the answers of each query."""
    return values.new_zeros(queries).index_add_(0, owner, values)


def softmax(
    positive: Tensor, negative: Tensor, owner: Tensor, shape: Shape, weight: Tensor | None = None
) -> Slope:
    """Cross-entropy of an answer against the candidates: log(e^s + Z) - s, Z = sum over n of
    e^(s_n).

    Over all entities with the other answers left out, it is what filtered ranking asks for; with
    sampled candidates it is sampled softmax. One pass over a query's candidates serves all its
    answers.
    """
    total, partition = _partition(negative, shape)
    gap, counts = partition[owner] - positive, _counted(positive, weight)
    share = torch.sigmoid(gap) * counts
    pull = _per_query(share, owner, len(negative)) / total
    loss = (softplus(gap) * counts).sum()
    return Slope(loss, -share, negative.mul_(pull[:, None].to(negative.dtype)))


def all_softmax(
    positive: Tensor, negative: Tensor, owner: Tensor, shape: Shape, weight: Tensor | None = None
) -> Slope:
    """Log Z - s, Z over every candidate, the answers among them: "1vsAll" (Lacroix et al., 2018,
    equation 5).
    """
    total, partition = _partition(negative, shape)
    counts = _counted(positive, weight)
    pull = _per_query(counts, owner, len(negative)) / total
    loss = ((partition[owner] - positive) * counts).sum()
    return Slope(loss, -counts, negative.mul_(pull[:, None].to(negative.dtype)))


def logistic(
    positive: Tensor, negative: Tensor, owner: Tensor, shape: Shape, weight: Tensor | None = None
) -> Slope:
    """softplus(-s) for each answer, and for each query the mean over its candidates of
    softplus(s_n): binary cross-entropy.

    Over all entities this is "KvsAll" (Dettmers et al., 2018, equation 2), whose N - 1 candidates
    count as much as an answer.
    """
    counts = _counted(positive, weight)
    share = torch.isfinite(negative).sum(1).clamp_min(1).to(negative.dtype).reciprocal()
    if weight is not None:  # a query counts what its answers do on average
        answers = _per_query(torch.ones_like(counts), owner, len(negative)).clamp_min(1)
        share = share * (_per_query(counts, owner, len(negative)) / answers).to(share.dtype)
    loss = (softplus(-positive) * counts).sum() + (softplus(negative) * share[:, None]).sum()
    return Slope(loss, -torch.sigmoid(-positive) * counts, negative.sigmoid_().mul_(share[:, None]))


def self_adversarial(
    positive: Tensor, negative: Tensor, owner: Tensor, shape: Shape, weight: Tensor | None = None
) -> Slope:
    """-log sig(gamma + s) - sum over n of p_n log sig(-gamma - s_n), p = softmax(alpha s_n) held
    constant (Sun et al., 2019, equations 5 and 6); the second part once for each answer.
    """
    counts = _counted(positive, weight)
    answers = _per_query(counts, owner, len(negative))[:, None]
    chance = torch.softmax(negative * shape.temperature, 1).nan_to_num_(0) * answers
    loss = -(logsigmoid(shape.margin + positive) * counts).sum()
    finite = negative.clamp_min(LOWEST)
    loss = loss - (chance * logsigmoid(-shape.margin - finite)).sum()
    slope = negative.add_(shape.margin).sigmoid_().mul_(chance)
    return Slope(loss, -torch.sigmoid(-shape.margin - positive) * counts, slope)


def margin(
    positive: Tensor, negative: Tensor, owner: Tensor, shape: Shape, weight: Tensor | None = None
) -> Slope:
    """The mean over candidates of max(0, gamma + s_n - s), for each answer (Bordes et al., 2013,
    equation 1).
    """
    count = torch.isfinite(negative).sum(1).clamp_min(1).to(negative.dtype)
    over = (shape.margin + negative[owner] - positive[:, None]).clamp_min(0)  # (P, N)
    scale = (_counted(positive, weight) / count[owner])[:, None]
    counted = (over > 0) * scale
    slope = negative.zero_().index_add_(0, owner, counted.to(negative.dtype))
    return Slope((over * scale).sum(), -counted.sum(1).to(positive.dtype), slope)


OBJECTIVES: Final[dict[str, Objective]] = {
    "softmax": softmax,
    "all-softmax": all_softmax,
    "logistic": logistic,
    "self-adversarial": self_adversarial,
    "margin": margin,
}
