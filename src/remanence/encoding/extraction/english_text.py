"""An English text before it is read:

its title, its sentences, what is quoted or bracketed, and what it only supposes.
"""

import re
from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction.english_objects import NAME, OBJECTS
from remanence.encoding.extraction.english_subjects import Passage, Sentence
from remanence.encoding.extraction.scene import Scene, Statement, Subject
from remanence.text.words import table

_TITLE: Final = re.compile(
    r"\s*((?:[^\n.?!]|(?<=\b[A-Z])\.|(?<=\b(?:Jr|Sr|St|Dr|Mr|vs|No))\.|(?<=\bMrs)\.|"
    r"[?!](?=[\w.])){2,90}?)(?<!\b[A-Z])(?<!\b(?:Jr|Sr|St|Dr|Mr|vs|No))\.\s+(?=\S)"
)
_VERB: Final = re.compile(r" (?:is|was|are|were|has|had|have|do|did|can|will) ")
_END: Final = re.compile(r"[.!?]+[\"”'’)\]]*(?=\s|$)|\n+")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:[A-Z]|St|Mt|Dr|Mr|Mrs|Ms|Jr|Sr|No|vs|Inc|Ltd|Co|c|ca|approx|e\.g|i\.e|Prof|Gen|Col|"
    r"Lt|Rev|Fr))$"
)
_BRACKETS: Final = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\]")
_QUOTED: Final = re.compile(r"[\"“]([^\"“”]*)[\"”]")
_TITLE_WORDS: Final = 6
# At the end of what is said: "any more coffee" and "any more than tea" are no adverbs.
_ANY_MORE: Final = re.compile(
    r"\bany (?:more|longer)(?!\s+(?!(?:and|but|so|because|since|now|though|or)\b)[\w'’-])"
)


def open_passage(scene: Scene) -> tuple[Passage, str, int]:
    """The passage with its title, the text with what is not its own words blanked, and where its
    first sentence begins.
    """
    topic, first = "", 0
    if scene.prose:
        found = _TITLE.match(scene.text)
        if (
            found
            and not _VERB.search(found[1])
            and _repeated(found[1], scene.text[found.end() : found.end() + 300])
        ):
            topic, first = re.sub(r"\s*\([^)]*\)\s*$", "", found[1]).strip(' "“”'), found.end()
    return Passage(scene, topic), _masked(scene), first


def _repeated(title: str, after: str) -> bool:
    """Return whether what follows speaks of the title: a sentence is no title."""
    said = title.split()
    if len(said) > 12 or not after:
        return False
    return (
        any(word.strip(",()") in after for word in said if not word[0].islower())
        or title[0].isdigit()
    )


def _masked(scene: Scene) -> str:
    """The same length:

    "any more" is one word, brackets and long quotations become spaces, a short quoted title keeps
    its words.
    """
    text = scene.text
    if "any " in text:
        text = _ANY_MORE.sub(lambda found: "anymore".ljust(len(found[0])), text)
    if "(" in text or "[" in text:
        text = _BRACKETS.sub(lambda found: " " * len(found[0]), text)
    if '"' in text or "“" in text:
        text = _QUOTED.sub(lambda found: _quotation(found, prose=scene.prose), text)
    return text


def _quotation(found: re.Match[str], *, prose: bool) -> str:
    inner = found[1]
    if (
        inner[:1].isupper()
        and len(inner.split()) <= _TITLE_WORDS
        and (prose or not inner.rstrip().endswith((".", ",", "!")))
    ):
        return f" {inner[:-1] + ' ' if inner.endswith((',', '.')) else inner} "
    return " " * len(found[0])


def sentences(text: str, first: int) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence from `first` on."""
    start = first
    for found in _END.finditer(text, first):
        if found[0] == "." and _ABBREVIATION.search(
            text, max(start, found.start() - 8), found.start()
        ):
            continue
        yield start, found.end()
        start = found.end()
    if text[start:].strip():
        yield start, len(text)


_SUPPOSED: Final = table(
    """
    if wish suppose imagine unless pretend dreamt dreamed hypothetically whether supposedly allegedly reportedly
    apparently rumour rumours rumor rumors legend legends perhaps maybe neither
    """
)
_REPORTED: Final = table(
    """
    said says told heard hear claims claim claimed suggested suggest believed joked reckons thought asked
    according
    """
)
_POLITE: Final = re.compile(
    r"(?i)\bif (?:you (?:need|want|ever|like|are|have|fancy)|that helps|it helps|anyone|i "
    r"remember|only|not)\b"
)


def mood(sentence: Sentence) -> int:
    """How many of the sentence's tokens speak of what is so:

    none of a question or a supposition, those before a report.
    """
    words, raw = set(sentence.low), sentence.raw[-1]
    if raw == "?" or "?" in sentence.raw[-3:]:
        return 0
    supposed = words & _SUPPOSED
    if supposed and not (
        supposed == {"if"} and _POLITE.search(sentence.text, sentence.start, sentence.end)
    ):
        return 0
    if not words.isdisjoint(_REPORTED):
        return next(i for i, word in enumerate(sentence.low) if word in _REPORTED)
    if sentence.low[0] == "had":
        return 0
    return len(sentence.low)


_LIFE: Final = re.compile(
    rf"(?P<who>{NAME})\s*\((?:[^()]*?[;,]\s*)??(?:(?P<mark>born|"
    rf"b\.)\s+)?(?:c\.\s*)?(?P<born>{OBJECTS['date']})"
    rf"(?:\s+in\s+(?P<place>{OBJECTS['place']})|,\s+(?P<at>{OBJECTS['place']}))?"
    rf"(?:\s*[-–—]\s*(?:died\s+)?(?:c\.\s*)?(?P<died>{OBJECTS['date']})(?:\s+in\s+(?P<end>"
    rf"{OBJECTS['place']})|,\s+(?P<ended>{OBJECTS['place']}))?)?[^()]*\)"
)


def born(passage: Passage) -> Iterator[Statement]:
    """As in "Ada Lund (14 March 1931 - 2 July 2008)":

    the dates in brackets after the first name.
    """
    text = passage.scene.text
    found = _LIFE.search(text, 0, 400)
    if not found or not (found["mark"] or found["died"]):
        return
    who = found["who"]
    who = who.split(". ", 1)[1] if passage.topic and who.startswith(f"{passage.topic}. ") else who
    subject = _subject(passage, who)
    if (
        subject.name != passage.topic
        and found.start("who") > 4
        and (not found["mark"] or who[0].islower())
    ):
        return
    if subject.name == passage.topic:
        passage.kind = "person"
    for relation, values in (
        ("born_on", ("born",)),
        ("died_on", ("died",)),
        ("born_in", ("place", "at")),
        ("died_in", ("end", "ended")),
    ):
        for value in values:
            if found[value]:
                yield Statement(
                    subject, relation, found[value], 0.95, found.start("who"), found.end()
                )


def _subject(passage: Passage, who: str) -> Subject:
    """The title, where the name shares a word with it."""
    shared = set(who.lower().split()) & set(passage.topic.lower().split())
    return Subject(passage.topic if shared else who, "person")
