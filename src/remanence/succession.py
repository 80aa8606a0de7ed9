"""Succession: which of a few episodes say what no longer holds, and which of the others ended it.

Facts are folded from the statements of those episodes alone, so the cost does not grow with the
namespace. Most episodes end nothing: a look at their relations tells, before anything is folded.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from remanence.encoding.candidate import Candidate
from remanence.encoding.linking import lifecycle, notation
from remanence.encoding.linking.graph import Graph, Origin
from remanence.encoding.relations import RELATIONS, is_functional
from remanence.storage import episodes, facts
from remanence.storage.engine import Rows

LOOKED_AT: Final = 3  # episodes that may be replaced, the first ones

Stated = tuple[Origin, list[Candidate]]


def replaced(
    rows: Rows, namespace: int, numbers: Sequence[int], instant: int
) -> dict[int, frozenset[int]]:
    """Return which of the first episodes say what is over at `instant`, and which ended it.

    Numbers of episodes map to numbers of episodes, all of `numbers`. An episode with a fact that
    holds is not among the keys.
    """
    stated = list(_stated(rows, numbers)) if len(numbers) > 1 else []
    first = [each for each in stated if each[0].episode in numbers[:LOOKED_AT]]
    if not any(may_end(later, earlier) for later, earlier in product(stated, first)):
        return {}
    graph = Graph(RELATIONS)
    buried = facts.tombstones(rows, namespace)
    for origin, candidates in stated:
        graph.add(origin, candidates, buried)
    graph.settle()
    return ended(graph, instant)


def ended(graph: Graph, instant: int) -> dict[int, frozenset[int]]:
    """Return which episodes of a graph state only what is over at `instant`, and which ended it."""
    enders: dict[int, set[int]] = {}
    holding: set[int] = set()
    for root, relation in graph.groups(None, None, None):
        for spell in graph.spells(root, relation):
            stating = {said.episode for said in spell.statements}
            over = spell.state == lifecycle.SUPERSEDED and not spell.hold_at(instant)
            if not over or spell.closer is None:
                holding |= stating
                continue
            for episode in stating - {spell.closer[1]}:
                enders.setdefault(episode, set()).add(spell.closer[1])
    return {one: frozenset(enders[one]) for one in enders if one not in holding}


def _stated(rows: Rows, numbers: Sequence[int]) -> Iterator[Stated]:
    for number, extractor, source, part, speaker, at, recorded, body in facts.of_episodes(
        rows, numbers
    ):
        name = episodes.episode_id(source, part)
        standing = extractor == facts.LEARNED
        origin = Origin(number, extractor, name, speaker, at, recorded, standing)
        yield origin, notation.load(body)


def may_end(later: Stated, earlier: Stated) -> bool:
    """Return whether, by relations and names alone, one episode may end a fact of another."""
    if later[0].episode == earlier[0].episode:
        return False
    return any(
        new.subject.casefold() == old.subject.casefold() and _touches(new, old)
        for new, old in product(later[1], earlier[1])
    )


def _touches(new: Candidate, old: Candidate) -> bool:
    about = RELATIONS.get(new.relation)
    if about is not None and old.relation in about.affected:
        return True
    if new.relation != old.relation:
        return False
    functional = is_functional(new.relation) if about is None else about.functional
    return functional or new.negated or bool(new.change) or bool(new.replaces)
