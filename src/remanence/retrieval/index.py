"""Recall's index of one namespace in memory: columns, postings and codes, a row an episode.

Rows are in order of arrival. The index is a copy of the projections (`storage.replicas`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.columns import Column
from remanence.retrieval.dense import Dense
from remanence.retrieval.fields import Fields
from remanence.retrieval.graph import Graph
from remanence.retrieval.lexical import Lexical
from remanence.storage import episodes, feed, notes
from remanence.storage.engine import Rows as Snapshot
from remanence.storage.feed import Changes
from remanence.storage.replicas import fresh
from remanence.storage.values import Row

NONE: Final = -1  # no row, no session, no speaker
HELD_BYTES: Final = 1_500_000_000  # in all indexes together
_LOAD: Final = 32_768  # rows read at a time
_OBJECTS: Final = 12_000  # bytes of an index without rows: arrays' headers, dicts, instances
_DEAD: Final = 1_024  # rows that were forgotten or replaced, below which an index is not made anew

Rows = NDArray[np.int64]


@dataclass(slots=True)
class Labels:
    """Names as small integers, in order of first use."""

    numbers: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        return sum(map(len, self.names)) + 160 * len(self.names)

    def number_all(self, names: Sequence[str | None]) -> list[int]:
        """The number of each name, new ones where need be; `NONE` for None."""
        for name in dict.fromkeys(names):
            if name is not None and name not in self.numbers:
                self.numbers[name] = len(self.names)
                self.names.append(name)
        return [NONE if name is None else self.numbers[name] for name in names]


class Index:
    """The rows of one namespace."""

    def __init__(self, dense: Dense) -> None:
        self.lexical = Lexical()
        self.graph = Graph()
        self.fields = Fields()  # filled when a condition on metadata is first asked
        self.dense = dense
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
        """Bytes held, about: arrays with their spare room, and names."""
        columns = sum(column.nbytes for column in self._columns.values())
        names = self.sessions.nbytes + self.speakers.nbytes + 100 * len(self._last_in_session)
        arrays = sum(p.nbytes for p in (self.lexical, self.graph, self.dense, self.fields))
        return columns + names + arrays + _OBJECTS

    @property
    def crowded(self) -> bool:
        """Return whether most rows are of episodes that were forgotten or replaced."""
        return len(self) - self.live > max(self.live, _DEAD)

    # -- keeping up ---------------------------------------------------------------------------

    def load(self, rows: Snapshot, namespace: int) -> None:
        """Take in all that a namespace has. The index is empty before."""
        self._reserve(episodes.count(rows, namespace))
        self._take_in(rows, namespace, 0)
        self._settle()

    def load_rows(self, rows: Sequence[Row]) -> None:
        """Take in rows of `feed.projections`, ascending. The index is empty before."""
        self._reserve(len(rows))
        for start in range(0, len(rows), _LOAD):
            self.append(rows[start : start + _LOAD])
        self._settle()

    def _settle(self) -> None:
        self._link(np.arange(len(self)))
        self.lexical.settle()
        self.graph.settle()

    def follow(self, rows: Snapshot, namespace: int, changes: Changes) -> None:
        """Take in what has come about since the last look."""
        first = len(self)
        self._take_in(rows, namespace, changes.before.newest)
        self.follow_rows(first, changes.retired)

    def _take_in(self, rows: Snapshot, namespace: int, after: int) -> None:
        found = feed.projections(rows, namespace, after)
        while block := list(islice(found, _LOAD)):
            self.append(block)

    def _reserve(self, count: int) -> None:
        for column in self._columns.values():
            column.reserve(count)
        self.dense.reserve(count)

    def append(self, block: Sequence[Row]) -> None:
        """Add rows of `feed.projections`."""
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

    def follow_rows(self, first: int, retired: Sequence[Row]) -> None:
        """Chain the rows from `first` on, and take out what was retired.

        A newer version takes the place of the old one. Where that is no longer to be seen, or was
        in another session, its place is looked for from the session's end.
        """
        new = np.arange(first, len(self))
        heirs = new[self.column("place")[new] != self.column("id")[new]]
        self._link(np.setdiff1d(new, heirs) if len(heirs) else new)
        loose = set(heirs.tolist())
        session = self.column("session")
        for old, successor in _resolve(retired):
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


class IndexProjection:
    """How an index is made of a namespace's projections (`storage.replicas.Projection`)."""

    def __init__(self, dense: Callable[[], Dense], identity: str) -> None:
        self._dense = dense
        self._identity = identity

    def empty(self) -> Index:
        """Return an index without rows."""
        return Index(self._dense())

    def apply(self, held: Index, rows: Snapshot, namespace: int, changes: Changes) -> Index:
        """Return the index after changes; made anew where most of its rows are gone.

        Raises `EmbedderMismatch` unless the store's vectors were made by this projection's
        embedder.
        """
        self.check(rows)
        if not len(held):
            index = self.empty()
            index.load(rows, namespace)
            return index
        held.follow(rows, namespace, changes)
        return fresh(self, rows, namespace) if held.crowded else held

    def check(self, rows: Snapshot) -> None:
        """Raise `EmbedderMismatch` where a store's vectors are not of this embedder."""
        notes.check_identity(rows, self._identity)

    def size(self, held: Index) -> int:
        """Return bytes held."""
        return held.nbytes


def _resolve(retired: Sequence[Row]) -> list[Row]:
    """Return (episode, successor) with the newest of the versions that replaced one another."""
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
