"""The log of episodes, read:

by number, by namespace, by session; each row checked when it is read.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from remanence import instants
from remanence.storage import checksums
from remanence.storage.engine import Rows
from remanence.storage.store import digest
from remanence.storage.values import Row, certain, listed
from remanence.types import Episode

CURRENT, SUPERSEDED, FORGOTTEN = 2, 3, 4  # states
_PAGE: Final = 40  # episodes read at once, where few of many may do
_BLOCK: Final = 500  # episodes asked for by number at once

# Queries say `state < 4` beside what they want of it: SQLite uses the partial indexes only then.
COLUMNS: Final = (
    "id, part, version, at, recorded, source, session, speaker, text, metadata, checksum"
)


def to_episode(row: Row, namespace: str) -> Episode:
    """Return a row of `COLUMNS` as the value that callers see."""
    _, part, version, at, recorded, source, session, speaker, text, metadata = row[:10]
    return Episode(
        id=episode_id(source, part),
        text=text,
        speaker=speaker,
        session=session,
        at=instants.render(at),
        namespace=namespace,
        recorded_at=instants.render(recorded),
        version=version,
        source=source,
        metadata=json.loads(metadata) if metadata else {},
    )


def episode_id(source: str, part: int) -> str:
    """Return the id a caller sees: the source's own, or `source#3` for the third part."""
    return f"{source}#{part}" if part else source


def checked(rows: Iterable[Row], namespace: str = "") -> Iterator[Row]:
    """Yield rows of `COLUMNS`. Raises `StoreCorrupt` at one that differs from its checksum."""
    for row in rows:
        if checksums.damaged(row):
            of = f" of namespace {namespace!r:.80}" if namespace else ""
            raise checksums.refuse(f"episode number {row[0]}{of}")
        yield row


def count(rows: Rows, namespace: int) -> int:
    """Return how many episodes a namespace has, older versions included."""
    found = rows.one(
        "SELECT count(*) FROM episode WHERE namespace = :namespace AND state < 4",
        namespace=namespace,
    )
    return 0 if found is None else int(found[0])


def newest(rows: Rows, namespace: int) -> int:
    """Return the number of a namespace's newest episode, 0 for none."""
    found = rows.one(
        "SELECT max(id) FROM episode WHERE namespace = :namespace AND state < 4",
        namespace=namespace,
    )
    return 0 if found is None else found[0] or 0


def read(rows: Rows, namespace: str, ids: Sequence[int]) -> list[Episode]:
    """Return the episodes with these numbers, in the order asked for."""
    return [to_episode(row, namespace) for row in numbered(rows, ids)]


def numbered(rows: Rows, ids: Sequence[int]) -> list[Row]:
    """Return `COLUMNS` of the episodes with these numbers, in the order asked for."""
    found: dict[int, Row] = {}
    for start in range(0, len(ids), _BLOCK):
        found.update(_block(rows, ids[start : start + _BLOCK], "state < 5"))
    return [found[number] for number in ids]


def homes(rows: Rows, ids: Sequence[int], names: Mapping[int, str]) -> list[str]:
    """Return the namespace of each of the episodes with these numbers; `names` by number."""
    if len(names) == 1:
        return [*names.values()] * len(ids)
    found: dict[int, int] = {}
    for start in range(0, len(ids), _BLOCK):
        some, bound = listed("id", ids[start : start + _BLOCK])
        found.update(rows.all(f"SELECT id, namespace FROM episode WHERE id IN ({some})", **bound))
    return [names[found[number]] for number in ids]


def begun(rows: Rows, ids: Sequence[int]) -> dict[int, int]:
    """Return when the first version of each of some episodes was recorded, in microseconds."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), _BLOCK):
        some, bound = listed("id", ids[start : start + _BLOCK])
        query = (
            "SELECT e.id, coalesce(f.recorded, e.recorded) FROM episode AS e "
            f"LEFT JOIN episode AS f ON f.id = e.place WHERE e.id IN ({some})"
        )
        found.update(rows.all(query, **bound))
    return found


def still(rows: Rows, namespace: str, ids: Sequence[int]) -> Iterator[Episode]:
    """Yield those of the episodes with these numbers that are current, in that order, as needed."""
    for start in range(0, len(ids), _PAGE):
        some = ids[start : start + _PAGE]
        found = _block(rows, some, "state = 2")
        for number in some:
            if number in found:
                yield to_episode(found[number], namespace)


def _block(rows: Rows, ids: Sequence[int], condition: str) -> dict[int, Row]:
    """Return `COLUMNS` by number of those of `ids` that meet a condition."""
    names = [f"id{place}" for place in range(len(ids))]
    listed = ", ".join(f":{name}" for name in names)
    query = f"SELECT {COLUMNS} FROM episode WHERE {condition} AND id IN ({listed})"
    found = rows.all(query, **dict(zip(names, ids, strict=True)))
    return {row[0]: row for row in checked(found)}


def log(rows: Rows, namespace: int, name: str, *, history: bool) -> Iterator[Episode]:
    """Yield every episode of a namespace in order of arrival;

    with `history`, older versions too.
    """
    states = "state IN (2, 3) AND text <> ''" if history else "state = 2"  # none redacted
    found = rows.each(
        f"SELECT {COLUMNS} FROM episode "
        f"WHERE namespace = :namespace AND state < 4 AND {states} ORDER BY id",
        namespace=namespace,
    )
    for row in checked(found, name):
        yield to_episode(row, name)


def version_texts(rows: Rows, namespace: int, source: str, version: int) -> list[str]:
    """Return the texts of one version of a source, part by part; empty where there is none."""
    found = rows.all(
        "SELECT text FROM episode WHERE namespace = :namespace AND digest = :digest "
        "AND version = :version AND state < 4 ORDER BY part",
        namespace=namespace,
        digest=digest(source),
        version=version,
    )
    return [text for (text,) in found]


def summary(rows: Rows, namespace: int) -> Row:
    """Return (current episodes, versions, sessions, speakers, characters, first at, last at)."""
    current = "FILTER (WHERE state = 2)"
    return certain(
        rows.one(
            f"SELECT count(*) {current}, count(*), count(DISTINCT session) {current}, "
            f"count(DISTINCT speaker) {current}, coalesce(sum(length(text)) {current}, 0), "
            f"min(at) {current}, max(at) {current} "
            "FROM episode WHERE namespace = :namespace AND state < 4",
            namespace=namespace,
        )
    )


def metadata(rows: Rows, namespace: int, after: int = 0) -> Iterator[Row]:
    """Yield (id, metadata as JSON) of every current episode from behind number `after` that has
    any.

    In the order of arrival.
    """
    return rows.each(
        "SELECT id, metadata FROM episode WHERE namespace = :namespace AND state < 4 "
        "AND state = 2 AND id > :after AND metadata IS NOT NULL ORDER BY id",
        namespace=namespace,
        after=after,
    )
