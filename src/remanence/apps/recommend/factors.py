"""Interactions as a product of factors: implicit feedback by weighted alternating least squares (Hu
et al., 2008).

    sum over users u and items i of c (p - x_u . y_i)^2 + RIDGE (|x_u|^2 + |y_i|^2);  p = 1 and c = 1 + TRUST where u has i, else p = 0, c = 1

Only the items' factors are kept: a user's follow from what they have by one linear system, so
newcomers cost no training.
"""

from typing import Final

import numpy as np

from remanence.apps.recommend.graph import Ids, InteractionGraph
from remanence.apps.recommend.walk import Floats

WIDTH: Final = 64
RIDGE: Final = 60.0
TRUST: Final = 20.0
ROUNDS: Final = 15
INITIAL: Final = 0.01


def train(graph: InteractionGraph, seed: int) -> Floats:
    """(nodes, WIDTH) factors of items; zeros for what is no item, and for items that nobody has."""
    pairs = graph.pairs
    random = np.random.default_rng(seed)
    factors = np.zeros((len(graph), WIDTH))
    items = np.unique(pairs[:, 1])
    factors[items] = random.normal(0, INITIAL, (len(items), WIDTH))
    turned = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))][:, ::-1]
    for _ in range(ROUNDS):
        users = _half(pairs, factors)
        factors = _half(turned, users)
    return factors


def liking(factors: Floats, had: Ids, items: Ids) -> Floats:
    """(items,) predicted interactions, about 0 to 1, of a user who has the items `had`."""
    chosen = factors[items]
    return np.asarray(chosen @ _solve(factors, factors.T @ factors, had))


def _half(pairs: Ids, factors: Floats) -> Floats:
    """Pairs (m, 2), ascending, of a row and what it has, factors (nodes, f) of what is had ->
    (nodes, f) of the rows.
    """
    found = np.zeros_like(factors)
    gram = factors.T @ factors  # (f, f)
    rows, starts = np.unique(pairs[:, 0], return_index=True)
    for row, had in zip(rows.tolist(), np.split(pairs[:, 1], starts[1:]), strict=True):
        found[row] = _solve(factors, gram, had)
    return found


def _solve(factors: Floats, gram: Floats, had: Ids) -> Floats:
    """(f,) the least squares of one row (equation 4)."""
    mine = factors[had]  # (h, f)
    bend = gram + TRUST * mine.T @ mine + RIDGE * np.eye(len(gram))
    return np.asarray(np.linalg.solve(bend, (1 + TRUST) * mine.sum(0)))
