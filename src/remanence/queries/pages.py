"""The log read: one memory with its versions, pages of episodes, sessions."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from remanence import checks, instants
from remanence.queries.source import MemorySource
from remanence.storage import episodes, paging
from remanence.storage.engine import Rows
from remanence.storage.forgetting import Selector, find
from remanence.storage.paging import Wanted
from remanence.types import Episode, When


@dataclass(frozen=True, slots=True)
class MemoryVersion:
    """One version of a memory."""

    version: int
    """Its number, from 1."""
    text: str | None
    """Its text, a long document whole; None once redacted."""
    speaker: str | None
    """The name of the speaker."""
    session: str | None
    """The name of the session."""
    at: str
    """The time at which it was said (RFC 3339)."""
    recorded_at: str
    """The time at which it was remembered (RFC 3339)."""
    current: bool
    """Whether it is the version that recall sees."""
    redacted: bool
    """Whether its text and metadata were overwritten."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a namespace."""

    session: str
    """Its name."""
    episodes: int
    """The number of its current episodes."""
    first: str
    """The time of its first episode (RFC 3339)."""
    last: str
    """The time of its last episode (RFC 3339)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Episodes in order of arrival."""

    items: tuple[tuple[int, Episode], ...]
    """Each episode with its number in the log."""
    more: bool
    """Whether there are episodes beyond these."""

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The episodes without their numbers."""
        return tuple(episode for _, episode in self.items)

    @property
    def next(self) -> int | None:
        """The number to pass as `beyond` for the next page; None on the last page."""
        return self.items[-1][0] if self.more else None


def get(memory: MemorySource, namespace: str, id: str) -> Episode | None:
    """Return the current version of a memory, a long document whole; None for an unknown id."""
    checks.label(id, "id")
    with memory.namespace(namespace).reading() as (rows, number):
        return current(rows, number, namespace, id)


def current(rows: Rows, number: int, namespace: str, id: str) -> Episode | None:
    """Return the current version of a memory in a snapshot; None for an unknown id."""
    for found in paging.versions(rows, number, namespace, id):
        if found.current:
            return replace(found.episode, id=id, text=found.text or "")
    return None


def named(memory: MemorySource, namespace: str, ids: Iterable[str]) -> list[Episode]:
    """Return the current episodes of these ids, in their order, all parts of a long document.

    Unknown ids are left out.
    """
    with memory.namespace(namespace).reading() as (rows, number):
        numbers = []
        for id in ids:
            found = find(rows, number, Selector(id=id))
            numbers += sorted(row for row, state in found if state == episodes.CURRENT)
        return episodes.read(rows, namespace, numbers)


def tag(episode: Episode) -> str:
    """Return a digest of everything an episode holds.

    It differs after every change, even if the episode was forgotten in between.
    """
    values = (episode.text, episode.speaker, episode.session, episode.at, dict(episode.metadata))
    encoded = json.dumps([episode.recorded_at, *values], sort_keys=True)
    digest = hashlib.blake2b(encoded.encode("utf-8", "surrogatepass"), digest_size=9)
    return f"{episode.version}-{digest.hexdigest()}"


def versions(memory: MemorySource, namespace: str, id: str) -> list[MemoryVersion]:
    """Return every version of a memory, newest first, redacted ones included."""
    checks.label(id, "id")
    with memory.namespace(namespace).reading() as (rows, number):
        found = paging.versions(rows, number, namespace, id)
    return [
        MemoryVersion(
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
    memory: MemorySource,
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
    """Return at most `most` episodes beyond number `beyond`, newest first by default.

    The order is that of arrival, so that writes and forgetting meanwhile move nothing between
    pages. `since` is inclusive, `until` exclusive. With `history`, older versions are included.
    """
    most = checks.count(most, "most")
    wanted = replace(filters(session, speaker, since, until), history=history)
    with memory.namespace(namespace).reading() as (rows, number):
        found = paging.page(
            rows, number, namespace, wanted, beyond, most + 1, oldest_first=oldest_first
        )
    return Page(tuple(found[:most]), more=len(found) > most)


def outline(
    memory: MemorySource,
    namespace: str,
    *,
    step: int,
    oldest_first: bool = False,
    session: str | None = None,
    speaker: str | None = None,
    since: When | None = None,
    until: When | None = None,
) -> tuple[int, list[int]]:
    """Return how many episodes `page` would bring in all, and the number of each `step`-th.

    With them, any page can be asked for without those before it.
    """
    step = checks.count(step, "step")
    wanted = filters(session, speaker, since, until)
    with memory.namespace(namespace).reading() as (rows, number):
        return paging.outline(rows, number, wanted, step, oldest_first=oldest_first)


def filters(
    session: str | None, speaker: str | None, since: When | None, until: When | None
) -> Wanted:
    """Return checked filters. Raises `InvalidInput`."""
    return Wanted(
        session=checks.optional_label(session, "session"),
        speaker=checks.optional_label(speaker, "speaker"),
        since=instants.optional(since, "since"),
        until=instants.optional(until, "until"),
    )


def sessions(
    memory: MemorySource, namespace: str, *, beyond: int | None = None, most: int = 100
) -> tuple[list[Session], int | None]:
    """Return at most `most` sessions, the latest begun first, and the number of the next page.

    The number is None on the last page.
    """
    most = checks.count(most, "most")
    with memory.namespace(namespace).reading() as (rows, number):
        found = paging.sessions(rows, number, beyond, most + 1)
    listed = [
        Session(each.name, each.episodes, instants.render(each.first), instants.render(each.last))
        for each in found[:most]
    ]
    return listed, found[most - 1].number if len(found) > most else None
