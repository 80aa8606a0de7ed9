"""A Chinese question as a plan; the counterpart of `questions`."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from remanence.apps.ask import chinese
from remanence.apps.ask.lexicon import lexicon
from remanence.apps.ask.plan import MONEY, Operation, Plan, Target
from remanence.apps.ask.questions import Superlatives, bounded, conditioned, superlative, window
from remanence.text.words import normal

_PER: Final = re.compile(
    r"平均每?一?(天|周|个?星期|个?月|年)?|每一?(天|周|个?星期|个?月|年)(?=平均|大概|要|花)"
)
_PERIODS: Final = {"天": "day", "周": "week", "期": "week", "月": "month", "年": "year"}
_PLACES: Final = "地方|城市|国家|餐厅|饭店|景点|公园|店"
_RANKED: Final = re.compile(r"次数?最多|最(?:多|经常|常|频繁)|最喜欢的?|次数?最少|最少")
_LAST: Final = re.compile(r"(?:最后|最近|上)一?次")
_FIRST: Final = re.compile(r"第一次|头一次|首次")
_LARGEST: Final = re.compile(r"最(?:长|远|贵|久|大|短|近|便宜|小)的?(?:那?一次)?")
_TOTAL: Final = re.compile(r"一共|总共|共(?=[有花去吃买])|加起来|合计")
_SAME_DAY: Final = re.compile(r"^在?(?P<inner>[^，,]+?)的?(?:那天|同一天|当天)[，,]?(?P<outer>.+)$")
_ASKING: Final = re.compile(r"哪|几|多少|什么|谁")
_C, _L, _T = Operation.COUNT, Operation.LIST, Operation.TOTAL
_SHAPES: Final = tuple(
    (re.compile(pattern), operation, target, unit)
    for pattern, operation, target, unit in (
        (r"(?:多少|几)[次趟回遍]", _C, Target.EVENT, ""),
        (r"(?:多少|几)天", _C, Target.DAY, ""),
        (r"(?:多少|几)个?(?:不同的)?(?:人|朋友)", _C, Target.PERSON, ""),
        (rf"(?:多少|几)(?:个|家|座)?(?:不同的)?(?:{_PLACES})", _C, Target.PLACE, ""),
        (r"多久|多长时间|多少时间|(?:多少|几)个?(?:小时|钟头|分钟)", _T, Target.QUANTITY, "minute"),
        (r"多少(?:钱|元|块钱?)", _T, Target.QUANTITY, MONEY),
        (r"多远|(?:多少|几)(?:公里|千米)", _T, Target.QUANTITY, "kilometre"),
        (r"(?:多少|几)页", _T, Target.QUANTITY, "page"),
        (
            rf"(?:多少|几)(?:{chinese.MEASURES})?(?P<noun>[\u4e00-\u9fff]{{0,6}}?)(?=$|和|在|是)",
            _C,
            Target.THING,
            "",
        ),
        (r"在?哪一?个?月份?", _L, Target.MONTH, ""),
        (r"在?哪一?年", _L, Target.YEAR, ""),
        (r"星期几|周几|礼拜几", _L, Target.WEEKDAY, ""),
        (r"是?在?(?:什么时候|何时|哪一?天|几号|什么日子)", _L, Target.DAY, ""),
        (r"(?:都有|都是|是|和|跟|与|同)?(?:谁|哪些人|什么人|哪位|哪个朋友)", _L, Target.PERSON, ""),
        (
            rf"(?:在|去了?|到了?)?(?:哪里|哪儿|(?:哪[些个家]|什么)(?:{_PLACES}))",
            _L,
            Target.PLACE,
            "",
        ),
        (
            r"(?:哪些|什么|哪种|哪个|啥)(?P<noun>[\u4e00-\u9fff]{0,6}?)(?=$|做|吃|买|看|读|的)",
            _L,
            Target.THING,
            "",
        ),
        (r"列出|列举", _L, Target.THING, ""),
        (r"吗|有没有|是否|过没有", Operation.EXISTS, Target.EVENT, ""),
    )
)
_LEFT: Final = re.compile(r"[。！!]|请|帮我|告诉我|所有|是$|^是|呢$|分别|来着")
_NOTHING: Final = re.compile(r"我们?|咱们?|[了过着的都有和跟与在是]")


def parse(question: str, reference: datetime) -> Plan | None:
    """Return the plan of a Chinese question; None where it fits no pattern."""
    text = normal(question).strip().rstrip("?？ ")
    day = _SAME_DAY.match(text)
    if day is not None and not _ASKING.search(day["inner"]):
        inner, outer = parse(f"{day['inner']}是什么时候", reference), parse(day["outer"], reference)
        if inner is not None and outer is not None:
            return replace(outer, on_days_of=inner)
    since, until, places = window(text, reference)
    for first, last in reversed(places):
        text = text[:first] + text[last:]
    per = _PER.search(text)
    period = _PERIODS[((per[1] or per[2] or "天")[-1])] if per else ""
    text = _TOTAL.sub("", _PER.sub("", text) if per else text)
    found: dict[str, str] = {}
    for name, pattern in (
        ("ranked", _RANKED),
        ("last", _LAST),
        ("first", _FIRST),
        ("largest", _LARGEST),
    ):
        match = pattern.search(text)
        if match is not None:
            found[name] = match[0]
            text = text[: match.start()] + text[match.end() :]
    said = Superlatives(
        found.get("ranked", ""), found.get("last", ""), found.get("first", ""),
        found.get("largest", ""), least="少" in found.get("ranked", ""),
        small=bool(re.search("[短近小]|便宜", found.get("largest", ""))),
    )  # fmt: skip
    plan = _shaped(text, said)
    if plan is None:
        return None
    plan = superlative(replace(plan, since=since, until=until), said, period)
    return bounded(plan)


def _shaped(text: str, said: Superlatives) -> Plan | None:
    """Return the plan of a question without its time and its superlatives."""
    for pattern, operation, target, unit in _SHAPES:
        found = pattern.search(text)
        if found is not None:
            plan = Plan(operation, target, unit=unit)
            noun = found.groupdict().get("noun")
            return _completed(plan, text[: found.start()] + text[found.end() :], noun)
    if said.largest:
        return _completed(Plan(_T, Target.QUANTITY), text, None)
    if said.last or said.first:
        return _completed(Plan(_L, Target.DAY), text, None)
    return None


def _completed(plan: Plan, rest: str, noun: str | None) -> Plan:
    """Return a plan with the conditions that the rest of a question sets."""
    rest = _LEFT.sub("", rest)
    if noun:
        kind = lexicon().asked.get(noun)
        plan = replace(plan, kind=kind) if kind else replace(plan, things=(noun,))
    plan = conditioned(plan, chinese.read(rest, asked=True), chinese)
    kinds = [lexicon().asked[word] for word in plan.actions if word in lexicon().asked]
    if kinds and plan.target is Target.THING and not plan.kind and len(plan.actions) == 1:
        plan = replace(plan, kind=kinds[0], actions=())  # 最喜欢的运动
    return plan if plan.conditions() else _loose(plan, _NOTHING.sub("", rest))


def _loose(plan: Plan, bare: str) -> Plan:
    """Return a plan for what the reader of sentences could not place: a kind, else a thing."""
    kind = lexicon().asked.get(bare)
    if kind:
        return replace(plan, kind=kind)
    return replace(plan, things=(bare,)) if len(bare) > 1 else plan
