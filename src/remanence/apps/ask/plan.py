"""A plan: a question as an operation over events. It is what `--plan` shows, and what a model may
write; the number always comes from the store.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final

from remanence.errors import InvalidInput


class Operation(StrEnum):
    """The computation over the selected events."""

    COUNT = "count"
    """How many events, things, people, places or days."""
    MOST = "most"
    """The commonest."""
    LEAST = "least"
    """The rarest."""
    LIST = "list"
    """All of them."""
    TOTAL = "total"
    """The sum of a quantity."""
    LARGEST = "largest"
    """The largest quantity of one event."""
    SMALLEST = "smallest"
    """The smallest quantity of one event."""
    FIRST = "first"
    """The first event."""
    LAST = "last"
    """The latest event."""
    EXISTS = "exists"
    """Whether there is any."""


class Target(StrEnum):
    """The sort of answer that is asked for."""

    EVENT = "event"
    PERSON = "person"
    PLACE = "place"
    THING = "thing"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    WEEKDAY = "weekday"
    QUANTITY = "quantity"


PERIODS: Final = ("", "day", "week", "month", "year")
MONEY: Final = "money"


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as an operation over events. Texts are words of the question."""

    operation: Operation
    """The computation."""
    target: Target = Target.EVENT
    """The sort of answer."""
    kind: str = ""
    """Only things of that kind: "fruit"."""
    actions: tuple[str, ...] = ()
    """Verbs; one of them, or a word of its meaning, must be there."""
    things: tuple[str, ...] = ()
    """Phrases that must all be there."""
    people: tuple[str, ...] = ()
    """People who must all have taken part."""
    goals: tuple[str, ...] = ()
    """Places that were gone to or visited."""
    settings: tuple[str, ...] = ()
    """Places where it happened."""
    actor: str = ""
    """Who did it; empty for whoever asks."""
    since: str = ""
    """Only events of that instant or later (RFC 3339)."""
    until: str = ""
    """Only events before that instant (RFC 3339)."""
    unit: str = ""
    """Unit of the quantity, as `lexicon.toml` names it, or "money" for any currency."""
    per: str = ""
    """Averaged over "day", "week", "month" or "year"."""
    most: int = 1
    """How many answers of MOST, LEAST, FIRST and LAST."""
    on_days_of: "Plan | None" = None
    """Only on the days of these events."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, without what is empty."""
        whole = asdict(self) | {"on_days_of": self.on_days_of and self.on_days_of.as_json()}
        return {name: value for name, value in whole.items() if value}

    def conditions(self) -> bool:
        """Return whether it demands anything of an event beside its time."""
        phrases = (self.actions, self.things, self.people, self.goals, self.settings)
        return any((*phrases, self.kind, self.actor, self.on_days_of))

    def text(self) -> str:
        """Return it as one line.

        >>> Plan(Operation.COUNT, actions=("visit",), goals=("Lyon",), per="year").text()
        'count event per year: did visit; to Lyon'
        """
        about = f" of kind {self.kind}" if self.kind else ""
        per = f" per {self.per}" if self.per else ""
        rows = (
            ("did", " or ".join(self.actions)),
            ("named", " and ".join(self.things)),
            ("with", " and ".join(self.people)),
            ("to", " and ".join(self.goals)),
            ("in", " and ".join(self.settings)),
            ("by", self.actor),
            ("since", self.since[:10]),
            ("until", self.until[:10]),
            ("in unit", self.unit),
            ("on the days of", f"({self.on_days_of.text()})" if self.on_days_of else ""),
        )
        said = "; ".join(f"{name} {value}" for name, value in rows if value)
        return f"{self.operation} {self.target}{about}{per}: {said or 'anything'}"


_LISTS: Final = ("actions", "things", "people", "goals", "settings")
_TEXTS: Final = ("kind", "actor", "since", "until", "unit", "per")


def load(raw: Mapping[str, Any]) -> Plan:
    """Return a plan from JSON, such as a model writes. Raises `InvalidInput`.

    >>> load({"operation": "count", "things": ["tennis"]}).text()
    'count event: named tennis'
    """
    unknown = sorted(set(raw) - {field.name for field in fields(Plan)})
    if unknown:
        raise InvalidInput(f"a plan has no {unknown[0]!r:.40}; see `Plan` for what it has")
    given: dict[str, Any] = dict(raw)
    try:
        given["operation"] = Operation(str(given.get("operation")))
        given["target"] = Target(str(given.get("target", "event")))
    except ValueError as error:
        raise InvalidInput(f"the plan cannot be used: {error!s:.80}") from None
    for name in _LISTS:
        given[name] = _texts(name, given.get(name, ()))
    for name in _TEXTS:
        if not isinstance(given.get(name, ""), str):
            raise InvalidInput(f"{name} of a plan is a text, not {given[name]!r:.40}")
    if given.get("per", "") not in PERIODS:
        raise InvalidInput(f"per of a plan is one of {', '.join(PERIODS[1:])}")
    inner = given.get("on_days_of")
    given["on_days_of"] = load(inner) if inner else None
    return Plan(**given)


def _texts(name: str, value: object) -> tuple[str, ...]:
    """Return a list of texts. Raises `InvalidInput` for anything else."""
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise InvalidInput(f"{name} of a plan is a list of texts, not {value!r:.40}")
    return tuple(value)
