"""PostgreSQL: snapshots, durable transactions, a bounded pool.

A write takes the row of its namespace first and its numbers then, so that in a namespace the order
of numbers is the order of commits, whatever process they come from. Threads of a process that write
to one namespace share its transactions (`group_commit`); namespaces do not wait for each other.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import psycopg
from psycopg.pq import PipelineStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from remanence.errors import ConfigError, StorageError, StoreClosed, StoreReadOnly
from remanence.storage import expiry, forgetting, notes
from remanence.storage.engine import ERASE_WAIT, Erasure, Rows
from remanence.storage.group_commit import GroupCommit
from remanence.storage.postgres import addresses, schema
from remanence.storage.postgres.dialect import POSTGRES
from remanence.storage.postgres.failures import meaning, translated
from remanence.storage.postgres.outcome import Commit, end
from remanence.storage.postgres.sessions import PostgresRows, Session, prepare
from remanence.storage.store import LOCK, digest
from remanence.storage.values import certain

T = TypeVar("T")
IDLE_CHECK: Final = 5.0  # seconds without use after which a connection is tried before it is used
_SNAPSHOT: Final = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_TRANSACTION: Final = b"BEGIN ISOLATION LEVEL READ COMMITTED"
# Set in every transaction: behind a pooler, the next may be on another connection to the server.
# Row level security hides the other namespaces (migration 3).
_FENCE: Final = (
    "set_config('remanence.namespace', "
    "coalesce((SELECT id::text FROM {schema}.namespace WHERE digest = $1), $2), true)"
)
_NOTHING, _EVERYTHING = "0", ""  # values of the fence, for a name without a row
# Cursors are read to their ends: they are planned for all rows, not for the first tenth.
_PLACE: Final = (
    "SELECT set_config('search_path', $3, true), "
    f"set_config('cursor_tuple_fraction', '1', true), {_FENCE}"
)
_TERMS: Final = (
    b"SELECT set_config('search_path', $1, true), set_config('lock_timeout', $2, true), "
    b"set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
    b"WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true), pg_current_xact_id()::text"
)


class PostgresEngine:
    """One store in a schema of a PostgreSQL database, open in this process.

    Raises `ConfigError`, `NotAStore`, `StoreTooNew` or `StorageError` if it cannot be used.
    """

    def __init__(
        self,
        path: str,
        *,
        key: str | None = None,
        readonly: bool = False,
        timeout: float = 30.0,
    ) -> None:
        self._address = addresses.parse(path)
        self.path = self._address.shown
        if key is not None:
            raise ConfigError(
                f"{self.path}: rows are not encrypted in PostgreSQL; open without key= (and "
                f"without "
                "$REMANENCE_KEY), on an encrypted disk and with sslmode=verify-full"
            )
        self._readonly, self._timeout = readonly, timeout
        self._patience = f"{max(1, int(timeout * 1000))}ms"  # for locks, as a setting
        schema_name = self._address.schema
        self._place = _PLACE.format(schema=schema_name).encode()
        self._fence = f"SELECT {_FENCE.format(schema=schema_name)}".encode()
        self._pid, self._closed = os.getpid(), False
        self._groups: dict[str, tuple[GroupCommit, int]] = {}
        self._grouping = threading.Lock()
        with translated(self.path), self._direct() as session:
            self._awaited = schema.check(session, self._address)
        writers = max(1, self._address.pool // 3)
        self._writes = self._pool(writers)
        self._reads = self._pool(self._address.pool - writers)

    # -- connections --------------------------------------------------------------------------

    def _direct(self) -> Session:
        """Return a connection of its own, outside the pool."""
        found: Session = Session.connect(
            self._address.conninfo, **addresses.options(self._address, self._timeout)
        )
        prepare(found)
        return found

    def _pool(self, size: int) -> ConnectionPool[Session]:
        return ConnectionPool(
            self._address.conninfo,
            connection_class=Session,
            kwargs=addresses.options(self._address, self._timeout),
            min_size=0,
            max_size=size,
            timeout=max(self._timeout, 0.001),
            num_workers=1,
            configure=prepare,
            check=_tried,
            open=True,
        )

    @contextmanager
    def _borrowed(self, pool: ConnectionPool[Session]) -> Iterator[Session]:
        """A connection of a pool, given back without a transaction, or closed."""
        self._check_open()
        try:
            session = pool.getconn()
        except PoolTimeout as error:
            if pool.get_stats()["pool_size"] < pool.max_size:  # there was room for another
                raise StorageError(
                    f"{self.path}: the server could not be reached within {self._timeout:g} s; "
                    "check that it runs, and the address"
                ) from error
            raise meaning(error, self.path) from error
        try:
            yield session
        finally:
            session.used = time.monotonic()
            pool.putconn(session)

    # -- reading ------------------------------------------------------------------------------

    @contextmanager
    def read(self, *, namespace: str | None = None) -> Iterator[PostgresRows]:
        """Return a context of one snapshot: every query in it sees the same committed state."""
        key = None if namespace is None else digest(namespace)
        fence = _EVERYTHING if namespace is None else _NOTHING
        with self._borrowed(self._reads) as session:
            try:
                with session.pipeline() as pipeline:
                    with translated(self.path):
                        session.execute(_SNAPSHOT)
                        session.execute(self._place, [key, fence, self._address.schema])
                    yield PostgresRows(session, pipeline, self.path)
                    if session.pgconn.pipeline_status == PipelineStatus.ON:
                        session.execute(b"ROLLBACK")
            finally:
                end(session)

    # -- writing ------------------------------------------------------------------------------

    def write(self, job: Callable[[Rows], T], *, namespace: str | None = None) -> T:
        """Run `job` in a transaction; return its result once it is durable.

        Errors raised by `job` roll back what it did, and only that. Raises `StoreUncertain` where
        nobody can say whether it was kept, else the `StorageError` tree; then nothing was.
        """
        self._check_open()
        if self._readonly:
            raise StoreReadOnly(f"{self.path}: was opened read-only; nothing was written")

        def flushed(rows: Rows) -> T:
            found = job(rows)
            rows.flush()  # type: ignore[attr-defined]
            return found

        if namespace is None:
            return self._alone(flushed)
        with self._group(namespace) as group:
            return group.run(flushed)

    def _alone(self, job: Callable[[Rows], T]) -> T:
        with self._transaction(None) as rows:
            return job(rows)

    @contextmanager
    def _group(self, namespace: str) -> Iterator[GroupCommit]:
        """The group commit of a namespace, kept while anybody writes to it."""
        with self._grouping:
            group, users = self._groups.get(namespace, (None, 0))
            if group is None:
                group = GroupCommit(lambda: self._transaction(namespace))
            self._groups[namespace] = (group, users + 1)
        try:
            yield group
        finally:
            with self._grouping:
                group, users = self._groups.pop(namespace)
                if users > 1:
                    self._groups[namespace] = (group, users - 1)

    @contextmanager
    def _transaction(self, namespace: str | None) -> Iterator[PostgresRows]:
        with self._borrowed(self._writes) as session:
            commit = Commit(session, self._direct, self.path, self._timeout, awaited=self._awaited)
            try:
                with session.pipeline() as pipeline:
                    with translated(self.path):
                        session.execute(_TRANSACTION)
                        begun = session.execute(_TERMS, [self._address.schema, self._patience])
                    rows = PostgresRows(session, pipeline, self.path)
                    if namespace is not None:
                        _ask_ahead(rows, namespace)
                        session.execute(self._fence, [digest(namespace), _EVERYTHING])
                    yield rows
                    commit.send(str(certain(begun.fetchone())[-1]))
                commit.check()
            except psycopg.Error as error:
                commit.explain(error)
            finally:
                commit.stop()
                end(session)

    # -- files --------------------------------------------------------------------------------

    def erase(self, wait: float = ERASE_WAIT) -> Erasure:  # noqa: ARG002
        """Nothing: the server's log, its standbys and its archive are not this engine's."""
        self._check_open()
        return Erasure.KEPT

    def rewrite(self) -> None:
        """Write the files of every table with words anew, one by one, each closed to others."""
        self._check_open()
        with translated(self.path), self._direct() as session:
            session.execute(b"SELECT set_config('lock_timeout', $1, false)", [self._patience])
            for table in schema.WITH_WORDS:
                session.execute(f"VACUUM (FULL) {self._address.schema}.{table}".encode())
                if session.warnings:  # without the right to it, nothing is done and no error raised
                    raise StoreReadOnly(
                        f"{self.path}: table {table} was not written anew: only its owner can; run "
                        "`remanence doctor --compact` as the role that ran `remanence migrate`"
                    )

    def problems(self) -> list[str]:
        """Return settings that lose writes, and what the server's own check of indexes finds."""
        self._check_open()
        with translated(self.path), self._direct() as session:
            return [
                *(f"the server has {each}" for each in schema.unsafe_settings(session)),
                *schema.index_problems(session, self._address.schema),
            ]

    def size(self) -> int:
        """Return bytes on the server's disk: tables, indexes and long values."""
        query = (
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c "
            "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE n.nspname = :schema AND c.relkind = 'r'"
        )
        with self.read() as rows:
            return int(certain(rows.one(query, schema=self._address.schema))[0])

    def backup(self, path: str) -> None:
        """Raise `ConfigError`: a server is backed up by its own tools."""
        raise ConfigError(
            f"{self.path}: is no file; back it up with pg_basebackup or pg_dump, or copy it into a "
            f"file with `remanence copy ADDRESS {path}`"
        )

    # -- closing ------------------------------------------------------------------------------

    def close(self) -> None:
        """Close every connection."""
        if self._closed or os.getpid() != self._pid:
            return
        self._closed = True
        for pool in (self._reads, self._writes):
            pool.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self.path}: this memory was closed; open it again")
        if os.getpid() != self._pid:
            raise StoreClosed(
                f"{self.path}: was opened by process {self._pid} and cannot be used in its "
                f"child {os.getpid()}; call remanence.open in the child"
            )


def _ask_ahead(rows: PostgresRows, namespace: str) -> None:
    """Hold a namespace, and ask what an appending to it will ask, without waiting.

    The row of the namespace comes first: numbers are taken while it is held.
    """
    rows.send_ahead(LOCK.format(lock=POSTGRES.lock), "namespace", digest=digest(namespace))
    rows.send_ahead(notes.EMBEDDER, "meta")
    rows.send_ahead(forgetting.NOTED, "meta", key=forgetting.PENDING)
    rows.send_ahead(expiry.NEXT, "expiry", digest=digest(namespace))
    for table in ("episode", "candidate"):
        rows.send_ahead(POSTGRES.numbers.format(table=table), count=1)


def _tried(session: Session) -> None:
    """Try a connection that was not used for a while. Raises `psycopg.Error` if it is dead."""
    if time.monotonic() - session.used > IDLE_CHECK:
        session.execute(b"")
