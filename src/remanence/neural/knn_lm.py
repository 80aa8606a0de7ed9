"""kNN-LM: a language model's next-token distribution mixed with that of the contexts nearest to
this one in a datastore. No training.

It is the baseline that memories inside a model are measured against (arXiv 1911.00172): p = l p_kNN
+ (1 - l) p_LM (equation 3), where p_kNN of a token is the share of exp(-d / temperature) that
neighbours with this token as their next have (equation 2; d is the squared distance of context
vectors). Axes: N contexts stored, Q asked, D numbers of a context, W tokens of the vocabulary, k
neighbours.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from remanence.errors import InvalidInput

BLOCK: Final = 256  # queries of one product: 100 MB of scores against 100,000 contexts
SHARES: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
TEMPERATURES: Final = (0.03, 0.1, 0.3, 1.0, 3.0)  # of distances in units of their mean


@dataclass(frozen=True)
class Mixture:
    """share: the weight of the neighbours, l.

    temperature: in units of the datastore's mean distance.
    """

    share: float
    temperature: float


@dataclass(frozen=True)
class Neighbours:
    """Squared distances (Q, k), nearest first, in units of the mean distance, and the neighbours'
    next tokens (Q, k).
    """

    distances: Tensor
    tokens: Tensor


class Datastore:
    """Context vectors (N, D) and the token that followed each (N), scanned exactly, a block of
    queries at a time. Raises `InvalidInput`.
    """

    def __init__(self, contexts: Tensor, tokens: Tensor) -> None:
        if contexts.dim() != 2 or tokens.shape != contexts.shape[:1] or not len(tokens):
            raise InvalidInput(
                f"contexts {tuple(contexts.shape)} and tokens {tuple(tokens.shape)} are not (N, D) "
                "and (N,), N from 1 on"
            )
        if not contexts.isfinite().all():
            raise InvalidInput("a context is not finite; look at the model that made it")
        self.contexts, self.tokens = contexts.float(), tokens
        self._square = self.contexts.square().sum(1)
        mean = self.contexts.mean(0)
        # The mean squared distance of two contexts is twice their variance.
        self._unit = float(2 * (self._square.mean() - mean.square().sum()).clamp(min=1e-12))

    def __len__(self) -> int:
        return len(self.tokens)

    def nearest(self, contexts: Tensor, k: int) -> Neighbours:
        """The `k` nearest of each of `contexts` (Q, D); fewer where fewer are stored."""
        if contexts.dim() != 2 or contexts.shape[1] != self.contexts.shape[1] or k < 1:
            raise InvalidInput(
                f"contexts {tuple(contexts.shape)} and k={k}: give (Q, {self.contexts.shape[1]}) "
                "and a number from 1 on"
            )
        distances, tokens = [], []
        for block in contexts.float().split(BLOCK):
            score = torch.addmm(-self._square / 2, block, self.contexts.T)  # (q, N): |c|^2/2 - d/2
            best, place = score.topk(min(k, len(self)), 1)
            distances.append((block.square().sum(1, keepdim=True) - 2 * best).clamp(min=0))
            tokens.append(self.tokens[place])
        return Neighbours(torch.cat(distances) / self._unit, torch.cat(tokens))


def chances(found: Neighbours, targets: Tensor, temperature: float) -> Tensor:
    """p_kNN of the token `targets` (Q) at each query: (Q)."""
    weights = torch.softmax(-found.distances / temperature, 1)
    return (weights * (found.tokens == targets[:, None])).sum(1)


def distribution(found: Neighbours, vocabulary: int, temperature: float) -> Tensor:
    """p_kNN of every token: (Q, W)."""
    weights = torch.softmax(-found.distances / temperature, 1)
    return weights.new_zeros(len(weights), vocabulary).scatter_add(1, found.tokens, weights)


def mixed(logits: Tensor, found: Neighbours, mixture: Mixture) -> Tensor:
    """The distribution (Q, W) of a model's `logits` (Q, W) and its neighbours together."""
    near = distribution(found, logits.shape[1], mixture.temperature)
    return mixture.share * near + (1 - mixture.share) * torch.softmax(logits.float(), 1)


def loss(model: Tensor, found: Neighbours, targets: Tensor, mixture: Mixture) -> float:
    """Mean nats a token, from the model's log-probability of each target (Q)."""
    near = chances(found, targets, mixture.temperature)
    both = mixture.share * near + (1 - mixture.share) * model.exp()
    return float(-both.clamp(min=1e-12).log().mean())


def tune(model: Tensor, found: Neighbours, targets: Tensor) -> Mixture:
    """The share and temperature of a grid with the lowest loss on held-out text: never on the text
    that is reported.
    """
    grid = [Mixture(share, warm) for share in SHARES for warm in TEMPERATURES]
    return min(grid, key=lambda each: loss(model, found, targets, each))
