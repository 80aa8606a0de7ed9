"""An exchange is remembered once its answer has gone out; whatever happens here, the chat has had
its answer.

Chats of the same namespace that come meanwhile wait for it, within their own budget, so that a read
sees the write before it. It knows `Memory.remember`, and no protocol.
"""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import anyio
import anyio.to_thread

from remanence import checks
from remanence.errors import InvalidInput
from remanence.retrieval import answering
from remanence.server.logs import Log
from remanence.server.metrics import Metrics
from remanence.server.proxy.dialect import Answer, ParsedRequest
from remanence.server.proxy.sessions import ExchangeIds
from remanence.server.shared import SharedTable
from remanence.text import fence
from remanence.types import Turn

THREADS = 2
# characters that may wait to be remembered; what comes beyond is let go, and counted
WAITING = 64_000_000
MOST = 1_000_000  # characters of one answer
POLLED = 0.004  # seconds between two looks at what other workers owe
STALE = 60.0  # seconds after which what a worker owes is not waited for: it has died
USER, ASSISTANT = "user", "assistant"


class Remembers(Protocol):
    """The part of a memory that remembering needs."""

    def remember(self, what: list[Turn], *, namespace: str) -> Any:
        """Remember turns; durable when this returns."""


class SharedDebts:
    """How many exchanges all workers together have yet to remember, by namespace.

    A worker that dies leaves its own behind: a number that has not been 0 for `STALE` seconds is
    begun anew.
    """

    def __init__(self, table: SharedTable) -> None:
        self._table = table

    def add(self, namespace: str) -> None:
        """Say that one more is owed."""
        stale = self._stale(namespace)
        change = self._table.change
        count = change(f"owed\0{namespace}", lambda held, _: 1.0 if stale else held + 1)
        if count == 1:
            change(f"since\0{namespace}", lambda *_: time.monotonic())

    def take(self, namespace: str) -> None:
        """Say that one of them is remembered."""
        self._table.change(f"owed\0{namespace}", lambda held, _: max(0.0, held - 1))

    def owes(self, namespace: str) -> bool:
        """Return whether anything is owed."""
        count = self._table.change(f"owed\0{namespace}", lambda *_: None)
        return count > 0 and not self._stale(namespace)

    def _stale(self, namespace: str) -> bool:
        since = self._table.change(f"since\0{namespace}", lambda *_: None)
        return time.monotonic() - since > STALE


class Remembering:
    """Writes exchanges, a few at a time. For one event loop."""

    def __init__(
        self, memory: Remembers, metrics: Metrics, log: Log, shared: SharedTable | None = None
    ) -> None:
        self._memory, self._metrics, self._log = memory, metrics, log
        self._together = None if shared is None else SharedDebts(shared)
        self._limiter = anyio.CapacityLimiter(THREADS)
        self._pending: dict[str, set[anyio.Event]] = {}
        self._waiting = 0

    def owe(self, namespace: str) -> anyio.Event:
        """Say that something will be remembered there: who reads it from now on waits for that."""
        owed = anyio.Event()
        self._pending.setdefault(namespace, set()).add(owed)
        if self._together is not None:
            self._together.add(namespace)
        return owed

    async def remember(
        self, namespace: str, turns: Sequence[Turn], owed: anyio.Event | None = None
    ) -> bool:
        """Return whether all of it is remembered, and nothing `owed` any more.

        Raises nothing but cancellation.
        """
        owed = owed or self.owe(namespace)
        size = sum(len(turn.text) for turn in turns)
        self._waiting += size
        try:
            if self._waiting > WAITING:
                self._metrics.count("proxy_faults", step="remember", kind="waiting")
                return False
            return not turns or await anyio.to_thread.run_sync(
                partial(self._write, namespace, list(turns)), limiter=self._limiter
            )
        except Exception as error:  # noqa: BLE001 - the chat has had its answer
            self._fault(error)
            return False
        finally:
            self._waiting -= size
            owed.set()
            waiting = self._pending[namespace]
            waiting.discard(owed)
            if not waiting:
                del self._pending[namespace]
            if self._together is not None:
                self._together.take(namespace)

    async def settled(self, namespace: str) -> None:
        """Returns when what was being remembered there is, by any worker."""
        for done in list(self._pending.get(namespace, ())):
            await done.wait()
        while self._together is not None and self._together.owes(namespace):  # noqa: ASYNC110 - no event of ours crosses processes
            await anyio.sleep(POLLED)

    async def drained(self) -> None:
        """Returns when everything that was being remembered here is."""
        for owed in [each for waiting in self._pending.values() for each in waiting]:
            await owed.wait()

    def _write(self, namespace: str, turns: list[Turn]) -> bool:
        """In a thread: all in one commit; where one cannot be kept, the others are."""
        try:
            self._memory.remember(turns, namespace=namespace)
        except InvalidInput as error:
            if len(turns) > 1:
                kept = [self._write(namespace, [turn]) for turn in turns]
                return all(kept)
            self._fault(error)
            return False
        return True

    def _fault(self, error: Exception) -> None:
        self._log.failed("proxy remember", error)
        self._metrics.count("proxy_faults", step="remember", kind=type(error).__name__)


def turns(
    dialect: str,
    request: ParsedRequest,
    answer: Answer | None,
    place: ExchangeIds,
    began: str,
    ended: str,
) -> list[Turn]:
    """An exchange as turns: what the user said, always; what was answered, as far as it came.

    What tools gave back is not anybody's word here, and is not remembered.
    """
    said = []
    if request.text.strip():
        said.append(
            Turn(
                request.text,
                speaker=_speaker(request.speaker),
                session=place.session,
                at=began,
                id=place.turn,
                metadata={"role": USER, "via": dialect},
            )
        )
    text = "" if answer is None else fence.without(answer.text)
    if answer is not None and text.strip():
        about: dict[str, Any] = {"role": ASSISTANT, "via": dialect, "model": request.model[:200]}
        if request.text.strip():
            about["reply_to"] = place.turn
        if answering.admits(text):
            about["known"] = False
        if answer.finish:
            about["finish"] = answer.finish[:200]
        if answer.id:
            about["response"] = answer.id[:200]
        if not answer.complete or len(text) > MOST:
            about["incomplete"] = True
        said.append(
            Turn(
                text[:MOST],
                speaker=ASSISTANT,
                session=place.session,
                at=ended,
                id=place.answer,
                metadata=about,
            )
        )
    return said


def _speaker(name: str | None) -> str:
    """The name that a turn gives its speaker, if it can be one."""
    try:
        return checks.optional_label(name, "speaker") or USER
    except InvalidInput:
        return USER
