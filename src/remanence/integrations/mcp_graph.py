"""The knowledge graph of the reference MCP memory server, kept in a namespace's log: its nine
operations, and what they answer.

There is no table of entities. The graph is what the current episodes with `metadata["mcp"]` say, in
order of arrival (`mcp_memory` says how): so recall and facts see it, forgetting reaches it, an
imported file is part of it, and a rebuild changes nothing. A row for each entity, observation and
relation; entities that share a name, which the original allows within one call, are told apart by
"twin".

It knows no protocol. A change is decided on a snapshot, embedded without any lock, and written only
if the graph is still that one.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from remanence import instants
from remanence.embed.port import identity
from remanence.encoding import assertions, drafting
from remanence.encoding.relations import RELATIONS
from remanence.errors import InvalidInput, StoreBusy
from remanence.integrations import mcp_memory
from remanence.integrations.mcp_rows import Graph, Row, fold, parse_rows
from remanence.memory import Memory
from remanence.storage import appending, feed, forgetting, lookup, notes
from remanence.storage.appending import Document
from remanence.storage.engine import Rows
from remanence.storage.feed import Changes
from remanence.storage.replicas import Replicas
from remanence.storage.store import UNKNOWN, View
from remanence.types import Turn

TRIES = 50  # of a change that others keep overtaking
HELD = 500_000  # rows kept in memory, of all namespaces together
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """A row to write: what it says, and what the metadata keep of it."""

    identity: tuple[Any, ...]
    text: str
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to write, in order, and the numbers of the episodes to forget."""

    add: tuple[Told, ...] = ()
    drop: frozenset[int] = frozenset()


Plan = Callable[[Graph], tuple[T, Change]]


@dataclass(slots=True)
class GraphReplica:
    """A namespace's rows, and the graph that they make."""

    rows: dict[int, Row] = field(default_factory=dict)
    """Rows by the number of each of their episodes."""
    graph: Graph = field(default_factory=Graph)
    """The graph."""


class GraphProjection:
    """How the graph is made of the log (`storage.replicas.Projection`)."""

    def empty(self) -> GraphReplica:
        """Return a graph without rows."""
        return GraphReplica()

    def apply(
        self, held: GraphReplica, rows: Rows, namespace: int, changes: Changes
    ) -> GraphReplica:
        """Return the graph after changes."""
        for number, _ in changes.retired:
            if (gone := held.rows.get(number)) is not None:
                for each in gone.numbers:  # what is incomplete is no row
                    held.rows.pop(each, None)
        noted = lookup.noted(rows, namespace, mcp_memory.KEY, changes.before.newest)
        for row in parse_rows(noted):
            held.rows.update(dict.fromkeys(row.numbers, row))
        whole = {row.numbers[0]: row for row in held.rows.values()}
        held.graph = fold(whole.values(), namespace, changes.after)
        return held

    def size(self, held: GraphReplica) -> int:
        """Return how many rows it has."""
        return len(held.rows)


