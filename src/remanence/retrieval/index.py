"""What recall keeps in memory of one namespace: columns, postings and codes, row by row in order of arrival.

It is a copy of the projections, built when first needed and brought up to date before every read, so that a reader sees what any
process has committed. Dropping it loses nothing. It knows rows; the store knows episodes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.columns import Column
from remanence.retrieval.dense import Dense
from remanence.retrieval.graph import Graph
from remanence.retrieval.lexical import Lexical
from remanence.storage import episodes
from remanence.storage.database import Connection, Database, Row

NONE = -1  # no row, no session, no speaker
HELD_BYTES = 1_500_000_000  # in all indexes together
_LOAD = 32_768  # rows read at a time

Rows = NDArray[np.int64]


@dataclass(slots=True)
class Labels:
    """Names as small integers, in order of first use."""

    numbers: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def number_all(self, names: Sequence[str | None]) -> list[int]:
        """The number of each name, new ones where need be; `NONE` for None."""
        for name in dict.fromkeys(names):
            if name is not None and name not in self.numbers:
                self.numbers[name] = len(self.names)
                self.names.append(name)
        return [NONE if name is None else self.numbers[name] for name in names]


class Index:
    """One namespace in memory. Hold `lock` from `refresh` until the last read of its arrays."""

    def __init__(self, namespace: int, dense: Callable[[], Dense]) -> None:
        self.lock = threading.RLock()
        self.namespace = namespace
        self._make_dense = dense
        self._clear()

    def _clear(self) -> None:
        self.seen = episodes.Version("", 0, 0, 0)
        self.lexical = Lexical()
        self.graph = Graph()
        self.dense = self._make_dense()
        self.sessions, self.speakers = Labels(), Labels()
        self._columns = {
            "id": Column(np.int64),
            "place": Column(np.int64),
            "at": Column(np.int64),
            "session": Column(np.int32),
            "speaker": Column(np.int32),
            "shape": Column(np.int32),
            "previous": Column(np.int32),
            "next": Column(np.int32),
            "alive": Column(np.bool_),
        }
        self._last_in_session: dict[int, int] = {}
        self.live = 0

    def __len__(self) -> int:
        return len(self._columns["id"])

    def column(self, name: str) -> NDArray[np.int64]:
        """One of id, place, at, session, speaker, shape, previous, next, alive: (n,)."""
        return self._columns[name].values  # type: ignore[return-value]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        columns = sum(column.nbytes for column in self._columns.values())
        return columns + self.lexical.nbytes + self.graph.nbytes + self.dense.nbytes

    # -- keeping up ---------------------------------------------------------------------------

    def refresh(self, connection: Connection) -> None:
        """Take in what was committed since the last look. Call with `lock` held."""
        state = episodes.version(connection, self.namespace)
        if state == self.seen:
            return
        try:
            self._take_in(connection, state)
        except BaseException:  # half a block taken in would count twice
            self._clear()
            raise
        self.seen = state

    def _take_in(self, connection: Connection, state: episodes.Version) -> None:
        gap = self.seen.retired + 1 < state.floor  # rows not yet seen are no longer listed
        retired = episodes.retirements(connection, self.namespace, self.seen.retired)
        reload = any(episode == episodes.RELOAD for episode, _ in retired)
        if state.epoch != self.seen.epoch or gap or reload or not len(self):
            self._clear()
            retired = []
        if not len(self):
            self._reserve(episodes.count(connection, self.namespace))
        first, rows = len(self), episodes.projections(connection, self.namespace, self.seen.newest)
        while block := list(islice(rows, _LOAD)):
            self._append(block)
        if first:
            self._follow(first, _resolve(retired))
        else:
            self._link(np.arange(len(self)))
            if len(self) > _LOAD:
                self.lexical.settle()
                self.graph.settle()

    def _reserve(self, count: int) -> None:
        for column in self._columns.values():
            column.reserve(count)
        self.dense.reserve(count)

    def _append(self, block: list[Row]) -> None:
        """Add rows of `episodes.projections`."""
        ids, places, ats, parts, sources, sessions, speakers, shapes, terms, vectors, named = zip(
            *block, strict=True
        )
        groups: Sequence[str | None] = sessions
        if any(parts):  # the parts of a document without a session are each other's neighbours
            groups = [
                f"\0{source}" if part and session is None else session
                for part, source, session in zip(parts, sources, sessions, strict=True)
            ]
        columns = {
            "id": ids,
            "place": places,
            "at": ats,
            "session": self.sessions.number_all(groups),
            "speaker": self.speakers.number_all(speakers),
            "shape": shapes,
            "previous": np.full(len(block), NONE),
            "next": np.full(len(block), NONE),
            "alive": np.ones(len(block), np.bool_),
        }
        for name, values in columns.items():
            column = self._columns[name]
            column.extend(np.asarray(values, column.values.dtype))
        self.live += len(block)
        self.lexical.extend(terms)
        self.graph.extend(named, self.column("speaker")[-len(block) :] != NONE)
        self.dense.extend(_stack(vectors, self.dense.dim))

    def _link(self, rows: Rows) -> None:
        """Chain `rows` behind the last row of their session, in order of place."""
        session, place = self.column("session")[rows], self.column("place")[rows]
        rows, place, session = (each[session != NONE] for each in (rows, place, session))
        if not len(rows):
            return
        order = np.lexsort((rows, place, session))
        rows, group = rows[order], session[order]
        previous, following = self.column("previous"), self.column("next")
        same = group[1:] == group[:-1]
        previous[rows[1:][same]] = rows[:-1][same]
        following[rows[:-1][same]] = rows[1:][same]
        starts = np.flatnonzero(np.append(True, ~same))
        ends = np.append(starts[1:] - 1, len(rows) - 1)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            number = int(group[start])
            self._join(self._last_in_session.get(number, NONE), int(rows[start]))
            self._last_in_session[number] = int(rows[end])

    def _follow(self, first: int, retired: list[Row]) -> None:
        """Chain the rows from `first` on, and take out what was retired.

        A newer version takes the place of the old one. Where that is no longer to be seen, or was
        in another session, its place is looked for from the session's end.
        """
        new = np.arange(first, len(self))
        heirs = new[self.column("place")[new] != self.column("id")[new]]
        self._link(np.setdiff1d(new, heirs) if len(heirs) else new)
        loose = set(heirs.tolist())
        session = self.column("session")
        for old, successor in retired:
            row, heir = self.row(old), self.row(successor)
            if row == NONE or not self.column("alive")[row]:
                continue
            if heir in loose and session[heir] == session[row] != NONE:
                self._insert(heir, row)
                loose.discard(heir)
            self._take_out(row)
        for row in sorted(loose):
            if session[row] != NONE:
                self._insert(row, self._before(row))

    def _before(self, row: int) -> int:
        """The row of the same session behind which `row` belongs, by place."""
        place, previous = self.column("place"), self.column("previous")
        at = self._last_in_session.get(int(self.column("session")[row]), NONE)
        while at != NONE and (place[at], at) > (place[row], row):
            at = int(previous[at])
        return at

    def _insert(self, row: int, before: int) -> None:
        """Chain `row` behind `before`; behind nothing, it becomes its session's first."""
        session = int(self.column("session")[row])
        if before != NONE:
            after = int(self.column("next")[before])
        else:
            after = self._first(session)
        self._join(before, row)
        self._join(row, after)
        if after == NONE:
            self._last_in_session[session] = row

    def _first(self, session: int) -> int:
        at, before = self._last_in_session.get(session, NONE), self.column("previous")
        while at != NONE and before[at] != NONE:
            at = int(before[at])
        return at

    def _take_out(self, row: int) -> None:
        self.column("alive")[row] = False
        self.live -= 1
        self.lexical.retire(row)
        before, after = int(self.column("previous")[row]), int(self.column("next")[row])
        self._join(before, after)
        session = int(self.column("session")[row])
        if self._last_in_session.get(session) == row:
            self._last_in_session[session] = before

    def _join(self, left: int, right: int) -> None:
        if left != NONE:
            self.column("next")[left] = right
        if right != NONE:
            self.column("previous")[right] = left

    def latest(self, session: str) -> list[int]:
        """The numbers of a session's episodes, the newest first."""
        number = self.sessions.numbers.get(session, NONE - 1)
        mine = (self.column("session") == number) & self.column("alive")
        return self.column("id")[np.flatnonzero(mine)][::-1].tolist()  # type: ignore[no-any-return]

    def row(self, number: int) -> int:
        """The row of an episode's number, or `NONE`."""
        ids = self.column("id")
        found = int(np.searchsorted(ids, number))
        return found if found < len(ids) and ids[found] == number else NONE


