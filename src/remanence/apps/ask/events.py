"""Events of an episode: its sentences, read for what happened, one event for each day and actor."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from remanence.apps.ask import causes, chinese, english
from remanence.apps.ask.lexicon import DESTINATION, VERSION, lexicon, stemmed
from remanence.apps.ask.phrases import Phrase, SentenceReading
from remanence.memory import Memory
from remanence.storage import events as table
from remanence.storage.events import EventRow, Mark, PartRow, Role
from remanence.storage.store import UNKNOWN, View
from remanence.text import gazetteer, times
from remanence.text.words import hash32, normal, terms

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_CHUNK: Final = 2_000  # episodes read between two transactions
_SILENT: Final = frozenset({"assistant", "system", "tool"})  # roles of messages that tell no events
_KINDED: Final = frozenset({Role.ACTION, Role.THING, Role.OTHER})
_WIDE: Final = frozenset({"month", "season", "year", "decade", "range", "week"})


@dataclass(frozen=True, slots=True)
class EventSource:
    """An episode, as far as events are derived from it."""

    number: int
    """Its number in the store."""
    text: str
    """Its text."""
    speaker: str | None
    """Its speaker."""
    at: int
    """When it was said: microseconds since 1970, UTC."""


@dataclass(slots=True)
class _Draft:
    """An event that is being put together from sentences."""

    start: datetime
    end: datetime
    own: bool
    actor: str
    parts: list[PartRow] = field(default_factory=list)
    terms: set[tuple[int, int]] = field(default_factory=set)
    times: float = 1.0


def value_of(phrase: str) -> int:
    """Return the hash by which a phrase is compared: articles, case and endings do not count."""
    return hash32(" ".join(stemmed(phrase)) or normal(phrase).casefold())


def kind_term(kind: str) -> int:
    """Return the hash of a kind, which no word has."""
    return hash32(f"kind:{kind}")


def microseconds(moment: datetime) -> int:
    """Return an instant as the store has it."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def readers(text: str) -> Any:
    """Return the module that reads the language of a text."""
    return chinese if any("\u4e00" <= mark <= "\u9fff" for mark in text) else english


def derive(source: EventSource) -> list[EventRow]:
    """Return the events of an episode."""
    said = EPOCH + timedelta(microseconds=source.at)
    drafts: dict[tuple[datetime, bool, str], _Draft] = {}
    latest: tuple[datetime, datetime] | None = None
    reader = readers(source.text)
    for place, sentence in reader.sentences(source.text):
        spans = times.spans(sentence, said)
        dated = _dated(spans, said)
        if dated is not None and dated[0] > said + _DAY:
            continue  # yet to come
        latest = dated or latest
        reading = reader.read(sentence, [span.at for span in spans])
        if not reading.happened:
            continue
        start, end = latest or _day(said)
        key = (start, reading.own, reading.actor)
        draft = drafts.setdefault(key, _Draft(start, end, reading.own, reading.actor))
        _add(draft, reading, place, sentence, reader)
    rows = [_row(draft, source) for draft in drafts.values()]
    return rows + [_edge(each, source) for each in causes.stated(source.text)]


def _day(moment: datetime) -> tuple[datetime, datetime]:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + _DAY


def _dated(spans: Sequence[times.Span], said: datetime) -> tuple[datetime, datetime] | None:
    """Return when a sentence says it was; the day on which it was said, within a longer stretch."""
    if not spans:
        return None
    finest = next((span for span in spans if span.grain not in _WIDE), spans[0])
    if finest.grain in _WIDE:
        if finest.start <= said < finest.end or finest.start.year <= 1:
            return _day(said)
        return finest.start, finest.end
    return _day(finest.start)


def _add(draft: _Draft, reading: SentenceReading, place: int, sentence: str, reader: Any) -> None:
    """Add a sentence to an event."""
    draft.times = max(draft.times, reading.times)
    phrases = list(reading.phrases)
    for clause in reading.background:
        inner = reader.read(clause.strip(" ,"), asked=True)
        at = sentence.index(clause) + len(clause) - len(clause.lstrip(" ,"))
        phrases += [
            Phrase(Role.SETTING, each.text, at + each.first, at + each.last)
            for each in inner.phrases
            if each.role in (Role.SETTING, Role.GOAL)
        ]
        draft.terms.update((int(Role.BACKGROUND), hash32(term)) for term in terms(clause))
    draft.parts += [part_row(phrase, place) for phrase in phrases]
    draft.terms.update(_inferred(reading.phrases))
    behind = {hash32(term) for clause in reading.background for term in terms(clause)}
    plain = {hash32(term) for term in terms(sentence)} - behind
    draft.terms.update((int(Role.WORD), term) for term in plain)


