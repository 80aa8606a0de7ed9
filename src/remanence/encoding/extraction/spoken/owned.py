"""Possessions and their names:

values of "my X is Y", names that are given.
"""

import re
from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Statement, Subject
from remanence.encoding.extraction.spoken import lexicon, phrases
from remanence.encoding.extraction.spoken.objects import OBJECTS
from remanence.encoding.extraction.spoken.roles import PARTNERS
from remanence.encoding.extraction.spoken.subjects import Passage
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.words import table

# noun of "my <noun> is Y" -> relation and the kind of Y
_VALUES: Final = {
    noun: (relation, kind)
    for nouns, relation, kind in (
        ("name", "named", "name"),
        ("nickname", "named", "name"),
        ("surname", "named", "name"),
        ("email e-mail mail", "has_email", "email"),
        ("phone number cell mobile telephone whatsapp sim", "has_phone", "phone"),
        ("address", "has_address", "line"),
        ("birthday bday b-day birthdate dob", "birthday", "date"),
        ("anniversary", "anniversary", "date"),
        ("job occupation profession trade", "works_as", "job"),
        ("hobby hobbies passion passions interest interests pastime", "hobby", "do"),
        ("major degree", "studies", "np"),
        ("hometown", "comes_from", "place"),
        ("home", "lives_in", "known"),
        ("diet", "diet", "np"),
        ("weight", "weight", "amount"),
        ("height", "height", "amount"),
        ("religion", "religion", "np"),
        ("password pin code handle username", "code", "rest"),
        ("language tongue languages", "speaks", "language"),
        ("car bike laptop computer tablet camera truck guitar watch", "owns", "np"),
        ("employer company", "works_for", "org"),
        ("school university college uni", "studies_at", "org"),
        ("pronouns sign", "trait", "rest"),
        ("dream goal goals ambition plan plans", "wants_to", "vp"),
        ("fear phobia", "afraid_of", "do"),
        ("allergy allergies", "allergic_to", "nps"),
        ("boss manager", "has_boss", "person"),
        ("nationality", "nationality", "rest"),
        ("room", "room", "rest"),
    )
    for noun in nouns.split()
}
_FAVOURITE: Final = table("favorite favourite fav fave preferred favorites favourites")
_FAVOURITES: Final = {
    **dict.fromkeys(table("food dish meal cuisine snack dessert"), "favourite_food"),
    **dict.fromkeys(table("drink beverage"), "favourite_drink"),
    **dict.fromkeys(table("color colour"), "favourite_colour"),
    **dict.fromkeys(table("film movie"), "favourite_film"),
    **dict.fromkeys(table("book novel"), "favourite_book"),
    **dict.fromkeys(table("band song singer artist album musician"), "favourite_music"),
    "sport": "favourite_sport",
    **dict.fromkeys(table("place city country"), "favourite_place"),
}
_PHONE: Final = re.compile(r"\+?\(?\d[\d ().-]{5,}\d")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IS: Final = frozenset(("is", "'s", "are", ":", "="))


def valued(said: Words, passage: Passage) -> Iterator[Statement]:
    """Values of what is the speaker's: "my name is Bo", "my favourite food is ramen"."""
    low = said.low
    for at, word in enumerate(low):
        if word in ("my", "our") and at + 1 < len(low):
            yield from _valued(said, at, passage)
            yield from _inverted(said, at, passage)
        elif word in ("his", "her", "its", "their") and low[at + 1 : at + 2] == ["name"]:
            yield from _third_named(said, at, passage)
        elif word in _BARE and _leads(low, at) and at + 2 < len(low):
            yield from _valued(said, at - 1, passage)


def _third_named(said: Words, at: int, passage: Passage) -> Iterator[Statement]:
    """As in "his name's Otto": of the person or pet that was mentioned before."""
    low, who = said.low, passage.third(said.low[at])
    if who is None or low[at + 2 : at + 3] not in (["is"], ["'s"]) or at + 3 >= len(low):
        return
    for span in name_spans(said, at + 3, _stop(low, at + 2)):
        yield Statement(
            who, "named", said.slice(*span), 0.85, said.start[at], said.end[span[1] - 1]
        )


def _leads(low: list[str], at: int) -> bool:
    """Return whether a bare noun begins a sentence, "new" before it or not."""
    k = at - (at > 0 and low[at - 1] == "new")
    return k == 0 or low[k - 1] in _SENTENCE


