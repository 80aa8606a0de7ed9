"""The files of an import: a single file, a folder or a zip archive seen as one list of entries.

Hidden files, resource forks and lock files are left out. An entry is opened only when a reader or
the detection asks for its bytes.
"""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from remanence.errors import InvalidInput

HEAD = 1 << 16  # bytes by which a format is recognised
MOST_ENTRIES = 200_000  # files in one folder or archive
MOST_UNPACKED = 1 << 36  # bytes of an archive once unpacked
_OFFICE = "[Content_Types].xml"  # a document that is a zip archive by itself


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an import."""

    name: str
    """Path below the imported folder or archive, with forward slashes."""
    size: int
    """Bytes, unpacked."""
    modified: str
    """Time of the last change, RFC 3339."""
    open: Callable[[], BinaryIO]
    """Open the file for reading from its beginning."""
    origin: str = ""
    """Name of the archive or folder that the entry was found in; empty for a single file."""

    @property
    def path(self) -> PurePosixPath:
        """`name` as a path."""
        return PurePosixPath(self.name)

    def head(self, size: int = HEAD) -> bytes:
        """Return the first `size` bytes."""
        with self.open() as source:
            return source.read(size)


@contextmanager
def opened(path: Path) -> Iterator[list[SourceFile]]:
    """Yield the entries of a file, folder or zip archive; an archive stays open inside.

    Raises `InvalidInput` when the path cannot be read, or is an archive that is damaged, encrypted
    or unpacks to more than `MOST_UNPACKED` bytes.
    """
    try:
        if path.is_dir():
            yield _of_folder(path)
        elif zipfile.is_zipfile(path) and not _is_document(path):
            with _unzipped(path) as archive:
                yield _of_archive(archive, path)
        else:
            yield [_of_file(path, path.name)]
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read ({error.strerror or error})") from None


def _unzipped(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InvalidInput(f"{path}: is a damaged zip archive ({error})") from None


def of_stream(source: BinaryIO, name: str = "standard input") -> SourceFile:
    """Return the entry of a stream; it can be read once."""
    return SourceFile(name, 0, _moment(datetime.now(UTC).timestamp()), lambda: source)


@contextmanager
def spooled(source: BinaryIO, name: str) -> Iterator[SourceFile]:
    """Yield the entry of a stream copied to a temporary file, so that it can be read again."""
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        yield _of_file(Path(copy.name), name)


def _is_document(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return _OFFICE in archive.namelist()


def _of_file(path: Path, name: str, origin: str = "") -> SourceFile:
    status = path.stat()
    return SourceFile(
        name, status.st_size, _moment(status.st_mtime), lambda: path.open("rb"), origin
    )


def _of_folder(folder: Path) -> list[SourceFile]:
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(files):
            path = Path(parent, name)
            if not _hidden(name) and path.is_file():
                found.append(_of_file(path, path.relative_to(folder).as_posix(), folder.name))
        if len(found) > MOST_ENTRIES:
            raise InvalidInput(
                f"{folder}: has more than {MOST_ENTRIES:,} files; import its folders one by one"
            )
    return found


def _of_archive(archive: zipfile.ZipFile, path: Path) -> list[SourceFile]:
    members = [item for item in archive.infolist() if not item.is_dir()]
    if any(item.flag_bits & 1 for item in members):
        raise InvalidInput(f"{path}: is encrypted; unpack it and import the folder")
    unpacked = sum(item.file_size for item in members)
    if len(members) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise InvalidInput(
            f"{path}: unpacks to {len(members):,} files of {unpacked:,} bytes, more than is taken; "
            "unpack it and import its folders one by one"
        )
    members.sort(key=lambda item: item.filename)
    return [_of_member(archive, item, path.stem) for item in members if not _is_junk(item)]


def _is_junk(item: zipfile.ZipInfo) -> bool:
    return any(map(_hidden, PurePosixPath(item.filename).parts))


def _of_member(archive: zipfile.ZipFile, item: zipfile.ZipInfo, origin: str) -> SourceFile:
    stamp = datetime(*item.date_time, tzinfo=UTC).timestamp()
    return SourceFile(
        item.filename,
        item.file_size,
        _moment(stamp),
        lambda: cast(BinaryIO, archive.open(item)),
        origin,
    )


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name in ("__MACOSX", "node_modules", "Thumbs.db")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
