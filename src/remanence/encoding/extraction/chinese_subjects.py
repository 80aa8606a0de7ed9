"""Who a Chinese clause speaks of: the words before its predicate, cut into subject and adverbs, and
what the subject is called.

It knows pronouns, kin and titles; it does not know relations.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from remanence.encoding.extraction import chinese_words as words
from remanence.encoding.extraction.chinese_objects import described
from remanence.encoding.extraction.scene import Scene, Statement, Subject
from remanence.text.words import table

_MODAL: Final = "想要?|要|会|能够?|可以|应该|必须|需要|(?<!特)别|不要|打算|准备|计划|希望|可能"
_CUT: Final = re.compile(
    rf"^(?:(?:{words.LEADING}|{words.TIMES})，?)*(?P<subject>.*?)(?P<between>(?:{words.NEGATION}|"
    rf"{words.PAST}|{words.BETWEEN}|{_MODAL}|，)*)$"
)
_NEGATED: Final = re.compile(rf"(?:{words.NEGATION})")
_PAST: Final = re.compile(rf"(?:{words.PAST}|退休[之以]?前)")
_MODALS: Final = re.compile(rf"(?<!不)(?:{_MODAL})")


@dataclass(frozen=True, slots=True)
class Before:
    """The words before a predicate, read."""

    subject: str
    negated: str = ""  # "", "不再" (no longer) or "不"
    past: bool = False
    modal: str = ""


@dataclass(slots=True)
class Reading:
    """State carried from clause to clause."""

    scene: Scene
    topic: str = ""
    carried: Subject | None = None
    opening: bool = False  # the title is being looked for: any name will do
    lost: bool = False  # the clause before is about something that was not understood
    pet: str | None = None
    named: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=8192)
def split(text: str) -> Before:
    """The subject and what the words after it do."""
    if len(text) > 40:
        return Before(text)
    found = _CUT.match(text)
    if found is None:
        return Before(text)
    between = found["between"]
    negated = _NEGATED.search(between)
    said = negated.group() if negated else ""
    modal = _MODALS.search(between)
    return Before(
        found["subject"].strip("，、 "),
        "不再" if said in ("不再", "已经不", "再也不", "再也没") else "不" if said else "",
        _PAST.search(between) is not None or _PAST.match(text) is not None,
        modal.group() if modal else "",
    )


_SPEAKER: Final = table("我 我们 俺 咱 咱们 我自己 我们俩 我们家 我家 我这边 我们一家")
_ADDRESSEE: Final = table("你 您 你们")
_THIRD: Final = table(
    "他 她 它 其 他们 她们 该片 本片 影片 该剧 本剧 该书 本书 该专辑 该曲 此曲 该公司 该校 学校 公司 该市 该县 该镇 全市 全县 该站 该岛 该组织 该队 此书 此片 "
    "小说 专辑 歌曲 游戏"
)
_THIS: Final = re.compile("^[本该此][^人日地性]{1,3}$")
_KIN: Final = re.compile(
    rf"^(?P<owner>我们家?|我家?|咱家?|你家?|他|她|[\w·]{{2,8}}?(?=的))?的?(?:亲|好|最好的|大|小|"
    rf"二)?(?P<kin>{words.KINS})(?P<name>[\u4e00-\u9fff]{{2,4}}|[A-Z][\w·]*(?: [A-Z]\w*)?)?$"
)
_WITH: Final = re.compile(r"^(我们?|咱们?)(?:和|跟|与).{1,12}$")
_TITLE: Final = re.compile("《([^》]+)》")
_NO_NAME: Final = re.compile(f"[{words.NO_NAME}]")
_KEEP: Final = re.compile(r"[\w·\-.& ]{1,24}$")


def resolve(
    reading: Reading, text: str, extra: list[Statement] | None = None, start: int = 0, end: int = 0
) -> Subject | None:
    """Resolve `text` to a subject;

    "" is the subject of the clause before. `extra` collects what the naming itself states.
    """
    scene = reading.scene
    text = text.strip("，、： ")
    if not text:
        if reading.carried is not None:
            return Subject(reading.carried.name, reading.carried.kind, reading.carried.sure * 0.95)
        return (
            Subject(reading.topic, "", 0.85)
            if scene.prose and not reading.lost and reading.topic
            else None
        )
    if text in _SPEAKER or _WITH.match(text):
        return Subject(scene.speaker, "person") if scene.speaker else None
    if text in _ADDRESSEE:
        return Subject(scene.addressee, "person", 0.85) if scene.addressee else None
    if text in _THIRD or _THIS.match(text):
        return _third(reading, text)
    kin = _KIN.match(text)
    if kin is not None and kin["owner"]:
        return _kinsman(reading, kin, extra, start, end)
    title = _TITLE.search(text)
    if title:
        return Subject(title[1]) if text.endswith(("》", "的")) or text.startswith("《") else None
    return _name(reading, text, extra, start, end)


def _third(reading: Reading, text: str) -> Subject | None:
    if reading.scene.prose:
        return Subject(reading.topic, "", 0.85) if reading.topic else None
    fitting = [
        name for name, gender in reading.named.items() if gender != ("男" if text == "她" else "女")
    ]
    return (
        Subject(fitting[0], "person", 0.8) if len(fitting) == 1 and text in ("他", "她") else None
    )


def gender_of(noun: str) -> str:
    """女, 男, or "" where the word of kinship does not say."""
    if any(character in words.FEMALE for character in noun):
        return "女"
    return "男" if any(character in words.MALE for character in noun) else ""


def _kinsman(
    reading: Reading, kin: re.Match[str], extra: list[Statement] | None, start: int, end: int
) -> Subject | None:
    noun, relation = words.KIN[kin["kin"]]
    owner = _owner(reading, kin["owner"] or "")
    if owner is None:
        return None
    name = kin["name"]
    gender = gender_of(noun)
    if name and not _NO_NAME.search(name):
        reading.named[name] = gender
        if relation and extra is not None:
            extra.append(Statement(owner, relation, name, 0.9 * owner.sure, start, end))
            if relation in words.NEAR and not reading.scene.prose:
                role = Subject(f"{owner.name}的{noun}", "person", owner.sure)
                extra.append(Statement(role, "named", name, 0.9 * owner.sure, start, end))
        return Subject(name, "person")
    if name:
        return None
    whole = f"{owner.name}的{noun}"
    reading.named.setdefault(whole, gender)
    return Subject(whole, "person", owner.sure)


def _owner(reading: Reading, text: str) -> Subject | None:
    scene = reading.scene
    if text.startswith(("我", "咱")):
        return Subject(scene.speaker, "person") if scene.speaker else None
    if text.startswith("你"):
        return Subject(scene.addressee, "person", 0.85) if scene.addressee else None
    if text in ("他", "她"):
        return _third(reading, text)
    if not text:
        return None
    return None if _NO_NAME.search(text) else Subject(text, "person")


def _name(
    reading: Reading, text: str, extra: list[Statement] | None, start: int, end: int
) -> Subject | None:
    said, name = described(text)
    if said and not _TRADE.search(said):
        said, name = "", text
    name = _whole(reading, name)
    longest = 24 if reading.scene.prose else 5
    if not _KEEP.match(name) or (len(name) > longest and not name.isascii()) or len(name) < 2:
        return None
    if _NO_NAME.search(name) and not reading.scene.prose:
        return None
    if reading.scene.prose and not (said or reading.opening or _proper(reading, name)):
        return None
    if reading.scene.prose and (_PROSE_BAD.search(name) or name.isdigit()):
        return None
    if extra is not None and said:
        country = re.match(f"(?:{words.COUNTRY})", said)
        if country:
            subject = Subject(name, "person")
            job = said[country.end() :]
            if re.fullmatch(words.JOB, job):
                extra.append(Statement(subject, "nationality", country.group(), 0.8, start, end))
                extra.append(Statement(subject, "works_as", job, 0.8, start, end))
    return Subject(name, "", 0.95)


def _whole(reading: Reading, name: str) -> str:
    """The title, where `name` is a part of it, or begins with it and goes on as no other name does."""
    topic = reading.topic
    if not topic or not reading.scene.prose or len(name) < 2:
        return name
    goes_on = name.startswith(topic) and not name.endswith(words.BODIES) and "的" not in name
    part = len(topic) <= 16 and (topic.startswith(name) or topic.endswith(name))
    return topic if part or goes_on else name


def _proper(reading: Reading, name: str) -> bool:
    """Return whether it can be a name in prose:

    of the topic, foreign, with a surname, or of a kind of place or body.
    """
    topic = reading.topic
    if (topic and (name in topic or topic in name)) or "·" in name or name.isascii():
        return True
    return bool(
        (len(name) in (2, 3) and name[0] in words.SURNAMES)
        or (len(name) <= 12 and name.endswith(words.BODIES))
    )


_TRADE: Final = re.compile(rf"(?:{words.JOB}|组合|乐队|乐团)$")
_PROSE_BAD: Final = re.compile(
    "[的了是被把这那哪谁什么怎没很都就您你我他她它们吗呢吧啊每各此时但所因或又还再]|两人|二人|之后|其中|有人|为了|地区$|人们|^(?:城市|球队|大学|学院|集团|全国|我国|"
    "车站|本国|一生|晚年|该国|本片)$"
)
