"""Copies of namespaces in memory, each brought up to date before it is read.

A copy follows the namespace's feed of changes, so that a reader sees what any process has
committed. It is made when first read and dropped when others need its place; dropping it loses
nothing. How a copy is made and kept up is its `Projection`'s; when, under which lock and for how
long is written here.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Generic, NamedTuple, Protocol, TypeVar

from remanence import instants
from remanence.errors import StoreCorrupt
from remanence.storage import expiry, feed
from remanence.storage.engine import Engine, Rows
from remanence.storage.feed import Changes, Version
from remanence.storage.store import UNKNOWN

T = TypeVar("T")
NOTHING = Version()


class Projection(Protocol[T]):
    """How a copy of a namespace is made, kept up and measured."""

    def empty(self) -> T:
        """Return the copy of a namespace in which nothing was ever remembered."""
        ...

    def apply(self, held: T, rows: Rows, namespace: int, changes: Changes) -> T:
        """Return the copy as it is after `changes`: `held` itself, brought up to date, or another.

        `held` is empty where `changes.before` is `NOTHING`. Where this raises, `held` is dropped.
        """
        ...

    def size(self, held: T) -> int:
        """Return how much of the limit a copy takes."""
        ...


def fresh(projection: Projection[T], rows: Rows, namespace: int) -> T:
    """Return a namespace's copy as this snapshot has it, from scratch."""
    changes = feed.since(rows, namespace, NOTHING)
    empty = projection.empty()
    return empty if changes is None else projection.apply(empty, rows, namespace, changes)


class Opened(NamedTuple, Generic[T]):
    """A copy that nobody changes while it is open, and the snapshot that it equals."""

    held: T
    """The copy."""
    rows: Rows
    """The snapshot."""
    number: int
    """The namespace's number; `UNKNOWN` where nothing was ever remembered."""
    version: Version
    """The state of both."""


class _Replica(Generic[T]):
    """One namespace's copy and what it has seen. Hold `lock` from its refresh to the last read."""

    __slots__ = ("held", "lock", "number", "seen", "size")

    def __init__(self, empty: T) -> None:
        self.lock = threading.RLock()
        self.number = UNKNOWN
        self.held = empty
        self.seen = NOTHING
        self.size = 0


class Replicas(Generic[T]):
    """The copies of the namespaces in use; the longest unused are dropped above `limit`."""

    def __init__(self, projection: Projection[T], engine: Engine, limit: int) -> None:
        self._projection = projection
        self._engine = engine
        self._limit = limit
        self._replicas: OrderedDict[str, _Replica[T]] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    @contextmanager
    def opened(self, namespace: str) -> Iterator[Opened[T]]:
        """Return a context of the namespace's copy as it stands now."""
        replica = self._of(namespace)
        # The snapshot is taken inside the lock: a copy never sees an older state than it has.
        with replica.lock, ExitStack() as stack:
            rows, number, state = self._snapshot(stack, namespace)
            if number != replica.number:  # forgotten as a whole, and perhaps its name used again
                self._reset(replica, number)
            if number == UNKNOWN:
                self._drop(namespace, replica)
            elif state != replica.seen:
                self._refresh(namespace, replica, rows)
            yield Opened(replica.held, rows, number, replica.seen)

    def _snapshot(self, stack: ExitStack, namespace: str) -> tuple[Rows, int, Version]:
        """Enter a snapshot in which nothing is due; return it, the namespace's number and state."""
        rows = stack.enter_context(self._engine.read(namespace=namespace))
        number, state, expires = feed.number_and_version(rows, namespace)
        if expires is not None and expires <= instants.now():
            stack.close()
            expiry.sweep(self._engine, namespace)
            rows = stack.enter_context(self._engine.read(namespace=namespace))
            number, state, _ = feed.number_and_version(rows, namespace)
        return rows, number, state

    def _refresh(self, namespace: str, replica: _Replica[T], rows: Rows) -> None:
        changes = feed.since(rows, replica.number, replica.seen)
        if changes is None:
            return
        try:
            if changes.broken and changes.before != NOTHING:
                self._reset(replica, replica.number)
                changes = Changes(NOTHING, changes.after, [], broken=False)
            replica.held = self._projection.apply(replica.held, rows, replica.number, changes)
        except BaseException as error:  # half of the changes taken in would count twice
            self._reset(replica, replica.number)
            if isinstance(error, (TypeError, ValueError, OverflowError)):
                raise StoreCorrupt(
                    f"rows of namespace {namespace!r:.80} cannot be read ({error}); run "
                    "`remanence doctor`, which says what is damaged"
                ) from error
            raise
        replica.seen = changes.after
        self._measure(namespace, replica)

    def _reset(self, replica: _Replica[T], number: int) -> None:
        replica.number, replica.seen = number, NOTHING
        replica.held = self._projection.empty()

    def _of(self, namespace: str) -> _Replica[T]:
        with self._lock:
            replica = self._replicas.get(namespace)
            if replica is None:
                replica = self._replicas[namespace] = _Replica(self._projection.empty())
            self._replicas.move_to_end(namespace)
            return replica

    def _measure(self, namespace: str, replica: _Replica[T]) -> None:
        """Note what a copy takes, and make room for it."""
        size = self._projection.size(replica.held)
        with self._lock:
            if self._replicas.get(namespace) is not replica:
                return  # dropped meanwhile: whoever has it open is the last to read it
            self._total += size - replica.size
            replica.size = size
            while self._total > self._limit and len(self._replicas) > 1:
                _, dropped = self._replicas.popitem(last=False)
                self._total -= dropped.size

    def _drop(self, namespace: str, replica: _Replica[T]) -> None:
        with self._lock:
            if self._replicas.get(namespace) is replica:
                del self._replicas[namespace]
                self._total -= replica.size

    @property
    def total(self) -> int:
        """How much of the limit all copies take together."""
        return self._total

    def clear(self) -> None:
        """Drop them all."""
        with self._lock:
            self._replicas.clear()
            self._total = 0
