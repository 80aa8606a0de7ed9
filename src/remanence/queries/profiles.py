"""Everything known of one entity: its names, its facts, and the facts as sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from remanence import checks, instants
from remanence.queries.source import MemorySource
from remanence.queries.wording import Sentence, profile_lines
from remanence.semantic import FactQuery
from remanence.types import Fact, When

NAMES = 100_000  # statements looked through for names


@dataclass(frozen=True, slots=True)
class EntityProfile:
    """The facts of an entity at a time."""

    subject: str
    """Its preferred name."""
    kind: str
    """Its kind, such as "person"; empty where it is unknown."""
    names: Mapping[str, tuple[str, ...]]
    """Each of its names with the ids of the episodes that state it."""
    sentences: tuple[Sentence, ...]
    """The facts in words, those of daily life first."""
    facts: tuple[Fact, ...]
    """The facts of which it is the subject, newest first."""
    mentions: tuple[Fact, ...]
    """The facts of which it is the object, newest first."""


def profile(
    memory: MemorySource,
    namespace: str,
    subject: str,
    *,
    as_of: When | None = None,
    known_at: When | None = None,
) -> EntityProfile | None:
    """Return what holds of an entity, now or `as_of` a time; None for an unknown name.

    `subject` is any of its names; `known_at` limits the answer to what had been recorded by then.
    """
    checks.label(namespace, "namespace")
    checks.label(subject, "subject")
    entity = memory.semantic.entity(namespace, subject)
    if entity is None:
        return None
    holds, known = instants.optional(as_of, "as_of"), instants.optional(known_at, "known_at")
    facts, mentions = (
        memory.semantic.facts(namespace, query)
        for query in (
            FactQuery(subject=subject, as_of=holds, known_at=known),
            FactQuery(object=subject, as_of=holds, known_at=known),
        )
    )
    return EntityProfile(
        subject=entity.name,
        kind=entity.kind,
        names=dict(entity.names),
        sentences=tuple(profile_lines([*facts, *mentions])),
        facts=tuple(facts),
        mentions=tuple(mentions),
    )


def entity_names(memory: MemorySource, namespace: str, prefix: str, most: int) -> list[str]:
    """Return at most `most` preferred names that begin with `prefix`, in alphabetical order.

    Letters' case does not matter.
    """
    wanted = prefix.casefold()
    with memory.semantic.opened(namespace) as (graph, _):
        spelled = {
            graph.entities.name(graph.entities.root(key))
            for key, _ in islice(graph.stated(), NAMES)
        }
    return sorted(name for name in spelled if name.casefold().startswith(wanted))[:most]
