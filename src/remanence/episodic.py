"""Episodic memory read and mended: what `Memory`'s verbs do not need, and a service does.

One memory with its versions, pages of the log, sessions; a write that holds only over what its writer has seen; a version redacted; a forgetting tried
without being done. It stands beside `knowledge`: functions over an open `Memory`.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from remanence import checks, instants
from remanence.encoding import drafting
from remanence.encoding.linking.mentions import sought
from remanence.errors import InvalidInput, RemanenceError
from remanence.memory import Memory, identity
from remanence.semantic import aimed
from remanence.storage import episodes, forgetting, paging
from remanence.storage.database import Connection
from remanence.storage.episodes import Document
from remanence.storage.forgetting import Blanked, Selector
from remanence.storage.paging import Wanted
from remanence.types import Episode, Receipt, Turn, When

SHOWN = 100  # ids that a preview lists


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a memory. Of a redacted one, `text` is None and `metadata` is empty."""

    version: int
    text: str | None
    speaker: str | None
    session: str | None
    at: str
    recorded_at: str
    current: bool
    redacted: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session: how many episodes, and of what time (RFC 3339)."""

    session: str
    episodes: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What `forget` would remove: its receipt, and the ids of at most `SHOWN` of the episodes."""

    receipt: Receipt
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Episodes, each with its number, and whether there are more beyond them."""

    items: tuple[tuple[int, Episode], ...]
    more: bool


# -- reading --------------------------------------------------------------------------------------


def get(memory: Memory, namespace: str, id: str) -> Episode | None:
    """A memory as it is now, a long document whole; None where there is none of that id."""
    checks.label(id, "id")
    with memory.database.read() as connection:
        number = episodes.namespace_id(connection, checks.label(namespace, "namespace"))
        return None if number is None else _current(connection, number, namespace, id)


def _current(connection: Connection, number: int, namespace: str, id: str) -> Episode | None:
    for found in paging.versions(connection, number, namespace, id):
        if found.current:
            return replace(found.episode, id=id, text=found.text or "")
    return None


def tag(episode: Episode) -> str:
    """What stands for all that an episode says: another after every change, even if it was forgotten in between."""
    said = (episode.text, episode.speaker, episode.session, episode.at, dict(episode.metadata))
    told = json.dumps([episode.recorded_at, *said], sort_keys=True)
    digest = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=9)
    return f"{episode.version}-{digest.hexdigest()}"


def versions(memory: Memory, namespace: str, id: str) -> list[Version]:
    """Every version of a memory, newest first, the redacted ones too."""
    checks.label(id, "id")
    with memory.database.read() as connection:
        number = episodes.namespace_id(connection, checks.label(namespace, "namespace"))
        found = [] if number is None else paging.versions(connection, number, namespace, id)
    return [
        Version(
            version=each.version,
            text=each.text,
            speaker=each.episode.speaker,
            session=each.episode.session,
            at=each.episode.at,
            recorded_at=each.episode.recorded_at,
            current=each.current,
            redacted=each.text is None,
        )
        for each in found
    ]


def page(
    memory: Memory,
    namespace: str,
    *,
    beyond: int | None = None,
    most: int = 100,
    oldest_first: bool = False,
    session: str | None = None,
    speaker: str | None = None,
    since: When | None = None,
    until: When | None = None,
    history: bool = False,
) -> Page:
    """At most `most` episodes beyond the one with the number `beyond`, newest first unless told otherwise.

    The order is that of arrival, so that what comes in or goes meanwhile moves nothing between pages.
    """
    most = checks.count(most, "most")
    wanted = Wanted(
        session=checks.optional_label(session, "session"),
        speaker=checks.optional_label(speaker, "speaker"),
        since=None if since is None else instants.parse(since, "since"),
        until=None if until is None else instants.parse(until, "until"),
        history=history,
    )
    with memory.database.read() as connection:
        number = episodes.namespace_id(connection, checks.label(namespace, "namespace"))
        if number is None:
            return Page((), more=False)
        found = paging.page(
            connection, number, namespace, wanted, beyond, most + 1, oldest_first=oldest_first
        )
    return Page(tuple(found[:most]), more=len(found) > most)


def sessions(
    memory: Memory, namespace: str, *, beyond: int | None = None, most: int = 100
) -> tuple[list[Session], int | None]:
    """At most `most` sessions, the latest begun first, and beyond which number there are more (None: there are none)."""
    most = checks.count(most, "most")
    with memory.database.read() as connection:
        number = episodes.namespace_id(connection, checks.label(namespace, "namespace"))
        if number is None:
            return [], None
        found = paging.sessions(connection, number, beyond, most + 1)
    listed = [
        Session(each.name, each.episodes, instants.render(each.first), instants.render(each.last))
        for each in found[:most]
    ]
    return listed, found[most - 1].number if len(found) > most else None


# -- mending --------------------------------------------------------------------------------------


def put(
    memory: Memory, namespace: str, turn: Turn, check: Callable[[Episode | None], None]
) -> Episode:
    """Write a memory under its id, as a new version where there is one, if `check` lets what stands there be replaced.

    `check` is called inside the transaction, so that nobody writes in between; what it raises is raised, and nothing is written. Unlike
    `remember`, other metadata, speaker, session or time are a change too. Raises `InvalidInput`, `EmbedderError`, `StorageError`.
    """
    id = checks.label(turn.id, "id")
    now = instants.now()

    def draft(at: When | None) -> Document:
        (made,) = drafting.documents([replace(turn, at=at)], memory.embedder, now, memory.extract)
        return made

    def when(before: Episode | None) -> When | None:
        # A turn that says no time keeps the one that stands: it is the same moment, told better.
        return before.at if before is not None and turn.at is None else turn.at

    expected = when(get(memory, namespace, id))
    drafted = draft(expected)  # what is wrong with it, and what takes long, comes before any lock

    def job(connection: Connection) -> Episode:
        episodes.check_identity(connection, identity(memory.embedder))
        number = episodes.make_namespace(connection, namespace)
        before = _current(connection, number, namespace, id)
        if before is not None and before.source != id:
            raise InvalidInput(f"{id!r:.80} is a part of {before.source!r:.80}; write that whole")
        check(before)
        made = drafted if when(before) == expected else draft(when(before))
        written = episodes.append(connection, namespace, [made], now, exact=True)
        return replace(written[0], id=id, text=turn.text)

    return memory.database.write(job)


def redact(memory: Memory, namespace: str, id: str, version: int) -> Receipt | None:
    """Overwrite what an older version says, in every layer; None where there is no such version.

    Its row stays, so that a history shows that there was one. Raises `InvalidInput` for the current one, `StorageError`.
    """
    checks.label(id, "id")
    checks.count(version, "version")
    name = checks.label(namespace, "namespace")

    def job(connection: Connection) -> Blanked | None:
        number = episodes.namespace_id(connection, name)
        return None if number is None else forgetting.redact(connection, number, id, version)

    blanked = memory.database.write(job)
    if blanked is None:
        return None
    wal = forgetting.settle(memory.database)
    return forgetting.receipt(name, {"id": id, "version": str(version)}, blanked, wal)


def shown(
    *, before: When | None = None, everything: bool = False, **named: str | None
) -> dict[str, str]:
    """The selectors of a forgetting as its receipt has them."""
    return forgetting.selector(named, before, everything=everything)[1]


class _Undone(RemanenceError):
    """Ends a transaction that was only tried; carries what it came to."""

    def __init__(self, blanked: Blanked, ids: tuple[str, ...]) -> None:
        super().__init__("tried, not done")
        self.blanked, self.ids = blanked, ids


def preview(
    memory: Memory,
    namespace: str,
    *,
    id: str | None = None,
    session: str | None = None,
    speaker: str | None = None,
    subject: str | None = None,
    before: When | None = None,
    everything: bool = False,
) -> Preview:
    """What `Memory.forget` would remove: it is done, and undone before anybody sees it. The selectors are those of `forget`.

    Raises `InvalidInput`, `StorageError`.
    """
    name = checks.label(namespace, "namespace")
    named = {"id": id, "session": session, "speaker": speaker, "subject": subject}
    selector, shown = forgetting.selector(named, before, everything=everything)
    sought(subject)
    try:
        memory.database.write(partial(_tried, name, selector, subject, alone=len(shown) == 1))
    except _Undone as undone:
        return Preview(forgetting.receipt(name, shown, undone.blanked, "none"), undone.ids)
    return Preview(forgetting.receipt(name, shown, Blanked(), "none"), ())


def _tried(
    namespace: str, selector: Selector, subject: str | None, connection: Connection, *, alone: bool
) -> None:
    number = episodes.namespace_id(connection, namespace)
    if number is None:
        return
    selector = aimed(connection, number, selector, subject, alone=alone)
    current = [
        n for n, state in forgetting.find(connection, number, selector) if state == episodes.CURRENT
    ]
    ids = tuple(each.id for each in episodes.read(connection, namespace, current[-SHOWN:]))
    raise _Undone(forgetting.blank(connection, number, selector), ids)
