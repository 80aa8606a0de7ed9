"""`Recommender`: a learnt graph of users and items, asked by name.

What to recommend to whom and why (`recommend`, `score`, `reasons`), who a user is (`profile`), and
who is new (`add_user`, `add_item`), without training again. It composes the rooms beside it; how
they were trained, it does not know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from remanence import checks
from remanence.apps.recommend import embedding, factors, fusion, serialization
from remanence.apps.recommend.fusion import FusionWeights
from remanence.apps.recommend.graph import Ids, InteractionGraph, extend
from remanence.apps.recommend.reasons import MOST, InteractionEdges, Reasons
from remanence.apps.recommend.walk import Floats, Walk
from remanence.errors import InvalidInput
from remanence.kge import KnowledgeEmbedding

TASTES: Final = 10  # facts that a profile names


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An item for a user.

    `score` is the log of how many times likelier it is than an item drawn blindly; `reasons` are
    paths in words.
    """

    item: str
    score: float
    reasons: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain dicts and lists, ready for `json.dumps`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Profile:
    """A user's history and dislikes, facts (relation, value), and the most frequent facts of their
    items (relation, value, share of the items).
    """

    user: str
    items: tuple[str, ...]
    dislikes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    tastes: tuple[tuple[str, str, float], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain dicts and lists, ready for `json.dumps`."""
        return asdict(self)


class Recommender:
    """Made by `recommend.train`, `recommend.from_memory` or `recommend.load`.

    `model` and `table` (nodes, width), the factors of items, are None where it was made without.
    """

    def __init__(
        self,
        graph: InteractionGraph,
        model: KnowledgeEmbedding | None,
        weights: FusionWeights,
        table: Floats | None = None,
    ) -> None:
        self._table = table
        self.weights = weights
        self._place(graph, model)

    # -- asking -------------------------------------------------------------------------------

    @property
    def users(self) -> tuple[str, ...]:
        """Everybody who has or dislikes something, or was added."""
        return tuple(self._graph.user_at)

    @cached_property
    def items(self) -> tuple[str, ...]:
        """All that may be recommended, in the order of `scores`."""
        return tuple(self._graph.names[at] for at in self._graph.items.tolist())

    def recommend(self, user: str, k: int = 10, *, reasons: bool = True) -> list[Recommendation]:
        """The at most `k` items that suit a user best, best first; none that they have or dislike.

        A user is known by a history, by facts, or both. Raises `InvalidInput` for one who is not
        known.
        """
        k = checks.count(k, "k")
        at = self._graph.user(user)
        scores = self._scores(at)
        scores[self._graph.place[self._settled(at)]] = -np.inf
        best = np.argsort(-scores, kind="stable")[:k]
        best = best[np.isfinite(scores[best])]
        why = Reasons(self._edges, self._walk, at) if reasons else None
        return [
            Recommendation(
                self.items[place],
                float(scores[place]),
                why.of(int(self._graph.items[place])) if why else (),
            )
            for place in best.tolist()
        ]

    def score(self, user: str, item: str) -> float:
        """How well an item suits a user, also one that they have: the log of how many times
        likelier it is than an item drawn blindly.

        Raises `InvalidInput` for names that are not known.
        """
        at, place = self._graph.user(user), self._graph.place[self._graph.item(item)]
        return float(self._scores(at)[place])

    def scores(self, user: str) -> Floats:
        """(items,) the scores of all `items` for a user."""
        return self._scores(self._graph.user(user))

    def reasons(self, user: str, item: str, most: int = MOST) -> tuple[str, ...]:
        """At most `most` paths from a user to an item in words, the likeliest first; none where
        nothing joins them.
        """
        most = checks.count(most, "most")
        at, node = self._graph.user(user), self._graph.item(item)
        return Reasons(self._edges, self._walk, at).of(node, most)

    def profile(self, user: str) -> Profile:
        """Return a user's facts, and what the items they have share."""
        graph, at = self._graph, self._graph.user(user)
        names, kinds = graph.names, graph.relations
        had = graph.had(at)
        mine = graph.knowledge[graph.knowledge[:, 0] == at]
        told = graph.knowledge[np.isin(graph.knowledge[:, 0], had)]
        shared, times = np.unique(told[:, 1:], axis=0, return_counts=True)
        most = np.argsort(-times, kind="stable")[:TASTES]
        return Profile(
            names[at],
            tuple(names[item] for item in had.tolist()),
            tuple(names[item] for item in graph.disliked(at).tolist()),
            tuple((kinds[kind], names[value]) for _, kind, value in mine.tolist()),
            tuple((kinds[shared[row, 0]], names[shared[row, 1]], float(times[row] / len(had))) for row in most.tolist()),
        )  # fmt: skip

    # -- newcomers ----------------------------------------------------------------------------

    def add_user(
        self,
        user: str,
        items: Iterable[str] = (),
        facts: Iterable[tuple[str, str]] = (),
        *,
        dislikes: Iterable[str] = (),
    ) -> None:
        """A new user, or more of one who is known, without training again: `items` that they have,
        `facts` as (relation, value).

        What is new to the graph has its place in the walk at once; the embedding fits the user's
        row to what it knows. Raises `InvalidInput` for items that are not known, and for a user of
        whom nothing is told.
        """
        had, against = _list(items, "items"), _list(dislikes, "dislikes")
        for item in [*had, *against]:
            self._graph.item(item)
        told = [(user, *_fact(fact)) for fact in facts]
        if not (had or against or told):
            raise InvalidInput(f"nothing is told of user {user!r:.80}; give items=, facts= or dislikes=")  # fmt: skip
        graph = extend(
            self._graph,
            [(user, item) for item in had],
            dislikes=[(user, item) for item in against],
            profiles=told,
        )
        self._place(graph, self._model, again=[graph.user_at[user]])

    def add_item(self, item: str, facts: Iterable[tuple[str, str]] = ()) -> None:
        """A new item, or more facts of one that is known, as (relation, value), without training
        again.

        Raises `InvalidInput` for a new item without facts: nothing would lead to it.
        """
        told = [(item, *_fact(fact)) for fact in facts]
        if not told:
            raise InvalidInput(
                f"nothing is told of item {item!r:.80}; give facts=, as (relation, value)"
            )
        listed = extend(self._graph, items=[item])  # first, so that the facts are of the item
        graph = extend(listed, knowledge=told)
        self._place(graph, self._model, again=[graph.thing_at[item]])

    # -- keeping ------------------------------------------------------------------------------

    def save(self, folder: Path | str) -> Path:
        """Write a folder: the graph and weights as JSON, the embedding as safetensors.

        Raises `CheckpointError`.
        """
        return serialization.save(Path(folder), self._graph, self._model, self.weights, self._table)

    # -- inside -------------------------------------------------------------------------------

    def _place(
        self, graph: InteractionGraph, model: KnowledgeEmbedding | None, again: Sequence[int] = ()
    ) -> None:
        """Take in a graph, and fit rows for what is new in it and for the nodes `again`."""
        self._graph = graph
        self._walk = Walk(graph, self.weights.knowledge)
        self._edges = InteractionEdges(graph)
        if model and (again or len(graph) > len(model.graph.entities)):
            model = embedding.widened(model, graph, again)
        self._model = model
        if self._table is not None and len(graph) > len(self._table):
            more = np.zeros((len(graph) - len(self._table), self._table.shape[1]))
            self._table = np.concatenate([self._table, more])
        vars(self).pop("items", None)

    def _settled(self, user: int) -> Ids:
        """Items that a user has or dislikes."""
        return np.concatenate([self._graph.had(user), self._graph.disliked(user)])

    def _scores(self, user: int) -> Floats:
        graph = self._graph
        walked = self._walk.visits(np.array([user]))
        if self._model is None:
            believed = np.zeros(len(graph.items))
        else:
            believed = embedding.liking(self._model, np.array([user]), graph.items)[0]
        predicted = np.zeros(len(graph.items))
        if self._table is not None:
            predicted = factors.liking(self._table, graph.had(user), graph.items)
        counts = graph.counts[graph.items]
        scores = self.weights.score(fusion.features(walked, believed, predicted, counts))
        against = graph.disliked(user)
        if len(against):
            scores = scores + self._spared(walked, against)
        return scores

    def _spared(self, walked: Floats, against: Ids) -> Floats:
        """(items,) log of the share of those who come by an item from what the user likes, among
        them and those who come from what they dislike.
        """
        floor = fusion.FLOOR / len(walked)
        disliked = self._walk.visits(against)
        return np.asarray(np.log((walked + floor) / (walked + disliked + 2 * floor)))


def _list(names: Iterable[str], what: str) -> list[str]:
    if isinstance(names, str):
        raise InvalidInput(f"{what}={names!r:.80} is one text; give a list of names")
    return list(names)


def _fact(fact: Sequence[str]) -> tuple[str, str]:
    if isinstance(fact, str) or len(fact) != 2:
        raise InvalidInput(f"fact {fact!r:.80} is not (relation, value)")
    return fact[0], fact[1]
