"""The audit: entries noted at once, written by a thread once a second, or before an answer where
they must not be lost.

The guard decides which requests have entries. Entries that cannot be written stay pending.
"""

import threading
from collections.abc import Callable
from functools import partial

from remanence import instants
from remanence.errors import StorageError
from remanence.server.keys import Keys, note_uses
from remanence.server.logs import Log
from remanence.server.metrics import Metrics
from remanence.storage import audit as rows
from remanence.storage.engine import Engine, Rows

EVERY = 1.0  # seconds


class Audit:
    """The audit of one store, and the notes of when keys were used.

    Safe to use from many threads.
    """

    def __init__(self, engine: Engine, seal: bytes, keys: Keys, metrics: Metrics, log: Log) -> None:
        self._engine, self._seal, self._keys = engine, seal, keys
        self._metrics, self._log = metrics, log
        self._pending: list[rows.Entry] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def note(
        self, key: str, action: str, status: int, namespace: str | None, target: str | None
    ) -> None:
        """One deed, to be written within a second."""
        entry = rows.Entry(
            instants.now(), key, action, status, self._digest(namespace), self._digest(target)
        )
        with self._lock:
            self._pending.append(entry)

    def _digest(self, name: str | None) -> bytes:
        return b"" if name is None else rows.digest(self._seal, name)

    def flush(self, *, last: bool = False) -> None:
        """Write what is pending; `last` also notes the use of every key. Raises `StorageError`."""
        with self._writing:
            with self._lock:
                entries = list(self._pending)
            uses = self._keys.uses(all=last)
            if entries or uses:
                self._engine.write(partial(_written, entries=entries, uses=uses))
            with self._lock:
                del self._pending[: len(entries)]
                self._metrics.level("audit_pending", len(self._pending))

    def start(self) -> Callable[[], None]:
        """Write once a second from now on; call what comes back to end that, everything written."""
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()
        return self._end

    def _end(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.flush(last=True)

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self.flush()
            except StorageError as error:
                self._log.failed("audit", error, pending=len(self._pending))


def _written(transaction: Rows, entries: list[rows.Entry], uses: list[tuple[str, int]]) -> None:
    rows.append(transaction, entries)
    note_uses(transaction, uses)
