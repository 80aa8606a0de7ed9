"""Adapters of a language model's weights, beside the log: announce, checkpoint, keep, read, taint.

They stand in the store for the reasons that models do (`models`): one transaction blanks the words
and the weights that were taught them, and the key encrypts both. `sources` are the numbers of the
episodes whose words went in: forgetting one of them blanks what was made of it. A manifest has
numbers and digests, no words, and outlives the weights. What it and a body mean is
`consolidation`'s business.
"""

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from remanence.storage.engine import Rows

# Values that SQLite stores in one byte each, so that a change of state overwrites in place.
TRAINING: Final = 2  # a checkpoint of a training under way
LIVE: Final = 3
ASIDE: Final = 4  # it did not pass; kept to be looked at, never used
REPLACED: Final = 5  # by a later one; without weights
TAINTED: Final = 6  # something in it was forgotten; without weights
STATES: Final = {
    TRAINING: "training",
    LIVE: "live",
    ASIDE: "aside",
    REPLACED: "replaced",
    TAINTED: "tainted",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An adapter as it is kept. `body` is None where its weights are gone."""

    id: int
    state: int
    made: int  # microseconds since 1970, UTC
    sources: tuple[int, ...]
    manifest: str  # JSON
    body: bytes | None


def add(
    rows: Rows,
    namespace: int,
    state: int,
    made: int,
    sources: Iterable[int],
    manifest: str,
    body: bytes,
) -> int | None:
    """Keep an adapter in the stead of the namespace's checkpoint and, where it is live, of the live
    one; its number.

    None, and nothing is kept, where one of `sources` was forgotten.
    """
    numbers = sorted(set(sources))
    if not _all_there(rows, namespace, numbers):
        return None
    retired = (
        (TRAINING, LIVE) if state == LIVE else (TRAINING, ASIDE) if state == ASIDE else (TRAINING,)
    )
    for each in retired:
        _blank(rows, namespace, each, REPLACED)
    row = rows.one(
        "INSERT INTO adapter (namespace, state, made, sources, manifest, body) "
        "VALUES (:namespace, :state, :made, :sources, :manifest, :body) RETURNING id",
        namespace=namespace,
        state=state,
        made=made,
        sources=array("q", numbers).tobytes(),
        manifest=manifest,
        body=body,
    )
    return None if row is None else int(row[0])


def _all_there(rows: Rows, namespace: int, numbers: list[int]) -> bool:
    query = "SELECT 1 FROM episode WHERE id = :id AND namespace = :namespace AND state < 4"
    return all(rows.one(query, id=number, namespace=namespace) for number in numbers)


def newest(rows: Rows, namespace: int, state: int) -> Row | None:
    """The namespace's newest adapter in a state, with its weights."""
    row = rows.one(
        "SELECT id, state, made, sources, manifest, body FROM adapter "
        "WHERE namespace = :namespace AND state = :state ORDER BY id DESC LIMIT 1",
        namespace=namespace,
        state=state,
    )
    return None if row is None else _row(*row)


def live(rows: Rows, namespace: int) -> int | None:
    """The number of the adapter in use."""
    row = rows.one(
        "SELECT max(id) FROM adapter WHERE namespace = :namespace AND state = :state",
        namespace=namespace,
        state=LIVE,
    )
    return None if row is None or row[0] is None else int(row[0])


def every(rows: Rows, namespace: int) -> list[Row]:
    """All of a namespace's adapters, newest first, without their weights;

    those of checkpoints that were followed by others are left out.
    """
    found = rows.all(
        "SELECT id, state, made, sources, manifest, NULL FROM adapter "
        "WHERE namespace = :namespace ORDER BY id DESC",
        namespace=namespace,
    )
    return [row for row in (_row(*each) for each in found) if row.manifest]


def drop(rows: Rows, namespace: int, state: int) -> int:
    """Take adapters in a state out of use, and their weights away; how many."""
    return _blank(rows, namespace, state, REPLACED)


def taint(rows: Rows, namespace: int, forgotten: Collection[int] | None) -> int:
    """Take the weights of everything that was made of one of these episodes, None for all;

    how many were in use or under way.
    """
    gone = None if forgotten is None else frozenset(forgotten)
    hit = [
        (TAINTED, number)
        for number, packed in rows.all(
            "SELECT id, sources FROM adapter WHERE namespace = :namespace AND body IS NOT NULL",
            namespace=namespace,
        )
        if gone is None or not gone.isdisjoint(_numbers(packed))
    ]
    rows.many("UPDATE adapter SET state = :state, body = NULL WHERE id = :id", hit)
    return len(hit)


def _blank(rows: Rows, namespace: int, state: int, after: int) -> int:
    # A checkpoint that was followed by another is nobody's history: its manifest goes too.
    manifest = ", manifest = ''" if state == TRAINING else ""
    return rows.run(
        f"UPDATE adapter SET state = :after, body = NULL{manifest} "
        "WHERE namespace = :namespace AND state = :state",
        after=after,
        namespace=namespace,
        state=state,
    )


def _row(id: int, state: int, made: int, sources: bytes, manifest: str, body: bytes | None) -> Row:
    return Row(id, state, made, _numbers(sources), manifest, None if body is None else bytes(body))


def _numbers(packed: bytes) -> tuple[int, ...]:
    numbers = array("q")
    numbers.frombytes(bytes(packed))
    return tuple(numbers)
