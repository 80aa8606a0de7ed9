"""The outcome of a commit: kept, not kept, or nobody knows.

A server that loses its standby commits all the same when the wait is cancelled, and reports success
with a warning. A connection lost in COMMIT reports nothing; the number of the transaction then
tells on another connection (`pg_xact_status`).
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from remanence.errors import StorageError, StoreUncertain
from remanence.storage.postgres.failures import meaning
from remanence.storage.postgres.sessions import Session

UNREPLICATED: Final = "01000"  # SQLSTATE of "committed locally, but might not have been replicated"
_LOOK_AGAIN: Final = 0.1  # seconds between looks at a transaction that is still under way
_ADVICE: Final = "read to see, or write again under the same ids, which doubles nothing"


def end(session: Session) -> None:
    """Leave a connection without a transaction, or closed."""
    if session.closed or session.info.transaction_status == TransactionStatus.IDLE:
        return
    try:
        session.execute(b"ROLLBACK")
    except psycopg.Error:
        session.close()  # the pool makes another in its place


class Commit:
    """The commit of one transaction, in pipeline mode."""

    def __init__(
        self,
        session: Session,
        connect: Callable[[], Session],
        shown: str,
        timeout: float,
        *,
        awaited: bool,
    ) -> None:
        self._session, self._connect, self._shown = session, connect, shown
        self._timeout, self._awaited = timeout, awaited
        self._cursor: psycopg.Cursor[Any] | None = None
        self._number = ""
        self._watch: threading.Timer | None = None

    def send(self, number: str) -> None:
        """Send COMMIT of the transaction `number`; its answer comes with the pipeline's end."""
        self._number = number
        self._session.warnings.clear()
        if self._awaited:  # no timeout of the server's ends the wait for a standby
            self._watch = threading.Timer(max(self._timeout, 0.001), self._give_up)
            self._watch.daemon = True
            self._watch.start()
        self._cursor = self._session.execute(b"COMMIT")

    def _give_up(self) -> None:
        self._session.cancel_safe(timeout=max(self._timeout, 1.0))

    def check(self) -> None:
        """Look at the answer. Raises `StoreUncertain`, or `StorageError` where nothing was kept."""
        self.stop()
        if self._cursor is None or self._cursor.statusmessage != "COMMIT":
            raise StorageError(
                f"{self._shown}: a statement had failed, so that nothing was kept; try again"
            )
        if UNREPLICATED in self._session.warnings:
            raise StoreUncertain(
                f"{self._shown}: no standby has confirmed within {self._timeout:g} s; the primary "
                f"has what was written, and it is lost if the primary is: {_ADVICE}"
            )

    def stop(self) -> None:
        """End the watch over the time that it takes."""
        if self._watch is not None:
            self._watch.cancel()

    def explain(self, error: psycopg.Error) -> None:
        """Return where the transaction was kept in spite of an error; else raise what is known."""
        self.stop()
        if self._cursor is None:
            raise meaning(error, self._shown) from error
        if not self._session.closed and not self._session.broken:
            raise meaning(error, self._shown) from error  # the server answered: it was not kept
        found = self._look()
        if found == "aborted":
            raise meaning(error, self._shown) from error
        if found != "committed":
            raise StoreUncertain(
                f"{self._shown}: the connection was lost while a write was committed, and nobody "
                f"can say whether it was: {_ADVICE}"
            ) from error

    def _look(self) -> str:
        """Return what a server knows of the transaction; "" where none can be asked in time."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                with self._connect() as session:
                    row = session.execute(
                        b"SELECT pg_xact_status($1::text::xid8)", [self._number]
                    ).fetchone()
                    found = "" if row is None else str(row[0] or "")
                    certain = not self._awaited or found == "aborted"
                    if found in ("aborted", "committed") and (certain or _confirmed(session)):
                        return found
            except psycopg.Error:
                pass  # not there yet, or another server to which that number means nothing
            if time.monotonic() >= deadline:
                return ""
            time.sleep(_LOOK_AGAIN)


def _confirmed(session: Session) -> bool:
    """Return whether everything committed before now is where it has to be.

    An entry in the log that is committed now is confirmed after everything before it.
    """
    session.warnings.clear()
    with session.transaction():
        session.execute(b"SELECT set_config('synchronous_commit', 'on', true)")
        session.execute(b"SELECT pg_logical_emit_message(true, 'remanence', '')")
    return UNREPLICATED not in session.warnings
