"""Models of a namespace's facts, beside the log: announce, keep, read, blank.

They stand in the store and not in a file beside it, because all that the house promises of the store then holds of them without a line
more: one transaction blanks the words and what was learnt from them, the key encrypts both, a copy of the file has both, and a store in
memory leaves nothing on the disk. A body is bytes; how it is made is `knowledge`'s business.
"""

import secrets
from dataclasses import dataclass
from hashlib import blake2b

from remanence.storage.database import Connection

SALT = 16  # bytes
_BLANK = "zeroblob(16)"


@dataclass(frozen=True, slots=True)
class Claim:
    """A training that has begun: it may keep its model as long as nothing was forgotten since."""

    id: int
    namespace: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class Model:
    """What is kept: `id` grows with every model, so that who has read one knows whether it is the newest."""

    id: int
    salt: bytes
    body: bytes


def digest(salt: bytes, name: str) -> bytes:
    """What a body has in the stead of a name: without the salt, it says nothing."""
    return blake2b(name.encode(), digest_size=16, key=salt).digest()


def claim(connection: Connection, namespace: int) -> Claim:
    """Announce a training. To be committed before it reads a fact."""
    salt = secrets.token_bytes(SALT)
    (made,) = next(
        iter(
            connection.execute(
                "INSERT INTO model (namespace, salt) VALUES (?, ?) RETURNING id", (namespace, salt)
            )
        )
    )
    return Claim(int(made), namespace, salt)


def keep(connection: Connection, claimed: Claim, body: bytes) -> bool:
    """Keep a model in the stead of every older one; False where its claim was blanked meanwhile."""
    if not _standing(connection, claimed):
        return False
    connection.execute(
        f"UPDATE model SET salt = {_BLANK}, body = NULL "
        "WHERE id = ? OR (namespace = ? AND body IS NOT NULL)",
        (claimed.id, claimed.namespace),
    )
    connection.execute(
        "INSERT INTO model (namespace, salt, body) VALUES (?, ?, ?)",
        (claimed.namespace, claimed.salt, body),
    )
    return True


def release(connection: Connection, claimed: Claim) -> None:
    """Take a claim back: its training did not come to an end."""
    connection.execute(
        f"UPDATE model SET salt = {_BLANK} WHERE id = ? AND body IS NULL", (claimed.id,)
    )


def _standing(connection: Connection, claimed: Claim) -> bool:
    rows = connection.execute("SELECT salt FROM model WHERE id = ?", (claimed.id,))
    return [bytes(salt) for (salt,) in rows] == [claimed.salt]


def newest(connection: Connection, namespace: int) -> int:
    """The number of the namespace's model; 0 where there is none."""
    (found,) = next(
        iter(
            connection.execute(
                "SELECT coalesce(max(id), 0) FROM model WHERE namespace = ? AND body IS NOT NULL",
                (namespace,),
            )
        )
    )
    return int(found)


def read(connection: Connection, namespace: int) -> Model | None:
    """The namespace's model."""
    rows = connection.execute(
        "SELECT id, salt, body FROM model WHERE id = ?", (newest(connection, namespace),)
    )
    return next((Model(int(id), bytes(salt), bytes(body)) for id, salt, body in rows), None)


def blank(connection: Connection, namespace: int) -> int:
    """Forget the namespace's model, and let no training that has begun keep another; how many there were."""
    held = int(newest(connection, namespace) > 0)
    connection.execute(
        f"UPDATE model SET salt = {_BLANK}, body = NULL WHERE namespace = ? AND salt <> {_BLANK}",
        (namespace,),
    )
    return held


def drop_blank(connection: Connection) -> None:
    """Delete blank rows but the newest, so that no number is used twice. Only ever before VACUUM."""
    connection.execute(
        f"DELETE FROM model WHERE salt = {_BLANK} AND id < (SELECT max(id) FROM model)"
    )
