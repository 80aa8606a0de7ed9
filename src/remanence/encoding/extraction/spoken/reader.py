"""Reading spoken English: the clauses of a turn, the frames of their verbs, and what they state."""

from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Scene, Statement
from remanence.encoding.extraction.spoken import (
    attributes,
    contacts,
    counted,
    lexicon,
    owned,
    partings,
    predicates,
    roles,
    stating,
)
from remanence.encoding.extraction.spoken.clauses import Spoken, clauses, sentences
from remanence.encoding.extraction.spoken.fitting import follow, form_of
from remanence.encoding.extraction.spoken.frames import PREDICATES, VERBS, Frame
from remanence.encoding.extraction.spoken.nouns import Span
from remanence.encoding.extraction.spoken.objects import OBJECTS
from remanence.encoding.extraction.spoken.proper import known_name
from remanence.encoding.extraction.spoken.silence import silent
from remanence.encoding.extraction.spoken.subjects import Passage
from remanence.encoding.extraction.spoken.tokens import Words, words
from remanence.encoding.extraction.spoken.verbs import FORMS, GERUNDS
from remanence.text.words import table

_SARCASM: Final = ("🙄", "/s", "yeah right", "said no one", "as if!")


def read(scene: Scene) -> list[Statement]:
    """Return the statements of one turn, in order."""
    said = words(scene.text)
    if silent(said, scene.addressee):
        return list(contacts.told(said, Passage(scene)))
    return whole(scene, said)


def whole(scene: Scene, said: Words) -> list[Statement]:
    """Return the statements of a turn, with every clause of it read."""
    passage = Passage(scene)
    found: list[Statement] = []
    lowered = scene.text.lower()
    ironic = any(sign in lowered for sign in _SARCASM)
    for clause in clauses(said, passage):
        if clause.status == Status.ASSERTED and clause.subject is not None:
            found += [one for one in _clause(said, clause, passage) if _close(one, passage)]
    if ironic:
        found = [one for one in found if one.relation not in _TASTES]
    else:
        found += roles.possessions(said, passage, found)
    found += owned.valued(said, passage)
    spans = list(sentences(said))
    for reading in (attributes.read, partings.read, partings.couples):
        found += reading(said, passage, spans)
    found += contacts.told(said, passage)
    return _unlike(found)


_TASTES: Final = table("likes dislikes hobby habit")


# Of an unnamed friend or colleague these are worth keeping, and no single event.
_LASTING_OF_OTHERS: Final = table(
    "lives_in works_for works_as works_in nationality comes_from has_condition allergic_to diet "
    "age named "
    "life_status speaks plays married_to engaged_to dating friend_of has_boss colleague_of"
)


def _close(one: Statement, passage: Passage) -> bool:
    noun = passage.roles.get(one.subject.name, "")
    unnamed = one.subject.name.endswith(f"'s {noun}") and bool(noun)
    distant = unnamed and lexicon.ROLES.get(noun) in ("friend_of", "colleague_of", "has_teacher")
    return not distant or one.relation in _LASTING_OF_OTHERS


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
    rows = [frame for table in tables for frame in table]
    for frame in form_of(said, clause).fitting(rows) if rows else ():
        if emitted and "also" not in frame.marks:
            break
        for one in _apply(said, clause, frame, passage):
            emitted += 1
            yield one
        if emitted and "also" not in frame.marks:
            break
    if form is not None and form.verb in ("have", "get", "raise") and not verb.be:
        for one in counted.counted(said, clause, passage):
            emitted += 1
            yield one
    couple = list(stating.couple(said, clause, passage))
    emitted += len(couple)
    yield from couple
    if not emitted and verb.be:
        for one in predicates.read(said, clause, passage):
            emitted += 1
            yield one
    if not emitted:
        yield from predicates.habit(said, clause)
        yield from predicates.aspect(said, clause)


def _apply(said: Words, clause: Spoken, frame: Frame, passage: Passage) -> Iterator[Statement]:
    """Yield the statements of one frame about a clause;

    nothing where the clause is not of its form.
    """
    at = follow(said, clause.verb.head + 1, clause.stop, frame)
    if at is None or ("lone" in frame.marks and not _alone(said, at, clause.stop)):
        return
    spans = _objects(said, clause, frame, at)
    if spans:
        replaced = list(_replacing(said, clause, frame, spans[0], passage))
        if replaced or "pair" in frame.marks:
            yield from replaced
            return
    for value in _worded(said, clause, frame, spans, passage):
        yield from stating.state(said, clause, frame, value, passage)
    if frame.relation == "has_pet" and spans:
        yield from stating.pet_names(said, clause, spans)
    if spans:
        yield from stating.further(said, clause, frame, spans[-1][1])


def _replacing(
    said: Words, clause: Spoken, frame: Frame, first: Span, passage: Passage
) -> Iterator[Statement]:
    """From one value to another: the new one in place of the old."""
    if frame.relation == "moved_from" and first[1] < clause.stop:
        yield from stating.moved(said, clause, frame, first, passage)
    elif "pair" in frame.marks:
        yield from stating.swapped(said, clause, frame, first, passage)


def _worded(
    said: Words, clause: Spoken, frame: Frame, spans: list[Span], passage: Passage
) -> list[str]:
    """The objects in words: as they stand, or as the kind of the frame puts them."""
    head, kind = clause.verb.head, frame.kind
    values = [said.slice(*span) for span in spans]
    if kind.startswith("="):
        return [kind[1:]]
    if kind == "there":
        return [passage.place] if passage.place else stating.place_before(said, head)
    if kind == "ginner":
        return [GERUNDS.get(FORMS[said.low[head]].verb, values[0])]
    if kind == "goplace" and values:
        gerund, _, onward = values[0].partition(" ")
        return [f"{FORMS[gerund.lower()].verb} {onward}"]
    return values


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


def _strong(said: Words, at: int, stop: int, frame: Frame) -> bool:
    """Return whether "moved to X" speaks of a place: known by the tables, or a noun of dwelling."""
    if "begin" not in frame.marks:
        return True
    if known_name(said, at, stop):
        return True
    found = OBJECTS["place"](said, at, stop)
    return bool(found) and not said.capital(found[0][0])


def _kept(said: Words, at: int, relation: str) -> bool:
    """Return whether a taste is of something else than one's own people and pets."""
    low = said.low
    return not (
        relation == "likes"
        and low[at] in ("my", "our")
        and any(word in lexicon.ROLES or word in lexicon.PETS for word in low[at + 1 : at + 4])
    )
