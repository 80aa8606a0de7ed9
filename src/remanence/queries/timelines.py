"""Facts over time: events in order, and the whole history of one entity."""

from collections.abc import Iterable
from dataclasses import dataclass

from remanence import checks, instants
from remanence.encoding.linking.graph import Entity
from remanence.queries.pages import named
from remanence.queries.source import MemorySource
from remanence.queries.wording import TimelineEvent, timeline_events
from remanence.semantic import FactQuery
from remanence.storage import episodes
from remanence.types import Fact, When

SCANNED_ABOVE = 500  # sources above which the log is read through instead of seeking each


@dataclass(frozen=True, slots=True)
class FactHistory:
    """All facts ever known of an entity."""

    entity: Entity
    """The entity that is meant, with its names."""
    facts: tuple[Fact, ...]
    """The facts of which it is the subject, oldest first."""
    holding: tuple[str, ...]
    """The ids of the facts that held at the time asked for."""


def concerning(memory: MemorySource, namespace: str, subject: str | None = None) -> list[Fact]:
    """Return all facts ever known, or those with `subject` at either end, each once."""
    checks.label(namespace, "namespace")
    ask = memory.semantic.facts
    if subject is None:
        return ask(namespace, FactQuery(history=True))
    checks.label(subject, "subject")
    found = ask(namespace, FactQuery(subject=subject, history=True))
    found += ask(namespace, FactQuery(object=subject, history=True))
    return list({fact.id: fact for fact in found}.values())


def timeline(
    memory: MemorySource,
    namespace: str,
    subject: str | None = None,
    *,
    since: When | None = None,
    until: When | None = None,
) -> list[TimelineEvent]:
    """Return what began, ended or was stated, oldest first; with `subject`, what concerns it.

    `since` is inclusive, `until` exclusive. Raises `InvalidInput`.
    """
    begin, end = instants.optional(since, "since"), instants.optional(until, "until")
    about = concerning(memory, namespace, subject)
    undated = {fact.sources[0]: None for fact in about if fact.valid_from is None and fact.sources}
    return timeline_events(about, _stated_at(memory, namespace, undated), begin, end)


def _stated_at(memory: MemorySource, namespace: str, ids: Iterable[str]) -> dict[str, str]:
    """Return the times at which episodes were said, by id; unknown ids are left out."""
    wanted = frozenset(ids)
    if len(wanted) <= SCANNED_ABOVE:
        return {episode.id: episode.at for episode in named(memory, namespace, wanted)}
    with memory.namespace(namespace).reading() as (rows, number):
        log = episodes.log(rows, number, namespace, history=False)
        return {episode.id: episode.at for episode in log if episode.id in wanted}


def fact_history(
    memory: MemorySource,
    namespace: str,
    subject: str,
    *,
    as_of: When | None = None,
    known_at: When | None = None,
) -> FactHistory | None:
    """Return all that was ever known of an entity; None for an unknown name.

    `as_of` (absent, now) is the time of `holding`; `known_at` limits the answer to what had been
    recorded by then.
    """
    checks.label(namespace, "namespace")
    checks.label(subject, "subject")
    entity = memory.semantic.entity(namespace, subject)
    if entity is None:
        return None
    holds, known = instants.optional(as_of, "as_of"), instants.optional(known_at, "known_at")
    # Two questions: with `history`, `as_of` also ends the history, which goes on here.
    told = memory.semantic.facts(
        namespace, FactQuery(subject=subject, known_at=known, history=True)
    )
    holding = memory.semantic.facts(
        namespace, FactQuery(subject=subject, as_of=holds, known_at=known)
    )
    told.sort(key=lambda fact: (instants.parse(fact.valid_from or fact.recorded_at), fact.id))
    return FactHistory(entity, tuple(told), tuple(fact.id for fact in holding))
