"""A Chinese text before it is read:

its title, sentences and clauses, what is bracketed, quoted or only supposed, and who is introduced.
"""

import re
from collections.abc import Iterator
from typing import Final

from remanence.encoding.extraction import chinese_words as words
from remanence.encoding.extraction.chinese_objects import OBJECTS
from remanence.encoding.extraction.chinese_subjects import Reading, gender_of, resolve, split
from remanence.encoding.extraction.scene import Scene, Statement, Subject

_END: Final = re.compile(r"[。！？!?；;\n]+[”」』]?|\.(?=\s|$)")
_CLAUSE: Final = re.compile(r"[，,：:]+")
_BRACKETS: Final = re.compile(r"（[^（）]*）|\([^()]*\)|\[[^\]]*\]|【[^】]*】")
_QUOTED: Final = re.compile(r"“[^”]*”|「[^」]*」|\"[^\"]*\"")
_SUPPOSED: Final = re.compile(f"(?:{words.SUPPOSED})")
_REPORTED: Final = re.compile(words.REPORTED)
_ASKING: Final = re.compile("[？?]|[吗么][。！!]*$|呢[？?]|谁(?!都)|哪[里儿个位]?|什么时候|怎么")
_TITLE: Final = re.compile(r"\s*([^\n。，！？.]{2,40})[.。]\s*(?=[《“]?\1|\S)")


def open_reading(scene: Scene) -> tuple[Reading, str, int]:
    """The reading with its title, the text with brackets and long quotations blanked, and where its
    first sentence begins.
    """
    topic, first = "", 0
    if scene.prose:
        title = re.match(r"\s*([^\n。，！？]{2,40}?)[.。]\s*(?=.{0,4}\1)", scene.text)
        if title:
            topic, first = title[1].strip("《》"), title.end()
    text = _BRACKETS.sub(lambda found: " " * len(found[0]), scene.text)
    text = _QUOTED.sub(lambda found: _quotation(found[0]), text)
    reading = Reading(scene, topic)
    if scene.prose and not topic:
        reading.topic = _topic(reading, text)
    return reading, text, first


def _quotation(text: str) -> str:
    return f" {text[1:-1]} " if len(text) < 12 and "，" not in text else " " * len(text)


_FIRST: Final = re.compile(
    r"\s*(?:[\w]{0,8}《([^》]+)》|([\w· .&-]{2,24}?)(?=\s*(?:，|是|为|位于|（|于|由(?![美纪香佳子里衣加贵])|在|与|的|以|"
    r"\d{3,4}年|现|全称|病逝|逝世|创立|安?葬|坐落|地处|定居|嫁给|迎?娶|担任|毗邻|执导|收购|荣获|发源|流经|始建|原名|又称|又名|简称|创建|隶?属于|隶属|"
    r"总部|人口|面积|成立|得名|接替|创作|创办|毕业|出生|生于|去世|获|\s{2})))"
)


def _topic(reading: Reading, text: str) -> str:
    found = _FIRST.match(text)
    if not found:
        return ""
    if found[1]:
        return found[1]
    reading.opening = True
    subject = resolve(reading, split(found[2]).subject)
    reading.opening = False
    return subject.name if subject and not _NO_TOPIC.search(subject.name) else ""


_NO_TOPIC: Final = re.compile("^\\d|[年月日]$|经过|根据|下列|以下|由于|随着|目前")


