"""A question as a plan, in English; `chinese_questions` does the same for Chinese.

Patterns find the operation and the sort of answer; the rest is read as a sentence, by the reader of
the texts, so that a question and its answer are cut in the same way. A question that fits no
pattern has no plan.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import ModuleType
from typing import Final, NamedTuple

from remanence.apps.ask import english
from remanence.apps.ask.lexicon import DESTINATION, lexicon, stemmed
from remanence.apps.ask.phrases import Phrase, SentenceReading
from remanence.apps.ask.plan import MONEY, Operation, Plan, Target
from remanence.storage.events import Role
from remanence.text import times
from remanence.text.words import STOP_WORDS, normal, terms

_PER: Final = re.compile(
    r"\b(?:on )?(?:each|per|every|an?)\s+(?P<name>day|week|month|year|daily|weekly|monthly|yearly)"
    r"(?: basis)?\b|\b(?P<adverb>daily|weekly|monthly|yearly|annually)\b",
    re.IGNORECASE,
)
_PERIODS: Final = {"d": "day", "w": "week", "m": "month", "y": "year", "a": "year"}
_AVERAGE: Final = re.compile(
    r"\b(?:on average|in average|(?:the )?average|typically)\b", re.IGNORECASE
)
_RANKED: Final = re.compile(
    r"\b(?:the )?(?:most|least) (?:often|frequently|common(?:ly)?|number of|times|frequent)\b"
    r"|\b(?:the )?(?:most|least)\b(?! (?:recent|expensive))|\b(?:my )?favou?rites?\b"
    r"|\b(?:my )?top (?:\d+|n|three|five|ten)\b",
    re.IGNORECASE,
)
_TOP: Final = re.compile(r"\btop (\d+|three|five|ten|n)\b", re.IGNORECASE)
_COUNTS: Final = {"three": 3, "five": 5, "ten": 10, "n": 5}
_LAST: Final = re.compile(
    r"\b(?:(?:the |my )?(?:last|latest|most recent) time|(?:my |the )?most recent(?:ly)?"
    r"|(?:my |the )?latest|my last)\b|(?<=did I )last\b|(?<=did we )last\b",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(
    r"\b(?:(?:the |my )?first time|(?:my |the )?earliest|my first)\b"
    r"|(?<=did I )first\b|(?<=did we )first\b",
    re.IGNORECASE,
)
_LARGEST: Final = re.compile(
    r"\b(?:(?:my|the) )?(longest|furthest|farthest|biggest|largest|most expensive|shortest|"
    r"smallest|cheapest)\b",
    re.IGNORECASE,
)
_IS: Final = re.compile(r"^(?:what|which)(?: is| was| are| were)?", re.IGNORECASE)
_IS_RANKED: Final = re.compile(
    r"(?:what|which) (?:is|was|are|were)\b(?: the| my)?\s*(?P<rest>.*)$", re.IGNORECASE
)
_IS_DATED: Final = re.compile(
    r"(?:when|what) (?:is|was)\b(?: the| my)?\s*(?P<rest>.*)$", re.IGNORECASE
)
_SMALL: Final = frozenset({"shortest", "smallest", "cheapest"})
_COSTLY: Final = frozenset({"expensive", "cheapest"})
_FAR: Final = frozenset({"furthest", "farthest"})
_TOTAL: Final = re.compile(
    r"\b(?:in total|altogether|overall|so far|in my life|all together|combined|ever)\b",
    re.IGNORECASE,
)
_SAME_DAY: Final = re.compile(
    r"\b(?:on|for) the (?:same )?days? (?:that |when |on which )?(?=(?:I|we|he|she|they|[A-Z])\b)"
)
_AUX: Final = r"did|do|does|have|has|had|was|were|am|is|are"
_SUBJECT: Final = r"I|we|you|he|she|they|my \w+|[A-Z][\w'-]*(?: [A-Z][\w'-]*)?"
_SPOKEN: Final = re.compile(rf"(?:{_SUBJECT})\b")
_INVERTED: Final = re.compile(
    rf"^(?P<lead>.*?)\b(?:{_AUX})\s+(?P<who>(?:{_SUBJECT})(?: and (?:I|"
    rf"[A-Z]\w+))?)\b\s*(?P<rest>.*)$"
)
_PLACES: Final = (
    "place|city|country|town|restaurant|cafe|shop|store|bar|museum|park|destination|hotel|spot"
)
_DAYTIME: Final = re.compile(r"\b(?:morning|noon|afternoon|evening|night)\b", re.IGNORECASE)
_FILLER: Final = re.compile(
    r"\b(?:anyone|anybody|someone|somebody|anything|something|everything|else|different|please|"
    r"exactly|myself|together|various|any|number of times|amount of time|times)\b",
    re.IGNORECASE,
)


class _Shape(NamedTuple):
    """A way to ask: what it begins with, and what it asks for."""

    pattern: re.Pattern[str]
    operation: Operation
    target: Target
    unit: str


def _shape(pattern: str, operation: Operation, target: Target, unit: str = "") -> _Shape:
    opening = re.compile(rf"^\s*(?:and |so |but )?(?:{pattern})", re.IGNORECASE)
    return _Shape(opening, operation, target, unit)


_C, _L, _T = Operation.COUNT, Operation.LIST, Operation.TOTAL
_HELD: Final = rf"(?=\s+(?:{_AUX})\b)"
_SHAPES: Final = (
    _shape(
        r"how (?:many times|often)\b|(?:what(?:'s| is| was) )?(?:the )?number of "
        r"times\b",
        _C,
        Target.EVENT,
    ),
    _shape(r"how many (?:days|nights)\b", _C, Target.DAY),
    _shape(r"how many (?:different )?(?:people|persons|friends)\b", _C, Target.PERSON),
    _shape(
        rf"how many (?:different )?(?:(?:{_PLACES})(?:s|es)?|cities|countries)\b", _C, Target.PLACE
    ),
    _shape(r"how (?:long|many minutes|many hours|much time)\b", _T, Target.QUANTITY, "minute"),
    _shape(r"how far\b|how many (?:km|kms|kilomet(?:er|re)s)\b", _T, Target.QUANTITY, "kilometre"),
    _shape(
        r"how many (?P<unit>miles|pages|steps|laps|calories|cups|kilograms|kg)\b",
        _T,
        Target.QUANTITY,
    ),
    _shape(
        r"how much (?:money )?(?=.*\b(?:spen[dt]|pay|paid|cost)\b)|how many "
        r"(?:dollars|euros|pounds|yuan)\b",
        _T,
        Target.QUANTITY,
        MONEY,
    ),
    _shape(rf"how many (?P<noun>.+?){_HELD}", _C, Target.THING),
    _shape(r"(?:in |on )?(?:which|what) months?(?: of (?:which|what) year)?\b", _L, Target.MONTH),
    _shape(r"(?:in |on )?(?:which|what) years?\b", _L, Target.YEAR),
    _shape(r"(?:on )?(?:which|what) (?:weekday|day of the week)\b", _L, Target.WEEKDAY),
    _shape(r"when\b|(?:on )?(?:which|what) (?:days?|dates?)\b", _L, Target.DAY),
    _shape(
        r"(?:with )?who(?:m)?\b|(?:with )?(?:which|what) (?:people|friends?|person)\b",
        _L,
        Target.PERSON,
    ),
    _shape(
        r"(?:in |to )?(?:which|what) (?P<destination>city|cities|country|countries|"
        r"destinations?)\b",
        _L,
        Target.PLACE,
    ),
    _shape(rf"where\b|(?:in |at |to )?(?:which|what) (?:{_PLACES})(?:s|es)?\b", _L, Target.PLACE),
    _shape(
        r"(?:list|name|show|tell|give)(?: me)?(?: all)?(?: of)?(?: the| my)? "
        r"(?P<noun>[\w' -]+?)(?=\s+(?:that |which )?(?-i:I|we|he|she|they|[A-Z]\w+|"
        r"my \w+)\b)",
        _L,
        Target.THING,
    ),
    _shape(
        rf"(?:which|what)(?: (?:kind|sort|type)s? of)? "
        rf"(?P<noun>(?!(?:{_AUX})\b)[\w' -]+?){_HELD}",
        _L,
        Target.THING,
    ),
    _shape(
        rf"(?:which|what) (?P<noun>(?!(?:{_AUX})\b)[\w'-]+(?: [\w'-]+)?)(?=\s+(?:I|"
        rf"we)\b)",
        _L,
        Target.THING,
    ),
    _shape(
        r"what(?=\s+(?:(?:did|do|does|have|has|had)|(?:was|were|am|is|are) (?-i:I|we|[A-Z]\w*))\b)",
        _L,
        Target.THING,
    ),
    _shape(
        rf"(?=(?:{_AUX})\s+(?-i:I|we|you|he|she|they|my|[A-Z]\w*)\b)",
        Operation.EXISTS,
        Target.EVENT,
    ),
)


class Superlatives(NamedTuple):
    """The words of a question that rank its answers, empty where there are none."""

    ranked: str = ""
    last: str = ""
    first: str = ""
    largest: str = ""
    least: bool = False
    small: bool = False


def window(question: str, reference: datetime) -> tuple[str, str, list[tuple[int, int]]]:
    """Return since and until (RFC 3339, empty where open) of a question, and where it says so."""
    spans = times.spans(question, reference)
    if not spans:
        return "", "", []
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    if any(span.grain in ("hour", "minute") for span in spans):  # events are of days
        start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        end = start + timedelta(days=1)
    since = "" if start.year <= 1 else start.isoformat()
    until = "" if end.year >= 9999 else end.isoformat()
    return since, until, [span.at for span in spans]


def parse(question: str, reference: datetime) -> Plan | None:
    """Return the plan of an English question; None where it fits no pattern."""
    text = re.sub(
        r"^(what|who|when|where)'s\b", r"\1 is", normal(question).strip(), flags=re.IGNORECASE
    )
    day = _SAME_DAY.search(text)
    if day is not None:
        inner = parse(f"when did {text[day.end() :]}", reference)
        outer = parse(text[: day.start()], reference)
        return None if inner is None or outer is None else replace(outer, on_days_of=inner)
    since, until, places = window(text, reference)
    daytime = " ".join(_DAYTIME.findall(" ".join(text[first:last] for first, last in places)))
    text = english.masked(text, places).replace("|", " ").rstrip(" ?.!")
    text = f"{text} in the {daytime}" if daytime else text
    text, period = _period(text)
    plan = _planned(" ".join(text.split()).lstrip(" ,"), period)
    return None if plan is None else bounded(replace(plan, since=since, until=until))


def _period(text: str) -> tuple[str, str]:
    """Return a question without "each week" and "on average", and the period that it names."""
    per, average = _PER.search(text), _AVERAGE.search(text)
    bare = _AVERAGE.sub(" ", _PER.sub(" ", text))
    if per is None:
        return bare, "day" if average else ""
    return bare, _PERIODS[(per["name"] or per["adverb"])[0].lower()]


def bounded(plan: Plan) -> Plan | None:
    """Return a plan that says enough to be run: a condition, or a day to list; else None."""
    if plan.target is Target.THING and plan.operation is Operation.LIST and not plan.conditions():
        plan = replace(plan, target=Target.EVENT)  # "what did I do on Monday?"
    dated = bool(plan.since or plan.until) and plan.operation in (Operation.LIST, Operation.EXISTS)
    return plan if plan.conditions() or dated or plan.unit == MONEY else None


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Return a text without the first match of a pattern, and that match."""
    found = pattern.search(text)
    if found is None:
        return text, ""
    return f"{text[: found.start()]} {text[found.end() :]}".strip(), found[0].lower()


