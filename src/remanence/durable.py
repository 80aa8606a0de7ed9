"""Files that are replaced whole or not at all: after `kill -9` or a power cut there is the old one
or the new one.

A file is written in a folder of its own beside the last one, synced, and renamed over it. Whoever
writes holds a lock of that folder, so that two who write one file take turns, and what a killed
process left in it goes with the next write. Knows paths and bytes, neither formats nor our errors:
what the system raises (`OSError`) passes as it is, for the caller to say what was being kept.
"""

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

# What a file system says that locks no folders: NFS EBADF, some cluster file systems the others.
_LOCKLESS: Final = (errno.EBADF, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives where to write; leaving it makes that `path`, leaving it by an error does nothing.
    Raises `OSError`.

    Where folders cannot be locked (Windows, NFS), of two who write one file at once one may fail;
    the file is whole all the same.
    """
    with _alone(path) as room:
        beside = room / f"{secrets.token_hex(8)}{path.suffix}"
        yield beside
        with beside.open("r+b") as file:  # Windows syncs only what is open for writing
            os.fsync(file.fileno())
        beside.replace(path)
    sync(path.parent)


def write(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Replace a file. mode: who may read it, less the umask. Raises `OSError`."""
    with (
        replacing(path) as beside,
        open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file,
    ):
        file.write(content)


def remove(path: Path) -> None:
    """Remove a file, if it is there, and what a killed write left of it. Raises `OSError`."""
    with _alone(path):
        path.unlink(missing_ok=True)
    sync(path.parent)


def unfinished(path: Path) -> Path:
    """The folder in which `path` is written; it is there only meanwhile, or after a kill."""
    return path.with_name(f"{path.name}.writing")


def sync(folder: Path) -> None:
    """Make changes of names in a folder outlast a power cut.

    On Windows, which cannot open a folder, the system decides when. Raises `OSError`.
    """
    if sys.platform == "win32":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _alone(path: Path) -> Iterator[Path]:
    """The folder in which `path` is written, empty and for nobody else."""
    room = unfinished(path)
    with _locked(room):
        try:
            for left in room.iterdir():
                left.unlink()
            yield room
        finally:
            # What cannot be removed now is in nobody's way: the next write tries again.
            shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _locked(room: Path) -> Iterator[None]:
    """Make the folder, and hold its lock, where folders have one."""
    while True:
        with suppress(FileExistsError):
            room.mkdir(0o700)
        if sys.platform == "win32":
            yield
            return
        try:
            held = os.open(room, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # whoever had it has just removed it
            continue
        try:
            _wait(held)
            if _is(room, held):  # else it was removed while we waited
                yield
                return
        finally:
            os.close(held)


def _wait(held: int) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _LOCKLESS:
            raise


def _is(room: Path, held: int) -> bool:
    try:
        return os.path.samestat(os.fstat(held), room.stat())
    except FileNotFoundError:
        return False
