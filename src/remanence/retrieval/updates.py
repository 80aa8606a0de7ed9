"""Updates: whether a later statement replaces an earlier one, by what the two texts show.

Pure. A later statement replaces an earlier one where both speak of one topic, the later one says
that something changed or gives another value of the same kind, and nothing says that it is about
somebody else, happened once, or is not so. Each of these is a row of `SIGNALS` with its weight; a
pair whose weights reach `ENOUGH` is an update.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Final

from remanence.text.words import normal, script, terms

ENOUGH: Final = 2.0  # sum of the weights from which a later statement replaces an earlier one
APART: Final = 0.8  # added likewise, times the share of the score that the later one lacks
RARER: Final = 0.4  # added for each e-fold of statements: among many, two are seldom an update

_CHANGED: Final = re.compile(
    r"\b(?:switch(?:ed|ing)|mov(?:ed|ing) (?:to|in|out|back|from)|(?:just |have |'ve )moved"
    r"|relocat\w+|quit|left|sold"
    r"|traded|replac\w+|chang(?:ed|ing)|swapp\w+|ditched|dropped|gave (?:up|away|\w+ (?:to|away))"
    r"|stopped|no longer|not \w+ any ?more|any ?more|instead|from now on|these days|nowadays"
    r"|now(?!here)|actually|upgraded|renamed|retir(?:ed|es)|stepped down|closed|cancell?ed"
    r"|called off"
    r"|rescheduled|extended|postponed|pushed|brought forward|raised?|went (?:up|down)|put up"
    r"|put the \w+ (?:up|down)|(?:down|up) to|is over|over|bye|gone|stolen|died"
    r"|passed away|broke up|split up|divorced|got (?:married|engaged|promoted|fired|laid off)"
    r"|joined"
    r"|joining|last day|first (?:day|week)|promoted|as of|graduated|finished|finally"
    r"|again|back to|back on|became|turned|converted|new|off|healed|cured|recovered|haven't"
    r"|didn't|isn't|aren't|not|lost|arrived|went|fired"
    r"|made redundant|laid off|adopted|expecting|single again|signed up|started|starting"
    r"|convert(?:ed|s)?)\b"
    r"|换|改|搬|不再|不[^是好太错会能知]{1,4}了|没[^有]{0,3}了|现在|如今|目前|从今|以后|已经|终于|辞|离职|跳槽|入职"
    r"|卖|送人|转让|关门|倒闭|被偷|丢了|去世|走了|分手|离婚|脱单|结婚|戒|停了|停掉|升|涨|降|推迟|提前"
    r"|延|取消|退|毕业|考上|好了|痊愈|当上|成了|变成|开始|恢复|治好|领养|接[到来走]|新",
    re.IGNORECASE,
)
_REPLACES: Final = re.compile(
    r"\b(?:switched|no longer|any ?more|instead|from now on|used to|replaced|ditched|traded|quit"
    r"|sold|changed|rescheduled|not \w+ any ?more)\b|换|改|不再|辞|转让|卖了|戒|不[^是好太]{1,4}了",
    re.IGNORECASE,
)
_UNREAL: Final = re.compile(
    r"\b(?:almost|nearly|might|maybe|perhaps|thinking (?:of|about)|consider\w*|wish|would love"
    r"|could"
    r"|if|hop(?:e|ing) to|want(?:s)? to|dream\w*|imagin\w+|pretend\w*|planning to|next year"
    r"|supposed to|wonder\w*|jok\w+)\b|差点|想要|打算|考虑|也许|可能|要是|如果|梦|幻想|假如|听说|犹豫",
    re.IGNORECASE,
)
_DATED: Final = re.compile(
    r"\b(?:today|tonight|yesterday|last night|last weekend|this (?:morning|weekend)|next week"
    r"|all (?:next |this |last )?week|on (?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|今天"
    r"|昨[天晚]|今晚|刚才",
    re.IGNORECASE,
)
_ONCE: Final = re.compile(
    r"\b(?:visit(?:ed|ing)|borrow\w*|rent(?:ed|ing) (?:a|an|the)|hired a|order(?:ed|ing)|cooked"
    r"|baked|met|bumped|saw|watched|tried|tast\w+|for (?:my|his|her|him|the kids|a friend|work)"
    r"|staying|for the (?:day|weekend)|just this once)\b"
    r"|借了?|租了?[辆台间]|陪|参观|路过|出差|碰到|遇到|试了|尝了|临时|给[爸妈孩朋同]",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"^(?:and |but |so )?(?:(?:my|our|the|his|her)\s+(?:\w+\s)?)?(?:mum|mom|dad|mother|father"
    r"|brother|sister|cousin|uncle|aunt|gran\w*|nan|wife|husband|partner|missus|girlfriend"
    r"|boyfriend"
    r"|friend|mate|flatmate|roommate|colleague|neighbou?r|son|daughter|kids?|parents?|boss|niece"
    r"|nephew)\b"
    r"|^(?:我|他|她|俺)的?(?:爸妈|爸爸?|妈妈?|父母|父亲|母亲|哥哥?|弟弟?|姐姐?|妹妹?|表[哥弟姐妹]|堂[哥弟姐妹]|老公|老婆|女朋友"
    r"|男朋友|朋友|同事|室友|邻居|儿子|女儿|闺女|孩子|叔叔?|阿姨|爷爷|奶奶|外公|外婆|学[妹弟姐长])",
    re.IGNORECASE,
)
_KINDS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"\bliv(?:e|es|ing)\b|\bbased\b|\bmov(?:e|ed|ing)\b|\brelocat|\bapartment|\bflat\b"
            r"|\bhouse\b"
            r"|\bcity\b|\bneighbou?rhood|住|搬|定居"
        ),
        (
            r"\bwork|\bjob\b|\bemploy|\bfreelanc|\bnotice\b|\bjoin|\bcareer|\bquit\b|\bgig\b"
            r"|\bteach"
            r"|上班|工作|公司|入职|辞职|跳槽|待业|就职"
        ),
        (
            r"\bstud(?:y|ies|ying|ent)|\bschool\b|\buni(?:versity)?\b|\bdegree|\bmajor"
            r"|读|学校|大学|初[一二三]|高[一二三]|年级|考上|专业|学"
        ),
        (
            r"\bsingle\b|\bdating\b|\bboyfriend|\bgirlfriend|\bpartner\b|\bmarried|\bengaged"
            r"|\bdivorced"
            r"|\bwife\b|\bhusband|单身|对象|男朋友|女朋友|脱单|结婚|离婚|分手|男友|女友"
        ),
        r"\bcar\b|\bdriv(?:e|es|ing)\b|\bbike\b|\brid(?:e|es|ing)\b|\bvan\b|\bmotorbike|车|开",
        r"\bdog\b|\bcat\b|\bpet|\bpuppy|\bkitten|\bparrot|\bhamster|养|宠物|猫|狗",
        (
            r"\bvegan|\bvegetarian|\bveggie|\bmeat|\bsteak|\bketo|\bcarbs|\bdiet|\bgluten|吃素|素食|吃肉"
            r"|减脂|忌口"
        ),
        r"\bdrink|\balcohol|\bwine\b|\bbeer|\bsober|喝酒|戒酒",
        r"\bsmok|\bcigarette|\bvap(?:e|ing)|烟",
        r"\ballerg|\bintoleran|过敏",
        r"\bglasses|\bcontact lens|近视|眼镜",
        r"\bmedication|\bpills?\b|\bdose|\binsulin|\btablets?\b|药|胰岛素",
        r"\bkg\b|\bweigh|\bpounds\b|\bstone\b|体重|斤|公斤",
        r"\bblood pressure|\bbp\b|血压",
        r"\bhair\b|\bhaircut|\bbeard|\bbald|发型|长发|短发|头发|胡子",
        (
            r"\bgod\b|\breligio|\bagnostic|\batheist|\bchurch|\bworship|\bmosque|\btemple"
            r"|\bsynagogue|信教|信佛|基督"
        ),
        r"\bgym\b|\brun(?:s|ning)?\b|\bswim|\byoga|\bworkout|健身|跑步|游泳|瑜伽|锻炼|运动",
        r"\bkids?\b|\bchild|\bbaby|\bnewborn|\bborn\b|\ba (?:boy|girl)\b|孩子|宝宝|娃|二胎",
        (
            r"£|\$|€|\bcost|\bpay|\brent\b|\bwage|\bsalary|\ban hour|/hr\b|\braise\b|\bfee"
            r"|\bfare|\bprice"
            r"|房租|工资|月薪|涨薪|预算|费|块|元|万"
        ),
        r"\bmon|\btues|\bwednes|\bthurs|\bfri(?:day)?\b|\bsatur|\bsun(?:day)?s?\b|周[一二三四五六日末]|星期",
        r"\bguitar|\bpiano|\bviolin|\binstrument|\bdrums\b|\bcello|吉他|钢琴|小提琴|乐器|二胡|鼓",
        r"\bwindows\b|\blinux|\bmac(?:os)?\b|\bandroid|\biphone|\bbrowser|\bapp\b|软件|系统|用的",
    )
)
_VALUE: Final = re.compile(r"\d|[一二两三四五六七八九十百千万]{2,}|[零一二两三四五六七八九十]点")
_SIGNS: Final = {
    "changed": _CHANGED,
    "replaces": _REPLACES,
    "value": _VALUE,
    "unreal": _UNREAL,
    "once": _ONCE,
    "dated": _DATED,
    "asks": re.compile(r"[?？]\s*$"),
}
PASSING: Final = frozenset({"once", "dated", "asks"})
_LITTLE: Final = 3  # terms of an ellipsis, at most
_DEFINED: Final = re.compile(  # what is where, who is called what, who is in which office
    r"\b(\w{1,40})(?:'s|\s+is|\s+are)\s+(?:now\s+)?(?:in|at|on|called|named)\b"
    r"|\b(\w{1,40})(?:'s|\s+is)\s+(?:now\s+)?[A-Z]\w"
    r"|\b[A-Z]\w{1,40}(?:'s|\s+is)\s+(?:now\s+|the\s+|our\s+|my\s+)*(\w+)"
    r"|([\u4e00-\u9fff]{2,4}?)(?:现在)?[在叫]"
)
_COMMON: Final = frozenset("我了的在是有一不这那")
_SUBJECTS: Final = frozenset(
    terms("I me my we our you still now currently does do have has is are")
)


@dataclass(frozen=True)
class Statement:
    """A text, read for signs of an update, each sign when it is first asked for."""

    text: str
    """In normal form."""

    @cached_property
    def terms(self) -> frozenset[str]:
        """Index terms, without pronouns and the like."""
        return frozenset(terms(self.text)) - _SUBJECTS

    @cached_property
    def characters(self) -> frozenset[str]:
        """Chinese characters, without the commonest."""
        if self.text.isascii():
            return frozenset()
        return frozenset(letter for letter in self.text if script(letter) == "han") - _COMMON

    @cached_property
    def kinds(self) -> frozenset[int]:
        """Rows of `_KINDS` that it is of."""
        return frozenset(at for at, kind in enumerate(_KINDS) if kind.search(self.text))

    @cached_property
    def defined(self) -> frozenset[str]:
        """Terms of the things of which it says the place, the name or the holder."""
        words = " ".join(map(str.strip, chain.from_iterable(_DEFINED.findall(self.text))))
        return frozenset(terms(words)) - _SUBJECTS

    @cached_property
    def others(self) -> frozenset[str]:
        """Terms of the person whom it begins with, where that is not the speaker."""
        other = _OTHERS.search(self.text)
        return frozenset(terms(other[0])) - _SUBJECTS if other else frozenset()

    @cached_property
    def _shown(self) -> dict[str, bool]:
        return {}

    def shows(self, sign: str) -> bool:
        """Return whether it shows a sign, a key of `_SIGNS`."""
        if sign not in self._shown:
            self._shown[sign] = bool(_SIGNS[sign].search(self.text))
        return self._shown[sign]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements of one speaker, and the question for which one of them is sought."""

    question: Statement
    """The query."""
    earlier: Statement
    """The statement that was made first."""
    later: Statement
    """The statement that was made after it."""
    likeness: float = 0.0
    """Cosine of the two texts, 0 where vectors are missing."""


