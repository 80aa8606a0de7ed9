"""A forgetting tried: the transaction is run, counted, and rolled back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from remanence import checks
from remanence.encoding.linking.mentions import require_searchable_name
from remanence.errors import RemanenceError
from remanence.queries.source import MemorySource
from remanence.semantic import resolve_selector
from remanence.storage import episodes, forgetting
from remanence.storage.forgetting import Blanked, Selector
from remanence.storage.store import UNKNOWN, View
from remanence.types import Episode, Receipt, When

SHOWN = 100  # ids that a preview lists


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect that `forget` would have."""

    receipt: Receipt
    """The receipt that `forget` would give, except for its `wal`."""
    episodes: tuple[Episode, ...]
    """At most `SHOWN` of the episodes that would go: the newest, in order of arrival."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of `episodes`."""
        return tuple(episode.id for episode in self.episodes)


class _RolledBack(RemanenceError):
    """Ends a transaction that was only tried; carries its result."""

    def __init__(self, blanked: Blanked, found: tuple[Episode, ...]) -> None:
        super().__init__("tried, not done")
        self.blanked, self.episodes = blanked, found


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """The checked selectors of a forgetting."""

    selector: Selector
    """The selectors that the store matches by itself."""
    shown: dict[str, str]
    """The selectors as a receipt has them."""
    subject: str | None
    """The entity to forget; None: none is named."""

    def resolve(self, view: View) -> Selector:
        """Return the selector with the episodes about the subject; a subject alone is buried."""
        alone = len(self.shown) == 1
        return resolve_selector(view.rows, view.number, self.selector, self.subject, alone=alone)

    def run(self, view: View) -> Blanked:
        """Blank what matches, in every layer; return the counts."""
        if view.number == UNKNOWN:
            return Blanked()
        return forgetting.blank(view.rows, view.number, self.resolve(view))

    def run_and_undo(self, namespace: str, view: View) -> None:
        """Run, and raise `_RolledBack` with the counts and the newest episodes that went."""
        rows, number = view
        if number == UNKNOWN:
            return
        selector = self.resolve(view)
        current = [
            n for n, state in forgetting.find(rows, number, selector) if state == episodes.CURRENT
        ]
        found = tuple(episodes.read(rows, namespace, current[-SHOWN:]))
        raise _RolledBack(forgetting.blank(rows, number, selector), found)


def plan(
    *,
    id: str | Sequence[str] | None = None,
    session: str | None = None,
    speaker: str | None = None,
    subject: str | None = None,
    before: When | None = None,
    everything: bool = False,
) -> ForgetPlan:
    """Return the checked selectors of `Memory.forget`. Raises `InvalidInput`."""
    named = {"id": id, "session": session, "speaker": speaker, "subject": subject}
    selector, shown = forgetting.selector(named, before, everything=everything)
    require_searchable_name(subject)
    return ForgetPlan(selector, shown, subject)


def preview(memory: MemorySource, namespace: str, **selectors: Any) -> Preview:
    """Return what `Memory.forget` would remove; the store stays as it is.

    `selectors` are those of `forget`. Raises `InvalidInput`, `StorageError`.
    """
    name, tried = checks.label(namespace, "namespace"), plan(**selectors)
    try:
        memory.namespace(name).writing(partial(tried.run_and_undo, name), make=False)
    except _RolledBack as undone:
        counted, found = undone.blanked, undone.episodes
    else:
        counted, found = Blanked(), ()
    return Preview(forgetting.receipt(name, tried.shown, counted, "none"), found)
