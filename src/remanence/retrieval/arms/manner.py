"""The manner arm: turns that seldom tell anything, and turns that often do."""

from typing import Final

from remanence.retrieval.arm import Arm, Columns
from remanence.retrieval.pool import Pool, flag
from remanence.text import words
from remanence.text.query import Query

WEIGHTS: Final = {
    "ends_asking": -0.8,  # who asks does not tell
    "greeting": -0.4,  # nor who greets, thanks and praises
    "has_date": 0.4,
    "has_name": 0.4,
}


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    """Return the columns that `WEIGHTS` names; a document (no speaker) has none of them."""
    turn = pool.speaker >= 0
    return {
        "ends_asking": flag(pool, words.ENDS_ASKING) * turn,
        "greeting": flag(pool, words.GREETING) * turn,
        "has_date": flag(pool, words.DATE) * turn,
        "has_name": flag(pool, words.NAME) * turn,
    }


ARM: Final = Arm("manner", WEIGHTS, signals)
