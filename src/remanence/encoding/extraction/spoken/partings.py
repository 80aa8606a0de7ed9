"""Endings that no verb of a clause tells: "bye glasses", "veggie era over", "last day at Acme".

    "someone stole my kayak"       ->  Wei, owns, kayak, over
    "the divorce came through"     ->  Wei, relationship_status, divorced

Each reading is tried where a clause can begin, or at the noun that it is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Statement, Subject
from remanence.encoding.extraction.spoken import lexicon, phrases
from remanence.encoding.extraction.spoken.nouns import DETERMINERS, EMPTY, Span
from remanence.encoding.extraction.spoken.subjects import Passage, name_list
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.words import table

SURE: Final = 0.9


def drop(said: Words, span: Span) -> tuple[str, str]:
    """Relation and change by which what `span` names is over, by its kind.

    A diet, a thing worn or a tool ends in its own relation; anything else was given up.
    """
    words = said.low[slice(*span)]
    for relation, lexical in _KINDS:
        if not lexical.isdisjoint(words):
            return relation, "end"
    return ("uses", "end") if said.capital(span[0]) else ("quit", "")


_KINDS: Final = (
    ("diet", lexicon.DIETS),
    ("wears", table("glasses contacts lenses braces retainer")),
    ("takes_medicine", lexicon.MEDICINES),
    ("uses", lexicon.PRODUCTS),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A word of a sentence at which an ending may be told."""

    said: Words
    at: int
    stop: int
    passage: Passage

    def made(self, relation: str, span: Span, change: str = "end") -> Statement:
        """A statement of the speaker's about the words of `span`."""
        return self.worded(relation, self.said.slice(*span), change, span[1])

    def dropped(self, span: Span) -> Statement:
        """The end of what the words of `span` name, in the relation of their kind."""
        relation, change = drop(self.said, span)
        return self.made(relation, span, change)

    def worded(self, relation: str, value: str, change: str, after: int) -> Statement:
        """A statement of the speaker's with a value in words."""
        start, end = self.said.start[self.at], self.said.end[max(after, self.at + 1) - 1]
        who = self.passage.speaker
        return Statement(who, relation, value, SURE, start, end, change=change)


def read(said: Words, passage: Passage, sentences: list[Span]) -> Iterator[Statement]:
    """The endings of a turn, by its sentences; a question tells none."""
    low = said.low
    for first, stop in sentences:
        if low[stop - 1] == "?":
            continue
        for at in range(first, stop):
            reading = _READINGS.get(low[at])
            if reading is None or passage.status[at] is not Status.ASSERTED:
                continue
            opens = at == first or low[at - 1] in lexicon.SEPARATORS | lexicon.FILLERS
            yield from reading(_Place(said, at, stop, passage), opens=opens)


class _Reading(Protocol):
    """Reads an ending at a word; `opens` where a clause can begin there."""

    def __call__(self, place: _Place, *, opens: bool) -> Iterator[Statement]: ...


