"""Why an item for a user: the likeliest paths between them, in words.

Every step of a path is an edge of the graph.

Short paths first: what the user has shares a fact with the item, or was chosen together with it by
others, or the item has what is known of the user. Where there is none, the likeliest longer one;
where there is none at all, how many have the item. Other users are counted, never named.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from remanence.apps.recommend.graph import Ids, InteractionGraph
from remanence.apps.recommend.walk import STEPS, Walk
from remanence.encoding.assertions import sentence

MOST: Final = 3
_HAN: Final = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Edge:
    """One statement of the graph:

    `subject` `relation` `object`, nodes and the relation's number.
    """

    subject: int
    relation: int
    object: int


class InteractionEdges:
    """The graph's statements, by the nodes that they join."""

    def __init__(self, graph: InteractionGraph) -> None:
        self.graph = graph

    @cached_property
    def _of(self) -> dict[int, list[tuple[int, Edge]]]:
        found: dict[int, list[tuple[int, Edge]]] = {}
        for head, kind, tail in np.concatenate([self.graph.has, self.graph.knowledge]).tolist():
            edge = Edge(head, kind, tail)
            found.setdefault(head, []).append((tail, edge))
            found.setdefault(tail, []).append((head, edge))
        return found

    def at(self, node: int) -> list[tuple[int, Edge]]:
        """The neighbours of a node, each with the statement that joins them, in the order of their
        telling.
        """
        return self._of.get(node, [])


@dataclass(frozen=True, slots=True)
class _Path:
    """`chance` that a walker takes it; `edges` in order; `others`, how many users it leads through
    who have both of its items.
    """

    chance: float
    edges: tuple[Edge, ...]
    others: int = 0


class Reasons:
    """Reasons for one user, whose surroundings are looked up once."""

    def __init__(self, edges: InteractionEdges, walk: Walk, user: int) -> None:
        self._edges, self._graph, self._walk, self._user = edges, edges.graph, walk, user
        self._near: dict[int, list[tuple[float, tuple[Edge, ...], int]]] = {}
        """Node -> the ways there in two steps: chance, edges, and the node between."""
        self._next: dict[int, tuple[float, Edge]] = {}
        for first, edge in edges.at(user):
            if first in self._next:
                continue
            chance = walk.chance(user, first)
            self._next[first] = (chance, edge)
            for second, other in edges.at(first):
                if second != user:
                    way = (chance * walk.chance(first, second), (edge, other), first)
                    self._near.setdefault(second, []).append(way)

    def of(self, item: int, most: int = MOST) -> tuple[str, ...]:
        """At most `most` reasons for an item, the likeliest first; the second of another kind than
        the first, if there is one.
        """
        paths = _varied(sorted(self._short(item), key=lambda path: -path.chance))
        if not paths:
            paths = list(self._long(item))
        told = dict.fromkeys(self._words(path, item) for path in paths[: 2 * most])
        if told:
            return tuple(told)[:most]
        count = int(self._graph.counts[item])
        return (self._popular(item, count),) if count else ()

    def _short(self, item: int) -> Iterator[_Path]:
        """Paths of two and three steps.

        Those through users are one for each item that they have in common with the user.
        """
        together: dict[int, dict[int, _Path]] = {}
        through: dict[int, _Path] = {}
        for middle, last in self._edges.at(item):
            if middle == self._user:
                continue
            chance = self._walk.chance(middle, item)
            if middle in self._next:
                begun, edge = self._next[middle]
                yield _Path(begun * chance, (edge, last))
            for begun, edges, first in self._near.get(middle, []):
                if first == item:
                    continue
                path = _Path(begun * chance, (*edges, last))
                if self._graph.users[middle]:
                    together.setdefault(first, {}).setdefault(middle, path)
                elif middle not in through or through[middle].chance < path.chance:
                    through[middle] = path
        yield from through.values()
        for paths in together.values():
            one = next(iter(paths.values()))
            yield _Path(sum(path.chance for path in paths.values()), one.edges, len(paths))

    def _long(self, item: int) -> Iterable[_Path]:
        """The likeliest path of at most `STEPS` steps (Viterbi, 1967), if there is one."""
        best: dict[int, _Path] = {self._user: _Path(1.0, ())}
        front = dict(best)
        for _ in range(STEPS):
            ahead: dict[int, _Path] = {}
            for node, path in front.items():
                for other, edge in self._edges.at(node):
                    chance = path.chance * self._walk.chance(node, other)
                    known = ahead.get(other) or best.get(other)
                    if chance > 0 and (known is None or chance > known.chance):
                        ahead[other] = _Path(chance, (*path.edges, edge))
            if item in ahead:
                return [ahead[item]]
            best |= ahead
            front = ahead
        return []

    # -- words --------------------------------------------------------------------------------

    def _words(self, path: _Path, item: int) -> str:
        nodes = {node for edge in path.edges for node in (edge.subject, edge.object)}
        chinese = self._chinese(nodes)
        if path.others and path.edges[1].object == path.edges[0].object:
            return self._both(path, item, chinese)
        said = [self._said(edge, chinese) for edge in path.edges]
        if chinese:
            return "，".join(said)
        return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)

    def _both(self, path: _Path, item: int, chinese: bool) -> str:  # noqa: FBT001
        names, count = self._graph.names, path.others
        mine, other = names[path.edges[0].object], names[item]
        begun = self._said(path.edges[0], chinese)
        if chinese:
            return f"{begun}，另有{count}人同时选择了{mine}和{other}"
        return f"{begun}, and {count} other{'s' if count > 1 else ''} chose both {mine} and {other}"

    def _said(self, edge: Edge, chinese: bool) -> str:  # noqa: FBT001
        subject, object = self._name(edge.subject, chinese), self._name(edge.object, chinese)
        relation = self._graph.relations[edge.relation]
        return sentence(subject, relation, object, None, None)[:-1]  # its full stop

    def _name(self, node: int, chinese: bool) -> str:  # noqa: FBT001
        if self._graph.users[node] and node != self._user:
            return "另一位用户" if chinese else "another user"
        return self._graph.names[node]

    def _popular(self, item: int, count: int) -> str:
        name = self._graph.names[item]
        if self._chinese({item, self._user}):
            return f"有{count}人选择了{name}"
        return f"{count} chose {name}" if count > 1 else f"another user chose {name}"

    def _chinese(self, nodes: Iterable[int] | Ids) -> bool:
        names = self._graph.names
        mine = (node for node in nodes if node == self._user or not self._graph.users[node])
        return any(_HAN.search(names[node]) for node in mine)


def _varied(paths: list[_Path]) -> list[_Path]:
    """The same, with the first path through other users, or through none, in the second place where
    the first is not of that kind.
    """
    other = next((path for path in paths if bool(path.others) != bool(paths[0].others)), None)
    if other is None:
        return paths
    return [paths[0], other, *(path for path in paths[1:] if path is not other)]
