"""Turns read from any format, remembered in batches, with a count of new ones.

Readers (`jsonl`, `mem0`, `mcp_memory`) yield `Incoming` and `Bad` in the order
of the file.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from remanence import checks, instants
from remanence.errors import InvalidInput, RemanenceError
from remanence.memory import DEFAULT_NAMESPACE, Memory
from remanence.storage import episodes
from remanence.text.split import split
from remanence.types import Turn

BATCH = 1_000  # turns that one commit holds
BATCH_CHARACTERS = 4_000_000  # long documents fill a batch sooner
LISTED = 100  # bad places that a report lists one by one


@dataclass(frozen=True, slots=True)
class Incoming:
    """One turn as it stands in a file."""

    turn: Turn
    place: str  # "line 17"
    namespace: str | None = None
    version: int | None = None  # which version of its id the exporting store held


@dataclass(frozen=True, slots=True)
class Bad:
    """Something in a file that cannot be remembered, and why."""

    place: str
    problem: str
    fatal: bool = False  # nothing after it can be read


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import. `new` and `known` count episodes; `bad` lists at
    most `LISTED` of the places skipped.
    """

    format: str
    turns: int
    new: int
    known: int
    skipped: int
    bad: tuple[Bad, ...]
    namespaces: tuple[str, ...]
    unread: tuple[str, ...] = ()
    """Files of a folder or archive that no format recognises."""


def make(
    place: str,
    text: object,
    *,
    namespace: object = None,
    version: int | None = None,
    speaker: object = None,
    session: object = None,
    at: object = None,
    id: object = None,
    metadata: object = None,
) -> Incoming | Bad:
    """A turn that `remember` will take, or what is wrong with it."""
    if metadata is not None and not isinstance(metadata, dict):
        return Bad(place, f"metadata is {type(metadata).__name__}, not an object")
    if at is not None and not isinstance(at, str):
        return Bad(place, f"at={at!r:.80} is not text; write it like 2025-03-20T09:00:00Z")
    try:
        if at is not None:
            instants.parse(at)
        checks.metadata(metadata)
        turn = Turn(
            text=checks.text(text),
            speaker=checks.optional_label(speaker, "speaker"),
            session=checks.optional_label(session, "session"),
            at=at,
            id=checks.optional_label(id, "id"),
            metadata=metadata,
        )
        return Incoming(turn, place, checks.optional_label(namespace, "namespace"), version)
    except InvalidInput as error:
        return Bad(place, str(error))


class _Remembering:
    """Remembers turns batch by batch and keeps count."""

    def __init__(self, memory: Memory, namespace: str | None) -> None:
        self._memory = memory
        self._namespace = namespace
        self._waiting: dict[str, list[Incoming]] = {}
        self._turns = self._characters = 0
        self.turns = self.new = self.known = 0
        self.namespaces: dict[str, None] = {}

    def add(self, item: Incoming) -> None:
        namespace = self._namespace or item.namespace or DEFAULT_NAMESPACE
        self._waiting.setdefault(namespace, []).append(item)
        self._turns += 1
        self._characters += len(item.turn.text)
        if self._turns >= BATCH or self._characters >= BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        for namespace in list(self._waiting):
            try:
                self._write(namespace, self._waiting.pop(namespace))
            except RemanenceError as error:
                error.add_note(f"turns of the file that are remembered: {self.turns:,}")
                raise
        self._turns = self._characters = 0

    def _write(self, namespace: str, batch: list[Incoming]) -> None:
        fresh = [item for item in batch if not _held(self._memory, namespace, item)]
        began = instants.now()
        written = self._memory.remember([item.turn for item in fresh], namespace=namespace)
        new = {
            (episode.id, episode.version)
            for episode in written
            if instants.parse(episode.recorded_at) >= began
        }
        self.turns += len(batch)
        self.new += len(new)
        self.known += len(written) - len(new) + len(batch) - len(fresh)
        self.namespaces[namespace] = None


def _held(memory: Memory, namespace: str, item: Incoming) -> bool:
    """Return whether the store holds this version, so that repeating a history changes nothing."""
    if item.version is None or item.turn.id is None:
        return False
    with memory.namespace(namespace).reading() as (snapshot, number):
        held = episodes.version_texts(snapshot, number, item.turn.id, item.version)
    return bool(held) and held == split(item.turn.text)


def remember(
    memory: Memory,
    items: Iterable[Incoming | Bad],
    *,
    format: str,
    namespace: str | None = None,
    skip_bad: bool = False,
    step: Callable[[], None] | None = None,
) -> Imported:
    """Remember every turn of `items`; `step` is called after each.

    `namespace` overrides what the file says. Raises `InvalidInput` at the first bad place, after
    remembering what stands before it; with `skip_bad` only where the file cannot be read on.
    """
    if namespace is not None:
        checks.label(namespace, "namespace")
    work = _Remembering(memory, namespace)
    try:
        return _remembered(work, items, format, skip_bad=skip_bad, step=step)
    except KeyboardInterrupt as error:
        error.add_note(
            f"{work.turns:,} turns are remembered; the same import goes on from there: what has "
            "an id is not remembered twice"
        )
        raise


def _remembered(
    work: _Remembering,
    items: Iterable[Incoming | Bad],
    format: str,
    *,
    skip_bad: bool,
    step: Callable[[], None] | None,
) -> Imported:
    bad: list[Bad] = []
    skipped = 0
    for item in items:
        if isinstance(item, Incoming):
            work.add(item)
        elif skip_bad and not item.fatal:
            skipped += 1
            bad += [item] if skipped <= LISTED else []
        else:
            work.flush()
            raise InvalidInput(_stopped(item, work.turns))
        if step is not None:
            step()
    work.flush()
    return Imported(
        format=format,
        turns=work.turns,
        new=work.new,
        known=work.known,
        skipped=skipped,
        bad=tuple(bad),
        namespaces=tuple(work.namespaces),
    )


def _stopped(item: Bad, turns: int) -> str:
    advice = "mend it" if item.fatal else "mend it or give --skip-bad"
    return (
        f"{item.place}: {item.problem} (turns before it, now remembered: {turns:,}); "
        f"{advice}, and import the file again: what has an id is not remembered twice"
    )
