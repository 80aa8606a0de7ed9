"""From rows that were found to recollections: texts are read, and what holds now stands first."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from remanence import instants
from remanence.retrieval import standing
from remanence.retrieval.index import Index
from remanence.retrieval.search import Filters, Found, rest
from remanence.storage import episodes
from remanence.storage.engine import Rows
from remanence.storage.values import Row
from remanence.types import Recollection

LEAST: Final = standing.ANSWERS + standing.JUMP  # texts read of a query, at least

Replaced = Callable[[Sequence[int]], Mapping[int, frozenset[int]]]
"""Of a few episodes' numbers, those whose facts are over, and which of the others ended them."""


def recollect(
    rows: Rows, query: str, found: Sequence[Found], k: int, replaced: Replaced, index: Index,
    filters: Filters, names: Mapping[int, str],
) -> list[Recollection]:  # fmt: skip
    """Return the best `k` of what `search` found, each replaced statement below what replaced it.

    Call with `index.lock` held.
    """
    others = rest(index, found, filters)
    over: Mapping[int, frozenset[int]] = {}
    if len(found) > 1 and standing.asks_for_the_present(query):
        over = replaced([item.number for item in found[: standing.LOOKED_AT]])
    enders = {one for item in found[: standing.ANSWERS] for one in over.get(item.number, ())}
    taken = [
        item for place, item in enumerate(found) if place < max(k, LEAST) or item.number in enders
    ]
    brought = read(rows, [*taken, *others], names)
    ids = {item.number: each.id for item, each in zip([*taken, *others], brought, strict=True)}
    return standing.order(
        query,
        brought,
        [item.vector for item in (*taken, *others)],
        len(taken),
        among=min(len(found), standing.LOOKED_AT) + len(others),
        replaced={
            ids[old]: frozenset(ids[one] for one in new if one in ids)
            for old, new in over.items()
            if old in ids
        },
    )[:k]


def read(rows: Rows, found: Sequence[Found], names: Mapping[int, str]) -> list[Recollection]:
    """Return what was found in namespaces (number -> name) as recollections, in the same order."""
    numbers = [item.number for item in found]
    texts = episodes.numbered(rows, numbers)
    homes = episodes.homes(rows, numbers, names)
    led = sorted({item.via for item in found if item.via is not None})
    ids = {row[0]: _episode_id(row) for row in episodes.numbered(rows, led)}
    return [
        _recollection(row, item, ids, home)
        for row, item, home in zip(texts, found, homes, strict=True)
    ]


def _episode_id(row: Row) -> str:
    return episodes.episode_id(row[5], row[1])


def _recollection(row: Row, found: Found, via: Mapping[int, str], namespace: str) -> Recollection:
    """Return a row of `storage.episodes.numbered` that was found as what recall hands back."""
    _, _, _, at, _, source, session, speaker, text, metadata, _ = row
    return Recollection(
        _episode_id(row),
        text,
        found.score,
        speaker,
        session,
        instants.render(at),
        found.why,
        source,
        json.loads(metadata) if metadata else {},
        None if found.via is None else via[found.via],
        found.relevance,
        found.similarity,
        namespace,
    )