def _planned(text: str, per: str) -> Plan | None:
    """Return the plan of a question without its time and its period."""
    top = _TOP.search(text)
    text, last = _taken(_LAST, text)
    text, first = (text, "") if last else _taken(_FIRST, text)
    text, ranked = _taken(_RANKED, text)
    text, largest = _taken(_LARGEST, text)
    said = Superlatives(
        ranked, last, first, largest,
        least="least" in ranked, small=bool(set(largest.split()) & _SMALL),
    )  # fmt: skip
    text = _in_order(" ".join(_TOTAL.sub(" ", text).split()), said)
    for shape in _SHAPES:
        found = shape.pattern.match(text)
        if found is not None:
            groups = found.groupdict()
            kind = DESTINATION if groups.get("destination") else ""
            plan = Plan(shape.operation, shape.target, unit=shape.unit, kind=kind)
            made = _completed(plan, text[found.end() :], groups.get("noun"), groups.get("unit"))
            most = 0 if top is None else _COUNTS.get(top[1].lower()) or int(top[1])
            plural = most or (5 if "common" in ranked and made.operation is _L else 1)
            return superlative(replace(made, most=plural), said, per)
    return None


def _in_order(text: str, said: Superlatives) -> str:
    """Return a question without its superlative as the question for all that it ranks."""
    if said.ranked and (of := _IS_RANKED.match(text)):
        return _ranked_things(of["rest"])
    if (said.last or said.first) and (of := _IS_DATED.match(text)):
        rest = of["rest"].removeprefix("that ")
        return f"when did {rest}" if _SPOKEN.match(rest) else f"when did I {rest}"
    if said.largest and not re.match(r"how|when|who|where", text, re.IGNORECASE):
        return _IS.sub(_measured(said.largest), text)
    return text


