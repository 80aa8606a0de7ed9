"""Statements beside the log, and tombstones: append, read, blank.

A body is JSON text, a list with one list a statement, of which the first three are subject,
relation and object; the rest is for `encoding`. Facts are not stored: `encoding.linking` folds
them.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from remanence.storage import checksums, feed
from remanence.storage.engine import Rows
from remanence.storage.values import Row

RULES, LEARNED, MODEL = 2, 3, 4  # extractors


def append(rows: Rows, statements: Sequence[tuple[int, int, int, str]]) -> None:
    """Write rows of (namespace, episode, extractor, body)."""
    if not statements:
        return
    numbers = feed.new_numbers(rows, "candidate", len(statements))
    rows.many(
        "INSERT INTO candidate (id, namespace, episode, extractor, body, checksum) "
        "VALUES (:id, :namespace, :episode, :extractor, :body, :checksum)",
        [
            (number, *each, checksums.of_statements(each[3]))
            for number, each in zip(numbers, statements, strict=True)
        ],
    )


_COLUMNS: Final = (
    "c.episode, c.extractor, e.source, e.part, e.speaker, e.at, e.recorded, c.body, c.checksum"
)
_JOINED: Final = "FROM candidate AS c JOIN episode AS e ON e.id = c.episode"


def _checked(found: Iterable[Row]) -> Iterator[Row]:
    """Yield rows whose last two are a body and its checksum, without the latter."""
    for row in found:
        if checksums.damaged_statements(row[-2], row[-1]):
            raise checksums.refuse(f"what episode number {row[0]} states")
        yield row[:-1]


def current(rows: Rows, namespace: int, after: int) -> Iterator[Row]:
    """Yield what current episodes say, in rows written after row `after`.

    (episode, extractor, source, part, speaker, at, recorded, body) each.
    """
    found = rows.each(
        f"SELECT {_COLUMNS} {_JOINED} WHERE c.namespace = :namespace AND c.id > :after "
        "AND e.state = 2 AND c.body IS NOT NULL ORDER BY c.id",
        namespace=namespace,
        after=after,
    )
    return _checked(found)


def of_episodes(rows: Rows, numbers: Sequence[int]) -> Iterator[Row]:
    """Yield what the episodes with these numbers say, where they are current, in the same form."""
    names = {f"id{place}": number for place, number in enumerate(numbers)}
    listed = ", ".join(f":{name}" for name in names)
    found = rows.each(
        f"SELECT {_COLUMNS} {_JOINED} WHERE c.episode IN ({listed}) "
        "AND e.state = 2 AND c.body IS NOT NULL ORDER BY c.id",
        **names,
    )
    return _checked(found)


def known_at(rows: Rows, namespace: int, instant: int) -> Iterator[Row]:
    """Yield the same of the episodes that were current at `instant` and are not forgotten."""
    found = rows.each(
        f"SELECT {_COLUMNS} {_JOINED} WHERE c.namespace = :namespace AND e.state < 4 "
        "AND e.recorded <= :instant AND c.body IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM episode AS later WHERE later.namespace = :namespace "
        "AND later.digest = e.digest AND later.version > e.version "
        "AND later.state < 4 AND later.recorded <= :instant) ORDER BY c.id",
        namespace=namespace,
        instant=instant,
    )
    return _checked(found)


def stated(rows: Rows, namespace: int) -> Iterator[Row]:
    """Yield (episode, body) of every version that states anything."""
    found = rows.each(
        f"SELECT c.episode, c.body, c.checksum {_JOINED} WHERE c.namespace = :namespace "
        "AND e.state < 4 AND c.body IS NOT NULL",
        namespace=namespace,
    )
    return _checked(found)


def tombstones(rows: Rows, namespace: int) -> dict[bytes, int]:
    """Return digest -> the newest episode that it holds for."""
    return dict(
        rows.all(
            "SELECT digest, max(episode) FROM tombstone "
            "WHERE namespace = :namespace GROUP BY digest",
            namespace=namespace,
        )
    )


def bury(rows: Rows, namespace: int, digests: Iterable[bytes]) -> None:
    """From every episode that there is now, believe nothing that has one of these digests."""
    listed = list(digests)
    numbers = feed.new_numbers(rows, "tombstone", len(listed))
    rows.many(
        "INSERT INTO tombstone (id, namespace, episode, digest) "
        "VALUES (:id, :namespace, (SELECT coalesce(max(id), 0) FROM episode), :digest)",
        [(number, namespace, digest) for number, digest in zip(numbers, listed, strict=True)],
    )


def blank(rows: Rows, ids: Sequence[int]) -> int:
    """Blank what these episodes say; return how many facts they said, each counted once."""
    said: set[tuple[str, ...]] = set()
    for episode in ids:
        bodies = rows.all(
            "SELECT body FROM candidate WHERE episode = :episode AND body IS NOT NULL",
            episode=episode,
        )
        for (body,) in bodies:
            said.update(_stated_in(body))
    rows.many(
        "UPDATE candidate SET body = NULL, checksum = NULL WHERE episode = :episode",
        [(episode,) for episode in ids],
    )
    return len(said)


def _stated_in(body: str) -> Iterator[tuple[str, ...]]:
    try:
        statements = json.loads(body)
    except ValueError:
        return  # damaged: it cannot be counted, and is blanked all the same
    for statement in statements:
        yield tuple(map(str, statement[:3]))


def kept(rows: Rows) -> list[Row]:
    """Return (namespace, episode, extractor, body) of what a rebuild cannot make again."""
    return rows.all(
        "SELECT namespace, episode, extractor, body FROM candidate "
        "WHERE extractor > 2 AND body IS NOT NULL ORDER BY id"
    )


_UNREAD: Final = (
    "FROM episode AS e WHERE e.namespace = :namespace AND e.state < 4 AND e.state = 2 "
    "AND e.id > :after AND NOT EXISTS "
    "(SELECT 1 FROM candidate AS c WHERE c.episode = e.id AND c.extractor IN (3, 4))"
)


def unread(rows: Rows, namespace: int, after: int, most: int) -> list[Row]:
    """Return (id, text, speaker, at, metadata) of current episodes that no model has read.

    Those that `learn` wrote are left out. At most `most`, in order of arrival, from behind episode
    `after`.
    """
    return rows.all(
        f"SELECT e.id, e.text, e.speaker, e.at, e.metadata {_UNREAD} ORDER BY e.id LIMIT :most",
        namespace=namespace,
        after=after,
        most=most,
    )


def count_unread(rows: Rows, namespace: int) -> int:
    """Return how many episodes `unread` would give."""
    found = rows.one(f"SELECT count(*) {_UNREAD}", namespace=namespace, after=0)
    return 0 if found is None else int(found[0])


def learned_body(rows: Rows, number: int) -> str | None:
    """Return what was learnt with an episode; None where nothing was, or it is forgotten."""
    row = rows.one(
        "SELECT body FROM candidate "
        "WHERE episode = :episode AND extractor = 3 AND body IS NOT NULL",
        episode=number,
    )
    return None if row is None else str(row[0])


def clear(rows: Rows) -> None:
    """Drop every row of statements: a table emptied as a whole leaves no moved copies behind."""
    rows.run("DELETE FROM candidate")


def naming(rows: Rows, namespace: int) -> Iterator[Row]:
    """Yield (id, speaker, source, session, text, metadata) of every episode and version."""
    return rows.each(
        "SELECT id, speaker, source, session, text, metadata FROM episode "
        "WHERE namespace = :namespace AND state < 4",
        namespace=namespace,
    )
