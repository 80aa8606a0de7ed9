"""The neighbourhood of an entity:

breadth first over facts. It knows a namespace's graph, and no protocol.
"""

from dataclasses import dataclass, replace

from remanence import checks, instants
from remanence.encoding.linking.graph import Graph
from remanence.memory import Memory
from remanence.semantic import FactQuery, load_known_at, select
from remanence.storage import episodes
from remanence.types import Fact, When

MOST_ASKED = 500  # entities whose facts are looked up


@dataclass(frozen=True, slots=True)
class Node:
    """An entity, and in how many steps it is reached."""

    name: str
    kind: str
    distance: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Entities, nearest first, and the facts between them; `more` where a bound left some out."""

    nodes: tuple[Node, ...]
    facts: tuple[Fact, ...]
    more: bool


def around(
    memory: Memory,
    namespace: str,
    subject: str,
    *,
    depth: int,
    most: int,
    as_of: When | None = None,
    known_at: When | None = None,
) -> Surroundings | None:
    """At most `most` facts that join `subject` to others in up to `depth` steps;

    None where nobody was ever called so.
    """
    checks.label(subject, "subject")
    asked = FactQuery(
        as_of=None if as_of is None else instants.parse(as_of, "as_of"),
        known_at=None if known_at is None else instants.parse(known_at, "known_at"),
    )
    if asked.known_at is None:
        with memory.semantic.opened(namespace) as (graph, _):
            return _walk(graph, namespace, subject, asked, depth, most)
    with memory.database.read() as connection:
        number = episodes.namespace_id(connection, namespace)
        if number is None:
            return None
        then = load_known_at(connection, number, asked.known_at, memory.semantic.relations)
    return _walk(then, namespace, subject, asked, depth, most)


def _walk(
    graph: Graph, namespace: str, subject: str, asked: FactQuery, depth: int, most: int
) -> Surroundings | None:
    if not graph.entity(subject).names:
        return None
    start = graph.entities.name(graph.entities.find(subject))
    distances, found = {start: 0}, dict[str, Fact]()
    ring, looked = [start], 0
    for step in range(1, depth + 1):
        reached: list[str] = []
        for name in ring:
            looked += 1
            if looked > MOST_ASKED:
                return _drawn(graph, distances, found, more=True)
            for fact in _of(graph, namespace, name, asked):
                if len(found) >= most and fact.id not in found:
                    return _drawn(graph, distances, found, more=True)
                found[fact.id] = fact
                for other in (fact.subject, fact.object):
                    if other and other not in distances:
                        distances[other] = step
                        reached.append(other)
        ring = reached
    return _drawn(graph, distances, found, more=False)


def _of(graph: Graph, namespace: str, name: str, asked: FactQuery) -> list[Fact]:
    """The facts that have it as their subject or object."""
    ends = (replace(asked, subject=name), replace(asked, object=name))
    return [fact for end in ends for fact in select(graph, namespace, end)]


def _drawn(
    graph: Graph, distances: dict[str, int], found: dict[str, Fact], *, more: bool
) -> Surroundings:
    entities = graph.entities
    nodes = tuple(
        Node(name, entities.kind(entities.find(name)), at) for name, at in distances.items()
    )
    return Surroundings(nodes, tuple(found.values()), more)
