"""The arms of recall, one a module. A new arm is a module here and its name in `ARMS`.

Every signal is 0 where it has nothing to say. The weights are those of a conditional logit
(McFadden, 1974; in ranking: ListNet with one item, Cao et al., 2007), fitted over six public
retrieval sets in English and Chinese, and rounded.
"""

from typing import Final

from remanence.retrieval.arm import Arm
from remanence.retrieval.arms import (
    answer,
    dense,
    graph,
    lexical,
    manner,
    neighbourhood,
    session,
    speaker,
    time,
)

ARMS: Final[tuple[Arm, ...]] = (
    lexical.ARM,
    dense.ARM,
    neighbourhood.ARM,
    session.ARM,
    speaker.ARM,
    time.ARM,
    answer.ARM,
    manner.ARM,
    graph.ARM,
)
"""Those of `remanence.open`, in the order in which their signals are measured."""
