"""Forms of English objects: regular expressions by kind, how a list is cut, and what is
trimmed from each item.

It knows the shapes of names, noun phrases, dates and numbers; it does not know what is said of
them.
"""

import re
from typing import Final

from remanence.encoding.extraction import english_words as words
from remanence.text.words import table

_MONTH: Final = (
    "January|February|March|April|May|June|July|August|September|October|November|December|Jan|"
    "Feb|Mar|Apr|Jun|Jul|Aug|"
    "Sept|Sep|Oct|Nov|Dec"
)
_NO_NAME: Final = (
    rf"(?!(?:{_MONTH}|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|I|I'm|I've|He|She|"
    rf"It|They|We|You|My|This|That|"
    r"The|But|And|So|If|Christmas|Easter)(?![\w.-]))"
)
CAPITAL: Final = rf"(?:(?:St|Mt|Dr|Mr|Mrs|Ms|Jr|Sr|[A-Z])\.|{_NO_NAME}[A-ZÀ-ÞŁŚŠŽČŌ][\w]*(?:[-.&'’/](?!s\b)[\w]+)*)"
_LINK: Final = (
    r"(?:(?:of|de|da|del|der|den|di|du|von|van|la|le|al|bin|for|&)\s+(?:(?:the|la|der)\s+)?)"
)
_LINK_OF_PEOPLE: Final = (
    r"(?:(?:of|de|da|del|der|den|di|du|von|van|la|le|al|bin)\s+(?:(?:the|la|der)\s+)?)"
)
NAME: Final = (
    rf"[\"“]?(?:[Tt]he\s+)?{CAPITAL}(?:\s+{_LINK}?(?:{CAPITAL}|\d+\b(?!\s+{_MONTH})))*[\"”]?"
)
_TAIL: Final = r"(?:\s+(?:metropolitan\s+|mountain\s+)?(?:area|region|range|district|province|county|valley|peninsula|basin|archipelago|coast)\b)?"
_LONG: Final = rf"{NAME}(?:\s+and\s+(?:the\s+)?{CAPITAL}(?:\s+{CAPITAL})*)?"
_PERSON: Final = (
    rf"{CAPITAL}(?:\s+{_LINK_OF_PEOPLE}?{CAPITAL})*(?:\s+(?:I|II|III|IV|V|VI|VII|VIII|IX|X)\b)?"
)
_PLACE: Final = rf"(?:[Tt]he\s+|(?:northern|southern|eastern|western|central|downtown|rural)\s+)*{CAPITAL}(?:\s+{_LINK}?{CAPITAL})*"
_PLACES: Final = rf"{_PLACE}(?:,\s*{_PLACE}(?!\s+\w+(?:s|ed)\b))*"
_AND: Final = r"(?:\s*,?\s+and\s+(?:the\s+)?|\s*,\s*|\s+&\s+)"
_STOP: Final = rf"(?!(?:{words.STOPS})(?![\w-]))"
_WORD: Final = rf"{_STOP}[A-Za-zÀ-ɏ0-9][\w'’&-]*"
_ARTICLE: Final = r"(?:(?:a|an|the|some|my|our|his|her|their)\s+)?"
_NP: Final = rf"{_ARTICLE}{_WORD}(?:\s+(?:of\s+(?:the\s+)?)?{_WORD}){{0,5}}"
_NEXT: Final = (
    rf"{_STOP}(?!my\b|our\b){_NP}(?!\s+(?:is|are|was|were|has|have|can|will|do|does|did)\b|['’]s\b)"
)
_NPS: Final = rf"{_NP}(?:(?:\s*,\s*{_NEXT}){{0,4}},?\s+and\s+{_NEXT})?"
_DATE: Final = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})\.?,?(?:\s+\d{{3,4}})?|"
    rf"(?:{_MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?|"
    rf"(?:{_MONTH})\s+(?:of\s+)?\d{{4}}|\d{{4}}-\d\d-\d\d|1\d{{3}}\b|20\d\d\b|[5-9]\d\d\b)"
)


def _any(lexicon: frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, lexicon), key=len, reverse=True))


def _listed(one: str) -> str:
    return rf"{one}(?:{_AND}{one})*"


def _ending_in(lexicon: frozenset[str]) -> str:
    """A noun phrase of at most six words whose last is in `lexicon`."""
    return rf"{_ARTICLE}(?:{_WORD}\s+(?:of\s+)?){{0,5}}?(?i:{_any(lexicon)})\b(?!\s+(?!{words.STOPS})[a-z]{{3,}}(?<!ly)\b)"


