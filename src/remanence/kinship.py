"""Kinship: the kept model of each namespace as recall reads it, brought up to date with the store and with what holds there.

It stands between the verbs and the rooms below: `storage.models` has the bytes, `semantic` the graph whose names the model's rows are of,
`retrieval.kin` the arithmetic. Off unless a memory is opened with `kin=True`: `benchmarks/knowledge.py` finds no size of graph at which recall gains surely. Without torch.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from remanence.embed import tensors
from remanence.encoding.linking.graph import Graph
from remanence.retrieval.kin import Kin, Kindred, gathered
from remanence.semantic import Semantic, runs
from remanence.storage import facts, models
from remanence.storage.database import Connection

LEAST = 100  # entities known to the model and named by a fact, below which the arm says nothing


@dataclass(frozen=True, slots=True)
class _Known:
    """A model over one state of a graph; None where it is too small."""

    model: int
    seen: facts.Version
    kin: Kin | None
    numbers: Mapping[str, int]


class Kinship:
    """The models of the namespaces that were asked about."""

    def __init__(self, semantic: Semantic) -> None:
        self._semantic = semantic
        self._known: dict[int, _Known] = {}
        self._lock = threading.Lock()

    def of(self, connection: Connection, number: int, namespace: str, query: str) -> Kindred | None:
        """What the namespace's model says of episodes for `query`; None without a model, or where it knows nobody that is named."""
        model = models.newest(connection, number)
        if not model:
            self._known.pop(number, None)
            return None
        with self._lock, self._semantic.opened(namespace) as (graph, seen):
            known = self._known.get(number)
            if known is None or (known.model, known.seen) != (model, seen):
                known = self._known[number] = _read(connection, number, graph, seen)
            if known.kin is None:
                return None
            roots = dict.fromkeys(graph.entities.find(run) for run in runs(query))
            named = [known.numbers[root] for root in roots if root in known.numbers]
        return known.kin.of(named) if named else None

    def clear(self) -> None:
        """Drop them all."""
        with self._lock:
            self._known.clear()


def _read(connection: Connection, number: int, graph: Graph, seen: facts.Version) -> _Known:
    """The namespace's model over the graph as it stands."""
    kept = models.read(connection, number)
    if kept is None:
        return _Known(0, seen, None, {})
    arrays, _ = tensors.parse(np.frombuffer(kept.body, np.uint8))
    places = {row.tobytes(): at for at, row in enumerate(arrays["entities"])}
    pairs = list(graph.stated())
    rows: dict[str, int] = {}
    for root, _ in pairs:
        if root not in rows:
            keys = (models.digest(kept.salt, key) for key in sorted(graph.entities.members(root)))
            rows[root] = next((places[key] for key in keys if key in places), -1)
    known = [root for root, row in rows.items() if row >= 0]
    if len(known) < LEAST:
        return _Known(kept.id, seen, None, {})
    numbers = {root: at for at, root in enumerate(known)}
    taken = np.array([rows[root] for root in known], np.int64)
    # Entity of a row of the model; of two that have come from one, the later. The last place is for "none".
    entity = np.full(len(places) + 1, -1, np.int32)
    entity[taken] = np.arange(len(known))
    links = entity[arrays["links"][taken]]
    of, stated_in = np.array([(numbers[r], at) for r, at in pairs if r in numbers], np.int64).T
    starts, episodes = gathered(of, stated_in, len(known))
    directions = arrays["directions"][taken]
    kin = Kin(directions, links, arrays["chances"][taken], starts, episodes)
    return _Known(kept.id, seen, kin, numbers)
