"""Semantic memory: the graph of each namespace, kept in memory and up to date with what any process has committed.

It stands between the verbs and the rooms below: `storage.facts` gives rows, `encoding.linking` folds them. A graph is built when it is
first asked for and brought up to date before every read, never on the way of a write; dropping it loses nothing.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from remanence import instants
from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import lifecycle, notation
from remanence.encoding.linking.graph import Entity, Graph, Origin
from remanence.encoding.linking.marks import buried_name
from remanence.encoding.linking.mentions import Mentions
from remanence.encoding.relations import RELATIONS, Relation
from remanence.storage import episodes, facts
from remanence.storage.database import Connection, Database, Row
from remanence.storage.facts import Version
from remanence.storage.forgetting import Selector
from remanence.text.words import STOP_WORDS
from remanence.types import Episode, Fact

HELD = 3_000_000  # statements kept in memory, of all namespaces together; about 600 bytes each


@dataclass(frozen=True, slots=True)
class Asked:
    """Which facts: names as the caller gave them, times in microseconds."""

    subject: str | None = None
    relation: str | None = None
    object: str | None = None
    as_of: int | None = None
    known_at: int | None = None
    history: bool = False


class _Kept:
    """One namespace's graph and what it has seen. Hold `lock` from `refresh` to the last read."""

    def __init__(self, namespace: int, relations: Mapping[str, Relation]) -> None:
        self.lock = threading.RLock()
        self.namespace = namespace
        self._relations = relations
        self._clear()

    def _clear(self) -> None:
        self.graph = Graph(self._relations)
        self.seen = facts.Version("", 0, 0, 0, 0)
        self._buried: dict[bytes, int] = {}

    def refresh(self, connection: Connection) -> None:
        """Take in what was committed since the last look."""
        state = facts.version(connection, self.namespace)
        if state == self.seen:
            return
        gap = self.seen.retired + 1 < state.floor
        retired = episodes.retirements(connection, self.namespace, self.seen.retired)
        reload = any(episode == episodes.RELOAD for episode, _ in retired)
        if (state.epoch, state.buried) != (self.seen.epoch, self.seen.buried) or gap or reload:
            self._clear()
            self._buried = facts.tombstones(connection, self.namespace)
        else:
            for episode, _ in retired:
                self.graph.remove(episode)
        rows = facts.current(connection, self.namespace, self.seen.newest)
        _take(self.graph, rows, self._buried)
        self.seen = state


def _take(graph: Graph, rows: Iterator[Row], tombstones: Mapping[bytes, int]) -> None:
    """Add rows of `storage.facts` to a graph."""
    for episode, extractor, source, part, speaker, at, recorded, body in rows:
        standing = extractor == facts.LEARNED
        name = episodes.episode_id(source, part)
        origin = Origin(episode, extractor, name, speaker, at, recorded, standing)
        graph.add(origin, notation.load(body), tombstones)
    graph.settle()


def load(
    connection: Connection, namespace: int, relations: Mapping[str, Relation] = RELATIONS
) -> Graph:
    """The graph of a namespace as this snapshot has it, from scratch."""
    kept = _Kept(namespace, relations)
    kept.refresh(connection)
    return kept.graph


def load_known_at(
    connection: Connection,
    namespace: int,
    instant: int,
    relations: Mapping[str, Relation] = RELATIONS,
) -> Graph:
    """The graph as it was known at an instant, but for what has been forgotten since."""
    graph = Graph(relations)
    rows = facts.known_at(connection, namespace, instant)
    _take(graph, rows, facts.tombstones(connection, namespace))
    return graph


