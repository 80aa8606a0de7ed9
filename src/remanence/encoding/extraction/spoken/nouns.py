"""Noun phrases of spoken clauses, and the words at which they stop."""

from collections.abc import Callable, Container
from typing import Final

from remanence.encoding.extraction.spoken import lexicon
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.words import table

Span = tuple[int, int]


Cutter = Callable[[Words, int, int], list[Span]]


DETERMINERS: Final = table(
    "a an the my our some any his her their this these those your its another more both"
)


_OPEN: Final = DETERMINERS | table(
    "all lots of loads of plenty tons bunch couple few bit lot kind sort"
)


STOPS: Final = lexicon.SEPARATORS | table(
    """
    ? ! in on at for with from by to since until till during after before about as than when while if which who
    whose where that is are was were be been am 's has have had do does did will would could should can may might
    i we you he she it they me us him them myself today yesterday tomorrow tonight last next this every each now
    anymore lately again too though atm rn tbh very really either instead already soon once twice daily weekly
    monthly always never not no ago here there then just out off up down over back into onto around near through
    without despite whenever please especially esp per via during if unless only also alone right together even
    most ever all both such away how what why because or nowadays sometimes usually these those my our your his
    her their recently currently inside outside across along between among until lol haha like forever tho
    btw fr imo imho ngl any except besides within under against like mainly mostly day-to-day nor
    """
)


TIMES: Final = table(
    """
    today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday january february march
    april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    morning afternoon evening night nights weekend weekends week weeks month months year years hours hour minutes
    minute days day summer winter spring autumn fall noon midnight christmas xmas easter
    """
)


EMPTY: Final = table(
    """
    it this that them these those one ones something anything everything nothing someone anyone everyone somebody
    nobody everybody stuff thing things way idea lot time moment fact feeling place people person guy day problem
    point reason sense sound look sounds looks being going doing getting having how what when where who why much
    more most less lots both all none each other another same every here there yes no ok okay job work well bit
    you me him her us myself yourself himself herself themselves too so very such is am are was as with if not
    kind kinds sort type half part rest whole lol question questions answer help fun
    """
)


_DAYS: Final = table(
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends weekdays evenings "
    "mornings"
)


def over(low: list[str], at: int, stop: int, passed: Container[str]) -> int:
    """The first word from `at` on that is not among those to pass, `stop` where all are."""
    while at < stop and low[at] in passed:
        at += 1
    return at


def run(low: list[str], at: int, stop: int, barred: Container[str]) -> int:
    """The word after a run of words of letters that are not barred."""
    while at < stop and low[at] not in barred and low[at][0].isalpha():
        at += 1
    return at


def skip(low: list[str], at: int, stop: int) -> int:
    """The first word from `at` on that is no determiner, number of things or adverb."""
    while at < stop and (low[at] in _OPEN or (low[at] in lexicon.ADVERBS and low[at] != "now")):
        at += 1
    return at


def noun_phrase(words: Words, at: int, stop: int) -> list[Span]:
    """One noun phrase of at most seven words, without its determiner."""
    low = words.low
    first = skip(low, at, stop)
    k = first
    while k < stop and k - first < 7:
        word = low[k]
        if word == "of" and k > first and k + 1 < stop and low[k + 1] not in lexicon.SEPARATORS:
            k += 2 if low[k + 1] in DETERMINERS else 1
            continue
        if word == "'s" and k + 1 < stop and low[k + 1] not in STOPS:
            k += 1
            continue
        if word in _DAYS or word in STOPS or not (word[0].isalnum() or word[0] in "$£€#'"):
            break
        if k > first and word in TIMES and low[k - 1] not in TIMES:
            break
        k += 1
    while k > first and (low[k - 1] == "of" or low[k - 1] in lexicon.ADVERBS):
        k -= 1
    if k == first or (low[first] in EMPTY and k == first + 1) or low[first] in TIMES:
        return []
    return [(first, k)]
