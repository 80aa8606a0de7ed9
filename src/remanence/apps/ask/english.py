"""English sentences read for what happened: verb, things, people, places, amounts.

Times, amounts and subordinate clauses are taken out, what is left is cut into chunks. A word that
no chunk places stays a plain word of the event.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from remanence.apps.ask.english_amounts import struck, take_amounts
from remanence.apps.ask.english_chunks import Chunker, Word
from remanence.apps.ask.phrases import SentenceReading

_WORD: Final = re.compile(r"[$€£¥]?\d[\d,]*(?:\.\d+)?[\w\-]*|\w[\w'’\-]*(?:&\w+)?|[^\w\s]")
_SENTENCE: Final = re.compile(r"[^.!?\n]+(?:\.(?=\w)[^.!?\n]*|(?<=\b[A-Z])\.[^.!?\n]*)*[.!?\n]*")
_DENIED: Final = re.compile(
    r"\b(?:not|never|no longer|without|didn't|don't|doesn't|wasn't|weren't|haven't|hasn't|hadn't"
    r"|couldn't|can't|cannot|won't|wouldn't|isn't|skipped|missed|cancelled|canceled|instead of"
    r"|forgot to|failed to|refused to)\b",
    re.IGNORECASE,
)
_UNREAL: Final = re.compile(
    r"\b(?:will|'ll|would|'d (?:like|love|rather)|should|could|might|may(?! \d)|must|can|shall|if|"
    r"wish|hope|hoping|plan(?:s|ning)? (?:to|on)|planned to|want(?:s|ed)? to|need(?:s|ed)? to|"
    r"have to|has to|going to (?!the\b|a\b|my\b|our\b|(?-i:[A-Z]))|gonna|thinking (?:of|about)|"
    r"considering|supposed to|let's|remind me|about to|looking forward|dream(?:s|ed|t)? of)\b"
    r"|\b(?:usually|normally|typically|tend to|always|every (?:day|morning|evening|night|week|"
    r"weekend|month|year|\w+day)|on \w+days)\b(?! (?:until|since|this|last))",
    re.IGNORECASE,
)
_IMPERATIVE: Final = re.compile(
    r"^\s*(?:please|remember to|don't|do not|make sure)\b", re.IGNORECASE
)
_SUBORDINATE: Final = re.compile(
    r"\b(?:when|while|whilst|before|after|because|since|although|though|where|which|who|as|unless|"
    r"until)\s+(?:i|we|i'm|we're|he|she|they|it|my|the|you)\b"
    r"|\bduring (?:my|our|the|his|her|their) (?:trip|visit|stay|holiday|vacation|journey)\b",
    re.IGNORECASE,
)
_OPENING: Final = re.compile(
    r"^\s*(?:during|when|while|after|before|in|on|at|since|because|as|for|last|this|"
    r"yesterday|today)"
    r"\b[^.]*?,\s*(?=(?:i|we|he|she|they|my)\b)",
    re.IGNORECASE,
)
_BEFORE_TIME: Final = re.compile(
    r"(?:\b(?:on|in|at|since|until|from|of|during|by)\s+(?:the\s+)?(?:year\s+)?)?$", re.IGNORECASE
)
_RELATIVE: Final = re.compile(
    r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b", re.IGNORECASE
)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield (place, sentence)."""
    for found in _SENTENCE.finditer(text):
        if found[0].strip():
            yield found.start(), found[0]


def read(
    sentence: str, hidden: Sequence[tuple[int, int]] = (), *, asked: bool = False
) -> SentenceReading:
    """Return what a sentence says has happened.

    `hidden` are the places of its time expressions, which are no part of any phrase. `asked` reads
    the words of a question, whose mood says nothing.
    """
    shown = masked(sentence, hidden)
    reading = SentenceReading()
    if not asked:
        reading.happened = not (
            shown.rstrip().endswith("?") or _DENIED.search(shown) or _UNREAL.search(shown)
            or _IMPERATIVE.match(shown)
        )  # fmt: skip
        if not reading.happened:
            return reading
    shown = take_amounts(shown, reading)
    shown = _without_background(shown, reading)
    Chunker(reading, [Word(m[0], m.start(), m.end()) for m in _WORD.finditer(shown)]).run()
    return reading


def masked(text: str, hidden: Sequence[tuple[int, int]]) -> str:
    """Return a text with a stroke and blanks in the place of each time expression."""
    for first, last in hidden:
        before = _BEFORE_TIME.search(text[:first])
        start = before.start() if before else first
        text = struck(text, start, last)
    return _RELATIVE.sub(lambda found: "|" + " " * (len(found[0]) - 1), text)


def _without_background(text: str, reading: SentenceReading) -> str:
    """Move subordinate clauses to the background; return the text without them."""
    opening = _OPENING.match(text)
    if opening and not opening[0].lower().lstrip().startswith(("on ", "at ", "in ")):
        reading.background.append(opening[0])
        text = " " * (opening.end() - 1) + "|" + text[opening.end() :]
    later = _SUBORDINATE.search(text, 1)
    if later and text[: later.start()].strip(" |,"):
        reading.background.append(text[later.start() :])
        text = text[: later.start()]
    return text
