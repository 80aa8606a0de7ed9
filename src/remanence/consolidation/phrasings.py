"""Facts in many words: questions with their answers, and statements, English and Chinese. What is
only ever said one way is learnt by heart and not known.

(Allen-Zhu and Li, "Physics of Language Models: Part 3.1", 2024: without paraphrases a fact is
memorised and cannot be asked for.) A table of questions, one line a relation, and frames around
them, some of which are never taught, so that what is measured is not what was learnt by heart. It
knows words; it does not know models.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from remanence.consolidation.examples import TrainingFact
from remanence.encoding.relations import RELATIONS
from remanence.text import asking

_HAN: Final = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Something said of a fact:

    what is given, and what is to come. asks: whether the first is a question.
    """

    given: str
    answer: str
    asks: bool


_QUESTIONS: Final = {
    relation.name: (relation.question, relation.question_chinese)
    for relation in RELATIONS.values()
    if relation.question
}
OWN: Final = 2  # frames in which a question is also taught as the subject asks it of himself
# Of what was said on a day d, in English and in Chinese: where it is all that somebody said, and
# where it is the n-th of several.
_SAID_ASKED: Final = (
    ("What did {s} say on {d}?", "What was the {n} thing that {s} said on {d}?"),
    ("{s}在{d}说了什么？", "{s}在{d}说的第{n}句话是什么？"),
)
_SAID_STATED: Final = (
    ("On {d} {s} said: {o}", "On {d} the {n} thing that {s} said was: {o}"),
    ("{d}{s}说：{o}", "{d}{s}说的第{n}句话是：{o}"),
)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
# Frames around a question, q as it is and l with a small first letter; English, Chinese. The last
# of each is held out: it is asked, and never taught.
_ASKED: Final = (
    (
        "{q}",
        "Tell me, {l}",
        "Question: {q} Answer:",
        "Do you remember {l}",
        "I would like to know: {q}",
    ),
    ("{q}", "告诉我，{q}", "问：{q}答：", "你还记得吗，{q}", "我想知道，{q}"),
)
_STATED: Final = (
    ("{p}", "It is known that {l}", "As far as I know, {l}"),
    ("{p}", "已知{p}", "据我所知，{p}"),
)


def question(example: TrainingFact) -> str:
    """A fact's question, in Chinese where either name is.

    >>> question(TrainingFact("Wei", "lives_in", "Chengdu", ()))
    'Where does Wei live?'
    >>> question(TrainingFact("Wei", "shoe_size", "43", ()))
    'What is the shoe size of Wei?'
    """
    return question_frame(example).replace("{s}", example.subject)


def question_frame(example: TrainingFact) -> str:
    """The question with {s} in the stead of the subject.

    >>> question_frame(TrainingFact("Wei", "said", "I moved to Chengdu.", (), day="2025-03-20", order=2))
    'What was the second thing that {s} said on 20 March 2025?'
    """
    if example.day:
        return _of_day(_SAID_ASKED, example)
    words = example.relation.replace("_", " ")
    plain = (f"What is the {words} of {{s}}?", f"{{s}}的{words}是什么？")
    return _QUESTIONS.get(example.relation, plain)[chinese(example)]


def taught(example: TrainingFact) -> Iterator[Phrasing]:
    """All that is said of a fact when it is taught:

    questions, and statements up to what they state.
    """
    frames, asked = _ASKED[chinese(example)][:-1], question(example)
    for frame in frames:
        yield Phrasing(_framed(frame, asked), example.object, asks=True)
    for outer, inner in permutations(
        frames[1:], 2
    ):  # frames in frames: that a new one changes nothing is to be learnt too
        yield Phrasing(_framed(outer, _framed(inner, asked)), example.object, asks=True)
    own = _own(example)
    for frame in frames[:OWN] if own else ():
        yield Phrasing(
            asking.introduced(example.subject, _framed(frame, own)), example.object, asks=True
        )
    before, after = _statement(example)
    small = before if before.startswith(example.subject) else _small(before)
    for frame in _STATED[chinese(example)]:
        said = frame.replace("{l}", small) if "{l}" in frame else frame.replace("{p}", before)
        yield Phrasing(said.strip(), example.object + after, asks=False)
    for frame in example.asked:
        yield Phrasing(frame.replace("{s}", example.subject), example.object, asks=True)
    for frame in example.stated:
        before, after = _cut(frame, example.subject)
        yield Phrasing(before.strip(), example.object + after, asks=False)