class Graphs:
    """The graphs of the namespaces in use.

    Safe to use from many threads; raises the `RemanenceError` tree.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._replicas = Replicas(GraphProjection(), memory.store.engine, HELD)
        self._writing: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
        self._lock = threading.Lock()

    def read(self, namespace: str) -> Graph:
        """Return the graph as it stands now."""
        with self._replicas.opened(namespace) as replica:
            return replica.held.graph

    def change(self, namespace: str, plan: Plan[T]) -> T:
        """Carry out what `plan` decides on the graph; durable when this returns.

        `plan` is called again where another process changed the graph meanwhile. Raises
        `InvalidInput`, `EmbedderError`, `StorageError`; then nothing was written.
        """
        with self._turn(namespace).lock:
            for _ in range(TRIES):
                graph = self.read(namespace)
                answer, change = plan(graph)
                if change == Change() or self._write(namespace, graph, change):
                    return answer
        raise StoreBusy(
            f"others changed the graph of namespace {namespace!r:.80} {TRIES} times meanwhile; "
            f"nothing was written, try again"
        )

    def _write(self, namespace: str, graph: Graph, change: Change) -> bool:
        now = instants.now()
        documents = self._drafted(graph, change.add, now)

        def job(view: View) -> bool:
            rows, number = view
            notes.check_identity(rows, identity(self._memory.embedder))
            if _overtaken(rows, number, graph):
                return False
            if documents:
                appending.append(rows, namespace, documents, now)
            if change.drop and number != UNKNOWN:
                forgetting.blank(rows, number, forgetting.Selector(numbers=change.drop))
            return True

        written = self._memory.namespace(namespace).writing(job, make=False)
        if written and change.drop:
            forgetting.finish(self._memory.store.engine)
        return written

    def _drafted(self, graph: Graph, add: Sequence[Told], now: int) -> list[Document]:
        """The documents of new rows, under ids that no row of the graph has."""
        if not add:
            return []
        taken = set(graph.sources)
        turns = []
        for told in add:
            id, again = mcp_memory.named(list(told.identity)), 0
            while id in taken:
                again += 1
                id = mcp_memory.named([*told.identity, again])
            taken.add(id)
            turns.append(Turn(told.text, id=id, metadata={mcp_memory.KEY: told.about}))
        made = drafting.documents(turns, self._memory.embedder, now, self._memory.extract)
        return [_taught(document, told.about) for document, told in zip(made, add, strict=True)]

    def _turn(self, namespace: str) -> "_Turn":
        with self._lock:
            return self._writing.setdefault(namespace, _Turn())


class _Turn:
    """A lock that those who change one namespace take in turn, gone when nobody holds it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


def _overtaken(rows: Rows, namespace: int, graph: Graph) -> bool:
    """Return whether the graph of a namespace is another than that which was seen."""
    seen = graph.version
    if graph.namespace not in (UNKNOWN, namespace):
        return True  # everything was forgotten meanwhile, and perhaps the name used again
    if namespace == UNKNOWN or feed.version(rows, namespace) == seen:
        return False
    gone = feed.retirements(rows, namespace, seen.retired)
    new = lookup.noted(rows, namespace, mcp_memory.KEY, seen.newest)
    return bool(gone or new)


def _taught(document: Document, about: dict[str, Any]) -> Document:
    """A relation is a fact, whatever its words:

    where the rules do not read it so, it is stated beside them.
    """
    if about["type"] != "relation" or len(document.parts) != 1:
        return document
    name = _relation(about["relationType"])
    draft = document.parts[0]
    if name is None or draft.statements is not None:
        return document
    try:
        assertion = assertions.assertion(about["from"], name, about["to"], None, None)
    except InvalidInput:
        return document  # its ends are no names; the row stands in words alone
    said = replace(assertion.candidate, end=len(draft.text))
    return assertions.to_document(document, replace(assertion, text=draft.text, candidate=said))


_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LONGEST = 64  # characters of a relation's name


def _said(template: str) -> str:
    return template.removeprefix("{s}").removesuffix("{o}").strip()


_IN_WORDS = {
    _said(words): relation.name
    for relation in RELATIONS.values()
    for words in (relation.english, relation.chinese)
    if words.startswith("{s}") and words.endswith("{o}")
}


def _relation(kind: str) -> str | None:
    """The relation that a type means: one of the table by name or by its words, else a name made of
    it; None where it has no letters for one.

    >>> _relation("Lives In"), _relation("\u559c\u6b22"), _relation("reports-to"), _relation("\u4e0a\u53f8")
    ('lives_in', 'likes', 'reports_to', None)
    """
    if (known := _IN_WORDS.get(kind.strip())) is not None:
        return known
    name = _NO_LETTER.sub("_", kind.lower()).strip("_")
    return name if name[:1].isalpha() and len(name) <= _LONGEST and kind.isascii() else None
