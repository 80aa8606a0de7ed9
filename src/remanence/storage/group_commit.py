"""Group commit: threads that write at the same time share one transaction and one sync.

Writers queue up; the first in the queue leads, runs everybody's jobs in one transaction, commits,
and hands the lead to the next. There are no savepoints (PostgreSQL caches 64 of them a transaction;
beyond that every reader slows down): where a job fails, the transaction is rolled back and run
again without it, so that one writer's error is that writer's alone. It names no engine.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

from remanence.errors import RemanenceError, StorageError
from remanence.storage.engine import Rows

MAX_GROUP: Final = 256  # writers that share one commit
T = TypeVar("T")


class _Ticket:
    """One writer's place in the queue."""

    __slots__ = ("done", "error", "gate", "job", "leads", "result")

    def __init__(self, job: Callable[[Rows], Any]) -> None:
        self.job = job
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.leads = False
        self.gate: threading.Lock | None = None


class GroupCommit:
    """Runs jobs of many threads in shared transactions.

    `transaction` opens a context that commits at its end and rolls back on an error; it raises the
    `RemanenceError` tree for what the engine reports, also for an error of the engine inside a job.
    """

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Rows]], largest: int = MAX_GROUP
    ) -> None:
        self._transaction = transaction
        self._largest = largest
        self._queue: list[_Ticket] = []
        self._lock = threading.Lock()
        self._led = False

    def run(self, job: Callable[[Rows], T]) -> T:
        """Run `job` in a transaction, perhaps beside others; return its result once committed.

        Raises what `job` raises, else what the engine reports; then nothing of it was kept.
        """
        ticket = _Ticket(job)
        try:
            self._enter(ticket)
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

    def _enter(self, ticket: _Ticket) -> None:
        with self._lock:
            self._queue.append(ticket)
            ticket.leads = not self._led
            self._led = True
            if not ticket.leads:
                ticket.gate = threading.Lock()
                ticket.gate.acquire()

    def _lead(self, own: _Ticket) -> None:
        """Commit for everyone who waits (oneself first), then hand the lead to the next."""
        group: list[_Ticket] = []
        try:
            with self._lock:
                group = self._queue[: self._largest]
                del self._queue[: self._largest]
            self._commit(group)
        except BaseException as error:
            ours = isinstance(error, RemanenceError)
            for ticket in group:
                ticket.error = ticket.error or (error if ours or ticket is own else _cut_short())
            if not ours:
                raise
        finally:
            self._release(group, own)

    def _release(self, group: list[_Ticket], own: _Ticket) -> None:
        """Wake the threads of a group that was committed, and hand the lead on."""
        for ticket in group:
            ticket.done = True
            if ticket.gate is not None and ticket is not own:
                ticket.gate.release()
        if group:
            self._hand_on()

    def _commit(self, group: list[_Ticket]) -> None:
        """Run the jobs of a group in one transaction; again without each one that fails."""
        left = list(group)
        while left:
            running: _Ticket | None = None
            try:
                with self._transaction() as rows:
                    for running in left:
                        running.result = running.job(rows)
                    running = None
            except Exception as error:
                if running is None:
                    raise  # the transaction could not begin or not be committed: nobody has it
                running.error = error
                left.remove(running)
            else:
                return

    def _hand_on(self) -> None:
        with self._lock:
            heir = self._queue[0] if self._queue else None
            self._led = heir is not None
            if heir is not None:
                heir.leads = True
        if heir is not None and heir.gate is not None:
            heir.gate.release()

    def _abandon(self, ticket: _Ticket) -> None:
        """Leave the queue; a writer that was to lead hands the lead on."""
        with self._lock:
            waiting = ticket in self._queue
            if waiting:
                self._queue.remove(ticket)
        if waiting and ticket.leads:
            self._hand_on()


def _cut_short() -> StorageError:
    return StorageError("the thread that committed for this one was interrupted; try again")
