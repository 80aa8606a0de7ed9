"""Words of a turn in a plain spelling: contractions opened, with or without their apostrophe."""

import re
from dataclasses import dataclass
from typing import Final

_PIECE: Final = (
    r"\+?\(?\d[\d ().-]{6,}\d|\d+-[A-Z]\w+|"
    r"[$£€]?\d+(?:[.,:/'-]\d+)*(?:[a-z%]+\b)?%?|"
    r"[^\W\d_]\w*(?:[-'&][^\W_]+)*(?:'(?!\w))?|\n|[^\w\s]"
)
_TOKEN: Final = re.compile(_PIECE)
_TOKEN_OR_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|" + _PIECE)
_OPENED: Final = {
    key: tuple(value.split("+"))
    for key, value in (
        pair.split("=")
        for pair in [
            "im=i+am",
            "ive=i+have",
            "i'd=i+would",
            "i'ma=i+will",
            "imma=i+will",
            "ima=i+will",
            "dont=do+not",
            "doesnt=does+not",
            "didnt=did+not",
            "isnt=is+not",
            "arent=are+not",
            "wasnt=was+not",
            "werent=were+not",
            "havent=have+not",
            "hasnt=has+not",
            "hadnt=had+not",
            "cant=can+not",
            "couldnt=could+not",
            "wouldnt=would+not",
            "shouldnt=should+not",
            "wont=will+not",
            "aint=am+not",
            "ain't=am+not",
            "cannot=can+not",
            "can't=can+not",
            "won't=will+not",
            "cannae=can+not",
            "shan't=will+not",
            "hes=he+is",
            "shes=she+is",
            "theyre=they+are",
            "youre=you+are",
            "weve=we+have",
            "theyve=they+have",
            "thats=that+is",
            "whats=what+is",
            "wheres=where+is",
            "hows=how+is",
            "whos=who+is",
            "lets=let+us",
            "let's=let+us",
            "gonna=going+to",
            "wanna=want+to",
            "gotta=got+to",
            "tryna=trying+to",
            "y'all=you",
            "yall=you",
            "u=you",
            "ur=your",
            "r=are",
        ]
        for pair in [pair]
    )
}
_ENDINGS: Final = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would"}


@dataclass(frozen=True, slots=True)
class Words:
    """A turn as parallel lists: `low` the plain spelling, `start` and `end` where each stands."""

    text: str
    low: list[str]
    start: list[int]
    end: list[int]

    def slice(self, first: int, stop: int) -> str:
        """The text of the words from `first` up to `stop`, as it stands."""
        return self.text[self.start[first] : self.end[stop - 1]] if first < stop else ""

    def capital(self, at: int) -> bool:
        """Return whether the word begins with a capital letter, or one of a script without them."""
        letter = self.text[self.start[at]]
        return letter.isupper() or (letter.isalpha() and not letter.islower())


def words(text: str) -> Words:
    """The words, numbers and marks of `text`, in order.

    >>> words("im from Oslo, can't complain").low
    ['i', 'am', 'from', 'oslo', ',', 'can', 'not', 'complain']
    """
    lowered = _lowered(text)
    pattern = _TOKEN_OR_MAIL if "@" in text else _TOKEN
    spans = [found.span() for found in pattern.finditer(text)]
    low = [lowered[first:last] for first, last in spans]
    if "'" in text or not _OPENED.keys().isdisjoint(low):
        return _opened(text, low, spans)
    return Words(text, low, [first for first, _ in spans], [last for _, last in spans])


def _lowered(text: str) -> str:
    """`text` in small letters and as long as it was: a letter whose small form is two stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _opened(text: str, written: list[str], spans: list[tuple[int, int]]) -> Words:
    """The words with each contraction as the words that it stands for."""
    low: list[str] = []
    start: list[int] = []
    end: list[int] = []
    for word, (first, last) in zip(written, spans, strict=True):
        parts = _OPENED.get(word) or (_split(word) if "'" in word else None)
        initial = last - first == 1 and text[first].isupper()
        if parts is None or initial:
            low.append(word)
            start.append(first)
            end.append(last)
            continue
        cut = last - len(parts[-1]) if parts[-1].startswith("'") else last
        for number, part in enumerate(parts):
            low.append(part)
            start.append(first if not number else cut)
            end.append(cut if number < len(parts) - 1 else last)
    return Words(text, low, start, end)


def _split(word: str) -> tuple[str, ...] | None:
    if word.endswith("n't"):
        return (word[:-3], "not")
    at = word.rfind("'")
    ending = word[at:]
    if ending in _ENDINGS:
        return (word[:at], _ENDINGS[ending])
    return (word[:at], ending) if ending in ("'s", "'") and at else None
