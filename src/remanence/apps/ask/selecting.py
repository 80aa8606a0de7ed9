"""A plan as a selection of events: each phrase as the terms that meet it, words of its meaning
among them. What no event of the namespace meets is told, never passed over.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from remanence import instants
from remanence.apps.ask.events import kind_term
from remanence.apps.ask.lexicon import DESTINATION, lexicon, stemmed
from remanence.apps.ask.plan import Plan
from remanence.storage.event_queries import EventSelection, PhraseCondition
from remanence.storage.events import Role
from remanence.text import gazetteer
from remanence.text.words import hash32, normal, terms

_NAMED: Final = (Role.THING, Role.ACTION, Role.OTHER)
_WHERE: Final = (Role.GOAL, Role.SETTING)
_ANYWHERE: Final = (Role.WORD,)
_MOST_FORMS: Final = 24  # phrases of one meaning that are looked for


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selection, and how the plan's words were understood."""

    selection: EventSelection
    """The events."""
    read_as: tuple[str, ...] = ()
    """Words that were looked for in a looser sense than the plan has them."""
    unmet: tuple[str, ...] = ()
    """Words that no event of the namespace has in any sense."""


@dataclass(slots=True)
class _Choosing:
    """A selection in the making."""

    known: Callable[[PhraseCondition], bool]
    conditions: list[PhraseCondition] = field(default_factory=list)
    read_as: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)

    def want(self, said: str, *ladder: PhraseCondition) -> None:
        """Demand the strictest of several conditions that anything meets."""
        for step, condition in enumerate(ladder):
            if condition.alternatives and self.known(condition):
                self.conditions.append(condition)
                if step:
                    self.read_as.append(said)
                return
        self.unmet.append(said)
        self.conditions += [each for each in ladder if each.alternatives][:1]


def select(
    plan: Plan, known: Callable[[PhraseCondition], bool], asker: str | None = None
) -> Chosen:
    """Return the events of a plan. `known` says whether any event meets a condition; `asker` is the
    name of whoever says "I", None for anybody.
    """
    choosing = _Choosing(known)
    for said, ladder in _demands(plan, asker):
        choosing.want(said, *ladder)
    inner = None if plan.on_days_of is None else select(plan.on_days_of, known, asker)
    selection = EventSelection(
        tuple(choosing.conditions),
        since=_instant(plan.since, "since"),
        until=_instant(plan.until, "until"),
        own=None if plan.actor else True,
        on_days_of=None if inner is None else inner.selection,
    )
    told = inner or Chosen(selection)
    return Chosen(selection, (*choosing.read_as, *told.read_as), (*choosing.unmet, *told.unmet))


def _demands(plan: Plan, asker: str | None) -> Iterator[tuple[str, tuple[PhraseCondition, ...]]]:
    """Yield the words of a plan, each with the conditions that stand for it, strictest first."""
    if plan.actions:
        forms = [form for action in plan.actions for form in _forms(action)]
        strict = _condition(forms, (*_NAMED, Role.KIND))
        yield " or ".join(plan.actions), (strict, _condition(forms, _ANYWHERE))
    yield from ((thing, _thing(thing)) for thing in plan.things)
    for person in plan.people:
        yield person, (_condition(_kin(person), (Role.PERSON, Role.ACTOR)),)
    yield from ((goal, _goal(goal)) for goal in plan.goals)
    yield from ((setting, _setting(setting)) for setting in plan.settings)
    if plan.actor:
        yield plan.actor, (_condition(_kin(plan.actor), (Role.ACTOR, Role.PERSON)),)
    elif asker is not None:
        yield asker, (_condition([tuple(terms(asker))], (Role.ACTOR,)),)


def _thing(thing: str) -> tuple[PhraseCondition, ...]:
    forms = _forms(thing)
    apart = [tuple(form) for form in product(*map(_flat, stemmed(thing)))][:_MOST_FORMS]
    return (
        _condition(forms, (*_NAMED, *_WHERE, Role.KIND)),
        _condition(apart, _ANYWHERE),
        _condition(forms, (Role.WORD, Role.PERSON)),
    )


