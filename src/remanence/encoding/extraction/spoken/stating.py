"""Statements of a frame: polarity, change, whose they are, and what else the same verb tells."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from remanence.encoding.extraction.scene import Scene, Statement, Subject
from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.clauses import Spoken
from remanence.encoding.extraction.spoken.frames import Frame
from remanence.encoding.extraction.spoken.nouns import Span
from remanence.encoding.extraction.spoken.objects import OBJECTS
from remanence.encoding.extraction.spoken.partings import drop
from remanence.encoding.extraction.spoken.proper import known_name
from remanence.encoding.extraction.spoken.subjects import Passage, name_list
from remanence.encoding.extraction.spoken.things import VEHICLES
from remanence.encoding.extraction.spoken.tokens import Words, words
from remanence.text.words import table

SURE: Final = 0.9


WEAK: Final = 0.6  # of what ends nothing


# what two people do together -> the relation between them, and its change
_COUPLES: Final = {
    "engaged": ("engaged_to", "begin"),
    "married": ("married_to", "begin"),
    "hitched": ("married_to", "begin"),
    "dating": ("dating", ""),
    "together": ("dating", ""),
    "friends": ("friend_of", ""),
    "divorced": ("married_to", "end"),
    "separated": ("married_to", "end"),
    "broke": ("dating", "end"),
    "split": ("dating", "end"),
    "engagement": ("engaged_to", "end"),
}


_AFTER: Final = table("got been getting best just good now back")


def couple(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    """As in "Ben and I got engaged": what holds between the two."""
    other, verb = passage.joint, clause.verb
    if not other or verb.negated or clause.subject != passage.speaker:
        return
    tie = _tie(said.low[verb.head : clause.stop])
    if tie is None:
        return
    relation, change = tie
    if verb.be and tie == _COUPLES["married"]:
        change = ""
    who = Subject(other, "person", 0.95)
    made = Statement(
        who, relation, passage.speaker.name, SURE, *bounds(said, clause), False, change
    )
    yield made
    if change == "end":
        yield replace(made, subject=passage.speaker, object=other)


def _tie(region: list[str]) -> tuple[str, str] | None:
    """The relation, and its change, that the predicate of two people names; None without one."""
    for at, word in enumerate(region[:5]):
        if word not in _COUPLES or _ASKS_FOR.get(word, word) not in region:
            continue
        stands = not at or word == "engagement" or region[at - 1] in _AFTER
        return _COUPLES[word] if stands else None
    return None


_ASKS_FOR: Final = {"broke": "up", "split": "up", "engagement": "off"}


def moved(
    said: Words, clause: Spoken, frame: Frame, old: Span, passage: Passage
) -> Iterator[Statement]:
    """From one place to another: the new one in place of the old."""
    at = old[1]
    if said.low[at] not in ("to", "back"):
        return
    home = replace(frame, relation="lives_in")
    for span in OBJECTS["place"](said, at + 1, clause.stop)[:1]:
        for one in state(said, clause, home, said.slice(*span), passage):
            yield replace(one, change="replace", replaces=said.slice(*old))


def place_before(said: Words, at: int) -> list[str]:
    """The last place of the tables that stands before a word, after "in", "to" or "from"."""
    for k in range(at - 1, 0, -1):
        if said.low[k - 1] in ("in", "to", "from") and (found := known_name(said, k, at)):
            return [said.slice(*found[0])]
    return []


def swapped(
    said: Words, clause: Spoken, frame: Frame, old: Span, passage: Passage
) -> Iterator[Statement]:
    """From one thing to another: the new one in place of the old."""
    at = old[1]
    at += at + 1 < clause.stop and said.low[at] in ("in", "out", "over")
    if at >= clause.stop or said.low[at] not in ("to", "for"):
        return
    for span in OBJECTS["np"](said, at + 1, clause.stop)[:1]:
        if not VEHICLES.isdisjoint(said.low[slice(*old)]):
            frame = replace(frame, relation="drives")
        for one in state(said, clause, frame, said.slice(*span), passage):
            yield replace(one, change="replace", replaces=said.slice(*old))


def state(
    said: Words, clause: Spoken, frame: Frame, value: str, passage: Passage
) -> Iterator[Statement]:
    """One statement of a frame with its polarity and change, and what it ends beside."""
    stance = _stance(said, clause, frame)
    who = _whose(said, clause, frame.marks, value, passage)
    if stance is None or who is None:
        return
    relation, negated, change = stance
    if relation in ("wants_to", "plans_to") and _idle(value):
        return
    if relation == "quit":
        relation, change = _dropped(value, change)
    if frame.kind == "relative":
        value = "passed away"
    elif value == "ended":
        value, who = clause.subject.name if clause.subject else "", passage.speaker
        if relation == "works_for" and lexicon.ROLES.get(passage.roles.get(value, "")):
            value = ""
    if relation == "lives_in":
        passage.place = value
    if relation == "works_for" and _schooled(who, value, passage):
        relation = "studies_at"
    sure = _sureness(said, clause, frame, value) * who.sure
    made = Statement(who, relation, value, sure, *bounds(said, clause), negated, change)
    yield made
    if not negated:
        yield from _ended(made, frame.marks)
    if relation == "life_status" and who.kind == "thing":
        owner, _, pet = who.name.rpartition("'s ")
        yield replace(made, subject=Subject(owner), relation="has_pet", object=pet, change="end")


_IDLE: Final = table(
    "thank say ask tell know apologise apologize share mention add point clarify check see bed "
    "sleep talk vent "
    "hear discuss work sit cry scream die lunch"
)


def _idle(value: str) -> bool:
    """Return whether a plan or wish is of the talk itself or of the hour: "thank you", "bed"."""
    first, _, rest = value.lower().partition(" ")
    return first in _IDLE and (not rest or first not in ("see", "work", "check", "sit"))


def _dropped(value: str, change: str) -> tuple[str, str]:
    """Relation and change of something that is given up, by its kind."""
    said = words(value)
    return drop(said, (0, len(said.low))) if said.low and not change else ("quit", change)


def _ended(made: Statement, marks: frozenset[str]) -> Iterator[Statement]:
    """Yield the endings that a statement implies without a name: a job that is lost, a marriage."""
    relations = (("works_for",) if "lost" in marks else ()) + (
        ("married_to", "dating") if "ended" in marks else ()
    )
    if "supersedes" in marks:
        yield replace(made, object="", change="end")
    for relation in relations:
        yield replace(made, relation=relation, object="", change="end")


def _sureness(said: Words, clause: Spoken, frame: Frame, value: str) -> float:
    marks = frame.marks
    open_kind = "sure" in marks and not said.capital(clause.verb.head) and not _placed(value)
    return WEAK if "weak" in marks or open_kind else SURE


def _stance(said: Words, clause: Spoken, frame: Frame) -> tuple[str, bool, str] | None:
    """Relation, negation and change of a frame in its clause; None where it states nothing."""
    verb, relation = clause.verb, frame.relation
    if verb.change == "end" or _anymore(said.low, clause):
        return relation, False, "end"
    change = verb.change or next(iter(frame.marks & {"begin", "end"}), "")
    if verb.negated and "cannot" not in frame.marks:
        plain = verb.past and not verb.perfect and not change
        return None if plain and "likes" in frame.marks else _denied(frame, change)
    if verb.past:
        return _past_stance(frame, change, perfect=verb.perfect)
    if not (change or verb.negated) and "now" in said.low[verb.head : clause.stop]:
        change = "begin"
    return relation, False, change


def _past_stance(frame: Frame, change: str, *, perfect: bool) -> tuple[str, bool, str] | None:
    """The stance of what is told in the past: a state is over, a liking says nothing."""
    relation, marks = frame.relation, frame.marks
    if perfect or change:
        return relation, False, change
    if "likes" in marks:
        return None
    if "learnt" in marks:
        return _LEARNT.get(relation, relation), False, ""
    return relation, False, "end" if "state" in marks else ""


def _denied(frame: Frame, change: str) -> tuple[str, bool, str] | None:
    """The stance of a negated clause."""
    if "likes" in frame.marks and not change:
        return "dislikes", False, ""
    if frame.denied == "-" or frame.relation in _NEVER_DENIED:
        return None
    if frame.denied:
        return frame.denied, False, change
    return frame.relation, True, "" if change == "begin" else change


_LEARNT: Final = {"studies": "studied", "studies_at": "educated_at"}


def _whose(
    said: Words, clause: Spoken, marks: frozenset[str], value: str, passage: Passage
) -> Subject | None:
    """Return the subject of a frame: the subject, whom it is done to, or the one who is lost."""
    if "toward" in marks:
        for word in said.low[clause.verb.head : clause.stop]:
            if word in ("him", "her"):
                return passage.third(word)
        return passage.speaker
    if "swap" in marks and clause.subject is not None:
        return Subject(f"{clause.subject.name}'s {value}", "person")
    return clause.subject


_NEVER_DENIED: Final = table("plans_to wants_to habit hobby work_status injured lost")


_SCHOOLS: Final = table(
    "school primary kindergarten preschool nursery elementary academy college uni university"
)


def _schooled(who: Subject, value: str, passage: Passage) -> bool:
    """Return whether a child of the speaker's is at a school: it learns there and does not work."""
    if _SCHOOLS.isdisjoint(value.lower().split()):
        return False
    return lexicon.ROLES.get(passage.roles.get(who.name, "")) == "parent_of"


