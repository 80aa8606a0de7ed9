"""Reading a query: what it asks for, whom it names, which of its sentences matter.

Tables and one pure function, English and Chinese. It knows the words of a query and the names of
speakers; it does not know rows, scores or where either come from.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from remanence.text.words import ATOM, DATE_WORDS, STOP_WORDS, normal, script, scripts, table, terms

# What kind of answer a query asks for; `Query.asks` is their sum.
WHEN: Final = 1
WHERE: Final = 2
WHO: Final = 4
HOW_MANY: Final = 8
YES_NO: Final = 16
LIST: Final = 32

# (kind, English at the start of a sentence or anywhere, Chinese anywhere)
_ASKS: Final = tuple(
    (kind, re.compile(f"{english}|{chinese}", re.IGNORECASE))
    for kind, english, chinese in (
        (
            WHEN,
            (
                r"\bwhen\b|\b(?:what|which) (?:date|day|month|year|time|week|season)\b|\bhow "
                r"long\b|"
                r"\bsince when\b"
            ),
            "什么时候|何时|几点|几号|几月|哪一?[天年月]|时间|日期|多久|生日",
        ),
        (
            WHERE,
            r"\bwhere\b|\b(?:what|which) (?:place|city|country|state|town)\b",
            "哪里|哪儿|什么地方|何处|在哪|地点|地址",
        ),
        (WHO, r"\bwho(?:se|m)?\b", "谁|哪位|何人|什么人"),
        (
            HOW_MANY,
            r"\bhow (?:many|much|often|old|long|far)\b",
            "多少|几[个位次年岁人天种]|多大|多久|多远|年龄|数量|规模",
        ),
        (
            YES_NO,
            r"^(?:do|does|did|is|are|was|were|has|have|had|can|could|would|will|should)\b",
            "吗[？?]?$|是否|是不是|有没有",
        ),
        (LIST, r"\b(?:what|which) (?:\w+ )?\w+s\b|\ball\b|\blist\b", "哪些|有几|分别|所有|列出"),
    )
)
_SENTENCE: Final = re.compile(r"[^.!?。\n]+(?:\.(?=\w)[^.!?。\n]*)*[.!?。\n]*")
FIRST_PERSON: Final = re.compile(r"\b(?:I|me|my|mine|we|our|us)\b|\b(?:i'm|i've|i'd|i)\b|我|咱")
_SECOND_PERSON: Final = re.compile(r"\byour?s?\b|你|您", re.IGNORECASE)
# Speakers that stand for the one who asks, and for the one who is asked.
_ASKER: Final = table("user human me customer client 我 用户 客户")
_ASKED: Final = table("assistant ai bot agent system 助手 助理 机器人")
_MOST_PARTS: Final = 6  # sentences of a long query that are weighed by themselves, the last ones
_MOST_TERMS: Final = 96  # distinct terms of a query that are looked up, the last ones
_NO_NICKNAMES: Final = DATE_WORDS | table(
    "may jan feb mar apr jun jul aug sep sept oct nov dec"
)  # May is not Maya
_PREFIX: Final = 3  # letters a nickname must share with the name it begins: Mel, Melanie


@dataclass(frozen=True, slots=True)
class Query:
    """The demands of a query on the rows that would answer it.

    terms: its distinct index terms; weights: theirs, one each; names: true where the term only
    names a known speaker. parts: its last sentences, oldest first, empty where it has but one;
    members: for each part, the indices of its terms. named: known speakers it names, as given.
    asks: sum of `WHEN` ... `LIST`. scripts: share of its letters per script. window: the time it
    names, seconds since 1970 UTC, if any.
    """

    text: str
    terms: tuple[str, ...]
    weights: tuple[float, ...]
    names: tuple[bool, ...]
    parts: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    named: tuple[str, ...]
    asks: int
    scripts: Mapping[str, float]
    window: tuple[float, float] | None = None
    only_time: bool = False
    """True where the query names a time and nothing else."""
    occasion: tuple[int, ...] = ()
    """Indices of the terms that name a day, such as a feast."""


def analyse(
    query: str, speakers: Sequence[str] = (), window: tuple[float, float] | None = None
) -> Query:
    """Reads a query against the speakers known in its namespace;

    `window` comes from its time expressions.
    """
    query = normal(query)
    counts: dict[str, float] = {}
    for term in terms(query):
        counts[term] = min(counts.get(term, 0.0) + 1.0, 2.0)  # said twice is stressed, not more
    counts = dict(list(counts.items())[-_MOST_TERMS:])
    who, name_terms = _named(query, speakers)
    order = {term: i for i, term in enumerate(counts)}
    sentences = [
        (part.strip(), tuple(dict.fromkeys(order[t] for t in terms(part) if t in order)))
        for part in _SENTENCE.findall(query)
    ]
    sentences = [(part, members) for part, members in sentences if members][-_MOST_PARTS:]
    if len(sentences) < 2:
        sentences = []
    return Query(
        text=query,
        terms=tuple(counts),
        weights=tuple(counts.values()),
        names=tuple(term in name_terms for term in counts),
        parts=tuple(part for part, _ in sentences),
        members=tuple(members for _, members in sentences),
        named=who,
        asks=_asks(query),
        scripts=scripts(query),
        window=window,
    )


def asks(text: str) -> int:
    """`Query.asks` of a text, and nothing else of it."""
    return _asks(normal(text))


def _asks(query: str) -> int:
    return sum(kind for kind, pattern in _ASKS if pattern.search(query))


def named(text: str, speakers: Sequence[str]) -> tuple[str, ...]:
    """`Query.named` of a text, and nothing else of it."""
    return _named(normal(text), speakers)[0]


@lru_cache(maxsize=8_192)
def _speaker(name: str) -> tuple[str, tuple[str, ...], bool]:
    """A speaker's name without case, its words, and whether it is Chinese:

    the same for every query.
    """
    folded = normal(name).casefold()
    own = tuple(ATOM.findall(folded))
    return folded, own, bool(own) and script(folded[0]) == "han"


def _named(query: str, speakers: Sequence[str]) -> tuple[tuple[str, ...], set[str]]:
    """Known speakers that `query` names, and the index terms of the words that name them."""
    words = {w.casefold(): w for w in ATOM.findall(query.replace("'s", " ").replace("'S", " "))}
    nicknames = [
        w
        for w, said in words.items()
        if len(w) >= _PREFIX and said[0].isupper() and w not in _NO_NICKNAMES
    ]
    first = bool(FIRST_PERSON.search(query))
    second = bool(_SECOND_PERSON.search(query))
    found: list[str] = []
    said: set[str] = set()
    nicknames = [w for w in nicknames if w not in STOP_WORDS]
    short = tuple(nicknames)
    for speaker in speakers:
        folded, own, han = _speaker(speaker)
        if not own:
            continue
        if han:
            shorter = [n for n in (folded, folded[1:]) if len(n) > 1 and n in query]
            hits = [w for n in shorter[:1] for w in terms(n)]
        elif words.keys().isdisjoint(own) and not own[0].startswith(short):
            hits = []
        else:
            hits = [w for w in own if w in words and w not in STOP_WORDS]
            hits += [w for w in nicknames if own[0].startswith(w)]
            hits = [t for w in hits for t in terms(w)]
        if hits or (first and folded in _ASKER) or (second and folded in _ASKED):
            found.append(speaker)
            said.update(hits)
    return tuple(found), said
