"""Attributes of the speaker's things: when the exam is, what the rent is, who the captain is.

    "the recital is on may 3 now"     ->  Wei's recital, scheduled_for, may 3
    "they cut the garden budget to 4k"  ->  Wei's garden, budget, 4k

An attribute is a noun of one of the rows below, with what it is of ("deadline for the grant"), a
verb that gives or changes its value, and a value of its kind. Without a kind nothing is stated.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from remanence.encoding.extraction.assertion import Status
from remanence.encoding.extraction.scene import Statement, Subject
from remanence.encoding.extraction.spoken import lexicon, phrases
from remanence.encoding.extraction.spoken.nouns import DETERMINERS, STOPS, TIMES, Span, over, run
from remanence.encoding.extraction.spoken.subjects import Passage, name_list
from remanence.encoding.extraction.spoken.tokens import Words
from remanence.text.words import table

SURE: Final = 0.9
_EVENTS: Final = table(
    """
    deadline exam exams meeting launch interview standup stand-up appointment flight train lesson lessons class
    classes practice wedding move surgery operation concert gig game match race trip presentation checkup
    check-up viewing rehearsal retake party conference review delivery defense defence graduation recital
    session call demo release hearing lecture seminar workshop audition funeral ceremony dinner lunch brunch
    quiz training therapy physio start handover inspection booking reservation ferry course finals test
    therapist dentist doctor gp vet haircut canal filling scan mri checkups ultrasound blood-test vaccination jab
    """
)
_AMOUNTS: Final = {
    **dict.fromkeys(("rent",), "rent"),
    **dict.fromkeys(("salary", "wage", "wages", "pay"), "salary"),
    "budget": "budget",
    **dict.fromkeys(
        table(
            "mortgage fee fees fare price pass bill premium subscription tuition deposit loan cost "
            "membership ticket tickets insurance"
        ),
        "costs",
    ),
}
_HOLDERS: Final = table(
    "ceo cto cfo captain president chair chairman chairwoman principal headteacher director mayor treasurer "
    "secretary lead organiser organizer drummer singer bassist goalkeeper host designer client accountant "
    "lawyer agent supplier contractor builder plumber electrician hairdresser"
)
_TERMS: Final = table(
    "visa passport lease contract licence license warranty tenancy membership permit"
)
_NEW: Final = table("new current next latest monthly weekly annual yearly updated revised actual")
_BE: Final = frozenset(("is", "'s", "are", "=", ":"))
_STILL: Final = table(
    "called named now currently still just only actually probably around about like set due scheduled"
)
_CHANGED: Final = table(
    """
    moved pushed postponed rescheduled extended delayed brought shifted changed bumped raised upped increased
    cut reduced lowered went gone rose risen dropped going goes switched jumped fell rebooked
    """
)
_CHANGING: Final = _CHANGED | table(
    "put raise up move push extend change bump increase lower reduce shift reschedule switch bring postpone"
)
_AUXILIARY: Final = table(
    "is 's are has have had got get was were been being getting just now will be"
)
_THROUGH: Final = table("back forward up down out over again")
_ENDS: Final = table("expires ends expire runs")


@dataclass(frozen=True, slots=True)
class _Noun:
    """An attribute in a turn: its head, what it is of, and the word after."""

    head: str
    of: str
    stop: int


def read(said: Words, passage: Passage, sentences: list[Span]) -> Iterator[Statement]:
    """The attributes of a turn, by its sentences; questions and suppositions have none."""
    low = said.low
    for first, last in sentences:
        if low[last - 1] == "?":
            continue
        stop = last - (low[last - 1] in lexicon.ENDERS)
        for at in range(first, stop):
            if passage.status[at] is not Status.ASSERTED or not _opens(low, at, first):
                continue
            yield from _given(said, at, stop, passage)
            yield from _made(said, at, stop, passage)
            yield from _held(said, at, stop, passage)
        yield from _raise(said, first, stop, passage)


_MARKS: Final = frozenset(('"', "'", "*", "#", "(", "["))


def _opens(low: list[str], at: int, first: int) -> bool:
    """Return whether an attribute, or the verb that changes one, can begin at a word."""
    before = low[at - 1] if at > first else "."
    begins = before in lexicon.SEPARATORS or before in lexicon.FILLERS or before in _MARKS
    return begins or low[at] in ("my", "our") or low[at] in _CHANGING


def _noun(low: list[str], at: int, stop: int) -> _Noun | None:
    """The attribute that begins at a word: "my new rent", "deadline for the grant"."""
    first = over(low, at + (low[at] in _OWN), stop, _NEW)
    whose: list[str] = []
    if (
        low[first : first + 1]
        and low[first] in lexicon.ROLES
        and low[first + 1 : first + 2] == ["'s"]
    ):
        whose, first = [f"{low[first]}'s"], first + 2
    k = run(low, first, min(stop, first + 4), _NO_NOUN)
    if k == first:
        return None
    head, of = low[k - 1], low[first : k - 1]
    if head in ("date", "time") and of:
        head, of = of[-1], of[:-1]
    if low[k : k + 1] in (["for"], ["of"]):
        begin = over(low, k + 1, min(stop, k + 2), DETERMINERS)
        end = run(low, begin, min(stop, begin + 3), _NO_NOUN)
        if end > begin:
            of, k = low[begin:end] + of, end
    return _Noun(head, " ".join(whose + of), k)


_OWN: Final = frozenset(("my", "our", "the"))
_NO_NOUN: Final = STOPS | _CHANGED | _AUXILIARY | _ENDS | {"costs", "cost"}
_KEPT: Final = table("key keys documents charger toolbox torch remote will jewellery certificate")
# A turn without one of these has no attribute.
HEADS: Final = frozenset((*_EVENTS, *_AMOUNTS, *_HOLDERS, *_TERMS, *_KEPT, "size", "blood", "home"))


def _given(said: Words, at: int, stop: int, passage: Passage) -> Iterator[Statement]:
    """An attribute with its value after it: "rent is 1200", "the exam got moved to friday"."""
    noun = _noun(said.low, at, stop)
    if noun is None or noun.stop >= stop:
        return
    link = _linked(said.low, noun.stop, stop)
    if link is not None:
        after, change = link
        yield from _valued(said, noun, (at, after, stop), change, passage)


def _linked(low: list[str], at: int, stop: int) -> tuple[int, str] | None:
    """The word after the verb that gives a value, and the change that it tells; None without one."""
    if low[at] in ("costs", "cost"):
        return at + 1, ""
    if low[at] in _ENDS:
        return at + 1 + (low[at + 1 : at + 2] == ["out"]), ""
    k = over(low, at, stop, _AUXILIARY)
    if k < stop and low[k] in _CHANGED:
        return _onward(low, k + 1, stop)
    if not _BE.isdisjoint(low[at:k]) and "not" not in low[at : k + 1]:
        return over(low, k, stop, _STILL), ""
    if low[at] in ("=", ":"):
        return at + 1, ""
    return (at, "") if low[at] in ("on", "at") else None


def _onward(low: list[str], at: int, stop: int) -> tuple[int, str] | None:
    """The word after "to", up to which a change is told: "up to", "from 900 to"."""
    k = over(low, at, stop, _THROUGH)
    if k < stop and low[k] == "from":
        k += 1
        while k < stop and low[k] != "to" and low[k] not in lexicon.SEPARATORS:
            k += 1
    return (k + 1, "replace") if k + 1 < stop and low[k] in ("to", "until", "till", "by") else None


def _made(said: Words, at: int, stop: int, passage: Passage) -> Iterator[Statement]:
    """An attribute that somebody changes: "the council pushed the rent to 910"."""
    low = said.low
    if low[at] not in _CHANGING or at + 2 >= stop or low[at + 1] not in ("the", "my", "our"):
        return
    noun = _noun(low, at + 1, stop)
    if noun is None or noun.stop >= stop:
        return
    link = _onward(low, noun.stop, stop)
    if link is not None and low[link[0] - 1] != "by":
        yield from _valued(said, noun, (at, link[0], stop), "replace", passage)


def _held(said: Words, at: int, stop: int, passage: Passage) -> Iterator[Statement]:
    """Yield the holder of an office: "Ines is treasurer now"."""
    low, name = said.low, _who(said, at, stop)
    if name is None or name[1] + 1 >= stop or low[name[1]] not in ("is", "'s"):
        return
    k = over(low, name[1] + 1, stop, _BEFORE_OFFICE)
    if k < stop and low[k] in _OFFICES and _held_now(low, name[1] + 1, k, stop):
        begun = "now" in low[k : k + 2] or "new" in low[name[1] : k]
        who, end = passage.speaker, said.end[k]
        yield Statement(
            who, f"has_{low[k]}", said.slice(*name), SURE, said.start[at], end,
            change="begin" if begun else "",
        )  # fmt: skip


def _held_now(low: list[str], first: int, office: int, stop: int) -> bool:
    """Return whether the office ends the clause, with "the" before it or "now" after it."""
    after = low[office + 1] if office + 1 < stop else "."
    ended = not after[0].isalnum() or after in _AFTER_OFFICE
    return ended and (office > first or after in ("now", "for"))


_BEFORE_OFFICE: Final = _STILL | _NEW | {"the", "our", "team"}


def _raise(said: Words, first: int, stop: int, passage: Passage) -> Iterator[Statement]:
    """The new pay after "got a raise": "got a raise, 31k now"."""
    sentence = said.low[first:stop]
    if _RAISE.isdisjoint(sentence) or (
        _RAISED.isdisjoint(sentence) and sentence[0] not in ("got", "finally", "just")
    ):
        return
    at = next(k for k in range(first, stop) if said.low[k] in _RAISE)
    span = _next_amount(said, at + 1)
    if span is not None and passage.status[at] is Status.ASSERTED:
        value, start, end = said.slice(*span), said.start[first], said.end[span[1] - 1]
        yield Statement(passage.speaker, "salary", value, SURE, start, end, change="begin")


def _next_amount(said: Words, at: int) -> Span | None:
    """The first amount of money among the next eight words; a percentage is none."""
    for k in range(at, min(at + 8, len(said.low))):
        numeric = said.low[k][0].isdigit() or said.low[k][0] in "$£€"
        span = _amount(said, k, len(said.low)) if numeric else None
        if span is not None:
            return None if "%" in said.slice(*span) else span
    return None


_RAISED: Final = table("i me my")
_RAISE: Final = table("raise payrise pay-rise")
_OFFICES: Final = table(
    "ceo cto cfo captain president chair chairman chairwoman treasurer lead drummer singer"
)
_AFTER_OFFICE: Final = table("now for this until from since and but so at of")


def _valued(
    said: Words, noun: _Noun, places: tuple[int, int, int], change: str, passage: Passage
) -> Iterator[Statement]:
    """The statement of an attribute whose value stands from a word on; none of another kind."""
    at, after, stop = places
    found = _reading(noun)
    if found is None or after >= stop:
        return
    relation, cut, topic = found
    if relation.endswith("_kept") and _BE.isdisjoint(said.low[noun.stop : after]):
        return
    span = cut(said, after, stop)
    if span is None and relation == "when":
        relation, span = "venue", _venue(said, after, stop)
    if span is None:
        return
    value = said.slice(*span)
    if relation == "when":
        relation, value = _dated(noun, said.low[slice(*span)], value, topic)
        topic = ""
    who = passage.speaker
    subject = Subject(f"{who.name}'s {topic}", "thing") if topic else who
    start, end = said.start[at], said.end[span[1] - 1]
    begun = change or "now" in said.low[noun.stop : min(span[1] + 1, stop)]
    yield Statement(subject, relation, value, SURE, start, end, False, "begin" if begun else "")


def _dated(noun: _Noun, when: list[str], value: str, topic: str) -> tuple[str, str]:
    """Relation and value of an event with its day or time: what a visit to a doctor is, an
    appointment; of anything else the date.
    """
    if noun.head in _VISITS:
        return "has_appointment", topic
    name = topic.replace("'s", "").replace(" ", "_")
    if noun.head == "deadline":
        return name, value
    return f"{name}_{'time' if _DAYS.isdisjoint(when) and not _numbered(when) else 'date'}", value


def _numbered(when: list[str]) -> bool:
    """Return whether a day is told by its number: "the 19th"."""
    ordinal = (word for word in when if word.endswith(("st", "nd", "rd", "th")))
    return "may" in when or any(word[0].isdigit() for word in ordinal)


_VISITS: Final = table(
    "therapist surgery operation dentist doctor gp vet haircut canal filling scan mri ultrasound vaccination jab "
    "appointment interview checkup check-up physio blood-test viewing"
)
_Cut = Callable[[Words, int, int], Span | None]


def _reading(noun: _Noun) -> tuple[str, _Cut, str] | None:
    """Relation, cutter of the value, and topic: "" where the attribute is the speaker's own."""
    head, of = noun.head, noun.of
    if head in _EVENTS:
        return "when", _when, f"{of} {head}".strip()
    if head in _AMOUNTS:
        relation = _AMOUNTS[head]
        return relation, _amount, of if relation != "costs" else f"{of} {head}".strip()
    if head in _HOLDERS:
        return f"has_{head}", _who, ""
    if head in ("type", "group") and of == "blood":
        return "blood_type", _code, ""
    if head == "size" and of:
        return f"{of.replace(' ', '_')}_size", _code, ""
    if head in _KEPT:
        name = f"{of} {head}".strip()
        return f"{name.replace(' ', '_')}_kept", _spot, ""
    if head == "home" and not of:
        return "lives_in", _home, ""
    if head in _TERMS:
        return f"{head}_expires", _when, ""
    return None