def _placed(value: str) -> bool:
    return bool(known_name(words(value), 0, len(value.split())))


def _anymore(low: list[str], clause: Spoken) -> bool:
    """Return whether "not ... anymore" closes the clause."""
    if not clause.verb.negated:
        return False
    region = low[clause.verb.head : clause.stop]
    if "anymore" in region:
        return True
    for at, word in enumerate(region[:-1]):
        if word == "any" and region[at + 1] in ("more", "longer"):
            after = region[at + 2] if at + 2 < len(region) else "."
            return after in lexicon.SEPARATORS
    return False


def bounds(said: Words, clause: Spoken) -> tuple[int, int]:
    """Return the place in the text of the sentence of a clause."""
    first = said.start[clause.first]
    stop = max(clause.stop, clause.first + 1)
    stop += stop < len(said.low) and said.low[stop] in lexicon.ENDERS and said.low[stop] != "\n"
    last = said.end[stop - 1]
    return first, last


_FURTHER: Final = {
    "plays": (("in", "for"), "member_of", "club"),
    "works_as": (("at", "for", "with"), "works_for", "org"),
    "works_for": (("as",), "works_as", "job"),
    "studies": (("at", "from"), "studies_at", "org"),
    "studied": (("at", "from"), "educated_at", "org"),
    "teaches": (("at",), "works_for", "org"),
    "works_in": (("at", "for"), "works_for", "org"),
    "rents": (("in",), "lives_in", "known"),
    "lives_with": (("in",), "lives_in", "known"),
    "works_shift": (("at", "in"), "works_for", "org"),
}


