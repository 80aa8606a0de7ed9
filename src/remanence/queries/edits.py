"""Single memories edited: a new version, a conditional write, an older version redacted."""

from collections.abc import Callable
from dataclasses import replace

from remanence import checks, instants
from remanence.embed.port import identity
from remanence.encoding import drafting
from remanence.errors import InvalidInput, RemanenceError
from remanence.queries.pages import current, get, tag
from remanence.queries.source import MemoryTarget
from remanence.storage import appending, forgetting, notes
from remanence.storage.appending import Document
from remanence.storage.forgetting import Blanked
from remanence.storage.store import View
from remanence.types import Episode, Metadata, Receipt, Turn, When


class _ChangedMeanwhile(RemanenceError):
    """Another writer changed the memory between reading and writing it."""


def edit(
    memory: MemoryTarget,
    namespace: str,
    id: str,
    text: str | None = None,
    *,
    speaker: str | None = None,
    session: str | None = None,
    at: When | None = None,
    metadata: Metadata | None = None,
    version: int | None = None,
) -> Episode:
    """Replace the given fields of a memory; return its new version, durable.

    Fields left out stay; `metadata` replaces all of it. Values that change nothing make no new
    version. With `version`, that version must be the current one. Raises `InvalidInput` for an
    unknown id or another current version (nothing was written), `EmbedderError`, `StorageError`.
    """
    while True:
        before = get(memory, namespace, id)
        if before is None:
            raise InvalidInput(f"there is no memory {id!r:.80} in {namespace!r:.80} to edit")
        if version is not None and before.version != version:
            raise InvalidInput(
                f"the current version of {id!r:.80} is {before.version}, not {version}; read it again"
            )
        turn = Turn(
            before.text if text is None else text,
            speaker=before.speaker if speaker is None else speaker,
            session=before.session if session is None else session,
            at=at,
            id=id,
            metadata=before.metadata if metadata is None else metadata,
        )
        try:
            return put(memory, namespace, turn, _require_unchanged(before))
        except _ChangedMeanwhile:
            continue  # the fields left out have new values


def _require_unchanged(seen: Episode) -> Callable[[Episode | None], None]:
    def check(before: Episode | None) -> None:
        if before is None or tag(before) != tag(seen):
            raise _ChangedMeanwhile(seen.id)

    return check


def put(
    memory: MemoryTarget, namespace: str, turn: Turn, check: Callable[[Episode | None], None]
) -> Episode:
    """Write a memory under its id, if `check` allows what is there to be replaced.

    An existing memory gets a new version. `check` gets the current version, or None, inside the
    transaction, so that no other write intervenes; its exceptions are passed on, and nothing is
    written. Unlike `remember`, other metadata, speaker, session or time count as a change too.
    Raises `InvalidInput`, `EmbedderError`, `StorageError`.
    """
    id = checks.label(turn.id, "id")
    now = instants.now()

    def draft(at: When | None) -> Document:
        (made,) = drafting.documents([replace(turn, at=at)], memory.embedder, now, memory.extract)
        return made

    def when(before: Episode | None) -> When | None:
        # A turn without a time keeps the stored one: the moment is the same, the wording is new.
        return before.at if before is not None and turn.at is None else turn.at

    expected = when(get(memory, namespace, id))
    drafted = draft(expected)  # slow work and errors of the input come before any lock

    def job(view: View) -> Episode:
        rows, number = view
        notes.check_identity(rows, identity(memory.embedder))
        before = current(rows, number, namespace, id)
        if before is not None and before.source != id:
            raise InvalidInput(f"{id!r:.80} is a part of {before.source!r:.80}; write that whole")
        check(before)
        made = drafted if when(before) == expected else draft(when(before))
        (written,) = appending.append(rows, namespace, [made], now, exact=True)
        return replace(written.episodes[0], id=id, text=turn.text)

    return memory.namespace(namespace).writing(job)


def redact(memory: MemoryTarget, namespace: str, id: str, version: int) -> Receipt | None:
    """Overwrite an older version in every layer; return None for an unknown version.

    Its row stays, so that the history shows that it existed. Raises `InvalidInput` for the current
    version, `StorageError`.
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
