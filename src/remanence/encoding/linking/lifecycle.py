"""The life cycle of the facts of one subject in one relation, as a table, and
the fold that drives it.

It knows statements, their times and which values are the same; it knows neither names nor a store.

Statements are folded in the order of the time that they speak of: `valid_from` where said, else
when they were said, ties in order of arrival. So news that arrives late finds its place in the past
and ends nothing that is newer. What a statement may end is guarded:

- another value of a *functional* relation, if it speaks of a strictly later time (two values in one
  breath are both believed), of surely the same subject (`firm`: "Wei" may be Wei Zhang, but where
  he lives is not taken from him on a guess), and if neither value holds the other (`compatible`:
  Chengdu and Sichuan) and neither has a stated end;
- the very value that an explicit change or a denial names; or, where it names none, whatever there
  was;
- nothing else. Similarity plays no part, and a statement of a confidence below `ENDING` ends
  nothing.

A time that a statement sets to itself ("next week", "until 2015") is its end and no other's doing:
the value stays asserted, with that end.

A stretch of time in which a value holds is a `Spell`. What was superseded and is said again, of a
later time, begins a new one; what is said again of the old time is absorbed by the old one. Times
that contradict themselves (an end before the beginning) are not believed: the statement counts from
when it was said. A relation of a thing to itself says nothing, and loops (a parent of b, b of a)
are kept as they were said: no step here follows a chain.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

CANDIDATE, ASSERTED, SUPERSEDED = "candidate", "asserted", "superseded"
RETRACTED, FORGOTTEN = "retracted", "forgotten"
STATES = (CANDIDATE, ASSERTED, SUPERSEDED, RETRACTED, FORGOTTEN)

HINT = "hint"  # said, but with too little confidence to believe it yet
SUPPORT = "support"  # said
NEWER = "newer"  # a functional relation has a later value
END = "end"  # said to be so no longer
LAPSE = "lapse"  # its opposite was said: ends what there was, and says of nothing that it was so
DENY = "deny"  # said not to be so
EXPIRE = "expire"  # its own statement said until when it holds: nothing ends it but time
FORGET = (
    "forget"  # buried: by the time of the fold, its statements are no longer among those folded
)
EVENTS = (HINT, SUPPORT, NEWER, END, LAPSE, DENY, EXPIRE, FORGET)

# state -> what becomes of it at each event, in the order of EVENTS.
_ROWS = {
    # HINT SUPPORT NEWER END LAPSE DENY EXPIRE FORGET
    CANDIDATE: (
        *(CANDIDATE, ASSERTED, SUPERSEDED, SUPERSEDED),
        *(CANDIDATE, RETRACTED, CANDIDATE, FORGOTTEN),
    ),
    ASSERTED: (
        *(ASSERTED, ASSERTED, SUPERSEDED, SUPERSEDED),
        *(SUPERSEDED, RETRACTED, ASSERTED, FORGOTTEN),
    ),
    SUPERSEDED: (*[SUPERSEDED] * 7, FORGOTTEN),
    RETRACTED: (*[RETRACTED] * 7, FORGOTTEN),
    FORGOTTEN: (FORGOTTEN,) * 8,
}
NEXT = {
    (state, event): after
    for state, row in _ROWS.items()
    for event, after in zip(EVENTS, row, strict=True)
}
CLOSED = frozenset({SUPERSEDED, RETRACTED, FORGOTTEN})
_BEGINS = ("begin", "replace")
BELIEVED = 0.5  # confidence, of all sources together, from which a fact is asserted
ENDING = 0.7  # confidence of one statement from which it may end another value


class Statement(NamedTuple):
    """A candidate where it stands: who said it when, and the normal forms of its names."""

    episode: int
    extractor: int
    position: int  # among the candidates of its episode
    source: str  # the episode's id, as callers see it
    said: int  # microseconds, as are all times here
    recorded: int
    subject: str
    object: str  # "" where none is named
    relation: str
    confidence: float
    negated: bool
    change: str
    valid_from: int | None
    valid_until: int | None
    standing: bool  # says that it holds when said, not only that it once began (`learn`)
    replaces: str  # the old value's normal form; "" where none is named
    mirrored: bool = False  # stated of the object, in the inverse relation
    offset: int = 0  # minutes east of UTC of the speaker's clock

    @property
    def start(self) -> int:
        """The time it speaks of."""
        return self.said if self.valid_from is None else self.valid_from

    @property
    def order(self) -> tuple[int, int, int, int, int]:
        """By the time spoken of, then by when it was said, then by arrival."""
        return (self.start, self.said, self.episode, self.extractor, self.position)


@dataclass(slots=True, eq=False)
class Spell:
    """A stretch in which a value holds, with the statements behind it, first to last."""

    value: str  # the object's entity
    statements: list[Statement]
    state: str = CANDIDATE
    start: int | None = (
        None  # when it holds from, or is first known to; None: known by its end only
    )
    stated: bool = False  # `start` is said to be its beginning
    until: int | None = None
    bounded: bool = False  # its end was said together with its beginning
    closer: tuple[int, int] | None = None  # when it was closed, and by which episode
    doubt: float = 1.0  # that none of the sources is right
    successor: "Spell | None" = None
    sources: dict[str, None] = field(default_factory=dict)

    @property
    def first(self) -> Statement:
        """The statement that began it."""
        return self.statements[0]

    @property
    def closed(self) -> bool:
        """Return whether it has an end: by another statement, or by its own."""
        return self.state in CLOSED or self.until is not None

    def hold_at(self, instant: int) -> bool:
        """Return whether it holds, as far as is known."""
        if self.state not in (ASSERTED, SUPERSEDED, RETRACTED):
            return False
        if self.start is None and self.state == RETRACTED:
            return False  # nobody ever said that it was so
        begun = self.start is None or self.start <= instant
        return begun and (self.until is None or instant < self.until)


class _Happening(NamedTuple):
    at: int
    statement: Statement
    event: str
    value: str


def fold(
    statements: Iterable[tuple[Statement, str, str]],
    *,
    functional: bool,
    compatible: Callable[[str, str], bool],
    firm: Callable[[str], str],
    named: Callable[[str, str], bool],
) -> list[Spell]:
    """The spells of one subject in one relation, in the order in which they began.

    `statements` come as (statement, event, entity of its object): the event is SUPPORT, END, LAPSE
    or DENY. `firm` tells of a subject's name who it surely is; `named`, whether one value's name is
    part of another's, so that "sold the bike" ends the blue bike where it is the only one.
    """
    group = _Group(compatible if functional else None, firm, named)
    for happening in sorted(_happenings(statements), key=lambda h: (h.at, h.statement.order[1:])):
        group.take(happening)
    return group.spells


def _happenings(statements: Iterable[tuple[Statement, str, str]]) -> Iterator[_Happening]:
    for said, event, value in statements:
        begin, end = said.start, said.valid_until
        if event != SUPPORT:
            yield _Happening(end if event == END and end is not None else begin, said, event, value)
        elif end is not None and said.valid_from is None and end <= said.said:
            yield _Happening(end, said, END, value)  # "until 2015": when it began, nobody said
        else:
            yield _Happening(begin, said, SUPPORT, value)
            if end is not None:
                yield _Happening(end, said, EXPIRE, value)
            elif said.standing and begin < said.said:
                yield _Happening(said.said, said, SUPPORT, value)


class _Group:
    """One subject in one relation; `compatible` is None where it may have many values at once."""

    def __init__(
        self,
        compatible: Callable[[str, str], bool] | None,
        firm: Callable[[str], str],
        named: Callable[[str, str], bool],
    ) -> None:
        self.compatible = compatible
        self.firm = firm
        self.named = named
        self.spells: list[Spell] = []
        self.latest: dict[str, Spell] = {}
        self.open: dict[str, Spell] = {}

    def take(self, happening: _Happening) -> None:
        at, said, event, value = happening
        if event == SUPPORT and at == said.start:
            self._support(happening)
        elif event == SUPPORT:
            self._confirm(happening)
        elif said.confidence < BELIEVED:
            return  # a doubt ends nothing, its own time included
        elif value:
            spell = self.latest.get(value)
            if spell is None and event == END:
                spell = self._meant(said, value)
            if spell is None and event == LAPSE:
                return
            if spell is None:  # only ever known by its end
                spell = self._begin(happening, start=None)
                _cite(spell, said)
            self._close(spell, event, happening)
        elif said.confidence >= ENDING:  # it names no value: whatever there was
            for spell in list(self.open.values()):
                if self._of_same(spell, said):
                    self._close(spell, event, happening)

    def _meant(self, said: Statement, value: str) -> Spell | None:
        """The only open spell whose value has `value` as a part of its name."""
        found = [
            spell
            for spell in self.open.values()
            if self.named(value, spell.value) and self._of_same(spell, said)
        ]
        return found[0] if len(found) == 1 else None

    def _begin(self, happening: _Happening, start: int | None) -> Spell:
        spell = Spell(happening.value, [happening.statement], start=start)
        said = happening.statement
        spell.stated = start is not None and (said.valid_from == start or said.change in _BEGINS)
        self.spells.append(spell)
        self.latest[happening.value] = spell
        return spell

    def _support(self, happening: _Happening) -> None:
        at, said, _, value = happening
        spell = self.latest.get(value)
        if spell is not None and spell.closed:
            if spell.closer == (at, said.episode) and said.change == "":
                _cite(spell, said)  # the breath that ended it says it again
                return
            spell = None
        if spell is None:
            spell = self._begin(happening, start=at)
            spell.bounded = said.valid_until is not None
        else:
            spell.statements.append(said)
        _cite(spell, said)
        self._believe(spell, happening)

    def _confirm(self, happening: _Happening) -> None:
        """A standing statement holds when it is said, whatever was guessed to have begun before.

        It does not outweigh a value whose beginning was stated.
        """
        spell = self.latest[happening.value]
        rivals = [other for other in self.open.values() if other is not spell]
        if spell.successor is None or any(rival.stated for rival in rivals):
            return
        spell.state, spell.until, spell.successor = ASSERTED, None, None
        self.open[spell.value] = spell
        for rival in rivals:
            self._give_way(rival, spell, happening)

    def _believe(self, spell: Spell, happening: _Happening) -> None:
        said = happening.statement
        if spell.state == CANDIDATE:
            spell.state = NEXT[CANDIDATE, SUPPORT if 1 - spell.doubt >= BELIEVED else HINT]
        elif said.confidence < BELIEVED:
            return
        if spell.state != ASSERTED:
            return
        self.open[spell.value] = spell
        if self.compatible is not None and not spell.bounded:
            for other in list(self.open.values()):
                if other is not spell and _later(said, other.statements[-1]):
                    self._give_way(other, spell, happening)

    def _give_way(self, old: Spell, new: Spell, happening: _Happening) -> None:
        said = happening.statement
        if self.compatible is None or old.bounded or not self._of_same(old, said):
            return
        if said.confidence < ENDING:
            return  # what cannot be surely read ends nothing
        if not self.compatible(old.value, new.value):
            self._close(old, NEWER, happening)
            old.successor = new

    def _of_same(self, spell: Spell, said: Statement) -> bool:
        """Return whether a spell and a statement are surely of the same subject."""
        sure = self.firm(said.subject)
        return any(self.firm(each.subject) == sure for each in spell.statements)

    def _close(self, spell: Spell, event: str, happening: _Happening) -> None:
        if not spell.closed:
            spell.until = happening.at
            spell.closer = (happening.at, happening.statement.episode)
        spell.state = NEXT[spell.state, event]
        if self.open.get(spell.value) is spell:
            del self.open[spell.value]


def _cite(spell: Spell, said: Statement) -> None:
    """Count the statement's episode once, however often it says so."""
    if said.source not in spell.sources:
        spell.sources[said.source] = None
        spell.doubt *= 1 - said.confidence


def _later(new: Statement, old: Statement) -> bool:
    """Strictly later; within one episode only if it says that something changed."""
    if new.episode == old.episode and new.start == old.start:
        return new.position > old.position and new.change in _BEGINS
    return new.order > old.order


def close_with(spell: Spell, twin: Spell) -> None:
    """Close an open spell as its twin, the same fact from the object's side, was closed."""
    overlaps = twin.until is not None and (spell.start is None or spell.start <= twin.until)
    if spell.state == ASSERTED and twin.state in (SUPERSEDED, RETRACTED) and overlaps:
        spell.state, spell.until, spell.closer = twin.state, twin.until, twin.closer


def event(statement: Statement) -> str:
    """The effect of a statement on the fact that it names."""
    if statement.change == "end":
        return END
    return DENY if statement.negated else SUPPORT


def support(spell: Spell) -> int:
    """How many episodes say so."""
    return len(spell.sources)


def newest_first(spell: Spell) -> tuple[object, ...]:
    """Sorts by when a spell began, newest first, then by support; ties in a fixed order."""
    began = spell.start if spell.start is not None else spell.until or 0
    return (-began, -support(spell), spell.first.order, spell.value)
