"""Values in the words of a slot: places, organisations, trades, names, animals, illnesses, drugs.

Each function takes the words that a slot matched and returns the values in them, empty where the
words are of another kind.
"""

import re
from typing import Final

from remanence.encoding.extraction.chinese_talk.kin import KIN
from remanence.encoding.extraction.chinese_talk.lexicon import ANIMAL, LEXICON, NUMBER
from remanence.encoding.extraction.chinese_talk.places import known, place_shaped

COUNT: Final = re.compile(LEXICON["COUNT"])
_EDGE: Final = re.compile(LEXICON["EDGE"])
BAD: Final = re.compile(LEXICON["BAD"])


def trimmed(text: str) -> str:
    """Words without marks and particles at their ends."""
    before = None
    while before != text:
        before, text = text, _EDGE.sub("", text)
    return text


def single(text: str, longest: int = 16) -> list[str]:
    """The value that the words are, unless they are too long or no value."""
    value = trimmed(text)
    return [] if not value or len(value) > longest or BAD.search(value) else [value]


_CUT: Final = re.compile(LEXICON["CUT"])
_COMPANY: Final = re.compile("^(?:和(?!睦|平|田)|与(?!那国)|跟|同|陪|对|给)")


def parts(text: str) -> list[str]:
    """Items of a list, as written."""
    text = re.sub("以及|还有|(?<=.)或者?(?=.)", "、", text)
    if _COMPANY.search(text):
        return [part for part in text.split("、") if part]
    return [part for part in _CUT.split(text) if part]


def items(text: str) -> list[str]:
    """Noun or verb phrases of a list."""
    book = re.findall("《([^》]+)》", text)
    if book and text.strip().startswith("《"):
        return [text.replace("《", "").replace("》", "")] if "的" in text else book
    pieces = parts(text)
    found = [value for part in pieces for value in single(COUNT.sub("", trimmed(part)))]
    return found if len(found) == len(pieces) or len(pieces) > 2 else found[:1] if found else []


_NOWHERE: Final = re.compile(LEXICON["NOWHERE"])


def place(text: str) -> list[str]:
    """A place, known or of unknown name; rooms, days and people are none."""
    value = trimmed(
        re.sub(
            "(?<=..)(?:去|来|工作|上班|上学|读书|定居|生活|发展|住|那边|这边|附近|一带)+$",
            "",
            trimmed(text),
        )
    )
    value = re.sub("^(?:了|在|到)(?!望)", "", value)
    if not 2 <= len(value.encode()) <= 48 or re.search("[的是有没不]|吗|什么|谁", value):
        return []
    if known(value) or place_shaped(value):
        return [value]
    return [] if _NOWHERE.search(value) or BAD.search(value) or len(value) > 12 else [value]


def known_place(text: str) -> list[str]:
    """A place that the gazetteer knows, or of its shape."""
    value = trimmed(text)
    if value.endswith("老家") or re.search("[的了是]", value):
        return []
    shaped = (
        place_shaped(value) and 2 < len(value) < 12 and not re.search("[要不因去来讨有]", value)
    )
    return [value] if known(value) or shaped else []


def foods(text: str) -> list[str]:
    """Foods or drinks of a list."""
    return [] if re.search("[就不才都也要会能我你他她是了]", trimmed(text)) else items(text)


def places(text: str) -> list[str]:
    """Places of a list."""
    return [value for part in parts(text) for value in place(part)]


_NO_ORG: Final = re.compile(LEXICON["NO_ORG"])


def org(text: str) -> list[str]:
    """An organisation, known or of unknown name; places where one merely sits are none."""
    value = trimmed(re.sub("(?:(?<!阿)里面?|那边|那儿|这边)$", "", trimmed(text)))
    value = re.sub("^(?:了)?(?:一家|一个|某家?|这家|一所|家)(?=.)|^(?:我们?的?)", "", value)
    if not 2 <= len(value.encode()) <= 48 or _NO_ORG.search(value):
        return []
    return (
        [] if BAD.search(value) or re.search("[了着过]|不[^动]|从事|负责|担任", value) else [value]
    )


_SCHOOL: Final = re.compile(LEXICON["SCHOOL"] + "$")


def school(text: str) -> list[str]:
    """A school or university by its ending or a common short name."""
    value = trimmed(re.sub("^(?:了|到|进)", "", text))
    value = re.sub("^(?:一所|一个|我们|上的?)", "", value)
    bad = re.search("[的是了]|今年|什么|哪|研究生$|^(?:大学|高中|小学|中学|幼儿园|学校)$", value)
    return [value] if 2 <= len(value) <= 14 and not bad and _SCHOOL.search(value) else []


_NO_HUMAN: Final = re.compile(LEXICON["NO_HUMAN"])
_TRADE: Final = re.compile(LEXICON["TRADE"])
_STUDENT: Final = re.compile(LEXICON["STUDENT"])


def job(text: str) -> list[str]:
    """A trade by its ending or a common name."""
    value = re.sub(
        rf"^(?:了|过|着)?(?:一?[名个位]|一|{NUMBER}年)?(?:的)?(?:职业(?=.)|普通|全职(?!妈|太|爸|奶|主)|资深|兼职)?",
        "",
        trimmed(text),
    )
    value = trimmed(re.sub(f"{NUMBER}年$|很?多年$", "", value))
    if not value or len(value) > 14 or _NO_HUMAN.search(value) or BAD.search(value):
        return []
    if re.search(
        "[是了的]|大家|回家|国家|厂家|商家|人家|自家|老家|店家|专家$|玩家|买家|学生|选手$|动手|新手|老手|高手|助手$|对手|分手|双手|左手|右手|小手|放手|好手",
        value,
    ):
        return []
    return [value] if _TRADE.search(value) else []