def _farewell(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "bye glasses", "goodbye sugar": a thing, not a person."""
    low, at, stop = place.said.low, place.at, place.stop
    if not opens or at + 1 >= stop or (at and low[at - 1] in ("bye", "say")):
        return
    for span in phrases.noun_phrase(place.said, at + 1, min(stop, at + 4)):
        if (
            span[1] - span[0] < 3
            and low[span[0]] not in _GREETED
            and not place.said.capital(span[0])
        ):
            yield place.dropped(span)


_GREETED: Final = (
    EMPTY
    | lexicon.FILLERS
    | lexicon.BARE_ROLES
    | table(
        "guys all friends folks everybody y'all love dear darling sweetie honey girls boys take"
    )
)


def _past_days(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "my veggie era is over", "the party days are behind me"."""
    del opens
    low, at = place.said.low, place.at
    k = at + 1 + (low[at + 1 : at + 2] in (["is"], ["are"], ["'s"]))
    while k < place.stop and low[k] in ("officially", "finally", "now", "well", "and", "truly"):
        k += 1
    over = k < place.stop and low[k] in ("over", "done", "finished", "behind", "gone")
    first = at
    while first > 0 and at - first < 3 and low[first - 1] not in _BEFORE_DAYS:
        first -= 1
    if over and first < at:
        yield place.dropped((first, at))


_BEFORE_DAYS: Final = lexicon.SEPARATORS | lexicon.FILLERS | DETERMINERS


def _no_more(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "no more sugar for me"."""
    low, at, stop = place.said.low, place.at, place.stop
    if not opens or low[at + 1 : at + 2] != ["more"]:
        return
    for span in phrases.noun_phrase(place.said, at + 2, stop):
        if low[span[0]] not in EMPTY and low[span[1] : span[1] + 2] == ["for", "me"]:
            yield place.dropped(span)


def _first_day(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "first shift at Corvo done": the employment has begun."""
    del opens
    low, at = place.said.low, place.at
    if low[at + 1 : at + 2] and low[at + 1] in ("day", "week", "month", "shift"):
        done = not {"done", "over", "today", "was", "down", "complete"}.isdisjoint(
            low[at : place.stop]
        )
        if low[at + 2 : at + 3] == ["at"] and done:
            for span in phrases.organisation(place.said, at + 3, place.stop):
                if place.said.capital(span[0]):
                    yield place.made("works_for", span, "begin")


def _title(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "promoted! lead surveyor from monday": the trade is another one."""
    del opens
    low, at, stop = place.said.low, place.at, place.stop
    stop, k = len(low), at + 1
    while k < min(at + 4, stop) and low[k] in lexicon.SEPARATORS | _EXCLAIMED:
        k += 1
    if k == at + 1:  # "promoted to", "promoted my friend": read as clauses are
        return
    for span in phrases.job(place.said, k, stop) if k < stop and low[k][0].isalpha() else []:
        after = low[span[1]] if span[1] < stop else "."
        if after in lexicon.SEPARATORS | _FROM:
            yield place.worded("works_as", "", "end", span[1])
            yield place.made("works_as", span, "begin")
            return


_EXCLAIMED: Final = frozenset(("!", "!!", "!!!", "...", ":", "-"))
_FROM: Final = table("as from since now today tomorrow effective starting")


def _called_off(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "the trip is off", "the trip got cancelled": a plan that is over."""
    del opens
    low, at = place.said.low, place.at
    k = at - 1
    while k > 0 and low[k] in _COPULAS:
        k -= 1
    first = k
    while first > 0 and low[first - 1] not in _BEFORE_DAYS and k - first < 3:
        first -= 1
    ended = at + 1 >= place.stop or low[at + 1] in lexicon.SEPARATORS
    if ended and 0 <= k < at - 1 and low[first][0].isalpha() and low[k] not in EMPTY:
        yield place.made("plans_to", (first, k + 1))


_COPULAS: Final = table("is 's was got has been now called")


def _doctor(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "Dr. Mensah retired": no longer the speaker's doctor."""
    del opens
    said, low, at = place.said, place.said.low, place.at
    names, after = name_list(said, at, place.stop, sure=False, limit=1)
    if names and after > at + 1 and after < place.stop and low[after] in _LEAVING:
        yield place.worded("has_doctor", names[0], "end", after)


_LEAVING: Final = table("retired left moved died quit")


def _last_day(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "last day at the bakery today": the employment is over."""
    del opens
    low, at, stop = place.said.low, place.at, place.stop
    if low[at + 1 : at + 2] not in (["day"], ["shift"]) or low[at + 2 : at + 3] != ["at"]:
        return
    for span in phrases.organisation(place.said, at + 3, stop):
        said = low[span[1] : stop]
        coming = "tomorrow" in said or "next" in said or said[:1] == ["is"]
        if not coming:
            yield place.made("works_for", span)


def _stolen(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "someone stole my bike": it is no longer the speaker's."""
    del opens
    low, at, stop = place.said.low, place.at, place.stop
    if low[at + 1 : at + 2] not in (["my"], ["our"]):
        return
    for span in phrases.noun_phrase(place.said, at + 2, stop):
        if not _LOST_WORDS.isdisjoint(low[slice(*span)]):
            return
        yield place.made("owns", span)


_LOST_WORDS: Final = table("heart idea thunder joke seat line style look breath")


def _possession(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "my car got totaled", "our bikes were stolen"."""
    del opens
    low, at, stop = place.said.low, place.at, place.stop
    k = first = at + 1
    while k < stop and k - first < 4 and low[k][0].isalnum() and low[k] not in _HAPPENED:
        k += 1
    verbs = k
    while k < stop and low[k] in _HAPPENED:
        k += 1
    if first < verbs < k < stop and low[k] in _DESTROYED:
        yield place.made("owns", (first, verbs))


_HAPPENED: Final = table("got was were has have been just is are")
_DESTROYED: Final = table(
    "totaled totalled stolen nicked written-off wrecked scrapped repossessed sold"
)


def _divorce(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "the divorce came through", "our divorce is final"."""
    del opens
    low, at, stop = place.said.low, place.at, place.stop
    after = low[at + 1 : min(at + 4, stop)]
    if after[:2] == ["came", "through"] or not {"final", "finalised", "finalized"}.isdisjoint(
        after
    ):
        yield place.worded("relationship_status", "divorced", "begin", at + 2)
        yield place.worded("married_to", "", "end", at + 2)
        yield place.worded("has_partner", "", "end", at + 2)


def _apart(place: _Place, *, opens: bool) -> Iterator[Statement]:
    """As in "Ines and I are no longer together"."""
    if not opens:
        return
    said, low, at, stop = place.said, place.said.low, place.at, place.stop
    names, k = name_list(said, at, stop, sure=True, limit=1)
    if not names or low[k : k + 2] not in (["and", "i"], ["and", "me"]):
        return
    rest = low[k + 2 : min(k + 9, stop)]
    parted = ("not" in rest and not {"thing", "together", "dating", "item"}.isdisjoint(rest)) or (
        "are" in rest and not {"done", "over", "finished", "history"}.isdisjoint(rest)
    )
    if parted:
        other = Subject(names[0], "person", 0.95)
        for relation in ("dating", "has_partner"):
            yield place.worded(relation, names[0], "end", k)
        yield replace(place.worded("dating", place.passage.speaker.name, "end", k), subject=other)


_READINGS: Final[dict[str, _Reading]] = {
    **dict.fromkeys(("bye", "goodbye", "bye-bye", "farewell"), _farewell),
    **dict.fromkeys(("era", "days", "phase"), _past_days),
    "no": _no_more,
    "last": _last_day,
    "first": _first_day,
    "promoted": _title,
    **dict.fromkeys(("off", "cancelled", "canceled"), _called_off),
    "dr": _doctor,
    **dict.fromkeys(
        ("stole", "nicked", "swiped", "pinched", "crashed", "totaled", "totalled", "wrecked"),
        _stolen,
    ),
    **dict.fromkeys(("my", "our"), _possession),
    "divorce": _divorce,
}
# A turn without one of these tells no ending here.
SIGNS: Final = frozenset(_READINGS)


def couples(said: Words, passage: Passage, sentences: list[Span]) -> Iterator[Statement]:
    """Two people who are no longer together, where a name opens a clause."""
    low = said.low
    for first, stop in sentences:
        for at in range(first, stop - 3):
            opens = at == first or low[at - 1] in lexicon.SEPARATORS | lexicon.FILLERS
            if low[at + 1] == "and" and passage.status[at] is Status.ASSERTED:
                yield from _apart(_Place(said, at, stop, passage), opens=opens)
