"""An answer: the number or the names, the rows that give them, and what was searched, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from remanence.apps.ask.plan import Operation, Plan, Target
from remanence.apps.ask.running import Result, Value


@dataclass(frozen=True, slots=True)
class Citation:
    """A line that an answer rests on."""

    id: str
    """Id of the episode."""
    at: str
    """When it was said (RFC 3339)."""
    text: str
    """Its words, or the sentence of them that counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question."""

    text: str
    """The answer in words, without its citations."""
    known: bool
    """Whether the memory answers the question."""
    citations: tuple[Citation, ...] = ()
    """The lines that it rests on, at most ten."""
    values: tuple[str, ...] = ()
    """The names, things or dates asked for."""
    number: float | None = None
    """The number asked for."""
    unit: str = ""
    """Its unit."""
    plan: dict[str, Any] | None = None
    """The plan that was run; None where the memory was only quoted."""
    why: tuple[str, ...] = ()
    """What was searched, and how the question was understood."""
    degraded: tuple[str, ...] = ()
    """What could not take part."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a language."""

    times: str
    nothing: str
    none_named: str
    yes: str
    no: str
    joint: str
    ties: str
    searched: str
    matched: str
    loosely: str
    unmet: str
    mean: str
    unitless: str
    without: str
    by_minutes: str
    cause_of: str
    no_cause: str
    then: str
    units: dict[str, str]
    weekdays: tuple[str, ...]


ENGLISH: Final = Wording(
    times="{number} times",
    nothing="I do not know: nothing that I remember answers that.",
    none_named="{number} times: nothing that I remember names {names} there.",
    yes="Yes.",
    no="No: nothing that I remember says so.",
    joint=", ",
    ties=" and ",
    searched="searched {events} events on {days} days",
    matched="{events} of them match",
    loosely="taken loosely: {words}",
    unmet="found nowhere: {words}",
    mean="over {stretch}",
    unitless="{count} say no unit, and are read in the unit of the others",
    without="{count} say no amount, and are not in the sum",
    by_minutes="ranked by minutes",
    cause_of="stated causes of: {effect}",
    no_cause="I do not know: nothing that I remember says why.",
    then="; and that, because: ",
    units={"kilometre": "km", "kilogram": "kg"},
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
CHINESE: Final = Wording(
    times="{number}次",
    nothing="我不知道：记得的内容里没有答案。",
    none_named="{number}次：记得的内容里没有提到{names}。",
    yes="是的。",
    no="没有：记得的内容里没有这样说。",
    joint="、",
    ties="和",
    searched="查了{days}天里的{events}件事",
    matched="其中{events}件符合",
    loosely="放宽理解：{words}",
    unmet="没有找到：{words}",
    mean="时间范围 {stretch}",
    unitless="{count}件没有说单位，按其余的单位计算",
    without="{count}件没有说数量，没有计入",
    by_minutes="按分钟排序",
    cause_of="查找说过的原因：{effect}",
    no_cause="我不知道：记得的内容里没有说为什么。",
    then="；而这又是因为：",
    units={
        "minute": "分钟", "kilometre": "公里", "mile": "英里", "yuan": "元", "dollar": "美元",
        "euro": "欧元", "pound": "英镑", "page": "页", "step": "步", "lap": "圈", "day": "天",
        "kilogram": "公斤", "cup": "杯", "calorie": "卡路里", "thing": "个", "person": "人",
        "place": "个地方",
    },
    weekdays=("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
)  # fmt: skip
_PLURALS: Final = {
    "person": "people",
    "place": "places",
    "thing": "",
    "time": "times",
    "day": "days",
}


def wording(question: str) -> Wording:
    """Return the words of the language that a question is in."""
    return CHINESE if any("\u4e00" <= mark <= "\u9fff" for mark in question) else ENGLISH


def figure(number: float) -> str:
    """Return a number as people write it: two decimals, or two digits of what is below 1.

    >>> figure(3.0), figure(30.0101), figure(0.0912)
    ('3', '30.01', '0.091')
    """
    if abs(number - round(number)) < 1e-9:
        return f"{round(number):,}"
    return f"{number:,.2f}" if abs(number) >= 1 else f"{number:.2g}"


def spoken(plan: Plan, result: Result, words: Wording) -> str:
    """Return the answer of a plan whose words were all found."""
    if plan.operation is Operation.EXISTS:
        return words.yes if result.number else words.no
    if result.number is not None:
        return f"{_amount(result.number, result.unit, words)}{_period(plan, words)}"
    if plan.target is Target.WEEKDAY:
        named: Sequence[str] = [words.weekdays[int(value.text)] for value in result.values]
    else:
        named = [value.text for value in result.values]
    if plan.operation in (Operation.MOST, Operation.LEAST):
        unit = "minute" if "minutes" in result.notes else "time"
        return words.joint.join(
            f"{name} ({_amount(value.amount, unit, words)})"
            for name, value in zip(named, result.values, strict=True)
        )
    return words.joint.join(named)


def _amount(number: float, unit: str, words: Wording) -> str:
    if unit == "time":
        said = words.times.format(number=figure(number))
        return said.removesuffix("s") if said == "1 times" else said
    if words is CHINESE:
        return f"{figure(number)}{words.units.get(unit, unit)}"
    name = words.units.get(unit, unit)
    plural = _PLURALS.get(name, name if name in ("km", "kg", "yuan") else f"{name}s")
    return f"{figure(number)} {name if number == 1 and name != 'thing' else plural}".strip()


_CHINESE_PERIODS: Final = {"day": "每天", "week": "每周", "month": "每月", "year": "每年"}


def _period(plan: Plan, words: Wording) -> str:
    if not plan.per:
        return ""
    return f"（{_CHINESE_PERIODS[plan.per]}）" if words is CHINESE else f" a {plan.per}"


def reasons(plan: Plan, result: Result, words: Wording) -> tuple[str, ...]:
    """Return what was searched, and how the question was understood, a line each."""
    found = result.searched
    searched = words.searched.format(events=f"{found.events:,}", days=f"{found.days:,}")
    matched = words.matched.format(events=f"{result.totals.events:,}")
    lines = [plan.text(), f"{searched}; {matched}"]
    if result.read_as:
        lines.append(words.loosely.format(words=words.joint.join(result.read_as)))
    if result.unmet:
        lines.append(words.unmet.format(words=words.joint.join(result.unmet)))
    for note in result.notes:
        name, _, count = note.partition(":")
        known = {"unit": words.unitless, "without": words.without}
        if name in known:
            lines.append(known[name].format(count=count))
        else:
            lines.append(words.by_minutes if note == "minutes" else words.mean.format(stretch=note))
    return tuple(lines)


def values(result: Result, plan: Plan, words: Wording) -> tuple[str, ...]:
    """Return the answers as texts."""
    if plan.target is Target.WEEKDAY:
        return tuple(words.weekdays[int(value.text)] for value in result.values)
    return tuple(value.text for value in result.values)


__all__ = ["Answer", "Citation", "Value", "reasons", "spoken", "values", "wording"]