def _ranked_things(rest: str) -> str:
    """Return "foods I eat" as the question "which foods did I eat"."""
    clause = re.search(r"\s(?:that )?(?=I\b|we\b)", rest)
    if clause is None:
        return f"which {rest} did I do"
    return f"which {rest[: clause.start()]} did {rest[clause.end() :]}"


def _measured(largest: str) -> str:
    """Return the beginning of a question for the measure that a superlative is of."""
    words = set(largest.split())
    if words & _COSTLY:
        return "how much pay did I"
    return "how far did I" if words & _FAR else "how long did I"


def superlative(plan: Plan, said: Superlatives, per: str) -> Plan:
    """Return a plan with its superlative and its period."""
    ranks = Operation.LEAST if said.least else Operation.MOST
    extreme = Operation.SMALLEST if said.small else Operation.LARGEST
    rows = (
        (said.ranked, (Operation.LIST, Operation.COUNT), ranks),
        (said.last, (Operation.LIST,), Operation.LAST),
        (said.first, (Operation.LIST,), Operation.FIRST),
        (said.largest, (Operation.TOTAL,), extreme),
    )
    fits = (made for word, of, made in rows if word and plan.operation in of)
    operation = next(fits, plan.operation)
    counted = operation in (Operation.COUNT, Operation.TOTAL)
    return replace(plan, operation=operation, per=per if counted else "")


