"""Words for people and animals that belong to someone, and the relation that each states.

`KIN["老公"]` is `Kin("老公", "married_to", "男")`: the noun that names the entity ("Wei的老公"), the
relation from its owner, the gender where the word says it.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["BARE", "KIN", "KINS", "MENTIONED", "NEAR", "PARTNERS", "Kin"]


class Kin(NamedTuple):
    """One word for somebody's relative, friend or colleague."""

    noun: str
    """The word that stands in the name of the entity; synonyms share one."""
    relation: str
    """Relation from the owner to that person."""
    gender: str
    """男, 女, or empty."""


# relation: rows of synonyms; the first of each row is the noun.
_ROWS: Final = """
sibling_of: 姐姐 姐 老姐 阿姐|妹妹 妹 老妹 小妹 妹子|哥哥 哥 老哥 阿哥|弟弟 弟 老弟 小弟|大姐|二姐|三姐|大哥|二哥|三哥|大妹|二妹|大弟|二弟
sibling_of: 双胞胎妹妹|双胞胎姐姐|双胞胎哥哥|双胞胎弟弟|兄弟|姐妹|双胞胎
parent_of: 女儿 闺女 丫头 小公主 姑娘|儿子 臭小子|孩子 小孩 宝宝 娃 小朋友 娃娃 孩儿|大女儿|小女儿|大儿子|小儿子|二女儿|二儿子|双胞胎女儿|双胞胎儿子
parent_of: 继子|继女|养女|养子|干儿子|干女儿|龙凤胎|孩子们|二宝|大宝|大的|小的|老大|老二|老三|二娃|大娃
child_of: 爸爸 爸 父亲 老爸 爹 老爹|妈妈 妈 母亲 老妈 娘 老娘|爸妈 父母 爹妈|继父 后爸|继母 后妈
married_to: 老公 丈夫 先生|老婆 妻子 太太 媳妇 媳妇儿|爱人|那口子|另一半
engaged_to: 未婚妻|未婚夫
dating: 男朋友 男友 男票 boyfriend|女朋友 女友 女票 girlfriend|对象
relative_of: 爷爷|奶奶|外公 姥爷 阿公|外婆 姥姥 阿嬷|叔叔 叔|阿姨|舅舅 舅|大舅|二舅|小舅|姑姑 姑|大姑|小姑|姑妈|姨妈|大姨|小姨|二姨|伯伯|大伯
relative_of: 二叔|三叔|小叔|婶婶|舅妈|表哥|表姐|表弟|表妹|堂哥|堂姐|堂弟|堂妹|侄子|侄女|外甥|外甥女|孙子|孙女|外孙|外孙女|嫂子|大嫂|弟媳|姐夫
relative_of: 妹夫|岳父 老丈人|岳母 丈母娘|公公|婆婆|公婆|女婿|儿媳 儿媳妇|亲戚|干妈|干爹|爷爷奶奶|外公外婆 姥姥姥爷
friend_of: 朋友 好朋友 好友|最好的朋友|闺蜜|哥们 好哥们 哥们儿|发小|死党|老乡|网友|战友|球友
friend_of: 同学|大学同学|高中同学|初中同学|小学同学|老同学|同桌|同门|师兄|师姐|师弟|师妹|学长|学姐|学弟|学妹
colleague_of: 同事|搭档|合伙人|前同事|徒弟|下属
reports_to: 老板|领导|上司|主管|组长|经理|上级
roommate_of: 室友 舍友|合租室友
neighbour_of: 邻居
taught_by: 老师|导师|班主任|教练|师父 师傅|钢琴老师|英语老师|健身教练|瑜伽老师
patient_of: 医生|家庭医生|牙医|主治医生|心理医生|心理咨询师
rents_from: 房东
former_partner_of: 前男友|前女友|前夫|前妻|前任|前对象
"""
_FEMALE: Final = "姐妹女妈母婆妻娘姨姑奶嫂婶媳闺丫"
_MALE: Final = "哥弟爸父爷公夫男叔舅伯侄儿爹"


def _gender(noun: str) -> str:
    if any(character in _FEMALE for character in noun):
        return "女"
    return "男" if any(character in _MALE for character in noun) else ""


def _read() -> dict[str, Kin]:
    found: dict[str, Kin] = {}
    for line in _ROWS.strip().splitlines():
        relation, _, rows = line.partition(": ")
        for row in rows.split("|"):
            noun = row.split()[0]
            mixed = len(noun) > 3 or noun in ("爸妈", "公婆", "老公", "儿媳", "侄女")
            gender = (
                {"老公": "男", "儿媳": "女", "侄女": "女"}.get(noun, "") if mixed else _gender(noun)
            )
            found.update((word, Kin(noun, relation, gender)) for word in row.split())
    return found


KIN: Final[Mapping[str, Kin]] = _read()
KINS: Final = "|".join(sorted(map(re.escape, KIN), key=len, reverse=True))
# Relations of which there are so few that "我妹妹" is still 小美 in the next turn.
NEAR: Final = frozenset(
    ("sibling_of", "parent_of", "child_of", "married_to", "engaged_to", "dating")
)
# Relations whose mere mention ("我侄女...") says that there is such a person.
MENTIONED: Final = frozenset(("sibling_of", "parent_of", "married_to", "engaged_to", "dating"))
MENTIONED_NOUNS: Final = frozenset(
    ("侄子", "侄女", "外甥", "外甥女", "孙子", "孙女", "外孙", "外孙女")
)
PARTNERS: Final = frozenset(("married_to", "engaged_to", "dating"))
# Words that mean the speaker's own relative with nothing before them.
BARE: Final = "|".join(
    sorted(
        [
            "儿子",
            "女儿",
            "闺女",
            "老公",
            "老婆",
            "媳妇",
            "丈夫",
            "妻子",
            "老爸",
            "老妈",
            "爸妈",
            "爸爸",
            "妈妈",
            "我爸",
            "我妈",
            "父母",
            "爷爷",
            "奶奶",
            "外公",
            "外婆",
            "姥姥",
            "姥爷",
            "男朋友",
            "女朋友",
            "男友",
            "女友",
            "对象",
            "孩子",
            "娃",
            "宝宝",
            "大女儿",
            "小女儿",
            "大儿子",
            "小儿子",
            "岳父",
            "岳母",
            "公公",
            "婆婆",
            "太太",
            "爱人",
            "未婚妻",
            "未婚夫",
            "大的",
            "小的",
            "老大",
            "老二",
            "老三",
            "闺蜜",
            "发小",
            "室友",
            "导师",
            "领导",
            "房东",
            "那口子",
            "表哥",
            "表姐",
            "表弟",
            "表妹",
            "家庭医生",
            "弟弟",
            "妹妹",
            "哥哥",
            "姐姐",
            "爸",
            "妈",
            "前男友",
            "前女友",
            "前夫",
            "前妻",
            "大舅",
            "小舅",
            "小姨",
            "孙子",
            "孙女",
            "侄女",
            "侄子",
            "外甥",
            "外甥女",
            "老丈人",
            "丈母娘",
        ],
        key=len,
        reverse=True,
    )
)