def pet_names(said: Words, clause: Spoken, spans: list[Span]) -> Iterator[Statement]:
    """Names after the pets: "a dog named Rex", "my cat Pixel"."""
    at, who = spans[-1][1], clause.subject
    low = said.low
    naming = at < clause.stop and low[at] in ("named", "called", "-", ",")
    if at >= clause.stop or who is None:
        return
    sure = naming and low[at] in ("named", "called")
    names, _ = name_list(said, at + naming, clause.stop, sure=sure)
    start, end = bounds(said, clause)
    pet = low[spans[-1][1] - 1]
    for name in names:
        if len(names) == 1:
            animal = Subject(f"{who.name}'s {pet}", "thing", who.sure)
            yield Statement(animal, "named", name, SURE, start, end)
        else:
            yield Statement(who, "has_pet", name, SURE, start, end)


def further(said: Words, clause: Spoken, frame: Frame, at: int) -> Iterator[Statement]:
    """A second object of the same verb: "work as a nurse at the clinic"."""
    more = _FURTHER.get(frame.relation)
    if more is None or at >= clause.stop or said.low[at] not in more[0]:
        return
    for span in OBJECTS[more[2]](said, at + 1, clause.stop)[:1]:
        second = Frame(((),), more[1], more[2], frame.marks - {"also"}, frame.denied)
        if said.low[at] == "from":
            second = replace(second, relation="educated_at")
        if "learnt" in frame.marks and clause.verb.past and not clause.verb.perfect:
            second = replace(second, relation="educated_at")
        yield from state(said, clause, second, said.slice(*span), Passage(Scene("", None, None)))
