"""Reading spoken English: the clauses of a turn, the frames of their verbs, and what they state."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Scene, Statement, Subject
from remanence.encoding.extraction.spoken import lexicon, owned, predicates, roles
from remanence.encoding.extraction.spoken.clauses import Spoken, clauses
from remanence.encoding.extraction.spoken.frames import PREDICATES, VERBS, Frame
from remanence.encoding.extraction.spoken.objects import OBJECTS
from remanence.encoding.extraction.spoken.phrases import Span, known_name
from remanence.encoding.extraction.spoken.subjects import Passage, name_list
from remanence.encoding.extraction.spoken.tokens import Words, words
from remanence.encoding.extraction.spoken.verbs import FORMS, GERUNDS
from remanence.text.words import table

SURE: Final = 0.9
WEAK: Final = 0.6  # of what ends nothing
_SARCASM: Final = ("🙄", "/s", "yeah right", "said no one", "as if!")


def read(scene: Scene) -> list[Statement]:
    """What one turn states, in order."""
    said = words(scene.text)
    passage = Passage(scene)
    found: list[Statement] = []
    lowered = scene.text.lower()
    ironic = any(sign in lowered for sign in _SARCASM)
    for clause in clauses(said, passage):
        if clause.status == Status.ASSERTED and clause.subject is not None:
            made = list(_clause(said, clause, passage))
            found += [one for one in made if not (ironic and one.relation in _TASTES)]
        elif clause.status == Status.WISHED and clause.subject is not None:
            continue
    if not ironic:
        found += roles.possessions(said, passage, found)
    found += owned.valued(said, passage)
    found += owned.told(said, passage)
    return _unlike(found)


_TASTES: Final = table("likes dislikes hobby habit")


def _unlike(found: list[Statement]) -> list[Statement]:
    """Each fact once; of one object in two tastes the surer."""
    kept: dict[tuple[str, str, str], Statement] = {}
    for one in found:
        key = (one.subject.name, one.relation, one.object.lower())
        if one.subject.name.lower() == one.object.lower():
            continue
        if key not in kept or kept[key].confidence < one.confidence:
            kept[key] = one
    return list(kept.values())


def _clause(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    verb, low = clause.verb, said.low
    if verb.modal or clause.subject is None:
        return
    head = low[verb.head] if verb.head < len(low) else ""
    form = FORMS.get(head)
    emitted = 0
    tables = []
    if verb.be:
        tables.append(PREDICATES.get(head, ()))
    if form is not None:
        tables.append(VERBS.get(form.verb, ()))
    for frame in (each for rows in tables for each in rows):
        if emitted and "also" not in frame.marks:
            break
        for one in _apply(said, clause, frame, passage):
            emitted += 1
            yield one
        if emitted and "also" not in frame.marks:
            break
    if form is not None and form.verb in ("have", "get", "raise") and not verb.be:
        for one in owned.counted(said, clause, passage):
            emitted += 1
            yield one
    if not emitted and verb.be:
        for one in predicates.read(said, clause, passage):
            emitted += 1
            yield one
    if not emitted:
        yield from predicates.habit(said, clause)
        yield from predicates.aspect(said, clause)


def _apply(said: Words, clause: Spoken, frame: Frame, passage: Passage) -> Iterator[Statement]:
    verb, marks = clause.verb, frame.marks
    if not _fits(said, clause, marks):
        return
    at = _follow(said, verb.head + 1, clause.stop, frame)
    if at is None:
        return
    if "lone" in marks and not _alone(said, at, clause.stop):
        return
    spans = _objects(said, clause, frame, at)
    values = [said.slice(*span) for span in spans]
    if frame.kind == "ginner":
        values = [GERUNDS.get(FORMS[said.low[verb.head]].verb, values[0])]
    if frame.kind == "goplace" and values:
        gerund, _, onward = values[0].partition(" ")
        values = [f"{FORMS[gerund.lower()].verb} {onward}"]
    if frame.kind == "there":
        values = [passage.place] if passage.place else _place_before(said, verb.head)
    if frame.relation == "moved_from" and spans and spans[0][1] < clause.stop:
        moved = list(_moved(said, clause, frame, spans[0], passage))
        if moved:
            yield from moved
            return
    if "pair" in marks and spans:
        yield from _swapped(said, clause, frame, spans[0], passage)
        return
    if frame.kind.startswith("="):
        values = [frame.kind[1:]]
    for value in values:
        yield from _state(said, clause, frame, value, passage)
    if frame.relation == "has_pet" and spans:
        yield from _pet_names(said, clause, spans)
    if spans:
        yield from _further(said, clause, frame, spans[-1][1])


def _fits(said: Words, clause: Spoken, marks: frozenset[str]) -> bool:
    """Whether the clause has the form that the marks of a frame ask for."""
    verb, who = clause.verb, clause.subject
    form = FORMS.get(said.low[verb.head])
    gerund = form is not None and form.gerund
    progressive = verb.be and gerund
    wrong = (
        (
            "be" in marks
            and not (verb.be or verb.perfect)
            and said.low[max(verb.head - 1, 0)] not in ("got", "get", "getting")
        )
        or ("act" in marks and verb.be and not gerund)
        or ("prog" in marks and (not progressive or verb.past))
        or ("simple" in marks and gerund and not verb.change)
        or ("past" in marks and not (verb.past or verb.perfect))
        or ("present" in marks and verb.past and not verb.perfect and "state" not in marks)
        or ("perfect" in marks and not verb.perfect)
        or ("plan" not in marks and verb.planned)
        or (
            "cannot" in marks
            and not (verb.negated and (verb.able or verb.modal or verb.done or verb.be))
        )
        or (verb.able and not verb.negated and "able" not in marks)
        or ("onlyneg" in marks and not verb.negated)
        or ("said" in marks and clause.dropped)
        or (progressive and verb.past and not _LASTING & marks)
        or ("person" in marks and who is not None and who.kind == "thing" and "pet" not in who.name)
    )
    return not wrong


def _moved(
    said: Words, clause: Spoken, frame: Frame, old: Span, passage: Passage
) -> Iterator[Statement]:
    """From one place to another: the new one in place of the old."""
    at = old[1]
    if said.low[at] not in ("to", "back"):
        return
    home = replace(frame, relation="lives_in")
    for span in OBJECTS["place"](said, at + 1, clause.stop)[:1]:
        for one in _state(said, clause, home, said.slice(*span), passage):
            yield replace(one, change="replace", replaces=said.slice(*old))


_LASTING: Final = frozenset(("state", "be"))


def _follow(said: Words, at: int, stop: int, frame: Frame) -> int | None:
    """The word after what must follow the head; None where it does not."""
    low, k = said.low, at
    while k < stop and low[k] in lexicon.ADVERBS and (low[k],) not in frame.follows:
        k += 1
    for choice in frame.follows:
        for begin in (at, k):
            if tuple(low[begin : begin + len(choice)]) == choice and begin + len(choice) <= stop:
                return begin + len(choice) if choice else k
    return None


def _alone(said: Words, at: int, stop: int) -> bool:
    return at >= stop or said.low[at] in _AFTER_ALONE or not said.low[at][0].isalnum()


_AFTER_ALONE: Final = lexicon.SEPARATORS | table(
    """
    ! ? now again today yesterday last this in on at for too lol haha anymore either since a lot much socially
    occasionally sometimes every rn atm
    """
)


def _objects(said: Words, clause: Spoken, frame: Frame, at: int) -> list[Span]:
    kind, head, stop = frame.kind, clause.verb.head, clause.stop
    if kind.startswith("="):
        return []
    if kind == "matched":
        return [(head + 1, at)]
    if kind in ("matchedhead", "ginner"):
        return [(head, head + 1)]
    if kind == "vpinner":
        return OBJECTS["vp"](said, head, stop)
    if kind == "planget":
        return (
            OBJECTS["vp"](said, head, stop)
            if at < stop and said.low[at] in ("a", "my", "an", "new")
            else []
        )
    if kind == "swapped":
        return OBJECTS["np"](said, at, stop)
    if kind == "there":
        return []
    if at >= stop:
        return []
    if frame.relation == "lives_in" and kind == "place" and not _strong(said, at, stop, frame):
        return []
    if said.low[at] in _DENIED or not _kept(said, at, frame.relation):
        return []
    return OBJECTS[kind](said, at, stop)


_DENIED: Final = table("no any nothing")


def _place_before(said: Words, at: int) -> list[str]:
    """The last place of the tables that stands before a word, after "in", "to" or "from"."""
    for k in range(at - 1, 0, -1):
        if said.low[k - 1] in ("in", "to", "from") and (found := known_name(said, k, at)):
            return [said.slice(*found[0])]
    return []


def _swapped(
    said: Words, clause: Spoken, frame: Frame, old: Span, passage: Passage
) -> Iterator[Statement]:
    """From one thing to another: the new one in place of the old."""
    at = old[1]
    if at >= clause.stop or said.low[at] not in ("to", "for"):
        return
    for span in OBJECTS["np"](said, at + 1, clause.stop)[:1]:
        for one in _state(said, clause, frame, said.slice(*span), passage):
            yield replace(one, change="replace", replaces=said.slice(*old))


def _strong(said: Words, at: int, stop: int, frame: Frame) -> bool:
    """Whether "moved to X" speaks of a place: known by the tables, or a noun of dwelling."""
    if "begin" not in frame.marks:
        return True
    if known_name(said, at, stop):
        return True
    found = OBJECTS["place"](said, at, stop)
    return bool(found) and not said.capital(found[0][0])


def _kept(said: Words, at: int, relation: str) -> bool:
    """Whether a taste is of something else than one's own people and pets."""
    low = said.low
    return not (
        relation == "likes"
        and low[at] in ("my", "our")
        and any(word in lexicon.ROLES or word in lexicon.PETS for word in low[at + 1 : at + 4])
    )


