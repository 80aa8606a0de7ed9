"""What recall keeps in memory of one namespace: columns, postings and codes, row by row in order of arrival.

It is a copy of the projections, built when first needed and brought up to date before every read, so that a reader sees what any
process has committed. Dropping it loses nothing. It knows rows; the store knows episodes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.columns import Column
from remanence.retrieval.dense import Dense
from remanence.retrieval.lexical import Lexical
from remanence.storage import episodes
from remanence.storage.database import Connection, Row

NONE = -1  # no row, no session, no speaker
HELD_BYTES = 1_500_000_000  # in all indexes together
_LOAD = 32_768  # rows read at a time

Rows = NDArray[np.int64]


@dataclass(slots=True)
class Labels:
    """Names as small integers, in order of first use."""

    numbers: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def number(self, name: str | None) -> int:
        """The number of a name, a new one if need be; `NONE` for None."""
        if name is None:
            return NONE
        known = self.numbers.get(name)
        if known is None:
            known = self.numbers[name] = len(self.names)
            self.names.append(name)
        return known


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
        return columns + self.lexical.nbytes + self.dense.nbytes

    # -- keeping up ---------------------------------------------------------------------------

    def refresh(self, connection: Connection) -> None:
        """Take in what was committed since the last look. Call with `lock` held."""
        state = episodes.version(connection, self.namespace)
        if state == self.seen:
            return
        gap = self.seen.retired + 1 < state.floor and self.seen.retired < state.retired
        retired = episodes.retirements(connection, self.namespace, self.seen.retired)
        reload = any(episode == episodes.RELOAD for episode, _ in retired)
        if state.epoch != self.seen.epoch or gap or reload or not len(self):
            self._clear()
            retired = []
        retired = _resolve(retired)
        successors = {successor: old for old, successor in retired if successor}
        rows = episodes.projections(connection, self.namespace, self.seen.newest)
        large = False
        while block := list(islice(rows, _LOAD)):
            large = large or len(block) == _LOAD
            self._append(block, successors)
        for old, successor in retired:
            self._retire(old, successor)
        if large:
            self.lexical.settle()
        self.seen = state

    def _append(self, block: list[Row], successors: dict[int, int]) -> None:
        """Add rows of `episodes.projections`."""
        first = len(self)
        ids, places, ats, parts, sources, sessions, speakers, shapes, terms, vectors = zip(
            *block, strict=True
        )
        groups = [
            # The parts of a document without a session are each other's neighbours.
            self.sessions.number(f"\0{source}" if part and session is None else session)
            for part, source, session in zip(parts, sources, sessions, strict=True)
        ]
        columns = {
            "id": ids,
            "place": places,
            "at": ats,
            "session": groups,
            "speaker": [self.speakers.number(speaker) for speaker in speakers],
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
        self.dense.extend(_stack(vectors, self.dense.dim))
        replaces = np.fromiter(
            (number in successors and self.row(successors[number]) != NONE for number in ids),
            np.bool_,
            len(block),
        )
        self._link(np.flatnonzero(~replaces) + first)

    def _link(self, rows: Rows) -> None:
        """Chain new rows behind the last row of their session, by place."""
        session, place = self.column("session")[rows], self.column("place")[rows]
        rows = rows[session != NONE]
        order = np.lexsort((place[session != NONE], session[session != NONE]))
        rows = rows[order]
        if not len(rows):
            return
        group = self.column("session")[rows]
        previous, following = self.column("previous"), self.column("next")
        same = group[1:] == group[:-1]
        previous[rows[1:][same]] = rows[:-1][same]
        following[rows[:-1][same]] = rows[1:][same]
        starts = np.flatnonzero(np.append(True, ~same))
        ends = np.append(starts[1:] - 1, len(rows) - 1)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            number = int(group[start])
            last = self._last_in_session.get(number, NONE)
            if last != NONE:
                previous[rows[start]], following[last] = last, rows[start]
            self._last_in_session[number] = int(rows[end])

    def _retire(self, old: int, successor: int) -> None:
        """Take a row out; a newer version takes over its place between its neighbours."""
        row = self.row(old)
        if row == NONE or not self.column("alive")[row]:
            return
        self.column("alive")[row] = False
        self.live -= 1
        self.lexical.retire(row)
        previous, following = self.column("previous"), self.column("next")
        before, after = int(previous[row]), int(following[row])
        heir = self.row(successor) if successor else NONE
        left, right = (heir, heir) if heir != NONE else (after, before)
        if before != NONE:
            following[before] = left
        if after != NONE:
            previous[after] = right
        if heir != NONE:
            previous[heir], following[heir] = before, after
        number = int(self.column("session")[row])
        if self._last_in_session.get(number) == row:
            self._last_in_session[number] = heir if heir != NONE else before

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
    heirs = dict(retired)

    def newest(successor: int) -> int:
        while successor in heirs:
            successor = heirs[successor]
        return successor

    return [(old, newest(successor)) for old, successor in retired]


def _stack(vectors: tuple[bytes, ...], dim: int) -> NDArray[np.float16]:
    """Stored vectors as (n, dim); a row without one becomes zeros, which is near to nothing."""
    width = 2 * dim
    if all(len(vector) == width for vector in vectors):
        return np.frombuffer(b"".join(vectors), np.float16).reshape(-1, dim)
    blank = bytes(width)
    return np.frombuffer(b"".join(v or blank for v in vectors), np.float16).reshape(-1, dim)
