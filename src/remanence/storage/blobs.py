"""Blobs: values kept under a name beside a namespace's episodes, without being read.

A value is bytes, or JSON. It is not indexed, embedded or found by recall; it is replaced as a
whole, and forgotten with the namespace or by its name. `Blobs` is the public handle.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from remanence import checks, instants
from remanence.errors import InvalidInput
from remanence.storage.engine import Rows
from remanence.storage.store import UNKNOWN, Namespace, View
from remanence.storage.values import Row, Value

MAX_BYTES: Final = 64 * 1024 * 1024
_RAW, _JSON = 1, 2  # kinds
_BLANK: Final = bytes(16)
_COLUMNS: Final = "id, kind, recorded, name, body"


@dataclass(frozen=True, slots=True)
class Blob:
    """A value as it is kept."""

    name: str
    """Its name."""
    value: Any
    """Bytes, or what JSON can hold."""
    recorded_at: str
    """When it was put (RFC 3339)."""


class Blobs:
    """The values of one namespace, by name. Raises the `StorageError` tree.

    threads = Blobs(memory.namespace("threads/7"))
    threads.put({"checkpoint/1": b"...", "checkpoint/2": {"step": 2}})
    """

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def put(self, values: Mapping[str, Any]) -> None:
        """Keep values under their names, all or none; durable when this returns.

        Bytes are kept as they are, anything else as JSON. Raises `InvalidInput` for what is neither
        or above `MAX_BYTES`.
        """
        encoded = {
            checks.label(name, "name"): _encoded(name, each) for name, each in values.items()
        }
        now = instants.now()

        def job(view: View) -> None:
            rows, number = view
            _blank(rows, number, encoded)
            rows.many(
                "INSERT INTO blob (namespace, digest, kind, recorded, name, body) "
                "VALUES (:namespace, :digest, :kind, :recorded, :name, :body)",
                [
                    (number, digest(name), kind, now, name, body)
                    for name, (kind, body) in encoded.items()
                ],
            )

        if encoded:
            self._namespace.writing(job)

    def get(self, name: str) -> Blob | None:
        """Return a value; None where there is none of that name."""
        return self.get_all([name])[0]

    def get_all(self, names: Sequence[str]) -> list[Blob | None]:
        """Return the values of names in their order, from one snapshot; None for what is not."""
        with self._namespace.reading() as (rows, number):
            found = [_find(rows, number, checks.label(name, "name")) for name in names]
        return [None if row is None else _blob(row) for row in found]

    def names(self, prefix: str = "") -> list[str]:
        """Return the names that begin with `prefix`, in the order in which they were put."""
        with self._namespace.reading() as (rows, number):
            found = rows.all(
                "SELECT name FROM blob WHERE namespace = :namespace AND name IS NOT NULL "
                "ORDER BY id",
                namespace=number,
            )
        return [name for (name,) in found if name.startswith(prefix)]

    def forget(self, names: Iterable[str]) -> int:
        """Forget values by name; return how many there were. Their bytes are in no file after."""
        from remanence.storage import forgetting  # it forgets blobs with everything

        wanted = [checks.label(name, "name") for name in names]

        def job(view: View) -> int:
            gone = 0 if view.number == UNKNOWN else _blank(view.rows, view.number, wanted)
            if gone:
                forgetting.mark_pending(view.rows)
            return gone

        gone = self._namespace.writing(job, make=False) if wanted else 0
        if gone:
            forgetting.finish(self._namespace.engine)
        return gone


def digest(name: str) -> bytes:
    """Return what an index holds in the place of a name."""
    return blake2b(name.encode(), digest_size=16).digest()


def blank(rows: Rows, namespace: int) -> None:
    """Forget every value of a namespace, in the caller's transaction."""
    _overwrite(rows, "namespace = :namespace", namespace=namespace)


def drop_blank(rows: Rows) -> None:
    """Delete blank rows but the newest, so that no number is used twice. Only before a rewrite."""
    rows.run(
        "DELETE FROM blob WHERE digest = :blank AND id < (SELECT max(id) FROM blob)", blank=_BLANK
    )


def _encoded(name: str, value: Any) -> tuple[int, bytes]:
    if isinstance(value, (bytes, bytearray, memoryview)):
        kind, body = _RAW, bytes(value)
    else:
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            kind, body = _JSON, text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidInput(f"{name!r:.80} is neither bytes nor JSON: {error}") from None
    if len(body) > MAX_BYTES:
        raise InvalidInput(
            f"{name!r:.80} has {len(body):,} bytes, more than {MAX_BYTES:,}; keep it in pieces"
        )
    return kind, body


def _find(rows: Rows, namespace: int, name: str) -> Row | None:
    return rows.one(
        f"SELECT {_COLUMNS} FROM blob WHERE namespace = :namespace AND digest = :digest",
        namespace=namespace,
        digest=digest(name),
    )


def _blob(row: Row) -> Blob:
    _, kind, recorded, name, body = row
    held = bytes(body)
    return Blob(name, held if kind == _RAW else json.loads(held), instants.render(recorded))


def _blank(rows: Rows, namespace: int, names: Iterable[str]) -> int:
    gone = 0
    for name in names:
        where = "namespace = :namespace AND digest = :digest"
        gone += _overwrite(rows, where, namespace=namespace, digest=digest(name))
    return gone


def _overwrite(rows: Rows, where: str, **bound: Value) -> int:
    return rows.run(
        f"UPDATE blob SET digest = :blank, name = NULL, body = NULL WHERE {where}",
        blank=_BLANK,
        **bound,
    )
