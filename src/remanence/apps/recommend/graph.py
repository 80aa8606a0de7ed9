"""Users, items and what is known of both as one graph of numbers: checked, extended, asked by name.

A node is a user or a thing; a name may stand for one of each. An item is a thing that may be
recommended: what somebody has, what is listed as one, and what is described in the way that items
are.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from remanence.errors import InvalidInput

Ids = NDArray[np.int64]
HAS: Final = "likes"  # what an interaction without a relation says
DESCRIBED: Final = (
    0.5  # of a relation's subjects are had by someone: its other subjects are items too
)

Named = Iterable[Sequence[str]]


def _none(columns: int) -> Ids:
    return np.empty((0, columns), np.int64)


@dataclass(frozen=True)
class InteractionGraph:
    """`names` of nodes and `users`, which of them are users, (nodes,); `relations`, names.

    `has` (n, 3) and `dislikes` (d, 3): user, relation, item. `knowledge` (k, 3): subject, relation,
    object. `listed` (l,): items by name alone. Each row once.
    """

    names: tuple[str, ...] = ()
    users: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    relations: tuple[str, ...] = ()
    has: Ids = field(default_factory=lambda: _none(3))
    dislikes: Ids = field(default_factory=lambda: _none(3))
    knowledge: Ids = field(default_factory=lambda: _none(3))
    listed: Ids = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def user_at(self) -> dict[str, int]:
        """Name -> node of users."""
        return {self.names[at]: at for at in np.flatnonzero(self.users).tolist()}

    @cached_property
    def thing_at(self) -> dict[str, int]:
        """Name -> node of all that is no user."""
        return {self.names[at]: at for at in np.flatnonzero(~self.users).tolist()}

    @cached_property
    def pairs(self) -> Ids:
        """(m, 2) user and item, each pair once, however many relations join them; ascending."""
        return np.unique(self.has[:, [0, 2]], axis=0)

    @cached_property
    def counts(self) -> Ids:
        """(nodes,) how many users have it."""
        return np.bincount(self.pairs[:, 1], minlength=len(self))

    @cached_property
    def items(self) -> Ids:
        """Nodes (items,) that may be recommended, ascending."""
        chosen = np.zeros(len(self), np.bool_)
        chosen[self.has[:, 2]] = chosen[self.dislikes[:, 2]] = chosen[self.listed] = True
        told = self.knowledge[~self.users[self.knowledge[:, 0]]][:, :2]
        told = np.unique(told, axis=0)
        had = np.bincount(told[:, 1], chosen[told[:, 0]], len(self.relations))
        like = had >= DESCRIBED * np.maximum(1, np.bincount(told[:, 1], minlength=len(had)))
        chosen[told[like[told[:, 1]], 0]] = True
        return np.flatnonzero(chosen)

    @cached_property
    def place(self) -> Ids:
        """(nodes,) where a node stands among `items`; -1 for what is no item."""
        place = np.full(len(self), -1, np.int64)
        place[self.items] = np.arange(len(self.items))
        return place

    def had(self, user: int) -> Ids:
        """Items of a user, ascending."""
        first, last = np.searchsorted(self.pairs[:, 0], [user, user + 1])
        mine: Ids = self.pairs[first:last, 1]
        return mine

    def disliked(self, user: int) -> Ids:
        """Items that a user dislikes."""
        mine: Ids = self.dislikes[self.dislikes[:, 0] == user]
        return mine[:, 2]

    def user(self, name: str) -> int:
        """The node of someone to recommend to: a user, else a thing that is no item.

        Raises `InvalidInput`.
        """
        at = self.user_at.get(name)
        if at is None:
            at = self.thing_at.get(name)
            if at is None or self.place[at] >= 0:
                raise InvalidInput(
                    f"user {name!r:.80} is not known; {_near(name, list(self.user_at))}, or "
                    "add_user() with a history or facts"
                )
        return at

    def item(self, name: str) -> int:
        """The node of an item. Raises `InvalidInput`."""
        at = self.thing_at.get(name)
        if at is None or self.place[at] < 0:
            known = [self.names[item] for item in self.items.tolist()]
            raise InvalidInput(
                f"item {name!r:.80} is not known; {_near(name, known)}, or add_item() with its "
                "facts"
            )
        return at

    def without(self, pairs: Ids) -> "InteractionGraph":
        """The same nodes and items, without the interactions of `pairs` (m, 2)."""
        width = len(self)
        gone = np.isin(self.has[:, 0] * width + self.has[:, 2], pairs[:, 0] * width + pairs[:, 1])
        return InteractionGraph(
            self.names, self.users, self.relations, self.has[~gone], self.dislikes, self.knowledge, self.items
        )  # fmt: skip


def extend(
    graph: InteractionGraph,
    interactions: Named = (),
    knowledge: Named = (),
    *,
    dislikes: Named = (),
    items: Iterable[str] = (),
    profiles: Named = (),
) -> InteractionGraph:
    """`graph` with more in it; the nodes that it has keep their numbers.

    `interactions` and `dislikes` are (user, item) or (user, relation, item), `knowledge` (subject,
    relation, object), `profiles` the same with users for subjects. Raises `InvalidInput` for what
    is none of that.
    """
    if isinstance(items, str):
        raise InvalidInput(f"items={items!r:.80} is one text; give a list of names")
    numbers = _Numbers(graph)
    has = [numbers.interaction(row, "interaction", HAS) for row in interactions]
    against = [numbers.interaction(row, "dislike", "dislikes") for row in dislikes]
    listed = [numbers.thing(_name(item, "items", item)) for item in items]
    told = [numbers.fact(row, of_user=True) for row in profiles]
    told += [numbers.fact(row) for row in knowledge]
    return InteractionGraph(
        tuple(numbers.names),
        np.array(numbers.users, np.bool_),
        tuple(numbers.relations),
        _merged(graph.has, has),
        _merged(graph.dislikes, against),
        _merged(graph.knowledge, told),
        np.unique(np.concatenate([graph.listed, np.array(listed, np.int64)])),
    )


class _Numbers:
    """Numbers for names as they come."""

    def __init__(self, graph: InteractionGraph) -> None:
        self._graph = graph
        self.names, self.users = list(graph.names), graph.users.tolist()
        self.relations = {name: at for at, name in enumerate(graph.relations)}
        self._user_at, self._thing_at = dict(graph.user_at), dict(graph.thing_at)

    def interaction(self, row: Sequence[str], what: str, relation: str) -> tuple[int, int, int]:
        if isinstance(row, str) or len(row) not in (2, 3):
            raise InvalidInput(f"{what} {row!r:.80} is not (user, item) or (user, relation, item)")
        user, *said, item = (_name(name, what, row) for name in row)
        kind = self.relations.setdefault(said[0] if said else relation, len(self.relations))
        return self.user(user), kind, self.thing(item)

    def fact(self, row: Sequence[str], *, of_user: bool = False) -> tuple[int, int, int]:
        if isinstance(row, str) or len(row) != 3:
            raise InvalidInput(f"fact {row!r:.80} is not (subject, relation, object)")
        subject, relation, object = (_name(name, "fact", row) for name in row)
        head = self.user(subject) if of_user else self._either(subject)
        return head, self.relations.setdefault(relation, len(self.relations)), self._either(object)

    def user(self, name: str) -> int:
        at = self._thing_at.get(name, len(self._graph))
        if at < len(self._graph) and self._graph.place[at] < 0 and name not in self._user_at:
            self.users[at] = True  # known by facts so far
            self._user_at[name] = self._thing_at.pop(name)
        return self._of(name, self._user_at, is_user=True)

    def thing(self, name: str) -> int:
        return self._of(name, self._thing_at, is_user=False)

    def _either(self, name: str) -> int:
        """Return the node that a fact means: the thing of that name, else the user, else a new
        thing.
        """
        if name not in self._thing_at and name in self._user_at:
            return self._user_at[name]
        return self.thing(name)

    def _of(self, name: str, known: dict[str, int], *, is_user: bool) -> int:
        at = known.setdefault(name, len(self.names))
        if at == len(self.names):
            self.names.append(name)
            self.users.append(is_user)
        return at


def _name(value: Any, what: str, row: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{what} {row!r:.80} has a name that is blank or no text: {value!r:.40}")
    return value


def _merged(rows: Ids, more: list[tuple[int, int, int]]) -> Ids:
    """Rows (n, 3) and more, each once, in the order of their first mention."""
    both = np.concatenate([rows, np.array(more, np.int64).reshape(-1, 3)])
    _, first = np.unique(both, axis=0, return_index=True)
    return both[np.sort(first)]


def _near(name: Any, known: list[str]) -> str:
    near = difflib.get_close_matches(str(name), known[:50_000], 3)
    if near:
        return f"did you mean {', '.join(map(repr, near))}"
    return f"there are {len(known):,}" + (f", such as {known[0]!r}" if known else "")
