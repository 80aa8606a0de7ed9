"""SQLite, one file: connections, snapshots, durable transactions, migrations, copies.

The only module that names `apsw` (through `apsw-sqlite3mc`: the newest SQLite, with encryption).

Durability: WAL with `synchronous=FULL`. A write is acknowledged after the WAL is synced; threads share
a sync (`group_commit`). Other processes take turns at SQLite's write lock, which `timeout` bounds.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

import apsw

from remanence.errors import (
    NotAStore,
    StorageError,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreFull,
    StoreReadOnly,
    StoreTooNew,
)
from remanence.storage import migration
from remanence.storage.engine import ERASE_WAIT, Dialect, Erasure, Rows
from remanence.storage.group_commit import GroupCommit
from remanence.storage.values import Row, Value

T = TypeVar("T")

APPLICATION_ID = 0x524D4E43  # "RMNC": marks a file as ours, see file(1)
MIGRATIONS: Final = "migrations"
SQLITE: Final = Dialect(
    name="sqlite",
    # Over all namespaces: rows with words may only be appended at the table's right edge.
    numbers="WITH RECURSIVE given (number) AS (SELECT coalesce(max(id), 0) + 1 FROM {table} "
    "UNION ALL SELECT number + 1 FROM given) SELECT number FROM given LIMIT :count",
    last_given="SELECT seq FROM sqlite_sequence WHERE name = :table",
    resume="",
    contains="instr({text}, {part}) > 0",
    lock="",
    alone="",
)

_DAMAGED = (
    "the file is damaged; restore a backup, or bring out what can still be read with "
    "`remanence doctor --salvage FILE.jsonl`"
)
# What each engine error means to a caller: (error, what to do).
_MEANINGS: tuple[tuple[type[apsw.Error], type[StorageError], str], ...] = (
    (apsw.FullError, StoreFull, "the disk is full; free some space and try again"),
    (
        apsw.BusyError,
        StoreBusy,
        "another process holds the write lock; try again, or open with a longer timeout=",
    ),
    (apsw.ReadOnlyError, StoreReadOnly, "the file cannot be written; check its permissions"),
    (apsw.CorruptError, StoreCorrupt, _DAMAGED),
    (apsw.NotADBError, NotAStore, "it is no Remanence database, or the key is wrong or missing"),
    (apsw.CantOpenError, StorageError, "check that the folder exists and can be written"),
)


def _meaning(error: apsw.Error, path: str) -> StorageError:
    for engine, ours, advice in _MEANINGS:
        if isinstance(error, engine):
            return ours(f"{path}: {error}: {advice}")
    return StorageError(f"{path}: the database engine failed: {error}")


class _translated:  # noqa: N801
    """A context that raises this project's errors for the engine's; cheaper than a generator's."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, apsw.Error):
            raise _meaning(error, self._path) from error
        if isinstance(error, UnicodeDecodeError):
            raise StoreCorrupt(f"{self._path}: a text is not UTF-8: {_DAMAGED}") from error


def _patient(timeout_ms: int) -> Callable[[int], bool]:
    """Return a busy handler that retries after a short, uneven nap.

    SQLite's own handler sleeps up to 100 ms between looks, and whoever has just committed comes
    first again: with four writers the unlucky waited fifty times as long as a commit takes.
    """
    deadline = 0.0

    def look_again(looks: int) -> bool:
        nonlocal deadline
        if looks == 0:
            deadline = time.monotonic() + timeout_ms / 1000
        time.sleep(min(0.0002 * (looks + 1), 0.003) * random.uniform(0.5, 1.5))
        return time.monotonic() < deadline

    return look_again