def _state(
    said: Words, clause: Spoken, frame: Frame, value: str, passage: Passage
) -> Iterator[Statement]:
    """One statement of a frame with its polarity and change."""
    verb, marks = clause.verb, frame.marks
    relation, negated = frame.relation, verb.negated and "cannot" not in marks
    change = verb.change or next(iter(marks & {"begin", "end"}), "")
    if negated and not change and "likes" in marks:
        relation, negated = "dislikes", False
    if negated and frame.denied:
        if frame.denied == "-":
            return
        relation, negated = frame.denied, False
    low = said.low
    if verb.change == "end" or _anymore(low, clause):
        negated, change = False, "end"
        relation = frame.relation
    elif "state" in marks and verb.past and not verb.perfect and not change:
        if "learnt" in marks:
            relation = _LEARNT.get(relation, relation)
        else:
            change = "end"
    if "likes" in marks and verb.past and not verb.perfect and not change:
        return
    if negated and relation in _NEVER_DENIED:
        return
    who = _whose(said, clause, marks, value, passage)
    if who is None:
        return
    if frame.kind == "relative":
        value = "passed away"
    elif value == "ended":
        value, who = clause.subject.name if clause.subject else "", passage.speaker
    sure = SURE * who.sure
    if "weak" in marks or (
        "sure" in marks and not said.capital(verb.head) and not _placed(said, value)
    ):
        sure = min(sure, WEAK)
    if relation == "lives_in":
        passage.place = value
    if (
        relation == "works_for"
        and not _SCHOOLS.isdisjoint(value.lower().split())
        and _young(who, passage)
    ):
        relation = "studies_at"
    if passage.joint and "couple" in marks:
        relation, value, change, negated = "dating", passage.joint, "end", False
    start, end = _bounds(said, clause)
    made = Statement(who, relation, value, sure, start, end, negated, change)
    yield made
    if "lost" in marks and not negated:
        yield replace(made, relation="works_for", object="", change="end")
    if "ended" in marks and not negated:
        for ended in ("married_to", "dating"):
            yield replace(made, relation=ended, object="", change="end")


