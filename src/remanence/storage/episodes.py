"""The episode log: append, version, read, blank.

Queries are written once, in the SQL that engines share. What is kept beside an episode for recall (`Draft.shape`, `.terms`,
`.vector`) is bytes here, of a stated form: how they are made is `encoding`'s business, how they are read is `retrieval`'s.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from remanence import instants
from remanence.errors import EmbedderMismatch, StaleProjections
from remanence.storage import facts
from remanence.storage.database import Connection, Row
from remanence.types import Episode

POSTING = np.dtype([("term", "<u4"), ("count", "u1")])  # of projection.terms, .names
CURRENT, SUPERSEDED, FORGOTTEN = 2, 3, 4
RELOAD = 0  # in retired.episode: more rows than are worth listing
LISTED = 10_000  # episodes retired by one forget that are listed one by one
KEPT_RETIRED = 200_000  # rows of `retired` kept for readers that have not looked for a while

MAX_BOUND = 500  # parameters bound in one statement
_PAGE = 40  # episodes read at once, where few of many may do

# Queries say `state < 4` beside what they want of it: only then does SQLite use the partial indexes.
_COLUMNS = "id, part, version, at, recorded, source, session, speaker, text, metadata"


@dataclass(frozen=True, slots=True)
class Draft:
    """One episode before it is written: what was said, and what recall will read."""

    source: str
    part: int  # 0: the whole; 1, 2, ...: a part of a long document
    text: str
    speaker: str | None
    session: str | None
    at: int  # microseconds since 1970, UTC
    metadata: str | None  # JSON
    shape: int
    terms: bytes
    vector: bytes
    names: bytes
    statements: str | None = None  # a body of `storage.facts`
    extractor: int = facts.RULES  # who found them


@dataclass(frozen=True, slots=True)
class Document:
    """The drafts of one turn: one, or several parts in order."""

    parts: tuple[Draft, ...]
    fresh: bool  # its id was made just now, so no earlier version can exist


def digest(name: str) -> bytes:
    """What an index holds in the stead of a name: words stand in no index."""
    return blake2b(name.encode(), digest_size=12).digest()


def to_episode(row: Row, namespace: str) -> Episode:
    """A row of `_COLUMNS` as the value that callers see."""
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
    """The id a caller sees: the source's own, or `source#3` for the third part."""
    return f"{source}#{part}" if part else source


def _differs(row: Row, draft: Draft) -> bool:
    """Whether they differ in time, session, speaker or metadata."""
    return (row[3], *row[6:8], row[9]) != (draft.at, draft.session, draft.speaker, draft.metadata)


def check_identity(connection: Connection, mine: str) -> None:
    """Raise `EmbedderMismatch` unless the store's vectors were made by the embedder `mine`."""
    for (stored,) in connection.execute("SELECT value FROM meta WHERE key = 'embedder'"):
        if stored != mine:
            raise EmbedderMismatch(
                f"the store holds vectors of {stored}, but this memory embeds with {mine}; open it "
                "with that embedder, or run `remanence doctor --reembed --embedder SPEC` to make all "
                "vectors anew"
            )


def check_analyser(connection: Connection, mine: str) -> None:
    """Raise `StaleProjections` unless the store's terms were made by the text analyser `mine`."""
    for (stored,) in connection.execute("SELECT value FROM meta WHERE key = 'analyser'"):
        if stored != mine:
            raise StaleProjections(
                f"the store's text index was made by analyser {stored}, this version has {mine}; "
                "run `remanence doctor --rebuild`"
            )


def namespace_id(connection: Connection, name: str) -> int | None:
    """The number of a namespace, or None if nothing was ever remembered in it."""
    row = next(
        iter(connection.execute("SELECT id FROM namespace WHERE digest = ?", (digest(name),))), None
    )
    return None if row is None else int(row[0])


def namespaces(connection: Connection) -> Iterator[tuple[int, str]]:
    """Every namespace that holds something, by order of first use."""
    yield from connection.execute(
        "SELECT id, name FROM namespace WHERE name IS NOT NULL ORDER BY id"
    )


def make_namespace(connection: Connection, name: str) -> int:
    """The number of a namespace, made if there was none."""
    known = namespace_id(connection, name)
    if known is not None:
        return known
    made = connection.execute(
        "INSERT INTO namespace (digest, name) VALUES (?, ?) RETURNING id", (digest(name), name)
    )
    return int(next(iter(made))[0])


