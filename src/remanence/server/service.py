"""The parts that every protocol shares: memory, keys, audit, metrics, log.

A value. It knows its parts, and how a verb is called from a coroutine; no route and no protocol.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread

from remanence.memory import Memory
from remanence.server.audit import Audit
from remanence.server.keys import Keys
from remanence.server.logs import Log, to_stderr
from remanence.server.metrics import Metrics
from remanence.server.settings import Settings
from remanence.server.shared import SharedTable
from remanence.server.traffic import Traffic
from remanence.storage import keys as rows

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """One store, served. `seal` is what its cursors and digests are keyed with."""

    memory: Memory
    settings: Settings
    keys: Keys
    metrics: Metrics
    audit: Audit
    log: Log
    limiter: anyio.CapacityLimiter  # of threads for verbs
    bulk: anyio.CapacityLimiter  # of threads for imports: long, and not in the others' way
    seal: bytes
    traffic: Traffic = field(default_factory=Traffic)  # of the proxies, lately
    shared: SharedTable | None = None  # with the other worker processes, where there are any

    async def run(self, verb: Callable[..., T], *args: object, **options: object) -> T:
        """Call a verb in a worker thread. It is let finish even where the caller has gone."""
        job = partial(verb, *args, **options)
        return await anyio.to_thread.run_sync(job, limiter=self.limiter)


def service(
    memory: Memory,
    settings: Settings,
    log: Log | None = None,
    shared: SharedTable | None = None,
) -> Service:
    """A service over an open memory. Raises `StorageError`."""
    log = to_stderr(settings.log) if log is None else log
    seal = memory.store.writing(rows.seal)
    keys, metrics = Keys(memory.store.engine), Metrics()
    return Service(
        memory=memory,
        settings=settings,
        keys=keys,
        metrics=metrics,
        audit=Audit(memory.store.engine, seal, keys, metrics, log),
        log=log,
        limiter=anyio.CapacityLimiter(settings.threads),
        bulk=anyio.CapacityLimiter(2),
        seal=seal,
        shared=shared,
    )
