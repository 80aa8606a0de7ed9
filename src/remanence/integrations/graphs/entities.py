"""Entities in a set of facts, with kinds, and names escaped where not every character is allowed.

An entity is a namespace and a name; the same name in two namespaces is two entities. Kinds come
from the table of relations: who lives somewhere is a person. It knows no format.
"""

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from remanence.encoding.relations import RELATIONS
from remanence.types import Fact

VALUES = frozenset({"date", "quantity", "text"})  # kinds of what is written down, not pointed at
# What XML 1.0 and UTF-8 do not carry.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Entity(NamedTuple):
    """A name in a namespace."""

    namespace: str
    name: str


def subject(fact: Fact) -> Entity:
    """Return the entity that a fact has as its subject."""
    return Entity(fact.namespace, fact.subject)


def object(fact: Fact) -> Entity:
    """Return the entity that a fact has as its object."""
    return Entity(fact.namespace, fact.object)


def kinds(facts: Iterable[Fact]) -> dict[Entity, str]:
    """Every entity, in order of appearance, with the kind that most of its facts give it, or ""."""
    votes: dict[Entity, Counter[str]] = {}
    for fact in facts:
        relation = RELATIONS.get(fact.relation)
        ends = (relation.subject_kinds, relation.object_kinds) if relation else ((), ())
        for entity, possible in zip((subject(fact), object(fact)), ends, strict=True):
            counted = votes.setdefault(entity, Counter())
            if len(possible) == 1:
                counted[possible[0]] += 1
    return {
        entity: min(counted, key=lambda kind: (-counted[kind], kind), default="")
        for entity, counted in votes.items()
    }


def is_value(relation: str) -> bool:
    """Return whether the objects of a relation are dates, quantities or texts, never things."""
    known = RELATIONS.get(relation)
    return known is not None and bool(known.object_kinds) and VALUES.issuperset(known.object_kinds)


def digest(*parts: str) -> str:
    """16 hexadecimal digits that stand for these texts, the same at every export."""
    joined = "\0".join(parts).encode(errors="surrogatepass")
    return blake2b(joined, digest_size=8).hexdigest()


def fit(text: str) -> str:
    """`text` with U+FFFD in the place of each character that XML or UTF-8 cannot carry."""
    return _UNFIT.sub("\ufffd", text)
