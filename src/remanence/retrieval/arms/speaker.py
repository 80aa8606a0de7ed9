"""The speaker arm: "Mel's kids" is a question about what Melanie said."""

from typing import Final

import numpy as np

from remanence.retrieval.arm import Arm, Columns, column
from remanence.retrieval.pool import Pool, zeros
from remanence.text.query import Query

WEIGHTS: Final = {"speaker": 3.1}  # said by the one whom the query names
FADES: Final = 0.6  # share of the speaker's say that full lexical agreement takes away


def signals(query: Query, pool: Pool, columns: Columns) -> Columns:  # noqa: ARG001
    """Return 1 for rows of the one speaker named, less where the words decide; two tell nothing."""
    if len(pool.named) != 1:
        return {"speaker": zeros(pool)}
    own = pool.speaker == pool.named[0]
    return {"speaker": np.asarray(own * (1 - FADES * column(columns, "lexical", pool)), np.float32)}


ARM: Final = Arm("speaker", WEIGHTS, signals)
