"""Measures of a ranked list against the ids that should have been in it. Pure functions.

`ranked` is best first and without repeats (`unique` makes it so); `gold` is never empty: where
nothing is right, no measure is defined. Every measure lies in [0, 1]. Nothing here knows where a
list came from.
"""

import math
from collections.abc import Collection, Iterable, Sequence


def unique(ids: Iterable[str]) -> list[str]:
    """The ids in order, each at its first place only.

    >>> unique(["b", "a", "b"])
    ['b', 'a']
    """
    return list(dict.fromkeys(ids))


def recall(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Share of `gold` among the first `k` (Manning, Raghavan and Schütze, "Introduction to
    Information Retrieval", 2008, section 8.3).

    >>> recall(["a", "x", "b"], {"a", "b"}, 2)
    0.5
    """
    return len(set(gold).intersection(ranked[:k])) / len(set(gold))


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str]) -> float:
    """1 / rank of the first of `gold`, 0 where none is found (Voorhees, "The TREC-8 Question
    Answering Track Report", 1999).

    >>> reciprocal_rank(["x", "a"], {"a"})
    0.5
    """
    return next((1 / rank for rank, id in enumerate(ranked, start=1) if id in gold), 0.0)


def ndcg(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Discounted gain of the first `k` over that of the best possible list: gain 1 for each of
    `gold`, discount log2(rank + 1) (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
    techniques", 2002, in the form with the smooth discount).

    >>> ndcg(["a", "x"], {"a"}, 10)
    1.0
    """
    gained = sum(_discount(rank) for rank, id in enumerate(ranked[:k], start=1) if id in gold)
    return gained / sum(_discount(rank) for rank in range(1, min(k, len(set(gold))) + 1))


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)
