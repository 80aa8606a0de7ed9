"""Chunks of an English sentence: the subject up to the verb, then the phrases that prepositions
open.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from remanence.apps.ask.english_amounts import number
from remanence.apps.ask.lexicon import lexicon
from remanence.apps.ask.phrases import Phrase, SentenceReading
from remanence.storage.events import Role
from remanence.text import gazetteer
from remanence.text.irregular import BASE_FORMS
from remanence.text.words import STOP_WORDS, table, terms

_SUBJECTS: Final = table("i we he she they you it")

_BE: Final = table("am is are was were be been being 'm 're")

_AUXILIARIES: Final = table("have has had do did does 've 'd got")

_ADVERBS: Final = table(
    "also just really finally then even actually only recently already again quickly still both "
    "often probably always so all ever once twice together usually normally typically today "
    "yesterday and"
)

_ROLES: Final = {
    **dict.fromkeys(("at", "in", "inside", "near", "from", "around", "outside", "across", "by",
                     "through", "along", "over"), Role.SETTING),
    **dict.fromkeys(("to", "into", "towards", "toward"), Role.GOAL),
    **dict.fromkeys(("for", "on", "about", "as", "of", "off", "after", "before", "than", "during",
                     "starting"), Role.OTHER),
    "with": Role.PERSON,
}  # fmt: skip

_MOTION: Final = table("visit tour explor reach")

_SPEECH: Final = table("talk speak chat write text email call wave listen said")

_MEETING: Final = table(
    "meet see call visit phone text email invit entertain host join marri date help thank hug take "
    "teach accompani drive pick ran bump run"
)

_LEADING: Final = re.compile(
    r"^(?:(?:the|a|an|some|my|our|his|her|their|its|your|this|that|these|those|another|any|all|"
    r"more|few|several|lots of|a lot of|a bit of|one of|time)\s+)+",
    re.IGNORECASE,
)

_TRAILING: Final = re.compile(
    r"(?:\s+(?:together|alone|again|instead|too|as well|and|late))+$", re.IGNORECASE
)

_VERB_FORMS: Final = frozenset(BASE_FORMS) | {"had", "went", "was", "were", "did"}
_PLAIN_FORMS: Final = frozenset(BASE_FORMS.values()) - {"child", "man", "woman", "person", "foot"}
_OWNERS: Final = table("my our his her their the a an")

_DAYTIME: Final = table(
    "morning afternoon evening night noon midnight lunch hours early late day week "
    "month year weekend"
)


class Word(NamedTuple):
    """A word or a mark, and where it stands."""

    text: str
    first: int
    last: int

    @property
    def low(self) -> str:
        """Return it in lower case."""
        return self.text.lower()


@dataclass(slots=True)
class _Open:
    """A phrase that is being read."""

    role: Role
    words: list[Word]


class Chunker:
    """Reads the words of one sentence."""

    def __init__(self, reading: SentenceReading, words: list[Word]) -> None:
        self.reading, self.words = reading, words
        self.tables = lexicon()
        self.verb = ""
        self.open = _Open(Role.THING, [])

    def run(self) -> None:
        """Read the subject, the verb, and what follows."""
        at = self._subject()
        at = self._verb(at)
        while at < len(self.words):
            at = self._step(at)
        self._close()

    def _add(self, role: Role, words: Sequence[Word]) -> None:
        """Add a phrase, without its article."""
        if not words:
            return
        text = _joined(words)
        lead = _LEADING.match(text)
        skipped = lead.end() if lead and lead.end() < len(text) else 0
        bare = _TRAILING.sub("", text[skipped:].strip(" '\""))
        first = words[0].first + skipped
        amount = 1.0
        head, _, rest = bare.partition(" ")
        if role is Role.THING and rest and (count := number(head)) is not None:
            bare, amount, first = rest, count, first + len(head) + 1
        if bare and any(mark.isalnum() for mark in bare):
            self.reading.phrases.append(Phrase(role, bare, first, first + len(bare), amount))

    def _subject(self) -> int:
        """Read up to the verb; return the place of the verb."""
        for at, word in enumerate(self.words[:14]):
            if word.low in _SUBJECTS and (
                at == 0 or self.words[at - 1].low in ("and", "|", ",", "that") or at < 10
            ):
                self._others(self.words[:at])
                self.reading.own = word.low in ("i", "we")
                return at + 1
            if word.low in self.tables.verbs and word.text.islower():
                break
        at = self._skip(0)
        if at < len(self.words) and self.words[at].low in _OWNERS:
            return self._owned(at)
        run = _name_run(self.words, at)
        verb = self.words[run] if at < run < len(self.words) else None
        if verb is not None and (verb.low in _PLAIN_FORMS or self._is_verb(verb)):
            self.reading.own = False
            self.reading.actor = _joined(self.words[at:run])
            return run
        return at

    def _owned(self, at: int) -> int:
        """Read a subject such as "my sister"; return the place of its verb."""
        for place in range(at + 1, min(at + 5, len(self.words))):
            if self._is_verb(self.words[place]):
                self.reading.own = False
                self.reading.actor = _joined(self.words[at + 1 : place])
                return place
        return at

    def _others(self, words: Sequence[Word]) -> None:
        """Add the people who stand beside "I" in a subject: "Ana, Tom and I"."""
        for item in _items(words):
            low = _LEADING.sub("", _joined(item)).lower()
            if low in self.tables.people:
                self._add(Role.PERSON, item)
            elif _is_name(item):
                self._add(Role.PERSON, item[: _name_run(item, 0)])
            elif low.split(" ")[0] in self.tables.people:
                self._add(Role.PERSON, item[: 1 + (item[0].low in STOP_WORDS)])

    def _skip(self, at: int) -> int:
        while at < len(self.words) and (
            not self.words[at].text[0].isalnum() or self.words[at].low in _ADVERBS
        ):
            at += 1
        return at

    def _verb(self, at: int) -> int:
        """Read the verb, and the gerund that completes it; return the place after them."""
        at = self._skip(at)
        while at < len(self.words):
            low = self.words[at].low
            follows = self.words[at + 1] if at + 1 < len(self.words) else None
            helping = low in _BE or low in _AUXILIARIES
            if (
                helping
                and follows is not None
                and (self._is_verb(follows) or follows.low in _ADVERBS | _BE)
            ):
                at = self._skip(at + 1)
                continue
            break
        if (
            at < len(self.words)
            and self.words[at].text[0].isalpha()
            and self.words[at].low not in _ROLES
        ):
            word = self.words[at]
            self.verb = (terms(word.text) or [word.low])[0]
            if word.low not in _BE:
                self._add(Role.ACTION, [word])
            at += 1
        return at

    def _is_verb(self, word: Word) -> bool:
        low = word.low
        if low in _VERB_FORMS or (low.endswith(("ed", "ing")) and len(low) > 4):
            return True
        stems = terms(low)
        return bool(stems) and stems[0] in self.tables.verbs and word.text.islower()

    def _step(self, at: int) -> int:
        """Read one word; return the place of the next."""
        word = self.words[at]
        low = word.low
        if low == "|" or low in '.!?;:()"':
            self._close()
            self.open = _Open(
                Role.OTHER if low == "|" and self.open.role is not Role.THING else self.open.role,
                [],
            )
        elif low in _ROLES and not self._inside(at):
            return self._preposition(at)
        elif low == "online":
            self._close()
            self._add(Role.OTHER, [word])
        elif low in ("and", "or", "then", "but", "so") and self._new_clause(at):
            self._close()
            self.open = _Open(Role.THING, [])
            return self._verb(self._after_subject(at + 1))
        elif (
            low.endswith("ing")
            and not self.open.words
            and self.open.role in (Role.THING, Role.OTHER)
        ):
            self._gerund(at)
        elif low != "time" or self.open.words or self.verb != "spend":
            self.open.words.append(word)
        return at + 1

    def _gerund(self, at: int) -> None:
        """Read a gerund that completes the verb: "spent an hour gardening", "for grooming"."""
        word = self.words[at]
        if self.open.role is Role.OTHER:
            self.open.words.append(word)
            return
        self._add(Role.ACTION, [word])
        if at + 1 == len(self.words) or not self.words[at + 1].text[0].isalnum():
            self._add(Role.THING, [word])
        self.verb = (terms(word.text) or [word.low])[0]
        self.open = _Open(Role.THING, [])

    def _inside(self, at: int) -> bool:
        """Return whether a preposition belongs to the phrase that is being read."""
        low = self.words[at].low
        if low == "of":
            return bool(self.open.words)
        after = self.words[at + 1] if at + 1 < len(self.words) else None
        if after is None or not self.open.words or self.open.role is not Role.THING:
            return False
        rest = _LEADING.sub("", _joined(self.words[at + 1 : at + 4])).lower().split(" ")
        if low == "with":
            return (
                self.verb != "play"
                and after.text.islower()
                and rest[0] not in self.tables.people
                and after.low not in STOP_WORDS
            )
        if low == "in":
            return (
                after.text.islower()
                and not self.tables.places.intersection(rest)
                and not _DAYTIME.intersection(rest)
                and after.low not in ("the", "my", "our")
            )
        return False

    def _preposition(self, at: int) -> int:
        low = self.words[at].low
        self._close()
        role = _ROLES[low]
        after = self.words[at + 1] if at + 1 < len(self.words) else None
        if low == "to" and after is not None:
            if self.verb in _SPEECH or (_is_name([after]) and after.low in self.tables.people):
                role = Role.PERSON
            elif (
                after.text.islower()
                and self._is_verb(after)
                and after.low not in self.tables.places
            ):
                self.open = _Open(Role.THING, [])
                return self._verb(at + 1)
        if low == "by" or (low == "over" and self.verb not in _MOTION):
            role = Role.OTHER if low == "by" else role
        self.open = _Open(role, [])
        return at + 1

    def _new_clause(self, at: int) -> bool:
        after = self._after_subject(at + 1)
        if after >= len(self.words):
            return False
        word = self.words[after]
        return (
            (after > at + 1 or word.text.islower())
            and self._is_verb(word)
            and not (word.low.endswith("ing") and self.open.words and after == at + 1)
        )

    def _after_subject(self, at: int) -> int:
        at = self._skip(at)
        if at < len(self.words) and self.words[at].low in _SUBJECTS:
            at = self._skip(at + 1)
        return at

    def _close(self) -> None:
        """Add what was read of the open phrase, item by item."""
        words, role = self.open.words, self.open.role
        self.open = _Open(role, [])
        if not words:
            return
        if role in (Role.GOAL, Role.SETTING):
            self._add(self._place_role(words, role), words)
            return
        if role is Role.THING and self.verb in _MOTION and _is_address(words):
            self._add(Role.GOAL, words)
            return
        for item in _items(words):
            self._add(self._item_role(item, role), item)

    def _place_role(self, words: Sequence[Word], role: Role) -> Role:
        low = _LEADING.sub("", _joined(words)).lower()
        if set(low.split(" ")) & _DAYTIME and not _is_name(words):
            return Role.OTHER
        if low in self.tables.people:
            return Role.PERSON
        given = _is_name(words[:1]) and len(words) < 3 and gazetteer.is_given(words[0].text)
        if role is Role.GOAL and given and gazetteer.place(low.split(",")[0]) is None:
            return Role.PERSON
        return role

    def _item_role(self, item: Sequence[Word], role: Role) -> Role:
        """Return the role of one item of a list that stands where `role` does."""
        bare = _LEADING.sub("", _joined(item))
        low, named = bare.lower(), bare[:1].isupper()
        person = low in self.tables.people or low.split(" ")[-1] in self.tables.people
        if role is Role.PERSON:
            return Role.PERSON if person or named or len(item) == 1 else Role.OTHER
        if role is not Role.THING:
            return role
        if self.verb in _MOTION and self._is_place(bare, article=len(bare) < len(_joined(item))):
            return Role.GOAL
        return Role.PERSON if person or (named and self.verb in _MEETING) else role

    def _is_place(self, bare: str, *, article: bool) -> bool:
        """Return whether what was visited is a place: named and no person, or a kind of place."""
        low, first = bare.lower(), bare.split(" ", maxsplit=1)[0]
        if not bare[:1].isupper():
            return gazetteer.place(low) is not None or low.split(" ")[-1] in self.tables.places
        return article or bare.count(" ") > 1 or not gazetteer.is_given(first)


def _joined(words: Sequence[Word]) -> str:
    """Return words with the blanks between them as they were."""
    text, last = "", words[0].first if words else 0
    for word in words:
        text += " " * (word.first - last) + word.text
        last = word.last
    return text


def _is_name(words: Sequence[Word]) -> bool:
    return bool(words) and words[0].text[0].isupper() and words[0].low not in _SUBJECTS


def _is_address(words: Sequence[Word]) -> bool:
    """Return whether words are a place and what it lies in: "Lyon, France"."""
    parts = _joined(words).split(",")
    last = gazetteer.place(parts[-1].strip().lower()) if len(parts) == 2 else None
    return last is not None and last.kind != "city" and _is_name(words)


def _name_run(words: Sequence[Word], at: int) -> int:
    while at < len(words) and words[at].text[0].isupper() and words[at].low not in STOP_WORDS:
        at += 1
    return at


def _items(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the items of a list: "apples, pears and a melon"."""
    item: list[Word] = []
    for place, word in enumerate(words):
        split = word.text == "," or (word.low in ("and", "&") and _splits(words, place))
        if not split and word.text != "|":
            item.append(word)
        elif split and item:
            yield item
            item = []
    if item:
        yield item


def _splits(words: Sequence[Word], place: int) -> bool:
    """Return whether an "and" parts two items: in a list, or between names or phrases."""
    commas = sum(word.text == "," for word in words)
    before, after = words[:place], words[place + 1 :]
    if not before or not after or words[place].text == "&":
        return words[place].text != "&"
    if before[-1].text == ",":
        return True
    if commas == 0:
        fixed = "".join(lexicon().kinds_of(_joined(words)))
        return not fixed or _is_name(before) or len(words) > 5
    return _is_name(after[:1]) or "," not in [word.text for word in after]
