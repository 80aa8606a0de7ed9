"""Who is like whom, and who may be linked to whom, by an embedding of a namespace's facts: what that says for a query's candidates.

It knows arrays that a training left behind (`knowledge`), entities by number, and the episodes that state something of each. It does
not know names, how the numbers were learnt, or how its columns are weighed (fusion does). No torch: cosines and looked-up links.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from remanence.retrieval.lexical import ranges

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
NEAR: Final = 16  # entities near to those that a query names
ROWS: Final = 150  # rows that one column can bring in


@dataclass(frozen=True, slots=True)
class Kindred:
    """For one query: episodes by number (m,), ascending, how near whom they speak of is to whom the query names, and how likely the two
    are linked, each (m,) in [0, 1].
    """

    numbers: Numbers
    near: Floats
    linked: Floats


@dataclass(frozen=True, slots=True)
class Kin:
    """directions: (n, d) unit vectors, a row an entity. links, chances: (n, k) entities it may be linked to, -1 for none, and how likely.
    The episodes of entity i are `episodes[starts[i] : starts[i + 1]]`.
    """

    directions: NDArray[np.float16]
    links: NDArray[np.int32]
    chances: NDArray[np.float16]
    starts: Numbers
    episodes: Numbers

    def of(self, named: Sequence[int]) -> Kindred:
        """What speaks for episodes where a query names the entities `named`."""
        at = np.array(named, np.int64)
        likeness = (
            self.directions.astype(np.float32) @ self.directions[at].astype(np.float32).T
        ).max(1)
        likeness[at] = 0
        top = np.argpartition(-likeness, min(NEAR, len(likeness) - 1))[:NEAR]
        near = self._spread(top, np.maximum(likeness[top], 0))
        links, chances = self.links[at].ravel().astype(np.int64), self.chances[at].ravel()
        linked = self._spread(links[links >= 0], chances[links >= 0].astype(np.float32))
        numbers = np.union1d(near[0], linked[0])
        columns = []
        for found, worth in (near, linked):
            column = np.zeros(len(numbers), np.float32)
            column[np.searchsorted(numbers, found)] = worth
            columns.append(column)
        return Kindred(numbers, *columns)

    def _spread(self, entities: Numbers, worth: Floats) -> tuple[Numbers, Floats]:
        """The best `ROWS` episodes of entities (e,) worth (e,), ascending; what is said of many counts less."""
        sizes = self.starts[entities + 1] - self.starts[entities]
        which, at = ranges(self.starts[entities], sizes)
        each = (worth / np.sqrt(np.maximum(sizes, 1)))[which]
        order = np.lexsort((-each, self.episodes[at]))
        numbers, each = self.episodes[at][order], each[order]
        first = (np.diff(numbers, prepend=-1) > 0) & (each > 0)
        numbers, each = numbers[first], each[first]
        best = np.sort(np.argsort(-each, kind="stable")[:ROWS])
        return numbers[best], each[best].astype(np.float32)


def gathered(entities: Numbers, episodes: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Pairs (p,) of entity and episode as `starts` (count + 1,) and `episodes`, each pair once."""
    order = np.lexsort((episodes, entities))
    entities, episodes = entities[order], episodes[order]
    fresh = np.append(True, (np.diff(entities) != 0) | (np.diff(episodes) != 0))[: len(entities)]
    entities, episodes = entities[fresh], episodes[fresh]
    return np.searchsorted(entities, np.arange(count + 1)), episodes