_BARE: Final = table(
    "favourite favorite fave fav hobbies hobby name birthday email pronouns hometown allergies "
    "sim number"
)


def _inverted(said: Words, at: int, passage: Passage) -> Iterator[Statement]:
    """As in "orange is my favourite colour", "music has been my passion"."""
    low, k = said.low, at - 1
    while k > 0 and low[k] in lexicon.ADVERBS | {"been", "has"}:
        k -= 1
    if k < 1 or (low[k] not in ("is", "'s", "are") and low[k + 1] != "has"):
        return
    k += low[k] not in ("is", "'s", "are")
    first = k
    while first > 0 and low[first - 1] not in lexicon.SEPARATORS and k - first < 5:
        first -= 1
    while first < k and (low[first] in lexicon.FILLERS or low[first] in lexicon.ADVERBS):
        first += 1
    after = at + 1
    while (
        after < len(low)
        and after - at < 4
        and low[after] not in _VALUES
        and low[after] not in _FAVOURITES
    ):
        after += 1
    kept = first < k and low[first] not in phrases.STOPS | phrases.EMPTY | phrases.DETERMINERS
    if not kept or after >= len(low) or passage.status[at] is not Status.ASSERTED:
        return
    head = low[after]
    relation = _VALUES.get(head, ("", ""))[0]
    if not _FAVOURITE.isdisjoint(low[at:after]):
        relation = _favourite(head)
    if relation not in _INVERTIBLE and not relation.startswith("favourite"):
        return
    value = said.slice(first, k)
    yield Statement(passage.speaker, relation, value, 0.85, said.start[first], said.end[after])


_INVERTIBLE: Final = table("hobby named afraid_of")


def _valued(said: Words, at: int, passage: Passage) -> Iterator[Statement]:
    low, n = said.low, len(said.low)
    if passage.status[max(at, 0)] is not Status.ASSERTED:
        return
    k = at + 1
    while k < min(at + 6, n):
        if low[k] in _IS and not (low[k] == "'s" and k + 1 < n and low[k + 1] == "name"):
            break
        if tuple(low[k : k + 3]) == ("has", "changed", "to"):
            k += 2
            return (yield from _value_of(said, (at, k - 2), k, passage))
        if low[k] in _HALT:
            return
        k += 1
    if k >= n or low[k] not in _IS or k == at + 1:
        return
    yield from _value_of(said, (at, k), k, passage)


def _value_of(
    said: Words, noun: tuple[int, int], copula: int, passage: Passage
) -> Iterator[Statement]:
    """The value after a copula: of the noun between "my" and it."""
    low, n, k, at = said.low, len(said.low), copula, noun[0]
    stop = _stop(low, k)
    if stop < n and low[stop] == "?":
        return
    first = k + 1
    while first < stop and (low[first] in lexicon.ADVERBS or low[first] in ("now", "currently")):
        first += 1
    if first < stop and low[first] == "not":
        first = _instead(low, first, stop)
    if first >= stop:
        return
    who = passage.speaker
    start, end = said.start[max(at, 0)], said.end[stop - 1]
    for relation, value, subject in _readings(said, (at + 1, noun[1]), (first, stop), who):
        yield Statement(subject, relation, value, 0.9, start, end)


def _instead(low: list[str], at: int, stop: int) -> int:
    """The value after "not X, it's Y" or "not X but Y"; the end where there is none."""
    for k in range(at + 2, stop - 1):
        if low[k] == "but" or (low[k] == "it" and low[k + 1] in ("is", "'s")):
            return k + 1 + (low[k] == "it")
    return stop


_HALT: Final = lexicon.SEPARATORS | table(
    "and that which who i you he she we they was were has have had do does did ?"
)


def _stop(low: list[str], at: int) -> int:
    k = at + 1
    while k < len(low) and not _closes(low, k) and low[k] not in ("but", "so", "because", "bc"):
        k += 1
    return k


def _closes(low: list[str], at: int) -> bool:
    """Return whether a mark ends the sentence; the full stop of "Dr." does not."""
    return low[at] in _SENTENCE and not (low[at] == "." and low[at - 1] in _TITLED)


_TITLED: Final = table("dr mr mrs ms prof st")
_SENTENCE: Final = frozenset([".", "!", "?", "\n", ";", "…"])


