"""Speaker, listener and subject of a text:

the values that pass between the rooms of extraction. They know neither language.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """One turn or passage as the readers see it; `prose` where nobody is speaking."""

    text: str
    speaker: str | None
    addressee: str | None

    @property
    def prose(self) -> bool:
        """Return whether it is written about the world rather than said by someone."""
        return self.speaker is None


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a sentence, and how sure that is (0..1)."""

    name: str
    kind: str = ""
    sure: float = 1.0


@dataclass(slots=True)
class Statement:
    """The reading of one sentence by one pattern, before times are known.

    Offsets are those of the sentence.
    """

    subject: Subject
    relation: str
    object: str
    confidence: float
    start: int
    end: int
    negated: bool = False
    change: str = ""
    replaces: str | None = None
    kind: str = ""  # of the object: "" where the relation's own kind stands
