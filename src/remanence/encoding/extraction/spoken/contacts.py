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
    r"(?i)\b(?:e-?mail|mail|reach|contact|write)(?: me| us)? (?:at|on|via|to):? "
    r"?(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|"
    r"\b(?:call|text|reach|ring|phone|whatsapp|dial) me (?:at|on)?:? ?(?P<phone>\+?\(?\d[\d "
    r"().-]{5,}\d)"
)


_CALLING: Final = ("call", "go by", "known as", "name's", "names", "this is")
_DIGITS: Final = re.compile(r"\d[\d ().-]{5}")


def told(said: Words, passage: Passage) -> Iterator[Statement]:
    """Names and contacts that are given by a request: "call me Bea", "email me at ..."."""
    who = passage.speaker
    text = said.text
    lowered = text.lower()
    calling = any(sign in lowered for sign in _CALLING)
    for found in _CALL_ME.finditer(text) if calling else ():
        name = found["who"]
        low = name.split()[0].lower()
        loose = "this is" in found.group().lower() or found.group().lower().startswith(
            ("hi", "hey", "hello")
        )
        if low in _NO_CALL or (not name[0].isupper() and (loose or low in phrases.STOPS)):
            continue
        if loose and not _given(low):
            continue
        if not name[0].isupper():
            name = name.split()[0]
        relation = (
            "nickname" if "friends" in found.group() or "people" in found.group() else "named"
        )
        yield Statement(who, "named" if relation else "", name, 0.9, *found.span())
    if "@" in text or _DIGITS.search(text):
        for found in _REACH.finditer(text):
            if found["email"]:
                yield Statement(who, "has_email", found["email"], 0.9, *found.span())
            else:
                yield Statement(who, "has_phone", found["phone"], 0.9, *found.span())


def _given(word: str) -> bool:
    return is_given(word)
