"""Statements of English without a verb of their own:

"X is a Y", and "my sister Ana". It knows trades, kin and pets by their words.
"""

import re
from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction import english_words as words
from remanence.encoding.extraction.english_objects import OBJECTS, items, trimmed
from remanence.encoding.extraction.english_subjects import Sentence
from remanence.encoding.extraction.scene import Statement, Subject
from remanence.text.words import table

COPULAS: Final = table("is was are were 's 'm am 're")
_ARTICLES: Final = table("a an the one")
_ENDS: Final = table(
    """
    of in on from by for at with about near to who which that where when whose as based located situated directed
    written produced created founded established released published starring featuring born known named called
    built used made owned set held developed distributed composed performed recorded best since between within
    along during is was are were has have had but there here too now again myself these those this last next today
    or because so living working playing serving consisting designed formed
    """
)
# Nouns that are nothing without their "of": a son, a part, a member.
_RELATIONAL: Final = table(
    """
    member part capital son daughter brother sister father mother wife husband fan subsidiary division kind type
    sort one name result number version cause example head centre center home seat birthplace headquarters
    tributary lot bit nephew niece cousin grandson granddaughter uncle aunt spouse widow child descendant
    successor predecessor first second third last only most way reason time thing man woman person people couple
    set series side founder owner friend leader president chairman director ceo mayor governor king queen total
    basis grandfather grandmother stepson stepdaughter ancestor act use term word title setting subject object
    """
)
_DEMONYM: Final = re.compile(rf"(?:(?:{words.DEMONYMS})(?:[-–](?:born|(?:{words.DEMONYMS})))?)\b")
_YEAR: Final = re.compile(r"1[5-9]\d\d|20\d\d")


def predicate(sentence: Sentence, i: int) -> Iterator[Statement]:
    """As in "X is a Spanish actress and theatre director":

    what token `i`, a form of "be", says its subject to be.
    """
    low, n = sentence.low, len(sentence.low)
    j = i + 1
    while j < n and (low[j] in words.SKIPPED or low[j] == "not" or low[j].endswith("ly")):
        j += 1
    if (
        j >= n
        or low[j] not in _ARTICLES
        or (low[i] in ("are", "were") and sentence.passage.scene.prose)
        or (low[j] == "one" and sentence.passage.scene.prose)
    ):
        return
    standing = sentence.standing(i)
    if standing is None or standing.subject is None:
        return
    end = j + 1
    while (
        end < n
        and low[end] not in _ENDS
        and (sentence.raw[end][0].isalnum() or low[end] in (",", "'s"))
    ):
        end += 1
    subject, passage = standing.subject, sentence.passage
    prose = passage.scene.prose
    negated = standing.negated or "not" in low[i:j]
    for relation, value in _said(sentence, j + 1, end):
        change = "end" if sentence.low[i] in ("was", "were") and not prose else standing.change
        sure = 0.9 * subject.sure
        if subject.name == passage.topic and relation in _TELLING:
            passage.kind = passage.kind or _TELLING[relation]
        yield Statement(
            subject, relation, value, sure, sentence.start, sentence.end, negated, change
        )
        if relation == "works_as" and (
            firm := _AT.match(sentence.text, sentence.ends[end - 1], sentence.end)
        ):
            employer = trimmed(firm["firm"])
            yield Statement(
                subject,
                "works_for",
                employer,
                0.9 * sure,
                sentence.start,
                sentence.end,
                negated,
                change,
            )


_TELLING: Final = {"works_as": "person", "nationality": "person", "instance_of": "thing"}
_AT: Final = re.compile(rf"\s+(?:at|for)\s+(?P<firm>{OBJECTS['org']})")


def _said(sentence: Sentence, first: int, end: int) -> Iterator[tuple[str, str]]:
    """The trades, the nationality, the year and the class named between two tokens."""
    prose = sentence.passage.scene.prose
    parts = _parts(sentence, first, end)
    trades = any(_trade(sentence.low[stop - 1]) for _, stop in parts)
    for at, (start, stop) in enumerate(parts):
        text = sentence.text[sentence.starts[start] : sentence.ends[stop - 1]]
        year = _YEAR.match(text)
        text = text[year.end() :].lstrip() if year else text
        demonym = _DEMONYM.match(text)
        bare = _bare(text[demonym.end() :] if demonym else text)
        if not bare:
            continue
        head = bare.split()[-1].lower()
        if _trade(head):
            if demonym and at == 0:
                yield "nationality", demonym.group().split("-born")[0]
            yield "works_as", bare
        elif (
            prose
            and at == 0
            and not trades
            and sentence.passage.kind != "person"
            and sentence.low[max(first - 3, 0)] not in ("he", "she")
            and not head.endswith("est")
            and head not in _RELATIONAL
            and head.isalpha()
            and head.islower()
            and not head.endswith("ed")
        ):
            if year:
                yield "released_on", year.group()
            if end < len(sentence.low) and sentence.low[end] == "of" and head in _RELATIONAL:
                continue
            yield "instance_of", bare


