"""Chinese sentences read for what happened: verb, things, people, places, amounts.

Patterns around the words that open a phrase (和, 在, 去, 了); what they do not place stays a plain
word of the event.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from remanence.apps.ask.lexicon import lexicon
from remanence.apps.ask.phrases import Phrase, SentenceReading
from remanence.storage.events import Role

_SENTENCE: Final = re.compile(r"[^。！？!?\n；;]+[。！？!?\n；;]*")
_DENIED: Final = re.compile(
    r"没有?(?!事|关系)|(?<![差对要好是])不(?!过|少|错|久|得了|小心|止|到|仅)|别(?!人|的|墅)|未|取消|忘了|错过|放弃"
)
_UNREAL: Final = re.compile(
    r"想(?!起|到|念)|(?<![主重需只])要(?!是说)|打算|准备(?!了|好)|计划(?!了)|应该|(?<![开约聚晚社机])会(?!议|面|所|员|计|场|儿)|"
    r"可能|也许|如果|要是|假如|希望|明天|后天|下周|下个?月|明年|记得(?=去|买|带|给)|"
    r"经常|总是|常常|每天|每周|平时|通常|一般(?!般)|习惯"
)
_QUESTION: Final = re.compile(r"[?？]\s*$|吗\s*[。!！]?$|呢\s*[?？]?$")
_SUBJECT: Final = re.compile(r"^[\s|，,]*(我们|我|咱们|咱|俺)")
_END: Final = r"(?=一起|一块儿?|一同|一道|在|去|到|[|，,。！!；;\s]|$|{verbs})"
_LIST: Final = re.compile(r"[、,，]|(?<=[\u4e00-\u9fff])(?:和|与|跟|还有|以及)(?=[\u4e00-\u9fff])")
_DIGITS: Final = dict(
    zip("零一二两三四五六七八九十", (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True)
)
_NUMBER: Final = r"\d+(?:\.\d+)?|半|[一二两三四五六七八九十百]+"
MEASURES: Final = "本|杯|个|只|份|碗|斤|瓶|件|双|条|张|部|场|集|首|台|辆|盒|包|块|顿|篇|套|把|支|束|口|盘|幅|节|家"
_COUNTED: Final = re.compile(rf"^({_NUMBER})?({MEASURES})?")
_OFTEN: Final = re.compile(rf"({_NUMBER})[次趟遍回](?!家)")
_COMMON_VERBS: Final = [
    "打电话",
    "聊天",
    "散步",
    "见面",
    "吃",
    "喝",
    "买",
    "看",
    "读",
    "写",
    "做",
    "打",
    "玩",
    "聊",
    "学",
    "听",
    "画",
    "拍",
    "修",
    "洗",
    "送",
    "跑",
    "爬",
    "骑",
    "卖",
    "借",
    "游",
    "练",
    "逛",
    "参加",
    "参观",
    "完成",
    "开始",
    "学习",
    "讨论",
    "收到",
    "庆祝",
    "看望",
    "采访",
]
_MEETING: Final = "见|见到|见面|遇到|碰到|碰见|遇见|看望|采访|拜访|陪|约|请|给|教|帮"
_TRIMMED: Final = re.compile(
    r"^(?:了|过|着|到|完|好|的|很多|一些|好多|几|点|一?顿|一下)+|(?:了|的|来着|吧|啊|呀|呢)+$"
)
_TAIL: Final = re.compile(r"(?:来着|了|的|吧|啊|呀)+$")


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield (place, sentence)."""
    for found in _SENTENCE.finditer(text):
        if found[0].strip():
            yield found.start(), found[0]


@cache
def _verbs() -> str:
    """Return an alternation of verbs, longest first."""
    known = [word for word in _zh_verbs() if word not in ("去", "有", "是", "花")]
    every = sorted({*known, *_COMMON_VERBS}, key=len, reverse=True)
    return "|".join(map(re.escape, every))


def _zh_verbs() -> list[str]:
    return [stem for stem in lexicon().verbs if "\u4e00" <= stem[0] <= "\u9fff"]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    end = _END.format(verbs=_verbs())
    name = r"([\u4e00-\u9fffA-Za-z·、, ]{1,16}?)"
    places = "|".join(place for place in lexicon().places if not place.isascii())
    units = sorted((unit for unit in lexicon().units if not unit.isascii()), key=len, reverse=True)
    return {
        "company": re.compile(rf"(?:(?:^|(?<=[|，,\s上午晚早们又也都就刚才我]))(?:和|与|同(?!事|学))|跟|"
                              rf"陪着?|约了?|带着?){name}{end}"),
        "met": re.compile(rf"(?:{_MEETING})(?:了|过)?{name}(?=打电话|[|，,。！!；;\s]|$|一面|{_verbs()})"),
        "setting": re.compile(rf"在([^|，,。！!；;]{{1,12}}?)(?=和|跟|与|[|，,。！!；;]|$|{_verbs()})"),
        "goal": re.compile(rf"(?:去|到|飞往|飞到|回|搬到|搬去)(?:了|过)?(?:(?={places})|(?!年|了|"
                           rf"{_verbs()}))([^|，,。！!；;了过]{{1,12}}?)(?=和|跟|与|[|，,。！!；;了过]|"
                           rf"出差|旅行|旅游|玩|$|{_verbs()})"),
        "amount": re.compile(rf"({_NUMBER})\s*({'|'.join(map(re.escape, units))})"),
        "done": re.compile(rf"({_verbs()})(?:了|过|着|完)?\|*([^|，,。！!；;]*)"),
    }  # fmt: skip


