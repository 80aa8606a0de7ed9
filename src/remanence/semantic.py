"""Semantic memory: the graph of each namespace, up to date with what any process has committed.

`storage.facts` gives the statements, `encoding.linking` folds them into facts. A graph is a copy of
them in memory (`storage.replicas`), made when it is first asked for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from remanence import instants
from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import lifecycle, notation
from remanence.encoding.linking.graph import Entity, Graph, Origin
from remanence.encoding.linking.marks import buried_name
from remanence.encoding.linking.mentions import Mentions
from remanence.encoding.relations import RELATIONS, Relation
from remanence.storage import episodes, facts
from remanence.storage.engine import Engine, Rows
from remanence.storage.feed import Changes, Version
from remanence.storage.forgetting import Selector
from remanence.storage.replicas import Replicas, fresh
from remanence.storage.store import UNKNOWN, find_namespace
from remanence.storage.values import Row
from remanence.text.words import STOP_WORDS
from remanence.types import Episode, Fact

HELD: Final = 3_000_000  # statements in memory, of all namespaces together; about 600 bytes each


@dataclass(frozen=True, slots=True)
class FactQuery:
    """Which facts."""

    subject: str | None = None
    """Any name of the subject."""
    relation: str | None = None
    """The relation's name."""
    object: str | None = None
    """Any name of the object."""
    as_of: int | None = None
    """The instant, in microseconds, at which they hold in the world; None: now."""
    known_at: int | None = None
    """The instant, in microseconds, up to which the memory had been told; None: now."""
    history: bool = False
    """Whether facts that no longer hold, or do not hold yet, are wanted too."""


@dataclass(slots=True)
class FactGraph:
    """A namespace's graph, and what may not be believed in it."""

    graph: Graph
    """The statements, folded into facts when they are read."""
    buried: dict[bytes, int] = field(default_factory=dict)
    """Digest of a buried name or fact -> the newest episode that it holds for."""


class FactProjection:
    """How a graph is made of a namespace's statements (`storage.replicas.Projection`)."""

    def __init__(self, relations: Mapping[str, Relation] = RELATIONS) -> None:
        self._relations = relations

    def empty(self) -> FactGraph:
        """Return a graph without statements."""
        return FactGraph(Graph(self._relations))

    def apply(self, held: FactGraph, rows: Rows, namespace: int, changes: Changes) -> FactGraph:
        """Return the graph after changes; made anew where something was buried."""
        after = changes.before.stated
        if changes.before.buried != changes.after.buried:
            held, after = self.empty(), 0
            held.buried = facts.tombstones(rows, namespace)
        elif after:
            for episode, _ in changes.retired:
                held.graph.remove(episode)
        _add(held.graph, facts.current(rows, namespace, after), held.buried)
        return held

    def size(self, held: FactGraph) -> int:
        """Return how many statements it has."""
        return len(held.graph)


def _add(graph: Graph, rows: Iterable[Row], tombstones: Mapping[bytes, int]) -> None:
    """Add rows of `storage.facts` to a graph."""
    for episode, extractor, source, part, speaker, at, recorded, body in rows:
        standing = extractor == facts.LEARNED
        name = episodes.episode_id(source, part)
        origin = Origin(episode, extractor, name, speaker, at, recorded, standing)
        graph.add(origin, notation.load(body), tombstones)
    graph.settle()


def load(rows: Rows, namespace: int, relations: Mapping[str, Relation] = RELATIONS) -> Graph:
    """Return the graph of a namespace as this snapshot has it, from scratch."""
    return fresh(FactProjection(relations), rows, namespace).graph


def load_known_at(
    rows: Rows, namespace: int, instant: int, relations: Mapping[str, Relation] = RELATIONS
) -> Graph:
    """Return the graph as it was known at an instant, but for what has been forgotten since."""
    graph = Graph(relations)
    tombstones = facts.tombstones(rows, namespace)
    _add(graph, facts.known_at(rows, namespace, instant), tombstones)
    return graph


