"""Models of a namespace's facts, beside the log: announce, keep, read, blank.

They stand in the store and not in a file beside it, because all that the house promises of the
store then holds of them without a line more: one transaction blanks the words and what was learnt
from them, the key encrypts both, a copy of the file has both, and a store in memory leaves nothing
on the disk. A body is bytes; how it is made is `knowledge`'s business.
"""

import secrets
from dataclasses import dataclass
from hashlib import blake2b

from remanence.storage.engine import Rows
from remanence.storage.values import certain

SALT = 16  # bytes
_BLANK = bytes(SALT)


@dataclass(frozen=True, slots=True)
class Claim:
    """A training that has begun: it may keep its model as long as nothing was forgotten since."""

    id: int
    namespace: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class Model:
    """A stored model:

    `id` grows with every model, so that who has read one knows whether it is the newest.
    """

    id: int
    salt: bytes
    body: bytes


def digest(salt: bytes, name: str) -> bytes:
    """Return the salted digest that replaces a name in a body."""
    return blake2b(name.encode(), digest_size=16, key=salt).digest()


def claim(rows: Rows, namespace: int) -> Claim:
    """Announce a training. To be committed before it reads a fact."""
    salt = secrets.token_bytes(SALT)
    made = certain(
        rows.one(
            "INSERT INTO model (namespace, salt) VALUES (:namespace, :salt) RETURNING id",
            namespace=namespace,
            salt=salt,
        )
    )
    return Claim(int(made[0]), namespace, salt)


def keep(rows: Rows, claimed: Claim, body: bytes) -> bool:
    """Keep a model in the stead of every older one; False where its claim was blanked meanwhile."""
    if not _standing(rows, claimed):
        return False
    rows.run(
        "UPDATE model SET salt = :blank, body = NULL "
        "WHERE id = :id OR (namespace = :namespace AND body IS NOT NULL)",
        blank=_BLANK,
        id=claimed.id,
        namespace=claimed.namespace,
    )
    rows.run(
        "INSERT INTO model (namespace, salt, body) VALUES (:namespace, :salt, :body)",
        namespace=claimed.namespace,
        salt=claimed.salt,
        body=body,
    )
    return True


def release(rows: Rows, claimed: Claim) -> None:
    """Take a claim back: its training did not come to an end."""
    rows.run(
        "UPDATE model SET salt = :blank WHERE id = :id AND body IS NULL",
        blank=_BLANK,
        id=claimed.id,
    )


def _standing(rows: Rows, claimed: Claim) -> bool:
    row = rows.one("SELECT salt FROM model WHERE id = :id", id=claimed.id)
    return row is not None and bytes(row[0]) == claimed.salt


def newest(rows: Rows, namespace: int) -> int:
    """The number of the namespace's model; 0 where there is none."""
    row = rows.one(
        "SELECT max(id) FROM model WHERE namespace = :namespace AND body IS NOT NULL",
        namespace=namespace,
    )
    return 0 if row is None else int(row[0] or 0)


def read(rows: Rows, namespace: int) -> Model | None:
    """The namespace's model."""
    row = rows.one("SELECT id, salt, body FROM model WHERE id = :id", id=newest(rows, namespace))
    return None if row is None else Model(int(row[0]), bytes(row[1]), bytes(row[2]))


def blank(rows: Rows, namespace: int) -> int:
    """Forget the namespace's model, and let no training that has begun keep another;

    how many there were.
    """
    held = int(newest(rows, namespace) > 0)
    rows.run(
        "UPDATE model SET salt = :blank, body = NULL "
        "WHERE namespace = :namespace AND salt <> :blank",
        blank=_BLANK,
        namespace=namespace,
    )
    return held


def drop_blank(rows: Rows) -> None:
    """Delete blank rows but the newest, so that no number is used twice.

    Only ever before VACUUM.
    """
    rows.run(
        "DELETE FROM model WHERE salt = :blank AND id < (SELECT max(id) FROM model)",
        blank=_BLANK,
    )