class Indexes:
    """The indexes of the namespaces in use; the longest unused are dropped above `limit` bytes."""

    def __init__(self, dense: Callable[[], Dense], limit: int = HELD_BYTES) -> None:
        self._make_dense = dense
        self._limit = limit
        self._held: OrderedDict[int, Index] = OrderedDict()
        self._sizes: dict[int, int] = {}
        self._lock = threading.Lock()

    def of(self, namespace: int) -> Index:
        """The namespace's index, perhaps still empty."""
        with self._lock:
            index = self._held.get(namespace)
            if index is None:
                index = self._held[namespace] = Index(namespace, self._make_dense)
            self._held.move_to_end(namespace)
            return index

    @contextmanager
    def opened(
        self, database: Database, namespace: str, identity: str
    ) -> Iterator[tuple[Index | None, Connection]]:
        """A snapshot, and the namespace's index as of it, held meanwhile; None where nothing was ever remembered.

        Raises `EmbedderMismatch` unless the store's vectors were made by the embedder `identity`.
        """
        with database.read() as connection:
            number = episodes.namespace_id(connection, namespace)
            if number is None:
                yield None, connection
                return
        index = self.of(number)
        with index.lock, database.read() as connection:
            # The snapshot is taken inside the lock: an index never sees an older state than it has.
            episodes.check_identity(connection, identity)
            self.refresh(index, connection)
            yield index, connection

    def refresh(self, index: Index, connection: Connection) -> None:
        """`Index.refresh`, and room made for what it took in."""
        before = len(index)
        index.refresh(connection)
        if len(index) == before and index.namespace in self._sizes:
            return
        with self._lock:
            self._sizes[index.namespace] = index.nbytes
            while len(self._held) > 1 and sum(self._sizes.values()) > self._limit:
                dropped, _ = self._held.popitem(last=False)
                self._sizes.pop(dropped, None)

    def clear(self) -> None:
        """Drop them all."""
        with self._lock:
            self._held.clear()
            self._sizes.clear()


def _resolve(retired: list[Row]) -> list[Row]:
    """Where a newer version was itself replaced meanwhile, name the newest."""
    heirs: dict[int, int] = dict(retired)

    def newest(successor: int) -> int:
        while successor in heirs:
            successor = heirs[successor]
        return successor

    return [(old, newest(successor)) for old, successor in retired]


def _stack(vectors: tuple[bytes, ...], dim: int) -> NDArray[np.float16]:
    """Stored vectors as (n, dim); a row without one becomes zeros, which is near to nothing."""
    width = 2 * dim
    if set(map(len, vectors)) == {width}:
        return np.frombuffer(b"".join(vectors), np.float16).reshape(-1, dim)
    blank = bytes(width)
    return np.frombuffer(b"".join(v or blank for v in vectors), np.float16).reshape(-1, dim)
