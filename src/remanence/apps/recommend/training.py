"""From a graph to a recommender: hold some interactions out, choose the weights by them, then learn
from everything.

It composes the rooms beside it and knows the order of things alone.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from remanence.apps.recommend import embedding, factors, fusion
from remanence.apps.recommend.fusion import FusionWeights
from remanence.apps.recommend.graph import Ids, InteractionGraph
from remanence.apps.recommend.recommender import Recommender
from remanence.apps.recommend.walk import Floats, Walk
from remanence.errors import InvalidInput
from remanence.kge import Recipe

SMALL: Final = (
    100  # interactions below which nothing is held out, and the weights are those known to do well
)
HELD_OUT: Final = 0.1
USERS: Final = 600  # asked about what was held out, at most
ITEMS: Final = 2_000  # set against the answers, at most: a sample of them all stands for them
KNOWLEDGE: Final = (0.1, 0.3, 1.0, 3.0)  # what an edge of knowledge may weigh


def learn(
    graph: InteractionGraph, recipe: Recipe | None, seed: int, parts: Sequence[str]
) -> Recommender:
    """Raises `InvalidInput` where there are no interactions, `TrainingError`."""
    if not len(graph.pairs):
        raise InvalidInput(
            "there are no interactions to learn from; give at least one (user, item)"
        )
    chosen = recipe or embedding.preset(len(graph)).but(seed=seed)
    wanted = "embedding" in parts
    weights = FusionWeights.of(np.array(fusion.BEFORE) * np.isin(fusion.PARTS, parts))
    if len(graph.pairs) >= SMALL:
        weights = _weigh(graph, chosen, seed, parts)
    model = embedding.train(graph, chosen) if wanted else None
    table = factors.train(graph, seed) if "factors" in parts else None
    return Recommender(graph, model, weights, table)


def _weigh(
    graph: InteractionGraph, recipe: Recipe, seed: int, parts: Sequence[str]
) -> FusionWeights:
    """The weights that make held-out interactions likeliest."""
    random = np.random.default_rng(seed)
    held = hold_out(graph.pairs, random)
    left = graph.without(held)
    model = embedding.train(left, recipe) if "embedding" in parts else None
    users = np.unique(held[:, 0])
    users = np.sort(random.permutation(users)[:USERS])
    held = held[np.isin(held[:, 0], users)]
    columns = _columns(graph.place[held[:, 1]], len(graph.items), random)
    owner = np.searchsorted(users, held[:, 0])
    answer = np.searchsorted(columns, graph.place[held[:, 1]])
    items = left.items[columns]
    hidden = np.zeros((len(users), len(left)), np.bool_)
    for row, user in enumerate(users.tolist()):
        hidden[row, left.had(user)] = True
    believed = np.zeros((len(users), len(items)))
    if model:
        believed = embedding.liking(model, users, items)
    predicted = np.zeros((len(users), len(items)))
    if "factors" in parts:
        table = factors.train(left, seed)
        each = [factors.liking(table, left.had(user), items) for user in users.tolist()]
        predicted = np.stack(each)
    best, best_likelihood = FusionWeights(), -np.inf
    for edge in KNOWLEDGE if len(graph.knowledge) and "walk" in parts else KNOWLEDGE[:1]:
        walked = _walked(left, edge, users, columns)
        cases = fusion.features(walked, believed, predicted, left.counts[items])
        found, likelihood = fusion.fit(cases, owner, answer, hidden[:, items], parts)
        if likelihood > best_likelihood:
            best_likelihood = likelihood
            best = FusionWeights.of(found, edge, len(held))
    return best


def hold_out(pairs: Ids, random: np.random.Generator) -> Ids:
    """A share of the pairs (m, 2) of user and item, at random, none a user's last."""
    order = random.permutation(len(pairs))
    left = np.bincount(pairs[:, 0])
    held: list[int] = []
    for at in order.tolist():
        if len(held) >= HELD_OUT * len(pairs):
            break
        if left[pairs[at, 0]] > 1:
            left[pairs[at, 0]] -= 1
            held.append(at)
    return pairs[np.sort(np.array(held, np.int64))]


def _columns(answers: Ids, items: int, random: np.random.Generator) -> Ids:
    """Places of items that the answers are set against, themselves among them; ascending."""
    drawn = random.choice(items, min(ITEMS, items), replace=False)
    return np.union1d(answers, drawn)


def _walked(graph: InteractionGraph, knowledge: float, users: Ids, columns: Ids) -> Floats:
    """(users, columns) shares of the visits from each user."""
    walk = Walk(graph, knowledge)
    return np.stack([walk.visits(np.array([user]))[columns] for user in users.tolist()])
