"""The verbs of `Memory` for asynchronous programs: each runs in a worker thread.

    async with remanence.aio.open("assistant.db") as memory:
        await memory.remember("I moved to Chengdu in March.", speaker="Wei")
        found = await memory.recall("Where does Wei live?")

There is no second core: arguments, results and errors are those of `Memory`. A call that is
cancelled lets its thread finish, so that a write is whole; what it would have returned is dropped.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from remanence import build
from remanence.errors import StoreClosed
from remanence.memory import Memory
from remanence.types import Consolidation, Context, Episode, Fact, Recall, Receipt, Remembered

THREADS: Final = 4  # of one memory, unless told otherwise


def open(path: str | os.PathLike[str], *, threads: int = THREADS, **options: Any) -> "AsyncMemory":
    """Return a memory to be entered with `async with`, or opened with `await memory.start()`.

    `options` are those of `remanence.open`; nothing is opened, and so nothing raised, before.
    """
    return AsyncMemory(partial(build.open, path, **options), threads)


class AsyncMemory:
    """Long-term memory whose verbs are awaited. Safe to use from many tasks of one event loop."""

    def __init__(self, make: Callable[[], Memory], threads: int = THREADS) -> None:
        self._make = make
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="remanence")
        self._memory: Memory | None = None

    async def start(self) -> Self:
        """Open the store; raises as `remanence.open`."""
        if self._memory is None:
            try:
                self._memory = await self._run(self._make)
            except BaseException:
                self._pool.shutdown(wait=False)
                raise
        return self

    async def close(self) -> None:
        """Release the store once calls under way have ended. A second call does nothing."""
        memory, self._memory = self._memory, None
        if memory is not None:
            await self._run(memory.close)
        self._pool.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def memory(self) -> Memory:
        """The memory itself, for calls that block. Raises `StoreClosed` where it is not open."""
        if self._memory is None:
            raise StoreClosed("the memory is not open; enter it with `async with`")
        return self._memory

    async def run(self, verb: Callable[..., Any], /, *arguments: Any, **options: Any) -> Any:
        """Call a function of the open memory in a worker thread: `run(queries.page, "wei")`."""
        return await self._run(verb, self.memory, *arguments, **options)

    async def _run(self, verb: Callable[..., Any], /, *arguments: Any, **options: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(verb, *arguments, **options))

    async def remember(self, what: Any, **options: Any) -> Remembered:
        """`Memory.remember`."""
        return await self._run(self.memory.remember, what, **options)  # type: ignore[no-any-return]

    async def learn(self, subject: str, relation: str, object: str, **options: Any) -> Fact:
        """`Memory.learn`."""
        return await self._run(self.memory.learn, subject, relation, object, **options)  # type: ignore[no-any-return]

    async def edit(self, id: str, text: str | None = None, **options: Any) -> Episode:
        """`Memory.edit`."""
        return await self._run(self.memory.edit, id, text, **options)  # type: ignore[no-any-return]

    async def forget(self, **options: Any) -> Receipt:
        """`Memory.forget`."""
        return await self._run(self.memory.forget, **options)  # type: ignore[no-any-return]

    async def recall(self, query: str, **options: Any) -> Recall:
        """`Memory.recall`."""
        return await self._run(self.memory.recall, query, **options)  # type: ignore[no-any-return]

    async def context(self, query: str, **options: Any) -> Context:
        """`Memory.context`."""
        return await self._run(self.memory.context, query, **options)  # type: ignore[no-any-return]

    async def facts(self, **options: Any) -> list[Fact]:
        """`Memory.facts`."""
        return await self._run(self.memory.facts, **options)  # type: ignore[no-any-return]

    async def get(self, id: str, **options: Any) -> Episode | None:
        """`Memory.get`."""
        return await self._run(self.memory.get, id, **options)  # type: ignore[no-any-return]

    async def consolidate(self, **options: Any) -> Consolidation:
        """`Memory.consolidate`."""
        return await self._run(self.memory.consolidate, **options)  # type: ignore[no-any-return]