class Appending:
    """Appends documents to one namespace inside one transaction, rows gathered per table."""

    def __init__(
        self, connection: Connection, namespace: str, recorded: int, *, exact: bool = False
    ) -> None:
        self._connection, self._exact = connection, exact
        self._name = namespace
        self._namespace = make_namespace(connection, namespace)
        self._recorded = recorded
        (newest,) = next(iter(connection.execute("SELECT max(id) FROM episode")))
        self._next = (newest or 0) + 1
        self._rows: list[tuple[object, ...]] = []
        self._projections: list[tuple[object, ...]] = []
        self._statements: list[tuple[int, int, int, str]] = []
        self._pending: set[str] = set()

    def append(self, document: Document) -> list[Episode]:
        """The document's episodes: new ones, or those that already say the same."""
        source = document.parts[0].source
        if document.fresh:
            return self._add(document, version=1, places=())
        if source in self._pending:
            self.flush()
        old = list(
            self._connection.execute(
                f"SELECT {_COLUMNS}, place FROM episode "
                "WHERE namespace = ? AND digest = ? AND state < 4 AND state = 2 ORDER BY part",
                (self._namespace, digest(source)),
            )
        )
        if not old:
            return self._add(document, version=self._last_version(source) + 1, places=())
        same = [row[8] for row in old] == [draft.text for draft in document.parts]
        same = same and not (self._exact and any(map(_differs, old, document.parts)))
        if same and all(map(self._taught, old, document.parts)):
            return [to_episode(row, self._name) for row in old]
        added = self._add(document, old[0][2] + 1, places=[row[10] for row in old])
        self._retire(old, len(added))
        return added

    def _taught(self, row: Row, draft: Draft) -> bool:
        """Whether an episode states what was learnt: two facts may read the same in words."""
        taught = "SELECT body FROM candidate WHERE episode = ? AND extractor = ?"
        bodies = self._connection.execute(taught, (row[0], facts.LEARNED))
        return draft.extractor != facts.LEARNED or (draft.statements,) in list(bodies)

    def _last_version(self, source: str) -> int:
        (last,) = next(
            iter(
                self._connection.execute(
                    "SELECT max(version) FROM episode WHERE namespace = ? AND digest = ? AND state < 4",
                    (self._namespace, digest(source)),
                )
            )
        )
        return last or 0

    def _add(self, document: Document, version: int, places: Sequence[int]) -> list[Episode]:
        added = []
        for index, draft in enumerate(document.parts):
            number, self._next = self._next, self._next + 1
            place = places[min(index, len(places) - 1)] if places else number
            said = (
                *(draft.at, self._recorded, draft.source),
                *(draft.session, draft.speaker, draft.text, draft.metadata),
            )
            stands = (self._namespace, CURRENT, place, version, draft.part, digest(draft.source))
            self._rows.append((number, *stands, *said))
            self._projections.append((number, draft.shape, draft.terms, draft.vector, draft.names))
            if draft.statements is not None:
                self._statements.append(
                    (self._namespace, number, draft.extractor, draft.statements)
                )
            self._pending.add(draft.source)
            added.append(to_episode((number, draft.part, version, *said), self._name))
        return added

    def _retire(self, old: list[Row], parts: int) -> None:
        first = self._next - parts
        for index, row in enumerate(old):
            successor = first + min(index, parts - 1)
            self._connection.execute("UPDATE episode SET state = 3 WHERE id = ?", (row[0],))
            self._connection.execute(
                "INSERT INTO retired (namespace, episode, successor) VALUES (?, ?, ?)",
                (self._namespace, row[0], successor if index < parts else 0),
            )

    def flush(self) -> None:
        """Write the rows gathered so far."""
        self._connection.executemany(
            "INSERT INTO episode (id, namespace, state, place, version, part, digest, at, recorded, "
            "source, session, speaker, text, metadata) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            self._rows,
        )
        self._connection.executemany(
            "INSERT INTO projection (id, shape, terms, vector, names) VALUES (?,?,?,?,?)",
            self._projections,
        )
        facts.append(self._connection, self._statements)
        self._rows, self._projections, self._statements = [], [], []
        self._pending.clear()


def append(
    connection: Connection,
    namespace: str,
    documents: Sequence[Document],
    recorded: int,
    *,
    exact: bool = False,
) -> list[Episode]:
    """Write documents in order; the caller's transaction makes them durable together.

    With `exact`, the same text with another speaker, session, time or metadata is a new version.
    """
    appending = Appending(connection, namespace, recorded, exact=exact)
    episodes = [episode for document in documents for episode in appending.append(document)]
    appending.flush()
    return episodes


@dataclass(frozen=True, slots=True)
class Version:
    """What an index in memory compares to know whether it has seen everything."""

    epoch: str  # changes when projections were made anew
    newest: int  # the namespace's newest episode
    retired: int  # the newest row of `retired`, whichever namespace it concerns
    floor: int  # the oldest row of `retired` still kept


def version(connection: Connection, namespace: int) -> Version:
    """The state of a namespace in this snapshot."""
    row = next(
        iter(
            connection.execute(
                "SELECT (SELECT value FROM meta WHERE key = 'epoch'), "
                "(SELECT max(id) FROM episode WHERE namespace = ?1 AND state < 4), "
                "(SELECT max(seq) FROM retired), "
                "(SELECT min(seq) FROM retired)",
                (namespace,),
            )
        )
    )
    return Version(row[0] or "", row[1] or 0, row[2] or 0, row[3] or 0)


