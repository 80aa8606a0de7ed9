"""Resolution of entities: names gathered into entities, with the evidence for each, and nothing
that cannot be taken back.

It knows names, what kind of thing they were used for, and which were said to be the same or apart;
it knows no facts.

An entity is a set of normal forms (`names.key`). Two forms belong together when

- more often than not it was said so (`link`: "my name is", "also known as"), and they are not of
  different kinds;
- one is a role ("Wei's sister") that was said to be exactly one entity ("my sister Ana"); a role
  said to be two people is neither;
- one is a short form of the other ("Wei", "J. Smith", "Mr Smith", 小王, 建国), both are persons, and no
  other person in the namespace fits. Two short forms that exclude each other (Mr and Mrs Smith, 小王
  and 老王) stay alone, and so does a short form whose owner speaks of the full name as of somebody
  else (`part`).

The last is a guess, if a good one: `firm` leaves it out, for those who must be sure.

The result depends on the set of evidence only, not on its order; so taking evidence away undoes
what it did. After changes, `settle` costs in proportion to the entities touched: one with 10,000
aliases takes some milliseconds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from remanence.encoding.linking import names
from remanence.encoding.linking.names import Form

PERSON = "person"
_NOBODY: Counter[str] = Counter()
_UNKNOWN = frozenset({"", "text", "date", "quantity"})  # say nothing of who is meant


class Entities:
    """The entities of one namespace. Call `settle` after changes, before `root` or `members`."""

    def __init__(self) -> None:
        self._forms: dict[str, Form] = {}
        self._spellings: dict[str, Counter[str]] = {}  # key -> how often each way of writing
        self._kinds: dict[str, Counter[str]] = {}
        self._same: dict[str, Counter[str]] = defaultdict(Counter)  # key -> said to be the same
        self._apart: dict[str, Counter[str]] = defaultdict(Counter)
        self._full: dict[tuple[str, str], set[str]] = defaultdict(set)  # bucket -> full names
        self._short: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._component: dict[str, set[str]] = {}  # key -> all said to be the same, if any
        self._root: dict[str, str] = {}
        self._firm: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._dirty: set[str] = set()

    # -- evidence -----------------------------------------------------------------------------

    def use(self, key: str, spelling: str, kind: str, by: int = 1) -> None:
        """A name was used, of a thing of some kind; `by=-1` takes that back."""
        if key not in self._forms:
            self._forms[key] = names.form(key)
            self._spellings[key], self._kinds[key] = Counter(), Counter()
            self._dirty.add(key)
        spellings, kinds = self._spellings[key], self._kinds[key]
        _count(spellings, spelling, by)
        if not spellings:
            self._dirty.add(key)
        if kind in _UNKNOWN:
            return
        if by > 0 and kind in kinds and len(kinds) == 1:
            kinds[kind] += by
            return
        before = self._kind(key)
        _count(kinds, kind, by)
        if self._kind(key) != before:
            self._dirty.add(key)

    def link(self, one: str, other: str, by: int = 1) -> None:
        """Two names were said to be the same."""
        self._pair(self._same, one, other, by)

    def part(self, one: str, other: str, by: int = 1) -> None:
        """Two names were used of different things."""
        self._pair(self._apart, one, other, by)

    def _pair(self, table: dict[str, Counter[str]], one: str, other: str, by: int) -> None:
        if one == other:
            return
        for a, b in ((one, other), (other, one)):
            had = table[a][b] > 0
            _count(table[a], b, by)
            if had != (table[a][b] > 0):
                self._dirty.add(a)

    @staticmethod
    def is_short(key: str) -> bool:
        """Return whether a name may be short for another, so that `part` can matter."""
        return names.is_short(key)

    def _is_person(self, key: str) -> bool:
        return self._kind(key) == PERSON

    # -- settling -----------------------------------------------------------------------------

    def settle(self) -> dict[str, str]:
        """Take in the changes; the keys whose entity is another now, with what it was before."""
        if not self._dirty:
            return {}
        dirty, self._dirty = self._dirty, set()
        for key in dirty:
            self._file(key)
        touched = dirty | self._regroup(dirty)
        touched |= {short for key in touched for short in self._shorts_of(key)}
        touched = self._together(touched)
        touched |= {role for key in touched for role in self._roles(key)}
        changed = {}
        for key, firm, now in self._resolve(key for key in touched if key in self._forms):
            before = self._root.get(key, key)
            if before != now or firm != self._firm.get(key, key):
                changed[key] = before
            self._firm[key] = firm
            self._place(key, before, now)
        for key in dirty:
            if not self._spellings.get(key, True):
                self._drop(key)
        return changed

    def _file(self, key: str) -> None:
        """Put a name into the buckets where it is looked for, or take it out."""
        if key not in self._forms:
            return
        shape = self._forms[key]
        person = bool(self._spellings[key]) and self._is_person(key)
        shelf = self._full if shape.kind == "full" else self._short
        for bucket in shape.buckets:
            if person:
                shelf[bucket].add(key)
            else:
                shelf[bucket].discard(key)
                if not shelf[bucket]:
                    del shelf[bucket]

    def _regroup(self, dirty: set[str]) -> set[str]:
        """Find anew the sets of names said to be the same, where one of `dirty` is in them."""
        loose = self._together(dirty)
        loose |= self._together({other for key in dirty for other in self._same.get(key, ())})
        for key in loose:
            self._component.pop(key, None)
        for key in loose:
            if key in self._component or key not in self._same:
                continue
            found, waiting = {key}, [key]
            while waiting:
                for other in self._linked(waiting.pop()):
                    if other not in found:
                        found.add(other)
                        waiting.append(other)
            if len(found) > 1:
                for member in found:
                    self._component[member] = found
        return loose

    def _linked(self, key: str) -> Iterator[str]:
        if self._is_role(key):
            return
        for other, count in self._same.get(key, {}).items():
            if count > 0 and not self._is_role(other) and self._agree(key, other):
                yield other

    def _agree(self, one: str, other: str) -> bool:
        """Return whether two names may mean the same kind of thing, as far as anybody said."""
        kinds = {self._kind(one), self._kind(other)} - {""}
        return len(kinds) < 2

    def _is_role(self, key: str) -> bool:
        shape = self._forms.get(key)
        return shape is not None and shape.kind == "role"

    def _together(self, keys: set[str]) -> set[str]:
        """`keys`, and all that were said to be the same as one of them."""
        components = {id(found): found for key in keys if (found := self._component.get(key))}
        return keys.union(*components.values())

    def _shorts_of(self, key: str) -> Iterator[str]:
        """The short names whose owner may depend on `key`."""
        shape = self._forms.get(key)
        for bucket in shape.buckets if shape else ():
            yield from self._short.get(bucket, ())

    def _roles(self, key: str) -> Iterator[str]:
        return filter(self._is_role, self._same.get(key, ()))

    def _resolve(self, keys: Iterable[str]) -> Iterator[tuple[str, str, str]]:
        """(key, who it surely is, who it is) of each;

        whole components at a time, then the roles.
        """
        firms: dict[str, str] = {}
        roles, components = [], {}
        for key in keys:
            if self._is_role(key):
                roles.append(key)
            elif key not in firms:
                members = self._component.get(key, {key})
                least = min(members)
                components[least] = members
                firms.update(dict.fromkeys(members, least))
        roots = {least: self._owner(least, of, firms) for least, of in components.items()}
        for key, firm in firms.items():
            yield key, firm, roots[firm]
        for role in roles:
            owners = set(self._said_to_be(role))
            surely = {firms.get(owner, self.firm(owner)) for owner in owners}
            likely = {roots[firms[o]] if o in firms else self.root(o) for o in owners}
            yield role, _one(surely, role), _one(likely, role)

    def _owner(self, least: str, members: set[str], firms: Mapping[str, str]) -> str:
        """Return the entity of a component:

        itself, or whoever alone its short names may stand for.
        """
        forms = {member: self._forms[member] for member in members if member in self._forms}
        if any(shape.kind == "full" for shape in forms.values()):
            return least
        owners: set[str] = set()
        for member, shape in forms.items():
            if any(member in self._short.get(bucket, ()) for bucket in shape.buckets):
                owners |= self._fitting(member, shape, firms)
            if len(owners) > 1:
                break
        return _one(owners, least)

    def _said_to_be(self, role: str) -> Iterator[str]:
        for other, count in self._same.get(role, {}).items():
            if count > 0 and not self._is_role(other) and self._agree(role, other):
                yield other

    def _kind(self, key: str) -> str:
        kinds = self._kinds.get(key)
        return min(kinds, key=lambda kind: (-kinds[kind], kind)) if kinds else ""

    def _fitting(self, key: str, shape: Form, firms: Mapping[str, str]) -> set[str]:
        """The entities of the full names that a short one may stand for, at most two of them."""
        found: set[str] = set()
        for bucket in shape.buckets:
            rivals = self._short.get(bucket, ())
            if any(names.exclude(shape, self._forms[rival]) for rival in rivals):
                return set()
            for full in self._full.get(bucket, ()):
                fits = shape.initial in ("", self._forms[full].initial)
                if fits and not self._apart.get(key, _NOBODY)[full] > 0:
                    found.add(firms.get(full) or self.firm(full))
                    if len(found) > 1:
                        return found
        return found

    def _place(self, key: str, before: str, now: str) -> None:
        if before in self._members:
            self._members[before].discard(key)
            if not self._members[before]:
                del self._members[before]
        self._root[key] = now
        self._members.setdefault(now, set()).add(key)

    def _drop(self, key: str) -> None:
        """Forget a name that nobody uses any more."""
        root = self._root.pop(key, key)
        members = self._members.get(root, set())
        members.discard(key)
        if not members:
            self._members.pop(root, None)
        for table in (self._forms, self._spellings, self._kinds, self._component, self._firm):
            table.pop(key, None)
        for pairs in (self._same, self._apart):
            if not pairs.get(key, True):
                del pairs[key]

    # -- reading ------------------------------------------------------------------------------

    def root(self, key: str) -> str:
        """The entity of a name that is in use; any other name is its own."""
        return self._root.get(key, key)

    def firm(self, key: str) -> str:
        """The entity of a name by what was said alone: a short form is nobody but itself."""
        return self._firm.get(key, key)

    def find(self, name: str) -> str:
        """The entity that somebody asks for by `name`, which need not have been used."""
        key = names.key(name)
        if key in self._root:
            return self._root[key]
        found = self._fitting(key, names.form(key), {}) if self.is_short(key) else set()
        return self.root(found.pop()) if len(found) == 1 else key

    def members(self, root: str) -> set[str]:
        """The normal forms of an entity's names."""
        return self._members.get(root, {root})

    def spellings(self, root: str) -> Counter[str]:
        """Every way in which an entity was named, with how often."""
        found: Counter[str] = Counter()
        for key in self.members(root):
            found.update(self._spellings.get(key, ()))
        return found

    def name(self, root: str) -> str:
        """Return the display name of an entity:

        a name rather than a role, what is most used, then the longest.
        """
        return (
            self._best(
                (spelling, count, self._is_role(key))
                for key in self.members(root)
                for spelling, count in self._spellings.get(key, {}).items()
            )
            or root
        )

    def spelling(self, key: str) -> str:
        """How one name is mostly written."""
        found = self._spellings.get(key, _NOBODY)
        return self._best((spelling, count, False) for spelling, count in found.items()) or key

    @staticmethod
    def _best(spellings: Iterable[tuple[str, int, bool]]) -> str | None:
        ranked = ((role, -count, -len(spelling), spelling) for spelling, count, role in spellings)
        return min(ranked, default=(False, 0, 0, None))[3]

    def kind(self, root: str) -> str:
        """Return the kind that an entity was mostly used as; "" where nobody said."""
        kinds: Counter[str] = Counter()
        for key in self.members(root):
            kinds.update(self._kinds.get(key, ()))
        return min(kinds, key=lambda kind: (-kinds[kind], kind)) if kinds else ""

    def roots(self) -> Iterator[str]:
        """Every entity."""
        yield from self._members


def _count(counter: Counter[str], item: str, by: int) -> None:
    counter[item] += by
    if not counter[item]:
        del counter[item]


def _one(found: set[str], otherwise: str) -> str:
    """The only one found, or `otherwise` where there are none or several."""
    return next(iter(found)) if len(found) == 1 else otherwise
