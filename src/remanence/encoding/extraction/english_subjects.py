"""Subjects of English verbs: from the verb leftwards over what may stand before it, to a
pronoun, a name, a kinsman or a title.

A sentence that only supposes, asks, quotes or reports has no subject here. It knows nothing of
relations.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from remanence.encoding.extraction import english_words as words
from remanence.encoding.extraction.scene import Scene, Subject
from remanence.text.words import table

TOKEN: Final = re.compile(
    r"[^\W\d_]+?(?=n['’]t\b)|n['’]t\b|['’](?:s|m|re|ve|d|ll)\b|[^\W\d_][^\W_]*(?:[-'’](?!(?:s|m|"
    r"re|ve|d|ll)\b)[^\W_]+)*|"
    r"\d+(?:[.,:/-]\d+)*[^\W_]*|[^\w\s]"
)
BE: Final = table("am is are was were be been being 'm 're 's")
PAST_BE: Final = frozenset(("was", "were"))
_FILLING: Final = 5  # words between "is" and "son of": "the second and youngest"


@dataclass(frozen=True, slots=True)
class Standing:
    """The words before a verb: the subject and what the words between do to the statement."""

    subject: Subject | None
    be: bool = False
    past: bool = False
    negated: bool = False
    change: str = ""


@dataclass(slots=True)
class Passage:
    """State carried from sentence to sentence: the title, and who was named so far."""

    scene: Scene
    topic: str = ""
    named: dict[str, str] = field(default_factory=dict)  # person -> "f", "m" or ""
    kind: str = ""  # of the topic, once the article has said it: person, thing

    def third(self, pronoun: str) -> Subject | None:
        """Return the person meant by he, she or it:

        the title in prose, else the only person who can be meant.
        """
        if self.scene.prose:
            wrong = "thing" if pronoun in ("he", "she") else "person"
            known = self.topic and pronoun != "they" and self.kind != wrong
            return Subject(self.topic, "", 0.9) if known else None
        if pronoun in ("it", "they"):
            return None
        wrong = "m" if pronoun == "she" else "f"
        fitting = [name for name, gender in self.named.items() if gender != wrong]
        return Subject(fitting[0], "person", 0.8) if len(fitting) == 1 else None


class Sentence:
    """One sentence as tokens, with its subject found when first asked for."""

    __slots__ = (
        "_carried",
        "_main",
        "end",
        "ends",
        "low",
        "passage",
        "raw",
        "start",
        "starts",
        "text",
    )

    def __init__(self, text: str, start: int, end: int, passage: Passage) -> None:
        """`text` is the whole, with quotations blanked; the sentence is [start:end]."""
        self.text, self.start, self.end, self.passage = text, start, end, passage
        found = list(TOKEN.finditer(text, start, end))
        self.raw = [token.group() for token in found]
        self.low = [token.lower().replace("’", "'") for token in self.raw]
        self.starts = [token.start() for token in found]
        self.ends = [token.end() for token in found]
        self._main: tuple[Subject | None, int] | None = None
        self._carried: Subject | None = None

    def main(self) -> tuple[Subject | None, int]:
        """The subject with which the sentence opens, and the token after it."""
        if self._main is None:
            self._main = (None, 0)  # while it is being found
            self._main = self._opening()
        return self._main

    def standing(self, at: int, *, able: bool = False) -> Standing | None:
        """Return the reading of the words before token `at`;

        None where it is only supposed, or nobody can be found.
        """
        be = past = negated = False
        change, i, low = "", at - 1, self.low
        while i >= 0:
            word = low[i]
            if word in BE:
                be, past = True, past or word in PAST_BE
            elif word in words.NEGATING:
                negated = True
            elif word == "longer" and i and low[i - 1] == "no":
                change, i = "end", i - 1
            elif word == "to" and i and low[i - 1] in ("used", *words.BEGINNING):
                change, i = ("end" if low[i - 1] == "used" else "begin"), i - 1
            elif word in words.BLOCKING:
                if not (able and word == "can"):
                    return None
            elif word in words.ENDING or word in words.BEGINNING:
                change = "end" if word in words.ENDING else "begin"
            elif word not in words.SKIPPED and not (
                word.endswith("ly") and len(word) > 4 and self.raw[i].islower()
            ):
                break
            i -= 1
        subject = self.ending(i)
        if subject:
            self._carried = subject
        return Standing(subject, be, past, negated, change)

    def after(self, at: int, needed: frozenset[str]) -> int | None:
        """The token of `needed` nearest before `at`, over a few plain words;

        None where there is none.
        """
        for i in range(at - 1, max(at - 2 - _FILLING, -1), -1):
            if self.low[i] in needed:
                return i
            if not (self.low[i][0].isalpha() or self.low[i][0].isdigit()) or self.low[i] in (
                "of",
                "to",
                "for",
                "with",
                "by",
                "who",
                "that",
            ):
                return None
        return None

    def ending(self, i: int) -> Subject | None:
        """The subject whose last token is `i`."""
        if i < 0:
            return None
        word, passage = self.low[i], self.passage
        if word in words.FIRST_PERSON:
            speaker = passage.scene.speaker
            return Subject(speaker, "person") if speaker and not self._of_another(i) else None
        if word in words.SECOND_PERSON:
            addressee = passage.scene.addressee
            return Subject(addressee, "person", 0.85) if addressee else None
        if word in words.THIRD_PERSON:
            return passage.third(word)
        if word in ("and", "but", "or", ",", "who", "which", "that", "then"):
            return self._joined(i, word)
        if self._capital(i):
            return self._name(i)
        return self._described(i)

    def kinsman(self, i: int) -> tuple[Subject, str] | None:
        """As in "my sister" ending at token `i`: the one meant and the owner."""
        noun = self.low[i]
        if noun not in words.KIN or i == 0:
            return None
        owner = self.owner(i)
        if owner is None:
            return None
        return Subject(f"{owner.name}'s {noun}", "person", owner.sure), owner.name

    def owner(self, i: int) -> Subject | None:
        """Return the owner of the noun at token `i`: "my new number", "Tom's sister"."""
        j = i - 1
        while j >= 0 and j > i - 4 and self.low[j].isalpha() and self.low[j] not in _POSSESSIVE:
            j -= 1
        if j < 0:
            return None
        scene = self.passage.scene
        word = self.low[j]
        if word in ("my", "our"):
            return Subject(scene.speaker, "person") if scene.speaker else None
        if word == "your":
            return Subject(scene.addressee, "person", 0.85) if scene.addressee else None
        if word in ("his", "her"):
            main = self.main()[0] if scene.prose else None
            if main is not None and main.name != self.passage.topic:
                return None
            return self.passage.third("he" if word == "his" else "she")
        if word == "'s" and j and self._capital(j - 1):
            return self._name(j - 1)
        return None

    def _of_another(self, i: int) -> bool:
        """As in "Ben and I": the statement is about both, and is read elsewhere."""
        return i > 1 and self.low[i - 1] == "and" and self._capital(i - 2)

    def _joined(self, i: int, word: str) -> Subject | None:
        if word in ("who", "which", "that") or (word == "," and not self.passage.scene.prose):
            j = i - 1 if i and self.low[i - 1] == "," else i
            if j and self._capital(j - 1):
                return self._name(j - 1)
            if word == "," or (word == "that" and not self.passage.scene.prose):
                return None
            kin = self.kinsman(j - 1) if j else None
            return kin[0] if kin else self._lowered(self.main()[0])
        if i and self.low[i - 1] in (",", "and"):
            i -= 1
        carried = self._carried or self.main()[0]
        return self._lowered(carried)

    @staticmethod
    def _lowered(subject: Subject | None) -> Subject | None:
        return Subject(subject.name, subject.kind, subject.sure * 0.9) if subject else None

    def _capital(self, i: int) -> bool:
        raw = self.raw[i]
        if not raw[0].isupper() or raw == "I":
            return (
                raw[0].isdigit()
                and i > 0
                and self.raw[i - 1][0].isupper()
                and self.raw[i - 1] != "I"
                and len(raw) < 5
            )
        return not (self.low[i] in words.STARTERS and (i == 0 or not self.raw[i - 1][0].isalnum()))

    def _name(self, i: int) -> Subject | None:
        """The run of capitals that ends at token `i`, with the small words inside it."""
        first = j = i
        while j > 0:
            j -= 1
            if self._capital(j) or (self.low[j] == "." and len(self.raw[j - 1]) < 3):
                first = j
            elif (
                self.low[j] not in words.CONNECTORS
                or j == 0
                or not self._capital(j - 1)
                or self.ends[j] + 1 != self.starts[j + 1]
                or (self.low[j] == "and" and not self.passage.scene.prose)
            ):
                break
        if first and self.low[first - 1] == "the" and self.raw[first - 1] == "The":
            first -= 1
        if (
            first > 0
            and self.low[first - 1] in _INSIDE
            and not (first > 1 and self.low[first - 2] in words.CLASSES)
        ):
            return None
        name = self.text[self.starts[first] : self.ends[i]]
        return self.named(name, self._kin_before(first))

    def named(self, name: str, gender: str = "") -> Subject:
        """A subject by name; in an article, a part of the title is the title."""
        topic = self.passage.topic
        if topic and name != topic and self.passage.scene.prose:
            said, title = set(name.lower().split()), set(topic.lower().split())
            if name in topic or (
                len(said & title) > 0
                and (
                    said <= title
                    or title <= said
                    or name.rsplit(maxsplit=1)[-1] == topic.split()[-1]
                )
            ):
                name = topic
        if not self.passage.scene.prose:
            self.passage.named.setdefault(name, gender)
        return Subject(name)

    def _kin_before(self, first: int) -> str:
        noun = self.low[first - 1] if first else ""
        return "f" if noun in words.FEMALE else "m" if noun in words.MALE else ""

    def _described(self, i: int) -> Subject | None:
        """As in "my sister", "the film"."""
        noun, passage = self.low[i], self.passage
        kin = self.kinsman(i)
        if kin:
            gender = "f" if noun in words.FEMALE else "m" if noun in words.MALE else ""
            passage.named.setdefault(kin[0].name, gender)
            return kin[0]
        if i > 1 and self.low[i - 2] in _INSIDE:
            return None
        if (
            noun in words.CLASSES
            and passage.scene.prose
            and passage.topic
            and i
            and self.low[i - 1] in ("the", "its", "this")
        ):
            return Subject(passage.topic, "", 0.85)
        if noun in (")", '"'):
            return self.ending(i - 1)
        return None

    def _opening(self) -> tuple[Subject | None, int]:
        i, n = 0, len(self.low)
        while i < n and (self.low[i] in _OPENERS or not self.raw[i][0].isalnum()):
            i += 1
        if (
            i < n
            and self.low[i] in ("in", "on", "at", "during", "after", "by", "from")
            and "," in self.low[i : i + 8]
        ):
            i = self.low.index(",", i) + 1
        j = i
        if j < n and self.low[j] in ("the", "my", "our", "his", "her"):
            j += 1
        while j < n and (
            self._capital(j)
            or (self.low[j] in words.CONNECTORS and j + 1 < n and j > i and self._capital(j + 1))
        ):
            j += 1
        if j > i and self._capital(j - 1):
            return self._name(j - 1), j
        if i < n and self.low[i] in (
            *words.FIRST_PERSON,
            *words.THIRD_PERSON,
            *words.SECOND_PERSON,
        ):
            return self.ending(i), i + 1
        for k in range(j, min(j + 3, n)):
            if self.low[k] in words.KIN or self.low[k] in words.CLASSES:
                return self._described(k), k + 1
        return None, i


# A noun phrase after one of these is part of another: "a trailer for the film".
_INSIDE: Final = table("of for in by to with at from on about as into between")
_POSSESSIVE: Final = table("my our your his her their 's")
_OPENERS: Final = table(
    """
    well oh ah yes yeah no so and but wow hey hi hello honestly actually also okay ok haha lol however anyway ugh
    currently today originally later then
    """
)
