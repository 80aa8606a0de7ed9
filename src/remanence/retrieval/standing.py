"""Standing: among recollections of one speaker, the one that holds now above those it replaced.

Pure, over texts, times and vectors, and over what facts say is over. Whether one text replaces
another is read in `updates`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.updates import (
    LEAST_TOPIC,
    PASSING,
    TOPIC,
    Pair,
    Statement,
    reaches,
    read,
    replaces,
)
from remanence.text.words import normal
from remanence.types import Recollection

LOOKED_AT: Final = 20  # recollections of a query, at most, that count as its candidates
SURE: Final = 0.25  # relevance of a replaced statement from which what replaced it has it too
ANSWERS: Final = 3  # the first of them, which may be replaced: the others do not answer
GIVING_WAY: Final = 2  # the first of them, of which one that is passing gives way to the next
JUMP: Final = 3  # places that an update rises at most, from among those that recall brought

_PAST: Final = re.compile(
    r"\b(?:did|was|were|had|used to|before|previous(?:ly)?|original(?:ly)?|former(?:ly)?|earlier"
    r"|back then|at first|initial(?:ly)?|first|last|ago|old|ex|in (?:19|20)\d\d)\b|\bused to\b"
    r"|以前|之前|原来|原先|曾经?|过去|当时|那时|最早|一开始|刚开始|本来|第一|上次|上一|去年|前年|前任|旧",
    re.IGNORECASE,
)


def asks_for_the_present(query: str) -> bool:
    """Return whether a query asks for the state of things now, not for one of the past.

    >>> asks_for_the_present("Where do I live?"), asks_for_the_present("Where did I live?")
    (True, False)
    """
    return not _PAST.search(normal(query))


def order(
    query: str,
    items: Sequence[Recollection],
    vectors: Sequence[NDArray[np.float32]] | None = None,
    known: int | None = None,
    *,
    among: int | None = None,
    replaced: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> list[Recollection]:
    """Return `items`, best first, each replaced statement below the one that replaced it.

    `vectors`, (dim,) each, are those of the items. The items from `known` on answer nothing by
    themselves: those that replace nothing are left out. `among` is how many candidates there were,
    all items where it is not given. `replaced` maps episodes whose facts are over to those that
    ended them. The later statement takes the place of the earlier one; its share is
    `why["standing"]`. A query about the past, or one that names a time, changes nothing.
    """
    found, rest = list(items[:known]), list(items[len(items[:known]) :])
    timed = any("time" in item.why for item in found[:1])
    if timed or not found or len(items) < 2 or not asks_for_the_present(query):
        return found
    near = [item.id for item in found[:ANSWERS] if item.id in replaced]
    enders = frozenset().union(*(replaced[one] for one in near))
    first = [
        at
        for at, item in enumerate(found)
        if at < ANSWERS + JUMP or item.id in enders  # no other can rise
    ]
    places = [*first, *range(len(found), len(items))]
    every = [items[at] for at in places]
    alike = None if vectors is None else np.stack([vectors[at] for at in places]).astype(np.float32)
    count = among or min(len(found), LOOKED_AT) + len(rest)
    ranks = _ranks(read(query), every, _Seen(len(first), count, alike, replaced))
    last = max(n for n, at in enumerate(ranks) if at < len(first))
    others = [item for at, item in enumerate(found) if at not in set(first)]
    return _rescored(every, ranks[: last + 1]) + others


@dataclass(frozen=True, slots=True)
class _Seen:
    """Knowledge about the statements besides their texts."""

    answers: int
    """How many of them recall found, the first ones; the others answer nothing."""
    among: int
    """How many candidates there were."""
    vectors: NDArray[np.float32] | None
    """Theirs, (n, dim)."""
    replaced: Mapping[str, frozenset[str]]
    """As `order` takes it."""

    def likeness(self, one: int, other: int) -> float:
        """Return the cosine of two of them, 0 where vectors are missing."""
        return 0.0 if self.vectors is None else float(self.vectors[one] @ self.vectors[other])


def _ranks(question: Statement, items: Sequence[Recollection], seen: _Seen) -> list[int]:
    """Return the positions of `items` in the order in which they stand."""
    ranks = list(range(len(items)))
    for old in range(min(seen.answers, ANSWERS)):
        for new in range(len(items)):
            higher = ranks.index(new) < ranks.index(old)
            if higher or items[new].at <= items[old].at:
                continue
            if items[new].id in seen.replaced.get(items[old].id, ()) or (
                (new - old <= JUMP or new >= seen.answers)
                and _is_update(question, items, (old, new), seen)
            ):
                ranks.remove(new)
                ranks.insert(ranks.index(old), new)
    for old in range(min(seen.answers, GIVING_WAY) - 1):
        if ranks[0] == old and gives_way(question, items[old], items[old + 1]):
            ranks.insert(1, ranks.pop(0))
    return ranks


def gives_way(question: Statement, above: Recollection, below: Recollection) -> bool:
    """Return whether a passing statement stands above a lasting one of its topic.

    Passing is what happened once, was not so, or is about somebody whom the question does not name.
    """
    first, second = read(above.text), read(below.text)
    if above.speaker is None or above.speaker != below.speaker:
        return False
    other = bool(first.others) and first.others.isdisjoint(question.terms)
    if not (other or first.shows("once") or first.shows("unreal")) or first.shows("asks"):
        return False
    if second.others or any(map(second.shows, (*PASSING, "unreal"))):
        return False
    return reaches(TOPIC, Pair(question, second, first), LEAST_TOPIC)


def _is_update(
    question: Statement, items: Sequence[Recollection], at: tuple[int, int], seen: _Seen
) -> bool:
    """Return whether, of two items, the later one is by its text an update of the earlier one."""
    old, new = items[at[0]], items[at[1]]
    if new.speaker != old.speaker or not _may_replace(new, read(new.text)):
        return False
    earlier, later = read(old.text), read(new.text)
    if any(map(earlier.shows, PASSING)):
        return False
    pair = Pair(question, earlier, later, seen.likeness(*at))
    behind = 1 - min(max(new.score, 0.0) / old.score, 1.0) if old.score > 0 else 0.0
    behind = 0.0 if at[1] >= seen.answers else behind  # it was not looked for
    over = old.id in seen.replaced
    return replaces(pair, among=seen.among, ended=over, behind=behind)


def _may_replace(item: Recollection, statement: Statement) -> bool:
    """Return whether a statement says a change or a value of somebody's own, and asks nothing."""
    if item.speaker is None or item.metadata.get("role") == "assistant":
        return False
    telling = statement.shows("changed") or statement.shows("value") or bool(statement.defined)
    return telling and not statement.shows("unreal") and not statement.shows("asks")


def _rescored(items: Sequence[Recollection], ranks: Sequence[int]) -> list[Recollection]:
    """Return items in the order `ranks`; who rose has the score and relevance of its new place."""
    found = [items[at] for at in ranks]
    for place in range(len(found) - 2, -1, -1):
        one, below = found[place], found[place + 1]
        if one.score < below.score:
            why = dict(one.why) | {"standing": round(below.score - one.score, 4)}
            likely = max(one.relevance, below.relevance if below.relevance >= SURE else 0.0)
            found[place] = replace(one, score=below.score, why=why, relevance=likely)
    return found
