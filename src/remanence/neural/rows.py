"""The external matrix S on disk: keys and values of past tokens without bound, each with its number
and the episode that it came from.

One file of records of one size, mapped into memory; beside it, in memory alone, the index of its
keys. One process at a time has a file open.

    offset 0      page of 4,096 bytes: magic, JSON of what the rows are (padded), and two places of 64 bytes for the commit
    offset 4,096  records: serial int64, episode int64, key float16 x K, value float16 x V, little-endian

An append writes records behind the last one, syncs, and then writes how many there are, with a
checksum, into the older of the two places, and syncs. Where that was cut off, the count that is
read is the one before, and the torn records are cut off when the file is opened. A record that was
forgotten is zeros but for its serial and episode, -1 (the largest serial of all is kept): rows keep
their places, so that the index stays right, and when blank ones outnumber the others, the next
opening writes the file anew.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from remanence import durable
from remanence.errors import (
    InvalidInput,
    NotAStore,
    StorageError,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
)
from remanence.neural.index import Floats, Lists, Numbers

try:
    import fcntl
except ImportError:  # pragma: no cover - systems without POSIX locks
    fcntl = None  # type: ignore[assignment]

PAGE: Final = 4_096
MAGIC: Final = b"remanence rows 1\n"
BLANK: Final = -1  # the episode of a record that was forgotten
_PLACES: Final = (PAGE - 128, PAGE - 64)  # of the commit
_COMMIT: Final = struct.Struct("<QQI")  # how many commits, how many records, checksum


@dataclass(frozen=True)
class RowMatch:
    """Result of a search, best first: `rows` (n) are places in the file, `scores` (n), `serials`
    (n), `episodes` (n), `values` (n, V).
    """

    rows: Numbers
    scores: Floats
    serials: Numbers
    episodes: Numbers
    values: Floats


class RowStore:
    """A matrix S in the file `path`, made where there is none.

    `key` and `value` are the lengths of a row's two vectors; `about` says whose rows they are (the
    fingerprint of the memory that writes them) and must be the same whenever the file is opened.

    Raises `NotAStore` for another kind of file, `StoreCorrupt` for a damaged one, `StoreBusy` where
    another process has it open, `InvalidInput` where its rows are of another memory, `StorageError`
    where the disk refuses. A context manager.
    """

    def __init__(self, path: Path | str, key: int, value: int, *, about: str = "") -> None:
        self.path = Path(path)
        self.key, self.value, self.about = key, value, about
        self.record = np.dtype(
            [
                ("serial", "<i8"),
                ("episode", "<i8"),
                ("key", "<f2", (key,)),
                ("value", "<f2", (value,)),
            ]
        )
        self._commits = self._count = 0
        self._file = self._opened()
        try:
            self._begin()
            self._map()
            self.last = int(self._records["serial"].max(initial=-1))
            """The largest serial ever appended, -1 where there is none."""
            if 2 * self.blank > self._count:
                self._written_anew()
            self._index = Lists(key)
            live = np.flatnonzero(self._records["episode"] != BLANK)
            self._index.add(live, self._records["key"][live].astype(np.float32))
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """How many rows there are, forgotten ones not counted."""
        return len(self._index)

    @property
    def index(self) -> Lists:
        """The index of the keys; `index.calibrate(queries)` fits it to what is asked."""
        return self._index

    @property
    def blank(self) -> int:
        """How many records of the file were forgotten."""
        return int((self._records["episode"] == BLANK).sum())

    def append(
        self, serials: Numbers, episodes: Numbers, keys: NDArray[Any], values: NDArray[Any]
    ) -> int:
        """Add rows: serials (n) that rise, episodes (n) from 0 on, keys (n, K), values (n, V).

        How many were added; when this returns they are on disk.

        A row whose serial is not above `last` is there already, and is left out: a segment may be
        told again after a crash.
        """
        self._check_open()
        serials, episodes = np.asarray(serials, np.int64), np.asarray(episodes, np.int64)
        new = serials > self.last
        if not len(serials) or not new.any():
            return 0
        records = np.zeros(int(new.sum()), self.record)
        if (episodes < 0).any() or (np.diff(serials) <= 0).any():
            raise InvalidInput("episodes are numbers from 0 on, and serials rise from row to row")
        if keys.shape != (len(serials), self.key) or values.shape != (len(serials), self.value):
            raise InvalidInput(
                f"keys {keys.shape} and values {values.shape} are not {len(serials)} rows of "
                f"{self.key} and {self.value}"
            )
        with np.errstate(over="ignore"):
            records["key"], records["value"] = keys[new], values[new]
        if not (np.isfinite(records["key"]).all() and np.isfinite(records["value"]).all()):
            raise InvalidInput("a number of a row is not finite in float16 (65,504 is the largest)")
        records["serial"], records["episode"] = serials[new], episodes[new]
        before = self._count
        self._put(PAGE + before * self.record.itemsize, records.tobytes())
        self._commit(before + len(records))
        self.last = int(records["serial"][-1])
        self._map()
        # What is indexed is what was stored, so that a reopened file answers the same.
        self._index.add(np.arange(before, self._count), records["key"].astype(np.float32))
        return len(records)

    def search(self, query: Floats, k: int) -> RowMatch:
        """The `k` rows whose keys have the largest inner products with `query` (K)."""
        self._check_open()
        rows, scores = self._index.search(query, k)
        there = self._records[rows]
        return RowMatch(
            rows, scores, there["serial"], there["episode"], there["value"].astype(np.float32)
        )

    def forget(self, episode: int) -> int:
        """Blank the rows of an episode: how many.

        When this returns their bytes are gone from the file; if it is cut off, ask again.
        """
        self._check_open()
        rows = np.flatnonzero(self._records["episode"] == episode)
        if episode < 0 or not len(rows):
            return 0
        blank = np.zeros(len(rows), self.record)
        # Without the largest serial a reopened file would take the row again.
        newest = self._records["serial"][rows] == self.last
        blank["serial"], blank["episode"] = np.where(newest, self.last, BLANK), BLANK
        done = 0
        for start, end in _runs(rows):
            part = blank[done : (done := done + end - start)]
            self._put(PAGE + start * self.record.itemsize, part.tobytes(), sync=False)
        if self._file.seek(0, os.SEEK_END) > PAGE + self._count * self.record.itemsize:
            self._commit(self._count)  # in the place of the one that failed, before its records go
            self._trim()
        self._sync()
        self._index.remove(rows)
        return len(rows)

    def close(self) -> None:
        """Let the file go. Nothing is pending: every append was synced."""
        self._file.close()

    # -- the file
    # ------------------------------------------------------------------------------------

    def _opened(self) -> Any:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = open(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise StorageError(
                f"cannot open {self.path}: {error}; choose a file that can be written"
            ) from error
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                    raise BlockingIOError("written anew meanwhile")
            except OSError as error:
                file.close()
                raise StoreBusy(
                    f"{self.path} is open in another place; close it there, or open another file"
                ) from error
        return file

    def _begin(self) -> None:
        """Read the first page, or write that of an empty file."""
        head = self._file.read(PAGE)
        told = json.dumps({"key": self.key, "value": self.value, "about": self.about}).encode()
        commits = [c for at in _PLACES if (c := _commit(head[at : at + 64])) is not None]
        size = self._file.seek(0, os.SEEK_END)
        if not commits and size <= PAGE and MAGIC.startswith(head[: len(MAGIC)]):
            # New, or cut off before it held anything.
            if len(MAGIC) + len(told) > _PLACES[0]:
                raise InvalidInput(f"about is {len(self.about)} characters; give fewer than 3,000")
            self._put(0, (MAGIC + told).ljust(_PLACES[0], b"\0") + b"\0" * 128, sync=False)
            self._commit(0)
            durable.sync(self.path.parent)
            return
        if len(head) < PAGE or not head.startswith(MAGIC):
            raise NotAStore(f"{self.path} holds no rows of a neural memory; choose another file")
        said = head[len(MAGIC) : _PLACES[0]].rstrip(b"\0")
        if said != told:
            raise InvalidInput(
                f"{self.path} holds the rows of another memory, {said.decode(errors='replace')}, "
                f"not {told.decode()}; choose another file"
            )
        if not commits:
            raise StoreCorrupt(f"{self.path} has no whole commit; restore it from a copy")
        self._commits, self._count = max(commits)
        if size < PAGE + self._count * self.record.itemsize:
            raise StoreCorrupt(
                f"{self.path} is {size:,} bytes and should hold {self._count:,} rows; restore it "
                "from a copy"
            )
        self._trim()

    def _trim(self) -> None:
        """Cut off what an append left behind the last commit."""
        try:
            self._file.truncate(PAGE + self._count * self.record.itemsize)
        except OSError as error:
            raise StorageError(f"cannot cut {self.path} to its rows: {error}") from error

    def _map(self) -> None:
        """The records that are committed, as an array that reads from the file."""
        if not self._count:
            self._records: NDArray[Any] = np.empty(0, self.record)
            return
        self._records = np.memmap(
            self.path, self.record, mode="r", offset=PAGE, shape=(self._count,)
        )

    def _put(self, offset: int, content: bytes, *, sync: bool = True) -> None:
        try:
            self._file.seek(offset)
            left = memoryview(content)
            while left:
                left = left[self._file.write(left) :]
            if sync:
                self._sync()
        except OSError as error:
            raise StorageError(
                f"cannot write {self.path}: {error}; make room on the disk and ask again"
            ) from error

    def _sync(self) -> None:
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StorageError(f"cannot sync {self.path}: {error}; ask again") from error

    def _commit(self, count: int) -> None:
        commits = self._commits + 1
        packed = struct.pack("<QQ", commits, count)
        packed += struct.pack("<I", zlib.crc32(packed))
        self._put(_PLACES[commits % 2], packed.ljust(64, b"\0"))
        self._commits, self._count = commits, count

    def _written_anew(self) -> None:
        """The file without its blank records, but for the one that has the largest serial of all."""
        stay = self._records["episode"] != BLANK
        stay |= self._records["serial"] == self.last
        beside = self.path.with_name(self.path.name + ".new")
        beside.unlink(missing_ok=True)
        kept = np.ascontiguousarray(self._records[stay])
        if len(kept) == self._count:
            return
        old = self._file
        with open(self.path, "rb") as file:
            head = file.read(_PLACES[0])
        self._records = np.empty(0, self.record)
        whole, self.path = self.path, beside
        try:
            self._file = self._opened()
            self._put(0, head + b"\0" * 128 + kept.tobytes(), sync=False)
            self._commit(len(kept))
            beside.replace(whole)
        finally:
            self.path = whole
            old.close()
        durable.sync(whole.parent)
        self._map()

    def _check_open(self) -> None:
        if self._file.closed:
            raise StoreClosed(f"{self.path} was closed; open it again")


def _commit(place: bytes) -> tuple[int, int] | None:
    """How many commits and records, where the checksum is right."""
    if len(place) < _COMMIT.size:
        return None
    commits, count, check = _COMMIT.unpack_from(place)
    return (commits, count) if commits and check == zlib.crc32(place[:16]) else None


def _runs(rows: Numbers) -> Iterator[tuple[int, int]]:
    """Rows that lie side by side, as (first, one past the last)."""
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        yield int(run[0]), int(run[-1]) + 1
