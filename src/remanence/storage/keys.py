"""Rows of API keys: add, find, list, revoke, note their use; and the seal of a store.

A secret never comes here, only its hash. It does not know what a scope allows, nor how a key is written.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remanence.storage.database import Connection, Row

HASH = 32  # bytes: SHA-256
SEAL = 32
VALID, REVOKED = 2, 3
_COLUMNS = "name, hash, state, created, used, expires, scopes, grants, label"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the store has it; times in microseconds. `used` is None until it is used."""

    name: str
    hash: bytes
    created: int
    expires: int | None
    used: int | None
    scopes: tuple[str, ...]
    grants: tuple[str, ...]
    label: str | None
    revoked: bool = False


def add(connection: Connection, key: Key) -> None:
    """Write a new key."""
    connection.execute(
        f"INSERT INTO api_key ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",
        (
            key.name,
            key.hash,
            VALID,
            key.created,
            key.created,
            key.expires,
            json.dumps(key.scopes),
            json.dumps(key.grants, ensure_ascii=False),
            key.label,
        ),
    )


def _key(row: Row) -> Key:
    name, hash, state, created, used, expires, scopes, grants, label = row
    return Key(
        name=name,
        hash=bytes(hash),
        created=created,
        expires=expires,
        used=None if used == created else used,
        scopes=tuple(json.loads(scopes)),
        grants=tuple(json.loads(grants)) if grants else (),
        label=label,
        revoked=state == REVOKED,
    )


def find(connection: Connection, name: str) -> Key | None:
    """The key of that public name, revoked or not."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM api_key WHERE name = ?", (name,))
    return next((_key(row) for row in rows), None)


def every(connection: Connection) -> Iterator[Key]:
    """All keys, oldest first, the revoked ones too."""
    for row in connection.execute(f"SELECT {_COLUMNS} FROM api_key ORDER BY id"):
        yield _key(row)


def usable(connection: Connection, now: int) -> bool:
    """Whether any key is neither revoked nor expired."""
    rows = connection.execute(
        "SELECT 1 FROM api_key WHERE state = 2 AND (expires IS NULL OR expires > ?) LIMIT 1", (now,)
    )
    return bool(list(rows))


def revoke(connection: Connection, name: str) -> bool:
    """End a key, and blank what it says, in place; whether there was one to end."""
    ended = connection.execute(
        "UPDATE api_key SET state = 3, hash = zeroblob(32), grants = NULL, label = NULL "
        "WHERE name = ? AND state = 2 RETURNING id",
        (name,),
    )
    return bool(list(ended))


def note_use(connection: Connection, uses: Iterable[tuple[str, int]]) -> None:
    """Note when keys were last used: (name, instant)."""
    rows: Sequence[tuple[int, str]] = [(instant, name) for name, instant in uses]
    connection.executemany("UPDATE api_key SET used = ?1 WHERE name = ?2 AND used < ?1", rows)


def seal(connection: Connection) -> bytes:
    """The store's seal, made if there was none. To be called in a transaction that writes."""
    held = read_seal(connection)
    if held is None:
        held = secrets.token_bytes(SEAL)
        connection.execute("INSERT INTO seal (id, key) VALUES (1, ?)", (held,))
    return held


def read_seal(connection: Connection) -> bytes | None:
    """The store's seal, or None where it was never served."""
    rows = connection.execute("SELECT key FROM seal WHERE id = 1")
    return next((bytes(row[0]) for row in rows), None)
