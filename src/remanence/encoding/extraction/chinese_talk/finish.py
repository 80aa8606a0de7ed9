"""Statements of frames that are not simply the slots of the frame, by the mark of the frame.

Each function takes the subject, the values of the slots, the matched frame, and the cast of the
turn.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from remanence.encoding.extraction.chinese_talk import ties
from remanence.encoding.extraction.chinese_talk.kin import KIN
from remanence.encoding.extraction.chinese_talk.people import Cast
from remanence.encoding.extraction.chinese_talk.polarity import (
    Finish,
    Found,
    Values,
    plain,
    state,
)
from remanence.encoding.extraction.scene import Statement, Subject

__all__ = ["SPECIAL"]


def _void(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """Out of work, by whatever words: the state, and the end of any employment."""
    if found.stop.negated or found.stop.modal or subject.kind != "person":
        return []
    word = values["work_status"][0]
    return [
        state(subject, "work_status", word, found, "begin"),
        state(subject, "works_for", "", found, "end"),
    ]


_FAVOURITES: Final = (
    ("颜色", "favourite_colour"), ("电影|片", "favourite_film"), ("书|小说", "favourite_book"),
    ("音乐|歌|曲|乐队|听", "favourite_music"), ("运动|球", "favourite_sport"), ("地方|城市|国家", "favourite_place"),
    ("菜|食物|零食|水果|吃|口味|面", "favourite_food"), ("饮料|茶|酒|喝", "favourite_drink"),
)  # fmt: skip


def _favourite(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """最喜欢的颜色是X: the favourite of its kind, else a liking."""
    if found.stop.negated:
        return []
    topic = (values.get("topic") or [""])[0]
    singer = re.search("明星|演员|作家|导演|球[员队星]", topic)
    named = (name for words, name in _FAVOURITES if topic and re.search(words, topic))
    relation = "likes" if singer else next(named, "likes")
    if "fronted" in found.frame.marked:
        subject = Subject(cast.speaker, "person")
    change = "end" if found.stop.past else "begin" if "begin" in found.frame.marked else ""
    return [state(subject, relation, item, found, change) for item in values["favourite"]]


_AMOUNTS: Final = (
    ("房租|租金|月租", "rent"), ("工资|薪", "salary"), ("预算", "budget"), ("贷|月供", "loan"),
    ("学费", "tuition"), ("", "amount"),
)  # fmt: skip


def _attribute(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """房租三千二: an amount of the speaker's."""
    topic = (values.get("topic") or [cast.topic])[0]
    if not topic and "房东" in found.match.string:
        topic = "房租"
    if not topic or found.stop.negated:
        return []
    cast.topic = topic
    relation = next(name for words, name in _AMOUNTS if re.search(words, topic))
    return [state(subject, relation, values["amount"][0], found)]