def student(text: str) -> list[str]:
    """A stage of education: 大三学生, 高中生, 研二."""
    value = trimmed(re.sub("^(?:一?[名个位])", "", trimmed(text)))
    known_stage = _STUDENT.match(value) and not re.search("医生|先生|男生|女生|^学生$", value)
    return [value] if known_stage else []


_TRAIT: Final = re.compile(LEXICON["TRAIT"])


def trait(text: str) -> list[str]:
    """A type of person: sign of the zodiac, blood type, MBTI, faith, bent."""
    value = trimmed(
        re.sub(
            "^(?:一?[名个位只枚])|^(?:典型的?|标准的?|正宗的?|资深|重度|妥妥的)", "", trimmed(text)
        )
    )
    value = re.sub("^(?:典型的?|标准的?|正宗的?|资深|重度|妥妥的|一个)", "", value)
    return [value] if len(value) <= 10 and _TRAIT.match(value) and "民族" not in value else []


def fan(text: str) -> list[str]:
    """The club or star whose follower somebody is."""
    value = trimmed(re.sub("^(?:一?[名个位])|^(?:铁杆|资深|忠实的?|死忠|老)", "", trimmed(text)))
    return single(value, 10)


_REGION: Final = re.compile("^[\u4e00-\u9fff]{2,5}[省市县区镇州乡村]$")


def home(text: str) -> list[str]:
    """The place before 人: 湖南, 四川成都, 日本."""
    value = re.sub(
        "^(?:一?[个名位])|^(?:土生土长的?|地地道道的?|地道的?|正宗的?|典型的?|纯正的?|老|地道|本地|纯)",
        "",
        trimmed(text),
    )
    if known(value) or value in (
        "南方",
        "北方",
        "东北",
        "江南",
        "本地",
        "广东潮汕",
        "客家",
        "潮汕",
    ):
        return [value]
    return [value] if 2 < len(value) < 7 and _REGION.search(value) else []


_CALLED: Final = re.compile(LEXICON["CALLED"])
_NO_CALL: Final = re.compile(LEXICON["NO_CALL"])


def called(text: str) -> list[str]:
    """A name that a person or a pet goes by."""
    value = trimmed(re.sub("(?:就行|就好|就可以|即可|就成|好了|就OK|就ok)$", "", trimmed(text)))
    value = trimmed(value)
    fits = _CALLED.fullmatch(value) and not _NO_CALL.search(value)
    return [value] if fits and value not in KIN else []


_TITLED: Final = re.compile(
    rf"[{LEXICON['SURNAMES']}][\u4e00-\u9fff]{{0,2}}(?:{LEXICON['TITLES']})"
)


def titled(text: str) -> list[str]:
    """A name with a title: 吴大夫."""
    value = trimmed(text)
    return [value] if _TITLED.fullmatch(value) and not BAD.search(value) else []


def animal(text: str) -> list[str]:
    """Animals of a list, with their number where it is not one."""
    pieces = [COUNT.sub("", trimmed(part)) for part in parts(text)]
    pieces = [
        re.sub("^(?:的|养的|可爱的|很可爱的|超可爱的|名叫.*的)+", "", part) for part in pieces
    ]
    fits = all(len(part) <= 10 and re.search(rf"(?:{ANIMAL})$", part) for part in pieces)
    bad = re.search("[我你他她是在不没]|玩具|标本|^熊猫|海马|斑马|天鹅|蜗牛|牛羊", text)
    return pieces if pieces and fits and not bad else []


_CONDITION: Final = re.compile(LEXICON["CONDITION"])


def condition(text: str) -> list[str]:
    """Illnesses of a list, by name or ending."""
    found = []
    for part in parts(text):
        value = re.sub(
            "^(?:了|过|有|点|一点|个|些|上了?|为|出了?)+|^(?:轻微的?|严重的?|很严重的?|一些|多年的?)",
            "",
            trimmed(part),
        )
        value = re.sub(f"(?<=.)(?:{NUMBER}(?:多)?年了?|好多年)$", "", value)
        if _CONDITION.match(value) and not re.search(
            "^[没不无未]|毛病|相思病|公主病|[懒拖]癌|有病$|看病|治病|生病$", value
        ):
            found.append(value)
    return found


_NO_DRUG: Final = re.compile(LEXICON["NO_DRUG"])


def drug(text: str) -> list[str]:
    """Medicines of a list."""
    value = trimmed(re.sub("^(?:了|着|过|的|点|一点)", "", text))
    pieces = parts(value)
    fits = all(re.fullmatch(LEXICON["DRUG"], part) and not _NO_DRUG.search(part) for part in pieces)
    return [part for part in pieces if not BAD.search(part)] if fits else []


def languages(text: str) -> list[str]:
    """Languages of a list."""
    value = re.sub(
        "^(?:说|讲|一口|流利的?|一点(?:点|儿)?|一些|一门|点|几句|简单的?)+", "", trimmed(text)
    )
    pieces = [
        re.sub("^(?:一点(?:点|儿)?|一些|点|流利的?)", "", trimmed(part)) for part in parts(value)
    ]
    fits = pieces and all(re.fullmatch(f"(?:{LEXICON['LANGUAGE']})", part) for part in pieces)
    return pieces if fits else []


def measured(text: str) -> list[str]:
    """Words of a quantity, without particles."""
    value = trimmed(text).removesuffix("的")
    return [value] if value else []


def verbal(text: str) -> list[str]:
    """A verb phrase."""
    value = trimmed(text)
    bad = re.search("[吗呢谁]|什么|怎么|哪|^(?:你|他|她|它|这|那)|你们?$", value)
    return [value] if 1 < len(value) <= 18 and not bad else []