def _when(said: Words, at: int, stop: int) -> Span | None:
    """A day or time of day: "friday at 4", "the 9th of june", "9:30", "saturdays"."""
    low = said.low
    first = at + (low[at] in ("on", "at", "in", "for", "till", "until"))
    k = first
    while k < min(stop, first + 8) and (low[k][0].isdigit() or low[k] in _OF_TIME):
        k += 1
    while k > first and low[k - 1] in _JOINING:
        k -= 1
    timed = any(low[j] in _DAYS or _clocked(low, j, at) for j in range(first, k))
    return (first, k) if timed and _NO_TIME.isdisjoint(low[k : k + 1]) else None


def _clocked(low: list[str], at: int, first: int) -> bool:
    """Return whether a number is a day or a time of day rather than an amount."""
    word, before = low[at], low[at - 1] if at > first else low[first]
    after = low[at + 1] if at + 1 < len(low) else ""
    dated = ":" in word or word.endswith(("am", "pm", "st", "nd", "rd", "th"))
    return word[0].isdigit() and (
        dated or before in ("at", "on", "the", "may") or after in ("am", "pm")
    )


_DAYS: Final = TIMES | table(
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends weekdays evenings "
    "mornings mon tue tues wed thu thur thurs fri sat sun"
)
_JOINING: Final = table("the of at on in and to from next this every every first last until till")
_OF_TIME: Final = (
    _DAYS | _JOINING | table("am pm noon half past quarter end mid early late o'clock may")
) - {"in"}
_NO_TIME: Final = table(
    "people guests pages minutes mins hours miles km pounds dollars euros questions kg %"
)


