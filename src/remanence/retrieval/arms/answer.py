"""The answer arm: rows that hold the kind of thing that is asked for."""

from typing import Final

from remanence.retrieval.arm import Arm, Columns
from remanence.retrieval.pool import Pool, flag
from remanence.text import query as asking
from remanence.text import words
from remanence.text.query import Query

WEIGHTS: Final = {
    "when_date": 0.6,  # "when" is answered by a word of time
    "many_number": 0.2,  # "how many" by a number
}


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    """Return the columns that `WEIGHTS` names."""
    return {
        "when_date": flag(pool, words.DATE) * bool(query.asks & asking.WHEN),
        "many_number": flag(pool, words.NUMBER) * bool(query.asks & asking.HOW_MANY),
    }


ARM: Final = Arm("answer", WEIGHTS, signals)
