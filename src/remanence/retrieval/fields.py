"""Metadata of one namespace or several as columns: a condition is answered without reading a row.

For each key, the values that occur and the episodes that have them. Rows are only added: which
episodes are current is the index's to say. `where.matches` is the plain twin.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from remanence.retrieval.where import Condition, Either, Every, Negation, Term, identity, order_of
from remanence.storage import episodes
from remanence.storage.engine import Rows
from remanence.storage.selection import EVERYTHING, Numbers, Selection

_BYTES = 150  # of memory for a value of an episode, about


class Column:
    """The values of one key, and the numbers of the episodes that have them."""

    __slots__ = ("_lists", "_ordered", "_runs", "holders")

    def __init__(self) -> None:
        self.holders: dict[Hashable, list[int]] = {}
        self._lists: dict[Hashable, list[int]] = {}  # member of a list -> episodes
        self._ordered: dict[str, list[Any]] = {"number": [], "text": []}
        self._runs: dict[str, tuple[Numbers, Numbers]] = {}  # made when an order is asked for

    def add(self, number: int, value: Any) -> None:
        """Add the value of one episode."""
        key = identity(value)
        held = self.holders.get(key)
        if held is None:
            held = self.holders[key] = []
            kind = order_of(value)
            if kind is not None:
                self._ordered[kind].append(value)
        held.append(number)
        self._runs.clear()
        if isinstance(value, list):
            for member in {identity(each) for each in value}:
                self._lists.setdefault(member, []).append(number)

    def equal(self, values: Iterable[Any]) -> Selection:
        """Return the episodes that have one of some values."""
        return Selection.of(
            chain.from_iterable(self.holders.get(identity(value), ()) for value in values)
        )

    def present(self) -> Selection:
        """Return the episodes that have any value."""
        return Selection.of(chain.from_iterable(self.holders.values()))

    def compared(self, operator: str, bound: Any) -> Selection:
        """Return the episodes whose value stands in an order to `bound`."""
        if bound != bound:  # noqa: PLR0124 - not a number: nothing stands in an order to it
            return ~EVERYTHING
        kind = str(order_of(bound))
        starts, numbers = self._run(kind)
        cut = bisect_right if operator in ("$gt", "$lte") else bisect_left
        at = int(starts[cut(self._ordered[kind], bound)])
        chosen = numbers[at:] if operator in ("$gt", "$gte") else numbers[:at]
        return Selection(np.sort(chosen))

    def _run(self, kind: str) -> tuple[Numbers, Numbers]:
        """Return the episodes in the order of their values, and where each value's begin."""
        if kind not in self._runs:
            values = self._ordered[kind]
            values.sort()
            held = [self.holders[identity(value)] for value in values]
            starts = np.cumsum([0, *map(len, held)])
            numbers = np.fromiter(chain.from_iterable(held), np.int64, int(starts[-1]))
            self._runs[kind] = (starts, numbers)
        return self._runs[kind]

    def containing(self, part: Any) -> Selection:
        """Return the episodes whose value is a list with `part`, or a text around it."""
        found = self._lists.get(identity(part), [])
        if not isinstance(part, str):
            return Selection.of(found)
        texts = [text for text in self._ordered["text"] if part in text]
        return Selection.of(found) | self.equal(texts)


class Fields:
    """The columns of an index, by key."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._upto: dict[int, int] = {}
        self._values = 0

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        return _BYTES * self._values

    def catch_up(self, rows: Rows, namespaces: Iterable[int]) -> None:
        """Take in the episodes that have come since the last look, by namespace."""
        for namespace in namespaces:
            after = self._upto.get(namespace, 0)
            newest = episodes.newest(rows, namespace)
            if newest > after:
                for number, encoded in episodes.metadata(rows, namespace, after):
                    self.add(number, json.loads(encoded))
                self._upto[namespace] = newest

    def add(self, number: int, metadata: Mapping[str, Any]) -> None:
        """Add the metadata of one episode."""
        for key, value in _flat(metadata):
            self._columns.setdefault(key, Column()).add(number, value)
            self._values += 1

    def select(self, condition: Condition) -> Selection:
        """Return the episodes of which a condition holds, forgotten and replaced ones among them."""
        if isinstance(condition, Every):
            found = EVERYTHING
            for part in condition.parts:
                found &= self.select(part)
            return found
        if isinstance(condition, Either):
            found = ~EVERYTHING
            for part in condition.parts:
                found |= self.select(part)
            return found
        if isinstance(condition, Negation):
            return ~self.select(condition.part)
        return self._term(condition)

    def _term(self, term: Term) -> Selection:
        column = self._columns.get(term.key) or Column()
        operator, operand = term.operator, term.operand
        if operator == "$exists":
            return column.present() if operand else ~column.present()
        if operator == "$contains":
            return column.containing(operand)
        if operator in ("$gt", "$gte", "$lt", "$lte"):
            return column.compared(operator, operand)
        found = column.equal(operand if operator in ("$in", "$nin") else [operand])
        return ~found if operator in ("$ne", "$nin") else found


def _flat(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield (key, value) of metadata, and of what its objects hold under paths "a.b"."""
    for key, value in metadata.items():
        yield key, value
        if isinstance(value, Mapping) and "." not in key:
            for path, inner in _inside(value, key):
                if path not in metadata:
                    yield path, inner


def _inside(held: Mapping[str, Any], outer: str) -> Iterator[tuple[str, Any]]:
    for key, value in held.items():
        if "." not in key:
            yield f"{outer}.{key}", value
            if isinstance(value, Mapping):
                yield from _inside(value, f"{outer}.{key}")
