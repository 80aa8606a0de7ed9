"""Objects of spoken clauses, cut out by kind: a place, an organisation, a noun phrase, a list.

A cutter takes the words, where the object begins and where its clause stops, and gives the objects
as (first word, word after) pairs, most often one; none where nothing of its kind stands there.
"""

from collections.abc import Callable, Iterator
from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.gazetteer import place as known_place
from remanence.text.words import table

Span = tuple[int, int]
Cutter = Callable[[Words, int, int], list[Span]]

DETERMINERS: Final = table(
    "a an the my our some any his her their this these those your its another more both"
)
_OPEN: Final = DETERMINERS | table(
    "all lots of loads of plenty tons bunch couple few bit lot kind sort"
)
_STOPS: Final = lexicon.SEPARATORS | table(
    """
    ? ! in on at for with from by to since until till during after before about as than when while if which who
    whose where that is are was were be been am 's has have had do does did will would could should can may might
    i we you he she it they me us him them myself today yesterday tomorrow tonight last next this every each now
    anymore lately again too though atm rn tbh very really either instead already soon once twice daily weekly
    monthly always never not no ago here there then just out off up down over back into onto around near through
    without despite whenever please especially esp per via during if unless only also alone right together even
    most ever all both such away how what why because or nowadays sometimes usually these those my our your his
    her their recently currently inside outside across along between among until lol haha like forever tho
    except besides within under against like mainly mostly day-to-day nor
    """
)
_TIMES: Final = table(
    """
    today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday january february march
    april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    morning afternoon evening night nights weekend weekends week weeks month months year years hours hour minutes
    minute days day summer winter spring autumn fall noon midnight christmas xmas easter
    """
)
_EMPTY: Final = table(
    """
    it this that them these those one ones something anything everything nothing someone anyone everyone somebody
    nobody everybody stuff thing things way idea lot time moment fact feeling place people person guy day problem
    point reason sense sound look sounds looks being going doing getting having how what when where who why much
    more most less lots both all none each other another same every here there yes no ok okay job work well bit
    you me him her us myself yourself himself herself themselves too so very such is am are was as with if not
    kind kinds sort type half part rest whole lol question questions answer help fun
    """
)
_PLACE_NOUNS: Final = table(
    """
    village town city suburb suburbs countryside flat apartment house condo cottage cabin dorm dorms farm ranch
    trailer island street road avenue lane building studio basement coast mountains neighbourhood neighborhood
    hostel houseboat mansion bungalow loft duplex townhouse community reserve county district state country area
    middle-of-nowhere downtown uptown beach bush woods desert outskirts centre center downstairs upstairs
    next-door complex tower block home
    """
)
_NO_PLACE: Final = table(
    """
    fear pain hope hell peace denial poverty constant total general fact case theory charge love trouble shock
    debt tears a an my the moment past present future world bubble dream nightmare car tent same head mind
    """
)
_PLACE_LINKS: Final = table("of the de la le sur upon on del am an der santa")


def _skip(low: list[str], at: int, stop: int) -> int:
    while at < stop and (
        low[at] in _OPEN or low[at] in lexicon.ADVERBS and low[at] not in ("now",)
    ):
        at += 1
    return at


def noun_phrase(words: Words, at: int, stop: int) -> list[Span]:
    """One noun phrase of at most seven words, without its determiner."""
    low = words.low
    first = _skip(low, at, stop)
    k = first
    while k < stop and k - first < 7:
        word = low[k]
        if word == "of" and k > first and k + 1 < stop and low[k + 1] not in lexicon.SEPARATORS:
            k += 2 if low[k + 1] in DETERMINERS else 1
            continue
        if word == "'s" and k + 1 < stop and low[k + 1] not in _STOPS:
            k += 1
            continue
        if word in _STOPS or not (word[0].isalnum() or word[0] in "$£€#'"):
            break
        if k > first and word in _TIMES and low[k - 1] not in _TIMES:
            break
        k += 1
    while k > first and (low[k - 1] == "of" or low[k - 1] in lexicon.ADVERBS):
        k -= 1
    if k == first or low[first] in _EMPTY and k == first + 1 or low[first] in _TIMES:
        return []
    return [(first, k)]


def _listed(cut: Cutter) -> Cutter:
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
            if k >= stop or low[k] not in (",", "and", "&", "or", "nor", "plus"):
                break
            while k < stop and low[k] in (",", "and", "&", "or", "nor", "plus", "also", "then"):
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


noun_phrases: Final = _listed(noun_phrase)


def _activity(words: Words, at: int, stop: int) -> list[Span]:
    """A gerund with what belongs to it, else a noun phrase: "hiking in the alps", "jazz"."""
    low = words.low
    first = _skip(low, at, stop)
    if first < stop and low[first].endswith("ing") and len(low[first]) > 4:
        k = first + 1
        while k < stop and k - first < 6 and low[k] not in _ENDING:
            k += 1
        return [(first, _trim(low, first, k))]
    return noun_phrase(words, at, stop)


_ENDING: Final = lexicon.SEPARATORS | table(
    "? ! because when while if which who that i we he she they especially esp too so as since or tho"
)
activities: Final = _listed(_activity)


