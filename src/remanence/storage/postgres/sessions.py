"""SQL on one connection to PostgreSQL, in pipeline mode.

A statement without an answer is sent and not waited for: what is written goes out together, and its
errors are raised by the next query or `flush`.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import psycopg
from psycopg.types.numeric import Int8BinaryDumper

from remanence.storage.postgres.dialect import POSTGRES, positional
from remanence.storage.postgres.failures import translated
from remanence.storage.values import Row, Value

BLOCK: Final = 4_096  # rows that `each` fetches at once


class Session(psycopg.Connection[Row]):
    """A connection that notes the server's warnings, and when it was last used."""

    warnings: list[str]
    """SQLSTATE of each warning since somebody emptied the list."""
    used: float = 0.0
    """Instant of its last use, by `time.monotonic`."""


def prepare(session: Session) -> None:
    """Set up a new connection: every integer is an int8, warnings are noted."""
    session.adapters.register_dumper(int, Int8BinaryDumper)
    session.used = time.monotonic()
    session.warnings = noted = []
    session.add_notice_handler(lambda notice: noted.append(notice.sqlstate or ""))


class PostgresRows:
    """Queries in one snapshot or transaction, which somebody else opens and ends."""

    __slots__ = ("_cursors", "_pipeline", "_session", "_shown")
    dialect = POSTGRES

    def __init__(self, session: Session, pipeline: psycopg.Pipeline, shown: str) -> None:
        self._session, self._pipeline, self._shown = session, pipeline, shown
        self._cursors = 0

    def _send(self, sql: str, bound: dict[str, Value], *, prepare: bool | None = None) -> Any:
        query, names = positional(sql)
        cursor = self._session.cursor()
        values = [bound[name] for name in names]
        cursor.execute(query, values, prepare=prepare, binary=True)
        return cursor

    def all(self, sql: str, /, **bound: Value) -> list[Row]:
        """Return every row of a query."""
        with translated(self._shown):
            found: list[Row] = self._send(sql, bound).fetchall()
            return found

    def one(self, sql: str, /, **bound: Value) -> Row | None:
        """Return the first row of a query, None where there is none."""
        found = self.all(sql, **bound)
        return found[0] if found else None

    def each(self, sql: str, /, **bound: Value) -> Iterator[Row]:
        """Yield the rows of a query as they are read, in blocks of a cursor of the server's."""
        self._cursors += 1
        name = f"rows_{self._cursors}"
        with translated(self._shown):
            self._send(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", bound, prepare=False)
        while True:
            with translated(self._shown):
                block = self._send(f"FETCH {BLOCK} FROM {name}", {}, prepare=False).fetchall()
            yield from block
            if len(block) < BLOCK:
                break
        with translated(self._shown):
            self._send(f"CLOSE {name}", {}, prepare=False)

    def run(self, sql: str, /, **bound: Value) -> int:
        """Run a statement that answers nothing; return how many rows it changed."""
        with translated(self._shown):
            cursor = self._send(sql, bound)
            self._pipeline.sync()
            return int(cursor.rowcount)

    def many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once a row; its values in the order in which `sql` first names them."""
        listed = rows if isinstance(rows, Sequence) else list(rows)
        if listed:
            query, _ = positional(sql)
            with translated(self._shown):
                self._session.cursor().executemany(query, listed)

    def flush(self) -> None:
        """Wait until everything that was sent is done. Raises the error of what was not."""
        with translated(self._shown):
            self._pipeline.sync()