class Semantic:
    """The graphs of the namespaces in use; the longest unused are dropped above `limit`."""

    def __init__(
        self, engine: Engine, relations: Mapping[str, Relation] = RELATIONS, limit: int = HELD
    ) -> None:
        self._engine = engine
        self.relations = relations
        self._replicas = Replicas(FactProjection(relations), engine, limit)

    @contextmanager
    def opened(self, namespace: str) -> Iterator[tuple[Graph, Version]]:
        """Return a context of the namespace's graph as it stands now, and of its state.

        Nobody changes the graph while it is open.
        """
        with self._replicas.opened(namespace) as replica:
            yield replica.held.graph, replica.version

    def facts(self, namespace: str, query: FactQuery) -> list[Fact]:
        """Return the facts asked for, newest first, then the best supported (`Memory.facts`)."""
        if query.known_at is None:
            with self.opened(namespace) as (graph, _):
                return select(graph, namespace, query)
        with self._engine.read(namespace=namespace) as rows:
            number = find_namespace(rows, namespace)
            if number == UNKNOWN:
                return []
            graph = load_known_at(rows, number, query.known_at, self.relations)
        return select(graph, namespace, query)

    def about(self, namespace: str, text: str, most: int) -> list[Fact]:
        """Return at most `most` facts that hold of those whom `text` names, in that order."""
        found: dict[str, Fact] = {}
        with self.opened(namespace) as (graph, _):
            for name in name_candidates(text):
                if len(found) >= most:
                    break
                if graph.relations_of(graph.entities.find(name)):
                    for fact in select(graph, namespace, FactQuery(subject=name)):
                        found.setdefault(fact.id, fact)
        return list(found.values())[:most]

    def learned(self, namespace: str, episode: Episode, candidate: Candidate) -> Fact:
        """Return the fact that an episode of `learn` states, whatever has become of it."""
        query = FactQuery(candidate.subject, candidate.relation, candidate.object, history=True)
        for fact in self.facts(namespace, query):
            if episode.id in fact.sources:
                return fact
        # Its two names have turned out to mean the same: it stands in the log, but says nothing.
        graph = Graph(self.relations)
        said, recorded = instants.parse(episode.at), instants.parse(episode.recorded_at)
        origin = Origin(0, facts.LEARNED, episode.id, episode.speaker, said, recorded)
        graph.add(origin, [candidate])
        graph.settle()
        return replace(select(graph, namespace, query)[0], state=lifecycle.CANDIDATE)

    def entity(self, namespace: str, name: str) -> Entity | None:
        """Return the entity that a name means, with the evidence; None where there is none."""
        with self.opened(namespace) as (graph, _):
            entity = graph.entity(name)
        return entity if entity.names else None

    def clear(self) -> None:
        """Drop them all."""
        self._replicas.clear()


_WORD: Final = re.compile(r"[^\W_\u3400-\u9fff]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_RUN: Final = 4  # words, or Chinese characters


def name_candidates(text: str) -> Iterator[str]:
    """Yield what may be a name in a text:

    runs of words, the longest first, and of Chinese characters.
    """
    said = _WORD.findall(text.replace("'s ", " "))
    for length in range(min(_LONGEST_RUN, len(said)), 0, -1):
        for start in range(len(said) - length + 1):
            run = said[start : start + length]
            if length > 1 or (run[0][0].isupper() and run[0].casefold() not in STOP_WORDS):
                yield " ".join(run)
    for run in _HAN.findall(text):
        for length in range(min(_LONGEST_RUN, len(run)), 1, -1):
            for start in range(len(run) - length + 1):
                yield run[start : start + length]


def select(graph: Graph, namespace: str, query: FactQuery) -> list[Fact]:
    """Return the facts of a graph that a query asks for."""
    subject = None if query.subject is None else graph.entities.find(query.subject)
    value = None if query.object is None else graph.entities.find(query.object)
    as_of = query.known_at if query.as_of is None else query.as_of
    instant = instants.now() if as_of is None else as_of

    def wanted(spell: lifecycle.Spell) -> bool:
        if spell.state == lifecycle.CANDIDATE:
            return False
        if subject is None and spell.first.mirrored:
            return False  # the same fact is listed from the side that stated it first
        if value is not None and graph.entities.root(spell.value) != value:
            return False
        if query.history:
            return as_of is None or spell.start is None or spell.start <= as_of
        return spell.hold_at(instant)

    found = [
        (root, spell)
        for root, relation in graph.groups(subject, query.relation, value)
        for spell in graph.spells(root, relation)
        if wanted(spell)
    ]
    found.sort(key=lambda item: lifecycle.newest_first(item[1]))
    return [graph.fact(root, spell, namespace) for root, spell in found]


@dataclass(frozen=True, slots=True)
class ErasureScope:
    """The extent of forgetting a subject."""

    episodes: frozenset[int]
    """Numbers of the episodes about it."""
    digests: frozenset[bytes]
    """Digests of its names, under which the rest is buried."""


def erasure_scope(
    rows: Rows, namespace: int, subject: str, relations: Mapping[str, Relation] = RELATIONS
) -> ErasureScope:
    """Return all that is about a subject under any of its names, in every version.

    An episode is about it that it spoke, that states something with it as subject or object, or
    whose text, id, session or metadata has one of its names as whole words (letters' case and width
    aside).
    """
    graph = load(rows, namespace, relations)
    root = graph.entities.find(subject)
    mentions = Mentions([*graph.entities.spellings(root), subject])
    keys = graph.entities.members(root) | {root, *mentions.keys}
    numbers = {
        number
        for number, *fields in facts.naming(rows, namespace)
        if any(field and mentions.stand_in(field) for field in fields)
    }
    for number, body in facts.stated(rows, namespace):
        for said in notation.load(body):
            named = map(graph.key, (said.subject, said.object, said.replaces or ""))
            if not keys.isdisjoint(named):
                numbers.add(number)
    return ErasureScope(frozenset(numbers), frozenset(map(buried_name, keys)))


def resolve_selector(
    rows: Rows, namespace: int, selector: Selector, subject: str | None, *, alone: bool
) -> Selector:
    """Return what a forgetting is to match: of a subject, the numbers of all that is about it.

    Where the subject is all that was named (`alone`), it is buried too.
    """
    if subject is None:
        return selector
    about = erasure_scope(rows, namespace, subject)
    if alone:
        facts.bury(rows, namespace, about.digests)
    return replace(selector, numbers=about.episodes)