def _trim(low: list[str], first: int, k: int) -> int:
    while k > first + 1 and (low[k - 1] in _DANGLING or not low[k - 1][0].isalnum()):
        k -= 1
    return k


_DANGLING: Final = lexicon.ADVERBS | table(
    "a an the to of in on at for with and or my now lately too anymore rn atm"
)


def verb_phrase(words: Words, at: int, stop: int) -> list[Span]:
    """What is left of the clause, at most nine words."""
    low, k = words.low, at
    while k < stop and k - at < 9 and (low[k] not in _ENDING or low[k] == ","):
        if low[k] == ",":
            break
        k += 1
    k = _trim(low, at, k) if k > at else at
    return [(at, k)] if k > at and low[at][0].isalnum() and low[at] not in _EMPTY else []


def place(words: Words, at: int, stop: int) -> list[Span]:
    """A place: known by name, written large, or a noun for where people live."""
    known = known_name(words, at, stop)
    if known:
        return known
    low = words.low
    first = at
    while first < stop and low[first] in (
        "the",
        "a",
        "an",
        "my",
        "our",
        "downtown",
        "central",
        "rural",
    ):
        first += 1
    if first >= stop:
        return []
    if words.capital(first) and low[first] not in _TIMES and low[first] not in lexicon.PRODUCTS:
        k = _capitals(words, first, stop)
        return [(first if low[at] != "the" else at, k)]
    if low[first][0].isdigit():
        return _address(words, first, stop)
    found = noun_phrase(words, at, stop)
    if found and low[found[0][0]] not in _NO_PLACE:
        head = low[found[0][1] - 1]
        if head in _PLACE_NOUNS or any(w in _PLACE_NOUNS for w in low[found[0][0] : found[0][1]]):
            return found
    return []


def _address(words: Words, at: int, stop: int) -> list[Span]:
    k = at + 1
    while k < stop and (
        words.capital(k) or words.low[k] in ("in", ",") or words.low[k][0].isdigit()
    ):
        k += 1
    while k > at and words.low[k - 1] in ("in", ","):
        k -= 1
    return [(at, k)] if k - at > 1 else []


def _capitals(words: Words, first: int, stop: int) -> int:
    low, k = words.low, first + 1
    while k < stop:
        if words.capital(k) and low[k] not in _TIMES and low[k] != "i":
            k += 1
        elif low[k] in _PLACE_LINKS and k + 1 < stop and words.capital(k + 1):
            k += 2
        elif (
            low[k] == ","
            and k + 1 < stop
            and known_place(words.text[words.start[k + 1] : words.end[k + 1]])
        ):
            k += 2
        elif low[k].isdigit() and words.capital(k - 1) and k - first < 3:
            k += 1
        else:
            break
    return k


def known_name(words: Words, at: int, stop: int) -> list[Span]:
    """A place of the tables, the longest that begins here, with ", Region" after it."""
    low, first = words.low, at
    while first < stop and low[first] in (
        "the",
        "downtown",
        "central",
        "north",
        "south",
        "east",
        "west",
    ):
        if known_place(words.slice(first, min(first + 2, stop))):
            break
        first += 1
    for width in (4, 3, 2, 1):
        k = first + width
        if k > stop or not low[first][0].isalpha():
            continue
        name = words.slice(first, k)
        if low[first] in lexicon.PRODUCTS or low[first] in _NO_PLACE or low[first] in _TIMES:
            return []
        if known_place(name) and (width > 1 or words.capital(first) or name.lower() not in _COMMON):
            if (
                k < stop
                and words.capital(k)
                and words.capital(first)
                and not known_place(words.slice(k, k + 1))
            ):
                return [(first, _capitals(words, first, stop))]
            after = k + 1 if k < stop and low[k] == "," else k
            for wide in (2, 1):
                if after + wide <= stop and known_place(words.slice(after, after + wide)):
                    if after > k or low[after] not in _COMMON:
                        return [(first, after + wide)]
            return [(first, k)]
    return []


# Towns whose names are plain words when written small.
_COMMON: Final = table(
    """
    reading bath nice mobile most hit of man same bar orange split bend male march male batman police sale hull
    deal sandy hell wells battle rugby normal enterprise peculiar why paradise hope a is as us to in on or my
    in home office house school town city camp beach hill valley park lake bay river spring springs
    general santa san la los las le el al central union independence liberty
    """
)

_ORG_NOUNS: Final = table(
    """
    hospital school bank restaurant cafe café shop store company firm agency studio startup start-up factory
    warehouse supermarket library museum university college uni clinic pharmacy hotel pub bar bakery salon gym
    office council lab laboratory shipyard farm zoo aquarium kindergarten nursery daycare charity nonprofit
    non-profit ngo church plant mill garage dealership airport airline newspaper publisher court navy army
    police government ministry theater theatre cinema brewery call-center call-centre bookstore bookshop
    post-office gallery consultancy practice institute mall station railway navy department team center centre
    shelter bank co-op coop foundation facility spa vineyard winery greenhouse diner deli bistro pizzeria home
    """
)
_NO_ORG: Final = (
    _TIMES
    | _EMPTY
    | table(
        """
    home first present least night nights weekends it free fun ease length once last peace odds risk war heart
    real sure nine five people kids children animals clients customers computers numbers data money full
    part freelance myself remote scratch
    """
    )
)


