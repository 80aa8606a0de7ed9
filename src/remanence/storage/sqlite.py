"""SQLite, one file: connections, snapshots, durable group commit, migrations.

The only module that names `apsw` (through `apsw-sqlite3mc`: the newest SQLite, with encryption). It knows transactions and
files, not what an episode is.

Durability: WAL with `synchronous=FULL`. A write is acknowledged after the WAL is synced. One sync serves every thread that waits
for it: writers queue up, the first in the queue leads and commits for all, each in a savepoint of its own, so that one writer's
error is that writer's alone. Other processes take turns at SQLite's write lock, which `timeout` bounds.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import apsw

from remanence.errors import (
    NotAStore,
    RemanenceError,
    StorageError,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreFull,
    StoreReadOnly,
    StoreTooNew,
)
from remanence.storage.database import Connection

T = TypeVar("T")

APPLICATION_ID = 0x524D4E43  # "RMNC": marks a file as ours, see file(1)
MAX_GROUP = 256  # writers that share one commit
SCRUB_WAIT_MS = 2_000

# What each engine error means to a caller: (error, what to do).
_MEANINGS: tuple[tuple[type[apsw.Error], type[StorageError], str], ...] = (
    (apsw.FullError, StoreFull, "the disk is full; free some space and try again"),
    (
        apsw.BusyError,
        StoreBusy,
        "another process holds the write lock; try again, or open with a longer timeout=",
    ),
    (apsw.ReadOnlyError, StoreReadOnly, "the file cannot be written; check its permissions"),
    (
        apsw.CorruptError,
        StoreCorrupt,
        "the file is damaged; restore a backup, or `remanence export` what can still be read",
    ),
    (apsw.NotADBError, NotAStore, "it is no Remanence database, or the key is wrong or missing"),
    (apsw.CantOpenError, StorageError, "check that the folder exists and can be written"),
)


def _meaning(error: apsw.Error, path: str) -> StorageError:
    for engine, ours, advice in _MEANINGS:
        if isinstance(error, engine):
            return ours(f"{path}: {error}: {advice}")
    return StorageError(f"{path}: the database engine failed: {error}")


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise _meaning(error, path) from error


def _patient(timeout_ms: int) -> Callable[[int], bool]:
    """What to do while another process holds a lock: look again after a short, uneven nap.

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


class _Ticket:
    """One writer's place in the queue."""

    __slots__ = ("done", "error", "gate", "job", "leads", "result")

    def __init__(self, job: Callable[[Connection], Any]) -> None:
        self.job = job
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.leads = False
        self.gate: threading.Lock | None = None


def _cut_short() -> StorageError:
    return StorageError("the thread that committed for this one was interrupted; try again")


