"""The port of a store: snapshots to read in, durable transactions to write in, and SQL with bound
values.

Queries stand in the modules of this package and nowhere else, in the SQL that engines share. What
differs between engines is data (`Dialect`). An engine is one module, its row in `engines.ENGINES`
and its own numbered migrations; `tests/contracts/test_engine.py` is what it has to pass.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from remanence.storage.values import Row, Value

T = TypeVar("T")
ERASE_WAIT: Final = 2.0  # seconds that `erase` waits for readers of an earlier state


@dataclass(frozen=True, slots=True)
class Dialect:
    """The SQL that differs between engines, as templates. Everything else is written once."""

    name: str
    """The engine, as the scheme of a store's address has it: "sqlite"."""
    numbers: str
    """Query for numbers of `:count` new rows of `{table}`, ascending, one a row.

    Called with the namespace locked, so that the order of numbers is the order of commits in it."""
    last_given: str
    """Query for the highest number that was ever given in `:table`, one that notes it.

    With `lock` behind it, who gives the next waits for whoever is giving one."""
    resume: str
    """Query after which new numbers of `{table}` follow those that it has; empty where they do."""
    contains: str
    """Condition that the text `{text}` holds the text `{part}`."""
    lock: str
    """End of a SELECT that locks the rows it reads until the transaction ends; empty where a writer
    has the whole store to itself."""
    alone: str
    """Statement that keeps every other writer out until the transaction ends; empty likewise."""


class Rows(Protocol):
    """SQL in one snapshot or transaction. Values are bound by name (`:name`), never pasted.

    Raises the `StorageError` tree only. Every method but `each` reads its answer to the end.
    """

    dialect: Dialect

    def all(self, sql: str, /, **bound: Value) -> list[Row]:
        """Return every row of a query."""
        ...

    def one(self, sql: str, /, **bound: Value) -> Row | None:
        """Return the first row of a query, None where there is none."""
        ...

    def each(self, sql: str, /, **bound: Value) -> Iterator[Row]:
        """Yield the rows of a query as they are read."""
        ...

    def run(self, sql: str, /, **bound: Value) -> int:
        """Run a statement that answers nothing; return how many rows it changed."""
        ...

    def many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once a row; its values in the order in which `sql` first names them."""
        ...


class Erasure(StrEnum):
    """The state of earlier images of overwritten rows."""

    EMPTIED = "emptied"
    """No file of the store holds one any more."""
    PENDING = "pending"
    """A reader of an earlier state kept them from being erased; call again later."""
    NONE = "none"
    """There is nothing to erase: the store has no file."""
    KEPT = "kept"
    """Erasing is not this engine's to promise: files of the store have them until a `rewrite`, the
    engine's log, its copies and its archive until they are recycled."""


class Engine(Protocol):
    """One store, safe to use from many threads. Raises the `StorageError` tree only."""

    def read(self, *, namespace: str | None = None) -> AbstractContextManager[Rows]:
        """Return a context of one snapshot: every query in it sees the same committed state.

        `namespace` is the one that is read, where it is one alone: an engine may hide the others.
        """
        ...

    def write(self, job: Callable[[Rows], T], *, namespace: str | None = None) -> T:
        """Run `job` in a transaction and return its result once what it wrote survives power loss.

        `job` may run more than once, each time on a state without its earlier tries; what it raises
        is raised here, and then nothing of it was kept. `namespace` is the one that it writes to,
        where it writes to one alone: its writers take turns.
        """
        ...

    def erase(self, wait: float = ERASE_WAIT) -> Erasure:
        """Erase earlier images of overwritten rows, waiting at most `wait` seconds for readers."""
        ...

    def rewrite(self) -> None:
        """Write the store's files anew, without free space. Needs room for a copy."""
        ...

    def close(self) -> None:
        """Release the store. A second call does nothing."""
        ...


class Upkeep(Protocol):
    """Maintenance of a store's files."""

    path: str
    """Where the store is: a path, or an address without its password."""

    def problems(self) -> list[str]:
        """Return what the engine's own integrity check finds; empty when the store is sound."""
        ...

    def size(self) -> int:
        """Return bytes on disk."""
        ...

    def backup(self, path: str) -> None:
        """Write a consistent copy to a new file, while others read and write."""
        ...
