"""States of neural sessions, beside the log: open, save, drop, blank.

They stand in the store for the reasons that models do (`models`): one transaction blanks the words and what has read them, the key encrypts both.
A body is bytes; what they mean is `neural`'s business, whose port for them, `StateStore`, `States` answers to without knowing it.
"""

import secrets
from dataclasses import dataclass
from hashlib import blake2b

from remanence import checks
from remanence.errors import StorageError, StoreBusy
from remanence.storage import episodes
from remanence.storage.database import Connection, Database

SALT = 16  # bytes
_BLANK = "zeroblob(16)"


@dataclass(frozen=True, slots=True)
class StoredState:
    """What is kept of a session, None where nothing is yet; `token` is another after every saving."""

    token: bytes
    body: bytes | None


class States:
    """The states of one namespace. Raises the `StorageError` tree."""

    def __init__(self, database: Database, namespace: str) -> None:
        self._database = database
        self._namespace = checks.label(namespace, "namespace")

    def open(self, name: str) -> StoredState:
        """What is kept of a session, and the right to save over it. Announces a session that there was not."""
        with self._database.read() as connection:
            number = episodes.namespace_id(connection, self._namespace)
            found = None if number is None else _find(connection, number, name)
        return (
            self._database.write(lambda c: self._announced(c, name)) if found is None else found[1]
        )

    def _announced(self, connection: Connection, name: str) -> StoredState:
        number = episodes.make_namespace(connection, self._namespace)
        found = _find(connection, number, name)
        return _add(connection, number, name, None) if found is None else found[1]

    def save(self, name: str, body: bytes, token: bytes) -> bytes:
        """Keep `body` where `token` is still that of what is kept; the next token. Else raises `StoreBusy` where somebody else has saved, and
        `StorageError` where something was forgotten in the namespace.
        """

        def job(connection: Connection) -> bytes:
            number = episodes.namespace_id(connection, self._namespace)
            found = None if number is None else _find(connection, number, name)
            if number is None or found is None:
                raise StorageError(
                    f"something was forgotten in namespace {self._namespace!r:.80} while session {name!r:.80} was open, so its state was not kept; "
                    "open it again, it begins anew"
                )
            row, kept = found
            if kept.token != token:
                raise StoreBusy(
                    f"session {name!r:.80} was saved or begun by somebody else since it was opened here; nothing was written, open it again"
                )
            if kept.body is not None and len(kept.body) == len(body):
                salt = secrets.token_bytes(SALT)
                connection.execute(
                    "UPDATE state SET salt = ?, body = ? WHERE id = ?", (salt, body, row)
                )
                return salt
            _blank(connection, "id = ?", (row,))
            return _add(connection, number, name, body).token

        return self._database.write(job)

    def drop(self, name: str) -> bool:
        """Keep nothing of a session; whether there was something."""

        def job(connection: Connection) -> bool:
            number = episodes.namespace_id(connection, self._namespace)
            found = None if number is None else _find(connection, number, name)
            if found is None:
                return False
            _blank(connection, "id = ?", (found[0],))
            return found[1].body is not None

        return self._database.write(job)


def blank(connection: Connection, namespace: int, session: str | None = None) -> int:
    """Forget the states of a namespace, or of one session of it, and let none that is open be saved; how many were kept."""
    where: str = "namespace = ?"
    bound: tuple[object, ...] = (namespace,)
    if session is not None:
        where, bound = "namespace = ? AND session = ?", (namespace, digest(session))
    (held,) = next(
        iter(
            connection.execute(
                f"SELECT count(*) FROM state WHERE body IS NOT NULL AND {where}", bound
            )
        )
    )
    _blank(connection, where, bound)
    return int(held)


def drop_blank(connection: Connection) -> None:
    """Delete blank rows but the newest, so that no number is used twice. Only ever before VACUUM."""
    connection.execute(
        f"DELETE FROM state WHERE salt = {_BLANK} AND id < (SELECT max(id) FROM state)"
    )


def digest(name: str) -> bytes:
    """What stands for a session's name."""
    return blake2b(name.encode(), digest_size=16).digest()


def _find(connection: Connection, namespace: int, name: str) -> tuple[int, StoredState] | None:
    rows = connection.execute(
        "SELECT id, salt, body FROM state WHERE namespace = ? AND session = ?",
        (namespace, digest(name)),
    )
    return next(
        (
            (int(id), StoredState(bytes(salt), None if body is None else bytes(body)))
            for id, salt, body in rows
        ),
        None,
    )


def _add(connection: Connection, namespace: int, name: str, body: bytes | None) -> StoredState:
    salt = secrets.token_bytes(SALT)
    connection.execute(
        "INSERT INTO state (namespace, session, salt, body) VALUES (?, ?, ?, ?)",
        (namespace, digest(name), salt, body),
    )
    return StoredState(salt, body)


def _blank(connection: Connection, where: str, bound: tuple[object, ...]) -> None:
    connection.execute(
        f"UPDATE state SET salt = {_BLANK}, session = {_BLANK}, body = NULL WHERE {where}", bound
    )
