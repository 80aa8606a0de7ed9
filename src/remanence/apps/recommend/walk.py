"""Random walks over the graph: how often a walker from a user comes by each item, along
interactions and along knowledge.

A walker at a node goes on along an edge drawn by weight, and stays alive with probability `ALIVE` a
step. The visits expected in the first `STEPS` steps are the truncated sum of personalised PageRank
(Page et al., 1999); three steps alone are the P3 of Cooper et al. (2014). Edges are walked both
ways.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.apps.recommend.graph import Ids, InteractionGraph

Floats = NDArray[np.float64]
# items are reached in odd numbers of steps from a user; more change nothing that was measured
STEPS: Final = 7
ALIVE: Final = 0.85


class Walk:
    """Walks over `graph`, in which an edge of knowledge weighs `knowledge` times an interaction."""

    def __init__(self, graph: InteractionGraph, knowledge: float) -> None:
        self._items, self._nodes = graph.items, len(graph)
        pairs, told = graph.pairs, graph.knowledge[:, [0, 2]]
        both = np.concatenate([pairs, told, pairs[:, ::-1], told[:, ::-1]])  # (e, 2)
        weight = np.concatenate([np.ones(len(pairs)), np.full(len(told), knowledge)] * 2)
        both, weight = both[weight > 0], weight[weight > 0]
        order = np.lexsort((both[:, 0], both[:, 1]))
        self._source, self._target = both[order, 0], both[order, 1]
        leaving = np.bincount(self._source, weight[order], self._nodes)
        self._chance = weight[order] / leaving[self._source]

    def step(self, at: Floats) -> Floats:
        """(nodes,) -> (nodes,): where walkers that are distributed like that are a step later."""
        moved = self._chance * at[self._source]
        return np.bincount(self._target, moved, self._nodes).astype(np.float64)

    def visits(self, start: Ids) -> Floats:
        """(items,) share of the visits to items that each one takes, of walkers from the nodes
        `start`; zeros where none comes to any.
        """
        at = np.bincount(start, minlength=self._nodes) / max(1, len(start))
        seen = np.zeros(self._nodes)
        for _ in range(STEPS):
            at = ALIVE * self.step(at)
            seen += at
        found = seen[self._items]
        total = found.sum()
        return found / total if total else found

    def chance(self, source: int, target: int) -> float:
        """Probability of the step from one node to another."""
        first, last = np.searchsorted(self._target, [target, target + 1])
        among = slice(first, last)
        return float(self._chance[among][self._source[among] == source].sum())
