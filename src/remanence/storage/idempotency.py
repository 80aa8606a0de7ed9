"""What requests with an Idempotency-Key did, in numbers: found, kept, dropped when their time is over.

No word stands here, so rows may move and be deleted. It does not know what the numbers mean.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remanence.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Kept:
    """The digest of a request's body, and its answer in numbers."""

    body: bytes
    answer: Mapping[str, Any]


def find(connection: Connection, request: bytes, now: int) -> Kept | None:
    """What is kept of a request, if its time is not over."""
    rows = connection.execute(
        "SELECT body, answer FROM idempotency WHERE request = ? AND expires > ?", (request, now)
    )
    return next((Kept(bytes(body), json.loads(answer)) for body, answer in rows), None)


def keep(connection: Connection, request: bytes, kept: Kept, now: int, expires: int) -> None:
    """Keep an answer, unless one is kept already; drops those whose time is over."""
    connection.execute("DELETE FROM idempotency WHERE expires <= ?", (now,))
    connection.execute(
        "INSERT INTO idempotency (request, body, answer, expires) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (request) DO NOTHING",
        (request, kept.body, json.dumps(dict(kept.answer)), expires),
    )
