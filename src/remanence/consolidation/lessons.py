"""What there is to teach: the facts of a namespace that hold now, from sources that may be believed, each with the episodes that say so.

It reads the semantic memory; it knows neither models nor words.
"""

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from remanence.encoding.linking import names
from remanence.memory import Memory
from remanence.storage import episodes, lookup

UNTRUSTED: Final = frozenset({"web", "tool", "assistant", "import"})
"""Values of the metadata key `origin` that do not make weights: whoever can write a page or a tool's answer could write the model."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One fact to teach. numbers: of the episodes that say it, in the log. digest: what a manifest calls it."""

    subject: str
    relation: str
    object: str
    numbers: tuple[int, ...]

    def digest(self, salt: bytes) -> str:
        """Salted, so that a manifest tells nobody what was in it who cannot guess the salt too."""
        said = "\0".join((names.key(self.subject), self.relation, names.key(self.object)))
        return blake2b(said.encode(), digest_size=16, key=salt).hexdigest()

    def place(self, salt: bytes) -> str:
        """The same without the object: what a later fact about it supersedes."""
        said = "\0".join((names.key(self.subject), self.relation))
        return blake2b(said.encode(), digest_size=16, key=salt).hexdigest()


def about(salt: bytes, name: str) -> str:
    """What a manifest calls a subject."""
    return blake2b(names.key(name).encode(), digest_size=16, key=salt).hexdigest()


def gather(memory: Memory, namespace: str) -> tuple[list[Lesson], int]:
    """What holds now and may be taught, oldest first; and how many facts were left out because nobody trusted says so."""
    facts = memory.facts(namespace=namespace)
    with memory.database.read() as connection:
        number = episodes.namespace_id(connection, namespace)
        rows = [] if number is None else lookup.placed(connection, number)
    known = {
        episodes.episode_id(source, part): (place, _origin(metadata))
        for place, source, part, metadata in rows
    }
    lessons, left = [], 0
    for fact in reversed(facts):
        said = [known[source] for source in fact.sources if source in known]
        if any(origin not in UNTRUSTED for _, origin in said):
            numbers = tuple(sorted({place for place, _ in said}))
            lessons.append(Lesson(fact.subject, fact.relation, fact.object, numbers))
        else:
            left += 1
    return lessons, left


def _origin(metadata: str | None) -> object:
    return json.loads(metadata).get("origin") if metadata and '"origin"' in metadata else None
