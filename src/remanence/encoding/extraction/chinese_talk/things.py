"""Values in the words of a slot: things, employers, subjects, arts, occasions, prizes.

The functions are as those of `values`.
"""

import re
from typing import Final

from remanence.encoding.extraction.chinese_talk.lexicon import LEXICON, NUMBER
from remanence.encoding.extraction.chinese_talk.values import (
    BAD,
    COUNT,
    items,
    org,
    parts,
    single,
    trimmed,
)

THING: Final = re.compile(LEXICON["THING"])
_NO_THING: Final = re.compile(LEXICON["NO_THING"])


def thing(text: str) -> list[str]:
    """Things one owns: known, or counted by a classifier of things."""
    found = []
    for part in map(trimmed, parts(text)):
        counted = re.match(
            rf"^(?:了)?(?:{NUMBER})?(?:[辆台部套把张间栋双副艘架块本件])(?!面)", part
        )
        value = trimmed(COUNT.sub("", part)) if not counted else part[counted.end() :]
        value = re.sub("^(?:自己的|我的|二手的?|全新的?|新的?(?=.{2}))", "", value)
        if (
            not value
            or len(value) > 14
            or _NO_THING.search(value)
            or re.search("[我你他她它]|[^M]不|没|什么", value)
        ):
            continue
        if counted or THING.search(value):
            found.append(value)
    return found


_FIRM: Final = re.compile(LEXICON["FIRM"])
_EMPLOYERS: Final = frozenset(LEXICON["EMPLOYERS"].split("|"))


def firm(text: str) -> list[str]:
    """An organisation by its ending or among well-known employers."""
    return [value for value in org(text) if _FIRM.search(value) or value in _EMPLOYERS]


def field(text: str) -> list[str]:
    """A field of work or study."""
    bad = "^(?:好|坏|什么|这|那|我|你|他|一|大|小|别人|手工|饭|事|梦|得|不)|[了过着是吗]|饭|作业|梦|事$|爱$"
    return [value for value in single(text, 10) if not re.search(bad, value)]


_SUBJECT: Final = re.compile(LEXICON["SUBJECT"])


def subject(text: str) -> list[str]:
    """A subject or class that is taught."""
    value = trimmed(text)
    return [value] if len(value) <= 10 and _SUBJECT.search(value) else []


_SHOP: Final = re.compile(LEXICON["SHOP"])


def shop(text: str) -> list[str]:
    """A business of one's own, by its ending."""
    value = re.sub(f"^(?:了|着|过)*(?:{NUMBER}?[家个间所座])?(?:小小的)?", "", trimmed(text))
    return [value] if 1 < len(value) <= 12 and _SHOP.search(value) else []


def short(text: str) -> list[str]:
    """A short list of nouns alone."""
    value = trimmed(text)
    return (
        items(value)
        if re.fullmatch("[\u4e00-\u9fff、和]{2,8}", value)
        and not re.search("[我你他她有是会容易不很常的也都就对易点严重超特别皮肤季节换真好]", value)
        else []
    )


def instruments(text: str) -> list[str]:
    """Instruments of a list."""
    pieces = [re.sub("^(?:弹|拉|吹|打|敲|一?把|一?架)", "", part) for part in parts(trimmed(text))]
    return (
        pieces if all(re.fullmatch(f"(?:{LEXICON['INSTRUMENT']})", part) for part in pieces) else []
    )


_FAITH: Final = re.compile(
    "(?:[佛道]教?|基督教?|天主教?|伊斯兰教?|耶稣|主|上帝|真主|印度教|犹太教|妈祖|藏传佛教|禅宗)"
)


def faith(text: str) -> list[str]:
    """A faith or what is worshipped."""
    value = trimmed(text)
    return [value] if _FAITH.fullmatch(value) else []


_LEARNT: Final = re.compile(LEXICON["LEARNT"])


def learnt(text: str) -> list[str]:
    """Arts, sports, languages and examinations that are learnt."""
    pieces = [re.sub("^(?:了|过|着|一?[门种个项])", "", trimmed(part)) for part in parts(text)]
    return pieces if all(len(part) <= 8 and _LEARNT.fullmatch(part) for part in pieces) else []