def _inferred(phrases: Sequence[Phrase]) -> Iterator[tuple[int, int]]:
    """Yield (role, hash) of what the phrases of a sentence imply: verbs, and the kind of errand."""
    tables = lexicon()
    actions = [each.text for each in phrases if each.role is Role.ACTION]
    objects = [each for each in phrases if each.role in (Role.THING, Role.OTHER)]
    light = all(tables.light.issuperset(terms(action)) for action in actions)
    for each in objects:
        for verb in _implied_verbs(each.text, light=light):
            yield int(Role.ACTION), hash32(verb)
    if any(stemmed(action) in tables.synonyms[("buy",)] for action in actions):
        bought = [set(tables.kinds_of(each.text)) for each in objects if each.role is Role.THING]
        for errand, of in tables.errands.items():
            if sum(not found.isdisjoint(of) for found in bought) > 1:
                yield int(Role.KIND), kind_term(errand)


def _implied_verbs(phrase: str, *, light: bool) -> Iterator[str]:
    """Yield the verbs that a phrase implies; beside a light verb, more of them."""
    tables, stems = lexicon(), stemmed(phrase)
    tails = [stems[start:] for start in range(len(stems))]
    yield from (tables.always[tail] for tail in tails if tail in tables.always)
    if light:
        tails += [(f"kind:{kind}",) for kind in tables.kinds_of(phrase)]
        yield from (tables.implied[tail] for tail in tails if tail in tables.implied)


def part_row(phrase: Phrase, place: int) -> PartRow:
    """Return a phrase as the store has it; `place` is where its sentence stands in the text."""
    marks = {(int(phrase.role), hash32(term)) for term in terms(phrase.text)}
    if phrase.role in _KINDED:
        kinds = lexicon().kinds_of(phrase.text)
        marks.update((int(Role.KIND), kind_term(kind)) for kind in kinds)
    if phrase.role in (Role.GOAL, Role.SETTING) and gazetteer.place(
        phrase.text.split(",")[0].strip().lower()
    ):
        marks.add((int(Role.KIND), kind_term(DESTINATION)))
    unit = lexicon().unit_named(phrase.unit).number if phrase.unit else 0
    return PartRow(
        phrase.role, value_of(phrase.text), place + phrase.first, place + phrase.last,
        tuple(sorted(marks)), phrase.amount, unit,
    )  # fmt: skip


def _row(draft: _Draft, source: EventSource) -> EventRow:
    actor = source.speaker if draft.own else draft.actor
    named = {(int(Role.ACTOR), hash32(term)) for term in terms(actor or "")}
    began, ended = microseconds(draft.start), microseconds(draft.end)
    return EventRow(
        episode=source.number,
        day=(draft.start - EPOCH).days,
        month=12 * draft.start.year + draft.start.month - 1,
        began=began,
        ended=ended,
        own=draft.own,
        times=draft.times,
        parts=tuple(draft.parts),
        terms=tuple(sorted(draft.terms | named)),
    )


def _edge(stated: causes.StatedCause, source: EventSource) -> EventRow:
    """Return a stated cause as the store has it: a row that counts as no event."""
    parts = []
    for role, (first, last) in ((Role.EFFECT, stated.effect), (Role.CAUSE, stated.cause)):
        text = source.text[first:last]
        marks = tuple(sorted({(int(role), hash32(term)) for term in stemmed(text)}))
        parts.append(PartRow(role, value_of(text), first, last, marks))
    said = EPOCH + timedelta(microseconds=source.at)
    return EventRow(
        source.number, (said - EPOCH).days, 12 * said.year + said.month - 1, source.at, source.at,
        own=True, times=0.0, parts=tuple(parts), terms=(),
    )  # fmt: skip


def refresh(memory: Memory, namespace: str) -> int:
    """Take in the episodes that came since the last look; return how many those were.

    Forgotten and superseded episodes need no look: the one are deleted with their events, the other
    are left out by every query.
    """
    handle = memory.namespace(namespace)
    done = 0
    while True:
        with handle.reading() as (rows, number):
            if number == UNKNOWN:
                return done
            before = table.mark(rows, number)
            after = before.episode if before.reading == VERSION else 0
            block = table.unread(rows, number, after, _CHUNK)
        if before.reading != VERSION:
            handle.writing(_restart, make=False)
            continue
        if not block:
            return done
        found = list(_derived(block))
        _append(memory, namespace, before, block[-1][0], found)
        done += len(block)


def _restart(view: View) -> None:
    table.restart(view.rows, view.number, VERSION)


def _append(
    memory: Memory, namespace: str, before: Mark, read_to: int, found: list[EventRow]
) -> None:
    def job(view: View) -> bool:
        return table.append(view.rows, view.number, before, read_to, found)

    memory.namespace(namespace).writing(job, make=False)


def _derived(block: Sequence[Sequence[Any]]) -> Iterator[EventRow]:
    for number, text, speaker, at, metadata in block:
        if metadata and json.loads(metadata).get("role") in _SILENT:
            continue
        yield from derive(EventSource(number, text, speaker, at))
