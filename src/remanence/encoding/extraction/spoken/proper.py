"""Places and organisations as objects of spoken clauses."""

from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.nouns import DETERMINERS, EMPTY, TIMES, Span, noun_phrase
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.gazetteer import place as known_place
from remanence.text.words import table

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
    if (
        words.capital(first)
        and low[first] not in TIMES
        and lexicon.PRODUCTS.isdisjoint(low[first : first + 2])
    ):
        k = _capitals(words, first, stop)
        return [(first if low[at] != "the" else at, k)]
    if low[first][0].isdigit():
        return street_address(words, first, stop)
    found = noun_phrase(words, at, stop)
    if found and low[found[0][0]] not in _NO_PLACE:
        head = low[found[0][1] - 1]
        if head in _PLACE_NOUNS or any(w in _PLACE_NOUNS for w in low[found[0][0] : found[0][1]]):
            return found
    return []


def street_address(words: Words, at: int, stop: int) -> list[Span]:
    """A house number with its street: "14 Larkfield Road"."""
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
        if words.capital(k) and low[k] not in TIMES and low[k] != "i":
            k += 1
        elif (low[k] in _PLACE_LINKS and k + 1 < stop and words.capital(k + 1)) or (
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
        if low[first] in lexicon.PRODUCTS or low[first] in _NO_PLACE or low[first] in TIMES:
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
                apart = after > k or (after < stop and low[after] not in _COMMON)
                onward = words.slice(after, after + wide) if after + wide <= stop else ""
                if apart and onward and known_place(onward):
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
    TIMES
    | EMPTY
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
    if not TIMES.isdisjoint(low[begin:after]):
        return []
    if head in _ORG_NOUNS or low[begin] in _ORG_NOUNS or (first == at and after - begin <= 2):
        return found
    return found if after - begin <= 3 and low[at] in ("the", "a", "an") else []
