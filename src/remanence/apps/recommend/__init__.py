"""Recommendation over one graph of users, items and what is known of both.

    recommender = recommend.train([("Wei", "Kind of Blue"), ...], [("Kind of Blue", "genre", "jazz"), ...])
    recommender.recommend("Wei", k=5)

`graph` numbers and checks, `walk`, `embedding` and `factors` say what lies near a user, `fusion`
weighs them, `training` chooses the weights by held-out interactions, `reasons` puts paths into
words, `recommender` answers. Needs torch: the extra `remanence[kge]`.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import remanence.kge  # noqa: F401  first, since it says what to install where torch is missing
from remanence.apps.recommend import facts, fusion, serialization, training
from remanence.apps.recommend.facts import REFUSES, WANTS
from remanence.apps.recommend.fusion import PARTS, FusionWeights
from remanence.apps.recommend.graph import InteractionGraph, Named, extend
from remanence.apps.recommend.recommender import Profile, Recommendation, Recommender
from remanence.kge import Recipe

if TYPE_CHECKING:
    from remanence.memory import Memory


def train(
    interactions: Named,
    knowledge: Named = (),
    *,
    items: Iterable[str] = (),
    dislikes: Named = (),
    seed: int = 0,
    recipe: Recipe | None = None,
    parts: Collection[str] = PARTS,
) -> Recommender:
    """Learn who likes what.

    `interactions` are (user, item), or (user, relation, item) where reasons should say how;
    `knowledge` is (subject, relation, object), of items, users and anything else; `dislikes` like
    `interactions`. An item is whatever somebody has or dislikes, what `items` lists, and what
    `knowledge` describes in relations whose subjects are items mostly. `recipe` says how the
    embedding is trained; `parts` leaves some of the score out. The same arguments make the same
    recommender.

    Raises `InvalidInput`, `TrainingError`.

    >>> from remanence.apps import recommend
    >>> likes = [("Wei", "Kind of Blue"), ("Ana", "Kind of Blue"), ("Ana", "Blue Train"), ("Tom", "Nevermind"), ("Tom", "In Utero")]
    >>> genres = [("Kind of Blue", "genre", "jazz"), ("Blue Train", "genre", "jazz"), ("Nevermind", "genre", "grunge")]
    >>> best = recommend.train(likes, genres).recommend("Wei", k=1)[0]
    >>> best.item
    'Blue Train'
    >>> for reason in best.reasons: print(reason)
    Wei likes Kind of Blue, and 1 other chose both Kind of Blue and Blue Train Wei likes Kind of
    Blue, Kind of Blue's genre is jazz and Blue Train's genre is jazz
    """
    graph = extend(InteractionGraph(), interactions, knowledge, dislikes=dislikes, items=items)
    return training.learn(graph, recipe, seed, fusion.check_parts(parts))


def from_memory(
    memory: "Memory",
    namespace: str,
    *,
    wants: Collection[str] = WANTS,
    refuses: Collection[str] = REFUSES,
    **options: Any,
) -> Recommender:
    """Learn from the facts that hold in a namespace: those of relations `wants` are interactions,
    of `refuses` dislikes, all others knowledge.

    `options` are those of `train`. What is remembered later, another call takes in.
    """
    interactions, dislikes, knowledge = facts.sorted_out(memory, namespace, wants, refuses)
    return train(interactions, knowledge, dislikes=dislikes, **options)


def load(folder: Path | str) -> Recommender:
    """A recommender that `Recommender.save` wrote. Raises `CheckpointError`."""
    return Recommender(*serialization.load(Path(folder)))


__all__ = [
    "FusionWeights",
    "Profile",
    "Recipe",
    "Recommendation",
    "Recommender",
    "from_memory",
    "load",
    "train",
]
