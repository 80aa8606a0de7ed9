"""Queries over events: count, rank and list those of a selection.

A selection is conditions on phrases and a stretch of time; it becomes one SELECT with bound values.
Only events of current episodes are read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from remanence.storage.engine import Rows
from remanence.storage.events import Role
from remanence.storage.values import Row, Value, certain


@dataclass(frozen=True, slots=True)
class PhraseCondition:
    """A demand on the phrases of an event."""

    alternatives: tuple[tuple[int, ...], ...]
    """Hashes of terms; all of one alternative must stand in one phrase."""
    roles: tuple[Role, ...]
    """The roles of phrases that may meet it."""


@dataclass(frozen=True, slots=True)
class EventSelection:
    """Which events."""

    conditions: tuple[PhraseCondition, ...] = ()
    """Each must be met."""
    since: int | None = None
    """Begun at that instant or later, in microseconds; None: at any time."""
    until: int | None = None
    """Begun before that instant; None: at any time."""
    own: bool | None = None
    """Done by whoever speaks, or not; None: either."""
    on_days_of: "EventSelection | None" = None
    """On the days of these events alone."""


class Grain(StrEnum):
    """Stretch of time by which events are grouped."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    WEEKDAY = "weekday"


_GRAINS: Final = {
    Grain.DAY: "v.day",
    Grain.MONTH: "v.month",
    Grain.YEAR: "v.month / 12",
    Grain.WEEKDAY: "(v.day + 3) % 7",  # 1970 began on a Thursday; 0 is Monday
}


class _Query:
    """SQL of a selection, put together with its bound values."""

    def __init__(self, namespace: int) -> None:
        self.bound: dict[str, Value] = {"namespace": namespace}

    def bind(self, value: Value) -> str:
        name = f"v{len(self.bound)}"
        self.bound[name] = value
        return f":{name}"

    def listed(self, values: Iterable[int]) -> str:
        return ", ".join(self.bind(int(value)) for value in values)

    def picked(self, selection: EventSelection, columns: str = "v.*") -> str:
        """Return a SELECT of the events of a selection."""
        where = ["v.namespace = :namespace", "v.times > 0", *map(self._met, selection.conditions)]
        if selection.since is not None:
            where.append(f"v.began >= {self.bind(selection.since)}")
        if selection.until is not None:
            where.append(f"v.began < {self.bind(selection.until)}")
        if selection.own is not None:
            where.append(f"v.own = {self.bind(int(selection.own))}")
        if selection.on_days_of is not None:
            where.append(f"v.day IN ({self.picked(selection.on_days_of, 'v.day')})")
        where.append("EXISTS (SELECT 1 FROM episode AS e WHERE e.id = v.episode AND e.state = 2)")
        return f"SELECT {columns} FROM event AS v WHERE {' AND '.join(where)}"

    def chosen(self, selection: EventSelection) -> str:
        """Return the WITH clause that names a selection's events `chosen`."""
        return f"WITH chosen AS MATERIALIZED ({self.picked(selection)})"

    def _met(self, condition: PhraseCondition) -> str:
        return f"v.id IN ({self._having(condition, 'event')})"

    def _having(self, condition: PhraseCondition, column: str) -> str:
        roles = self.listed(condition.roles)
        selects = []
        single = sorted({terms[0] for terms in condition.alternatives if len(set(terms)) == 1})
        if single:
            selects.append(
                f"SELECT {column} FROM event_term WHERE namespace = :namespace "
                f"AND term IN ({self.listed(single)}) AND role IN ({roles})"
            )
        selects += [
            f"SELECT {column} FROM event_term WHERE namespace = :namespace "
            f"AND term IN ({self.listed(terms)}) AND role IN ({roles}) "
            f"GROUP BY event, part HAVING count(DISTINCT term) = {len(set(terms))}"
            for terms in condition.alternatives
            if len(set(terms)) > 1
        ]
        return " UNION ".join(selects)

    def parts(self, roles: Sequence[Role], within: Sequence[PhraseCondition]) -> str:
        """Return the join with the phrases in `roles` that meet every condition of `within`.

        Conditions of `within` are of single terms. They are looked up for each phrase: the phrases
        of the chosen events are few beside all phrases that have a term.
        """
        met = [
            "EXISTS (SELECT 1 FROM event_term AS t WHERE t.namespace = :namespace "
            f"AND t.term IN ({self.listed(terms[0] for terms in each.alternatives)}) "
            f"AND t.role IN ({self.listed(each.roles)}) AND t.event = v.id AND t.part = p.id)"
            for each in within
        ]
        listed = " AND ".join([f"p.role IN ({self.listed(roles)})", *met])
        return f"JOIN event_part AS p ON p.event = v.id AND {listed}"


@dataclass(frozen=True, slots=True)
class Totals:
    """The size of a selection."""

    events: int = 0
    """How many events."""
    times: float = 0.0
    """How often they happened, each counted as often as it says."""
    days: int = 0
    """On how many days."""
    first: int | None = None
    """The first day, in days since 1970; None where there is none."""
    last: int | None = None
    """The last day."""


def totals(rows: Rows, namespace: int, selection: EventSelection) -> Totals:
    """Return the size of a selection."""
    query = _Query(namespace)
    row = certain(
        rows.one(
            f"{query.chosen(selection)} SELECT count(*), coalesce(sum(v.times), 0), "
            "count(DISTINCT v.day), min(v.day), max(v.day) FROM chosen AS v",
            **query.bound,
        )
    )
    return Totals(*row)


