"""The graph of one namespace: statements by subject, entities, and facts folded on demand.

Episodes are added and taken away in any order; what is read depends only on which are there. A fact
is folded when it is first read and kept until a statement of its group, an entity named in it, or
a containment changes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from remanence import instants
from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import lifecycle, names
from remanence.encoding.linking.containment import Containment
from remanence.encoding.linking.entities import Entities
from remanence.encoding.linking.lifecycle import Spell, Statement
from remanence.encoding.linking.marks import digests, fact_id
from remanence.encoding.linking.origins import (
    Entity,
    Origin,
    affected_by,
    is_misfit,
    is_sound,
    kinds,
    names_one,
    reset_by,
)
from remanence.encoding.relations import ALIASES, WITHIN, Relation, is_functional
from remanence.types import Fact

__all__ = ["Entity", "Graph", "Origin"]

_NONE: Mapping[bytes, int] = {}


class _Held(NamedTuple):
    """The contribution of one episode, so that it can be taken out again."""

    statements: list[Statement]
    uses: list[tuple[str, str, str]]
    links: list[tuple[str, str, int]]
    apart: list[tuple[str, str]]


class Graph:
    """One namespace. `relations` says which relations are functional and what kinds they join."""

    def __init__(self, relations: Mapping[str, Relation]) -> None:
        self._relations = relations
        self.entities = Entities()
        self._held: dict[int, list[_Held]] = {}
        self._by_subject: dict[str, dict[str, list[Statement]]] = {}
        self._mentions: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self._within = Containment(self.entities)
        self._kinds = {name: kinds(relation) for name, relation in relations.items()}
        self._affects = {name: about.affected for name, about in relations.items()}
        self._affected_by = affected_by(relations)
        self._reset_by = reset_by(relations)
        self._keys: dict[str, str] = {}
        self._folded: dict[str, dict[str, list[Spell]]] = {}
        self._leaning: set[tuple[str, str]] = set()  # groups that asked what lies in what
        self._stale: set[tuple[str, str]] = set()
        self._count = 0
        self._moved = False  # something in `_within` changed
        self._inverse = {
            name: about.inverse for name, about in relations.items() if about.inverse is not None
        }
        self._mirrored: set[tuple[str, str]] = set()  # groups with statements of others
        self._turned = False  # one of a relation with an inverse changed

    def __len__(self) -> int:
        """Statements held."""
        return self._count

    # -- taking in ----------------------------------------------------------------------------

    def add(
        self, origin: Origin, candidates: Iterable[Candidate], buried: Mapping[bytes, int] = _NONE
    ) -> None:
        """Take in what one extractor found in one episode.

        `buried` maps digests to the newest episode in which they are not believed.
        """
        held = _Held([], [], [], [])
        for position, candidate in enumerate(candidates):
            if is_sound(candidate, self.key):
                statement = self._statement(origin, position, candidate)
                if not buried or not any(
                    buried.get(digest, -1) >= origin.episode for digest in digests(statement)
                ):
                    self._note(held, origin, candidate, statement)
        if held.statements:
            self._held.setdefault(origin.episode, []).append(held)
            self._apply(held, 1)

    def remove(self, episode: int) -> None:
        """Take out all that came from an episode."""
        for held in self._held.pop(episode, ()):
            self._apply(held, -1)

    def key(self, name: str) -> str:
        """`names.key`, looked up where it was asked for before."""
        known = self._keys.get(name)
        if known is None:
            known = self._keys[name] = names.key(name)
        return known

    def _statement(self, origin: Origin, position: int, candidate: Candidate) -> Statement:
        start, end = candidate.valid_from, candidate.valid_until
        if start is not None and end is not None and end <= start:
            start = end = None  # an end before the beginning: neither is believed
        return Statement(
            episode=origin.episode,
            extractor=origin.extractor,
            position=position,
            source=origin.source,
            said=origin.said,
            recorded=origin.recorded,
            subject=self.key(candidate.subject),
            object=self.key(candidate.object),
            relation=candidate.relation,
            confidence=min(max(candidate.confidence, 0.0), 1.0),
            negated=candidate.negated,
            change=candidate.change,
            valid_from=start,
            valid_until=end,
            standing=origin.standing,
            replaces=self.key(candidate.replaces) if candidate.replaces else "",
            offset=candidate.offset,
        )

    def _note(
        self, held: _Held, origin: Origin, candidate: Candidate, statement: Statement
    ) -> None:
        """Write down what a statement says of its names."""
        subject_kind, object_kind = self._kinds.get(candidate.relation, ("", ""))
        object_kind = candidate.object_kind or object_kind
        held.statements.append(statement)
        held.uses.append(
            (statement.subject, candidate.subject, candidate.subject_kind or subject_kind)
        )
        if statement.object:
            held.uses.append((statement.object, candidate.object, object_kind))
        if statement.replaces and candidate.replaces:
            held.uses.append((statement.replaces, candidate.replaces, object_kind))
        if candidate.relation in ALIASES:
            if statement.object and names_one(origin, candidate):
                net = -1 if candidate.negated or candidate.change == "end" else 1
                held.links.append((statement.subject, statement.object, net))
            return
        named = (statement.subject, statement.object)
        if names.share(*named):
            held.apart.append(named)
        speaker = self.key(origin.speaker) if origin.speaker else ""
        if speaker:
            held.apart.extend((speaker, name) for name in named if names.share(speaker, name))

    def _apply(self, held: _Held, by: int) -> None:
        entities = self.entities
        for key, spelling, kind in held.uses:
            entities.use(key, spelling, kind, by)
        for one, other, net in held.links:
            entities.link(one, other, net * by)
        for one, other in held.apart:
            entities.part(one, other, by)
        for statement in held.statements:
            self._file(statement, by)
        self._count += by * len(held.statements)

    def _file(self, said: Statement, by: int) -> None:
        groups = self._by_subject.setdefault(said.subject, {})
        group = groups.setdefault(said.relation, [])
        if by > 0:
            group.append(said)
        else:
            group.remove(said)
            if not group:
                del groups[said.relation]
            if not groups:
                del self._by_subject[said.subject]
        for value in (said.object, said.replaces):
            if value:
                mentions = self._mentions[value]
                mentions[said.subject, said.relation] += by
                if not mentions[said.subject, said.relation]:
                    del mentions[said.subject, said.relation]
                if not mentions:
                    del self._mentions[value]
        self._stale.add((said.subject, said.relation))
        self._stale.update((said.subject, other) for other in self._affects.get(said.relation, ()))
        if said.relation in WITHIN and said.object and not said.negated:
            self._within.note(said.subject, said.object, by)
            self._moved = True
        self._turned = self._turned or said.relation in self._inverse

    def settle(self) -> None:
        """Drop what the changes since the last look have made untrue."""
        changed = self.entities.settle()
        for key, before in changed.items():
            self._folded.pop(before, None)
            self._folded.pop(self.entities.root(key), None)
            self._stale.update(self._mentions.get(key, ()))
            self._moved = self._moved or key in self._within
            self._turned = True
        for subject, relation in self._stale:
            self._folded.get(self.entities.root(subject), {}).pop(relation, None)
        if self._moved:
            self._refold(self._leaning)
        if self._turned or self._moved:
            self._refold(self._mirrored)
        self._stale.clear()
        self._moved = self._turned = False

    def _refold(self, groups: set[tuple[str, str]]) -> None:
        for root, relation in groups:
            self._folded.get(root, {}).pop(relation, None)
        groups.clear()

    # -- folding ------------------------------------------------------------------------------

    def spells(self, root: str, relation: str) -> list[Spell]:
        """The spells of an entity in one relation, folded now or before."""
        groups = self._folded.setdefault(root, {})
        found = groups.get(relation)
        if found is None:
            found = groups[relation] = self._fold(root, relation)
            inverse = self._inverse.get(relation)
            if inverse is not None:
                self._mirrored.add((root, relation))
                for spell in found:
                    for twin in self._fold(spell.value, inverse):
                        if twin.value == root:
                            lifecycle.close_with(spell, twin)
        return found

    def _fold(self, root: str, relation: str) -> list[Spell]:
        """The spells of an entity in one relation, by what was stated from its own side."""
        about = self._relations.get(relation)
        return lifecycle.fold(
            self._entries(root, relation),
            functional=is_functional(relation) if about is None else about.functional,
            firm=self.entities.firm,
            named=names.is_part,
            compatible=lambda one, other: self._compatible(root, relation, one, other),
        )

    def _entries(self, root: str, relation: str) -> Iterator[tuple[Statement, str, str]]:
        """(statement, event, value) of a group, as `lifecycle.fold` takes them."""
        inverse = self._inverse.get(relation)
        for member in self.entities.members(root):
            groups = self._by_subject.get(member, {})
            for said in groups.get(relation, ()):
                yield from self._events(root, said)
            if inverse is not None:
                for said in self._mirror(member, relation, inverse):
                    yield from self._events(root, said)
            for other, event in self._affected_by.get(relation, ()):
                for said in groups.get(other, ()):
                    if lifecycle.event(said) == lifecycle.SUPPORT and said.object:
                        yield said._replace(relation=relation), event, self._value(said)
            yield from self._resets(groups, relation)

    def _resets(
        self, groups: Mapping[str, list[Statement]], relation: str
    ) -> Iterator[tuple[Statement, str, str]]:
        """The ends of whatever value there was, by what began in another relation."""
        own = {said.episode for said in groups.get(relation, ())}
        for other in self._reset_by.get(relation, ()):
            for said in groups.get(other, ()):
                begun = lifecycle.event(said) == lifecycle.SUPPORT and said.change
                if begun and said.object and said.episode not in own:
                    bare = said._replace(relation=relation, object="", replaces="", change="end")
                    yield bare._replace(valid_until=None), lifecycle.END, ""

    def _mirror(self, member: str, relation: str, inverse: str) -> Iterator[Statement]:
        """The statements of others in the inverse relation, seen from their object."""
        for subject, stated in self._mentions.get(member, ()):
            for said in self._by_subject[subject][stated] if stated == inverse else ():
                if said.object == member:
                    yield said._replace(
                        subject=member,
                        object=subject,
                        relation=relation,
                        replaces="",
                        mirrored=True,
                    )

    def _events(self, root: str, said: Statement) -> Iterator[tuple[Statement, str, str]]:
        event, value = lifecycle.event(said), self._value(said)
        # Another name of the subject may well be the one that its entity goes by: it is still
        # another.
        own = said.subject if said.relation in ALIASES else root
        if event != lifecycle.SUPPORT or (value and value != own):
            yield said, event, value
        if said.replaces and event == lifecycle.SUPPORT:
            old = said._replace(object=said.replaces, change="end", valid_until=None, replaces="")
            if self._value(old) != value:
                yield old, lifecycle.END, self._value(old)

    def _value(self, said: Statement) -> str:
        return said.object if said.relation in ALIASES else self.entities.root(said.object)

    def _compatible(self, root: str, relation: str, one: str, other: str) -> bool:
        """Return whether one value lies in the other, so that both can hold."""
        self._leaning.add((root, relation))
        about = self._relations.get(relation)
        if about is not None and (is_misfit(about, one) or is_misfit(about, other)):
            return True
        places = about is not None and "place" in about.object_kinds
        return self._within.overlap(one, other, places=places)

    # -- reading ------------------------------------------------------------------------------

    def relations_of(self, root: str) -> set[str]:
        """The relations in which anything was said of an entity."""
        return {
            relation
            for member in self.entities.members(root)
            for relation in self._by_subject.get(member, ())
        }

    def groups(
        self, subject: str | None, relation: str | None, value: str | None
    ) -> set[tuple[str, str]]:
        """(entity, relation) of every group that can hold what is asked for; all are entities."""
        root = self.entities.root
        if subject is not None:
            found = {(subject, name) for name in self.relations_of(subject)}
            found |= {(subject, name) for name in self._inverses_of(subject)}
        elif value is not None:
            members = self.entities.members(value)
            found = {(root(key), name) for m in members for key, name in self._mentions.get(m, ())}
            found |= {
                (root(said.object), self._inverse[name])
                for m in members
                for name, group in self._by_subject.get(m, {}).items()
                if name in self._inverse
                for said in group
                if said.object
            }
        else:
            found = {
                (root(key), name) for key, groups in self._by_subject.items() for name in groups
            }
        return {group for group in found if relation in (None, group[1])}

    def _inverses_of(self, root: str) -> Iterator[str]:
        """The relations in which an entity stands by statements of others."""
        for member in self.entities.members(root):
            for _, relation in self._mentions.get(member, ()):
                if relation in self._inverse:
                    yield self._inverse[relation]

    def fact(self, root: str, spell: Spell, namespace: str) -> Fact:
        """A spell as the value that callers see."""
        first, successor = spell.first, spell.successor
        return Fact(
            id=self._id(first),
            subject=self._called(first.subject, root, first.relation),
            relation=first.relation,
            object=self._called(first.object, spell.value, first.relation),
            namespace=namespace,
            state=spell.state,
            confidence=round(1 - spell.doubt, 4),
            support=lifecycle.support(spell),
            sources=tuple(spell.sources),
            recorded_at=instants.render(min(said.recorded for said in spell.statements)),
            valid_from=instants.render(spell.start, first.offset)
            if spell.stated and spell.start is not None
            else None,
            valid_until=None if spell.until is None else instants.render(spell.until, first.offset),
            superseded_by=None if successor is None else self._id(successor.first),
        )

    def _id(self, first: Statement) -> str:
        """The same from either side of a relation with an inverse."""
        if first.mirrored:
            first = first._replace(
                subject=first.object, object=first.subject, relation=self._inverse[first.relation]
            )
        return fact_id(first)

    def _called(self, key: str, root: str, relation: str) -> str:
        """Return the display name of a subject or object:

        where two names are said to be the same, as it was said.
        """
        same = relation in ALIASES
        return self.entities.spelling(key) if same else self.entities.name(root)

    def stated(self) -> Iterator[tuple[str, int]]:
        """(entity, episode) of every name in every statement."""
        root = self.entities.root
        for subject, groups in self._by_subject.items():
            for said in (each for group in groups.values() for each in group):
                yield root(subject), said.episode
                if said.object:
                    yield root(said.object), said.episode

    def entity(self, name: str) -> Entity:
        """Return the entities meant by a name, with the evidence: which episodes use which of its names."""
        root = self.entities.find(name)
        found: dict[str, dict[str, None]] = {}
        for member in sorted(self.entities.members(root)):
            for said in self._said_of(member):
                found.setdefault(self.entities.spelling(member), {})[said.source] = None
        evidence = {spelling: tuple(sources) for spelling, sources in found.items()}
        return Entity(self.entities.name(root), self.entities.kind(root), evidence)

    def _said_of(self, key: str) -> Iterator[Statement]:
        """Every statement that has a name as its subject or object."""
        for group in self._by_subject.get(key, {}).values():
            yield from group
        for subject, relation in self._mentions.get(key, ()):
            for said in self._by_subject[subject][relation]:
                if key in (said.object, said.replaces):
                    yield said