@lru_cache(maxsize=8_192)
def read(text: str) -> Statement:
    """Return a text as a statement, the same one however many pairs it is part of."""
    return Statement(normal(text))


def _overlap(pair: Pair) -> float:
    """Return the share of the shorter statement's terms that both hold; Chinese by characters."""
    one, other = pair.earlier.terms, pair.later.terms
    shared = len(one & other) / max(min(len(one), len(other)), 1)
    return min(shared + 0.15 * len(pair.earlier.characters & pair.later.characters), 1.0)


def _asked(pair: Pair) -> float:
    return len(pair.question.terms & pair.later.terms) / max(len(pair.question.terms), 1)


def _same_kind(pair: Pair) -> float:
    return float(bool(pair.later.kinds & (pair.earlier.kinds | pair.question.kinds)))


def _values(pair: Pair) -> float:
    return float(pair.earlier.shows("value") and pair.later.shows("value"))


def _other_subject(pair: Pair) -> float:
    """Return 1 where the later statement begins with somebody whom no other text speaks of."""
    if not pair.later.others:
        return 0.0
    known = pair.question.terms | pair.earlier.terms
    return float(pair.later.others.isdisjoint(known))


def _restated(pair: Pair) -> float:
    """Return 1 where both say what, who or where one and the same thing is."""
    return float(bool(pair.earlier.defined & pair.later.defined))


