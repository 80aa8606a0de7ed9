"""The values between the readers of a language and the events: phrases of a sentence."""

from dataclasses import dataclass, field

from remanence.storage.events import Role


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a sentence."""

    role: Role
    """The part that it plays."""
    text: str
    """Its words, without article."""
    first: int
    """Where it begins in the sentence, in characters."""
    last: int
    """Where it ends, exclusive."""
    amount: float = 1.0
    """Of a quantity, in its unit; of a thing, how many."""
    unit: str = ""
    """Name of the unit of a quantity."""


@dataclass(slots=True)
class SentenceReading:
    """A sentence, read for what happened."""

    own: bool = True
    """Whether whoever speaks did it."""
    actor: str = ""
    """Who did it, where that is somebody else."""
    phrases: list[Phrase] = field(default_factory=list)
    """Its phrases."""
    background: list[str] = field(default_factory=list)
    """Its subordinate clauses."""
    times: float = 1.0
    """How often it happened."""
    happened: bool = True
    """False for what is denied, asked, planned, wished or habitual."""
