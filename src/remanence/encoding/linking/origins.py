"""Values that the graph takes and gives, and what it derives from the records of relations."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import lifecycle, names
from remanence.encoding.relations import Relation
from remanence.text import gazetteer


class Origin(NamedTuple):
    """The episode that candidates come from, and the extractor that found them in it."""

    episode: int
    extractor: int
    source: str  # the episode's id, as callers see it
    speaker: str | None
    said: int  # microseconds
    recorded: int
    standing: bool = False  # see `Statement.standing`


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity: what to call it, its kind, and every name with the episodes that use it."""

    name: str
    kind: str
    names: Mapping[str, tuple[str, ...]]


def is_sound(candidate: Candidate, key: Callable[[str], str]) -> bool:
    """Return whether the names of a candidate can be linked:

    neither too long nor without letters.
    """
    given = (candidate.subject, candidate.object, candidate.replaces or "")
    if max(map(len, given)) > names.LONGEST:
        return False
    stated = key(candidate.object) or not candidate.object.strip()
    return bool(stated and key(candidate.subject))


def names_one(origin: Origin, candidate: Candidate) -> bool:
    """Return whether a statement that two names are the same speaks of one thing:

    not of "a restaurant".
    """
    subject = candidate.subject
    return not subject[:1].islower() or "'s " in subject or subject == origin.speaker


def affected_by(relations: Mapping[str, Relation]) -> dict[str, list[tuple[str, str]]]:
    """The (relation, event) pairs by which statements of others end or contradict a relation."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for about in relations.values():
        for others, event in ((about.ends, lifecycle.END), (about.contradicts, lifecycle.LAPSE)):
            for other in others:
                found[other].append((about.name, event))
    return dict(found)


def is_misfit(about: Relation, value: str) -> bool:
    """Return whether a value is a person's given name where organisations alone fit.

    Such a value ends nothing and is ended by nothing: who "works for Ana" may still have an
    employer.
    """
    organisations = about.object_kinds == ("organisation",)
    return organisations and gazetteer.is_given(value)


def reset_by(relations: Mapping[str, Relation]) -> dict[str, list[str]]:
    """The relations whose beginning ends whatever value a relation has."""
    found: dict[str, list[str]] = defaultdict(list)
    for about in relations.values():
        for other in about.resets:
            found[other].append(about.name)
    return dict(found)


def kinds(relation: Relation) -> tuple[str, str]:
    """The kind of a relation's subject and of its object, where there is but one."""
    ends = (relation.subject_kinds, relation.object_kinds)
    subject, object_ = (kinds[0] if len(kinds) == 1 else "" for kinds in ends)
    return subject, object_
