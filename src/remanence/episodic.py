"""Episodic memory read and mended: what `Memory`'s verbs do not need, and a service does.

One memory with its versions, pages of the log, sessions; a write that holds only over what its
writer has seen; a version redacted; a forgetting tried without being done. It stands beside
`knowledge`: functions over an open `Memory`.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from remanence import checks, instants
from remanence.encoding import drafting
from remanence.encoding.linking.mentions import require_searchable_name
from remanence.errors import InvalidInput, RemanenceError
from remanence.memory import Memory, identity
from remanence.semantic import resolve_selector
from remanence.storage import appending, episodes, forgetting, notes, paging
from remanence.storage.appending import Document
from remanence.storage.engine import Rows
from remanence.storage.forgetting import Blanked, Selector
from remanence.storage.paging import Wanted
from remanence.storage.store import UNKNOWN, View
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
    """What `forget` would remove."""

    receipt: Receipt
    """The receipt that `forget` would give, but for its `wal`."""
    episodes: tuple[Episode, ...]
    """At most `SHOWN` of the episodes that would go: the newest, in order of arrival."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of `episodes`."""
        return tuple(episode.id for episode in self.episodes)


@dataclass(frozen=True, slots=True)
class Page:
    """Episodes, each with its number, and whether there are more beyond them."""

    items: tuple[tuple[int, Episode], ...]
    more: bool


# -- reading --------------------------------------------------------------------------------------


def get(memory: Memory, namespace: str, id: str) -> Episode | None:
    """A memory as it is now, a long document whole; None where there is none of that id."""
    checks.label(id, "id")
    with memory.namespace(namespace).reading() as (rows, number):
        return _current(rows, number, namespace, id)


def _current(rows: Rows, number: int, namespace: str, id: str) -> Episode | None:
    for found in paging.versions(rows, number, namespace, id):
        if found.current:
            return replace(found.episode, id=id, text=found.text or "")
    return None


def tag(episode: Episode) -> str:
    """What stands for all that an episode says:

    another after every change, even if it was forgotten in between.
    """
    said = (episode.text, episode.speaker, episode.session, episode.at, dict(episode.metadata))
    told = json.dumps([episode.recorded_at, *said], sort_keys=True)
    digest = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=9)
    return f"{episode.version}-{digest.hexdigest()}"


def versions(memory: Memory, namespace: str, id: str) -> list[Version]:
    """Every version of a memory, newest first, the redacted ones too."""
    checks.label(id, "id")
    with memory.namespace(namespace).reading() as (rows, number):
        found = paging.versions(rows, number, namespace, id)
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
    """At most `most` episodes beyond the one with the number `beyond`, newest first unless told
    otherwise.

    The order is that of arrival, so that what comes in or goes meanwhile moves nothing between
    pages.
    """
    most = checks.count(most, "most")
    wanted = Wanted(
        session=checks.optional_label(session, "session"),
        speaker=checks.optional_label(speaker, "speaker"),
        since=None if since is None else instants.parse(since, "since"),
        until=None if until is None else instants.parse(until, "until"),
        history=history,
    )
    with memory.namespace(namespace).reading() as (rows, number):
        found = paging.page(
            rows, number, namespace, wanted, beyond, most + 1, oldest_first=oldest_first
        )
    return Page(tuple(found[:most]), more=len(found) > most)


def sessions(
    memory: Memory, namespace: str, *, beyond: int | None = None, most: int = 100
) -> tuple[list[Session], int | None]:
    """At most `most` sessions, the latest begun first, and beyond which number there are more
    (None: there are none).
    """
    most = checks.count(most, "most")
    with memory.namespace(namespace).reading() as (rows, number):
        found = paging.sessions(rows, number, beyond, most + 1)
    listed = [
        Session(each.name, each.episodes, instants.render(each.first), instants.render(each.last))
        for each in found[:most]
    ]
    return listed, found[most - 1].number if len(found) > most else None


# -- mending --------------------------------------------------------------------------------------


def put(
    memory: Memory, namespace: str, turn: Turn, check: Callable[[Episode | None], None]
) -> Episode:
    """Write a memory under its id, as a new version where there is one, if `check` lets what stands
    there be replaced.

    `check` is called inside the transaction, so that nobody writes in between; what it raises is
    raised, and nothing is written. Unlike `remember`, other metadata, speaker, session or time are
    a change too. Raises `InvalidInput`, `EmbedderError`, `StorageError`.
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

    def job(view: View) -> Episode:
        rows, number = view
        notes.check_identity(rows, identity(memory.embedder))
        before = _current(rows, number, namespace, id)
        if before is not None and before.source != id:
            raise InvalidInput(f"{id!r:.80} is a part of {before.source!r:.80}; write that whole")
        check(before)
        made = drafted if when(before) == expected else draft(when(before))
        (written,) = appending.append(rows, namespace, [made], now, exact=True)
        return replace(written.episodes[0], id=id, text=turn.text)

    return memory.namespace(namespace).writing(job)


def redact(memory: Memory, namespace: str, id: str, version: int) -> Receipt | None:
    """Overwrite what an older version says, in every layer; None where there is no such version.

    Its row stays, so that a history shows that there was one. Raises `InvalidInput` for the current
    one, `StorageError`.
    """
    checks.label(id, "id")
    checks.count(version, "version")

    def job(view: View) -> Blanked | None:
        return forgetting.redact(view.rows, view.number, id, version)

    blanked = memory.namespace(namespace).writing(job, make=False)
    if blanked is None:
        return None
    erasure = forgetting.erase(memory.store.engine)
    return forgetting.receipt(namespace, {"id": id, "version": str(version)}, blanked, erasure)


def shown(
    *, before: When | None = None, everything: bool = False, **named: str | None
) -> dict[str, str]:
    """The selectors of a forgetting as its receipt has them."""
    return forgetting.selector(named, before, everything=everything)[1]


class _Undone(RemanenceError):
    """Ends a transaction that was only tried; carries what it came to."""

    def __init__(self, blanked: Blanked, found: tuple[Episode, ...]) -> None:
        super().__init__("tried, not done")
        self.blanked, self.episodes = blanked, found


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
    """What `Memory.forget` would remove: it is done, and undone before anybody sees it. The
    selectors are those of `forget`.

    Raises `InvalidInput`, `StorageError`.
    """
    name = checks.label(namespace, "namespace")
    named = {"id": id, "session": session, "speaker": speaker, "subject": subject}
    selector, shown = forgetting.selector(named, before, everything=everything)
    require_searchable_name(subject)
    try:
        memory.namespace(name).writing(
            partial(_try, name, selector, subject, alone=len(shown) == 1), make=False
        )
    except _Undone as undone:
        return Preview(forgetting.receipt(name, shown, undone.blanked, "none"), undone.episodes)
    return Preview(forgetting.receipt(name, shown, Blanked(), "none"), ())


def _try(
    namespace: str, selector: Selector, subject: str | None, view: View, *, alone: bool
) -> None:
    rows, number = view
    if number == UNKNOWN:
        return
    selector = resolve_selector(rows, number, selector, subject, alone=alone)
    current = [
        n for n, state in forgetting.find(rows, number, selector) if state == episodes.CURRENT
    ]
    found = tuple(episodes.read(rows, namespace, current[-SHOWN:]))
    raise _Undone(forgetting.blank(rows, number, selector), found)