def dropped(text: str) -> list[str]:
    """A thing that is sold, lost or given up."""
    value = re.sub(
        "^(?:我们?家?的?|自己的?|那[台辆部个把]?|这[台辆部个把]?|家里的?|之前的?)",
        "",
        trimmed(text),
    )
    value = trimmed(COUNT.sub("", value))
    bad = re.search(
        "[你他她它吗什谁我都也就]|事|话|人$|时间|一下|票$|饭|脸|[天夜]$|不|没|[太真很更最]|感觉|心|脚$|手$|命|了|说|想|要",
        value,
    )
    single_word = len(value) == 1 and value not in "车房猫狗书琴表"
    return [] if bad or not value or single_word or len(value) > 10 else [value]


def newhabit(text: str) -> list[str]:
    """A habit that is taken up."""
    value = COUNT.sub("", trimmed(text))
    return single(value, 10)


_NO_PURCHASE: Final = re.compile(LEXICON["NO_PURCHASE"])


def bought(text: str) -> list[str]:
    """A thing of some duration that was bought."""
    value = trimmed(text)
    counted = re.match(
        rf"^(?:了)?(?:{NUMBER})?(?:[辆台部套把张间栋双副艘架块本件款只条]|个(?=带|新|二手|大|小))",
        value,
    )
    value = value[counted.end() :] if counted else value
    value = re.sub("^(?:全新的?|新的?|二手的?)(?=..)", "", value)
    fits = counted or THING.search(value)
    bad = _NO_PURCHASE.search(value) or BAD.search(value) or re.search("[我你他她了]|给", value)
    return [value] if fits and not bad and 1 < len(value) <= 14 else []


_MAKES: Final = LEXICON["MAKES"]


_SERVICE: Final = re.compile(
    r"(?:会员|年卡|月卡|季卡|卡|VIP|vip|套餐|保险|宽带|订阅|课程?|专栏|月票|[A-Za-z][A-Za-z0-9 ]+)$"
)


def service(text: str) -> list[str]:
    """A subscription, card or insurance."""
    value = trimmed(re.sub("^(?:一?[个张份])|的(?=会员)", "", trimmed(text)))
    return [value] if 1 < len(value) <= 12 and _SERVICE.search(value) else []


def car(text: str) -> list[str]:
    """A vehicle by its make or sort."""
    value = COUNT.sub("", trimmed(text))
    fits = re.search(
        rf"{_MAKES}|(?:电动车|摩托车?|面包车|卡车|货车|皮卡|轿车|越野车|[A-Za-z]+\d+)$", value
    )
    return [value] if fits and len(value) <= 14 and not re.search("[我你他她了会的]", value) else []


_TOOL: Final = re.compile(LEXICON["TOOL"])


def tool(text: str) -> list[str]:
    """A device, brand or program that is used."""
    value = trimmed(re.sub("的(?=.)|^的", "", COUNT.sub("", trimmed(text))))
    bad = re.search("[我你他她它了会]|心$|力$|什么|来|去", value)
    return [value] if _TOOL.search(value) and len(value) <= 14 and not bad else []


_OCCASION: Final = re.compile(LEXICON["OCCASION"])


def occasion(text: str) -> list[str]:
    """An occasion that one attends."""
    value = re.sub("^(?:了)?(?:一?[场次个届])", "", trimmed(text))
    return [value] if 1 < len(value) <= 16 and _OCCASION.search(value) else []


_TEAM: Final = re.compile(LEXICON["TEAM"])


def team(text: str) -> list[str]:
    """A group that one belongs to."""
    value = re.sub("^(?:了)?(?:一?[个支])", "", trimmed(text))
    return [value] if 1 < len(value) <= 14 and _TEAM.search(value) else []


_PRIZE: Final = re.compile(LEXICON["PRIZE"])


def prize(text: str) -> list[str]:
    """A prize, rank or certificate."""
    value = re.sub("^(?:了)?(?:一?[个张份块])", "", trimmed(text))
    bad = re.search("[我你他她]|身份证|保证|不|没|作证|签证|学生证", value)
    return [value] if 1 < len(value) <= 12 and _PRIZE.search(value) and not bad else []


_STYLE: Final = re.compile(LEXICON["STYLE"])


def style(text: str) -> list[str]:
    """A manner of answering."""
    value = trimmed(text)
    return [value] if 1 < len(value) <= 12 and _STYLE.search(value) else []
