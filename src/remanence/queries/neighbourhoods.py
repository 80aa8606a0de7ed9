"""The neighbourhood of an entity: breadth first over facts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from remanence import checks, instants
from remanence.encoding.linking.graph import Graph
from remanence.queries.source import MemorySource
from remanence.semantic import FactQuery, load_known_at, select
from remanence.storage.store import UNKNOWN
from remanence.types import Fact, When

EXPANDED = 500  # entities whose facts are looked up, at most


@dataclass(frozen=True, slots=True)
class Node:
    """An entity of a neighbourhood."""

    name: str
    """Its preferred name."""
    kind: str
    """Its kind, such as "person"; empty where it is unknown."""
    distance: int
    """The number of facts between it and the centre."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The entities around one entity, and the facts that join them."""

    nodes: tuple[Node, ...]
    """The entities, nearest first."""
    facts: tuple[Fact, ...]
    """The facts, in the order in which they were reached."""
    more: bool
    """Whether a bound left something out."""


def neighbourhood(
    memory: MemorySource,
    namespace: str,
    subject: str,
    *,
    depth: int,
    most: int,
    width: int | None = None,
    as_of: When | None = None,
    known_at: When | None = None,
    history: bool = False,
) -> Neighbourhood | None:
    """Return at most `most` facts up to `depth` steps from `subject`; None for an unknown name.

    With `width`, at most so many new entities of each step are followed. `as_of` and `known_at`
    are those of `Memory.facts`; with `history`, facts that no longer hold are followed as well.
    """
    checks.label(subject, "subject")
    depth, most = checks.count(depth, "depth"), checks.count(most, "most")
    query = FactQuery(
        as_of=instants.optional(as_of, "as_of"),
        known_at=instants.optional(known_at, "known_at"),
        history=history,
    )
    if query.known_at is None:
        with memory.semantic.opened(checks.label(namespace, "namespace")) as (graph, _):
            return _around(graph, namespace, subject, query, (depth, most, width))
    with memory.namespace(namespace).reading() as (rows, number):
        if number == UNKNOWN:
            return None
        then = load_known_at(rows, number, query.known_at, memory.semantic.relations)
    return _around(then, namespace, subject, query, (depth, most, width))


def _around(
    graph: Graph,
    namespace: str,
    subject: str,
    query: FactQuery,
    bounds: tuple[int, int, int | None],
) -> Neighbourhood | None:
    if not graph.entity(subject).names:
        return None
    walk = _FactWalk(graph, namespace, query)
    depth, most, width = bounds
    more = walk.run(graph.entities.name(graph.entities.find(subject)), depth, most, width)
    entities = graph.entities
    nodes = tuple(
        Node(name, entities.kind(entities.find(name)), at) for name, at in walk.distances.items()
    )
    return Neighbourhood(nodes, tuple(walk.found.values()), more)


class _FactWalk:
    """A walk over the facts of a graph, breadth first."""

    def __init__(self, graph: Graph, namespace: str, query: FactQuery) -> None:
        self._graph, self._namespace, self._query = graph, namespace, query
        self._expanded = 0
        self.distances: dict[str, int] = {}
        self.found: dict[str, Fact] = {}

    def run(self, start: str, depth: int, most: int, width: int | None) -> bool:
        """Walk up to `depth` steps; return whether a bound ended the walk early."""
        self.distances[start] = 0
        ring = [start]
        for step in range(1, depth + 1):
            reached: list[str] = []
            for fact in self._touching(ring):
                if fact is None or (len(self.found) >= most and fact.id not in self.found):
                    return True
                self.found[fact.id] = fact
                new = [name for name in (fact.subject, fact.object) if name]
                self._reach(new, step, reached, width)
            ring = reached
        return False

    def _reach(self, names: list[str], step: int, reached: list[str], width: int | None) -> None:
        """Add the names that are new to the ring of a step, while it has room."""
        for name in names:
            if name not in self.distances and (width is None or len(reached) < width):
                self.distances[name] = step
                reached.append(name)

    def _touching(self, ring: list[str]) -> Iterator[Fact | None]:
        """Yield the facts at either end of the names; None once too many were looked up."""
        for name in ring:
            self._expanded += 1
            if self._expanded > EXPANDED:
                yield None
            for end in (replace(self._query, subject=name), replace(self._query, object=name)):
                yield from select(self._graph, self._namespace, end)
