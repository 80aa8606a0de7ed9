"""Reading English: every rule that a word calls is tried where it stands, its subject looked for
before it, its objects after it.

It knows the marks of `english_rules`; it does not know times or what was known before.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from remanence.encoding.extraction import english_words as words
from remanence.encoding.extraction.english_nouns import COPULAS, kin, predicate
from remanence.encoding.extraction.english_objects import OBJECTS, items
from remanence.encoding.extraction.english_rules import RULES
from remanence.encoding.extraction.english_standing import standing_of
from remanence.encoding.extraction.english_subjects import Passage, Sentence, Standing
from remanence.encoding.extraction.english_text import born, mood, open_passage, sentences
from remanence.encoding.extraction.pattern import OLD, SWAPPED, Compiled, by_call, compiled
from remanence.encoding.extraction.scene import Scene, Statement, Subject
from remanence.encoding.relations import RELATIONS
from remanence.text.words import table

# Said of one other person, these need an s: "Ana likes", never "sounds like".
_BASE: Final = table(
    "love adore enjoy like prefer hate dislike detest live work study play speak have own use "
    "want plan know reside"
)
_VAGUE: Final = re.compile(
    r"(?i)^(?:your|this|these|that|those|it|how|what|when|where|the (?:idea|way|fact|feeling|"
    r"sound|look|view|vibe)|being|hearing|seeing|"
    r"knowing|idea|feeling|sound|look|seeing|having|getting|that's|going|myself|each other|one|"
    r"every|to)\b|^\w{1,2}$|"
    r"^(?:making|talking|learning|playing|having|getting|trying|doing|working|going|using|taking|"
    r"helping|looking|watching|pushing)$"
)
_PAST: Final = table(
    "lived resided worked studied read had owned played liked loved enjoyed got spoke belonged"
)
_COUNTED: Final = table(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty"
)
_ANYMORE: Final = frozenset(("anymore", "longer"))
_NEXT: Final = table(", ; but because so since while though i we")


@cache
def _rules() -> dict[str, tuple[Compiled, ...]]:
    made = [
        compiled(rule, OBJECTS, lambda text: text.replace(" ", r"\s+"))
        for rule in RULES
        if "nothing" not in rule.marked
    ]
    return by_call(made)


@cache
def _calls() -> frozenset[str]:
    """The words without which a turn says nothing that is read here."""
    pets = words.PETS | frozenset(words.KIN)
    return frozenset(_rules()) - COPULAS | words.OCCUPATIONS | pets - {""}


def read(scene: Scene) -> list[Statement]:
    """Return the statements of a text, in order."""
    if not scene.prose and _calls().isdisjoint(_WORD.findall(scene.text.lower())):
        return []
    passage, masked, first = open_passage(scene)
    found = list(born(passage)) if scene.prose and "(" in scene.text else []
    calls, lowered = _calls(), masked.lower()
    for start, end in sentences(masked, first):
        if not scene.prose and calls.isdisjoint(_WORD.findall(lowered, start, end)):
            continue
        sentence = Sentence(masked, start, end, passage)
        if sentence.low:
            if scene.prose and not passage.topic:
                subject = sentence.main()[0]
                passage.topic = subject.name if subject else ""
            found += _sentence(sentence)
    return found


_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _sentence(sentence: Sentence) -> Iterator[Statement]:
    limit = mood(sentence)
    rules = _rules()
    for i, word in enumerate(sentence.low[:limit]):
        if word in COPULAS:
            yield from predicate(sentence, i)
        if word in words.KIN or word in words.PETS:
            yield from kin(sentence, i)
        for rule in rules.get(word, ()):
            said = list(_apply(sentence, i, rule))
            yield from said
            if said:
                break


def _apply(sentence: Sentence, i: int, rule: Compiled) -> Iterator[Statement]:
    at = sentence.starts[i + 1] if i + 1 < len(sentence.low) else sentence.end
    match = rule.regex.match(sentence.text, at, sentence.end)
    if match is None:
        return
    standing = standing_of(sentence, i, rule)
    if standing is None or standing.subject is None:
        return
    for slot in _values(sentence, i, rule, match):
        subject = standing.subject
        if slot[0] == "named" and "pet" in rule.marked:
            subject = Subject(
                f"{subject.name}'s {items(match['has_pet'], 'pets')[0]}", "thing", subject.sure
            )
        statement = _statement(sentence, i, rule, standing, subject, slot)
        if statement is not None:
            old = match.groupdict().get(OLD + statement.relation)
            if old:
                statement.change, statement.replaces = (
                    "replace",
                    items(old, "name")[0] if items(old, "name") else None,
                )
            yield statement


def _values(
    sentence: Sentence, i: int, rule: Compiled, match: re.Match[str]
) -> Iterator[tuple[str, str]]:
    if "self_diet" in rule.marked:
        yield "diet", sentence.low[i]
    elif "old" in rule.marked:
        if i and (sentence.low[i - 1].isdigit() or sentence.low[i - 1] in _COUNTED):
            yield "age", sentence.low[i - 1]
    elif "pair" in rule.marked:
        speaker = sentence.passage.scene.speaker
        for relation in rule.marked & RELATIONS.keys():
            if speaker:
                yield relation, speaker
    for name, value in match.groupdict().items():
        if value and not name.startswith(OLD):
            for item in items(value, rule.kinds[name]):
                yield name, item


def _statement(
    sentence: Sentence,
    i: int,
    rule: Compiled,
    standing: Standing,
    subject: Subject,
    slot: tuple[str, str],
) -> Statement | None:
    """Return the statement of one slot, or None where something beside it speaks against it."""
    (relation, value), marks = slot, rule.marked
    if relation.startswith(SWAPPED):
        relation = relation.removeprefix(SWAPPED)
        subject, value = Subject(value, "", subject.sure), subject.name
    made = Statement(
        subject,
        relation,
        value,
        rule.pattern.confidence * subject.sure,
        sentence.start,
        sentence.end,
        standing.negated,
        standing.change or next(iter(marks & {"begin", "end"}), ""),
    )
    if _refused(sentence, i, made) or ("taste" in marks and not _tasted(sentence, i, marks, made)):
        return None
    _turned(sentence, i, marks, made)
    return made


def _refused(sentence: Sentence, i: int, made: Statement) -> bool:
    """Return whether the verb does not agree with the subject, or the subject cannot have the
    relation.
    """
    if made.relation in ("plans_to", "wants_to") and (made.negated or " " not in made.object):
        return True
    disagrees = sentence.low[i] in _BASE and _singular(sentence, i, made.subject)
    return (
        disagrees
        or made.subject.name == made.object
        or not _fits(sentence.passage, made.subject, made.relation)
    )


def _tasted(sentence: Sentence, i: int, marks: frozenset[str], made: Statement) -> bool:
    """Return whether it is a taste at all; what is not liked is disliked."""
    if _loose(sentence, i, made.object) or _VAGUE.match(made.object):
        return False
    if made.negated and _no_more(sentence.low[i:]):
        return True  # that it was liked is known, and it is over
    if made.negated and made.relation == "likes":
        made.relation, made.negated = "dislikes", False
    elif "cannot" in marks:
        made.negated = False
    return not made.negated


def _no_more(low: list[str]) -> bool:
    """Return whether "anymore" closes what begins here, and not a clause after it."""
    return "anymore" in low and _NEXT.isdisjoint(low[: low.index("anymore")])


def _turned(sentence: Sentence, i: int, marks: frozenset[str], made: Statement) -> None:
    """As in "Not ...

    anymore" and a plain past end a state; "studied at" is where someone was educated.
    """
    if made.negated and not _ANYMORE.isdisjoint(sentence.low[i:]):
        made.negated, made.change = False, "end"
    plain = not made.change and not made.negated and "state" in marks
    if plain and sentence.low[i] in _PAST and _over(sentence, i):
        made.change = "end"
    if made.relation == "studies_at" and sentence.low[i] == "studied":
        made.relation = "educated_at"


def _fits(passage: Passage, subject: Subject, relation: str) -> bool:
    """A film has no father and a person is not released:

    what the article is about must be able to have the relation.
    """
    kinds = RELATIONS[relation].subject_kinds
    if subject.name != passage.topic or not passage.kind or not kinds:
        return True
    return "person" in kinds if passage.kind == "person" else kinds != ("person",)


def _loose(sentence: Sentence, i: int, value: str) -> bool:
    """As in "energy and love everywhere", "the things I love", "breaking up":

    the word is no verb of taste, or its object goes on.
    """
    low = sentence.low
    if i and low[i - 1] in ("and", ",", "or", "of", "with"):
        return True
    if (
        i > 1
        and low[i - 1] in words.FIRST_PERSON
        and low[i - 2].isalpha()
        and low[i - 2] not in _BEFORE_I
    ):
        return True
    last = value.rsplit(maxsplit=1)[-1].lower()
    if " " not in value and value.endswith("ing") and last in low[i:]:
        after = low.index(last, i) + 1
        return after < len(low) and low[after] in _PARTICLES
    return False


_BEFORE_I: Final = table(
    """
    and but because so that since as when while though although cause know guess think say also too why yes yeah
    well then plus actually honestly yesterday today how reasons course days year week lately
    """
)
_PARTICLES: Final = table(
    "up out them it him her us this that those these off down into to about my your"
)


def _singular(sentence: Sentence, i: int, subject: Subject) -> bool:
    """Return whether the subject is one third person and no auxiliary takes the s."""
    scene = sentence.passage.scene
    if subject.name in (scene.speaker, scene.addressee) or subject.name.endswith("s"):
        return False
    return {"do", "does", "did", "can", "and", "to"}.isdisjoint(sentence.low[max(i - 4, 0) : i])


def _over(sentence: Sentence, i: int) -> bool:
    """A plain past tense, said by someone: "I worked there", not "I've worked there"."""
    if sentence.passage.scene.prose or sentence.low[i] == "got":
        return False
    return {"have", "has", "'ve", "'s"}.isdisjoint(sentence.low[max(i - 3, 0) : i])
