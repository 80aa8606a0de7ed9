"""Import of a file, a folder, a zip archive or a stream, in any format of `catalogue`."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from remanence.errors import ConfigError, InvalidInput
from remanence.integrations import catalogue, incoming
from remanence.integrations.catalogue import BUNDLES, FORMATS, Beginning, Part
from remanence.integrations.exports import entries as files
from remanence.integrations.exports.entries import SourceFile
from remanence.integrations.exports.messages import Options
from remanence.integrations.exports.outline import outline
from remanence.integrations.incoming import Bad, Imported, Incoming
from remanence.memory import Memory

AUTO = "auto"
LOOK = files.HEAD
ONE_PASS = frozenset({"jsonl", "mem0", "mcp"})
"""Formats that are read from a stream as it comes; others are copied to a temporary file first."""

Progress = Callable[[int, int], None]
"""Is called with the bytes read so far and those there are."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """A trial of an import: the turns it would remember."""

    formats: dict[str, int]
    """Format -> number of files."""
    turns: tuple[Incoming, ...]
    """The first turns."""
    bad: tuple[Bad, ...]
    """What cannot be remembered among them."""
    unread: tuple[str, ...]
    """Files that no format recognises."""


class _Counted(io.RawIOBase):
    """A stream that counts the bytes read from it."""

    def __init__(self, source: BinaryIO, count: Callable[[int], None]) -> None:
        super().__init__()
        self._source, self._count = source, count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._count(len(data))
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Meter:
    """Bytes read of an import, in all its files together."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.read, self.total, self._progress = 0, total, progress

    def add(self, count: int) -> None:
        self.read += count

    def counted(self, entry: SourceFile) -> SourceFile:
        return replace(
            entry, open=lambda: io.BufferedReader(_Counted(entry.open(), self.add), LOOK)
        )

    def show(self) -> None:
        if self._progress is not None:
            self._progress(min(self.read, self.total) if self.total else self.read, self.total)


def load_path(
    memory: Memory,
    path: str | Path,
    *,
    format: str = AUTO,
    namespace: str | None = None,
    skip_bad: bool = False,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Remember what a file, folder or zip archive holds.

    Files of a folder or archive that no format recognises are left out and listed in `unread`.
    Raises `ConfigError` for a format that is not known, `InvalidInput` for a path that cannot be
    read, a single file of no known format, and the first bad place unless `skip_bad`.
    """
    with _parts(Path(path), format) as (parts, unread):
        meter = _Meter(sum(entry.size for part in parts for entry in part.entries), progress)
        counted = [replace(part, entries=tuple(map(meter.counted, part.entries))) for part in parts]
        done = incoming.remember(
            memory,
            _turns(counted, options or Options()),
            format=", ".join(part.format for part in parts) or catalogue.EMPTY,
            namespace=namespace,
            skip_bad=skip_bad,
            step=meter.show,
        )
    return replace(done, unread=tuple(entry.name for entry in unread))


def preview(
    path: str | Path, *, format: str = AUTO, options: Options | None = None, most: int = 10
) -> ImportPreview:
    """Return the first `most` turns of an import; nothing is remembered. Raises as `load_path`."""
    with _parts(Path(path), format) as (parts, unread):
        turns: list[Incoming] = []
        bad: list[Bad] = []
        for item in _turns(parts, options or Options()):
            if isinstance(item, Bad):
                bad.append(item)
            else:
                turns.append(item)
            if len(turns) >= most or len(bad) >= incoming.LISTED:
                break
        count = {part.format: len(part.entries) for part in parts}
        return ImportPreview(count, tuple(turns), tuple(bad), tuple(entry.name for entry in unread))


@contextmanager
def _parts(path: Path, format: str) -> Iterator[tuple[list[Part], list[SourceFile]]]:
    checked(format)
    with files.opened(path) as entries:
        if format in FORMATS or format in BUNDLES:
            yield [Part(format, tuple(entries))], []
            return
        parts, unread = catalogue.sorted_out(entries)
        if not parts:
            raise InvalidInput(_unrecognised(str(path), entries))
        yield parts, unread


def _turns(parts: Sequence[Part], options: Options) -> Iterator[Incoming | Bad]:
    """Yield the turns of all parts; a broken file is fatal only where it is the only one."""
    several = len(parts) > 1 or len(parts[0].entries) > 1 if parts else False
    for part in parts:
        for item in part.turns(options):
            yield replace(item, fatal=False) if several and isinstance(item, Bad) else item


def load(
    memory: Memory,
    source: BinaryIO,
    *,
    format: str = AUTO,
    namespace: str | None = None,
    skip_bad: bool = False,
    options: Options | None = None,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Remember what stands in a stream; `progress` is called with the number of bytes read.

    Raises `ConfigError` for a format that is not known, `InvalidInput` naming the first bad place.
    """
    checked(format)
    meter = _Meter(0, None if progress is None else lambda read, _: progress(read))
    stream = io.BufferedReader(_Counted(source, meter.add), LOOK)
    chosen = detect(stream.peek(LOOK)) if format == AUTO else format
    whole = chosen in ONE_PASS
    name = "standard input"
    with nullcontext(files.of_stream(stream)) if whole else files.spooled(stream, name) as entry:
        return incoming.remember(
            memory,
            Part(chosen, (entry,)).turns(options or Options()),
            format=chosen,
            namespace=namespace,
            skip_bad=skip_bad,
            step=meter.show,
        )


def checked(format: str) -> str:
    """Return a format's name. Raises `ConfigError` when it is not known."""
    if format not in (AUTO, *catalogue.names()):
        known = ", ".join((AUTO, *catalogue.names()))
        raise ConfigError(f"format={format!r} is not known; give {known}")
    return format


def detect(head: bytes) -> str:
    """Return the format of a stream that begins with `head`. Raises `InvalidInput`."""
    entry = replace(files.of_stream(io.BytesIO(head)), size=len(head))
    found = catalogue.decided(Beginning(entry, head, outline(head)))
    if found is None:
        raise InvalidInput(_unrecognised("the file", [entry]))
    return found


def _unrecognised(what: str, entries: Sequence[SourceFile]) -> str:
    if not entries:
        return f"{what}: holds no file to import"
    names = ", ".join(catalogue.names())
    if len(entries) > 1:
        return f"{what}: none of its {len(entries):,} files has a format that is read here: {names}"
    head = entries[0].head(24)
    return f"{what}: begins with {head!r}, which tells no format; give --format: {names}"
