"""Objects that a frame narrows: kinds that hold for one row of the table or a few."""

from typing import Final

from remanence.encoding.extraction.spoken import lexicon, phrases, things
from remanence.encoding.extraction.spoken.nouns import DETERMINERS, STOPS, Cutter, Span
from remanence.encoding.extraction.spoken.proper import street_address
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.gazetteer import is_given
from remanence.text.words import table


def gerund(words: Words, at: int, stop: int) -> list[Span]:
    """A gerund with what belongs to it, or a noun for a habit."""
    low = words.low
    if at >= stop:
        return []
    if (
        low[at].endswith("ing")
        and len(low[at]) > 4
        and low[at] not in ("thing", "nothing", "something")
    ):
        found = phrases.activities(words, at, stop)[:1]
        return [span for span in found if low[span[1] - 1] not in ("it", "them", "that", "this")]
    return phrases.noun_phrase(words, at, stop) if low[at] in things.HABITS else []


def age(words: Words, at: int, stop: int) -> list[Span]:
    """A number of years."""
    low = words.low
    if at >= stop or not is_years(low[at]):
        return []
    return [(at, at + 1)] if at + 1 >= stop or low[at + 1] not in things.NOT_YEARS else []


def is_years(word: str) -> bool:
    """Return whether a word is a number of years that a person can have."""
    if word.isdigit():
        return 0 < int(word) < 111
    return word in things.NUMBERS or (
        word.split("-", 1)[0] in things.NUMBERS
        and "-" in word
        and word.split("-", 1)[1] in things.NUMBERS
    )


def holding(lexical: frozenset[str]) -> Cutter:
    """A noun phrase with a word of a list in it."""

    def cutter(words: Words, at: int, stop: int) -> list[Span]:
        found = phrases.noun_phrase(words, at, stop)
        inside = found and any(word in lexical for word in words.low[found[0][0] : found[0][1]])
        return found if inside else []

    return cutter


def headed(lexical: frozenset[str]) -> Cutter:
    """A noun phrase whose last word is of a list."""

    def cutter(words: Words, at: int, stop: int) -> list[Span]:
        found = phrases.noun_phrase(words, at, stop)
        return found if found and words.low[found[0][1] - 1] in lexical else []

    return cutter


def school(words: Words, at: int, stop: int) -> list[Span]:
    """A school by its noun, or a name with one."""
    found = phrases.organisation(words, at, stop)
    if found and any(word in things.SCHOOL for word in words.low[found[0][0] : found[0][1]]):
        return found
    return []


def bought(words: Words, at: int, stop: int) -> list[Span]:
    """A thing with an article: "a cargo bike"; not "lunch"."""
    low = words.low
    if (
        at >= stop
        or low[at] not in DETERMINERS | {"two", "three"}
        or low[at] in ("this", "that", "some")
    ):
        return []
    found = phrases.noun_phrase(words, at, stop)
    if found and words.low[found[0][1] - 1] in things.EATEN:
        return []
    return found


def thing(words: Words, at: int, stop: int) -> list[Span]:
    """Return a thing that can be bought or got for good."""
    found = phrases.noun_phrase(words, at, stop)
    return [] if found and words.low[found[0][1] - 1] in _NOT_OWNED else found


_NOT_OWNED: Final = things.EATEN | things.INTANGIBLE | frozenset(lexicon.ROLES)


def pursuit(words: Words, at: int, stop: int) -> list[Span]:
    """Return a pastime that somebody gets into: no place, no school."""
    return [] if phrases.known_name(words, at, stop) else phrases.activities(words, at, stop)


def pets(words: Words, at: int, stop: int) -> list[Span]:
    """Animals kept: "a dog", "two cats and a parrot"; not "dog food"."""
    found = [_bare(words, span) for span in _pets(words, at, stop)]
    return [span for span in found if span[1] >= stop or words.low[span[1]] not in things.AFTER_PET]


def _bare(words: Words, span: Span) -> Span:
    """An animal with its number and breed alone: "two cats", "golden retriever"."""
    first, after = span
    kept = after - 1
    while kept > first and (
        words.low[kept - 1] in things.BREEDS or words.low[kept - 1] in lexicon.PETS
    ):
        kept -= 1
    if kept > first and (words.low[kept - 1] in things.NUMBERS or words.low[kept - 1].isdigit()):
        kept -= 1
    return kept, after


_pets: Final = phrases.listed(phrases.one_of(lexicon.PETS, reach=6))


