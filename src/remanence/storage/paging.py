"""The log leafed through: pages, one memory, its versions, the sessions of a namespace. It knows rows, not who asks for them.

A redacted version is a row whose text is empty: no text that is remembered is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remanence.storage.database import Connection, Row
from remanence.storage.episodes import CURRENT, to_episode
from remanence.storage.forgetting import Selector
from remanence.types import Episode

_COLUMNS = "id, part, version, at, recorded, source, session, speaker, text, metadata"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which episodes of a namespace, by time in microseconds; None is any."""

    session: str | None = None
    speaker: str | None = None
    since: int | None = None
    until: int | None = None
    history: bool = False  # older versions too, but for the redacted


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a memory: its parts joined. `text` is None once redacted."""

    version: int
    text: str | None
    episode: Episode  # its first part
    current: bool


def page(
    connection: Connection,
    namespace: int,
    name: str,
    wanted: Wanted,
    beyond: int | None,
    most: int,
    *,
    oldest_first: bool = False,
) -> list[tuple[int, Episode]]:
    """At most `most` episodes with their numbers, beyond number `beyond`, newest first unless told otherwise."""
    terms, values = ["namespace = ?", "state < 4"], [namespace]
    terms.append("state IN (2, 3) AND text <> ''" if wanted.history else "state = 2")
    for condition, value in (
        ("session = ?", wanted.session),
        ("speaker = ?", wanted.speaker),
        ("at >= ?", wanted.since),
        ("at < ?", wanted.until),
        ("id > ?" if oldest_first else "id < ?", beyond),
    ):
        if value is not None:
            terms.append(condition)
            values.append(value)  # type: ignore[arg-type]
    order = "id" if oldest_first else "id DESC"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM episode WHERE {' AND '.join(terms)} ORDER BY {order} LIMIT ?",
        [*values, most],
    )
    return [(int(row[0]), to_episode(row, name)) for row in rows]


def _rows(connection: Connection, namespace: int, id: str, version: int | None) -> Iterator[Row]:
    """Rows of a memory, newest version first, part by part; of one version, where one is named."""
    where, values = Selector(id=id).where()
    return connection.execute(
        f"SELECT {_COLUMNS}, state FROM episode WHERE namespace = ? AND state < 4 AND {where} "
        "AND (? IS NULL OR version = ?) ORDER BY version DESC, part",
        [namespace, *values, version, version],
    )


def versions(
    connection: Connection, namespace: int, name: str, id: str, version: int | None = None
) -> list[Version]:
    """The versions of a memory, newest first; empty where there is none of that id."""
    found: dict[int, list[Row]] = {}
    for row in _rows(connection, namespace, id, version):
        found.setdefault(row[2], []).append(row)
    return [_version(number, rows, name) for number, rows in found.items()]


def _version(number: int, rows: Sequence[Row], name: str) -> Version:
    text = "".join(row[8] for row in rows)
    return Version(number, text or None, to_episode(rows[0], name), rows[0][10] == CURRENT)


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a namespace: how many current episodes, and of what time (microseconds)."""

    number: int  # of its first episode: the order in which sessions began
    name: str
    episodes: int
    first: int
    last: int


def sessions(
    connection: Connection, namespace: int, beyond: int | None, most: int
) -> list[Session]:
    """At most `most` sessions that began before episode `beyond`, the latest begun first."""
    rows = connection.execute(
        "SELECT min(place), session, count(*), min(at), max(at) FROM episode WHERE namespace = ?1 "
        "AND state < 4 AND state = 2 AND session IS NOT NULL GROUP BY session "
        "HAVING ?2 IS NULL OR min(place) < ?2 ORDER BY 1 DESC LIMIT ?3",
        (namespace, beyond, most),
    )
    return [Session(*row) for row in rows]


def numbered(
    connection: Connection, namespace: int, name: str, numbers: Sequence[int]
) -> list[Episode | None]:
    """Episodes by number, in any version; None for one that is forgotten, redacted, or not of the namespace."""
    found = []
    for number in numbers:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM episode "
            "WHERE id = ? AND namespace = ? AND state < 4 AND text <> ''",
            (number, namespace),
        )
        found.append(next((to_episode(row, name) for row in rows), None))
    return found


def number_of(connection: Connection, namespace: int, id: str, version: int) -> int | None:
    """The number of one version of an episode."""
    return next((int(row[0]) for row in _rows(connection, namespace, id, version)), None)


def lesson(connection: Connection, number: int) -> str | None:
    """The body of what was learnt with an episode; None where nothing was, or it is forgotten."""
    rows = connection.execute(
        "SELECT body FROM candidate WHERE episode = ? AND extractor = 3 AND body IS NOT NULL",
        (number,),
    )
    return next((str(row[0]) for row in rows), None)