def organisation(words: Words, at: int, stop: int) -> list[Span]:
    """A company, school or shop: a name, or "a hospital", "the local bank"."""
    low, first = words.low, at
    while first < stop and low[first] in DETERMINERS:
        first += 1
    if first >= stop or low[first] in _NO_ORG or not low[first][0].isalnum():
        return []
    if low[first].isdigit() and not (first + 1 < stop and words.capital(first + 1)):
        return []
    if words.capital(first):
        k = first + 1
        while k < stop and (
            words.capital(k)
            or (
                low[k] in ("of", "&", "and", "de", "the", "for")
                and k + 1 < stop
                and words.capital(k + 1)
                and low[k + 1] != "i"
            )
        ):
            k += 1
        while k < stop and low[k] in _ORG_NOUNS:
            k += 1
        return [(first, k)]
    found = noun_phrase(words, at, stop)
    if not found:
        return []
    begin, after = found[0]
    head = low[after - 1]
    if not _TIMES.isdisjoint(low[begin:after]):
        return []
    if head in _ORG_NOUNS or low[begin] in _ORG_NOUNS or (first == at and after - begin <= 2):
        return found
    return found if after - begin <= 3 and low[at] in ("the", "a", "an") else []


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
    "good great new full-time part-time freelance certified qualified proud single very huge big little"
)


def is_trade(word: str) -> bool:
    """Whether a word names a trade."""
    single = word.removesuffix("s") if len(word) > 4 else word
    return (
        word in lexicon.OCCUPATION_WORDS
        or single in lexicon.OCCUPATION_WORDS
        or single.endswith(lexicon.TRADE_ENDINGS)
    )


def one_of(lexical: frozenset[str], *, reach: int = 3) -> Cutter:
    """A noun phrase that holds a word of a list, up to that word."""

    def cutter(words: Words, at: int, stop: int) -> list[Span]:
        low = words.low
        first = _skip(low, at, stop)
        for k in range(first, min(first + reach, stop)):
            if low[k] in lexical:
                return [(first, _model(words, k + 1, stop))]
            if low[k] in lexicon.SEPARATORS or low[k] in _CLOSING:
                return []
        return []

    return cutter


_CLOSING: Final = table("in on at for with of to i my that who")


def _model(words: Words, at: int, stop: int) -> int:
    """The word after a model's number: "iphone 13 pro"."""
    while at < stop and (
        words.low[at].isdigit() or words.low[at] in ("pro", "max", "mini", "air", "plus")
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
    "two three four five 2 3 4 5 languages : , - like including both fluent some bit of a little basic also and"
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
    if k < stop and low[k] in _UNITS:
        k += 1
        if k < stop and low[k] in ("a", "an", "per") and k + 1 < stop and low[k + 1] in _TIMES:
            k += 2
    return [(first, k)]


_UNITS: Final = table(
    "kg kgs kilos lbs pounds stone cm m km miles feet ft foot inches k dollars euros quid bucks grand usd eur yuan gbp percent"
)


def date(words: Words, at: int, stop: int) -> list[Span]:
    """A date: at least a number or the name of a month or weekday."""
    low, k = words.low, at
    while k < stop and (
        low[k][0].isdigit() or low[k] in _TIMES or low[k] in ("the", "of", "next", "on", ",")
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
    from remanence.encoding.extraction.spoken.subjects import _name_end  # noqa: PLC0415

    last = _name_end(words, at, stop, sure=False)
    return [(at, last)] if last > at else []


def any_name(words: Words, at: int, stop: int) -> list[Span]:
    """One to three words, as a name is given after "call me"."""
    low, k = words.low, at
    while k < stop and k - at < 3 and low[k][0].isalpha() and low[k] not in _STOPS:
        if k > at and not words.capital(k):
            break
        k += 1
    return [(at, k)] if k > at and low[at] not in _EMPTY and low[at] not in DETERMINERS else []


def spans_of(kind: str, words: Words, at: int, stop: int) -> Iterator[Span]:
    """The objects of a kind that begin at a word."""
    yield from CUTTERS[kind](words, at, stop)


_languages: Final = _listed(one_of(lexicon.LANGUAGES))
_medicines: Final = _listed(one_of(lexicon.MEDICINES))
CUTTERS: Final[dict[str, Cutter]] = {
    "place": place,
    "places": _listed(place),
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
    "persons": _listed(person),
    "name": any_name,
    "language": languages,
    "medicine": medicines,
    "condition": _listed(one_of(lexicon.CONDITIONS, reach=4)),
    "body": one_of(lexicon.BODY),
    "ownable": _listed(one_of(lexicon.OWNABLE, reach=5)),
    "planned": one_of(lexicon.PLANNED, reach=4),
    "event": one_of(lexicon.EVENTS, reach=5),
}
