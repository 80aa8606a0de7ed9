"""Scores as probabilities: a logistic curve through what held-out facts confirmed (Platt, 1999; for
graphs, Tabacof and Costabello, 2020).

The evidence for (h, r, t) is how much of the model's belief the answer takes among all entities,
log softmax of the scores, the mean of both ways of asking. The curve is fitted on queries whose
answers were held out of training: every entity that is not a known answer is a case, confirmed or
not. So a probability says: of candidates that look like this one, so many were confirmed. It is a
lower bound of the truth where the graph is incomplete, for not everything true was held out.

Nothing here knows a model; numbers go in and come out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS = 100  # of Newton's method, at most
STILL = 1e-9
RIDGE = 1e-3  # keeps the curve finite where confirmed and unconfirmed cases do not overlap
LEAST = 10  # confirmed cases below which no curve is drawn


@dataclass(frozen=True, slots=True)
class Calibration:
    """p = 1 / (1 + exp(-(slope x + offset))), x the evidence; `base` is the share of confirmed
    cases among all that it was fitted on.
    """

    slope: float
    offset: float
    base: float
    cases: int

    def probability(self, evidence: Floats, prior: float | None = None) -> Floats:
        """(n,) -> (n,).

        With `prior`, as if that share of all cases were true, rather than `base` (Bayes' rule on
        the odds).
        """
        logit = self.slope * np.asarray(evidence, np.float64) + self.offset
        if prior is not None:
            logit = logit + np.log(prior / (1 - prior)) - np.log(self.base / (1 - self.base))
        return 1 / (1 + np.exp(-np.clip(logit, -700, 700)))


def fit(evidence: Floats, confirmed: NDArray[np.bool_], weight: Floats) -> Calibration | None:
    """The curve through cases (n,): each with its evidence, whether it was confirmed, and how many
    it stands for.

    None where fewer than 10 were confirmed, or none was not. Newton's method on the weighted
    log-likelihood, targets drawn in as Platt advises.
    """
    positive, negative = float(weight[confirmed].sum()), float(weight[~confirmed].sum())
    if confirmed.sum() < LEAST or negative <= 0:
        return None
    target = np.where(confirmed, (positive + 1) / (positive + 2), 1 / (negative + 2))
    base = positive / (positive + negative)
    centre, spread = (
        float(evidence.mean()),
        float(evidence.std()) or 1.0,
    )  # a model's scores have any scale
    x = np.stack([(evidence - centre) / spread, np.ones_like(evidence)], 1)  # (n, 2)
    w = np.array([0.0, np.log(base / (1 - base))])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -700, 700)))
        rise = x.T @ (weight * (p - target)) + RIDGE * w * [1, 0]
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(2)
        step = np.linalg.solve(curve, rise)
        before = _loss(w, x, target, weight)
        while np.abs(step).max() >= STILL and _loss(w - step, x, target, weight) > before:
            step = step / 2  # where cases are rare, a whole step may overshoot, and never come back
        w = w - step
        if np.abs(step).max() < STILL:
            break
    if w[0] < 0:  # evidence that says the contrary is none
        w = np.array([0.0, np.log(base / (1 - base))])
    slope, offset = float(w[0]) / spread, float(w[1] - w[0] * centre / spread)
    return Calibration(slope, offset, base, int(confirmed.sum()))


def _loss(w: Floats, x: Floats, target: Floats, weight: Floats) -> float:
    """Minus the weighted log-likelihood of cases x (n, 2), and the ridge."""
    logit = x @ w
    return float((weight * (np.logaddexp(0, logit) - target * logit)).sum() + RIDGE * w[0] ** 2 / 2)


def reliability(
    probability: Floats, confirmed: NDArray[np.bool_], weight: Floats, bins: int = 10
) -> list[tuple[float, float, float]]:
    """(mean probability, confirmed share, weight) of each of `bins` equal spans of probability that
    holds anything.
    """
    place = np.minimum((probability * bins).astype(int), bins - 1)
    rows = []
    for at in range(bins):
        mine = place == at
        held = float(weight[mine].sum())
        if held > 0:
            mean = float((probability[mine] * weight[mine]).sum()) / held
            rows.append((mean, float(weight[mine & confirmed].sum()) / held, held))
    return rows


def error(rows: list[tuple[float, float, float]]) -> float:
    """The expected calibration error of `reliability`'s rows: the mean gap of probability and
    share.
    """
    total = sum(held for _, _, held in rows)
    return sum(abs(mean - share) * held for mean, share, held in rows) / total if total else 0.0