def _ellipsis(pair: Pair) -> float:
    """Return 1 where the later one is little but a value, and so goes on from what has one."""
    return float(len(pair.later.terms) <= _LITTLE and _values(pair) > 0)


def _dated(pair: Pair) -> float:
    return float(pair.later.shows("dated") and not pair.later.shows("changed"))


def _shows(sign: str) -> Callable[[Pair], float]:
    return lambda pair: float(pair.later.shows(sign))


@dataclass(frozen=True, slots=True)
class Signal:
    """Evidence for or against an update."""

    weight: float
    """Added to the sum, times the measure."""
    measure: Callable[[Pair], float]
    """From a pair to a number in [0, 1]."""


TOPIC: Final = {
    "shares words": Signal(2.0, _overlap),
    "has words of the question": Signal(1.0, _asked),
    "is alike": Signal(1.5, lambda pair: max(pair.likeness, 0.0)),
    "is little but a value": Signal(0.8, _ellipsis),
    "is of one kind": Signal(0.8, _same_kind),
}
"""Evidence that both statements speak of one thing."""

CHANGE: Final = {
    "says that something changed": Signal(1.3, _shows("changed")),
    "says that one thing replaces another": Signal(0.5, _shows("replaces")),
    "has another value": Signal(0.9, _values),
    "says again what a thing is": Signal(1.0, _restated),
    "is not so": Signal(-2.5, _shows("unreal")),
    "happened once": Signal(-1.3, _shows("once")),
    "happened on a day and changed nothing": Signal(-1.3, _dated),
    "is about somebody else": Signal(-3.0, _other_subject),
}
"""Evidence that the later one replaces the earlier one, or does not."""

