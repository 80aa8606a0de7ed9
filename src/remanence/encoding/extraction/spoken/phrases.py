"""Objects of spoken clauses, cut out by kind: a place, an organisation, a noun phrase, a list.

A cutter takes the words, where the object begins and where its clause stops, and gives the objects
as (first word, word after) pairs, most often one; none where nothing of its kind stands there.
"""

from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.nouns import (
    DETERMINERS,
    EMPTY,
    STOPS,
    TIMES,
    Cutter,
    Span,
    noun_phrase,
    skip,
)
from remanence.encoding.extraction.spoken.proper import known_name, organisation, place
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.words import table

__all__ = [
    "CUTTERS",
    "DETERMINERS",
    "EMPTY",
    "STOPS",
    "TIMES",
    "Cutter",
    "Span",
    "amount",
    "any_name",
    "date",
    "is_trade",
    "job",
    "known_name",
    "languages",
    "listed",
    "medicines",
    "noun_phrase",
    "one_of",
    "organisation",
    "person",
    "place",
    "rest",
    "skip",
    "spans_of",
    "verb_phrase",
]

# Two words that "and" makes one thing.
_DISHES: Final = frozenset(
    tuple(pair.split("+"))
    for pair in [
        "fish+chips",
        "mac+cheese",
        "salt+vinegar",
        "gin+tonic",
        "rice+beans",
        "bacon+eggs",
        "rock+roll",
        "drum+bass",
        "bangers+mash",
        "arts+crafts",
        "bread+butter",
        "rum+coke",
        "cookies+cream",
        "sweet+sour",
        "biscuits+gravy",
        "ham+cheese",
        "jelly+custard",
        "meat+potatoes",
        "burgers+fries",
        "chips+salsa",
        "macaroni+cheese",
        "surf+turf",
        "dungeons+dragons",
        "black+white",
        "beans+toast",
        "spaghetti+meatballs",
        "pork+beans",
        "steak+chips",
        "soup+sandwiches",
        "shrimp+grits",
        "chicken+waffles",
        "true+crime",
        "salt+pepper",
        "peanut+jelly",
        "butter+jelly",
        "cheese+crackers",
        "milk+honey",
        "rhythm+blues",
    ]
)


def listed(cut: Cutter) -> Cutter:
    """A list of what `cut` takes: "tea, coffee and cake", "tea or coffee"."""

    def cutter(words: Words, at: int, stop: int) -> list[Span]:
        found: list[Span] = []
        low, k = words.low, at
        while k < stop:
            one = cut(words, k, stop)
            if not one:
                break
            found += one
            k = one[-1][1]
            if k + 1 < stop and (low[k - 1], low[k + 1]) in _DISHES and low[k] in ("and", "&"):
                further = cut(words, k + 1, stop)
                k = further[-1][1] if further else k
                found[-1] = (one[-1][0], k)
            if k >= stop or low[k] not in (",", "and", "&", "or", "nor", "plus"):
                break
            while k < stop and low[k] in (
                ",",
                "and",
                "&",
                "or",
                "nor",
                "plus",
                "also",
                "then",
                "to",
            ):
                k += 1
            if k < stop and low[k] in (
                "my",
                "our",
                "i",
                "we",
                "it",
                "he",
                "she",
                "they",
                "so",
                "but",
            ):
                break
        return found

    return cutter


noun_phrases: Final = listed(noun_phrase)


def _activity(words: Words, at: int, stop: int) -> list[Span]:
    """A gerund with what belongs to it, else a noun phrase: "hiking in the alps", "jazz"."""
    low = words.low
    first = skip(low, at, stop)
    if low[first : first + 2] == ["going", "to"]:
        return []
    if first < stop and low[first].endswith("ing") and len(low[first]) > 4:
        k = first + 1
        while k < stop and k - first < 6 and low[k] not in _ENDING:
            k += 1
        return [(first, _trim(low, first, k))]
    return _examples(words, noun_phrase(words, at, stop), stop)


