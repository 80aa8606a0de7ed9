"""One epoch in order: which queries come together, and what they are set against.

Everything is drawn from (seed, epoch) alone.

So a run that is resumed at an epoch does what it would have done, and every process of a parallel
run can draw the whole batch and take its part.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remanence.kge.recipe import Recipe
from remanence.kge.triples import Answers, Ids, both_ways, group

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Draw:
    """B queries, ordered by relation, and their P answers.

    heads, relations: (B,). owner: (P,) the query of each answer, ascending. answers: (P,).
    candidates: (N,) shared by all, (B, K) of each query's own, or None for all entities. hidden:
    (2, M) query and entity of all known answers of the queries, which are no negatives; queries
    ascending. weights: (P,) what each answer counts, on average 1; None for 1 each.
    """

    heads: Ids
    relations: Ids
    owner: Ids
    answers: Ids
    candidates: Ids | None
    hidden: Ids
    weights: Floats | None = None

    def part(self, rank: int, world: int) -> "Draw":
        """The share of one process: its queries with their answers; candidates that all share are
        shared still.
        """
        low, high = (len(self.heads) * at // world for at in (rank, rank + 1))
        first, last = np.searchsorted(self.owner, [low, high])
        candidates = self.candidates
        if candidates is not None and candidates.ndim == 2:
            candidates = candidates[low:high]
        return Draw(
            self.heads[low:high],
            self.relations[low:high],
            self.owner[first:last] - low,
            self.answers[first:last],
            candidates,
            _shifted(self.hidden, low, high),
            None if self.weights is None else self.weights[first:last],
        )


def _shifted(hidden: Ids, low: int, high: int) -> Ids:
    """The pairs of queries `low` to `high`, counted from `low`."""
    first, last = np.searchsorted(hidden[0], [low, high])
    return np.stack([hidden[0, first:last] - low, hidden[1, first:last]])


class Epochs:
    """The batches of any epoch over the training triples `ids` (n, 3)."""

    def __init__(self, ids: Ids, entities: int, relations: int, recipe: Recipe) -> None:
        self._recipe = recipe
        self._entities, self._relations = entities, relations
        self._ids = ids
        self._own = recipe.negatives == "own"
        self.answers: Answers = group(both_ways(ids, relations))
        self._units = _cut(self.answers, recipe.together)
        size = len(ids) if self._own else len(self._units.query)
        self.steps = -(-size // recipe.batch)
        if self._own:
            self._turned = _turning(ids, relations, recipe.corruption)
        self._weights = None
        if recipe.subsampling:
            told = ids if self._own else _flat(self.answers)
            self._weights = subsampled(told, self.answers, relations, recipe.subsampling)

    def of(self, epoch: int) -> Iterator[Draw]:
        """The batches of an epoch, in order."""
        recipe = self._recipe
        random = np.random.default_rng([recipe.seed, epoch])
        if self._own:
            yield from self._own_negatives(random)
            return
        order, turn = self._order(random), self._turn(random)
        known, units = self.answers, self._units
        for start in range(0, len(order), recipe.batch):
            chosen = np.sort(order[start : start + recipe.batch])  # ordered by relation
            query = units.query[chosen]
            owner, at = _ranges(units.starts[chosen], units.starts[chosen + 1])
            asked, of = _ranges(known.starts[query], known.starts[query + 1])
            candidates = None
            if recipe.negatives == "shared":
                most = min(recipe.count, self._entities)
                candidates = random.choice(self._entities, most, replace=False, shuffle=False)
            hidden, at = np.stack([asked, known.tails[of]]), turn[at]
            weights = None if self._weights is None else self._weights[at]
            yield Draw(
                known.heads[query],
                known.relations[query],
                owner,
                known.tails[at],
                candidates,
                hidden,
                weights,
            )

    def _turn(self, random: np.random.Generator) -> Ids:
        """Places of the answers, those of each query in another order where they do not all come
        together.
        """
        known = self.answers
        if not self._recipe.together:
            return np.arange(len(known.tails))
        owner = np.repeat(np.arange(len(known)), np.diff(known.starts))
        return np.lexsort((random.random(len(owner)), owner))

    def _order(self, random: np.random.Generator) -> Ids:
        """A random order of the units, in which `blocks` of one relation stay together."""
        size, units = self._recipe.blocks, self._units
        count = len(units.query)
        if not size:
            return random.permutation(count)
        kinds = self.answers.relations[units.query]
        within = np.lexsort((random.random(count), kinds))
        kinds = kinds[within]
        place = np.arange(count) - np.searchsorted(kinds, kinds)  # within the relation
        cuts = np.flatnonzero(place % size == 0)
        pieces = np.split(within, cuts[1:])
        return np.concatenate([pieces[at] for at in random.permutation(len(pieces))])

    def _own_negatives(self, random: np.random.Generator) -> Iterator[Draw]:
        """Each triple asked one way round, by its corruption, against candidates of its own."""
        recipe, ids = self._recipe, self._ids
        turned = random.random(len(ids)) < self._turned[ids[:, 1]]
        kinds = ids[:, 1] + turned * self._relations
        heads = np.where(turned, ids[:, 2], ids[:, 0])
        tails = np.where(turned, ids[:, 0], ids[:, 2])
        order = random.permutation(len(ids))
        if recipe.blocks:
            within = order[np.argsort(kinds[order], kind="stable")]
            pieces = np.array_split(within, -(-len(within) // recipe.blocks))
            order = np.concatenate([pieces[at] for at in random.permutation(len(pieces))])
        for start in range(0, len(order), recipe.batch):
            chosen = order[start : start + recipe.batch]
            chosen = chosen[np.argsort(kinds[chosen], kind="stable")]
            candidates = random.integers(0, self._entities, (len(chosen), recipe.count))
            owner = np.arange(len(chosen))
            hidden = np.stack([owner, tails[chosen]])
            weights = None if self._weights is None else self._weights[chosen]
            yield Draw(
                heads[chosen], kinds[chosen], owner, tails[chosen], candidates, hidden, weights
            )


@dataclass(frozen=True)
class _Units:
    """Units that a batch is made of: the `query` of unit u, and its answers from starts[u] to
    starts[u + 1].
    """

    query: Ids
    starts: Ids


def _cut(answers: Answers, most: int) -> _Units:
    """Each query with all its answers, or in pieces of at most `most` (0: whole).

    A query with thousands of answers, in one batch, would move its rows once, and so far that
    Adagrad never lets them move again.
    """
    sizes = np.diff(answers.starts)
    if not most:
        return _Units(np.arange(len(answers)), answers.starts)
    pieces = -(-sizes // most)
    query, place = _ranges(np.zeros_like(pieces), pieces)
    starts = answers.starts[query] + place * most
    return _Units(query, np.append(starts, answers.starts[-1]))


def _ranges(starts: Ids, stops: Ids) -> tuple[Ids, Ids]:
    """For spans (s,), all numbers in them: (n,) which span, (n,) the number."""
    sizes = stops - starts
    which = np.repeat(np.arange(len(starts)), sizes)
    return which, np.arange(len(which)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)


def _flat(answers: Answers) -> Ids:
    """(n, 3): the triples that `group` took apart, in the order of its tails."""
    each = np.repeat(np.arange(len(answers)), np.diff(answers.starts))
    return np.stack([answers.heads[each], answers.relations[each], answers.tails], 1)


def subsampled(ids: Ids, answers: Answers, relations: int, power: float) -> Floats:
    """(n,) what each triple of `ids` (n, 3) counts: (tails of its head + heads of its tail, by its
    relation) ** -power, on average 1.

    What many triples say alike counts less, as words do that are said often (Mikolov et al., 2013,
    section 2.3; over triples, with power 1/2, the authors' code of Sun et al., 2019; studied by
    Kamigaito and Hayashi, 2022).
    """
    many = np.int64(2 * relations)
    keys = answers.heads.astype(np.int64) * many + answers.relations
    order = np.argsort(keys)
    sizes = np.diff(answers.starts)[order]
    turned = (ids[:, 1] + relations) % many
    seen = sum(
        sizes[np.searchsorted(keys, key, sorter=order)]
        for key in (
            ids[:, 0].astype(np.int64) * many + ids[:, 1],
            ids[:, 2].astype(np.int64) * many + turned,
        )
    )
    weights = np.power(np.asarray(seen, np.float64), -power)
    return np.asarray(weights / weights.mean(), np.float32)


def _turning(ids: Ids, relations: int, corruption: str) -> np.ndarray:
    """For each relation, how often its head is replaced: half the time, or tails per head over that
    plus heads per tail, which makes fewer false negatives (Wang et al., 2014, section 4.2).
    """
    share = np.full(relations, 0.5)
    if corruption == "uniform":
        return share
    for kind in np.unique(ids[:, 1]):
        mine = ids[ids[:, 1] == kind]
        tails = len(mine) / len(np.unique(mine[:, 0]))
        heads = len(mine) / len(np.unique(mine[:, 2]))
        share[kind] = tails / (tails + heads)
    return share
