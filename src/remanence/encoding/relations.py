"""The relations that a fact may have: one table. It knows how a relation reads in words and how many values it may hold at once;
it does not know how a sentence says it.

`RELATIONS["lives_in"].english.format(s="Wei", o="Chengdu")` is "Wei lives in Chengdu".
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation. `functional`: a subject has at most one object at a time, so a new one ends the old.

    `inverse` is the relation that says the same from the object's side, itself where it is symmetric. An empty
    tuple of kinds admits every kind (person, place, organisation, work, thing; date, quantity, text).
    """

    name: str
    functional: bool
    subject_kinds: tuple[str, ...]
    object_kinds: tuple[str, ...]
    inverse: str | None
    english: str
    chinese: str


# name | functional | subject kinds | object kinds | inverse | English | Chinese. Kinds by initial:
# p person, l place, o organisation, w work, t thing, d date, q quantity, x text; - any.
_TABLE: Final = """
works_for        | f | p    | o    |              | {s} works for {o}                  | {s}在{o}工作
works_as         |   | p    | x    |              | {s} works as {o}                   | {s}的职业是{o}
leads            |   | p    | ol   |              | {s} leads {o}                      | {s}领导{o}
studies_at       | f | p    | o    |              | {s} studies at {o}                 | {s}在{o}上学
educated_at      |   | p    | o    |              | {s} graduated from {o}             | {s}毕业于{o}
studied          |   | p    | x    |              | {s} studied {o}                    | {s}学的是{o}
lives_in         | f | p    | l    |              | {s} lives in {o}                   | {s}住在{o}
moved_from       |   | p    | l    |              | {s} moved away from {o}            | {s}从{o}搬走
comes_from       |   | p    | l    |              | {s} comes from {o}                 | {s}是{o}人
born_in          | f | p    | l    |              | {s} was born in {o}                | {s}出生于{o}
born_on          | f | p    | d    |              | {s} was born on {o}                | {s}出生日期是{o}
birthday         | f | p    | d    |              | {s}'s birthday is {o}              | {s}的生日是{o}
died_in          | f | p    | l    |              | {s} died in {o}                    | {s}在{o}去世
died_on          | f | p    | d    |              | {s} died on {o}                    | {s}去世日期是{o}
buried_in        | f | p    | l    |              | {s} is buried in {o}               | {s}葬于{o}
age              | f | pt   | q    |              | {s} is {o} years old               | {s}{o}岁
married_to       | f | p    | p    | married_to   | {s} is married to {o}              | {s}与{o}结婚
engaged_to       | f | p    | p    | engaged_to   | {s} is engaged to {o}              | {s}与{o}订婚
dating           | f | p    | p    | dating       | {s} is dating {o}                  | {s}与{o}交往
parent_of        |   | p    | p    | child_of     | {s} is a parent of {o}             | {s}是{o}的父母
child_of         |   | p    | p    | parent_of    | {s} is a child of {o}              | {s}是{o}的孩子
sibling_of       |   | p    | p    | sibling_of   | {s} is a sibling of {o}            | {s}与{o}是兄弟姐妹
relative_of      |   | p    | p    | relative_of  | {s} is a relative of {o}           | {s}与{o}是亲戚
friend_of        |   | p    | p    | friend_of    | {s} is a friend of {o}             | {s}与{o}是朋友
colleague_of     |   | p    | p    | colleague_of | {s} is a colleague of {o}          | {s}与{o}是同事
named            |   | -    | x    |              | {s} is called {o}                  | {s}叫{o}
nationality      |   | p    | x    |              | {s}'s nationality is {o}           | {s}的国籍是{o}
speaks           |   | p    | x    |              | {s} speaks {o}                     | {s}会说{o}
has_phone        | f | po   | x    |              | {s}'s phone number is {o}          | {s}的电话是{o}
has_email        | f | po   | x    |              | {s}'s e-mail address is {o}        | {s}的邮箱是{o}
has_address      | f | po   | lx   |              | {s}'s address is {o}               | {s}的地址是{o}
owns             |   | po   | to   |              | {s} owns {o}                       | {s}有{o}
has_pet          |   | p    | tx   |              | {s} has a pet: {o}                 | {s}养了{o}
uses             |   | po   | tx   |              | {s} uses {o}                       | {s}使用{o}
likes            |   | p    | -    |              | {s} likes {o}                      | {s}喜欢{o}
dislikes         |   | p    | -    |              | {s} dislikes {o}                   | {s}不喜欢{o}
hobby            |   | p    | x    |              | {s}'s hobby is {o}                 | {s}的爱好是{o}
favourite_food   | f | p    | x    |              | {s}'s favourite food is {o}        | {s}最喜欢吃{o}
favourite_drink  | f | p    | x    |              | {s}'s favourite drink is {o}       | {s}最喜欢喝{o}
favourite_colour | f | p    | x    |              | {s}'s favourite colour is {o}      | {s}最喜欢的颜色是{o}
favourite_film   | f | p    | w    |              | {s}'s favourite film is {o}        | {s}最喜欢的电影是{o}
favourite_book   | f | p    | w    |              | {s}'s favourite book is {o}        | {s}最喜欢的书是{o}
favourite_music  | f | p    | wpx  |              | {s}'s favourite music is {o}       | {s}最喜欢的音乐是{o}
favourite_sport  | f | p    | x    |              | {s}'s favourite sport is {o}       | {s}最喜欢的运动是{o}
favourite_place  | f | p    | l    |              | {s}'s favourite place is {o}       | {s}最喜欢的地方是{o}
allergic_to      |   | p    | x    |              | {s} is allergic to {o}             | {s}对{o}过敏
diet             |   | p    | x    |              | {s}'s diet is {o}                  | {s}的饮食习惯是{o}
has_condition    |   | p    | x    |              | {s} has {o} (health)               | {s}患有{o}
plans_to         |   | p    | x    |              | {s} plans to {o}                   | {s}打算{o}
wants_to         |   | p    | x    |              | {s} wants to {o}                   | {s}想{o}
has_visited      |   | p    | l    |              | {s} has visited {o}                | {s}去过{o}
attended         |   | p    | tx   |              | {s} attended {o}                   | {s}参加了{o}
member_of        |   | p    | o    |              | {s} is a member of {o}             | {s}是{o}的成员
plays            |   | p    | x    |              | {s} plays {o}                      | {s}会{o}
award_won        |   | pwo  | tx   |              | {s} won {o}                        | {s}获得{o}
created_by       |   | wt   | po   |              | {s} was created by {o}             | {s}由{o}创造
written_by       |   | w    | p    |              | {s} was written by {o}             | {s}由{o}创作
directed_by      |   | w    | p    |              | {s} was directed by {o}            | {s}由{o}执导
performed_by     |   | w    | po   |              | {s} was performed by {o}           | {s}由{o}演唱
composed_by      |   | w    | p    |              | {s} was composed by {o}            | {s}由{o}作曲
stars            |   | w    | p    |              | {s} stars {o}                      | {s}由{o}主演
produced_by      |   | wt   | po   |              | {s} was produced by {o}            | {s}由{o}制作
published_by     |   | w    | o    |              | {s} was published by {o}           | {s}由{o}发行
based_on         |   | w    | w    |              | {s} is based on {o}                | {s}改编自{o}
genre            |   | wp   | x    |              | {s}'s genre is {o}                 | {s}的类型是{o}
released_on      | f | w    | d    |              | {s} was released on {o}            | {s}于{o}发行
founded_by       |   | ol   | p    |              | {s} was founded by {o}             | {s}由{o}创立
founded_on       | f | ol   | d    |              | {s} was founded on {o}             | {s}成立于{o}
headquartered_in | f | o    | l    |              | {s} is headquartered in {o}        | {s}总部位于{o}
owned_by         | f | otlw | po   |              | {s} is owned by {o}                | {s}归{o}所有
subsidiary_of    | f | o    | o    |              | {s} is a subsidiary of {o}         | {s}是{o}的子公司
part_of          |   | -    | -    |              | {s} is part of {o}                 | {s}是{o}的一部分
located_in       |   | lot  | l    |              | {s} is located in {o}              | {s}位于{o}
capital_of       | f | l    | l    |              | {s} is the capital of {o}          | {s}是{o}的首都或首府
borders          |   | l    | l    | borders      | {s} borders {o}                    | {s}与{o}接壤
population       | f | l    | q    |              | {s} has a population of {o}        | {s}人口为{o}
area             | f | l    | q    |              | {s} has an area of {o}             | {s}面积为{o}
succeeded_by     |   | -    | -    | preceded_by  | {s} was succeeded by {o}           | {s}的继任者是{o}
preceded_by      |   | -    | -    | succeeded_by | {s} was preceded by {o}            | {s}的前任是{o}
named_after      |   | -    | -    |              | {s} is named after {o}             | {s}以{o}命名
instance_of      |   | -    | x    |              | {s} is a kind of {o}               | {s}是{o}
"""

_KINDS: Final = {
    "p": "person",
    "l": "place",
    "o": "organisation",
    "w": "work",
    "t": "thing",
    "d": "date",
    "q": "quantity",
    "x": "text",
}


def _read(table: str) -> dict[str, Relation]:
    found = {}
    for line in table.strip().splitlines():
        name, functional, subject, object_, inverse, english, chinese = map(
            str.strip, line.split("|")
        )
        found[name] = Relation(
            name=name,
            functional=functional == "f",
            subject_kinds=tuple(_KINDS[c] for c in subject if c != "-"),
            object_kinds=tuple(_KINDS[c] for c in object_ if c != "-"),
            inverse=inverse or None,
            english=english,
            chinese=chinese,
        )
    return found


RELATIONS: Final = _read(_TABLE)
