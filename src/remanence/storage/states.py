"""States of neural sessions, beside the log: open, save, drop, blank.

They stand in the store for the reasons that models do (`models`): one transaction blanks the words
and what has read them, and the key encrypts both. A body is bytes, for `neural` to read; `States`
is an implementation of its port `StateStore`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from remanence import checks
from remanence.errors import StorageError, StoreBusy
from remanence.storage.engine import Rows
from remanence.storage.store import Namespace, View
from remanence.storage.values import Value

SALT: Final = 16  # bytes
_BLANK: Final = bytes(SALT)


@dataclass(frozen=True, slots=True)
class StoredState:
    """The state of a session as it is kept."""

    token: bytes
    """Another after every saving; to be shown when saving over it."""
    body: bytes | None
    """The state; None where nothing is kept yet."""


class States:
    """The states of one namespace. Raises the `StorageError` tree."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        checks.label(namespace.name, "namespace")

    def open(self, name: str) -> StoredState:
        """Return what is kept of a session, and the right to save over it.

        Announces a session that there was not.
        """
        with self._namespace.reading() as (rows, number):
            found = _find(rows, number, name)
        return found[1] if found is not None else self._namespace.writing(_announcing(name))

    def save(self, name: str, body: bytes, token: bytes) -> bytes:
        """Keep `body` where `token` is still that of what is kept; return the next token.

        Raises `StoreBusy` where somebody else has saved meanwhile, `StorageError` where something
        was forgotten in the namespace.
        """

        def job(view: View) -> bytes:
            found = _find(view.rows, view.number, name)
            if found is None:
                raise StorageError(
                    f"something was forgotten in namespace {self._namespace.name!r:.80} while "
                    f"session {name!r:.80} was open, so its state was not kept; open it again, "
                    "it begins anew"
                )
            row, kept = found
            if kept.token != token:
                raise StoreBusy(
                    f"session {name!r:.80} was saved or begun by somebody else since it was "
                    "opened here; nothing was written, open it again"
                )
            if kept.body is not None and len(kept.body) == len(body):
                return _overwrite(view.rows, row, body)
            _blank(view.rows, "id = :id", id=row)
            return _add(view, name, body).token

        return self._namespace.writing(job, make=False)

    def drop(self, name: str) -> bool:
        """Keep nothing of a session; return whether there was something."""

        def job(view: View) -> bool:
            found = _find(view.rows, view.number, name)
            if found is None:
                return False
            _blank(view.rows, "id = :id", id=found[0])
            return found[1].body is not None

        return self._namespace.writing(job, make=False)


def _announcing(name: str) -> Callable[[View], StoredState]:
    def job(view: View) -> StoredState:
        found = _find(view.rows, view.number, name)
        return _add(view, name, None) if found is None else found[1]

    return job


def blank(rows: Rows, namespace: int, session: str | None = None) -> int:
    """Forget the states of a namespace, or of one session; return how many were kept.

    No session that is open can be saved afterwards.
    """
    where: str = "namespace = :namespace"
    bound: dict[str, Value] = {"namespace": namespace}
    if session is not None:
        where, bound = f"{where} AND session = :session", {**bound, "session": digest(session)}
    held = rows.one(f"SELECT count(*) FROM state WHERE body IS NOT NULL AND {where}", **bound)
    _blank(rows, where, **bound)
    return 0 if held is None else int(held[0])


def drop_blank(rows: Rows) -> None:
    """Delete blank rows but the newest, so that no number is used twice. Only before a rewrite."""
    rows.run(
        "DELETE FROM state WHERE salt = :blank AND id < (SELECT max(id) FROM state)", blank=_BLANK
    )


def digest(name: str) -> bytes:
    """Return what stands for a session's name."""
    return blake2b(name.encode(), digest_size=16).digest()


def _find(rows: Rows, namespace: int, name: str) -> tuple[int, StoredState] | None:
    row = rows.one(
        "SELECT id, salt, body FROM state WHERE namespace = :namespace AND session = :session",
        namespace=namespace,
        session=digest(name),
    )
    if row is None:
        return None
    id, salt, body = row
    return int(id), StoredState(bytes(salt), None if body is None else bytes(body))


def _add(view: View, name: str, body: bytes | None) -> StoredState:
    salt = secrets.token_bytes(SALT)
    view.rows.run(
        "INSERT INTO state (namespace, session, salt, body) "
        "VALUES (:namespace, :session, :salt, :body)",
        namespace=view.number,
        session=digest(name),
        salt=salt,
        body=body,
    )
    return StoredState(salt, body)


def _overwrite(rows: Rows, id: int, body: bytes) -> bytes:
    salt = secrets.token_bytes(SALT)
    rows.run(
        "UPDATE state SET salt = :salt, body = :body WHERE id = :id", salt=salt, body=body, id=id
    )
    return salt


def _blank(rows: Rows, where: str, **bound: Value) -> None:
    rows.run(
        f"UPDATE state SET salt = :blank, session = :blank, body = NULL WHERE {where}",
        blank=_BLANK,
        **bound,
    )
