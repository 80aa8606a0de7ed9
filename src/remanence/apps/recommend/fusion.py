"""Fusion of walk, embedding, factors and popularity into one score, by weights fitted to held-out
interactions.

    p(item | user) ~ exp(walk * log walk share + embedding * log embedding share + factors * log predicted + popularity * log count)

The weights make what was held out likeliest among all items: conditional logistic regression
(McFadden, 1974), concave, found by Newton's method. Since popularity is in all of the first three,
its own weight comes out negative as a rule.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from remanence.apps.recommend.graph import Ids
from remanence.apps.recommend.walk import Floats
from remanence.errors import InvalidInput

PARTS: Final = ("walk", "embedding", "factors", "popularity")
# The weights where nothing was held out, and what few cases are drawn to.
BEFORE: Final = (0.5, 0.3, 1.0, -0.3)
EDGE: Final = 0.3  # what an edge of knowledge weighs in the walk, where an interaction weighs 1
CERTAINTY: Final = 5.0  # of that, in cases
FLOOR: Final = 0.02  # of a walk, shared by all items: where no walker came by is not impossible
LEAST: Final = 0.02  # predicted by the factors, which say 0 of what they do not know
ADDED: Final = 0.3  # to a count, for the same reason
NEWTON: Final = 25
STILL: Final = 1e-6


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Of the parts; `knowledge`, of an edge of knowledge in the walk, where an interaction weighs
    1. `cases` held-out interactions chose them.
    """

    walk: float = BEFORE[0]
    embedding: float = BEFORE[1]
    factors: float = BEFORE[2]
    popularity: float = BEFORE[3]
    knowledge: float = EDGE
    cases: int = 0

    @classmethod
    def of(cls, weights: Floats, knowledge: float = EDGE, cases: int = 0) -> Self:
        """From an array (4,), in the order of `PARTS`."""
        walk, embedding, factors, popularity = weights.tolist()
        return cls(walk, embedding, factors, popularity, knowledge, cases)

    def score(self, features: Floats) -> Floats:
        """(..., items, 4) -> (..., items): log of how many times likelier than a blind draw each
        item is.
        """
        weights = np.array([self.walk, self.embedding, self.factors, self.popularity])
        raw: Floats = features @ weights
        return np.asarray(raw - _log_sum(raw)[..., None] + np.log(raw.shape[-1]))

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`."""
        return asdict(self)


def check_parts(parts: Collection[str]) -> tuple[str, ...]:
    """Raises `InvalidInput` for what is none of `PARTS`, or nothing."""
    if isinstance(parts, str) or not parts or set(parts) - set(PARTS):
        raise InvalidInput(f"parts={parts!r:.80} are not some of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in parts)


def features(walk: Floats, embedding: Floats, factors: Floats, counts: Ids) -> Floats:
    """Shares of a walk, logs of shares, predictions, each (..., items), counts (items,) -> (...,
    items, 4).
    """
    walked = np.log(walk + FLOOR / walk.shape[-1])
    popular = np.broadcast_to(np.log(counts + ADDED), walked.shape)
    return np.stack([walked, embedding, np.log(np.maximum(factors, 0) + LEAST), popular], -1)


def fit(
    cases: Floats, owner: Ids, answer: Ids, hidden: NDArray[np.bool_], parts: Sequence[str]
) -> tuple[Floats, float]:
    """Weights (4,) and the mean log likelihood.

    cases: (users, items, 4). owner, answer: (n,) a held-out interaction's user and item in them.
    hidden: (users, items), what a user has already and cannot be asked for. A part that would count
    against itself is left out; popularity may.
    """
    free = [at for at, part in enumerate(PARTS) if part in parts]
    while True:
        weights, likelihood = _newton(
            cases[..., free], owner, answer, hidden, np.array(BEFORE)[free]
        )
        against = [at for at, value in zip(free, weights, strict=True) if value < 0 and PARTS[at] != "popularity"]  # fmt: skip
        if not against or len(free) == len(against):
            break
        free = [at for at in free if at not in against]
    found = np.zeros(len(PARTS))
    found[free] = weights
    return found, likelihood


def _newton(
    cases: Floats, owner: Ids, answer: Ids, hidden: NDArray[np.bool_], before: Floats
) -> tuple[Floats, float]:
    """Maximise sum log p(answer) - CERTAINTY / 2 |w - before|^2: (users, items, f), ... -> (f,) and
    the mean of log p.
    """
    weights = before.copy()
    times = np.bincount(owner, minlength=len(cases)).astype(float)  # (users,)
    told = cases[owner, answer].sum(0)  # (f,)
    for _ in range(NEWTON):
        share = _shares(cases, weights, hidden)  # (users, items)
        mean = np.einsum("ui,uif->uf", share, cases)  # (users, f)
        slope = told - times @ mean - CERTAINTY * (weights - before)
        spread = np.einsum("ui,uif,uig->ufg", share, cases, cases, optimize=True)
        spread -= mean[:, :, None] * mean[:, None]
        bend = np.einsum("u,ufg->fg", times, spread) + CERTAINTY * np.eye(len(weights))
        move = np.linalg.solve(bend, slope)
        weights = weights + move
        if np.abs(move).max() < STILL:
            break
    share = _shares(cases, weights, hidden)
    return weights, float(np.log(share[owner, answer]).mean())


def _shares(cases: Floats, weights: Floats, hidden: NDArray[np.bool_]) -> Floats:
    raw = np.where(hidden, -np.inf, cases @ weights)
    return np.asarray(np.exp(raw - _log_sum(raw)[:, None]))


def _log_sum(raw: Floats) -> Floats:
    top = raw.max(-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log(np.exp(raw - top).sum(-1)))
