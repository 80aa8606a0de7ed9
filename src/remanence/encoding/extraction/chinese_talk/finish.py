"""From the values of a matched Chinese frame to statements: polarity, change, and names of relations.

`SPECIAL` has a function for each mark of a frame whose statements are not simply its slots.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from remanence.encoding.extraction.chinese_talk.head import Stop
from remanence.encoding.extraction.chinese_talk.kin import KIN, KINS, NEAR
from remanence.encoding.extraction.chinese_talk.people import Cast
from remanence.encoding.extraction.pattern import OLD, Compiled
from remanence.encoding.extraction.scene import Statement, Subject

__all__ = ["PLAIN", "SPECIAL", "Found"]


class Found(NamedTuple):
    """One frame where it matched."""

    frame: Compiled
    """The frame."""
    match: re.Match[str]
    """Its match in the clause."""
    stop: Stop
    """The head before it."""


Values = dict[str, list[str]]
Finish = Callable[[Subject, Values, Found, Cast], list[Statement]]
_NO_MORE: Final = re.compile("不再|再也|已经不|早就?不|早已不")
_RENAMED: Final[Mapping[str, str]] = {
    "partner": "dating", "not_eats": "dislikes", "not_drinks": "avoids", "has_pet": "has_pet",
    "won": "award_won", "did": "signed", "trait": "trait",
}  # fmt: skip


def _sure(subject: Subject, found: Found) -> float:
    return found.frame.pattern.confidence * subject.sure


def _polarity(found: Found, relation: str) -> tuple[bool, str] | None:
    """(denied, change) of a statement; None where nothing is stated."""
    marks, stop = found.frame.marked, found.stop
    inner = found.match.groupdict().get("no") or ""
    negation = stop.negated + inner
    change = next((mark for mark in ("begin", "end", "replace") if mark in marks), "")
    if "event" not in marks and stop.past and not change:
        change = "end"
    if not negation or marks & {"diet_no", "stay", "stopped", "denied"}:
        return ("denied" in marks), change
    over = _NO_MORE.search(negation) or ("不" in negation and found.match.string.endswith("了"))
    if over and not marks & {"event"} and not inner:
        return False, "end"
    if "taste" in marks and relation == "likes":
        return None if "没" in negation and not inner else (True, "")
    return (True, "") if "deny" in marks else None


def _plain(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """A statement for each value of each slot."""
    made = []
    for name, items in values.items():
        if name.startswith(OLD) or name in ("no", "topic", "how"):
            continue
        relation = _RENAMED.get(name, name)
        polarity = _polarity(found, relation)
        if polarity is None:
            continue
        denied, change = polarity
        if relation == "likes" and denied:
            relation, denied = "dislikes", False
        olds = values.get(OLD + name) or [None]
        for item in items:
            if item == subject.name:
                continue
            one = Statement(subject, relation, item, _sure(subject, found), 0, 0, denied, change)
            one.replaces = olds[0] if change == "replace" else None
            made.append(one)
    return made


PLAIN: Finish = _plain


def _state(
    subject: Subject, relation: str, value: str, found: Found, change: str = ""
) -> Statement:
    return Statement(subject, relation, value, _sure(subject, found), 0, 0, change=change)


def _void(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """Out of work, by whatever words: the state, and the end of any employment."""
    if found.stop.negated or found.stop.modal or subject.kind != "person":
        return []
    word = values["work_status"][0]
    return [
        _state(subject, "work_status", word, found, "begin"),
        _state(subject, "works_for", "", found, "end"),
    ]


def _kin(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """有两个孩子: a relative for each noun of the list."""
    made = []
    polarity = _polarity(found, "has")
    if polarity is None or found.stop.modal:
        return []
    whole = values["have_kin"][0]
    for part in re.finditer(rf"(?P<count>[^和跟、，]*?)(?P<kin>{KINS}|兄弟|姐妹)", whole):
        kin = KIN[part["kin"]]
        one = re.fullmatch(
            r"(?:[一1]?[个位名]?)(?:\D*)", re.sub("[两二三四五六七八九十几]", "0", part["count"])
        )
        bare = part["count"] in ("", "个", "一个", "位", "一位", "名", "一名")
        noun = kin.noun if bare and one else (part["count"] + part["kin"]).lstrip("一个位")
        name = f"{subject.name}的{noun}" if bare else noun
        made.append(Statement(subject, kin.relation, name, _sure(subject, found), 0, 0, *polarity))
        cast.relate(name, kin.gender)
    return made


def _with_kin(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我和小张是同事: the relation between the two."""
    if found.stop.negated or found.stop.modal:
        return []
    relation = KIN[values["is_kin"][0]].relation
    change = "end" if found.stop.past else ""
    return [_state(subject, relation, name, found, change) for name in values["with_kin"]]