def going(words: Words, at: int, stop: int) -> list[Span]:
    """The words from the verb before "to" on, where a place follows: "flying to Oslo"."""
    found = phrases.known_name(words, at, stop)
    if not found:
        return []
    k, after = at, found[0][1]
    while k > 0 and not words.low[k].endswith("ing"):
        k -= 1
    if after < stop and words.low[after] == "to":
        onward = phrases.known_name(words, after + 1, stop)
        after = onward[0][1] if onward else after
    return [(k, after)]


def trip(words: Words, at: int, stop: int) -> list[Span]:
    """A journey with where it goes: "vacation to the beach"."""
    found = holding(things.TRIPS)(words, at, stop)
    if found and found[0][1] < stop and words.low[found[0][1]] in ("to", "in", "around", "through"):
        further = phrases.noun_phrase(words, found[0][1] + 1, stop)
        return [(found[0][0], further[0][1])] if further else found
    return found


def named_place(words: Words, at: int, stop: int) -> list[Span]:
    """A place by its name: known, or written large."""
    found = phrases.place(words, at, stop)
    return (
        found
        if found and (phrases.known_name(words, at, stop) or words.capital(found[0][1] - 1))
        else []
    )


def address(words: Words, at: int, stop: int) -> list[Span]:
    """A house number with its street: "14 Larkfield Road"."""
    found = street_address(words, at, stop) if words.low[at][0].isdigit() else []
    return [span for span in found if words.low[span[1] - 1] in things.STREETS]


def having(words: Words, at: int, stop: int) -> list[Span]:
    """A thing that is had for longer: "a scholarship", "two vintage cars"; not "a question"."""
    low = words.low
    if at >= stop or low[at] not in things.HAVING:
        return []
    found = phrases.noun_phrase(words, at, stop)
    if not found:
        return []
    first, after = found[0]
    if (
        low[after - 1] in things.HELD
        or low[first] in things.HELD
        or low[after - 1].endswith("ing")
        or low[first] in things.VAGUE
    ):
        return []
    return (
        found
        if after >= stop or low[after] not in ("to", "that", "about", "for", "because", "when")
        else []
    )


def named_org(words: Words, at: int, stop: int) -> list[Span]:
    """An organisation by its name, written large."""
    found = phrases.organisation(words, at, stop)
    return [span for span in found if words.capital(span[0])]


def customer_free(words: Words, at: int, stop: int) -> list[Span]:
    """An organisation that one can work with: no person, no tool."""
    found = phrases.organisation(words, at, stop)
    return [
        (first, after)
        for first, after in found
        if not (is_given(words.low[first]) or words.low[first] in lexicon.PRODUCTS)
        and not words.low[after - 1].endswith("s")
    ]


def line(_: Words, at: int, stop: int) -> list[Span]:
    """Everything up to the stop: a postal address."""
    return [(at, stop)] if at < stop else []


def title(words: Words, at: int, stop: int) -> list[Span]:
    """A title written large, "and" within it: "Pride and Prejudice"."""
    k = at
    while k < stop and (words.capital(k) or (words.low[k] in _WITHIN and k + 1 < stop)):
        k += 1
    while k > at and not words.capital(k - 1):
        k -= 1
    return [(at, k)] if k > at else []


_WITHIN: Final = frozenset(["and", "of", "the", "in", "a", "to", "on", "&", "for", "'s"])


def role(words: Words, at: int, stop: int) -> list[Span]:
    """Return an occupation: a trade, or any noun phrase."""
    return phrases.job(words, at, stop) or phrases.noun_phrase(words, at, stop)


def allergy(words: Words, at: int, stop: int) -> list[Span]:
    """The cause in "a peanut allergy"."""
    found = phrases.noun_phrase(words, at, stop)
    if not found or words.low[found[0][1] - 1] not in ("allergy", "allergies", "intolerance"):
        return []
    first, after = found[0]
    while first < after - 1 and words.low[first] in (
        "severe",
        "bad",
        "serious",
        "mild",
        "nasty",
        "food",
    ):
        first += 1
    return [(first, after - 1)] if after - 1 > first else []


def field(words: Words, at: int, stop: int) -> list[Span]:
    """A line of work: "marketing"."""
    ended = at + 1 >= stop or words.low[at + 1] in STOPS
    return [(at, at + 1)] if at < stop and words.low[at] in things.FIELDS and ended else []


