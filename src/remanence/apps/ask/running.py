"""A plan, run: SQL over the events (`storage.events`), and the rows that give the answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from remanence.apps.ask import selecting
from remanence.apps.ask.lexicon import Unit, lexicon
from remanence.apps.ask.plan import MONEY, Operation, Plan, Target
from remanence.apps.ask.selecting import Chosen
from remanence.storage import episodes
from remanence.storage import event_queries as events
from remanence.storage.engine import Rows
from remanence.storage.event_queries import EventSelection, Grain, PhraseCondition, Totals
from remanence.storage.events import Role
from remanence.storage.values import Row
from remanence.text.words import hash32, terms

CITED: Final = 10  # episodes that an answer quotes at most
_LISTED: Final = 500  # phrases of a list
_SHARE: Final = 0.8  # of the events that must have a duration for "most" to mean the longest
_ROLES: Final = {
    Target.PERSON: (Role.PERSON,),
    Target.PLACE: (Role.GOAL, Role.SETTING),
    Target.THING: (Role.THING, Role.OTHER),
}
_GRAINS: Final = {
    Target.DAY: Grain.DAY,
    Target.MONTH: Grain.MONTH,
    Target.YEAR: Grain.YEAR,
    Target.WEEKDAY: Grain.WEEKDAY,
}
_CURRENCIES: Final = ("dollar", "euro", "pound", "yuan")
_LENGTHS: Final = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Value:
    """One answer."""

    text: str
    """Its words, or its date (ISO 8601)."""
    amount: float = 0.0
    """How often, or how much."""


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a plan."""

    values: tuple[Value, ...] = ()
    """The answers, best or earliest first."""
    number: float | None = None
    """The number, where one was asked for; None where the store does not give it."""
    unit: str = ""
    """Its unit."""
    episodes: tuple[int, ...] = ()
    """Numbers of the episodes that give it, the first `CITED`."""
    totals: Totals = field(default_factory=Totals)
    """The size of the selection."""
    searched: Totals = field(default_factory=Totals)
    """The size of the same time without the plan's words."""
    read_as: tuple[str, ...] = ()
    """Words taken in a looser sense."""
    unmet: tuple[str, ...] = ()
    """Words that no event has."""
    notes: tuple[str, ...] = ()
    """What the number leaves out or takes for granted."""