def _completed(plan: Plan, rest: str, noun: str | None, unit: str | None) -> Plan:
    """Return a plan with the conditions that the rest of a question sets."""
    if unit:
        plan = replace(plan, unit=lexicon().units[unit.lower()].base)
    if noun:
        plan = _of_kind(plan, noun)
    return conditioned(plan, english.read(statement(rest), asked=True), english)


def _of_kind(plan: Plan, noun: str) -> Plan:
    """Return a plan for things of the kind that a noun names; its other words must be there."""
    words = [word for word in noun.split() if word.lower() not in STOP_WORDS]
    for start in range(len(words)):
        kind = lexicon().asked.get("".join(stemmed(" ".join(words[start:]))))
        if kind:
            return replace(plan, kind=kind, things=tuple(words[:start]))
    return replace(plan, things=(" ".join(words),)) if words else plan


def statement(rest: str) -> str:
    """Return the rest of a question in the order of a statement.

    >>> statement("a documentary have I watched"), statement("did Ana and I go with")
    ('I watched a documentary', 'Ana and I go')
    """
    found = _INVERTED.match(re.sub(r"^\s*(?:that|which)\b", "", rest))
    moved = f"{found['who']} {found['rest']} {found['lead']}" if found else rest
    moved = re.sub(r"\s+(?:with|to|for|at|on|from|in|about|of)\s*$", "", moved.strip())
    return " ".join(_FILLER.sub(" ", moved).split())


_SELF: Final = frozenset(
    {"我", "我们", "咱们", "自己", "me", "us", "i", "we", "you", "my", "him", "her", "them", "it"}
)


def conditioned(plan: Plan, reading: SentenceReading, reader: ModuleType) -> Plan:
    """Return a plan with the phrases of a question as its conditions."""
    found: dict[Role, list[str]] = {}
    for phrase in _phrases(reading, reader):
        if phrase.text.lower() not in _SELF:
            found.setdefault(phrase.role, []).append(phrase.text)
    made = "make" if plan.kind in ("food", "drink") else ""  # "how many dishes did I make"
    actions = [word for word in found.get(Role.ACTION, []) if _says(word) or word == made]
    things = [*plan.things, *found.get(Role.THING, []), *found.get(Role.OTHER, [])]
    things = [thing for thing in things if _says(thing) and thing not in actions]
    return replace(
        plan,
        actions=tuple(dict.fromkeys(actions)),
        things=tuple(dict.fromkeys(things)),
        people=tuple(found.get(Role.PERSON, ())),
        goals=tuple(filter(_says, found.get(Role.GOAL, ()))),
        settings=tuple(filter(_says, found.get(Role.SETTING, ()))),
        actor="" if reading.own else reading.actor,
    )


def _phrases(reading: SentenceReading, reader: ModuleType) -> Sequence[Phrase]:
    """Return the phrases of a question, those of its subordinate clauses as places."""
    found = list(reading.phrases)
    for clause in reading.background:
        for each in reader.read(clause.strip(" ,"), asked=True).phrases:
            placed = each.role in (Role.GOAL, Role.SETTING)
            if placed or not reading.phrases:
                found.append(replace(each, role=Role.SETTING) if placed else each)
            elif each.role is Role.ACTION:  # "when I travel"
                found.append(replace(each, role=Role.OTHER))
    return found


def _says(word: str) -> bool:
    """Return whether a phrase says anything about an event."""
    light = lexicon().light
    return any(term not in light and term not in STOP_WORDS for term in terms(word))