class SqliteRows:
    """SQL on one connection, whose snapshot or transaction somebody else opens and ends."""

    __slots__ = ("_connection", "_path")
    dialect = SQLITE

    def __init__(self, connection: apsw.Connection, path: str) -> None:
        self._connection, self._path = connection, path

    def all(self, sql: str, /, **bound: Value) -> list[Row]:
        """Return every row of a query."""
        with _translated(self._path):
            return list(self._connection.execute(sql, bound))

    def one(self, sql: str, /, **bound: Value) -> Row | None:
        """Return the first row of a query, None where there is none."""
        # To its end: an open query keeps the write-ahead log from being emptied.
        rows = self.all(sql, **bound)
        return rows[0] if rows else None

    def each(self, sql: str, /, **bound: Value) -> Iterator[Row]:
        """Yield the rows of a query as they are read."""
        return iter(self._connection.execute(sql, bound))

    def run(self, sql: str, /, **bound: Value) -> int:
        """Run a statement that answers nothing; return how many rows it changed."""
        with _translated(self._path):
            self._connection.execute(sql, bound)
        return self._connection.changes()

    def many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once a row; its values in the order in which `sql` first names them."""
        with _translated(self._path):
            self._connection.executemany(sql, rows)


class SqliteEngine:
    """One SQLite file (or `:memory:`), open in this process.

    Raises `NotAStore`, `StoreTooNew`, `StoreReadOnly` or `StorageError` if the file cannot be used.
    """

    def __init__(
        self,
        path: str,
        *,
        key: str | None = None,
        readonly: bool = False,
        timeout: float = 30.0,
        vfs: str | None = None,
    ) -> None:
        self.path = path
        self._key, self._vfs = key, vfs
        self._timeout_ms = int(timeout * 1000)
        self._in_memory = path == ":memory:"
        self._pid = os.getpid()
        self._closed = False
        self._idle: list[apsw.Connection] = []
        self._pool = threading.Lock()
        self._commits = GroupCommit(self._transaction)
        self._writing = threading.RLock()
        if path not in ("", ":memory:") and Path(path).is_dir():
            raise StorageError(f"{path}: is a folder; give the path of a file in it")
        self._readonly = readonly or self._is_read_only()
        self._immutable = self._readonly and self._is_on_read_only_media()
        with _translated(path):
            self._writer = self._connect()
            try:
                self._adopt()
            except BaseException:
                self._writer.close()
                raise

    # -- reading ------------------------------------------------------------------------------

    @contextmanager
    def read(self, *, namespace: str | None = None) -> Iterator[SqliteRows]:  # noqa: ARG002
        """Return a context of one snapshot: every query in it sees the same committed state."""
        with self._snapshot() as connection:
            yield SqliteRows(connection, self.path)

    @contextmanager
    def _snapshot(self) -> Iterator[apsw.Connection]:
        self._check_open()
        if self._in_memory:
            with self._writing, _translated(self.path):  # one connection holds the data
                yield self._writer
            return
        with self._pool:
            connection = self._idle.pop() if self._idle else None
        with _translated(self.path):
            if connection is None:
                connection = self._connect()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                # A query that was not read to its end holds its snapshot beyond the rollback: every later look would see the old state.
                held = connection.txn_state() != apsw.SQLITE_TXN_NONE
                with self._pool:
                    if self._closed or held:
                        connection.close()
                    else:
                        self._idle.append(connection)

    # -- writing ------------------------------------------------------------------------------

    def write(self, job: Callable[[Rows], T], *, namespace: str | None = None) -> T:  # noqa: ARG002
        """Run `job` in a transaction; return its result once it is durable.

        Errors raised by `job` roll back what it did, and only that. Raises `StoreBusy`,
        `StoreFull`, `StoreReadOnly` or `StorageError`; then nothing of `job` was kept.
        `namespace` is not needed: SQLite has one writer at a time.
        """
        self._check_open()
        if self._readonly:
            raise StoreReadOnly(f"{self.path}: was opened read-only; nothing was written")
        return self._commits.run(job)

    @contextmanager
    def _transaction(self) -> Iterator[SqliteRows]:
        with self._translated_writer() as writer:
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteRows(writer, self.path)
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    def erase(self, wait: float = ERASE_WAIT) -> Erasure:
        """Empty the WAL, so that no earlier image of a page is left in it.

        Pending while anybody reads an earlier state for longer than `wait` seconds; none without
        a file.
        """
        if self._in_memory:
            return Erasure.NONE
        with self._translated_writer() as writer:
            writer.set_busy_handler(_patient(int(wait * 1000)))
            try:
                writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except apsw.BusyError:
                return Erasure.PENDING
            finally:
                writer.set_busy_handler(_patient(self._timeout_ms))
        return Erasure.EMPTIED

    def rewrite(self) -> None:
        """Write the file anew: drops forgotten rows and free pages. Needs room for a copy."""
        with self._translated_writer() as writer:
            writer.execute("VACUUM")
        self.erase()

    def problems(self) -> list[str]:
        """Return what SQLite's own integrity check finds; empty when the file is sound."""
        with self.read() as rows:
            found = [row[0] for row in rows.all("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def size(self) -> int:
        """Return bytes on disk: the file and its write-ahead log."""
        paths = (Path(self.path), Path(self.path + "-wal"))
        return 0 if self._in_memory else sum(p.stat().st_size for p in paths if p.exists())

    def backup(self, path: str) -> None:
        """Write a consistent copy to a new file, under the same key. Raises `StorageError`."""
        target = Path(path)
        if target.exists():
            raise StorageError(f"{path}: exists already; give the name of a new file")
        partial = target.with_name(target.name + ".part")
        partial.unlink(missing_ok=True)
        try:
            with _translated(path):
                copy = self._connect(str(partial))
            try:
                with (
                    self._snapshot() as source,
                    _translated(path),
                    copy.backup("main", source, "main") as backup,
                ):
                    backup.step(-1)
            finally:
                copy.close()
            partial.replace(target)
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(str(partial) + suffix).unlink(missing_ok=True)

    @contextmanager
    def _translated_writer(self) -> Iterator[apsw.Connection]:
        """The writing connection outside any transaction, once it is free."""
        self._check_open()
        with self._writing, _translated(self.path):
            yield self._writer

    # -- opening and closing ------------------------------------------------------------------

    def close(self) -> None:
        """Close every connection; the last one out folds the WAL into the file."""
        if self._closed or os.getpid() != self._pid:
            return
        with self._pool:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        with self._writing:
            self._writer.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self.path}: this memory was closed; open it again")
        if os.getpid() != self._pid:
            # SQLite's locks belong to a process: a connection carried across fork() corrupts.
            raise StoreClosed(
                f"{self.path}: was opened by process {self._pid} and cannot be used in its "
                f"child {os.getpid()}; call remanence.open in the child"
            )

    def _is_read_only(self) -> bool:
        path = Path(self.path)
        return not self._in_memory and path.exists() and not os.access(path, os.W_OK)

    def _is_on_read_only_media(self) -> bool:
        """Return whether the folder takes no files, such as the log's index that SQLite makes.

        Raises `StoreReadOnly` where rows are still in a log that nobody can fold into the file.
        """
        folder = Path(self.path).resolve().parent
        if self._in_memory or not folder.exists() or os.access(folder, os.W_OK):
            return False
        log = Path(self.path + "-wal")
        if log.exists() and log.stat().st_size:
            raise StoreReadOnly(
                f"{self.path}: its folder cannot be written and its newest rows are still in "
                f"{log.name}; copy both files to a folder that can be written, and open it there"
            )
        return True

    def _connect(self, path: str | None = None) -> apsw.Connection:
        flags, address = apsw.SQLITE_OPEN_READONLY, path or self.path
        if not self._readonly or path is not None:
            flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        elif self._immutable:
            flags |= apsw.SQLITE_OPEN_URI
            address = f"file:{quote(str(Path(self.path).resolve()))}?immutable=1"
        connection = apsw.Connection(address, flags=flags, vfs=self._vfs)
        connection.set_busy_handler(_patient(self._timeout_ms))
        if self._key is not None:
            quoted = apsw.format_sql_value(self._key)  # PRAGMA takes no bound parameters
            connection.execute(f"PRAGMA key = {quoted}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA temp_store = MEMORY")  # no words in temporary files
        return connection

    def _adopt(self) -> None:
        """Recognise the file, or make it ours, and bring it to the newest schema."""
        writer = self._writer
        # In one look: between two, another process may be making the same store.
        mark, tables = next(
            writer.execute(
                "SELECT (SELECT application_id FROM pragma_application_id), "
                "(SELECT count(*) FROM sqlite_schema)"
            )
        )
        if mark != APPLICATION_ID and tables:
            raise NotAStore(
                f"{self.path}: is a SQLite database, but not one of Remanence; give another path"
            )
        migrations = migration.scripts(MIGRATIONS)
        (version,) = next(writer.execute("PRAGMA user_version"))
        if version > len(migrations):
            raise StoreTooNew(
                f"{self.path}: has schema {version}, this version knows up to {len(migrations)}; "
                "upgrade remanence"
            )
        if self._readonly:
            if version < len(migrations):
                raise StoreReadOnly(
                    f"{self.path}: needs a migration and was opened read-only; open it for writing once"
                )
            return
        if next(writer.execute("PRAGMA journal_mode"))[0] not in ("wal", "memory"):
            writer.execute("PRAGMA journal_mode = WAL")
        if version < len(migrations):
            writer.execute("BEGIN IMMEDIATE")
            try:
                self._migrate(migrations)
                writer.execute("COMMIT")
            finally:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")

    def _migrate(self, migrations: list[str]) -> None:
        # Read again inside the lock: another process may have migrated meanwhile.
        (version,) = next(self._writer.execute("PRAGMA user_version"))
        for sql in migrations[version:]:
            self._writer.execute(sql)
        self._writer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._writer.execute(f"PRAGMA user_version = {len(migrations)}")
