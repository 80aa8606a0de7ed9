"""Which format a file is in, and its reader. The only module that names them all."""

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from remanence.errors import ConfigError, InvalidInput
from remanence.integrations import incoming, jsonl, mcp_memory, mem0
from remanence.integrations.incoming import Bad, Imported, Incoming
from remanence.memory import Memory

AUTO = "auto"
READERS: dict[str, Callable[[BinaryIO], Iterator[Incoming | Bad]]] = {
    "jsonl": jsonl.read,
    "mem0": mem0.read,
    "mcp": mcp_memory.read,
}
"""Name -> reader. Add an entry to add a format."""

LOOK = 1 << 16  # bytes by which a format is told
# The first key that gives a format away, for a beginning that does not parse by itself.
_TELLING = re.compile(rb'"(text|memory|results|memories)"\s*:|"type"\s*:\s*"(entity|relation)"')


class _Counted(io.RawIOBase):
    """A stream that says how many bytes were read from it."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self.source = source
        self.read_so_far = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.source.read(len(buffer))
        buffer[: len(data)] = data
        self.read_so_far += len(data)
        return len(data)


def load(
    memory: Memory,
    source: BinaryIO,
    *,
    format: str = AUTO,
    namespace: str | None = None,
    skip_bad: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Remember what stands in `source`, reading as it goes; `progress` is told how many
    bytes were read.

    Raises `ConfigError` for a format that is not known, `InvalidInput` naming the first bad line.
    """
    if format not in (AUTO, *READERS):
        raise ConfigError(f"format={format!r} is not known; give {AUTO}, {', '.join(READERS)}")
    counted = _Counted(source)
    stream = io.BufferedReader(counted, LOOK)
    chosen = detect(stream.peek(LOOK)) if format == AUTO else format
    return incoming.remember(
        memory,
        READERS[chosen](stream),
        format=chosen,
        namespace=namespace,
        skip_bad=skip_bad,
        step=None if progress is None else lambda: progress(counted.read_so_far),
    )


def detect(head: bytes) -> str:
    """The format of a file that begins with `head`. Raises `InvalidInput` when it cannot be told."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return "jsonl"  # an empty file is an empty list of anything
    if start.startswith(b"["):
        return "mem0"
    return _by_record(start) or _by_first_key(start)


def _by_record(start: bytes) -> str | None:
    try:
        record = json.loads(start.splitlines()[0])
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    if record.get("type") in ("entity", "relation"):
        return "mcp"
    if "text" in record:
        return "jsonl"
    return "mem0" if {"memory", *mem0.LISTS} & set(record) else None


def _by_first_key(start: bytes) -> str:
    found = _TELLING.search(start)
    if not found:
        raise InvalidInput(
            f"the file begins with {start[:24]!r}, which tells no format; give --format "
            f"{', '.join(READERS)}"
        )
    if found[2]:
        return "mcp"
    return "jsonl" if found[1] == b"text" else "mem0"
