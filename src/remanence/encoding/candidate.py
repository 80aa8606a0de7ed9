"""A candidate:

what one sentence of one episode says, before anyone asks whether it is so. It knows neither
entities nor time's order.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """One statement as extracted. Times in microseconds since 1970, UTC."""

    subject: str  # as named: "Wei", "Wei's sister"; "I" is already the speaker's name
    relation: str  # a name in `relations`
    object: str  # as said, trimmed
    confidence: float  # 0..1
    start: int  # of the sentence, in characters of the episode's text
    end: int
    negated: bool = False  # "I don't live in Chengdu": denies the fact
    change: str = ""  # "" | "begin" | "end" | "replace": what the sentence says has changed
    replaces: str | None = None  # the old value, where it is named
    valid_from: int | None = None
    valid_until: int | None = None
    subject_kind: str = ""  # person | place | organisation | work | thing
    object_kind: str = ""  # the same, and date | quantity | text
    offset: int = 0  # minutes east of UTC of the speaker's clock, by which its days are days
