"""Family and friends that somebody has: "two kids, Ana and Bo", "no brothers"."""

from collections.abc import Generator, Iterator
from typing import Final

from remanence.encoding.extraction.scene import Statement, Subject
from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.clauses import Spoken
from remanence.encoding.extraction.spoken.nouns import over
from remanence.encoding.extraction.spoken.subjects import Noun, Passage, name_list, referent
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.words import table

_COUNTS: Final = table(
    "a an one two three four five six seven eight nine ten 1 2 3 4 5 6 7 8 9 no twin several "
    "some many"
)
_KIN_ADJECTIVES: Final = table(
    """
    older younger little big baby twin amazing wonderful beautiful lovely grown adult teenage small young great
    best good close new half step only year-old long-term longterm serious adorable gorgeous cute kind sweet
    month-old week-old
    """
)
_DESCRIBING: Final = _COUNTS | _KIN_ADJECTIVES | lexicon.ADVERBS
_LISTED_AFTER: Final = frozenset((",", "and", "&", "but"))


def counted(said: Words, clause: Spoken, passage: Passage) -> Iterator[Statement]:
    """Family and friends that somebody has: "two kids, Ana and Bo", "a sister and no brothers"."""
    low, k, stop = said.low, clause.verb.head + 1, clause.stop
    who = clause.subject
    if who is None or who.kind != "person" or clause.verb.modal:
        return
    while k < stop:
        first = k
        k = _over_describing(low, k, stop)
        if k >= stop or not _kin(low, k) or (k == first and not low[k].endswith("s")):
            return
        k = yield from _one(said, clause, passage, (first, k))
        if k >= stop or low[k] not in _LISTED_AFTER:
            return
        k = over(low, k, stop, _LISTED_AFTER)


def _over_describing(low: list[str], at: int, stop: int) -> int:
    """The word after counts, adjectives and adverbs: "two lovely little"."""
    while at < stop and (low[at] in _DESCRIBING or low[at].endswith("-old")):
        at += 1
    return at


def _kin(low: list[str], at: int) -> bool:
    child = low[at] in ("girl", "boy") and at > 0 and low[at - 1] in ("baby", "little")
    return child or (low[at] in lexicon.ROLES and low[at] not in _LOOSE)


_LOOSE: Final = table("family friend friends partner boss doctor teacher manager baby mentor coach")


def _one(
    said: Words, clause: Spoken, passage: Passage, span: tuple[int, int]
) -> Generator[Statement, None, int]:
    """Yield the statements about one noun of family, with the names after it;

    the word to go on from.
    """
    low, (first, at), stop = said.low, span, clause.stop
    who, noun, k = clause.subject or passage.speaker, low[at], at + 1
    negated = clause.verb.negated or low[first] == "no"
    sure = low[k : k + 1] in (["named"], ["called"])
    naming = k < stop and (sure or low[k] in (":", "-", ","))
    names, after = name_list(said, k + naming, stop, sure=naming and sure)
    bounds = said.start[clause.first], said.end[max(stop, clause.first + 1) - 1]
    relation = lexicon.ROLES.get(noun, "parent_of")
    change = _change(low, clause, at)
    if names and not negated:
        for name in names:
            yield Statement(who, relation, name, 0.9 * who.sure, *bounds, change=change)
        if len(names) == 1 and relation in lexicon.FAMILY:
            role = Subject(f"{who.name}'s {noun}", "person", who.sure)
            yield Statement(role, "named", names[0], 0.9, *bounds)
        passage.people[names[0]] = _gender(noun)
        return after
    counts = first < at and low[first] not in ("a", "an", "no")
    value = said.slice(first, at + 1) if counts else f"{who.name}'s {noun}"
    if negated:
        value = noun if noun in lexicon.PLURAL_ROLES else f"{who.name}'s {noun}"
    yield Statement(who, relation, value, 0.9 * who.sure, *bounds, negated, change)
    if not negated:
        referent(Noun(noun, who, (), at, at + 1), passage)
    return k


def _change(low: list[str], clause: Spoken, at: int) -> str:
    """The change that the clause tells; "now" is a beginning."""
    change = clause.verb.change
    return "begin" if not change and "now" in low[at : clause.stop] else change


def _gender(noun: str) -> str:
    if noun in lexicon.FEMALE:
        return "f"
    return "m" if noun in lexicon.MALE else ""
