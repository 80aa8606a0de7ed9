"""Rows of the audit: appended, each bound to the one before it, and verified.

A row has numbers, a route's name and digests: no word of a memory. It does not know what is worth
noting.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from remanence.storage.engine import Rows
from remanence.storage.values import Row

DIGEST = 12  # bytes that stand for a name
_CHAIN = 32
_COLUMNS = "id, at, key, action, status, namespace, target, chain"


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed. `at` in microseconds; `namespace` and `target` are digests, empty for none."""

    at: int
    key: str
    action: str
    status: int
    namespace: bytes = b""
    target: bytes = b""


def digest(seal: bytes, name: str) -> bytes:
    """Return a keyed digest of a name, which cannot be guessed without the store's seal."""
    return blake2b(name.encode(), digest_size=DIGEST, key=seal).digest()


def _chained(before: bytes, row: Sequence[object]) -> bytes:
    told = b"".join(len(part).to_bytes(4, "big") + part for part in map(_bytes, row))
    return blake2b(before + told, digest_size=_CHAIN).digest()


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def append(rows: Rows, entries: Sequence[Entry]) -> None:
    """Write entries in order."""
    rows.all(f"{rows.dialect.last_given}{rows.dialect.lock}", table="audit")  # no two at a time
    last = rows.one("SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1")
    number, chain = (0, bytes(_CHAIN)) if last is None else (int(last[0]), bytes(last[1]))
    written = []
    for entry in entries:
        number += 1
        row = (
            number, entry.at, entry.key, entry.action, entry.status, entry.namespace, entry.target,
        )  # fmt: skip
        chain = _chained(chain, row)
        written.append((*row, chain))
    rows.many(
        f"INSERT INTO audit ({_COLUMNS}) "
        "VALUES (:id, :at, :key, :action, :status, :namespace, :target, :chain)",
        written,
    )


def entries_after(rows: Rows, after: int = 0) -> Iterator[Row]:
    """(id, at, key, action, status, namespace, target, chain) of what was noted after a row."""
    return rows.each(f"SELECT {_COLUMNS} FROM audit WHERE id > :after ORDER BY id", after=after)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification:

    `problem` is None where every row follows from the one before it.
    """

    rows: int
    head: str  # the newest row's chain, in hexadecimal: to be kept elsewhere
    problem: str | None


def verify(rows: Rows) -> Verdict:
    """Follow the chain from its first row."""
    chain, count = bytes(_CHAIN), 0
    for row in entries_after(rows):
        count += 1
        if row[0] != count:
            return Verdict(count - 1, chain.hex(), f"row {count} is missing")
        chain = _chained(chain, (*row[:5], bytes(row[5]), bytes(row[6])))
        if chain != bytes(row[7]):
            return Verdict(count - 1, chain.hex(), f"row {count} was changed")
    noted = rows.one(rows.dialect.last_given, table="audit")
    newest = 0 if noted is None or noted[0] is None else int(noted[0])
    problem = None if newest == count else f"the last {newest - count} rows are missing"
    return Verdict(count, chain.hex(), problem)
