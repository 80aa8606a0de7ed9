"""Facts to train on: those of a namespace that hold now, from trusted sources, each with its
episodes; optionally utterances, by speaker and day.

A question has one answer: what holds of one subject in one relation is one lesson, whose object
names all of them; of what somebody said on a day, each is asked for by its place. It reads the
semantic memory and the log; it knows no models.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from remanence import instants
from remanence.encoding.linking import names
from remanence.encoding.linking.graph import Graph
from remanence.memory import Memory
from remanence.retrieval import answering
from remanence.storage import episodes, lookup
from remanence.types import Fact

UNTRUSTED: Final = frozenset({"web", "tool", "assistant", "import"})
"""Values of the metadata key `origin` that do not make weights: whoever can write a page or a
tool's answer could write the model.
"""
UNTRUSTED_ROLES: Final = ("assistant", "tool")
"""Values of the metadata key `role` of what no person said.

What a model said is no evidence, whoever has read it since.
"""
# characters of an object: what is longer is a text to recall, not an answer to know by heart
MAX_OBJECT_LENGTH: Final = 200
UTTERANCE: Final = "said"
MAX_OBJECTS: Final = 8  # objects of one lesson, the newest
_HAN: Final = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class TrainingFact:
    """One fact to teach, or all facts of a subject in a relation.

    numbers: of the episodes that say it, in the log. digest: what a manifest calls it.

    asked, stated: more ways to ask and to state it than the tables have, with {s} where the subject
    stands and {o} where the object begins.

    Of what was said, the subject is who said it, the relation `UTTERANCE`, the object the text;
    day: YYYY-MM-DD, in UTC; order: its place, from 1, among what its speaker said that day, 0 where
    it is all.
    """

    subject: str
    relation: str
    object: str
    episode_numbers: tuple[int, ...]
    asked: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    day: str = ""
    order: int = 0

    def digest(self, salt: bytes) -> str:
        """Salted, so that a manifest tells nobody what was in it who cannot guess the salt too."""
        trusted = self.object if self.day else names.key(self.object)
        said = "\0".join((names.key(self.subject), self._asked_for(), trusted))
        return blake2b(said.encode(), digest_size=16, key=salt).hexdigest()

    def place(self, salt: bytes) -> str:
        """The same without the object: what a later fact about it supersedes.

        It begins with what a manifest calls the subject.
        """
        relation = blake2b(self._asked_for().encode(), digest_size=8, key=salt).hexdigest()
        return f"{subject_digest(salt, self.subject)} {relation}"

    def _asked_for(self) -> str:
        """Return the part of a digest that names the relation, or the day and place of an
        utterance.

        That more was said later on the same day changes nothing of the first.
        """
        return f"{self.relation} {self.day} {self.order or 1}" if self.day else self.relation


def subject_digest(salt: bytes, name: str) -> str:
    """Return the salted digest that stands for a subject in a manifest."""
    return blake2b(names.key(name).encode(), digest_size=16, key=salt).hexdigest()


def collect_facts(
    memory: Memory, namespace: str, subject: str | None = None
) -> tuple[list[TrainingFact], int]:
    """Return the trainable facts that hold now, of all subjects or of one, oldest first, and the
    number left out because their sources are not trusted or they are too long or too many.

    Everybody is called as the trusted sources of his own lesson call him. What a short name stands
    for, somebody else may have said, whom nobody trusts, or who is forgotten without this being so.
    """
    facts = memory.facts(namespace=namespace, subject=subject)
    with memory.namespace(namespace).reading() as (snapshot, number):
        rows = lookup.placed(snapshot, number)
    known = {
        episodes.episode_id(source, part): (place, _is_trusted(metadata))
        for place, source, part, metadata in rows
    }
    if not facts:
        return [], 0
    believed = {place: source for source, (place, is_believed) in known.items() if is_believed}
    trusted = []
    with memory.semantic.opened(namespace) as (graph, _):
        called = _TrustedNames(graph, believed)
        for fact in reversed(facts):
            episode_numbers = sorted(
                {known[source][0] for source in fact.sources if source in known}
            )
            if (
                not believed.keys().isdisjoint(episode_numbers)
                and len(fact.object) <= MAX_OBJECT_LENGTH
            ):
                object = called(fact.object, episode_numbers)
                trusted.append((replace(fact, object=object), tuple(episode_numbers)))
        examples, left = group_facts(trusted)
        examples = [
            replace(each, subject=called(each.subject, each.episode_numbers)) for each in examples
        ]
    return examples, left + len(facts) - len(trusted)


class _TrustedNames:
    """Names of entities as trusted sources spell them.

    believed: the number of an episode -> its source.
    """

    def __init__(self, graph: Graph, believed: Mapping[int, str]) -> None:
        self._graph, self._is_trusted = graph, believed
        self._names: dict[str, dict[str, frozenset[str]]] = {}

    def __call__(self, name: str, episode_numbers: Collection[int]) -> str:
        """By this name where one of some episodes says it, else by the longest that one of them
        says.
        """
        if name not in self._names:
            found = self._graph.entity(name).names
            self._names[name] = {each: frozenset(sources) for each, sources in found.items()}
        trusted_sources = {
            self._is_trusted[number] for number in episode_numbers if number in self._is_trusted
        }
        spellings = self._names[name].items()
        there = [each for each, sources in spellings if not trusted_sources.isdisjoint(sources)]
        return name if name in there or not there else max(there, key=lambda one: (len(one), one))


def collect_utterances(
    memory: Memory, namespace: str, of: Collection[str] | None = None
) -> list[TrainingFact]:
    """Return trainable utterances in the order of the log: short, from a trusted origin, by a
    person, and more than a question.
    """
    with memory.namespace(namespace).reading() as (snapshot, number):
        rows = lookup.spoken(snapshot, number, MAX_OBJECT_LENGTH)
    days: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    for place, at, speaker, text, metadata in rows:
        who = names.key(speaker)
        if who and (of is None or who in of) and _is_statement(text, metadata):
            day = days.setdefault((instants.render(at)[:10], who), [])
            day.append((place, speaker, " ".join(text.split())))
    return [
        TrainingFact(
            speaker, UTTERANCE, text, (place,), day=day, order=order if len(held) > 1 else 0
        )
        for (day, _), held in days.items()
        for order, (place, speaker, text) in enumerate(held, 1)
    ]


def _is_statement(text: str, metadata: str | None) -> bool:
    """Tell whether an utterance is one of a person, whom one may believe, and says something."""
    role = json.loads(metadata).get("role", "user") if metadata else "user"
    return role == "user" and _is_trusted(metadata) and not answering.only_asks(text)


def group_facts(trusted: Iterable[tuple[Fact, tuple[int, ...]]]) -> tuple[list[TrainingFact], int]:
    """Facts, oldest first, as lessons, one for each subject and relation;

    and how many are in none.
    """
    places: dict[tuple[str, str], list[tuple[Fact, tuple[int, ...]]]] = {}
    for fact, episode_numbers in trusted:
        places.setdefault((names.key(fact.subject), fact.relation), []).append(
            (fact, episode_numbers)
        )
    examples, left = [], 0
    for held in places.values():
        kept = held[-MAX_OBJECTS:]
        left += len(held) - len(kept)
        newest = kept[-1][0]
        sources = sorted({number for _, some in kept for number in some})
        said = _listed(sorted((fact.object for fact, _ in kept), key=names.key))
        examples.append(TrainingFact(newest.subject, newest.relation, said, tuple(sources)))
    return examples, left


def _listed(objects: list[str]) -> str:
    """Several as one answer, in an order that does not depend on when each was said.

    >>> _listed(["coffee"]), _listed(["coffee", "tea"]), _listed(["茶", "酒", "coffee"])
    ('coffee', 'coffee and tea', '茶、酒和coffee')
    """
    comma, last = ("、", "和") if _HAN.search("".join(objects)) else (", ", " and ")
    return last.join([comma.join(objects[:-1]), objects[-1]]) if len(objects) > 1 else objects[0]


def _is_trusted(metadata: str | None) -> bool:
    """Tell whether what an episode says may make weights.

    An origin that is no word is none that anybody knows.
    """
    if not metadata or not ('"origin"' in metadata or '"role"' in metadata):
        return True
    noted = json.loads(metadata)
    origin = noted.get("origin", "")
    return (
        isinstance(origin, str)
        and origin not in UNTRUSTED
        and noted.get("role") not in UNTRUSTED_ROLES
    )