def _readings(
    said: Words, noun: tuple[int, int], value: tuple[int, int], who: Subject
) -> Iterator[tuple[str, str, Subject]]:
    low, (first, after) = said.low, noun
    if not _FAVOURITE.isdisjoint(low[first:after]):  # "my favourite place on earth"
        after = next((k for k in range(first, after) if low[k] in ("on", "in", "of", "at")), after)
    head = low[after - 1]
    if not _FAVOURITE.isdisjoint(low[first:after]):
        relation = _favourite(head)
        kind = "place" if relation == "favourite_place" else "nps"
        if relation in _WORKS and said.capital(value[0]):
            kind = "title"
        for span in OBJECTS[kind](said, *value):
            yield relation, said.slice(*span), who
    elif head == "name" and after - first > 1:  # "my dog's name is Rex", "my last name is"
        yield from _name_of(said, (first, after), value, who)
    elif head in _VALUES and (after - first < 3 or head in ("address", "tongue", "language")):
        yield from ((relation, text, who) for relation, text in _of_kind(said, head, value))


_WORKS: Final = table("favourite_film favourite_book favourite_music")


def _favourite(head: str) -> str:
    if head in _FAVOURITES:
        return _FAVOURITES[head]
    return f"favourite_{head}" if head.isalpha() and head not in _FAVOURITE else "likes"


def _of_kind(said: Words, head: str, value: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """The relation and the values of "my <head> is <value>"."""
    low, (relation, kind) = said.low, _VALUES[head]
    if kind in ("phone", "email"):
        yield from _contact(said, head, value)
        return
    large = said.capital(value[0])
    if relation in ("studies_at", "works_for") and not large:
        return
    if relation == "owns" and not (
        large or low[value[0]] in phrases.DETERMINERS or low[value[0]] in lexicon.OWNABLE
    ):
        return
    gerund = relation == "works_as" and low[value[0]].endswith("ing")
    spans = OBJECTS["vp" if gerund else kind](said, *value)
    if relation == "named":
        spans = name_spans(said, *value)
    for span in spans[:6]:
        yield relation, said.slice(*span)


def _contact(said: Words, head: str, value: tuple[int, int]) -> Iterator[tuple[str, str]]:
    relation, kind = _VALUES[head]
    pattern = _PHONE if kind == "phone" else _EMAIL
    found = pattern.search(said.text, said.start[value[0]])
    if found and found.start() <= said.end[value[1] - 1]:
        yield relation, found.group()
    elif head == "phone":  # "my phone is a Pixel"
        for first, after in OBJECTS["np"](said, *value)[:1]:
            device = said.low[first] in lexicon.OWNABLE | lexicon.PRODUCTS
            if device or said.capital(first):
                yield "owns", said.slice(first, after)


def name_spans(said: Words, first: int, stop: int) -> list[tuple[int, int]]:
    """The name that is given: one word, or several with capitals."""
    low, k = said.low, first
    while k < min(stop, first + 5) and low[k] not in _NO_NAME and _nameable(said, k, first):
        k += 1
    if low[k : k + 1] == ["("] and low[k + 2 : k + 3] == [")"] and k + 3 < stop:
        k += 4 if said.capital(k + 3) else 0  # "Robert (Bob) Miller"
    return [(first, k)] if k > first else []


def _nameable(said: Words, at: int, first: int) -> bool:
    """Return whether a word can stand in a name that is given."""
    word = said.low[at]
    if word == "." or (at > first and word in _PARTICLES):
        return True
    return word[0].isalpha() and (at == first or said.capital(at))


_NO_NAME: Final = table("and not a the hard too very what")
_PARTICLES: Final = table("de van von da der la bin al")


def _name_of(
    said: Words, noun: tuple[int, int], value: tuple[int, int], who: Subject
) -> Iterator[tuple[str, str, Subject]]:
    low, (first, after) = said.low, noun
    names = name_spans(said, *value)
    if not names:
        return
    name = said.slice(*names[0])
    owned = [
        word for word in low[first : after - 1] if word in lexicon.ROLES or word in lexicon.PETS
    ]
    if owned:
        yield "named", name, Subject(f"{who.name}'s {owned[-1]}", "person", who.sure)
        if owned[-1] in lexicon.ROLES:
            relation = lexicon.ROLES[owned[-1]]
            yield PARTNERS.get(owned[-1], relation), name, who
    elif low[after - 2] in (
        "full",
        "first",
        "last",
        "middle",
        "real",
        "given",
        "legal",
        "actual",
        "family",
    ):
        yield "named", name, who
