"""Episodes with `metadata["mcp"]` as a knowledge graph:

entities and relations in the order in which they came. Pure; it knows no store.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from remanence.integrations import mcp_memory
from remanence.storage.feed import Version
from remanence.storage.replicas import NOTHING
from remanence.storage.store import UNKNOWN


@dataclass(frozen=True, slots=True)
class Row:
    """One thing said:

    the episodes that say it (several where its text is long), and what their metadata keep of it.
    """

    source: str
    numbers: tuple[int, ...]
    about: dict[str, Any]
    observation: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """An observation, and the episodes behind it."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity; `place` is the number of its first episode, `head` whether one says that it exists
    at all.
    """

    name: str
    kind: str
    twin: int
    place: int
    head: bool
    observations: tuple[Observation, ...]
    numbers: frozenset[int]

    def json(self) -> dict[str, Any]:
        told = [observation.text for observation in self.observations]
        return {"name": self.name, "entityType": self.kind, "observations": told}


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation, and the episodes that say so."""

    subject: str
    kind: str
    object: str
    numbers: tuple[int, ...]

    def json(self) -> dict[str, Any]:
        return {"from": self.subject, "to": self.object, "relationType": self.kind}


@dataclass(frozen=True, slots=True)
class Graph:
    """A snapshot;

    `namespace` and `version` say of which state, `sources` are the ids of its episodes.
    """

    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    sources: frozenset[str] = frozenset()
    namespace: int = UNKNOWN
    version: Version = NOTHING

    def json(self) -> dict[str, Any]:
        return {
            "entities": [entity.json() for entity in self.entities],
            "relations": [relation.json() for relation in self.relations],
        }


def parse_rows(found: Iterable[Sequence[Any]]) -> list[Row]:
    """Rows of (number, source, text, metadata), parts of a long text together;

    what is no row of the graph is left out.
    """
    made = []
    for source, parts in groupby(found, key=lambda row: row[1]):
        several = list(parts)
        about = json.loads(several[0][3]).get(mcp_memory.KEY)
        text = "".join(row[2] for row in several)
        if isinstance(about, dict) and _sound(about, text):
            numbers = tuple(int(row[0]) for row in several)
            made.append(Row(str(source), numbers, about, _observation(about, text)))
    return made


def _sound(about: dict[str, Any], text: str) -> bool:
    """Return whether somebody's metadata are those of a row;

    a long observation of which a part was forgotten is none.
    """
    if about.get("type") == "relation":
        return all(isinstance(about.get(key), str) for key in ("from", "to", "relationType"))
    whole = about.get("length") is None or about["length"] == len(text)
    named = all(isinstance(about.get(key), str) for key in ("name", "entityType"))
    return (
        about.get("type") == "entity"
        and named
        and whole
        and isinstance(about.get("observation", ""), str)
        and all(isinstance(about.get(key, 0), int) for key in ("from", "twin", "place"))
    )


def _observation(about: dict[str, Any], text: str) -> str | None:
    start = about.get("from")
    return text[start:] if isinstance(start, int) else about.get("observation")


@dataclass(slots=True)
class _Growing:
    kind: str
    place: int
    head: bool = False
    observations: list[Observation] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def fold(found: Iterable[Row], namespace: int = UNKNOWN, version: Version = NOTHING) -> Graph:
    """The graph that rows make."""
    growing: dict[tuple[str, int], _Growing] = {}
    relations = []
    sources = []
    for row in sorted(found, key=_place):
        sources.append(row.source)
        about = row.about
        if about["type"] == "relation":
            ends = (about["from"], about["relationType"], about["to"])
            relations.append(Relation(*ends, row.numbers))
            continue
        key = (about["name"], about.get("twin", 0))
        entity = growing.setdefault(key, _Growing(about["entityType"], _place(row)))
        entity.numbers += row.numbers
        if row.observation is None:
            entity.head = True
        else:
            entity.observations.append(Observation(row.observation, row.numbers))
    entities = tuple(
        Entity(
            name,
            one.kind,
            twin,
            one.place,
            one.head,
            tuple(one.observations),
            frozenset(one.numbers),
        )
        for (name, twin), one in growing.items()
    )
    return Graph(entities, tuple(relations), frozenset(sources), namespace, version)


def _place(row: Row) -> int:
    """Return the place of a row: its number, or that of the row it replaces."""
    place: int = row.about.get("place", row.numbers[0])
    return place