class PlanRun:
    """One plan over one namespace, in one snapshot."""

    def __init__(self, rows: Rows, namespace: int, plan: Plan, asker: str | None = None) -> None:
        self._rows, self._number, self._plan = rows, namespace, plan
        chosen = selecting.select(plan, self._known, asker)
        self._chosen: Chosen = chosen
        self._selection: EventSelection = chosen.selection
        self._totals = events.totals(rows, namespace, chosen.selection)
        self._notes: list[str] = []

    def _known(self, condition: PhraseCondition) -> bool:
        return events.known(self._rows, self._number, condition)

    def result(self) -> Result:
        """Return the outcome of the plan."""
        plan = self._plan
        found: tuple[float | None, str, Sequence[Value]]
        if plan.operation is Operation.COUNT:
            found = (*self._count(), ())
        elif plan.operation in (Operation.TOTAL, Operation.LARGEST, Operation.SMALLEST):
            found = (*self._quantity(), ())
        elif plan.operation is Operation.EXISTS:
            found = (float(self._totals.events > 0), "", ())
        elif plan.operation in (Operation.FIRST, Operation.LAST):
            found = (None, "", self._end())
        elif plan.target in _GRAINS:
            found = (None, "", self._times())
        elif plan.target in _ROLES:
            found = (None, "", self._phrases())
        else:
            found = (None, "", self._sentences())
        number, unit, values = found
        window = EventSelection(since=self._selection.since, until=self._selection.until)
        return Result(
            tuple(values), number, unit, self._episodes(), self._totals,
            events.totals(self._rows, self._number, window),
            self._chosen.read_as, self._chosen.unmet, tuple(self._notes),
        )  # fmt: skip

    def only_strangers(self, unmet: Sequence[str]) -> bool:
        """Return whether the words found nowhere are names, or people whom nobody could be.

        "How often did I see Zoe": never, where nobody is called so. "How often did I take the kids
        to the dentist": not known as soon as anybody was taken there, since that may be the kids.
        """
        plan = self._plan
        nouns = (*plan.things, *plan.actions, " or ".join(plan.actions))
        if any(word in nouns and not word[:1].isupper() for word in unmet):
            return False
        rest = replace(
            plan, people=(), actor="", goals=_without(plan.goals, unmet),
            settings=_without(plan.settings, unmet),
        )  # fmt: skip
        if any(not word[:1].isupper() for word in (*plan.goals, *plan.settings) if word in unmet):
            return False
        chosen = selecting.select(rest, self._known)
        if chosen.unmet or not chosen.selection.conditions:
            return False
        kin = any(word.lower() in lexicon().people for word in unmet)
        return not kin or self._only_kin(chosen.selection)

    def _only_kin(self, selection: EventSelection) -> bool:
        """Return whether nobody takes part in some events by name."""
        named = events.by_phrase(self._rows, self._number, selection, (Role.PERSON,))
        words = list(events.places(self._rows, [row[4] for row in named]).values())
        texts = self._texts(int(row[0]) for row in words)
        people = lexicon().people
        return all(texts[at][first:last].lower() in people for at, first, last in words)

    def _episodes(self) -> tuple[int, ...]:
        newest = self._plan.operation is Operation.LAST
        found = events.matching(self._rows, self._number, self._selection, CITED, newest=newest)
        return tuple(dict.fromkeys(int(row[1]) for row in found))

    # -- numbers ------------------------------------------------------------------------------

    def _count(self) -> tuple[float, str]:
        target = self._plan.target
        if target is Target.DAY:
            return float(self._totals.days), "day"
        if target is Target.EVENT:
            return self._averaged(self._totals.times), "time"
        if target is Target.THING:
            return self._averaged(self._things()), "thing"
        return float(len(self._ranked())), str(target)

    def _things(self) -> float:
        """Return how many things of a kind, or of the words that the plan has, there are."""
        within = selecting.of_kind(self._plan.kind)
        if not within and self._plan.things:
            last = self._plan.things[-1]
            stems = tuple((hash32(term),) for term in terms(last)[-1:])
            within = (PhraseCondition(stems, (Role.THING, Role.OTHER)),) if stems else ()
        rows = events.by_phrase(
            self._rows, self._number, self._selection, _ROLES[Target.THING], within
        )
        said = selecting.mentions(self._plan) if self._plan.kind else frozenset()
        total = float(sum(row[3] for row in rows if row[0] not in said))
        return total if rows else self._totals.times

    def _averaged(self, total: float) -> float:
        """Return a total, divided by the days, weeks, months or years that the plan looks at."""
        if not self._plan.per:
            return total
        first, last = self._stretch()
        self._notes.append(f"{first.isoformat()}/{last.isoformat()}")
        return total / max(1.0, ((last - first).days + 1) / _LENGTHS[self._plan.per])

    def _stretch(self) -> tuple[date, date]:
        """Return the first and last day of an average: of the plan, else of the events."""
        first = _EPOCH + timedelta(days=self._totals.first or 0)
        last = _EPOCH + timedelta(days=self._totals.last or 0)
        if self._plan.since:
            first = date.fromisoformat(self._plan.since[:10])
        if self._plan.until:
            last = date.fromisoformat(self._plan.until[:10]) - timedelta(days=1)
        return first, max(first, last)

    def _quantity(self) -> tuple[float | None, str]:
        """Return the sum, the largest or the smallest of the quantities of the selection."""
        rows = {row[0]: row for row in events.quantities(self._rows, self._number, self._selection)}
        unit = self._unit(rows)
        if unit is None and 0 in rows:
            unit = self._usual()
        if unit is None:
            return None, self._plan.unit
        summed = [rows[unit.number]] if unit.number in rows else []
        if 0 in rows and unit.base == "minute":  # "spent 39 talking": in the unit of the others
            self._notes.append(f"unit:{rows[0][2]}")
            summed.append(rows[0])
        total, count = sum(row[1] for row in summed), sum(row[2] for row in summed)
        if count < self._totals.events:
            self._notes.append(f"without:{self._totals.events - count}")
        if self._plan.operation is Operation.TOTAL:
            return self._averaged(total), unit.name
        if self._plan.operation is Operation.LARGEST:
            return max(row[4] for row in summed), unit.name
        return min(row[3] for row in summed), unit.name

    def _usual(self) -> Unit | None:
        """Return the unit that other events of the same verb are in, at any time."""
        verb = EventSelection(self._selection.conditions[:1] if self._plan.actions else ())
        found = events.quantities(self._rows, self._number, verb)
        return self._unit({row[0]: row for row in found})

    def _unit(self, rows: Mapping[int, Row]) -> Unit | None:
        """Return the unit to sum in: the plan's, else the commonest; None where there is none."""
        wanted = self._plan.unit
        names = _CURRENCIES if wanted == MONEY else (wanted,) if wanted else ()
        for number in rows:
            unit = lexicon().unit_numbered(number)
            if unit is not None and (not names or unit.base in names):
                return unit
        return None

    # -- answers in words -----------------------------------------------------------------------

    def _end(self) -> list[Value]:
        """Return the first or the last of what the plan asks for."""
        newest = self._plan.operation is Operation.LAST
        if self._plan.target in _ROLES:
            found = self._named()
            chosen = found[-self._plan.most :] if newest else found[: self._plan.most]
            return [Value(text) for text, _ in dict.fromkeys(chosen)]
        rows = events.matching(
            self._rows, self._number, self._selection, self._plan.most, newest=newest
        )
        return [Value(_day(row[2])) for row in rows]

    def _times(self) -> list[Value]:
        grain = _GRAINS[self._plan.target]
        rows = events.by_time(self._rows, self._number, self._selection, grain)
        if self._plan.operation is Operation.LIST:
            rows = sorted(rows)
        else:
            rows = self._best([(row[0], row[2]) for row in rows])
        return [Value(_stretch_text(grain, row[0]), float(row[-1])) for row in rows]

    def _sentences(self) -> list[Value]:
        rows = events.matching(self._rows, self._number, self._selection, CITED)
        texts = self._texts(int(row[1]) for row in rows)
        return [Value(text) for text in dict.fromkeys(texts[int(row[1])] for row in rows)]

    def _phrases(self) -> list[Value]:
        if self._plan.operation is Operation.LIST:
            found = self._named()
            return [Value(text) for text in dict.fromkeys(text for text, _ in found)]
        return self._ranked()

    def _wanted(self) -> tuple[tuple[Role, ...], tuple[PhraseCondition, ...]]:
        """Return the roles and the kind of the phrases that are asked for."""
        plan = self._plan
        within = selecting.of_kind(plan.kind)
        roles = _ROLES[plan.target]
        if plan.target is Target.PLACE and (plan.settings or plan.kind):
            roles = (Role.GOAL,)
        if plan.target is Target.THING:
            roles = (Role.THING, Role.ACTION, Role.OTHER) if within else (Role.THING,)
        return roles, within

    def _named(self) -> list[tuple[str, int]]:
        """Return (words, day) of every phrase asked for, in order of time."""
        roles, within = self._wanted()
        rows = self._listed(roles, within)
        if not rows and not within and self._plan.target is Target.THING:
            rows = self._listed((Role.OTHER,), ())
        texts = self._texts(row[3] for row in rows)
        shown: dict[int, str] = {}
        return [
            (shown.setdefault(value, texts[episode][first:last]), day)
            for value, first, last, episode, day, *_ in rows
        ]

    def _listed(self, roles: Sequence[Role], within: Sequence[PhraseCondition]) -> list[Row]:
        said = selecting.mentions(self._plan)
        found = events.phrases(self._rows, self._number, self._selection, roles, within, _LISTED)
        return [row for row in found if row[0] not in said]

    def _texts(self, numbers: Iterable[int]) -> dict[int, str]:
        found = episodes.numbered(self._rows, sorted(set(numbers)))
        return {row[0]: row[8] for row in found}

    def _ranked(self) -> list[Value]:
        """Return phrases by how many events have them, or by how long those took."""
        roles, within = self._wanted()
        minute = lexicon().unit_named("minute").number
        timed = self._plan.target is Target.PERSON and self._lasting(minute)
        rows = events.by_phrase(
            self._rows, self._number, self._selection, roles, within, minute if timed else None
        )
        if timed:
            self._notes.append("minutes")
        said = selecting.mentions(self._plan)
        counted = [(row[4], row[3] if timed else row[2]) for row in rows if row[0] not in said]
        return self._worded(
            counted if self._plan.operation is Operation.COUNT else self._best(counted)
        )

    def _worded(self, counted: Sequence[tuple[int, float]]) -> list[Value]:
        """Return (phrase, how often) with the words of each phrase."""
        places = events.places(self._rows, [part for part, _ in counted])
        texts = self._texts(int(row[0]) for row in places.values())
        found = []
        for part, amount in counted:
            episode, first, last = places[part]
            found.append(Value(texts[episode][first:last], float(amount)))
        return found

    def _lasting(self, minute: int) -> bool:
        """Return whether nearly every event of the selection says how long it took."""
        rows = events.quantities(self._rows, self._number, self._selection)
        timed = sum(row[2] for row in rows if row[0] in (minute, 0))
        return bool(timed) and timed >= _SHARE * self._totals.events

    def _best(self, counted: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
        """Return the best `most` of (what, how often), and whatever ties with the last of them."""
        most = self._plan.operation is not Operation.LEAST
        ordered = sorted(counted, key=lambda row: row[1], reverse=most)
        if not ordered:
            return []
        edge = ordered[min(self._plan.most, len(ordered)) - 1][1]
        return [row for row in ordered if (row[1] >= edge if most else row[1] <= edge)]


def _without(phrases: Sequence[str], unmet: Sequence[str]) -> tuple[str, ...]:
    return tuple(phrase for phrase in phrases if phrase not in unmet)


def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()


def _stretch_text(grain: Grain, number: int) -> str:
    if grain is Grain.DAY:
        return _day(number)
    if grain is Grain.MONTH:
        return f"{number // 12:04}-{number % 12 + 1:02}"
    return str(number)