def matching(
    rows: Rows, namespace: int, selection: EventSelection, most: int, *, newest: bool = False
) -> list[Row]:
    """Return (event, episode, day, began, times) of a selection's events, in order of time."""
    query = _Query(namespace)
    order = "DESC" if newest else "ASC"
    return rows.all(
        f"{query.chosen(selection)} SELECT v.id, v.episode, v.day, v.began, v.times "
        f"FROM chosen AS v ORDER BY v.began {order}, v.id {order} LIMIT :most",
        most=most,
        **query.bound,
    )


def quantities(rows: Rows, namespace: int, selection: EventSelection) -> list[Row]:
    """Return (unit, sum, number of events, least, most) of a selection, commonest unit first."""
    query = _Query(namespace)
    join = query.parts((Role.QUANTITY,), ())
    return rows.all(
        f"{query.chosen(selection)} SELECT p.unit, sum(p.amount), count(DISTINCT v.id), "
        f"min(p.amount), max(p.amount) FROM chosen AS v {join} GROUP BY p.unit ORDER BY 3 DESC, 1",
        **query.bound,
    )


def by_phrase(
    rows: Rows,
    namespace: int,
    selection: EventSelection,
    roles: Sequence[Role],
    within: Sequence[PhraseCondition] = (),
    unit: int | None = None,
) -> list[Row]:
    """Return (value, events, times, amount, a part) of a selection by phrase, most events first.

    `amount` sums the events' quantities in `unit`, and those without any; where `unit` is None, the
    phrases' own amounts.
    """
    query = _Query(namespace)
    join = query.parts(roles, within)
    amount = "sum(p.amount)"
    if unit is not None:
        join += (
            " LEFT JOIN (SELECT event, sum(amount) AS amount FROM event_part "
            f"WHERE event IN (SELECT id FROM chosen) AND role = {query.bind(int(Role.QUANTITY))} "
            f"AND unit IN (0, {query.bind(unit)}) GROUP BY event) AS q ON q.event = v.id"
        )
        amount = "coalesce(sum(q.amount), 0)"
    return rows.all(
        f"{query.chosen(selection)} SELECT p.value, count(DISTINCT v.id), sum(v.times), {amount}, "
        f"min(p.id) FROM chosen AS v {join} GROUP BY p.value ORDER BY 2 DESC, 5",
        **query.bound,
    )


def by_time(rows: Rows, namespace: int, selection: EventSelection, grain: Grain) -> list[Row]:
    """Return (stretch of time, events, times) of a selection, most events first.

    A stretch is a day since 1970, 12 * year + month - 1, a year, or a weekday from Monday 0.
    """
    query = _Query(namespace)
    return rows.all(
        f"{query.chosen(selection)} SELECT {_GRAINS[grain]} AS stretch, count(*), sum(v.times) "
        f"FROM chosen AS v GROUP BY {_GRAINS[grain]} ORDER BY 2 DESC, 1",
        **query.bound,
    )


def phrases(
    rows: Rows,
    namespace: int,
    selection: EventSelection,
    roles: Sequence[Role],
    within: Sequence[PhraseCondition] = (),
    most: int = 1_000,
) -> list[Row]:
    """Return (value, first, last, episode, day, amount, unit) of phrases, in order of time."""
    query = _Query(namespace)
    return rows.all(
        f"{query.chosen(selection)} SELECT p.value, p.first, p.last, v.episode, v.day, p.amount, "
        f"p.unit FROM chosen AS v {query.parts(roles, within)} "
        "ORDER BY v.began, p.id LIMIT :most",
        most=most,
        **query.bound,
    )


def edges(rows: Rows, namespace: int, terms: Sequence[int], most: int) -> list[Row]:
    """Return the stated causes of effects that have any of some terms, most shared terms first.

    (event, episode, effect's first and last, cause's first and last) each.
    """
    query = _Query(namespace)
    return rows.all(
        "SELECT v.id, v.episode, f.first, f.last, c.first, c.last FROM ("
        "SELECT event, count(*) AS shared FROM event_term WHERE namespace = :namespace "
        f"AND term IN ({query.listed(terms)}) AND role = {query.bind(int(Role.EFFECT))} "
        "GROUP BY event ORDER BY 2 DESC, 1 LIMIT :most) AS t "
        "JOIN event AS v ON v.id = t.event "
        "JOIN episode AS e ON e.id = v.episode AND e.state = 2 "
        f"JOIN event_part AS f ON f.event = v.id AND f.role = {query.bind(int(Role.EFFECT))} "
        f"JOIN event_part AS c ON c.event = v.id AND c.role = {query.bind(int(Role.CAUSE))} "
        "ORDER BY t.shared DESC, v.id",
        most=most,
        **query.bound,
    )


def places(rows: Rows, parts: Sequence[int]) -> dict[int, Row]:
    """Return part -> (episode, first, last): where the words of phrases stand."""
    found = {}
    for part in parts:
        row = rows.one(
            "SELECT v.episode, p.first, p.last FROM event_part AS p "
            "JOIN event AS v ON v.id = p.event WHERE p.id = :part",
            part=part,
        )
        if row is not None:
            found[part] = row
    return found


def known(rows: Rows, namespace: int, condition: PhraseCondition) -> bool:
    """Return whether any event of a namespace meets a condition."""
    query = _Query(namespace)
    picked = query.picked(EventSelection((condition,)), "1")
    return rows.one(f"{picked} LIMIT 1", **query.bound) is not None
