"""One index over several namespaces, so that a query is read once and its scores compare.

A span is asked for by names and prefixes ("users/*"). Its index follows the feed of each namespace
in it, and is made anew where one of them is gone or its rows come out of order. Sessions of
different namespaces stay apart: nobody is the neighbour of a row of another namespace.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from remanence import checks
from remanence.errors import InvalidInput
from remanence.retrieval.index import NONE, Index, IndexProjection
from remanence.storage import expiry, feed
from remanence.storage.engine import Engine, Rows
from remanence.storage.feed import Changes, Version
from remanence.storage.replicas import NOTHING, Replicas
from remanence.storage.selection import Selection
from remanence.storage.store import UNKNOWN, find_namespace, list_namespaces, lock_namespace
from remanence.storage.values import Row

HELD: Final = 16  # spans in memory


class Opened(NamedTuple):
    """An index that nobody changes while it is open, and the snapshot that it equals."""

    held: Index
    """The index."""
    rows: Rows
    """The snapshot."""
    names: Mapping[int, str]
    """Number -> name of each namespace in it."""


def names_of(given: str | Sequence[str]) -> tuple[str, ...]:
    """Return what a caller gave as namespaces, checked: names, and prefixes that end in "*".

    A single text is one name, whatever it ends in. Raises `InvalidInput`.
    """
    if isinstance(given, str):
        return (checks.label(given, "namespace"),)
    if not isinstance(given, Sequence) or not given:
        raise InvalidInput(f"namespace={given!r:.80} names none; give a name, or a list of them")
    return tuple(dict.fromkeys(checks.label(name, "namespace") for name in given))


def single(given: str | Sequence[str]) -> str | None:
    """Return the name where one namespace was given; None for several."""
    return given if isinstance(given, str) else None


def resolve(rows: Rows, given: Sequence[str], *, literal: bool = False) -> dict[int, str]:
    """Return number -> name of the namespaces that names and prefixes mean in this snapshot.

    With `literal`, each is a name, whatever it ends in.
    """
    found: dict[int, str] = {}
    for name in given:
        if name.endswith("*") and not literal:
            found.update(list_namespaces(rows, name[:-1]))
        elif (number := find_namespace(rows, name)) != UNKNOWN:
            found[number] = name
    return found


def held(rows: Rows, given: str | Sequence[str]) -> list[int]:
    """Return the numbers of the namespaces meant, each held until the transaction ends."""
    meant = resolve(rows, names_of(given), literal=isinstance(given, str))
    locked = [lock_namespace(rows, name) for name in sorted(meant.values())]
    return [number for number in locked if number != UNKNOWN]


def in_session(index: Index, names: Mapping[int, str], session: str) -> Selection:
    """Return the episodes of a session, in whichever of the namespaces."""
    numbers = index.sessions.numbers
    mine = [numbers.get(_scoped(number, session), NONE - 1) for number in names]
    column = index.column("session")
    rows = [row for each in mine for row in index.column("id")[column == each].tolist()]
    return Selection.of(rows)


def _scoped(namespace: int, session: str) -> str:
    return f"{namespace}\0{session}"


class _Span:
    """One span's index and what it has seen of each namespace."""

    __slots__ = ("index", "lock", "seen")

    def __init__(self, index: Index) -> None:
        self.lock = threading.RLock()
        self.index = index
        self.seen: dict[int, Version] = {}


class Indexes:
    """The indexes in use, of one namespace each and of several together.

    The longest unused are dropped: above `limit` bytes, spans also above `HELD`.
    """

    def __init__(self, projection: IndexProjection, engine: Engine, limit: int) -> None:
        self.single = Replicas(projection, engine, limit)
        self._projection, self._engine, self._limit = projection, engine, limit
        self._spans: OrderedDict[tuple[str, ...], _Span] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def opened(self, given: str | Sequence[str]) -> Iterator[Opened]:
        """Return a context of the index of one namespace or several, as it stands now."""
        spaces = names_of(given)
        if isinstance(given, str):
            with self.single.opened(given) as (index, rows, number, _):
                yield Opened(index, rows, {} if number == UNKNOWN else {number: given})
            return
        with self._spanning(spaces) as opened:
            yield opened

    @contextmanager
    def _spanning(self, given: tuple[str, ...]) -> Iterator[Opened]:
        span = self._of(given)
        with span.lock:
            expiry.sweep_all(self._engine)
            with self._engine.read() as rows:
                names = resolve(rows, given)
                try:
                    self._refresh(span, rows, list(names))
                except BaseException:
                    span.index, span.seen = self._projection.empty(), {}
                    raise
                self._make_room()
                yield Opened(span.index, rows, names)

    def clear(self) -> None:
        """Drop them all."""
        self.single.clear()
        with self._lock:
            self._spans.clear()

    def _of(self, given: tuple[str, ...]) -> _Span:
        with self._lock:
            span = self._spans.setdefault(given, _Span(self._projection.empty()))
            self._spans.move_to_end(given)
            return span

    def _make_room(self) -> None:
        with self._lock:
            held = sum(span.index.nbytes for span in self._spans.values())
            while len(self._spans) > HELD or (held > self._limit and len(self._spans) > 1):
                _, dropped = self._spans.popitem(last=False)
                held -= dropped.index.nbytes

    def _refresh(self, span: _Span, rows: Rows, numbers: Sequence[int]) -> None:
        self._projection.check(rows)
        after = {number: feed.version(rows, number) for number in numbers}
        before = {number: span.seen.get(number, NOTHING) for number in numbers}
        changed = [number for number in numbers if after[number] != before[number]]
        if not changed and span.seen.keys() == after.keys():
            return
        changes = [feed.since(rows, number, before[number]) for number in changed]
        stale = span.index.crowded or not span.seen.keys() <= after.keys()
        if stale or any(_broken(each) for each in changes) or not self._follow(span, rows, changed):
            span.index = self._projection.empty()
            _load(span.index, rows, numbers)
        span.seen = after

    def _follow(self, span: _Span, rows: Rows, changed: Sequence[int]) -> bool:
        """Take in what is new in some namespaces; return whether it could be: in order, that is."""
        seen = {number: span.seen.get(number, NOTHING) for number in changed}
        arrived = list(feed.projections_over(rows, {n: each.newest for n, each in seen.items()}))
        held = span.index.column("id")
        if not len(held) or (arrived and arrived[0][1] <= held[-1]):
            return False
        first = len(span.index)
        if arrived:
            span.index.append([_apart(row) for row in arrived])
        retired = [
            row for n, each in seen.items() for row in feed.retirements(rows, n, each.retired)
        ]
        span.index.follow_rows(first, retired)
        return True


def _broken(changes: Changes | None) -> bool:
    return changes is not None and changes.broken and changes.before != NOTHING


def _load(index: Index, rows: Rows, numbers: Sequence[int]) -> None:
    found = list(feed.projections_over(rows, dict.fromkeys(numbers, 0)))
    index.load_rows([_apart(row) for row in found])


def _apart(row: Row) -> Row:
    """Return a row of `feed.projections`, its session named for its namespace too."""
    namespace, id, place, at, part, source, session, *rest = row
    if session is None and part:  # the parts of a document are each other's neighbours
        session = f"\0{source}"
    scoped = None if session is None else _scoped(namespace, session)
    return (id, place, at, part, source, scoped, *rest)
