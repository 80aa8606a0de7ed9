"""Appending to the log: new episodes and new versions of old ones, with their projections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from remanence.storage import checksums, expiry, facts, feed
from remanence.storage.engine import Rows
from remanence.storage.episodes import COLUMNS, CURRENT, checked, to_episode
from remanence.storage.store import digest, make_namespace
from remanence.storage.values import Row, Value
from remanence.types import Episode

POSTING: Final = np.dtype([("term", "<u4"), ("count", "u1")])  # of projection.terms, .names


@dataclass(frozen=True, slots=True)
class Draft:
    """One episode before it is written: what was said, and what recall will read of it."""

    source: str
    """The caller's id."""
    part: int
    """0 for the whole; 1, 2, ... for the parts of a long document."""
    text: str
    """The text."""
    speaker: str | None
    """The speaker."""
    session: str | None
    """The session."""
    at: int
    """When it was said: microseconds since 1970, UTC."""
    metadata: str | None
    """JSON; None where empty."""
    shape: int
    """Flags of `text.words.shape`."""
    terms: bytes
    """Index terms, as an array of `POSTING`."""
    vector: bytes
    """float16; empty where the embedder knew nothing."""
    names: bytes
    """Names in the text, as an array of `POSTING`."""
    statements: str | None = None
    """What it states, as a body of `storage.facts`."""
    extractor: int = facts.RULES
    """The extractor that found the statements."""


@dataclass(frozen=True, slots=True)
class Document:
    """The drafts of one turn: one, or several parts in order."""

    parts: tuple[Draft, ...]
    """The drafts."""
    fresh: bool
    """Whether its id was made just now, so that no earlier version can exist."""
    expires: int | None = None
    """When it is to be forgotten: microseconds since 1970, UTC; None: never, or as it stands."""


@dataclass(frozen=True, slots=True)
class Appended:
    """The result of writing one document."""

    episodes: list[Episode]
    """Its episodes as they stand now."""
    new: bool
    """Whether they were written now; otherwise they were there already and say the same."""