def _examples(words: Words, found: list[Span], stop: int) -> list[Span]:
    """Of "bands like Muse" the bands by name."""
    low, after = words.low, found[0][1] if found else stop
    k = after + (1 if low[after : after + 1] == ["like"] else 2)
    if low[after : after + 1] != ["like"] and low[after : after + 2] != ["such", "as"]:
        return found
    named = noun_phrase(words, k, stop) if k < stop else []
    return [(found[0][0], named[0][1])] if named else found


_ENDING: Final = lexicon.SEPARATORS | table(
    "? ! because when while if which who that i we he she they especially esp too so as since or "
    "tho"
)
activities: Final = listed(_activity)


def _trim(low: list[str], first: int, k: int) -> int:
    while k > first + 1 and (low[k - 1] in _DANGLING or not low[k - 1][0].isalnum()):
        k -= 1
    return k


_DANGLING: Final = lexicon.ADVERBS | table(
    "a an the to of in on at for with and or my now lately too anymore rn atm"
)


def verb_phrase(words: Words, at: int, stop: int) -> list[Span]:
    """Return the rest of the clause, at most nine words."""
    low, k = words.low, at
    while k < stop and k - at < 9 and (low[k] not in _ENDING or low[k] == ","):
        if low[k] == ",":
            break
        k += 1
    k = _trim(low, at, k) if k > at else at
    return [(at, k)] if k > at and low[at][0].isalnum() and low[at] not in EMPTY else []


def job(words: Words, at: int, stop: int) -> list[Span]:
    """A trade: "a paediatric nurse"."""
    found = noun_phrase(words, at, stop)
    if not found:
        return []
    first, after = found[0]
    while first < after - 1 and words.low[first] in _PRAISE:
        first += 1
    low = words.low
    for k in range(after - 1, first - 1, -1):
        if is_trade(low[k]):
            return [(first, k + 1)]
    return []


_PRAISE: Final = table(
    "good great new full-time part-time freelance certified qualified proud single very huge big "
    "little"
)


def is_trade(word: str) -> bool:
    """Return whether a word names a trade."""
    single = word.removesuffix("s") if len(word) > 4 else word
    return (
        word in lexicon.OCCUPATION_WORDS
        or single in lexicon.OCCUPATION_WORDS
        or single.endswith(lexicon.TRADE_ENDINGS)
    )


def one_of(lexical: frozenset[str], *, reach: int = 3, bare: bool = False) -> Cutter:
    """A noun phrase that holds a word of a list, up to that word."""

    def cutter(words: Words, at: int, stop: int) -> list[Span]:
        low = words.low
        first = skip(low, at, stop)
        for k in range(first, min(first + reach, stop)):
            if low[k] in lexical:
                return [(k if bare else first, _model(words, k + 1, stop))]
            if low[k] in lexicon.SEPARATORS or low[k] in _CLOSING:
                return []
        return []

    return cutter


_CLOSING: Final = table("in on at for with of to i my that who")


def _model(words: Words, at: int, stop: int) -> int:
    """The word after a model's number: "iphone 13 pro"."""
    while at < stop and (
        words.low[at][0].isdigit() or words.low[at] in ("pro", "max", "mini", "air", "plus")
    ):
        at += 1
    return at


def languages(words: Words, at: int, stop: int) -> list[Span]:
    """Languages of a list, with what may introduce it: "three languages: english and french"."""
    low, k = words.low, at
    while k < stop and low[k] in _BEFORE_LANGUAGES:
        k += 1
    return _languages(words, k, stop) if k < stop else []


_BEFORE_LANGUAGES: Final = table(
    "two three four five 2 3 4 5 languages : , - like including both fluent some bit of a little "
    "basic also and"
)


