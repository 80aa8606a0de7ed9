"""What the rest of the house may ask of a database, whichever engine it is.

Queries are text with bound parameters, written once in `episodes.py`. An engine (`sqlite.py`) offers snapshots to read in and
durable transactions to write in; this module names no engine and no table.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

Row = tuple[Any, ...]
T = TypeVar("T")


class Connection(Protocol):
    """Runs SQL. Rows are tuples; parameters are bound, never pasted."""

    def execute(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Row]: ...

    def executemany(self, sql: str, bindings: Iterable[Sequence[Any]]) -> Any: ...


class Database(Protocol):
    """One store. Safe to use from many threads; raises the `StorageError` tree only."""

    def read(self) -> AbstractContextManager[Connection]:
        """One snapshot: every query inside sees the same state."""
        ...

    def write(self, job: Callable[[Connection], T]) -> T:
        """Run `job` in a transaction; when this returns, what it wrote survives power loss."""

    def scrub(self, wait_ms: int = 2_000) -> str:
        """Empty the write-ahead log: "emptied", "pending" (someone reads it) or "none"."""

    def vacuum(self) -> None:
        """Write the file anew, without free pages."""

    def problems(self) -> list[str]:
        """What the engine's own integrity check finds; empty when the store is sound."""

    def size(self) -> int:
        """Bytes on disk."""

    def close(self) -> None:
        """Release the file. A second call does nothing."""
