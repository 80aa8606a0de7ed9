"""Forms of Chinese objects: regular expressions by kind, how a list is cut, what is trimmed
from each item.

It knows the shapes of names, dates and numbers, and the words that describe a person before the
name.
"""

import re
from typing import Final

from remanence.encoding.extraction import chinese_words as words
from remanence.text.words import table

_N: Final = r"(?:(?![的了在过是把被])[\w·])"
_NUMBER: Final = "[一二三四五六七八九十百千万亿两〇零]+"
_DATE: Final = rf"(?:公元前?)?(?:\d{{3,4}}|[一二三四五六七八九〇零]{{4}})年(?:(?:\d{{1,2}}|{_NUMBER})月)?(?:(?:\d{{1,2}}|{_NUMBER})[日号])?"
_JOBS: Final = words.JOB[len("(?:[^，。、的是在了有和与一]{0,6}?") : -1]
_JOB: Final = rf"(?:(?![是在有做当任干]|{words.COUNTRY})[^，。、的了和与一]){{0,6}}?{_JOBS}"
_LIST: Final = "(?:、|以及|和|与|及|跟)"


def _listed(one: str) -> str:
    return rf"{one}(?:{_LIST}{one})*?"


OBJECTS: Final = {
    "place": rf"{_N}{{2,16}}?",
    "site": r"(?:(?![了在过是])[\w·]){2,16}?",
    "places": rf"(?:{_N}|、){{2,30}}?",
    "home": rf"(?!一|男|女|好|大|老|本|个|名|商|主持|负责|创始|候选|继承|人口|发言|年轻|外国|中年|成年|普通|有钱|自己|当地|这|那|那种){_N}{{2,7}}?(?<![工商军诗艺病恋情新亲友夫家法证客主旁路行哲文猎犯别好坏名])",
    "org": r"(?:(?![的了在过是把被])[\w·&.\- ]){2,20}?",
    "orgs": r"(?:(?![的了在过是把被])[\w·&.、\- ]){2,30}?",
    "firm": r"(?:(?![的了在过是把被])[\w·&.]){1,14}?(?:公司|集团|银行|科技|医院|报社|杂志社|电视台|律所|事务所|研究院|研究所|工作室)",
    "school": r"(?:(?![的了在过是从自\d])[\w·]){2,14}?(?:大学|学院|中学|高中|小学|学校|幼儿园|附中|一中|二中|党校|师专|(?<=[\u4e00-\u9fff])大(?=读|上|念|毕业))",
    "person": r"(?:(?![了在过是把被])[\w·]){2,24}?",
    "persons": r"(?:(?![了在过是把被])[\w·、]){2,40}?",
    "singer": r"(?:(?![的了在过是把被])[\w·]){2,16}?",
    "date": _DATE,
    "day": rf"(?:农历|阴历|阳历)?(?:\d{{4}}年)?(?:\d{{1,2}}|{_NUMBER})月(?:\d{{1,2}}|初?{_NUMBER})[日号]?",
    "years": rf"(?:\d{{1,3}}|{_NUMBER})岁",
    "phone": r"\+?\d[\d\- ]{5,}\d",
    "email": r"[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    "qty": rf"约?(?:\d[\d,.]*(?:余|多)?[万亿]?(?:余|多)?|{_NUMBER})(?=人|$|，|左右)",
    "measure": r"约?\d[\d,.]*万?(?:平方公里|平方千米|平方米|公顷|亩|平方英里)",
    "np": r"[^，。]{1,24}?",
    "nps": r"[^，。]{1,30}?",
    "vp": r"[^，。]{2,30}?",
    "job": _JOB,
    "animal": words.ANIMAL,
    "instruments": rf"(?:{words.INSTRUMENT})(?:{_LIST}(?:{words.INSTRUMENT}))*",
    "sports": rf"(?:{words.SPORT})",
    "languages": rf"(?:{words.LANGUAGE})(?:{_LIST}(?:{words.LANGUAGE}))*",
    "condition": rf"(?:{words.CONDITION})",
    "thing": "车|房子?|汽车|电脑|手机|驾照",
    "event": rf"[^，。了]{{0,16}}?(?:{words.EVENT})",
    "group": "[^，。了]{1,16}?(?:队|社|社团|协会|俱乐部|党|乐队|学会|工会|联盟|合唱团|乐团|剧团|小组|读书会|书友会)",
    "title": r"《[^》]+》",
    "award": r"[^，。了的]{2,24}?(?:奖|奖项|奖章|勋章|冠军|亚军|金牌|银牌|铜牌|称号|奖学金)(?=$|[、，和及])",
    "class": rf"[^的，、]{{0,8}}?(?:{words.CLASS})",
    "adjective": "免费的?|大型|小型|著名的?|重要的?|知名的?",
    "office": words.OFFICE,
    "country": words.COUNTRY,
}
LISTS: Final = table("places orgs persons nps languages instruments")
DESCRIBED: Final = table("person persons singer")
_CUT: Final = re.compile(
    r"、|以及|(?<=[\w》])和(?=[\w《])|(?<=[\w》])与(?=[\w《])|(?<=[\w》])及(?=[\w《])|(?<=[\w》])跟(?=[\w《])"
)
_KINS: Final = "|".join(kin for kin in words.KINS.split("|") if len(kin) > 1)
_ROLE: Final = (
    rf"(?:{words.COUNTRY}|{words.REGION}|籍|著名|知名|已故|华裔|旅美|男性|女性|女子组合|男子组合|组合|乐队|乐团|男(?!子)|女(?!子)|"
    rf"近代|现代|当代|古代|唐代|宋代|明代|清代|前任?|[其他她]的?|自己的?|同龄|同为|"
    rf"{_KINS}|长子|次子|幼子|胞弟|侄|弟|{_JOBS}|飞行员|航海家)"
)
_DESCRIPTION: Final = re.compile(rf"^(?P<said>{_ROLE}+)(?P<name>[\w·]{{2,}})$")
_TITLED: Final = re.compile(
    rf"^(?P<said>[\w·]{{0,12}}(?:{_JOBS}|乐队|组合|乐团|犹太人))(?P<name>[\w·]{{2,}})$"
)
_EDGES: Final = re.compile(
    r"^[《“\"'\s一]+(?=《)|^[《“\"'\s]+|[》”\"'\s]+$|(?<=.)(?:了|呢|啊|呀|吧|啦|嘛|等|等人|一带|这里|那边|那里)$"
)
_BAD: Final = re.compile(
    "[什谁哪吗怎]|任何|^过|^(?:他|她|它|这|那|此|该|其|我|你|自己|大家|一个|没)|^(?:人|说|做|去|来|很多|许多|不少|这样|那样)$"
)
_CITY: Final = re.compile(rf"(?:{words.CITY}|[省市])+|(?:{words.COUNTRY})")
_BOOK: Final = re.compile("《([^》]+)》")


