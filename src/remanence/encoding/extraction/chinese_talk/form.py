"""The reading form of a Chinese text: folded, without what somebody else said, cut into clauses.

Folding keeps one character for one, so that what is read can be written as the text has it.
Quoted and forwarded lines, pasted chat of others, quotations and what follows a request to
translate or write are blanked before anything is read.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from remanence.encoding.extraction.chinese_talk.lexicon import LEXICON
from remanence.text.han import simplified

__all__ = ["Line", "clauses", "lines", "masked", "reading_form"]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: its place in the text, and the mark that ends it."""

    start: int
    """First character in the text."""
    end: int
    """One past the last character."""
    asks: bool
    """It ends in a question mark."""


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    wide = unicodedata.normalize("NFKC", character)
    if len(wide) != 1:
        return character
    if wide == ",":
        return "，" if character == "，" else wide
    return "。" if unicodedata.category(wide) in ("So", "Cs") else wide


def reading_form(text: str) -> str:
    """`text` in narrow letters and simplified characters, emoji as full stops, of equal length."""
    if text.isascii():
        return text
    return simplified("".join(map(_folded, text)))


_NAME: Final = LEXICON["NAME"]
_TAGGED: Final = re.compile(
    rf"^[\[【(]?({_NAME})[\])】]?(?:\s*\d[\d:/ .\-]*)?\s*:(?!//)", re.MULTILINE
)
_OTHERS: Final = re.compile(
    r"^[ \t]*(?:>|(?:From|To|Sent|Subject|发件人|收件人|主题)\s*:).*$", re.MULTILINE
)
_PASSED_ON: Final = re.compile(LEXICON["PASSED_ON"])
_QUOTED: Final = re.compile(r"“[^”]*”?|「[^」]*」?|『[^』]*』?|\"[^\"\n]*\"|‘[^’]*’")
_BRACKETS: Final = re.compile(
    r"\(([^()]*)\)|\[[^\]]*\]|【[^】]*】|```.*?(?:```|\Z)|`[^`]*`", re.DOTALL
)
_SPOKEN: Final = re.compile("[我你他她它们是在有说想要了的过]")
_SAID_BY: Final = re.compile("(?:说|道|写|问|答|喊|曰|唱)[:,，]?$")


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\n" * (end > start) + " " * (end - start - 1) + text[end:]


def masked(form: str, speaker: str) -> str:
    """`form` with the words of others blanked, of equal length.

    Short names in quotation marks stay, without the marks, and so do telephone codes in brackets.
    """
    if not _MARKED.search(form):
        return form
    for other in [*_OTHERS.finditer(form)]:
        form = _blank(form, *other.span())
    form = _without_paste(form, speaker)
    form = _QUOTED.sub(lambda found: _quotation(found, form), form)
    form = _BRACKETS.sub(_bracketed, form)
    found = _PASSED_ON.search(form)
    return _blank(form, found.start(), len(form)) if found else form


_MARKED: Final = re.compile(LEXICON["MARKED"])


def _without_paste(form: str, speaker: str) -> str:
    tagged = [found for found in _TAGGED.finditer(form) if found[1] not in (speaker, "我")]
    for found in tagged:
        end = form.find("\n", found.end())
        form = _blank(form, found.start(), len(form) if end < 0 else end)
    return form


def _quotation(found: re.Match[str], form: str) -> str:
    inner = found[0][1:].rstrip('”」』"’')
    said = _SAID_BY.search(form[max(0, found.start() - 3) : found.start()])
    if said or len(inner) > 8 or _SPOKEN.search(inner):
        return " " * len(found[0])
    return f" {inner} ".ljust(len(found[0]))[: len(found[0])]


def _bracketed(found: re.Match[str]) -> str:
    inner = found[1] or ""
    return found[0] if inner.strip().isdigit() else " " * len(found[0])


_END: Final = re.compile(r"[。!?;\n]+|\.(?=\s|$)|…+")
_BREAK: Final = re.compile(LEXICON["BREAK"])


def lines(form: str) -> Iterator[Line]:
    """The sentences of a reading form, in order."""
    start = 0
    for found in _END.finditer(form):
        yield Line(start, found.end(), "?" in found[0])
        start = found.end()
    if form[start:].strip():
        yield Line(start, len(form), asks=False)


def clauses(form: str, line: Line) -> list[str]:
    """The clauses of one sentence; a text cut by spaces into words is joined."""
    body = form[line.start : line.end]
    if _tokenised(body):
        cuts = re.finditer("[，:~～—]+|(?<!\\d),|,(?!\\d)", body)
    else:
        cuts = _BREAK.finditer(body)
    found, start = [], 0
    for cut in cuts:
        found.append(_clause(body[start : cut.start()]))
        start = cut.end()
    found.append(_clause(body[start:]))
    return [clause for clause in found if clause]


def _tokenised(body: str) -> bool:
    words = body.split()
    return len(words) > 4 and sum(map(len, words)) / len(words) < 2.6


_MARKS: Final = " \u3000。!?;\n~～….、"
_INNER_SPACE: Final = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])|\s{2,}")


def _clause(words: str) -> str:
    """A clause without marks at its ends and without spaces beside Han characters."""
    return _INNER_SPACE.sub("", words.strip(_MARKS))
