"""Amounts in English sentences: "$40", "half an hour", "5 km", "twice"."""

import re
from functools import cache
from typing import Final

from remanence.apps.ask.lexicon import lexicon
from remanence.apps.ask.phrases import Phrase, SentenceReading
from remanence.storage.events import Role

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
NUMBERS: Final = {name: float(value) for value, name in enumerate(_SMALL)} | {
    "a": 1.0, "an": 1.0, "half": 0.5, "couple": 2.0, "dozen": 12.0, "fifteen": 15.0,
    "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "hundred": 100.0,
}  # fmt: skip
_DIGITS: Final = r"\d[\d,]*(?:\.\d+)?"
_OFTEN: Final = re.compile(r"\b(once|twice|thrice|(\d+|[a-z]+) times)\b", re.IGNORECASE)
_TIMES: Final = {"once": 1.0, "twice": 2.0, "thrice": 3.0}


def number(word: str) -> float | None:
    """Return the value of a numeral, in digits or as a word; None for any other word.

    >>> number("1,200"), number("three"), number("blue")
    (1200.0, 3.0, None)
    """
    try:
        return float(word.lstrip("$€£¥").replace(",", ""))
    except ValueError:
        return NUMBERS.get(word.lower())


@cache
def _amount() -> re.Pattern[str]:
    """Return the pattern of an amount: a sum of money, a number with its unit, or, after "spent",
    a number whose unit is left out.
    """
    words = (unit for unit in lexicon().units if unit.isascii() and unit[0].isalpha())
    units = "|".join(sorted(words, key=len, reverse=True))
    counted = rf"{_DIGITS}|{'|'.join(NUMBERS)}"
    return re.compile(
        r"(?:\b(?:for|about|around|over|nearly|almost|only)\s+)*(?:"
        rf"(?P<sign>[$€£¥])(?P<money>{_DIGITS})"
        rf"|\b(?P<number>{counted})(?:\s+(?:of|an?|and a half))?[\s-]?(?P<unit>{units})\b)"
        r"|(?:(?<=\bspent )|(?<=\bspend ))(?P<bare>\d+)(?= \w+ing\b)",
        re.IGNORECASE,
    )


def take_amounts(text: str, reading: SentenceReading) -> str:
    """Add the amounts of a sentence to its reading; return the text with strokes in their place."""
    for found in _amount().finditer(text):
        phrase = _phrase(found)
        if phrase is not None:
            reading.phrases.append(phrase)
            text = struck(text, found.start(), found.end())
    often = _OFTEN.search(text)
    if often:
        count = _TIMES.get(often[1].lower()) or number(often[2] or "")
        if count:
            reading.times = count
            text = struck(text, often.start(), often.end())
    return text


def _phrase(found: re.Match[str]) -> Phrase | None:
    """Return an amount as a phrase; None where its unit is not known."""
    value = number(found["money"] or found["number"] or found["bare"])
    written = found["sign"] or (found["unit"] or "").lower()
    if value is None:
        return None
    first, last = found.span()
    if found["bare"]:
        return Phrase(Role.QUANTITY, found[0], first, last, value)
    unit = lexicon().units.get(written)
    if unit is None:
        return None
    return Phrase(Role.QUANTITY, found[0].strip(), first, last, value * unit.factor, unit.base)


def struck(text: str, first: int, last: int) -> str:
    """Return a text with a stroke and blanks in the place of some of it.

    >>> struck("ran 5 km today", 4, 8)
    'ran |    today'
    """
    return f"{text[:first]}|{' ' * (last - first - 1)}{text[last:]}"
