"""Which frames a clause has the form of: tense, polarity, kind of subject, and what follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.clauses import Spoken
from remanence.encoding.extraction.spoken.frames import Frame
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.encoding.extraction.spoken.verbs import FORMS

PASSED: Final = lexicon.ADVERBS - lexicon.HABITUAL
_LASTING: Final = frozenset(("state", "be"))
_PLANNED: Final = frozenset(("plan",))
_ABLE: Final = frozenset(("able",))


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one clause, as far as marks of frames ask for it."""

    lacking: frozenset[str]
    """Marks that the clause does not bear."""
    needed: tuple[frozenset[str], ...]
    """Sets of marks, of each of which a frame must have one."""
    near: frozenset[str]
    """Words after the head, over adverbs, with which what follows can begin."""

    def fitting(self, frames: Iterable[Frame]) -> list[Frame]:
        """The frames that the clause can be an instance of, in their order."""
        return [
            frame
            for frame in frames
            if (frame.opening is None or not frame.opening.isdisjoint(self.near))
            and self.lacking.isdisjoint(frame.asked)
            and all(not marks.isdisjoint(frame.marks) for marks in self.needed)
        ]


def form_of(said: Words, clause: Spoken) -> Form:
    """The form of a clause."""
    verb, low = clause.verb, said.low
    form = FORMS.get(low[verb.head])
    gerund = form is not None and form.gerund
    needed = []
    if verb.planned:
        needed.append(_PLANNED)
    if verb.able and not verb.negated:
        needed.append(_ABLE)
    if verb.be and gerund and verb.past:
        needed.append(_LASTING)
    lacking = _tense(said, clause, gerund=gerund) + _polarity(clause) + _kind(clause)
    return Form(frozenset(lacking), tuple(needed), _near(low, verb.head + 1, clause.stop))


def _tense(said: Words, clause: Spoken, *, gerund: bool) -> list[str]:
    """Marks of tense and aspect that the clause does not bear."""
    verb = clause.verb
    became = said.low[max(verb.head - 1, 0)] in ("got", "get", "getting")
    simply_past = verb.past and not verb.perfect
    absent = {
        "be": not (verb.be or verb.perfect or became),
        "act": verb.be and not gerund,
        "prog": verb.past or not (verb.be and gerund),
        "simple": gerund and not verb.change,
        "past": not (simply_past or verb.perfect),
        "present": simply_past,
        "perfect": not verb.perfect,
    }
    return [*filter(absent.__getitem__, absent)]


def _polarity(clause: Spoken) -> list[str]:
    verb = clause.verb
    unable = verb.negated and (verb.able or verb.modal or verb.done or verb.be)
    return ([] if unable else ["cannot"]) + ([] if verb.negated else ["onlyneg"])


def _kind(clause: Spoken) -> list[str]:
    who = clause.subject
    thing = who is not None and who.kind == "thing" and "pet" not in who.name
    return (["said"] if clause.dropped else []) + (["person"] if thing else [])


def _near(low: list[str], at: int, stop: int) -> frozenset[str]:
    k = at
    while k < stop and low[k] in PASSED:
        k += 1
    return frozenset(low[at : k + 1])


def follow(said: Words, at: int, stop: int, frame: Frame) -> int | None:
    """The word after what must follow the head; None where it does not."""
    low, k = said.low, at
    while k < stop and low[k] in PASSED and (low[k],) not in frame.follows:
        k += 1
    for choice in frame.follows:
        for begin in (at, k):
            if tuple(low[begin : begin + len(choice)]) == choice and begin + len(choice) <= stop:
                return begin + len(choice) if choice else k
    return None
