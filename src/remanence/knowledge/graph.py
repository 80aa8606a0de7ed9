"""A namespace's facts as a graph of triples, and what of its shape tells who can stand where."""

from collections.abc import Iterable, Mapping
from typing import Final

from remanence.encoding.relations import ALIASES
from remanence.memory import Memory
from remanence.types import Fact

Triple = tuple[str, str, str]
COMMON: Final = 2  # objects that two relations share, from which on they may be similar
SHARE: Final = 0.3  # and what part of the fewer objects these must be


def triples_of(memory: Memory, namespace: str) -> list[Triple]:
    """(subject, relation, object) of what holds now, each once; that two names mean the same is no
    triple.
    """
    return as_triples(memory.facts(namespace=namespace))


def as_triples(facts: Iterable[Fact]) -> list[Triple]:
    """The triples of facts, in their order."""
    found = {
        (fact.subject, fact.relation, fact.object): None
        for fact in facts
        if fact.relation not in ALIASES and fact.object and fact.subject != fact.object
    }
    return list(found)


def plausible_objects(triples: Iterable[Triple]) -> Mapping[str, frozenset[str]]:
    """The objects that each relation can have: those that it has, and those of relations that share
    objects with it. With triples turned around, its subjects.

    >>> said = [("a", "lives_in", "x"), ("b", "lives_in", "y"), ("c", "born_in", "x"), ("d", "born_in", "y"), ("e", "born_in", "z")]
    >>> sorted(plausible_objects(said)["lives_in"])
    ['x', 'y', 'z']
    """
    own: dict[str, set[str]] = {}
    for _, relation, value in triples:
        own.setdefault(relation, set()).add(value)
    found = {}
    for relation, values in own.items():
        whole = set(values)
        for others in own.values():
            shared = len(values & others)
            if shared >= COMMON and shared >= SHARE * min(len(values), len(others)):
                whole |= others
        found[relation] = frozenset(whole)
    return found