def items(found: str, kind: str) -> list[str]:
    """The objects in what a slot matched, trimmed; what cannot be a value is left out."""
    parts = _CUT.split(found) if kind in LISTS else [found]
    return [part for part in (trimmed(part, kind) for part in parts) if part]


def trimmed(text: str, kind: str) -> str:
    """Without marks and particles; a person without the words that describe him."""
    book = _BOOK.search(text)
    if book and (kind in ("title", "np") or text.startswith("《")):
        return book[1]
    before = None
    while before != text:
        before, text = text, _EDGES.sub("", text)
    if kind in DESCRIBED:
        text = described(text)[1]
        if "的" in text:
            return ""
    if kind == "class":
        text = re.sub(
            rf"^(?:{words.COUNTRY}|{words.REGION})+|^第?[一二三四五六七八九十\d]+[个部座种条家所首本款位项支张]",
            "",
            text,
        )
    if kind in ("person", "persons") and re.search("[要会不没就]", text):
        return ""
    if kind in ("place", "places", "site") and re.search("年|因|开始|天去", text):
        return ""
    if kind == "org" and _CITY.fullmatch(text):
        return ""
    if kind in ("org", "person", "persons") and re.search(
        "接替|之女|之子|为王|相关|开始|\\d年|自\\d", text
    ):
        return ""
    return (
        ""
        if not text or len(text) > 40 or (kind not in ("vp", "nps") and _BAD.search(text))
        else text
    )


def described(text: str) -> tuple[str, str]:
    """("日本插画家", "森田由美"): the words that describe someone, and the name."""
    found = _TITLED.match(text) or _DESCRIPTION.match(text)
    if not found:
        return "", text
    said, name = found["said"], found["name"]
    return said, name