def account(words: Words, at: int, stop: int) -> list[Span]:
    """The service of an account: "chase" in "the chase account"."""
    found = phrases.noun_phrase(words, at, stop)
    if not found or words.low[found[0][1] - 1] not in ("account", "accounts"):
        return []
    first, after = found[0]
    return [(first, after - 1)] if after - 1 > first else []


def brand_now(words: Words, at: int, stop: int) -> list[Span]:
    """A brand that somebody has "now": "we've got Hyperoptic now"."""
    found = phrases.noun_phrase(words, at, stop)
    named = found and words.capital(found[0][0]) and not is_given(words.low[found[0][0]])
    return found if named and words.low[found[0][1] : found[0][1] + 1] == ["now"] else []


def titled(words: Words, at: int, stop: int) -> list[Span]:
    """A doctor by name: "Dr. Lowell"."""
    return phrases.person(words, at, stop) if words.low[at] == "dr" else []


def going_along(words: Words, at: int, _: int) -> list[Span]:
    """The words from "going" on: "going mountain biking in May" -> "going mountain biking"."""
    k = at
    while k > 0 and words.low[k - 1] != "going" and at - k < 3:
        k -= 1
    return [(k - 1, at)] if k > 0 and words.low[k - 1] == "going" else []


def throwing(words: Words, at: int, stop: int) -> list[Span]:
    """A party that is given, from its verb on: "throwing a party"."""
    found = headed(table("party dinner barbecue bbq wedding reception brunch shower"))(
        words, at, stop
    )
    return [(at - 2, found[0][1])] if found and at > 1 else []


OBJECTS: Final[dict[str, Cutter]] = {
    **phrases.CUTTERS,
    "ing": gerund,
    "years": age,
    "school": school,
    "schoolish": holding(things.SCHOOL | table("degree course program programme phd")),
    "schoolyear": holding(table("year semester grade final")),
    "grade": holding(table("grade school college kindergarten university uni")),
    "schoolorg": school,
    "business": headed(things.BUSINESS),
    "subject": phrases.noun_phrase,
    "partner": headed(things.PARTNERS),
    "relative": phrases.one_of(things.RELATIVES),
    "child": holding(table("baby child girl boy daughter son kids children twins")),
    "pets": pets,
    "animals": phrases.listed(phrases.one_of(things.ANIMALS)),
    "team": thing,
    "medicines": phrases.noun_phrases,
    "bodily": holding(things.BODILY),
    "removed": holding(table("removed out tonsils appendix wisdom gallbladder")),
    "game": phrases.listed(phrases.one_of(things.GAMES)),
    "sport": phrases.listed(phrases.one_of(things.SPORTS)),
    "race": phrases.listed(phrases.one_of(things.RACE)),
    "vehicle": holding(things.VEHICLES),
    "bought": bought,
    "things": thing,
    "thing": thing,
    "product": phrases.one_of(lexicon.PRODUCTS | lexicon.OWNABLE, reach=3),
    "brand": phrases.one_of(lexicon.PRODUCTS | lexicon.OWNABLE, reach=3),
    "trip": trip,
    "role": role,
    "celebration": headed(
        table("anniversary birthday graduation wedding retirement engagement christening")
    ),
    "titled": titled,
    "goalong": going_along,
    "partygiven": throwing,
    "making": headed(
        table(
            "robot novel book album song songs screenplay thesis dissertation app game website "
            "garden memoir "
            "documentary film comic blog podcast prototype degree phd paper dress quilt boat "
            "engine startup"
        )
    ),
    "carried": headed(
        table("epipen epi-pen inhaler insulin cane glucometer medalert walking-stick")
    ),
    "pursuit": pursuit,
    "newbrand": brand_now,
    "diets": phrases.one_of(lexicon.DIETS),
    "allergyof": allergy,
    "account": account,
    "ailment": headed(things.AILMENTS),
    "surgical": headed(
        table("surgery operation transplant bypass c-section mastectomy hysterectomy")
    ),
    "degree": headed(
        table(
            "degree phd masters master's bachelors bachelor's mba diploma thesis doctorate ged msc"
        )
    ),
    "field": field,
    "petnamed": pets,
    "club": headed(things.CLUBS),
    "bigorg": named_org,
    "line": line,
    "title": title,
    "orgwith": customer_free,
    "knowns": phrases.listed(phrases.known_name),
    "named": named_place,
    "having": having,
    "address": address,
    "eaten": headed(things.EATABLE),
    "exam": holding(things.EXAMS),
    "goplace": going,
    "dietary": headed(things.DIETARY),
    "quitted": holding(things.HABITS),
    "force": headed(things.FORCE),
}
