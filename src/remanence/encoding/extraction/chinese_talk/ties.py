"""Statements of frames about relatives, partners, animals and names.

Each function takes the subject, the values of the slots, the matched frame, and the cast of the
turn.
"""

import re
from typing import Final

from remanence.encoding.extraction.chinese_talk.kin import KIN, KINS, NEAR, PARTNERS, Kin
from remanence.encoding.extraction.chinese_talk.people import Cast
from remanence.encoding.extraction.chinese_talk.polarity import (
    NO_MORE,
    Found,
    Values,
    confidence,
    plain,
    polarity,
    state,
)
from remanence.encoding.extraction.scene import Statement, Subject


def kin(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """有两个孩子: a relative for each noun of the list."""
    made = []
    told = polarity(found, "has")
    if told is None or found.stop.modal:
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
        relation = "has_partner" if kin.relation in PARTNERS else kin.relation
        made.append(Statement(subject, relation, name, confidence(subject, found), 0, 0, *told))
        cast.relate(name, kin.gender)
    return made


def with_kin(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我和小张是同事: the relation between the two."""
    if found.stop.negated or found.stop.modal:
        return []
    relation = KIN[values["is_kin"][0]].relation
    change = "end" if found.stop.past else ""
    return [state(subject, relation, name, found, change) for name in values["with_kin"]]


def is_kin(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """小林是我室友: the relation from the speaker to the subject."""
    if subject.name == cast.speaker or found.stop.negated:
        return []
    kin = KIN[values["is_kin"][0]]
    me = Subject(cast.speaker, "person")
    cast.relate(subject.name, kin.gender)
    return [state(me, kin.relation, subject.name, found)]


def partner(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """谈了个女朋友: dating somebody without a name."""
    if found.stop.negated:
        return []
    return [
        state(subject, "has_partner", f"{subject.name}的{values['has_partner'][0]}", found, "begin")
    ]


_BONDS: Final = (
    ("订婚|求婚", "engaged_to"),
    ("结婚|成婚|领证|再婚|登记", "married_to"),
    ("", "dating"),
)


def bond(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """和X结婚, 和X在一起."""
    if found.stop.negated or found.stop.modal:
        return []
    how = values["how"][0]
    relation = next(name for words, name in _BONDS if re.search(words, how))
    change = "end" if found.stop.past else "begin"
    cast.relate(values["partner"][0], "")
    return [state(subject, relation, name, found, change) for name in values["partner"]]


def split(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """跟X分了: the end of what there was."""
    if found.stop.negated or found.stop.modal:
        return []
    name = values["partner"][0]
    relation = "married_to" if "离" in found.match[0] else "dating"
    if name in "他她":
        return [state(subject, "relationship_status", "分手", found, "begin")]
    return [state(subject, relation, name, found, "end")]


def status(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """结婚了, 单身, 分手了."""
    word = values["relationship_status"][0]
    if found.stop.modal or subject.kind != "person" or "没" in found.stop.negated:
        return []
    if found.stop.negated and not NO_MORE.search(found.stop.negated):
        return []
    change = "end" if found.stop.negated or found.stop.past else "begin"
    made = [state(subject, "relationship_status", word, found, change)]
    if word == "脱单":
        cast.relate(f"{subject.name}的对象", "")
    if word in ("离婚", "分手", "丧偶", "离异", "失恋"):
        relation = "dating" if word in ("分手", "失恋") else "married_to"
        made.append(state(subject, relation, "", found, "end"))
    return made


_PASSED_AWAY: Final = re.compile("世|死|牺牲|天堂|离开我们|星|不在人世|不在")


def gone(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """去世 of a relative; of an animal, any way of its being gone."""
    stop, word = found.stop, values["died"][0]
    if stop.negated or stop.modal or not stop.kind or stop.kind in ("self", "you"):
        return []
    if stop.kind == "pet":
        me = Subject(cast.speaker, "person")
        return [state(me, "has_pet", stop.subject, found, "end")]
    if not _PASSED_AWAY.search(word) or (word == "不在" and not found.match.string.endswith("了")):
        return []
    return [state(subject, "died", "去世", found)]


def gone_pet(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """猫送人了: of an animal without an owner's name."""
    if found.stop.kind or found.stop.negated or found.stop.modal:
        return []
    me = Subject(cast.speaker, "person", 0.8)
    return [state(me, "has_pet", values["gone_pet"][0], found, "end")]


def breed(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我家狗是柯基."""
    return [] if subject.kind != "thing" else plain(subject, values, found, cast)


def pet(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """养了一只猫叫团子."""
    names = values.pop("pet_name", None)
    verb = found.match[0]
    bought = re.match("(?:就|也|还|又|刚)*(?:买|接|带|抱|喂)", verb)
    if found.stop.modal or (bought and not re.search("[只条头匹]", verb)):
        return []
    made = plain(subject, values, found, cast)
    if made and names and not made[0].negated:
        whole = Subject(f"{subject.name}的{made[0].object}", "thing")
        made.insert(0, state(whole, "named", names[0], found))
    return made


def name(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我叫X; 我妹妹叫X also says whose sister X is."""
    stop = found.stop
    if not stop.kind and subject.name == cast.speaker:
        return []
    made = plain(subject, values, found, cast)
    if not made or made[0].negated or stop.modal:
        return made
    name = made[0].object
    if stop.kind == "pet" or subject.kind == "thing":
        animal = subject.name.removeprefix(f"{cast.speaker}的")
        me = Subject(cast.speaker, "person")
        return [state(me, "has_pet", animal, found), *made] if stop.kind == "pet" else made
    noun = subject.name.removeprefix(f"{cast.speaker}的")
    if noun == subject.name or noun not in KIN:
        return made
    kin = KIN[noun]
    cast.relate(name, kin.gender)
    me = Subject(cast.speaker, "person")
    related = _succeeding(me, kin, name, found)
    if noun in ("大的", "小的"):
        return related
    return related + (made if kin.relation in NEAR else [])


_SINGLE: Final = frozenset(
    ["roommate_of", "reports_to", "rents_from", "patient_of", "dating", "married_to"]
)


def _succeeding(me: Subject, kin: Kin, name: str, found: Found) -> list[Statement]:
    """我室友叫X; 新室友叫X takes the place of the one before."""
    if kin.relation not in _SINGLE or not re.match("(?:我们?)?的?新", found.match.string):
        return [state(me, kin.relation, name, found)]
    before = state(me, kin.relation, "", found, "end")
    return [before, state(me, kin.relation, name, found, "begin")]


def surname(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我姓欧阳; of somebody in a role, 我导师姓贾, the relation to him."""
    if found.stop.negated or len(values["surname"][0]) > 2:
        return []
    made = [state(subject, "surname", values["surname"][0], found)]
    noun = subject.name.removeprefix(f"{cast.speaker}的")
    if noun in KIN and noun != subject.name:
        me = Subject(cast.speaker, "person")
        made = [state(me, KIN[noun].relation, values["surname"][0], found)]
    return made


def nick(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """叫我X: always the speaker's name."""
    return (
        []
        if found.stop.negated
        else [state(Subject(cast.speaker, "person"), "named", values["named"][0], found)]
    )


def role(subject: Subject, values: Values, found: Found, cast: Cast) -> list[Statement]:
    """我的家庭医生是吴大夫: the relation to somebody with a title."""
    noun = subject.name.removeprefix(f"{cast.speaker}的")
    if noun == subject.name or noun not in KIN or found.stop.negated or found.stop.modal:
        return []
    change = "end" if found.stop.past else ""
    me = Subject(cast.speaker, "person")
    return [state(me, KIN[noun].relation, values["role_name"][0], found, change)]
