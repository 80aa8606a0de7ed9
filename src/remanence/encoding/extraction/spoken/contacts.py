"""Names and contacts that are given by a request: "call me Bea", "email me at ..."."""

import re
from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction.scene import Statement
from remanence.encoding.extraction.spoken import phrases
from remanence.encoding.extraction.spoken.subjects import Passage
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.gazetteer import is_given
from remanence.text.words import table

_CALL_ME: Final = re.compile(
    r"(?i)\b(?:call me|i(?:'m| am) called|i go by|i(?:'m| am) known as|(?:people|friends|"
    r"everyone|everybody|"
    r"they|most people|my friends|folks)(?: (?:just|all|usually|mostly))? calls? me|the name'?s|"
    r"(?:hi|hey|hello)[,!.]? (?:i'?m|i am|this is|it's)|this is|you can call me)\s+"
    r"(?P<who>[^\W\d_][\w'-]*(?: (?:van |von |de |da )?[A-Z][\w'-]*){0,3})"
)


_NO_CALL: Final = table(
    "when if a an the crazy later back now at on in tomorrow today maybe it that this by for not "
    "so what and or sir anytime old lazy weird names out mad asap"
)


_REACH: Final = re.compile(
    r"(?i)\b(?:(?:e-?mail|mail|reach|contact|write)(?: me| us)? (?:at|on|via|to)|use|new "
    r"e-?mail):? "
    r"?(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|"
    r"\b(?:call|text|reach|ring|phone|whatsapp|dial) me (?:at|on)?:? ?(?P<phone>\+?\(?\d[\d "
    r"().-]{5,}\d)"
)


_CALLING: Final = ("call", "go by", "known as", "name's", "names", "this is")
_DIGITS: Final = re.compile(r"\d[\d ().-]{5}")


def told(said: Words, passage: Passage) -> Iterator[Statement]:
    """Names and contacts that are given by a request: "call me Bea", "email me at ..."."""
    who, text = passage.speaker, said.text
    lowered = text.lower()
    if any(sign in lowered for sign in _CALLING):
        for name, span in _names(text):
            yield Statement(who, "named", name, 0.9, *span)
    if "@" in text or _DIGITS.search(text):
        for found in _REACH.finditer(text):
            relation, group = ("has_email", "email") if found["email"] else ("has_phone", "phone")
            yield Statement(who, relation, found[group], 0.9, *found.span())


def _names(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Names that the author asks to be called by, each with its place."""
    for found in _CALL_ME.finditer(text):
        name, lead = found["who"], found.group().lower()
        first = name.split()[0]
        large = first[0].isupper()
        loose = "this is" in lead or lead.startswith(("hi", "hey", "hello"))
        if first.lower() in _NO_CALL or (loose and not (large and is_given(first.lower()))):
            continue
        if large or first.lower() not in phrases.STOPS:
            yield name if large else first, found.span()