def _is_kin(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """小林是我室友: the relation from the speaker to the subject."""
    if subject.name == cast.speaker or found.stop.negated:
        return []
    kin = KIN[values["is_kin"][0]]
    me = Subject(cast.speaker, "person")
    return [_state(me, kin.relation, subject.name, found)]


def _partner(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """谈了个女朋友: dating somebody without a name."""
    if found.stop.negated:
        return []
    return [
        _state(subject, "dating", f"{subject.name}的{values['has_partner'][0]}", found, "begin")
    ]


_BONDS: Final = (
    ("订婚|求婚", "engaged_to"),
    ("结婚|成婚|领证|再婚|登记", "married_to"),
    ("", "dating"),
)


def _bond(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """和X结婚, 和X在一起."""
    if found.stop.negated or found.stop.modal:
        return []
    how = values["how"][0]
    relation = next(name for words, name in _BONDS if re.search(words, how))
    change = "end" if found.stop.past else "begin"
    cast.relate(values["partner"][0], "")
    return [_state(subject, relation, name, found, change) for name in values["partner"]]


def _split(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """跟X分了: the end of what there was."""
    if found.stop.negated or found.stop.modal:
        return []
    name = values["partner"][0]
    relation = "married_to" if "离" in found.match[0] else "dating"
    if name in "他她":
        return [_state(subject, "relationship_status", "分手", found, "begin")]
    return [_state(subject, relation, name, found, "end")]


def _status(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """结婚了, 单身, 分手了."""
    word = values["relationship_status"][0]
    if found.stop.modal or subject.kind != "person" or "没" in found.stop.negated:
        return []
    if found.stop.negated and not _NO_MORE.search(found.stop.negated):
        return []
    change = "end" if found.stop.negated or found.stop.past else "begin"
    made = [_state(subject, "relationship_status", word, found, change)]
    if word in ("离婚", "分手", "丧偶", "离异", "失恋"):
        relation = "dating" if word in ("分手", "失恋") else "married_to"
        made.append(_state(subject, relation, "", found, "end"))
    return made


_PASSED_AWAY: Final = re.compile("世|死|牺牲|天堂|离开我们|星|不在人世|不在")


def _gone(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """去世 of a relative; of an animal, any way of its being gone."""
    stop, word = found.stop, values["died"][0]
    if stop.negated or stop.modal or not stop.kind or stop.kind in ("self", "you"):
        return []
    if stop.kind == "pet":
        me = Subject(cast.speaker, "person")
        return [_state(me, "has_pet", stop.subject, found, "end")]
    if not _PASSED_AWAY.search(word) or (word == "不在" and not found.match.string.endswith("了")):
        return []
    return [_state(subject, "died", "去世", found)]


def _gone_pet(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """猫送人了: of an animal without an owner's name."""
    if found.stop.kind or found.stop.negated or found.stop.modal:
        return []
    me = Subject(cast.speaker, "person", 0.8)
    return [_state(me, "has_pet", values["gone_pet"][0], found, "end")]


def _breed(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我家狗是柯基."""
    return [] if subject.kind != "thing" else _plain(subject, values, found, cast)


def _pet(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """养了一只猫叫团子."""
    names = values.pop("pet_name", None)
    verb = found.match[0]
    bought = re.match("(?:就|也|还|又|刚)*(?:买|接|带|抱|喂)", verb)
    if found.stop.modal or (bought and not re.search("[只条头匹]", verb)):
        return []
    made = _plain(subject, values, found, cast)
    if made and names and not made[0].negated:
        whole = Subject(f"{subject.name}的{made[0].object}", "thing")
        made.insert(0, _state(whole, "named", names[0], found))
    return made


def _name(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我叫X; 我妹妹叫X also says whose sister X is."""
    stop = found.stop
    made = _plain(subject, values, found, cast)
    if not made or made[0].negated or stop.modal:
        return made
    name = made[0].object
    if stop.kind == "pet" or subject.kind == "thing":
        animal = subject.name.removeprefix(f"{cast.speaker}的")
        me = Subject(cast.speaker, "person")
        return [_state(me, "has_pet", animal, found), *made] if stop.kind == "pet" else made
    noun = subject.name.removeprefix(f"{cast.speaker}的")
    if noun == subject.name or noun not in KIN:
        return made
    kin = KIN[noun]
    cast.relate(name, kin.gender)
    me = Subject(cast.speaker, "person")
    related = [_state(me, kin.relation, name, found)]
    if noun in ("大的", "小的"):
        return related
    return related + (made if kin.relation in NEAR else [])


def _surname(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我姓欧阳; of somebody in a role, 我导师姓贾, the relation to him."""
    if found.stop.negated or len(values["surname"][0]) > 2:
        return []
    made = [_state(subject, "surname", values["surname"][0], found)]
    noun = subject.name.removeprefix(f"{cast.speaker}的")
    if noun in KIN and noun != subject.name:
        me = Subject(cast.speaker, "person")
        made = [_state(me, KIN[noun].relation, values["surname"][0], found)]
    return made


def _nick(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """叫我X: always the speaker's name."""
    return (
        []
        if found.stop.negated
        else [_state(Subject(cast.speaker, "person"), "named", values["named"][0], found)]
    )


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
    return [_state(subject, relation, item, found, change) for item in values["favourite"]]


_AMOUNTS: Final = (
    ("房租|租金|月租", "rent"), ("工资|薪", "salary"), ("预算", "budget"), ("贷|月供", "loan"),
    ("学费", "tuition"), ("", "amount"),
)  # fmt: skip


def _attribute(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """房租三千二: an amount of the speaker's."""
    topic = (values.get("topic") or [cast.topic])[0]
    if not topic or found.stop.negated:
        return []
    cast.topic = topic
    relation = next(name for words, name in _AMOUNTS if re.search(words, topic))
    return [_state(subject, relation, values["amount"][0], found)]


def _secret(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """门禁密码是2580: the password of a thing."""
    of = values["topic"][0].removesuffix("密码").rstrip("的") or ""
    owner = Subject(f"{subject.name}的{of}", "thing", subject.sure) if of else subject
    return [_state(owner, "password", values["secret"][0], found)]


def _account(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """微信号是...: an account."""
    return [_state(subject, "has_account", values["account"][0], found)]


def _topical(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """周会改到周四: the time of an event of the speaker's."""
    if found.stop.negated or not re.search(
        r"[\d一二三四五六七八九十今明后昨周月末]", values["scheduled_for"][0]
    ):
        return []
    event = Subject(f"{subject.name}的{values['topic'][0]}", "thing", subject.sure)
    return [_state(event, "scheduled_for", values["scheduled_for"][0], found)]


def _allergy(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """对X过敏, and 对X不过敏了."""
    if re.search("没|不", found.stop.negated) or found.stop.past:
        return []
    made = _plain(subject, {"allergic_to": values["allergic_to"]}, found, cast)
    over = (values.get("no") or [""])[0] and found.match.string.rstrip("!~。").endswith("了")
    for one in made:
        if over:
            one.negated, one.change = False, "end"
    return made


def _stopped(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """不跑步了: a habit that is over."""
    word = values["habit"][0]
    if (
        len(word) < 2
        or word in ("去", "用")
        or re.search("[你他她我]|出来|起来|动|到|下去|住|得|见|上$|清|完|懂", word)
    ):
        return []
    return [_state(subject, "habit", word, found, "end")]


def _dropped(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """微博卸了, 钢琴不学了: what is no longer used or done."""
    verb = found.match[0]
    relation = "plays" if re.search("[学练弹]了?$", verb.rstrip("了")) else "uses"
    return [_state(subject, relation, item, found, "end") for item in values["ended"]]


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
    if len(item) < 2 and item != "高考":
        return []
    return [_state(subject, "wants_to" if wished else "plans_to", item, found)]


def _canceled(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """去西藏的计划取消了."""
    return [_state(subject, "plans_to", values["plans_to"][0], found, "end")]


def _timed(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我今天过生日: the day is among the times before it."""
    day = (values.get("birthday") or [""])[0] or found.stop.times
    return [_state(subject, "birthday", day, found)] if day and not found.stop.negated else []


def _visit(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """去了趟大理; a coming visit is a plan."""
    stop = found.stop
    if stop.modal or stop.negated or re.search("明|下|后天", stop.times) or stop.often:
        return []
    if not re.search("[了趟次]", found.match[0]):
        return []
    return _plain(subject, values, found, cast)


def _job(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """在X工作; an afternoon's work in a place is no employment."""
    brief = re.search("一?[下上]午|一整?天|一会|小时|通宵|一晚", found.match[0])
    today = re.search("今天|今晚|下午|上午|晚上|早上|周末", found.stop.times)
    return [] if brief or today else _plain(subject, values, found, cast)


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
    return _plain(subject, values, found, cast)


def _told(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """Illness as a whole clause: only what the head leaves to the speaker or a relative."""
    return (
        []
        if found.stop.modal or subject.kind not in ("person", "thing")
        else _plain(subject, values, found, cast)
    )


def _adverbed(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """主要吃X: only where an adverb of habit stands before it."""
    before = found.stop.adverbs + found.stop.times + found.match[0]
    return (
        _plain(subject, values, found, cast)
        if re.search("主要|只|都|平时|一般|天天|顿顿|每天|基本|现在|改|就", before)
        else []
    )


def _prefer(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """How answers should be."""
    return [_state(Subject(cast.speaker, "person"), "prefers", values["prefers"][0], found)]


SPECIAL: Final[Mapping[str, Finish]] = {
    "void": _void, "kin": _kin, "isk": _is_kin, "withkin": _with_kin, "partner": _partner, "bond": _bond, "split": _split,
    "status": _status, "gone": _gone, "gonepet": _gone_pet, "breed": _breed, "pet": _pet, "name": _name, "short": _surname, "nick": _nick,
    "favourite": _favourite, "attribute": _attribute, "secret": _secret, "account": _account,
    "topical": _topical, "allergy": _allergy, "stopped": _stopped, "dropped": _dropped, "plan": _plan,
    "canceled": _canceled, "timed": _timed, "visit": _visit, "job": _job, "clock": _clock, "ill": _told,
    "ill2": _told, "adverbed": _adverbed, "adverbed2": _adverbed, "prefer": _prefer, "prefer2": _prefer,
}  # fmt: skip
