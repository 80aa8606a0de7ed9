"""Fusion: named signals become one score, and say which arm gave what.

What lives here: the weights, as readable data, and `fuse`, a weighted sum. It does not know how a
signal is computed nor where rows come from. The weights are those of a conditional logit (McFadden,
1974; in ranking: ListNet with one item, Cao et al., 2007), fitted over six public retrieval sets in
English and Chinese, and rounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from remanence.retrieval.signals import Floats, Pool, signals
from remanence.text.query import Query


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a signal. Signals lie mostly in [0, 1], so weights compare with each other."""

    # lexical
    lexical: float = 1.4  # BM25, as a share of the best row's
    coverage: float = (
        3.7  # how much of the question the row holds at all: comparable between questions
    )
    part: float = 1.0  # one sentence of a long query may be the whole point
    last: float = 0.8  # a dialogue's closing sentences say what it is about now
    # dense
    dense: float = 1.4  # likeness in meaning; faded where the embedder cannot read the query
    feedback: float = (
        1.6  # a passage shares a topic with memories, not words: likeness to the best ones
    )
    # neighbourhood
    joined: float = 3.5  # a turn and those beside it hold the question between them
    joined_wide: float = 2.2  # the same, two turns away
    reply: float = 1.0  # an answer follows its question
    session: float = 1.5  # a session about the matter
    # speaker, time
    speaker: float = 3.1  # "Mel's kids" is a question about what Melanie said
    window: float = 2.4  # said in the time that the question names
    period: float = 24.0  # nothing but a time is asked for: above what stray words can add
    # answer
    when_date: float = 0.6  # "when" is answered by a word of time
    many_number: float = 0.2  # "how many" by a number
    # manner
    ends_asking: float = -0.8  # who asks does not tell
    greeting: float = -0.4  # nor who greets, thanks and praises
    has_date: float = 0.4
    has_name: float = 0.4
    # graph
    title: float = 5.0  # the query names the passage
    chain: float = 6.0  # a path leads there, and it answers what is left to answer
    repeated: float = -4.0  # shares with the query only the name of a passage that is known


DEFAULT: Final = Weights()

ARMS: Final = {
    "lexical": ("lexical", "coverage", "part", "last"),
    "dense": ("dense", "feedback"),
    "neighbourhood": ("joined", "joined_wide", "reply"),
    "session": ("session",),
    "speaker": ("speaker",),
    "time": ("window", "period"),
    "answer": ("when_date", "many_number"),
    "manner": ("ends_asking", "greeting", "has_date", "has_name"),
    "graph": ("title", "chain", "repeated"),
}


def fuse(query: Query, pool: Pool, weights: Weights = DEFAULT) -> tuple[Floats, dict[str, Floats]]:
    """Scores (n,) of the pool's rows, and each arm's contribution (n,), which add up to the score."""
    return weigh(signals(query, pool), weights)


def weigh(
    columns: Mapping[str, Floats], weights: Weights = DEFAULT
) -> tuple[Floats, dict[str, Floats]]:
    """Scores (n,) of rows by their signals, and each arm's contribution (n,)."""
    contributions = {
        arm: _total([getattr(weights, name) * columns[name] for name in names])
        for arm, names in ARMS.items()
    }
    return _total(list(contributions.values())), contributions


def _total(columns: Sequence[Floats]) -> Floats:
    """The sum of columns, one after another:

    what `np.sum(columns, axis=0)` does, without first copying them into one array.
    """
    return reduce(np.add, columns)
