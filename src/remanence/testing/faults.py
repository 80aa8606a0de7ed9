"""A memory that fails by a script: for tests and benchmarks of what must go on without it.

It stands where a memory stands; what it is told to fail fails as the store would, everything else
is the memory's. It knows no protocol.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from remanence.errors import RemanenceError, StoreBusy, StoreCorrupt, StoreFull
from remanence.memory import Memory

ERRORS: dict[str, Callable[[], Exception]] = {
    "locked": lambda: StoreBusy("another process held the write lock"),
    "full": lambda: StoreFull("the disk is full"),
    "corrupt": lambda: StoreCorrupt("the file is damaged"),
    "bug": lambda: ZeroDivisionError("nobody expected that"),
}
KINDS = ("timeout", *ERRORS)


class Faulty:
    """`memory`, whose calls fail in turn as `kinds` say (None:

    not). `failed` counts those that did.
    """

    def __init__(self, memory: Memory, kinds: Sequence[str | None], seconds: float = 60.0) -> None:
        self._memory, self._kinds, self._seconds = memory, kinds, seconds
        self._lock = threading.Lock()
        self._calls = 0
        self.failed: dict[str, int] = {}
        self.released = threading.Event()  # ends every call that hangs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._memory, name)

    def recall(self, *args: Any, **options: Any) -> Any:
        """`Memory.recall`, or what the script says."""
        self._fail("recall")
        return self._memory.recall(*args, **options)

    def remember(self, *args: Any, **options: Any) -> Any:
        """`Memory.remember`, or what the script says."""
        self._fail("remember")
        return self._memory.remember(*args, **options)

    def _fail(self, verb: str) -> None:
        with self._lock:
            kind = self._kinds[self._calls % len(self._kinds)]
            self._calls += 1
            if kind is not None:
                name = f"{verb} {kind}"
                self.failed[name] = self.failed.get(name, 0) + 1
        if kind == "timeout":
            self.released.wait(self._seconds)
            raise RemanenceError("it took too long")
        if kind is not None:
            error = ERRORS[kind]()
            raise error
