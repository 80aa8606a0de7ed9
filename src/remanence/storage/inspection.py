"""Consistency of the rows of a store:

counts, samples and checksums; projections made again.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from remanence.storage import checksums, events, facts
from remanence.storage.engine import Rows
from remanence.storage.episodes import COLUMNS
from remanence.storage.store import digest
from remanence.storage.values import Row, Value, certain


def states(rows: Rows) -> dict[int, int]:
    """Return how many episodes there are, by state."""
    return dict(rows.all("SELECT state, count(*) FROM episode GROUP BY state"))


def without_projection(rows: Rows) -> int:
    """Return how many episodes are in no index."""
    query = "SELECT count(*) FROM episode WHERE state < 4 AND id NOT IN (SELECT id FROM projection)"
    return int(certain(rows.one(query))[0])


def without_episode(rows: Rows) -> int:
    """Return how many index entries belong to no episode."""
    query = "SELECT count(*) FROM projection WHERE id NOT IN (SELECT id FROM episode)"
    return int(certain(rows.one(query))[0])


def _step(rows: Rows, sample: int) -> int:
    newest = certain(rows.one("SELECT max(id) FROM episode"))[0]
    return max(1, (newest or 0) // sample)


def sampled_projections(rows: Rows, sample: int) -> list[Row]:
    """Return (text, shape, terms, vector, names) of about `sample` episodes, spread over the log."""
    return rows.all(
        "SELECT e.text, p.shape, p.terms, p.vector, p.names FROM episode AS e "
        "JOIN projection AS p ON p.id = e.id WHERE e.state < 4 AND e.text <> '' "
        "AND e.id % :step = 0",  # but for what is redacted
        step=_step(rows, sample),
    )


def sampled_statements(rows: Rows, sample: int) -> list[Row]:
    """Return (text, speaker, at, metadata, body) of about `sample` episodes that `learn` did not
    write.
    """
    return rows.all(
        "SELECT e.text, e.speaker, e.at, e.metadata, c.body FROM episode AS e "
        "LEFT JOIN candidate AS c ON c.episode = e.id AND c.extractor = 2 WHERE e.state < 4 "
        "AND e.id % :step = 0 AND e.id NOT IN "
        "(SELECT episode FROM candidate WHERE extractor = 3)",
        step=_step(rows, sample),
    )


def damaged(rows: Rows) -> Iterator[str]:
    """Yield what differs from its checksum, row by row.

    Raises `StoreCorrupt` at an unreadable page.
    """
    query = f"SELECT {COLUMNS} FROM episode WHERE state < 4 AND checksum IS NOT NULL"
    for row in rows.each(query):
        if checksums.damaged(row):
            yield f"episode number {row[0]} differs from its checksum"
    query = "SELECT episode, body, checksum FROM candidate WHERE checksum IS NOT NULL"
    for episode, body, checksum in rows.each(query):
        if checksums.damaged_statements(body, checksum):
            yield f"what episode number {episode} states differs from its checksum"
    for number, named, kept in rows.all("SELECT id, name, digest FROM namespace WHERE name <> ''"):
        if not isinstance(named, str) or digest(named) != kept:
            yield f"the name of namespace number {number} differs from its digest"


def count_all(rows: Rows) -> int:
    """Return how many episodes there are in all namespaces, older versions included."""
    return int(certain(rows.one("SELECT count(*) FROM episode WHERE state < 4"))[0])


def texts(rows: Rows, after: int, most: int) -> list[Row]:
    """Return (id, text, namespace, speaker, at, metadata) of at most `most` episodes behind
    `after`.
    """
    return rows.all(
        "SELECT id, text, namespace, speaker, at, metadata FROM episode "
        "WHERE state < 4 AND id > :after ORDER BY id LIMIT :most",
        after=after,
        most=most,
    )


def clear_projections(rows: Rows) -> None:
    """Drop every index entry: a table emptied as a whole leaves no moved copies behind."""
    rows.run("DELETE FROM projection")
    events.clear(rows)


def add_projections(rows: Rows, projections: Iterable[Sequence[Value]]) -> None:
    """Write rows of (id, shape, terms, vector, names)."""
    rows.many(
        "INSERT INTO projection (id, shape, terms, vector, names) "
        "VALUES (:id, :shape, :terms, :vector, :names)",
        projections,
    )


def add_statements(rows: Rows, statements: Sequence[tuple[int, int, int, str]]) -> None:
    """Write rows of (namespace, episode, extractor, body) of several namespaces, in their order."""
    for _, of_one in groupby(statements, key=lambda row: row[0]):
        facts.append(rows, list(of_one))
