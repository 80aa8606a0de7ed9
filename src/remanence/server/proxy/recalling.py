"""Recall for a chat, within a budget of time; whatever happens here, the chat goes on.

A recall that takes too long is left to itself in its thread and the chat goes on without; so that a
store that hangs does not gather threads, only so many may be left. What the conversation already
says is not said again. It knows `Memory.recall`, and no protocol.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import anyio
import anyio.to_thread

from remanence.retrieval import answering
from remanence.server.logs import Log
from remanence.server.metrics import Metrics
from remanence.server.proxy.dialect import ParsedRequest
from remanence.server.proxy.remembering import Remembering
from remanence.server.proxy.sessions import ConversationNotes
from remanence.storage import episodes
from remanence.storage.store import Store
from remanence.text import fence, tokens
from remanence.types import Recall, Recollection

T = TypeVar("T")

CANDIDATES = 12  # that compete for the budget of tokens
AGAIN = 48  # that are looked through for those which the turn was given before
QUERY = 2_000  # characters of a long turn that are looked for: its two ends
THREADS = 4
LEFT = 16  # recalls in threads at once, those that nobody waits for included


class Recalls(Protocol):
    """The part of a memory that recall needs."""

    store: Store

    def recall(self, query: str, *, namespace: str, k: int) -> Recall:
        """The at most `k` episodes that answer `query`, best first."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The items that fit the budget, best first, and the parts that failed."""

    items: tuple[Recollection, ...] = ()
    degraded: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.items)


class Recalling:
    """Recalls for chats. `seconds` is the budget of one, `tokens` of what it may bring."""

    def __init__(
        self,
        memory: Recalls,
        remembering: Remembering,
        metrics: Metrics,
        log: Log,
        *,
        seconds: float,
        budget: int,
    ) -> None:
        self._memory, self._remembering = memory, remembering
        self._metrics, self._log = metrics, log
        self._seconds, self._budget = seconds, budget
        self._limiter = anyio.CapacityLimiter(THREADS)
        self._frozen = ConversationNotes()
        self._lock = threading.Lock()
        self._running = 0

    async def recall(self, namespace: str, request: ParsedRequest, turn: str) -> Recalled:
        """Return the recollections for the last user turn, `turn` by its id. Raises nothing."""
        if not request.text.strip() or not self._budget:
            return Recalled()
        if self._running >= LEFT:
            return self._without("busy")
        began = time.perf_counter()
        frozen = self._frozen.noted(namespace, turn) if request.after else None
        given = None if frozen is None else frozenset(frozen.split("\n"))
        found: Recalled | None = None
        try:
            with anyio.move_on_after(self._seconds):
                with anyio.move_on_after(self._seconds / 2):  # a store that is locked can be read
                    await self._remembering.settled(namespace)
                found = await self._threaded(partial(self._found, namespace, request, given))
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._log.failed("proxy recall", error)
            return self._without(type(error).__name__)
        finally:
            self._metrics.observe("proxy_recall_seconds", time.perf_counter() - began)
        if found is None:
            return self._without("timeout")
        self._frozen.note("\n".join(found.ids), namespace, turn)
        return found

    async def session_of(self, namespace: str, response: str) -> str | None:
        """The session of an answer that was remembered, by the provider's id of it. Raises nothing.

        Only asked after a restart, when nothing is noted of it any more: it reads all metadata.
        """
        try:
            with anyio.move_on_after(self._seconds):
                return await self._threaded(
                    partial(_session_of, self._memory.store, namespace, response)
                )
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._log.failed("proxy session", error)
            self._metrics.count("proxy_faults", step="session", kind=type(error).__name__)
        return None

    async def _threaded(self, job: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(
            self._counted(job), abandon_on_cancel=True, limiter=self._limiter
        )

    def _without(self, why: str) -> Recalled:
        self._metrics.count("proxy_faults", step="recall", kind=why)
        return Recalled(degraded=(why,))

    def _counted(self, job: Callable[[], T]) -> Callable[[], T]:
        """`job`, counted while its thread runs, whether or not anybody still waits for it."""

        def run() -> T:
            with self._lock:
                self._running += 1
            try:
                return job()
            finally:
                with self._lock:
                    self._running -= 1

        return run

    def _found(
        self, namespace: str, request: ParsedRequest, given: frozenset[str] | None
    ) -> Recalled:
        """In a thread. `given` are the ids that this turn was given before: a loop of tools keeps
        its memory, so that its prompt stays equal; what was forgotten since is gone.
        """
        query = request.text.strip()
        if len(query) > QUERY:
            query = f"{query[: QUERY // 2]}\n{query[-QUERY // 2 :]}"
        said = [text for _, text in request.before] + [request.text, *request.later]
        fresh, found = answering.telling(
            lambda k: self._memory.recall(query, namespace=namespace, k=k),
            CANDIDATES if given is None else AGAIN,
            lambda found: unsaid(found, said),
        )
        if given is not None:
            fresh = [item for item in fresh if item.id in given]
        chosen = fence.fitting(fresh, self._budget, tokens.count)
        degraded = tuple(name.split(":")[0].split(" ")[0] for name in found.degraded)
        return Recalled(tuple(chosen), degraded)


def unsaid(found: Recall, said: list[str]) -> list[Recollection]:
    """Return the items that add something to the conversation.

    Parts of a long text in the conversation add nothing either.
    """
    whole = {text.strip() for text in said}
    long = [text for text in said if len(text) > 1_000]
    return [
        item
        for item in found
        if item.text.strip() not in whole
        and not answering.says_nothing(item)
        and not ("#" in item.id and any(item.text in text for text in long))
    ]


def _session_of(store: Store, namespace: str, response: str) -> str | None:
    with store.namespace(namespace).reading() as (snapshot, number):
        for id, encoded in episodes.metadata(snapshot, number):
            if response in encoded and json.loads(encoded).get("response") == response:
                return episodes.read(snapshot, namespace, [id])[0].session
    return None