def number(text: str) -> float | None:
    """Return the value of a numeral, in digits or in characters up to 百."""
    if text == "半":
        return 0.5
    try:
        return float(text)
    except ValueError:
        pass
    total = current = 0
    for mark in text:
        if mark == "百":
            total, current = total + (current or 1) * 100, 0
        elif mark == "十":
            total, current = total + (current or 1) * 10, 0
        elif mark in _DIGITS:
            current = _DIGITS[mark]
        else:
            return None
    return float(total + current)


def read(
    sentence: str, hidden: Sequence[tuple[int, int]] = (), *, asked: bool = False
) -> SentenceReading:
    """Return what a sentence says has happened.

    `hidden` are the places of its time expressions; `asked` reads the words of a question.
    """
    text = sentence
    for first, last in hidden:
        text = f"{text[:first]}{'|' * (last - first)}{text[last:]}"
    reading = SentenceReading()
    if not asked:
        reading.happened = not (
            _QUESTION.search(text) or _DENIED.search(text) or _UNREAL.search(text)
        )
        if not reading.happened:
            return reading
    text = _amounts(text, reading)
    text = _subject(text, reading)
    for role, key in (
        (Role.PERSON, "company"),
        (Role.PERSON, "met"),
        (Role.SETTING, "setting"),
        (Role.GOAL, "goal"),
    ):
        text = _opened(text, reading, role, key)
    _done(text, reading)
    return reading


def _amounts(text: str, reading: SentenceReading) -> str:
    for found in _patterns()["amount"].finditer(text):
        unit, count = lexicon().units[found[2]], number(found[1])
        if count is None or (unit.name == "day" and found[1].isdigit() and len(found[1]) > 3):
            continue
        reading.phrases.append(
            Phrase(
                Role.QUANTITY, found[0], found.start(), found.end(), count * unit.factor, unit.base
            )
        )
        text = f"{text[: found.start()]}{'|' * len(found[0])}{text[found.end() :]}"
    often = _OFTEN.search(text)
    if often and (count := number(often[1])):
        reading.times = count
        text = f"{text[: often.start()]}{'|' * len(often[0])}{text[often.end() :]}"
    return text


def _subject(text: str, reading: SentenceReading) -> str:
    """Read who did it; return the text without the subject."""
    first = _SUBJECT.match(text)
    if first:
        return "|" * first.end() + text[first.end() :]
    bare = text.lstrip(" |，,")
    at = len(text) - len(bare)
    people = sorted(
        (word for word in lexicon().people if not word.isascii()), key=len, reverse=True
    )
    third = re.match(rf"({'|'.join(people)}|[小老阿][\u4e00-\u9fff]|他们?|她们?)(?!家)", bare)
    if third:
        reading.own = False
        reading.actor = third[1]
        return f"{text[:at]}{'|' * len(third[1])}{text[at + len(third[1]) :]}"
    return text


def _opened(text: str, reading: SentenceReading, role: Role, key: str) -> str:
    """Add the phrases that a word opens; return the text without them."""
    for found in _patterns()[key].finditer(text):
        start = found.start(1)
        if role is not Role.PERSON:
            _add(reading, role, found[1], start)
        else:
            for piece in re.finditer(r"[^、,，和与跟\s]+", found[1]):
                _add(reading, role, piece[0], start + piece.start())
        head = text[found.start() : start]
        kept = "去" if role is Role.GOAL and "去" in head else ""
        if kept:
            _add(reading, Role.ACTION, "去", found.start() + head.index("去"))
        text = f"{text[: found.start()]}{'|' * len(found[0])}{text[found.end() :]}"
    return text


def _done(text: str, reading: SentenceReading) -> None:
    """Add the verb and what it was done to."""
    for found in _patterns()["done"].finditer(text):
        verb, at = found[1].rstrip("了"), found.start(2)
        bare = found[2].strip("|了过着的 ")
        if (
            len(bare) == 1 and len(verb) == 1 and bare != verb
        ):  # a verb and the object that belongs to it: 游了泳
            first = found.start(1)
            reading.phrases.append(Phrase(Role.ACTION, verb + bare, first, first + len(verb)))
            continue
        _add(reading, Role.ACTION, verb, found.start(1))
        for piece in _pieces(found[2]):
            word = found[2][piece[0] : piece[1]]
            lead = _TRIMMED.match(word)
            shift = lead.end() if lead else 0
            counted = _COUNTED.match(word[shift:])
            amount = 1.0
            if counted and counted[2]:
                amount = number(counted[1]) or 1.0 if counted[1] else 1.0
                shift += counted.end()
            thing = _TAIL.sub("", word[shift:])
            if thing not in verb:  # 跑步跑了
                _add(reading, Role.THING, thing, at + piece[0] + shift, amount)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the items of a list: 苹果、香蕉和牛奶."""
    start = 0
    for mark in [*_LIST.finditer(text), None]:
        end = len(text) if mark is None else mark.start()
        if end > start:
            yield start, end
        start = end if mark is None else mark.end()


def _add(reading: SentenceReading, role: Role, words: str, at: int, amount: float = 1.0) -> None:
    bare = words.strip(" |的了")
    if bare:
        first = at + words.index(bare)
        reading.phrases.append(Phrase(role, bare, first, first + len(bare), amount))