class SqliteDatabase:
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
        self._queue: list[_Ticket] = []
        self._queue_lock = threading.Lock()
        self._leading = False
        self._writing = threading.RLock()
        if path not in ("", ":memory:") and Path(path).is_dir():
            raise StorageError(f"{path}: is a folder; give the path of a file in it")
        self._readonly = readonly or self._is_read_only()
        with _translated(path):
            self._writer = self._connect()
            try:
                self._adopt()
            except BaseException:
                self._writer.close()
                raise

    # -- reading ------------------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """One snapshot: every query inside sees the same committed state."""
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

    def write(self, job: Callable[[Connection], T]) -> T:
        """Run `job` in a transaction, durable when this returns.

        Errors raised by `job` roll back what it did, and only that. Raises `StoreBusy`,
        `StoreFull`, `StoreReadOnly` or `StorageError`; then nothing of `job` was kept.
        """
        self._check_open()
        if self._readonly:
            raise StoreReadOnly(f"{self.path}: was opened read-only; nothing was written")
        ticket = _Ticket(job)
        try:
            with self._queue_lock:
                self._queue.append(ticket)
                ticket.leads = not self._leading
                self._leading = True
                if not ticket.leads:
                    ticket.gate = threading.Lock()
                    ticket.gate.acquire()
            if ticket.gate is not None:
                ticket.gate.acquire()  # opened when it is done, or when it is its turn to lead
            if not ticket.done:
                self._lead(ticket)
        except BaseException:  # an interrupt must not leave the others without a leader
            self._abandon(ticket)
            raise
        if ticket.error is not None:
            raise ticket.error
        result: T = ticket.result
        return result

    def _lead(self, own: _Ticket) -> None:
        """Commit for everyone who waits (oneself first), then hand the lead to the next."""
        group: list[_Ticket] = []
        try:
            with self._queue_lock:
                group = self._queue[:MAX_GROUP]
                del self._queue[:MAX_GROUP]
            with self._writing:
                self._commit(group)
        except BaseException as error:
            meaning = _meaning(error, self.path) if isinstance(error, apsw.Error) else error
            ours = isinstance(error, (apsw.Error, RemanenceError))
            for ticket in group:
                ticket.error = ticket.error or (meaning if ours or ticket is own else _cut_short())
            if not ours:
                raise
        finally:
            for ticket in group:
                ticket.done = True
                if ticket.gate is not None and ticket is not own:
                    ticket.gate.release()
            if group:
                self._hand_on()

    def _hand_on(self) -> None:
        with self._queue_lock:
            heir = self._queue[0] if self._queue else None
            self._leading = heir is not None
            if heir is not None:
                heir.leads = True
        if heir is not None and heir.gate is not None:
            heir.gate.release()

    def _abandon(self, ticket: _Ticket) -> None:
        """Leave the queue; who was to lead hands the lead on."""
        with self._queue_lock:
            waiting = ticket in self._queue
            if waiting:
                self._queue.remove(ticket)
        if waiting and ticket.leads:
            self._hand_on()

    def _commit(self, group: list[_Ticket]) -> None:
        connection = self._writer
        connection.execute("BEGIN IMMEDIATE")
        try:
            for ticket in group:
                self._run(connection, ticket, alone=len(group) == 1)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _run(self, connection: apsw.Connection, ticket: _Ticket, *, alone: bool) -> None:
        if alone:
            ticket.result = ticket.job(connection)
            return
        connection.execute("SAVEPOINT one")
        try:
            ticket.result = ticket.job(connection)
        except Exception as error:
            if not connection.in_transaction:
                raise  # the engine gave up the whole transaction (a full disk): nobody has it
            connection.execute("ROLLBACK TO one")
            ticket.error = _meaning(error, self.path) if isinstance(error, apsw.Error) else error
        connection.execute("RELEASE one")

    def scrub(self, wait_ms: int = SCRUB_WAIT_MS) -> str:
        """Empty the WAL, so that no earlier image of a page is left in it.

        "emptied"; or "pending", while someone reads an earlier state; or "none", without a file.
        """
        if self._in_memory:
            return "none"
        with self._translated_writer() as writer:
            writer.set_busy_handler(_patient(wait_ms))
            try:
                writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except apsw.BusyError:
                return "pending"
            finally:
                writer.set_busy_handler(_patient(self._timeout_ms))
        return "emptied"

    def vacuum(self) -> None:
        """Write the file anew: drops forgotten rows and free pages. Needs room for a copy."""
        with self._translated_writer() as writer:
            writer.execute("VACUUM")
        self.scrub()

    def problems(self) -> list[str]:
        """What SQLite's own integrity check finds; empty when the file is sound."""
        with self.read() as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def size(self) -> int:
        """Bytes on disk: the file and its write-ahead log."""
        paths = (Path(self.path), Path(self.path + "-wal"))
        return 0 if self._in_memory else sum(p.stat().st_size for p in paths if p.exists())

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

    def _connect(self) -> apsw.Connection:
        flags = apsw.SQLITE_OPEN_READONLY
        if not self._readonly:
            flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = apsw.Connection(self.path, flags=flags, vfs=self._vfs)
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
        migrations = _migrations()
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


def _migrations() -> list[str]:
    """The numbered migrations, oldest first. A file once released is never edited."""
    folder = resources.files("remanence.storage") / "migrations"
    return [
        entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    ]
