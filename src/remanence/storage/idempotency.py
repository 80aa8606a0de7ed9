"""Results of requests with an Idempotency-Key, in numbers: found, kept, dropped at their expiry.

No word stands here, so rows may move and be deleted. It does not know what the numbers mean.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remanence.storage.engine import Rows


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The digest of a request's body, and its answer in numbers."""

    body: bytes
    answer: Mapping[str, Any]


def find(rows: Rows, request: bytes, now: int) -> StoredAnswer | None:
    """Return the kept result of a request, None once it has expired."""
    row = rows.one(
        "SELECT body, answer FROM idempotency WHERE request = :request AND expires > :now",
        request=request,
        now=now,
    )
    return None if row is None else StoredAnswer(bytes(row[0]), json.loads(row[1]))


def keep(rows: Rows, request: bytes, kept: StoredAnswer, now: int, expires: int) -> None:
    """Keep an answer, unless one is kept already; drops those whose time is over."""
    rows.run("DELETE FROM idempotency WHERE expires <= :now", now=now)
    rows.run(
        "INSERT INTO idempotency (request, body, answer, expires) "
        "VALUES (:request, :body, :answer, :expires) ON CONFLICT (request) DO NOTHING",
        request=request,
        body=kept.body,
        answer=json.dumps(dict(kept.answer)),
        expires=expires,
    )