def _secret(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """门禁密码是2580: the password of a thing."""
    of = values["topic"][0].removesuffix("密码").rstrip("的") or ""
    if not found.stop.kind:
        subject = Subject(cast.speaker, "person", 0.95)
    owner = Subject(f"{subject.name}的{of}", "thing", subject.sure) if of else subject
    return [state(owner, "password", values["secret"][0], found)]


def _account(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """微信号是...: an account."""
    return [state(subject, "has_account", values["account"][0], found)]


def _topical(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """周会改到周四: the time of an event of the speaker's."""
    if found.stop.negated or not re.search(
        r"[\d一二三四五六七八九十今明后昨周月末]", values["scheduled_for"][0]
    ):
        return []
    if not found.stop.kind:
        subject = Subject(cast.speaker, "person", 0.95)
    event = Subject(f"{subject.name}的{values['topic'][0]}", "thing", subject.sure)
    return [state(event, "scheduled_for", values["scheduled_for"][0], found)]


def _allergy(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """对X过敏, and 对X不过敏了."""
    if re.search("没|不", found.stop.negated) or found.stop.past:
        return []
    made = plain(subject, {"allergic_to": values["allergic_to"]}, found, cast)
    over = (values.get("no") or [""])[0] and found.match.string.rstrip("!~。").endswith("了")
    for one in made:
        if over:
            one.negated, one.change = False, "end"
    return made


def _dose(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """一天抽一包烟: the habit without its amount."""
    word = values["habit"][0]
    return plain(subject, {"habit": [word[0] + word[3:]]}, found, cast)


_QUIT: Final[Mapping[str, str]] = {"烟": "抽烟", "酒": "喝酒", "烟酒": "抽烟喝酒"}


def _quitting(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """戒烟了: the habit that was given up."""
    word = values["quit"][0]
    return plain(subject, {"quit": [_QUIT.get(word, word)]}, found, cast)


def _switched(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """改用X is a thing that is used, 改喝X a habit."""
    word = values["habit"][0]
    if word.startswith("用"):
        return plain(subject, {"uses": [word[1:]]}, found, cast)
    return plain(subject, values, found, cast)


def _stopped(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """不跑步了: a habit that is over."""
    word = values["habit"][0]
    if (
        len(word) < 2
        or word in ("去", "用")
        or re.search("[你他她我]|出来|起来|动|到|下去|住|得|见|上$|清|完|懂", word)
    ):
        return []
    if word.startswith("用"):
        return [state(subject, "uses", word[1:], found, "end")]
    return [state(subject, "habit", word, found, "end")]


_GIVEN_UP: Final = (("[学练弹]$", "plays"), ("[看追听刷吃喝玩]$", "likes"), ("", "uses"))


def _dropped(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """微博卸了, 钢琴不学了: what is no longer used or done."""
    verb = found.match[0]
    relation = next(name for words, name in _GIVEN_UP if re.search(words, verb.rstrip("了啦")))
    return [state(subject, relation, item, found, "end") for item in values["ended"]]


_HOPED: Final = re.compile("想|期待|梦想")


def _plan(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """A plan, or a wish where no more is said."""
    item = values["plans_to"][0]
    if found.stop.past or subject.kind not in ("person", "") or re.search("[吗呢]|什么", item):
        return []
    if "verb" in found.frame.marked and "lives" not in item:
        item = re.sub("(?:了|去|来)+$", "", found.match[0])
    wished = _HOPED.search(found.stop.modal) and not re.search(
        "打算|计划|准备|决定", found.stop.modal
    )
    if (wished and cast.requesting) or re.search("的是|的话|[挺很]不错", item):
        return []
    if len(item) < 2 and item != "高考":
        return []
    return [state(subject, "wants_to" if wished else "plans_to", item, found)]


def _canceled(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """去西藏的计划取消了."""
    return [state(subject, "plans_to", values["plans_to"][0], found, "end")]


def _timed(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我今天过生日: the day is among the times before it."""
    day = (values.get("birthday") or [""])[0] or found.stop.times
    return [state(subject, "birthday", day, found)] if day and not found.stop.negated else []


def _visit(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """去了趟大理; a coming visit is a plan."""
    stop = found.stop
    if stop.modal or stop.negated or re.search("明|下|后天", stop.times) or stop.often:
        return []
    if not re.search("[了趟次]", found.match[0]):
        return []
    return plain(subject, values, found, cast)


def _job(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """在X工作; an afternoon's work in a place is no employment."""
    brief = re.search("一?[下上]午|一整?天|一会|小时|通宵|一晚", found.match[0])
    today = re.search("今天|今晚|下午|上午|晚上|早上|周末", found.stop.times)
    return [] if brief or today else plain(subject, values, found, cast)


def _clock(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """十二点睡: a habit where no single day is named."""
    if (
        re.search("今|明|昨|后天|刚|上周|下周", found.stop.times)
        or found.stop.negated
        or found.stop.modal
    ):
        return []
    if not re.search("点", values["habit"][0]):
        return []
    return plain(subject, values, found, cast)


def _told(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """Illness as a whole clause: only what the head leaves to the speaker or a relative."""
    return (
        []
        if found.stop.modal or subject.kind not in ("person", "thing")
        else plain(subject, values, found, cast)
    )


def _adverbed(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """主要吃X: only where an adverb of habit stands before it."""
    before = found.stop.adverbs + found.stop.times + found.match[0]
    return (
        plain(subject, values, found, cast)
        if re.search("主要|只|都|平时|一般|天天|顿顿|每天|基本|现在|改|就", before)
        else []
    )


def _tongue(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """会说日语: a language with a verb of speech or a modal of ability."""
    spoken = re.search("会|能", found.stop.modal) or re.match(
        ".{0,3}[会能说讲懂精]", found.match[0]
    )
    return plain(subject, values, found, cast) if spoken else []


def _prefer(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """How answers should be."""
    return [state(Subject(cast.speaker, "person"), "prefers", values["prefers"][0], found)]


def _fetched(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """把爸妈接到省城住: where a relative lives from now on."""
    word = values["fetched"][0].removeprefix("我").removeprefix("俺")
    if word not in KIN or found.stop.negated or found.stop.modal:
        return []
    relative = Subject(f"{subject.name}的{KIN[word].noun}", "person", subject.sure)
    return [state(relative, "lives_in", item, found, "begin") for item in values["lives_in"]]


_SHOP: Final = re.compile("(?:店|公司|厂|餐厅|饭馆|工作室|铺子?)$")


def _disposed(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """车卖了, 奶茶店转让了: what is no longer owned; of a business also that it is not run."""
    made = plain(subject, values, found, cast)
    shops = [one for one in made if _SHOP.search(one.object) and one.change == "end"]
    return made + [replace(one, relation="runs") for one in shops]


SPECIAL: Final[Mapping[str, Finish]] = {
    "void": _void, "kin": ties.kin, "isk": ties.is_kin, "withkin": ties.with_kin, "partner": ties.partner, "bond": ties.bond, "split": ties.split,
    "status": ties.status, "gone": ties.gone, "gonepet": ties.gone_pet, "breed": ties.breed, "pet": ties.pet, "name": ties.name, "short": ties.surname, "nick": ties.nick,
    "favourite": _favourite, "attribute": _attribute, "secret": _secret, "account": _account,
    "topical": _topical, "allergy": _allergy, "stopped": _stopped,
    "dose": _dose,
    "quitting": _quitting,
    "switched": _switched,
    "role": ties.role, "dropped": _dropped, "plan": _plan,
    "canceled": _canceled, "timed": _timed, "visit": _visit, "fetched": _fetched, "lostthing": _disposed, "job": _job, "clock": _clock, "ill": _told,
    "ill2": _told, "adverbed": _adverbed, "adverbed2": _adverbed, "prefer": _prefer,
    "able2": _tongue, "prefer2": _prefer,
}  # fmt: skip
