"""The nine operations of the reference MCP memory server, as plans over a snapshot of its graph:
what to answer, and what to change.

Pure. Whatever looks odd is the original's: names are told apart exactly, within one call the same
may be created twice, what is searched for is a piece of text, letters' case aside, and to delete
what is not there is no error.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remanence.errors import InvalidInput
from remanence.integrations import mcp_memory
from remanence.integrations.mcp_graph import Change, Plan, Told
from remanence.integrations.mcp_rows import Entity, Graph

Given = Mapping[str, Any]


class NoEntity(InvalidInput):
    """An observation about an entity that there is not."""


def create_entities(entities: Sequence[Given]) -> Plan[list[dict[str, Any]]]:
    """Those whose name the graph does not have."""

    def plan(graph: Graph) -> tuple[list[dict[str, Any]], Change]:
        known = {entity.name for entity in graph.entities}
        new = [given for given in entities if given["name"] not in known]
        twins: dict[str, int] = {}
        told: list[Told] = []
        for given in new:
            name, kind = given["name"], given["entityType"]
            twin = twins[name] = twins.get(name, -1) + 1
            told.append(_head(name, kind, twin))
            told += [_observed(name, kind, twin, said) for said in given["observations"]]
        return [_ordered(given, _ENTITY) for given in new], Change(add=tuple(told))

    return plan


def create_relations(relations: Sequence[Given]) -> Plan[list[dict[str, Any]]]:
    """Those that the graph does not have."""

    def plan(graph: Graph) -> tuple[list[dict[str, Any]], Change]:
        known = {(one.subject, one.kind, one.object) for one in graph.relations}
        new = [given for given in relations if _ends(given) not in known]
        told = [
            Told(("relation", *_ends(given)), *mcp_memory.related(*_ends(given))) for given in new
        ]
        return [_ordered(given, _RELATION) for given in new], Change(add=tuple(told))

    return plan


def add_observations(observations: Sequence[Given]) -> Plan[list[dict[str, Any]]]:
    """Return the observations that the first entity of each name does not have yet.

    Raises `NoEntity`; then nothing is added.
    """

    def plan(graph: Graph) -> tuple[list[dict[str, Any]], Change]:
        first = _first(graph)
        said: dict[str, list[str]] = {}
        told: list[Told] = []
        results = []
        for given in observations:
            name = given["entityName"]
            entity = first.get(name)
            if entity is None:
                raise NoEntity(f"Entity with name {name} not found")
            if name not in said:
                said[name] = [observation.text for observation in entity.observations]
            new = [content for content in given["contents"] if content not in said[name]]
            said[name] += new
            told += [_observed(name, entity.kind, entity.twin, content) for content in new]
            results.append({"entityName": name, "addedObservations": new})
        return results, Change(add=tuple(told))

    return plan


def delete_entities(names: Sequence[str]) -> Plan[None]:
    """Every entity of these names, and every relation of theirs."""
    gone = frozenset(names)

    def plan(graph: Graph) -> tuple[None, Change]:
        drop: set[int] = set()
        for entity in graph.entities:
            if entity.name in gone:
                drop |= entity.numbers
        for one in graph.relations:
            if one.subject in gone or one.object in gone:
                drop.update(one.numbers)
        return None, Change(drop=frozenset(drop))

    return plan


def delete_observations(deletions: Sequence[Given]) -> Plan[None]:
    """Of the first entity of each name; the entity stays."""

    def plan(graph: Graph) -> tuple[None, Change]:
        first = _first(graph)
        drop: set[int] = set()
        for given in deletions:
            entity = first.get(given["entityName"])
            if entity is not None:
                gone = frozenset(given["observations"])
                for observation in entity.observations:
                    if observation.text in gone:
                        drop.update(observation.numbers)
        heads = [
            _head(entity.name, entity.kind, entity.twin, entity.place)
            for entity in first.values()
            if entity.numbers <= drop and not entity.head
        ]
        return None, Change(tuple(heads), frozenset(drop))

    return plan


def delete_relations(relations: Sequence[Given]) -> Plan[None]:
    """Every relation that is the same in all three."""
    gone = {_ends(given) for given in relations}

    def plan(graph: Graph) -> tuple[None, Change]:
        drop = (
            number
            for one in graph.relations
            if (one.subject, one.kind, one.object) in gone
            for number in one.numbers
        )
        return None, Change(drop=frozenset(drop))

    return plan


def search_nodes(graph: Graph, query: str) -> dict[str, Any]:
    """Entities with `query` in their name, type or an observation, and every relation that touches
    one.
    """
    wanted = query.lower()

    def found(entity: Entity) -> bool:
        said = (observation.text for observation in entity.observations)
        return any(wanted in text.lower() for text in (entity.name, entity.kind, *said))

    return _with_relations(graph, filter(found, graph.entities))


def open_nodes(graph: Graph, names: Sequence[str]) -> dict[str, Any]:
    """Entities of these names, and every relation that touches one."""
    wanted = frozenset(names)
    return _with_relations(graph, (one for one in graph.entities if one.name in wanted))


def _with_relations(graph: Graph, entities: Iterable[Entity]) -> dict[str, Any]:
    chosen = list(entities)
    names = {entity.name for entity in chosen}
    touching = [one for one in graph.relations if one.subject in names or one.object in names]
    return Graph(tuple(chosen), tuple(touching)).json()


def _first(graph: Graph) -> dict[str, Entity]:
    """The first entity of each name."""
    found: dict[str, Entity] = {}
    for entity in graph.entities:
        found.setdefault(entity.name, entity)
    return found


_ENTITY = ("name", "entityType", "observations")
_RELATION = ("from", "to", "relationType")


def _ordered(given: Given, keys: Sequence[str]) -> dict[str, Any]:
    return {key: given[key] for key in keys}


def _ends(given: Given) -> tuple[str, str, str]:
    return given["from"], given["relationType"], given["to"]


def _head(name: str, kind: str, twin: int, place: int | None = None) -> Told:
    about = mcp_memory.entity(name, kind)
    about |= {"twin": twin} if twin else {}
    about |= {"place": place} if place is not None else {}
    return Told((name,), mcp_memory.headed(name, kind), about)


def _observed(name: str, kind: str, twin: int, observation: str) -> Told:
    text, about = mcp_memory.observed(name, kind, observation)
    return Told((name, observation), text, {**about, "twin": twin} if twin else about)
