"""Statements beside the log, and tombstones: append, read, blank.

A body is JSON text, a list with one list per statement, of which the first three are subject, relation and object; what else stands in
it is `encoding`'s business. Facts are not stored: `encoding.linking` folds them.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remanence.storage.database import Connection, Row

RULES, LEARNED, MODEL = 2, 3, 4  # who found the statements


@dataclass(frozen=True, slots=True)
class Version:
    """What a graph in memory compares to know whether it has seen everything."""

    epoch: str  # changes when projections were made anew
    newest: int  # the namespace's newest row of statements
    retired: int  # the newest row of `retired`, whichever namespace it concerns
    floor: int  # the oldest row of `retired` still kept
    buried: int  # its newest tombstone


def version(connection: Connection, namespace: int) -> Version:
    """The state of a namespace in this snapshot."""
    row = next(
        iter(
            connection.execute(
                "SELECT (SELECT value FROM meta WHERE key = 'epoch'), "
                "(SELECT max(id) FROM candidate WHERE namespace = ?1), "
                "(SELECT max(seq) FROM retired), "
                "(SELECT min(seq) FROM retired), "
                "(SELECT max(id) FROM tombstone WHERE namespace = ?1)",
                (namespace,),
            )
        )
    )
    return Version(row[0] or "", *(number or 0 for number in row[1:]))


def append(connection: Connection, rows: Iterable[tuple[int, int, int, str]]) -> None:
    """Write rows of (namespace, episode, extractor, body)."""
    connection.executemany(
        "INSERT INTO candidate (namespace, episode, extractor, body) VALUES (?, ?, ?, ?)", rows
    )


_COLUMNS = "c.episode, c.extractor, e.source, e.part, e.speaker, e.at, e.recorded, c.body"
_JOINED = "FROM candidate AS c JOIN episode AS e ON e.id = c.episode"


def current(connection: Connection, namespace: int, after: int) -> Iterator[Row]:
    """`_COLUMNS` of what current episodes say, in rows written after row `after`."""
    yield from connection.execute(
        f"SELECT {_COLUMNS} {_JOINED} WHERE c.namespace = ? AND c.id > ? AND e.state = 2 "
        "AND c.body IS NOT NULL ORDER BY c.id",
        (namespace, after),
    )


def known_at(connection: Connection, namespace: int, instant: int) -> Iterator[Row]:
    """`_COLUMNS` of what the episodes said that were current at `instant` and are not forgotten."""
    yield from connection.execute(
        f"SELECT {_COLUMNS} {_JOINED} WHERE c.namespace = ?1 AND e.state < 4 AND e.recorded <= ?2 "
        "AND c.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM episode AS later "
        "WHERE later.namespace = ?1 AND later.digest = e.digest AND later.version > e.version "
        "AND later.state < 4 AND later.recorded <= ?2) ORDER BY c.id",
        (namespace, instant),
    )


def stated(connection: Connection, namespace: int) -> Iterator[Row]:
    """(episode, body) of every version that states anything."""
    yield from connection.execute(
        f"SELECT c.episode, c.body {_JOINED} WHERE c.namespace = ? AND e.state < 4 "
        "AND c.body IS NOT NULL",
        (namespace,),
    )


def tombstones(connection: Connection, namespace: int) -> dict[bytes, int]:
    """Digest -> the newest episode that it holds for."""
    return dict(
        connection.execute(
            "SELECT digest, max(episode) FROM tombstone WHERE namespace = ? GROUP BY digest",
            (namespace,),
        )
    )


def bury(connection: Connection, namespace: int, digests: Iterable[bytes]) -> None:
    """From every episode that there is now, believe nothing that has one of these digests."""
    connection.executemany(
        "INSERT INTO tombstone (namespace, episode, digest) "
        "VALUES (?, (SELECT coalesce(max(id), 0) FROM episode), ?)",
        [(namespace, digest) for digest in digests],
    )


def blank(connection: Connection, ids: Sequence[tuple[int]]) -> int:
    """Blank what these episodes say; how many facts they said, each counted once."""
    said: set[tuple[str, ...]] = set()
    for (episode,) in ids:
        bodies = connection.execute(
            "SELECT body FROM candidate WHERE episode = ? AND body IS NOT NULL", (episode,)
        )
        for (body,) in bodies:
            said.update(tuple(map(str, statement[:3])) for statement in json.loads(body))
    connection.executemany("UPDATE candidate SET body = NULL WHERE episode = ?", ids)
    return len(said)


def kept(connection: Connection) -> list[Row]:
    """(namespace, episode, extractor, body) of what a rebuild cannot make again."""
    return list(
        connection.execute(
            "SELECT namespace, episode, extractor, body FROM candidate "
            "WHERE extractor > 2 AND body IS NOT NULL ORDER BY id"
        )
    )


_UNREAD = (
    "FROM episode AS e WHERE e.namespace = ? AND e.state < 4 AND e.state = 2 AND e.id > ? "
    "AND NOT EXISTS "
    "(SELECT 1 FROM candidate AS c WHERE c.episode = e.id AND c.extractor IN (3, 4))"
)


def unread(connection: Connection, namespace: int, after: int, most: int) -> list[Row]:
    """(id, text, speaker, at, metadata) of current episodes that no model has read and `learn` did not write.

    At most `most`, in order of arrival, from behind episode `after`.
    """
    return list(
        connection.execute(
            f"SELECT e.id, e.text, e.speaker, e.at, e.metadata {_UNREAD} ORDER BY e.id LIMIT ?",
            (namespace, after, most),
        )
    )


def count_unread(connection: Connection, namespace: int) -> int:
    """How many episodes `unread` would give."""
    (found,) = next(iter(connection.execute(f"SELECT count(*) {_UNREAD}", (namespace, 0))))
    return int(found)


def clear(connection: Connection) -> None:
    """Drop every row of statements: a table emptied as a whole leaves no moved copies behind."""
    connection.execute("DELETE FROM candidate")


def naming(connection: Connection, namespace: int) -> Iterator[Row]:
    """(id, speaker, source, session, text, metadata) of every episode and version."""
    yield from connection.execute(
        "SELECT id, speaker, source, session, text, metadata FROM episode "
        "WHERE namespace = ? AND state < 4",
        (namespace,),
    )