def _goal(goal: str) -> tuple[PhraseCondition, ...]:
    forms = _forms(goal)
    strict = _condition(forms, _roles(goal, Role.GOAL))
    if gazetteer.place(
        goal.split(",", maxsplit=1)[0].strip().lower()
    ):  # no museum that bears its name
        itself = [(*form, f"kind:{DESTINATION}") for form in forms]
        strict = _condition(itself, (Role.GOAL, Role.KIND))
    return strict, _condition(forms, (*_WHERE, *_NAMED)), _condition(forms, _ANYWHERE)


def _setting(setting: str) -> tuple[PhraseCondition, ...]:
    forms = _forms(setting)
    return (
        _condition(forms, _roles(setting, Role.SETTING)),
        _condition(forms, (*_WHERE, *_NAMED)),
        _condition(forms, (Role.WORD, Role.BACKGROUND)),
    )


def of_kind(kind: str) -> tuple[PhraseCondition, ...]:
    """Return the condition that a phrase is of a kind; none for no kind."""
    return (PhraseCondition(((kind_term(kind),),), (Role.KIND,)),) if kind else ()


def mentions(plan: Plan) -> frozenset[int]:
    """Return the phrases that a plan has itself, as `events.value_of`: they are no answer to it."""
    said = (*plan.actions, *plan.things, *plan.settings, *plan.goals, *plan.people)
    forms = [form for phrase in said for form in _plain_forms(phrase)]
    verbs = {form[0] for form in forms if len(form) == 1}
    forms += [form for form, verb in lexicon().always.items() if verb in verbs]
    return frozenset(hash32(" ".join(form)) for form in forms)


def _instant(said: str, name: str) -> int | None:
    return instants.parse(said, name) if said else None


def _condition(forms: Sequence[tuple[str, ...]], roles: tuple[Role, ...]) -> PhraseCondition:
    alternatives = []
    for form in forms[:_MOST_FORMS]:
        if form:
            alternatives.append(tuple(map(_hashed, dict.fromkeys(form))))
    return PhraseCondition(tuple(dict.fromkeys(alternatives)), roles)


def _hashed(stem: str) -> int:
    return kind_term(stem[5:]) if stem.startswith("kind:") else hash32(stem)


def _plain_forms(phrase: str) -> list[tuple[str, ...]]:
    """Return a phrase and the phrases of its meaning, as stems."""
    stems = stemmed(phrase) or tuple(terms(phrase)) or (normal(phrase).casefold(),)
    return list(dict.fromkeys([stems, *lexicon().synonyms.get(stems, ())]))


def _forms(phrase: str) -> list[tuple[str, ...]]:
    """Return a phrase, the phrases of its meaning, and the kind that it names."""
    tables, found = lexicon(), _plain_forms(phrase)
    for stem in found[0] if len(found[0]) == 1 else ():
        if stem in tables.asked:
            found.append((f"kind:{tables.asked[stem]}",))
        if stem in ("travel", "trip", "旅行", "旅游", "destin"):
            found.append((f"kind:{DESTINATION}",))
    return list(dict.fromkeys(found))


def _flat(stem: str) -> list[str]:
    """Return a stem and the single words of its meaning."""
    return [
        stem,
        *(
            form[0]
            for form in lexicon().synonyms.get((stem,), ())
            if len(form) == 1 and form[0] != stem
        ),
    ]


def _roles(place: str, role: Role) -> tuple[Role, ...]:
    """Return the roles in which a place may stand: a named one in its own, "the gym" in any."""
    return (role,) if place[:1].isupper() else (*_WHERE, *_NAMED, Role.KIND)


def _kin(name: str) -> list[tuple[str, ...]]:
    return [
        tuple(terms(name)) or (normal(name).casefold(),),
        *lexicon().synonyms.get(stemmed(name), ()),
    ]
