"""SQL on one connection to PostgreSQL, in pipeline mode.

A statement without an answer is sent and not waited for: what is written goes out together, and its
errors are raised by the next query or `flush`.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.types.numeric import Int8BinaryDumper

from remanence.storage.postgres.dialect import POSTGRES, positional
from remanence.storage.postgres.failures import translated
from remanence.storage.values import Row, Value

BLOCK: Final = 16_384  # rows that `each` fetches at once


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


@dataclass(slots=True)
class _Ahead:
    """A query that was sent before anybody asked for it."""

    table: str
    """The table that it reads; "" where it answers once."""
    cursor: Any
    """Where its answer comes in."""
    answer: list[Row] | None = None
    """Its answer, once somebody has asked."""


class PostgresRows:
    """Queries in one snapshot or transaction, which somebody else opens and ends."""

    __slots__ = ("_ahead", "_cursors", "_pipeline", "_session", "_shown", "waits")
    dialect = POSTGRES

    def __init__(self, session: Session, pipeline: psycopg.Pipeline, shown: str) -> None:
        self._session, self._pipeline, self._shown = session, pipeline, shown
        self._cursors = 0
        self._ahead: dict[tuple[object, ...], _Ahead] = {}
        self.waits = 0  # round trips: how often somebody waited for the server

    def send_ahead(self, sql: str, table: str = "", /, **bound: Value) -> None:
        """Send a query that will soon be asked for: its answer comes with the next one's.

        It then answers the query until `table` is written to; without a table, once.
        """
        with translated(self._shown):
            self._ahead[sql, *bound.values()] = _Ahead(table, self._send(sql, bound))

    def _forget_ahead(self, sql: str) -> None:
        """Drop what was asked before a statement that changes it."""
        for key in [key for key, each in self._ahead.items() if each.table and each.table in sql]:
            del self._ahead[key]

    def _send(self, sql: str, bound: dict[str, Value], *, prepare: bool | None = None) -> Any:
        query, names = positional(sql)
        cursor = self._session.cursor()
        values = [bound[name] for name in names]
        cursor.execute(query, values, prepare=prepare, binary=True)
        return cursor

    def all(self, sql: str, /, **bound: Value) -> list[Row]:
        """Return every row of a query."""
        with translated(self._shown):
            known = self._ahead.get((sql, *bound.values()))
            if known is None:
                self.waits += 1
                return list(self._send(sql, bound).fetchall())
            if known.answer is None:
                self.waits += not known.cursor.description
                known.answer = known.cursor.fetchall()
            if not known.table:
                del self._ahead[sql, *bound.values()]
            return list(known.answer)

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
                self.waits += 1
                block = self._send(f"FETCH {BLOCK} FROM {name}", {}, prepare=False).fetchall()
            yield from block
            if len(block) < BLOCK:
                break
        with translated(self._shown):
            self._send(f"CLOSE {name}", {}, prepare=False)

    def run(self, sql: str, /, **bound: Value) -> int:
        """Run a statement that answers nothing; return how many rows it changed."""
        with translated(self._shown):
            self._forget_ahead(sql)
            cursor = self._send(sql, bound)
            self.waits += 1
            self._pipeline.sync()
            return int(cursor.rowcount)

    def many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once a row; its values in the order in which `sql` first names them."""
        listed = rows if isinstance(rows, Sequence) else list(rows)
        if listed:
            self._forget_ahead(sql)
            query, _ = positional(sql)
            with translated(self._shown):
                self._session.cursor().executemany(query, listed)

    def flush(self) -> None:
        """Wait until everything that was sent is done. Raises the error of what was not."""
        with translated(self._shown):
            self.waits += 1
            self._pipeline.sync()