_PET: Final = rf"(?:an?\s+|two\s+|three\s+|four\s+|five\s+|some\s+|\d+\s+|the\s+)(?:[\w-]+\s+){{0,3}}?(?:{_any(words.PETS)})\b(?!\s+(?:food|person|people|toy|bed|park|walker|lover))"
_INSTRUMENT: Final = rf"(?:{_any(words.INSTRUMENTS)})\b"
_LANGUAGE: Final = rf"(?i:{_any(words.LANGUAGES)})\b"
OBJECTS: Final = {
    "sp": r"\s+",
    "demonym": words.DEMONYMS,
    "role": r"(?:the |an? |my |his |her )?(?:[a-z]+ ){1,2}",
    "name": NAME + _TAIL,
    "names": _listed(NAME),
    "brand": rf"{CAPITAL}(?:\s+{CAPITAL})?(?!\s+[a-z]+ing\b)",
    "firm": rf"{CAPITAL}(?:\s+(?:of\s+)?{CAPITAL})*",
    "long": _LONG,
    "work": NAME,
    "person": _PERSON,
    "persons": _listed(_PERSON),
    "org": rf"(?:{NAME}|the\s+local\s+(?:{_WORD}\s+)?{_WORD})",
    "school": rf"(?=(?:\S+\s+){{0,7}}?(?i:{_any(words.SCHOOLS)})\b){NAME}",
    "group": rf"(?=(?:\S+\s+){{0,7}}?(?i:{_any(words.GROUPS)})\b)(?:the\s+)?{_ending_in(words.GROUPS)}",
    "club": rf"(?:{NAME}|{_ending_in(words.GROUPS)}|the\s+{_WORD})",
    "place": _PLACES,
    "area": _PLACES + _TAIL,
    "places": _listed(_PLACE),
    "spot": rf"(?:{_PLACES}|(?:the\s+)?(?:cemetery|church|cathedral|abbey|crypt|churchyard)\s+of\s+{NAME})",
    "date": _DATE,
    "day": rf"(?:{_DATE}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH}))",
    "years": r"(?:\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?)\b",
    "qty": r"\d+(?:[,.]\d+)*(?:\s+(?:million|billion))?",
    "measure": r"\d[\d,.]*\s*(?:square\s+)?(?:km2|km²|sq\s+mi|kilomet(?:re|er)s|miles|hectares|acres|ha)\b",
    "phone": r"\+?\d[\d\s().-]{5,}\d",
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "street": r"\d+[\w/-]*\s+[A-Z][^.!?]{3,60}?(?=[.!?]|$| and | but )",
    "np": _NP,
    "nps": _NPS,
    "liked": rf"(?:[a-z]+ing\s+(?:about|to|with|in|at|on|for|around|from)\s+{_NP}|{_NPS})",
    "job": rf"(?:{_WORD}\s+){{0,3}}?{_WORD}(?![\w-])(?=[\s,.;!]*(?:$|[,.;!)]|(?:{words.STOPS}|of)\b))",
    "field": rf"{_WORD}(?:\s+(?:and\s+)?{_WORD}){{0,3}}?(?![\w-])(?=[\s,.;!]*(?:$|[,.;!)]|(?:{words.STOPS})\b))",
    "event": _ending_in(words.EVENTS),
    "condition": rf"(?:{_any(words.CONDITIONS)}|type [12] diabetes)\b",
    "languages": _listed(_LANGUAGE),
    "instruments": rf"{_INSTRUMENT}(?:{_AND}(?:the\s+)?{_INSTRUMENT})*",
    "pets": rf"{_PET}(?:{_AND}{_PET})*",
    "ownable": rf"(?:an?\s+|two\s+|my\s+own\s+|our\s+own\s+)(?:[\w-]+\s+){{0,3}}?(?:{_any(words.OWNABLE)})\b",
    "vp": r"[a-z][\w'’-]*(?:(?!\s+(?:but|because|so|when|if|since|although|though|unless|and\s+(?:I|then|we|maybe|he|she|they))\b|\s+[-–—]\s)[^,.;:!?()–—])*",
    "award": rf"(?=(?:[\w'’.-]+\s+){{0,7}}?(?i:{_any(words.AWARDS)})\b)(?:the\s+)?{NAME}",
}
_WITHIN: Final = {
    "award": words.AWARDS,
    "school": words.SCHOOLS,
}  # what holds none of these words is none
LISTS: Final = table("liked names persons places nps languages instruments pets")
_SPLIT: Final = re.compile(r"\s*,\s*(?:and\s+)?(?:the\s+)?|\s+and\s+(?:the\s+)?|\s+&\s+")
_PET_WORDS: Final = re.compile(r"(?<=[a-z\d])\s(?:[\w-]+\s+)+")
_LEADING: Final = re.compile(r"(?i)^(?:a|an|the|some)\s+")
_TRAILING: Final = re.compile(
    r"(?i)[\s,.;:!?\"“”'’]+$|\s+(?:a lot|so much|very much|lately|recently|either|anyway|though|"
    r"honestly|actually|"
    r"someday|one day|soon|now|then|too|as well|at the moment|right now|in|on|at|for|by|since|"
    r"until|from|to|of|this|next|last)$"
)
_EMPTY: Final = table(
    """
    it that this them him her me you us something anything everything nothing someone anyone thing things stuff
    way one ones lot bit kind sort idea people person guy time times day today fact
    """
)
LONGEST: Final = 80  # characters of an object; what is longer is a clause that was misread


def items(found: str, kind: str) -> list[str]:
    """The objects in what a slot matched:

    one, or the items of a list; trimmed, empty ones left out.
    """
    parts = _SPLIT.split(found) if kind in LISTS else [found]
    if kind == "pets":
        parts = [_PET_WORDS.sub(" ", part) for part in parts]
    within = _WITHIN.get(kind)
    return [
        part
        for part in map(trimmed, parts)
        if part and not (within and within.isdisjoint(part.lower().split()))
    ]


def trimmed(text: str) -> str:
    """Without article, trailing adverbs and marks; "" where nothing that can be a value is left."""
    if len(text) > 2 * LONGEST:
        return ""
    text = " ".join(text.split()).strip("\"“”' ,;:!?")
    before = None
    while before != text:
        before = text
        text = _TRAILING.sub("", text)
    text = (
        _LEADING.sub("", text)
        if not text.istitle() or text.startswith(("the ", "a ", "an "))
        else text
    )
    return "" if text.lower() in _EMPTY or len(text) > LONGEST else text
