"""Rows of API keys: add, find, list, revoke, note their use; and the seal of a store.

A secret never comes here, only its hash. It does not know what a scope allows, nor how a key is
written.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remanence.storage.engine import Rows
from remanence.storage.values import Row

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


def add(rows: Rows, key: Key) -> None:
    """Write a new key."""
    rows.run(
        f"INSERT INTO api_key ({_COLUMNS}) VALUES (:name, :hash, :state, :created, :used, "
        ":expires, :scopes, :grants, :label)",
        name=key.name,
        hash=key.hash,
        state=VALID,
        created=key.created,
        used=key.created,
        expires=key.expires,
        scopes=json.dumps(key.scopes),
        grants=json.dumps(key.grants, ensure_ascii=False),
        label=key.label,
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


def find(rows: Rows, name: str) -> Key | None:
    """The key of that public name, revoked or not."""
    row = rows.one(f"SELECT {_COLUMNS} FROM api_key WHERE name = :name", name=name)
    return None if row is None else _key(row)


def every(rows: Rows) -> Iterator[Key]:
    """All keys, oldest first, the revoked ones too."""
    return map(_key, rows.each(f"SELECT {_COLUMNS} FROM api_key ORDER BY id"))


def usable(rows: Rows, now: int) -> bool:
    """Return whether any key is neither revoked nor expired."""
    row = rows.one(
        "SELECT 1 FROM api_key WHERE state = 2 AND (expires IS NULL OR expires > :now) LIMIT 1",
        now=now,
    )
    return row is not None


def revoke(rows: Rows, name: str) -> bool:
    """End a key, and blank what it says, in place; whether there was one to end."""
    ended = rows.run(
        "UPDATE api_key SET state = 3, hash = :blank, grants = NULL, label = NULL "
        "WHERE name = :name AND state = 2",
        blank=bytes(HASH),
        name=name,
    )
    return bool(ended)


def note_use(rows: Rows, uses: Iterable[tuple[str, int]]) -> None:
    """Note when keys were last used: (name, instant)."""
    rows.many(
        "UPDATE api_key SET used = :instant WHERE name = :name AND used < :instant",
        [(instant, name) for name, instant in uses],
    )


def seal(rows: Rows) -> bytes:
    """The store's seal, made if there was none. To be called in a transaction that writes."""
    held = read_seal(rows)
    if held is None:
        held = secrets.token_bytes(SEAL)
        rows.run("INSERT INTO seal (id, key) VALUES (1, :key)", key=held)
    return held


def read_seal(rows: Rows) -> bytes | None:
    """The store's seal, or None where it was never served."""
    row = rows.one("SELECT key FROM seal WHERE id = 1")
    return None if row is None else bytes(row[0])