def medicines(words: Words, at: int, stop: int) -> list[Span]:
    """Medicines with their doses: "20mg of prozac", "metformin 500mg"."""
    low, k = words.low, at
    while k < stop and (
        low[k][0].isdigit() or low[k] in ("of", "mg", "mcg", "ml", "a", "my", "daily", "some")
    ):
        k += 1
    found = _medicines(words, k, stop)
    if len(found) == 1:
        first, after = found[0]
        while after < stop and (low[after][0].isdigit() or low[after] in ("mg", "mcg", "ml")):
            after += 1
        return [(at if low[at][0].isdigit() else first, after)]
    return found


def rest(words: Words, at: int, stop: int) -> list[Span]:
    """Everything up to the end of the clause, at most six words."""
    return verb_phrase(words, at, min(stop, at + 6))


def amount(words: Words, at: int, stop: int) -> list[Span]:
    """A number with its unit: "52k", "180 cm", "$400"."""
    low, first = words.low, at
    while first < stop and low[first] in (
        "about",
        "around",
        "roughly",
        "only",
        "just",
        "like",
        "over",
        "under",
        "nearly",
        "almost",
    ):
        first += 1
    if first >= stop or not (low[first][0].isdigit() or low[first][0] in "$£€"):
        return []
    k = first + 1
    if k < stop and (low[k] in _UNITS or low[k] in ("a", "an", "per")):
        k += low[k] in _UNITS
        if k < stop and low[k] in ("a", "an", "per") and k + 1 < stop and low[k + 1] in TIMES:
            k += 2
    return [(first, k)]


_UNITS: Final = table(
    "kg kgs kilos lbs pounds stone cm m km miles feet ft foot inches k dollars euros quid bucks "
    "grand usd eur yuan gbp percent"
)


def date(words: Words, at: int, stop: int) -> list[Span]:
    """A date: at least a number or the name of a month or weekday."""
    low, k = words.low, at
    while k < stop and (
        low[k][0].isdigit() or low[k] in TIMES or low[k] in ("the", "of", "next", "on", ",", "'")
    ):
        k += 1
    while k > at and low[k - 1] in ("the", "of", "on", ",", "next"):
        k -= 1
    first = at
    while first < k and low[first] in ("the", "on"):
        first += 1
    return [(first, k)] if k > first else []


def person(words: Words, at: int, stop: int) -> list[Span]:
    """A person by name."""
    from remanence.encoding.extraction.spoken.subjects import _name_end

    last = _name_end(words, at, stop, sure=False)
    return [(at, last)] if last > at else []


def any_name(words: Words, at: int, stop: int) -> list[Span]:
    """One to three words, as a name is given after "call me"."""
    low, k = words.low, at
    while k < stop and k - at < 3 and low[k][0].isalpha() and low[k] not in STOPS:
        if k > at and not words.capital(k):
            break
        k += 1
    return [(at, k)] if k > at and low[at] not in EMPTY and low[at] not in DETERMINERS else []


def spans_of(kind: str, words: Words, at: int, stop: int) -> Iterator[Span]:
    """The objects of a kind that begin at a word."""
    yield from CUTTERS[kind](words, at, stop)


_languages: Final = listed(one_of(lexicon.LANGUAGES, bare=True))
_medicines: Final = listed(one_of(lexicon.MEDICINES))
CUTTERS: Final[dict[str, Cutter]] = {
    "place": place,
    "places": listed(place),
    "known": known_name,
    "org": organisation,
    "job": job,
    "np": noun_phrase,
    "nps": noun_phrases,
    "do": activities,
    "vp": verb_phrase,
    "rest": rest,
    "amount": amount,
    "date": date,
    "person": person,
    "persons": listed(person),
    "name": any_name,
    "language": languages,
    "medicine": medicines,
    "condition": listed(one_of(lexicon.CONDITIONS, reach=4)),
    "body": one_of(lexicon.BODY),
    "ownable": listed(one_of(lexicon.OWNABLE, reach=5)),
    "planned": one_of(lexicon.PLANNED, reach=4),
    "event": one_of(lexicon.EVENTS, reach=5),
}