def sentences(text: str, first: int) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence from `first` on."""
    start = first
    for found in _END.finditer(text, first):
        yield start, found.end()
        start = found.end()
    if text[start:].strip():
        yield start, len(text)


def clauses(body: str) -> Iterator[tuple[int, str]]:
    """Offset and words of each clause; a comma between digits joins."""
    start = 0
    for found in _CLAUSE.finditer(body):
        if (
            found[0] in ",:"
            and found.start()
            and body[found.start() - 1].isdigit()
            and body[found.end() :][:1].isdigit()
        ):
            continue
        yield start, _plain(body[start : found.start()])
        start = found.end()
    yield start, _plain(body[start:])


def _plain(text: str) -> str:
    text = text.strip(" \u3000。！？!?；;\n~～…、")
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", text)


def mood(body: str) -> int:
    """How many characters of the sentence speak of what is so."""
    if _ASKING.search(body):
        return 0
    found = _SUPPOSED.search(body)
    if not found:
        found = _REPORTED.search(body)
        if found and body[found.start() - 1 : found.start()] in ("会", "能", "来"):
            found = None
    if not found:
        return len(body)
    return max(body.rfind("，", 0, found.start()), 0)


_YEARS: Final = rf"(?:{OBJECTS['date']}|\d{{4}}(?=\s*[－—–\-~～）)]))"
_LIFE: Final = re.compile(
    rf"(?P<who>[\w·]{{2,20}})\s*[（(](?:[^（）()]*?[，,；;：])??(?P<born>{_YEARS})(?:出生|生)?"
    rf"(?:(?:出?生)?于?(?P<place>[\u4e00-\u9fff]{{2,10}}))?\s*(?P<dash>[－—–\-~～至]+)?\s*(?P<died>"
    rf"{_YEARS})?[^（）()]*[）)]"
)


def life(reading: Reading) -> Iterator[Statement]:
    """As in "沈怀瑾（1889年－1962年）": the dates in brackets after the first name."""
    found = _LIFE.search(reading.scene.text, 0, 200)
    if not found or found.start("who") > 40 or not (found["dash"] or "生" in found[0]):
        return
    subject = Subject(reading.topic or found["who"], "person")
    for relation, name in (("born_on", "born"), ("died_on", "died"), ("born_in", "place")):
        if found[name]:
            yield Statement(subject, relation, found[name], 0.95, found.start(), found.end())


_KIN_CALLED: Final = re.compile(
    rf"^(?P<owner>我们?家?|咱家?|他|她)的?(?:亲|大|小|二)?(?P<kin>{words.KINS})(?:的名字)?(?:名叫|名字叫|叫做?|"
    rf"名字是)(?P<name>[\u4e00-\u9fff]{{2,4}}|[A-Z]\w*)(?:，|$)"
)
_PET_CALLED: Final = re.compile(
    rf"^(?:我们?家?的?|咱家?的?)(?P<pet>{words.ANIMAL})(?:的名字)?(?:名叫|名字叫|叫做?|名字是)(?P<name>[\w]{{1,6}})$"
)
_CALLED: Final = re.compile(r"^(?:它)?(?:名字)?(?:叫做?|名叫|取名叫?)(?P<name>[\w]{1,6})$")
_PEOPLE: Final = re.compile(
    rf"^(?P<owner>.*?)(?:(?:是|为)(?:一?[名位个])?)?(?:(?P<country>{words.COUNTRY})(?:{words.REGION})*|"
    rf"{words.REGION}|(?=著名|知名))(?:籍|近代|现代|当代|古代|著名|知名|男子|女子|男性|女性|最?优秀的?|已故)*"
    rf"(?P<jobs>{OBJECTS['job']}(?:[、和与及兼]+{OBJECTS['job']})*)$"
)


def introduction(
    reading: Reading, start: int, end: int, clause: str, *, first: bool
) -> Iterator[Statement]:
    """Kin and pets by name; in prose, "德国哲学家" with what stands before it."""
    if reading.scene.prose:
        yield from _people(reading, start, end, clause, first=first)
        return
    speaker = reading.scene.speaker or ""
    kin, pet = _KIN_CALLED.match(clause), _PET_CALLED.match(clause)
    if pet:
        animal = f"{speaker}的{pet['pet']}"
        yield Statement(Subject(speaker, "person"), "has_pet", pet["pet"], 0.85, start, end)
        yield Statement(Subject(animal, "thing"), "named", pet["name"], 0.85, start, end)
    elif kin and kin["owner"][0] in "我咱":
        noun, relation = words.KIN[kin["kin"]]
        reading.named[kin["name"]] = gender_of(noun)
        reading.carried = Subject(kin["name"], "person", 0.95)
        if relation:
            yield Statement(Subject(speaker, "person"), relation, kin["name"], 0.9, start, end)
        if relation in words.NEAR:
            role = Subject(f"{speaker}的{noun}", "person")
            yield Statement(role, "named", kin["name"], 0.9, start, end)
    elif reading.pet and (called := _CALLED.match(clause)):
        yield Statement(Subject(reading.pet, "thing"), "named", called["name"], 0.85, start, end)


def _people(
    reading: Reading, start: int, end: int, clause: str, *, first: bool
) -> Iterator[Statement]:
    found = _PEOPLE.match(clause)
    if not found or (first and not found["owner"]):
        return
    subject = resolve(reading, split(found["owner"]).subject)
    if subject is None:
        return
    reading.carried = subject
    if found["country"]:
        country = found["country"].removesuffix("内地").removesuffix("大陆")
        yield Statement(subject, "nationality", country, 0.9, start, end)
    for job in re.split("[、和与及兼]+", found["jobs"]):
        yield Statement(
            subject,
            "works_as",
            re.sub("^(?:近代|现代|当代|古代|著名|男子|女子)", "", job),
            0.9 * subject.sure,
            start,
            end,
        )