def count(connection: Connection, namespace: int) -> int:
    """Episodes of a namespace, older versions included."""
    (found,) = next(
        iter(
            connection.execute(
                "SELECT count(*) FROM episode WHERE namespace = ? AND state < 4", (namespace,)
            )
        )
    )
    return int(found)


def projections(connection: Connection, namespace: int, after: int) -> Iterator[Row]:
    """(id, place, at, part, source, session, speaker, shape, terms, vector, names) of current episodes."""
    return connection.execute(
        "SELECT e.id, e.place, e.at, e.part, e.source, e.session, e.speaker, "
        "p.shape, p.terms, p.vector, p.names FROM episode AS e JOIN projection AS p ON p.id = e.id "
        "WHERE e.namespace = ? AND e.state < 4 AND e.state = 2 AND e.id > ? ORDER BY e.id",
        (namespace, after),
    )


def retirements(connection: Connection, namespace: int, after: int) -> list[Row]:
    """(episode, successor) of what stopped being current since `after`, oldest first."""
    return list(
        connection.execute(
            "SELECT episode, successor FROM retired WHERE namespace = ? AND seq > ? ORDER BY seq",
            (namespace, after),
        )
    )


def read(connection: Connection, namespace: str, ids: Sequence[int]) -> list[Episode]:
    """The episodes with these numbers, in the order asked for."""
    return [to_episode(row, namespace) for row in rows(connection, ids)]


def rows(connection: Connection, ids: Sequence[int]) -> list[Row]:
    """`_COLUMNS` of the episodes with these numbers, in the order asked for."""
    found: dict[int, Row] = {}
    for start in range(0, len(ids), MAX_BOUND):
        some = ids[start : start + MAX_BOUND]
        marks = ",".join("?" * len(some))
        for row in connection.execute(
            f"SELECT {_COLUMNS} FROM episode WHERE id IN ({marks})", some
        ):
            found[row[0]] = row
    return [found[number] for number in ids]


def still(connection: Connection, namespace: str, ids: Sequence[int]) -> Iterator[Episode]:
    """Those of the episodes with these numbers that are current, in the order asked for, read as they are asked for."""
    for start in range(0, len(ids), _PAGE):
        some = ids[start : start + _PAGE]
        marks = ",".join("?" * len(some))
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM episode WHERE state = 2 AND id IN ({marks})", some
        )
        found = {row[0]: row for row in rows}  # to the end: who stops early leaves no query open
        for number in some:
            if number in found:
                yield to_episode(found[number], namespace)


def log(connection: Connection, namespace: int, name: str, *, history: bool) -> Iterator[Episode]:
    """Every episode of a namespace in order of arrival; with `history`, older versions too."""
    states = "state IN (2, 3) AND text <> ''" if history else "state = 2"  # none redacted
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM episode WHERE namespace = ? AND state < 4 AND {states} ORDER BY id",
        (namespace,),
    )
    for row in rows:
        yield to_episode(row, name)


def version_texts(connection: Connection, namespace: int, source: str, version: int) -> list[str]:
    """The texts of one version of a source, part by part; empty if the store does not hold it."""
    rows = connection.execute(
        "SELECT text FROM episode WHERE namespace = ? AND digest = ? AND version = ? AND state < 4 "
        "ORDER BY part",
        (namespace, digest(source), version),
    )
    return [text for (text,) in rows]


def summary(connection: Connection, namespace: int) -> Row:
    """(current episodes, versions, sessions, speakers, characters, first at, last at)."""
    current = "FILTER (WHERE state = 2)"
    return next(
        iter(
            connection.execute(
                f"SELECT count(*) {current}, count(*), count(DISTINCT session) {current}, "
                f"count(DISTINCT speaker) {current}, coalesce(sum(length(text)) {current}, 0), "
                f"min(at) {current}, max(at) {current} "
                "FROM episode WHERE namespace = ? AND state < 4",
                (namespace,),
            )
        )
    )


def metadata(connection: Connection, namespace: int) -> Iterator[Row]:
    """(id, metadata as JSON) of every current episode that has any."""
    yield from connection.execute(
        "SELECT id, metadata FROM episode WHERE namespace = ? AND state < 4 AND state = 2 "
        "AND metadata IS NOT NULL",
        (namespace,),
    )


def notes(connection: Connection) -> dict[str, str]:
    """What the store notes of itself: the embedder, the epoch of its projections."""
    return dict(connection.execute("SELECT key, value FROM meta"))


def note(connection: Connection, values: dict[str, str]) -> None:
    """Note what is not noted yet."""
    connection.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
        list(values.items()),
    )


def renote(connection: Connection, values: dict[str, str]) -> None:
    """Note, over what was noted before."""
    connection.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        list(values.items()),
    )
