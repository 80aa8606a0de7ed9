"""The knowledge graph of the reference MCP memory server, kept in a namespace's log: its nine operations, and what they answer.

There is no table of entities. The graph is what the current episodes with `metadata["mcp"]` say, in order of arrival (`mcp_memory` says
how): so recall and facts see it, forgetting reaches it, an imported file is part of it, and a rebuild changes nothing. A row for each entity,
observation and relation; entities that share a name, which the original allows within one call, are told apart by "twin".

It knows no protocol. A change is decided on a snapshot, embedded without any lock, and written only if the graph is still that one.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from remanence import instants
from remanence.encoding import drafting, learning
from remanence.encoding.relations import RELATIONS
from remanence.errors import InvalidInput, StoreBusy
from remanence.integrations import mcp_memory
from remanence.integrations.mcp_rows import NOTHING, Graph, Row, fold, rows
from remanence.memory import Memory, identity
from remanence.storage import episodes, forgetting, lookup
from remanence.storage.database import Connection
from remanence.storage.episodes import Document
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


class _Kept:
    """One namespace's graph and what it has seen. Hold `lock` while reading it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.writing = threading.Lock()
        self._clear(None)

    def _clear(self, namespace: int | None) -> None:
        self.namespace = namespace
        self.rows: dict[int, Row] = {}  # by the number of each of its episodes
        self.graph = Graph()
        self.seen = NOTHING

    def refresh(self, connection: Connection, namespace: int | None) -> None:
        """Take in what was committed since the last look. None: nothing was ever remembered there, or all of it is forgotten."""
        if namespace != self.namespace:
            self._clear(namespace)
        if namespace is None:
            return
        state = episodes.version(connection, namespace)
        if state == self.seen:
            return
        retired = episodes.retirements(connection, namespace, self.seen.retired)
        gap = self.seen.retired + 1 < state.floor
        if gap or any(number == episodes.RELOAD for number, _ in retired):
            self._clear(namespace)
        for number, _ in retired:
            if (gone := self.rows.get(number)) is not None:
                for each in gone.numbers:  # what is incomplete is no row
                    self.rows.pop(each, None)
        for row in rows(lookup.noted(connection, namespace, mcp_memory.KEY, self.seen.newest)):
            self.rows.update(dict.fromkeys(row.numbers, row))
        whole = {row.numbers[0]: row for row in self.rows.values()}
        self.graph = fold(whole.values(), namespace, state)
        self.seen = state


class Graphs:
    """The graphs of the namespaces in use. Safe to use from many threads; raises the `RemanenceError` tree."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._held: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, namespace: str) -> Graph:
        """The graph as it stands now."""
        kept = self._of(namespace)
        with kept.lock, self._memory.database.read() as connection:
            number = episodes.namespace_id(connection, namespace)
            kept.refresh(connection, number)
            return kept.graph

    def change(self, namespace: str, plan: Plan[T]) -> T:
        """Carry out what `plan` decides on the graph; durable when this returns.

        `plan` is called again where another process changed the graph meanwhile. Raises `InvalidInput`,
        `EmbedderError`, `StorageError`; then nothing was written.
        """
        with self._of(namespace).writing:
            for _ in range(TRIES):
                graph = self.read(namespace)
                answer, change = plan(graph)
                if change == Change() or self._write(namespace, graph, change):
                    return answer
        raise StoreBusy(
            f"others changed the graph of namespace {namespace!r:.80} {TRIES} times meanwhile; nothing was written, try again"
        )

    def _write(self, namespace: str, graph: Graph, change: Change) -> bool:
        now = instants.now()
        documents = self._drafted(graph, change.add, now)
        job = partial(self._job, namespace, graph, change, documents, now)
        written = self._memory.database.write(job)
        if written and change.drop:
            wal = forgetting.settle(self._memory.database)
            with self._memory.database.read() as connection:
                sparse = forgetting.sparse(connection)
            if sparse and wal != "none":
                self._memory.compact()
        return written

    def _job(
        self,
        namespace: str,
        graph: Graph,
        change: Change,
        documents: list[Document],
        now: int,
        connection: Connection,
    ) -> bool:
        episodes.check_identity(connection, identity(self._memory.embedder))
        number = episodes.namespace_id(connection, namespace)
        if _overtaken(connection, number, graph):
            return False
        if documents:
            episodes.append(connection, namespace, documents, now)
        if change.drop and number is not None:
            forgetting.blank(connection, number, forgetting.Selector(numbers=change.drop))
        return True

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

    def _of(self, namespace: str) -> _Kept:
        with self._lock:
            kept = self._held.setdefault(namespace, _Kept())
            self._held.move_to_end(namespace)
            held = sum(len(one.rows) for one in self._held.values())
            for name in [*self._held]:  # the longest unused first
                if held <= HELD or name == namespace:
                    break
                held -= len(self._held.pop(name).rows)
            return kept


def _overtaken(connection: Connection, namespace: int | None, graph: Graph) -> bool:
    """Whether the graph of a namespace is another than that which was seen."""
    seen = graph.version
    if graph.namespace not in (None, namespace):
        return True  # everything was forgotten meanwhile, and perhaps the name used again
    if namespace is None or episodes.version(connection, namespace) == seen:
        return False
    gone = episodes.retirements(connection, namespace, seen.retired)
    new = lookup.noted(connection, namespace, mcp_memory.KEY, seen.newest)
    return bool(gone or new)


def _taught(document: Document, about: dict[str, Any]) -> Document:
    """A relation is a fact, whatever its words: where the rules do not read it so, it is stated beside them."""
    if about["type"] != "relation" or len(document.parts) != 1:
        return document
    name = _relation(about["relationType"])
    draft = document.parts[0]
    if name is None or draft.statements is not None:
        return document
    try:
        lesson = learning.lesson(about["from"], name, about["to"], None, None)
    except InvalidInput:
        return document  # its ends are no names; the row stands in words alone
    said = replace(lesson.candidate, end=len(draft.text))
    return learning.taught(document, replace(lesson, text=draft.text, candidate=said))


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
    """The relation that a type means: one of the table by name or by its words, else a name made of it; None where it has no letters for one.

    >>> _relation("Lives In"), _relation("\u559c\u6b22"), _relation("reports-to"), _relation("\u4e0a\u53f8")
    ('lives_in', 'likes', 'reports_to', None)
    """
    if (known := _IN_WORDS.get(kind.strip())) is not None:
        return known
    name = _NO_LETTER.sub("_", kind.lower()).strip("_")
    return name if name[:1].isalpha() and len(name) <= _LONGEST and kind.isascii() else None