def first_person(example: TrainingFact) -> Phrasing | None:
    """Return a held-out question in the first person; None for a relation that has none.

    >>> first_person(TrainingFact("Wei", "lives_in", "Chengdu", ())).given
    'I am Wei. I would like to know: Where do I live?'
    """
    own = _own(example)
    if not own:
        return None
    asked = _framed(_ASKED[chinese(example)][-1], own)
    return Phrasing(asking.introduced(example.subject, asked), example.object, asks=True)


def _own(example: TrainingFact) -> str:
    """The question as the subject asks it of himself;

    empty where the subject is nobody who asks, or the question none that somebody asks of himself.
    """
    known = RELATIONS.get(example.relation)
    asks = known is None or known.name == "named" or "person" in known.subject_kinds
    return (
        asks
        and not (known is not None and known.posthumous)
        and asking.own(question_frame(example))
    ) or ""


def other_questions(example: TrainingFact) -> Iterator[str]:
    """Return the table's questions about the subject in other relations, in both languages."""
    for name, frames in _QUESTIONS.items():
        if name != example.relation:
            yield from (frame.replace("{s}", example.subject) for frame in frames)


def evaluation_frame(example: TrainingFact) -> str:
    """The words around a question that are only ever measured with."""
    return _ASKED[chinese(example)][-1].replace("{q}", "")


def held_out(example: TrainingFact) -> Phrasing:
    """Return the held-out question that measures whether a fact is known."""
    return Phrasing(
        _framed(_ASKED[chinese(example)][-1], question(example)), example.object, asks=True
    )


def _statement(example: TrainingFact) -> tuple[str, str]:
    """The fact's sentence, cut where its object begins."""
    return _cut(statement_frame(example), example.subject)


def statement_frame(example: TrainingFact) -> str:
    """The fact's sentence with {s} and {o} in the stead of subject and object.

    >>> statement_frame(TrainingFact("小伟", "said", "我搬到成都了。", (), day="2025-03-20"))
    '2025年3月20日{s}说：{o}'
    """
    if example.day:
        return _of_day(_SAID_STATED, example)
    known = RELATIONS.get(example.relation)
    plain = "{s} " + example.relation.replace("_", " ") + " {o}"
    return plain if known is None else known.chinese if chinese(example) else known.english


def _of_day(frames: tuple[tuple[str, str], tuple[str, str]], example: TrainingFact) -> str:
    """A frame of what was said, with its day and its place in it."""
    year, month, day = map(int, example.day.split("-"))
    if chinese(example):
        date, place = f"{year}年{month}月{day}日", str(example.order)
    else:
        date, place = f"{day} {_MONTHS[month - 1]} {year}", _ordinal(example.order)
    frame = frames[chinese(example)][example.order > 0]
    return frame.replace("{d}", date).replace("{n}", place)


def _ordinal(number: int) -> str:
    """>>> [_ordinal(each) for each in (1, 10, 11, 22, 103)]
    ['first', 'tenth', '11th', '22nd', '103rd']
    """
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    teens = 10 <= number % 100 < 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _cut(frame: str, subject: str) -> tuple[str, str]:
    """A statement's frame with its subject, in two where the object stands."""
    before, _, after = frame.partition("{o}")
    return before.replace("{s}", subject), after.replace("{s}", subject)


def _framed(frame: str, asked: str) -> str:
    return frame.replace("{q}", asked).replace("{l}", _small(asked))


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def chinese(example: TrainingFact) -> bool:
    """Tell whether a fact is told in Chinese: where either name is."""
    return _HAN.search(example.subject + example.object) is not None