class Appending:
    """Appends documents to one namespace inside one transaction, rows gathered by table."""

    def __init__(self, rows: Rows, namespace: str, recorded: int, *, exact: bool = False) -> None:
        self._rows, self._exact = rows, exact
        self._name = namespace
        self._namespace = make_namespace(rows, namespace)
        self._recorded = recorded
        self._numbers: Iterator[int] = iter(())  # of the next episodes
        self._episodes: list[tuple[Value, ...]] = []
        self._projections: list[tuple[Value, ...]] = []
        self._statements: list[tuple[int, int, int, str]] = []
        self._pending: set[str] = set()
        self._expiring: dict[int, int] = {}

    def append_all(self, documents: Sequence[Document]) -> list[Appended]:
        """Write documents in order; return what became of each."""
        parts = sum(len(document.parts) for document in documents)
        self._numbers = iter(feed.new_numbers(self._rows, "episode", parts))
        found = [self._append(document) for document in documents]
        self._flush()
        return found

    def _append(self, document: Document) -> Appended:
        source = document.parts[0].source
        if document.fresh:
            return Appended(self._add(document, version=1, places=()), new=True)
        if source in self._pending:
            self._flush()
        last = self._last_version(source)
        old = [row[:-1] for row in last if row[-1] == CURRENT]
        if not old:
            version = last[0][2] + 1 if last else 1
            return Appended(self._add(document, version, places=()), new=True)
        if self._says_the_same(old, document):
            known = [to_episode(row, self._name) for row in checked(old, self._name)]
            if document.expires is not None:
                self._expiring.update((row[0], document.expires) for row in old)
            return Appended(known, new=False)
        added = self._add(document, old[0][2] + 1, places=[row[-1] for row in old])
        self._retire(old, [number for number, *_ in self._episodes[-len(added) :]])
        return Appended(added, new=True)

    def _says_the_same(self, old: Sequence[Row], document: Document) -> bool:
        """Return whether rows of `COLUMNS` say what a document says."""
        if [row[8] for row in old] != [draft.text for draft in document.parts]:
            return False
        if self._exact and any(map(_differs, old, document.parts)):
            return False
        return all(map(self._states_the_same, old, document.parts))

    def _states_the_same(self, row: Row, draft: Draft) -> bool:
        """Return whether an episode states what was learnt:

        two facts may read the same in words.
        """
        if draft.extractor != facts.LEARNED:
            return True
        bodies = self._rows.all(
            "SELECT body FROM candidate WHERE episode = :episode AND extractor = :extractor",
            episode=row[0],
            extractor=facts.LEARNED,
        )
        return (draft.statements,) in bodies

    def _last_version(self, source: str) -> list[Row]:
        """Return `COLUMNS`, place and state of a source's last version, part by part."""
        return self._rows.all(
            f"SELECT {COLUMNS}, place, state FROM episode WHERE namespace = :namespace "
            "AND digest = :digest AND state < 4 AND version = (SELECT max(version) FROM episode "
            "WHERE namespace = :namespace AND digest = :digest AND state < 4) ORDER BY part",
            namespace=self._namespace,
            digest=digest(source),
        )

    def _add(self, document: Document, version: int, places: Sequence[int]) -> list[Episode]:
        added = []
        for index, draft in enumerate(document.parts):
            number = next(self._numbers)
            place = places[min(index, len(places) - 1)] if places else number
            said = (
                *(draft.at, self._recorded, draft.source),
                *(draft.session, draft.speaker, draft.text, draft.metadata),
            )
            stands = (self._namespace, CURRENT, place, version, draft.part, digest(draft.source))
            checksum = checksums.of_episode(draft.part, version, *said)
            self._episodes.append((number, *stands, *said, checksum))
            self._projections.append((number, draft.shape, draft.terms, draft.vector, draft.names))
            if draft.statements is not None:
                self._statements.append(
                    (self._namespace, number, draft.extractor, draft.statements)
                )
            self._pending.add(draft.source)
            if document.expires is not None:
                self._expiring[number] = document.expires
            added.append(to_episode((number, draft.part, version, *said), self._name))
        return added

    def _retire(self, old: Sequence[Row], numbers: Sequence[Value]) -> None:
        changes = []
        for index, row in enumerate(old):
            self._rows.run("UPDATE episode SET state = 3 WHERE id = :id", id=row[0])
            changes.append((row[0], numbers[index] if index < len(numbers) else 0))
        feed.retire(self._rows, self._namespace, changes)  # type: ignore[arg-type]

    def _flush(self) -> None:
        """Write the rows gathered so far."""
        self._rows.many(
            "INSERT INTO episode (id, namespace, state, place, version, part, digest, at, "
            "recorded, source, session, speaker, text, metadata, checksum) VALUES (:id, "
            ":namespace, :state, :place, :version, :part, :digest, :at, :recorded, :source, "
            ":session, :speaker, :text, :metadata, :checksum)",
            self._episodes,
        )
        self._rows.many(
            "INSERT INTO projection (id, shape, terms, vector, names) "
            "VALUES (:id, :shape, :terms, :vector, :names)",
            self._projections,
        )
        facts.append(self._rows, self._statements)
        expiry.note(self._rows, self._namespace, self._expiring)
        self._expiring = {}
        self._episodes, self._projections, self._statements = [], [], []
        self._pending.clear()


def _differs(row: Row, draft: Draft) -> bool:
    """Return whether a row of `COLUMNS` and a draft differ in time, session, speaker or metadata."""
    return (row[3], *row[6:8], row[9]) != (draft.at, draft.session, draft.speaker, draft.metadata)


def append(
    rows: Rows,
    namespace: str,
    documents: Sequence[Document],
    recorded: int,
    *,
    exact: bool = False,
) -> list[Appended]:
    """Write documents in order; the caller's transaction makes them durable together.

    With `exact`, the same text with another speaker, session, time or metadata is a new version.
    """
    return Appending(rows, namespace, recorded, exact=exact).append_all(documents)