SIGNALS: Final = {name: TOPIC[name] for name in TOPIC if name != "is of one kind"} | CHANGE | TOPIC
"""All, the dearest to measure last."""

LEAST_TOPIC: Final = 0.6  # sum of `TOPIC` below which two statements are of two things


def replaces(pair: Pair, *, among: int = 2, ended: bool = False, behind: float = 0.0) -> bool:
    """Return whether the later statement of a pair replaces the earlier one.

    The pair is one of `among` statements that recall looks at. Of an earlier one that has `ended`,
    as facts say, the topic alone decides. `behind` is the share of the earlier one's score that the
    later one lacks: among many, it must answer nearly as well.
    """
    if not reaches(TOPIC, pair, LEAST_TOPIC):
        return False
    enough = ENOUGH + (RARER + APART * behind) * math.log(max(among, 2) / 2)
    return ended or reaches(SIGNALS, pair, enough)


def reaches(signals: Mapping[str, Signal], pair: Pair, enough: float) -> bool:
    """Return whether the weights that a pair shows add up to `enough`.

    Signals are measured in order, until those to come cannot change the answer.
    """
    total, more = 0.0, sum(max(signal.weight, 0.0) for signal in signals.values())
    less = sum(min(signal.weight, 0.0) for signal in signals.values())
    for signal in signals.values():
        if total + more < enough or total + less >= enough:
            break
        total += signal.weight * signal.measure(pair)
        more -= max(signal.weight, 0.0)
        less -= min(signal.weight, 0.0)
    return total >= enough


def total(signals: Mapping[str, Signal], pair: Pair) -> float:
    """Return the sum that `reaches` compares, all of it measured: its naive twin."""
    return sum(signal.weight * signal.measure(pair) for signal in signals.values())