_WORD = re.compile(r"[^\W_\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_RUN = 4  # words, or Chinese characters


class Semantic:
    """The graphs of the namespaces in use; the longest unused are dropped above `limit`."""

    def __init__(
        self,
        database: Database,
        relations: Mapping[str, Relation] = RELATIONS,
        limit: int = HELD,
    ) -> None:
        self._database = database
        self.relations = relations
        self._limit = limit
        self._held: OrderedDict[int, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def _of(self, namespace: int) -> _Kept:
        with self._lock:
            kept = self._held.get(namespace)
            if kept is None:
                kept = self._held[namespace] = _Kept(namespace, self.relations)
            self._held.move_to_end(namespace)
            while (
                len(self._held) > 1 and sum(len(k.graph) for k in self._held.values()) > self._limit
            ):
                self._held.popitem(last=False)
            return kept

    def facts(self, namespace: str, asked: Asked) -> list[Fact]:
        """The facts asked for, newest first, then the best supported. See `Memory.facts`."""
        with self._database.read() as connection:
            number = episodes.namespace_id(connection, namespace)
        if number is None:
            return []
        if asked.known_at is not None:
            with self._database.read() as connection:
                graph = load_known_at(connection, number, asked.known_at, self.relations)
            return select(graph, namespace, asked)
        kept = self._of(number)
        with kept.lock:
            self._refresh(kept)
            return select(kept.graph, namespace, asked)

    def about(self, namespace: str, text: str, most: int) -> list[Fact]:
        """What holds now of those whom `text` names, at most `most`, those named first first."""
        with self._database.read() as connection:
            number = episodes.namespace_id(connection, namespace)
        if number is None:
            return []
        kept = self._of(number)
        found: dict[str, Fact] = {}
        with kept.lock:
            self._refresh(kept)
            for name in runs(text):
                if len(found) >= most:
                    break
                if kept.graph.relations_of(kept.graph.entities.find(name)):
                    for fact in select(kept.graph, namespace, Asked(subject=name)):
                        found.setdefault(fact.id, fact)
        return list(found.values())[:most]

    def learned(self, namespace: str, episode: Episode, candidate: Candidate) -> Fact:
        """The fact that an episode of `learn` states, whatever has become of it."""
        asked = Asked(candidate.subject, candidate.relation, candidate.object, history=True)
        for fact in self.facts(namespace, asked):
            if episode.id in fact.sources:
                return fact
        # Its two names have turned out to mean the same: it stands in the log, but says nothing.
        graph = Graph(self.relations)
        said, recorded = instants.parse(episode.at), instants.parse(episode.recorded_at)
        origin = Origin(0, facts.LEARNED, episode.id, episode.speaker, said, recorded)
        graph.add(origin, [candidate])
        graph.settle()
        return replace(select(graph, namespace, asked)[0], state=lifecycle.CANDIDATE)

    @contextmanager
    def opened(self, namespace: str) -> Iterator[tuple[Graph, Version]]:
        """The namespace's graph as it stands now, and what that state is called; nobody changes it meanwhile."""
        with self._database.read() as connection:
            number = episodes.namespace_id(connection, namespace)
        kept = _Kept(0, self.relations) if number is None else self._of(number)
        with kept.lock:
            if number is not None:
                self._refresh(kept)
            yield kept.graph, kept.seen

    def entity(self, namespace: str, name: str) -> Entity | None:
        """Who is meant by a name, with the evidence; None where nobody was ever called so."""
        with self._database.read() as connection:
            number = episodes.namespace_id(connection, namespace)
        if number is None:
            return None
        kept = self._of(number)
        with kept.lock:
            self._refresh(kept)
            entity = kept.graph.entity(name)
        return entity if entity.names else None

    def _refresh(self, kept: _Kept) -> None:
        # The snapshot is taken inside the lock: a graph never sees an older state than it has.
        with self._database.read() as connection:
            kept.refresh(connection)

    def clear(self) -> None:
        """Drop them all."""
        with self._lock:
            self._held.clear()


def runs(text: str) -> Iterator[str]:
    """What may be a name in a text: runs of words, the longest first, and of Chinese characters."""
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


def select(graph: Graph, namespace: str, asked: Asked) -> list[Fact]:
    """The facts of a graph that are asked for."""
    subject = None if asked.subject is None else graph.entities.find(asked.subject)
    value = None if asked.object is None else graph.entities.find(asked.object)
    as_of = asked.known_at if asked.as_of is None else asked.as_of
    instant = instants.now() if as_of is None else as_of
    found = []
    for root, relation in graph.groups(subject, asked.relation, value):
        for spell in graph.spells(root, relation):
            if spell.state == lifecycle.CANDIDATE:
                continue
            if value is not None and graph.entities.root(spell.value) != value:
                continue
            if asked.history:
                if as_of is None or spell.start is None or spell.start <= as_of:
                    found.append((root, spell))
            elif spell.hold_at(instant):
                found.append((root, spell))
    found.sort(key=lambda item: lifecycle.newest_first(item[1]))
    return [graph.fact(root, spell, namespace) for root, spell in found]


@dataclass(frozen=True, slots=True)
class Reach:
    """What forgetting a subject takes: episodes by number, and under what to bury the rest."""

    episodes: frozenset[int]
    digests: frozenset[bytes]


def reach(
    connection: Connection,
    namespace: int,
    subject: str,
    relations: Mapping[str, Relation] = RELATIONS,
) -> Reach:
    """All that is about a subject under any of its names, in every version.

    An episode is about it that it spoke, that states something with it as subject or object, or
    whose text, id, session or metadata has one of its names as whole words (letters' case and width
    aside).
    """
    graph = load(connection, namespace, relations)
    root = graph.entities.find(subject)
    mentions = Mentions([*graph.entities.spellings(root), subject])
    keys = graph.entities.members(root) | {root, *mentions.keys}
    numbers = {
        number
        for number, *fields in facts.naming(connection, namespace)
        if any(field and mentions.stand_in(field) for field in fields)
    }
    for number, body in facts.stated(connection, namespace):
        for said in notation.load(body):
            if not keys.isdisjoint(
                map(graph.key, (said.subject, said.object, said.replaces or ""))
            ):
                numbers.add(number)
    return Reach(frozenset(numbers), frozenset(map(buried_name, keys)))


def aimed(
    connection: Connection, namespace: int, selector: Selector, subject: str | None, *, alone: bool
) -> Selector:
    """What a forgetting is to match: of a subject, all that is about it. Where that is all that was named (`alone`), it is buried too."""
    if subject is None:
        return selector
    about = reach(connection, namespace, subject)
    if alone:
        facts.bury(connection, namespace, about.digests)
    return replace(selector, numbers=about.episodes)