def _spot(said: Words, at: int, stop: int) -> Span | None:
    """Return the place of a thing: "behind the tall vase"."""
    low = said.low
    if low[at] not in ("under", "in", "behind", "on", "inside", "at", "beneath") or at + 1 >= stop:
        return None
    found = phrases.noun_phrase(said, at + 1, stop)
    return (at, found[0][1]) if found and low[at + 1] in DETERMINERS else None


def _home(said: Words, at: int, stop: int) -> Span | None:
    """A place of the tables that is home."""
    first = at + (said.low[at] == "in")
    if first >= stop:
        return None
    found = phrases.known_name(said, first, stop)
    if not found and said.capital(first):
        found = phrases.place(said, first, stop)
    return found[0] if found else None


def _venue(said: Words, at: int, stop: int) -> Span | None:
    """A place by its name or noun, after "in" or "at": "in room 204", "at the Old Mill"."""
    if said.low[at] not in ("in", "at") or at + 1 >= stop:
        return None
    found = phrases.organisation(said, at + 1, stop)
    placed = found and (
        said.capital(found[0][0]) or not _VENUES.isdisjoint(said.low[slice(*found[0])])
    )
    return found[0] if placed else None


_VENUES: Final = table(
    "room hall gym library church park pub bar cafe café school university office theatre theater stadium "
    "museum court hospital clinic garden house club studio auditorium lab building centre center hotel"
)


def _amount(said: Words, at: int, stop: int) -> Span | None:
    found = phrases.amount(said, at, stop)
    return found[0] if found else None


def _who(said: Words, at: int, stop: int) -> Span | None:
    if not said.capital(at):
        return None
    names, after = name_list(said, at, stop, sure=False, limit=1)
    return (at, after) if names else None


def _code(said: Words, at: int, stop: int) -> Span | None:
    k = at
    while k < stop and k - at < 3 and said.low[k] not in STOPS and said.low[k][0].isalnum():
        k += 1
    short = k > at and (len(said.low[at]) < 4 or said.low[at][0].isdigit())
    return (at, k) if short else None