def _trade(noun: str) -> bool:
    return noun in words.OCCUPATIONS or noun.endswith(words.TRADE_ENDINGS)


def _parts(sentence: Sentence, first: int, end: int) -> list[tuple[int, int]]:
    parts, start = [], first
    for k in range(first, end + 1):
        if k == end or sentence.low[k] in (",", "and"):
            if k > start:
                parts.append((start, k))
            elif k < end and sentence.low[k] != "and":
                break
            start = k + 1
            if start < end and sentence.low[start] in _ARTICLES:
                start += 1
    return parts


def _bare(text: str) -> str:
    """Without leading praise, ordinals and years."""
    rest = text.split()
    while rest and (rest[0].lower() in words.PRAISE or rest[0].isdigit()) and len(rest) > 1:
        rest.pop(0)
    return trimmed(" ".join(rest)) if 0 < len(rest) <= 5 else ""


_SAID_NAME: Final = re.compile(
    rf"(?:\s*,?\s*(?:is\s+|are\s+)?(?:called|named)\s+|['’]s\s+name\s+is\s+|"
    rf"['’]s?\s+names\s+are\s+|\s*,\s*|\s+)"
    rf"(?:(?:the|a)\s+(?:{words.DEMONYMS})?\s*(?:[a-z-]+\s+){{1,3}})?(?P<who>{OBJECTS['persons']}"
    rf")(?!['’]s\s+\w+\s+(?:and|or)\b)"
)
# "my dog is", not "my dog walker".
_AFTER_PET: Final = table(
    """
    is was has had and or but who that so because when while does did can will in on at loves likes hates ate eats
    keeps got just always still never needs barks sleeps too to for from after with
    """
)
_MINE: Final = frozenset(("my", "our"))


def kin(sentence: Sentence, i: int) -> Iterator[Statement]:
    """As in "my sister Ana", "our dog Biscuit":

    who or what is meant by token `i`, and what it is called.
    """
    noun = sentence.low[i]
    owner = sentence.owner(i)
    if owner is None:
        return
    match = _SAID_NAME.match(sentence.text, sentence.ends[i], sentence.end)
    names = items(match["who"], "persons") if match else []
    if match and sentence.text[sentence.ends[i] : match.start("who")].strip() == ",":
        names = names if _closed(sentence, match.end()) else []
    if noun in words.PETS:
        yield from _pet(sentence, i, owner, names[:1])
        return
    relation, scene = words.KIN[noun], sentence.passage.scene
    gender = "f" if noun in words.FEMALE else "m" if noun in words.MALE else ""
    for name in names if noun.endswith("s") else names[:1]:
        if name.lower() in words.STARTERS:
            continue
        if not scene.prose:
            sentence.passage.named[name] = gender
            sentence.passage.named.pop(f"{owner.name}'s {noun}", None)
        if relation and "ex" not in sentence.low[max(i - 2, 0) : i]:
            yield Statement(owner, relation, name, 0.9 * owner.sure, sentence.start, sentence.end)
            if relation in words.NEAR and not (scene.prose or noun.endswith("s")):
                role = Subject(f"{owner.name}'s {noun}", "person", owner.sure)
                yield Statement(role, "named", name, 0.9 * owner.sure, sentence.start, sentence.end)


def _pet(sentence: Sentence, i: int, owner: Subject, names: list[str]) -> Iterator[Statement]:
    noun = sentence.low[i]
    if (
        owner.kind != "person"
        or noun.endswith("s")
        or not _MINE.intersection(sentence.low[max(i - 3, 0) : i])
    ):
        return
    after = sentence.low[i + 1] if i + 1 < len(sentence.low) else "."
    if (
        not names
        and after.isalpha()
        and after not in _AFTER_PET
        and not after.endswith(("ed", "ly"))
    ):
        return
    yield Statement(owner, "has_pet", noun, 0.8 * owner.sure, sentence.start, sentence.end)
    for name in names:
        animal = Subject(f"{owner.name}'s {noun}", "thing", owner.sure)
        yield Statement(animal, "named", name, 0.9 * owner.sure, sentence.start, sentence.end)


def _closed(sentence: Sentence, at: int) -> bool:
    """Return whether the name after a comma ends at another mark:

    "my sister, Ana, works", not "your kids, John.".
    """
    return sentence.passage.scene.prose or sentence.text[at : at + 1] == ","