_LEARNT: Final = {"studies": "studied", "studies_at": "educated_at"}


def _whose(
    said: Words, clause: Spoken, marks: frozenset[str], value: str, passage: Passage
) -> Subject | None:
    """Who a frame speaks of: the subject, whom it is done to, or the one who is lost."""
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


def _young(who: Subject, passage: Passage) -> bool:
    """Whether somebody is the speaker's child, who goes to school and does not work there."""
    return lexicon.ROLES.get(passage.roles.get(who.name, "")) == "parent_of"


def _placed(said: Words, value: str) -> bool:
    return bool(known_name(words(value), 0, len(value.split())))


def _anymore(low: list[str], clause: Spoken) -> bool:
    """Whether "not ... anymore" closes the clause."""
    if not clause.verb.negated:
        return False
    region = low[clause.verb.head : clause.stop]
    return "anymore" in region or (
        "any" in region and region[region.index("any") + 1 :][:1] in (["more"], ["longer"])
    )


def _bounds(said: Words, clause: Spoken) -> tuple[int, int]:
    """Where the sentence of a clause stands in the text."""
    first = said.start[clause.first]
    last = said.end[max(clause.stop, clause.first + 1) - 1]
    return first, last


_FURTHER: Final = {
    "works_as": (("at", "for", "with"), "works_for", "org"),
    "works_for": (("as",), "works_as", "job"),
    "studies": (("at",), "studies_at", "org"),
    "studied": (("at", "from"), "educated_at", "org"),
    "teaches": (("at",), "works_for", "org"),
    "works_in": (("at", "for"), "works_for", "org"),
    "rents": (("in",), "lives_in", "known"),
    "lives_with": (("in",), "lives_in", "known"),
    "works_shift": (("at", "in"), "works_for", "org"),
}


def _pet_names(said: Words, clause: Spoken, spans: list[Span]) -> Iterator[Statement]:
    """Names after the pets: "a dog named Rex", "my cat Pixel"."""
    at, who = spans[-1][1], clause.subject
    low = said.low
    naming = at < clause.stop and low[at] in ("named", "called", "-", ",")
    if at >= clause.stop or who is None:
        return
    sure = naming and low[at] in ("named", "called")
    names, _ = name_list(said, at + naming, clause.stop, sure=sure)
    start, end = _bounds(said, clause)
    pet = low[spans[-1][1] - 1]
    for name in names:
        if len(names) == 1:
            animal = Subject(f"{who.name}'s {pet}", "thing", who.sure)
            yield Statement(animal, "named", name, SURE, start, end)
        else:
            yield Statement(who, "has_pet", name, SURE, start, end)


def _further(said: Words, clause: Spoken, frame: Frame, at: int) -> Iterator[Statement]:
    """A second object of the same verb: "work as a nurse at the clinic"."""
    more = _FURTHER.get(frame.relation)
    if more is None or at >= clause.stop or said.low[at] not in more[0]:
        return
    for span in OBJECTS[more[2]](said, at + 1, clause.stop)[:1]:
        second = Frame(((),), more[1], more[2], frame.marks - {"also"}, frame.denied)
        if "learnt" in frame.marks and clause.verb.past and not clause.verb.perfect:
            second = replace(second, relation="educated_at")
        yield from _state(said, clause, second, said.slice(*span), Passage(Scene("", None, None)))
