"""Containment of places and parts: what was stated to lie in what, and what the gazetteer knows."""

from collections import Counter, defaultdict

from remanence.encoding.linking import names
from remanence.encoding.linking.entities import Entities
from remanence.text import gazetteer
from remanence.text.bilingual import same_organisation

_OUTWARD = 64  # entities visited on the way outward, which ends every walk, through a cycle too
_SPELLINGS = 8  # names of an entity that are compared


class Containment:
    """Statements that one entity lies in another, counted; names are normal forms."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities
        self._around: dict[str, Counter[str]] = defaultdict(Counter)

    def __contains__(self, name: str) -> bool:
        """Return whether `name` was stated to lie in anything."""
        return name in self._around

    def note(self, inner: str, outer: str, by: int) -> None:
        """Count (`by` 1) or discount (-1) a statement that `inner` lies in `outer`."""
        around = self._around[inner]
        around[outer] += by
        if not around[outer]:
            del around[outer]
        if not around:
            del self._around[inner]

    def overlap(self, one: str, other: str, *, places: bool) -> bool:
        """Return whether two entities are one place, or one lies in the other.

        `places` admits evidence from spelling and the gazetteer: "Chengdu, Sichuan" and "Chengdu",
        NYC and New York City, Shenzhen and Guangdong.
        """
        if places:
            spelt = [(a, b) for a in self._names(one) for b in self._names(other)]
            if any(_one_place(a, b) for a, b in spelt):
                return True
        elif self._one_organisation(one, other):
            return True
        return self._lies_in(one, other) or self._lies_in(other, one)

    def _one_organisation(self, one: str, other: str) -> bool:
        """Return whether a name of the one is that of the other in another language."""
        others = self._names(other)
        return any(same_organisation(a, b) for a in self._names(one) for b in others)

    def _names(self, root: str) -> list[str]:
        return sorted(self._entities.members(root))[:_SPELLINGS]

    def _lies_in(self, inner: str, outer: str) -> bool:
        """Follow the statements outward; an entity stated to lie in too many lies nowhere."""
        seen, waiting = {inner}, [inner]
        while waiting and len(seen) < _OUTWARD:
            for around in self._outward(waiting.pop()):
                if around == outer:
                    return True
                if around not in seen:
                    seen.add(around)
                    waiting.append(around)
        return False

    def _outward(self, root: str) -> list[str]:
        found: list[str] = []
        for member in sorted(self._entities.members(root)):
            around = self._around.get(member, ())
            if len(around) <= _OUTWARD:
                found += map(self._entities.root, sorted(around))
        return found


def _one_place(one: str, other: str) -> bool:
    return (
        names.contains(one, other)
        or names.contains(other, one)
        or gazetteer.same_place(one, other)
        or gazetteer.lies_in(one, other)
        or gazetteer.lies_in(other, one)
    )
