"""Numbers by name that the worker processes of one service share, in a mapped file.

A row holds a name's digest, a number and a time. A name's row stands in one of `PROBES` places;
where all are taken, the one that was changed longest ago gives way, so the file never grows. Times
are of the system's monotonic clock, which processes of one machine share. It knows no request.
"""

import mmap
import os
import struct
import tempfile
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows: each worker counts by itself
    fcntl = None  # type: ignore[assignment]

ROWS: Final = 8_192
PROBES: Final = 8
_ROW: Final = struct.Struct("=8sdd")  # digest, number, time of the last change
_EMPTY: Final = bytes(8)


class SharedTable:
    """A file of numbers, opened by each worker for itself. For one thread of each process."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), ROWS * _ROW.size)

    def change(self, name: str, to: Callable[[float, float], float | None]) -> float:
        """Set a name's number to what `to` makes of the number and its age in seconds, and return
        it; None leaves it as it is. A name that is not there has 0, changed now.

        No other process reads or changes the table meanwhile.
        """
        digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            now = time.monotonic()
            place, value, changed = self._found(digest, now)
            made = to(value, max(0.0, now - changed))
            if made is None:
                return value
            _ROW.pack_into(self._map, place, digest, made, now)
            return made
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
        self._file.close()

    def _found(self, digest: bytes, now: float) -> tuple[int, float, float]:
        """Return the place of a digest's row, its number and when it was last changed."""
        first = int.from_bytes(digest, "big")
        oldest = (now, 0)
        free: int | None = None
        for step in range(PROBES):
            place = (first + step) % ROWS * _ROW.size
            held, value, changed = _ROW.unpack_from(self._map, place)
            if held == digest:
                return place, value, changed
            if held == _EMPTY:
                free = place if free is None else free
            oldest = min(oldest, (changed, place))
        return (oldest[1] if free is None else free), 0.0, now


def create() -> Path | None:
    """Make an empty table for the workers to open; None where they cannot share one."""
    if fcntl is None:
        return None
    handle, name = tempfile.mkstemp(prefix="remanence-workers-")
    os.ftruncate(handle, ROWS * _ROW.size)
    os.close(handle)
    return Path(name)
