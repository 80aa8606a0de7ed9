"""A name and its normal form: what two ways of writing one name have in common, and what a short
name may be short for.

It knows spelling alone: not who is meant (that is `entities`), nor what was said of them.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from remanence.text.words import table

LONGEST = 512  # characters of a name that is linked; a longer one is left in its episode
_KEPT = 96  # characters of a normal form; a longer one is cut and told apart by its digest

_HAN_GAP = re.compile("(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_EDGES = " \t\"'`.,;:!?()[]{}<>“”‘’«»《》「」『』【】（）、，。；：！？…—-·"
_ARTICLES = ("the ", "a ", "an ")
_POSSESSIVE = re.compile(r"(?:'s|(?<=s)')$")
_ROLE = re.compile(r"^(?:.+'s .+|.+的.+)$")
_PLACE_SUFFIX = re.compile("^([\u3400-\u9fff]{2,4})[市省]$")
_HAN_ONLY = re.compile("^[\u3400-\u9fff]+$")
_INITIALS = re.compile(r"(?<![^\W_])([^\W\d_])\.\s*")

_TITLES = {
    **dict.fromkeys(("mr", "mister", "sir"), "mr"),
    **dict.fromkeys(("mrs", "ms", "miss", "madam", "mme"), "ms"),
    **dict.fromkeys(("dr", "doctor", "prof", "professor"), "dr"),
}
_HAN_TITLES = {
    **dict.fromkeys(("先生", "叔叔", "大哥", "爷爷"), "mr"),
    **dict.fromkeys(("女士", "小姐", "太太", "阿姨", "大姐", "奶奶"), "ms"),
    **dict.fromkeys(("老师", "医生", "教授", "博士", "经理", "总", "工", "师傅", "同学"), "dr"),
}
_HAN_PREFIXES = {"小": "young", "阿": "young", "老": "old"}
_EXCLUSIVE = (frozenset({"mr", "ms"}), frozenset({"young", "old"}))
_COMPOUND = table("欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 南宫")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪"
    "庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房"
)


@dataclass(frozen=True, slots=True)
class Form:
    """The shape of a name. `kind` is "full", "first", "surname", "initial", "given", "role" or "".

    `buckets` say where a full name is found and where a short one looks; `title` is what a surname
    was said with ("mr", "ms", "dr", "young", "old"), `initial` the letter before it.
    """

    kind: str
    buckets: tuple[tuple[str, str], ...] = ()
    title: str = ""
    initial: str = ""


def key(name: str) -> str:
    """The normal form: NFKC, case folded, without accents, articles, possessive and outer marks.

    >>> key("The  Café's"), key("Mr. Smith"), key("J.R. Smith"), key("成都市")
    ('cafe', 'mr smith', 'j r smith', '成都')

    At most 129 characters, whatever the name; "" for a name without a letter or digit.
    """
    text = name
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("’", "'")
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    text = " ".join(text.casefold().split()).strip(_EDGES)
    if not text.isascii():
        text = _PLACE_SUFFIX.sub(r"\1", _HAN_GAP.sub("", _plain(text)))
    if "." in text:
        text = _undotted(text)
    if text.startswith(_ARTICLES):
        text = text.partition(" ")[2] or text  # an accent alone behind it has left nothing
    if "'" in text:
        text = _POSSESSIVE.sub("", text)
    text = _untitled(text.strip(_EDGES))
    if not any(map(str.isalnum, text)):
        return ""
    if len(text) > _KEPT:
        return f"{text[:_KEPT]}#{blake2b(text.encode(), digest_size=16).hexdigest()}"
    return text


def _plain(text: str) -> str:
    """`text` without the accents on Latin letters."""
    parts = unicodedata.normalize("NFD", text)
    kept = [c for at, c in enumerate(parts) if not (at and _accent(parts[at - 1], c))]
    return unicodedata.normalize("NFC", "".join(kept))


def _accent(before: str, mark: str) -> bool:
    return "\u0300" <= mark <= "\u036f" and (before < "\u0250" or "\u0300" <= before <= "\u036f")


def _undotted(text: str) -> str:
    """`text` without the dots of initials and titles: "j.r. smith" -> "j r smith"."""
    text = _INITIALS.sub(r"\1 ", text)
    first, _, rest = text.partition(" ")
    return f"{first.rstrip('.')} {rest}" if rest and first.rstrip(".") in _TITLES else text


def form(normal: str) -> Form:
    """Return the kind of name of a normal form."""
    if "'s " in normal or "的" in normal:
        return Form("role") if _ROLE.match(normal) else Form("")
    if _HAN_ONLY.match(normal):
        return _han_form(normal)
    tokens = normal.split(" ")
    if tokens[0] in _TITLES and len(tokens) > 1:
        title, tokens = _TITLES[tokens[0]], tokens[1:]
        if len(tokens) == 1:
            return Form("surname", (("last", tokens[0]),), title=title)
    if not all(map(_wordlike, tokens)):
        return Form("")
    if len(tokens) == 1:
        return Form("first", (("first", tokens[0]),))
    if len(tokens[0]) == 1:
        return Form("initial", (("last", tokens[-1]),), initial=tokens[0])
    if len(tokens) > 5:
        return Form("")
    return Form("full", (("first", tokens[0]), ("last", tokens[-1])), initial=tokens[0][0])


def is_short(normal: str) -> bool:
    """Return whether a normal form may be short for another: whether `form` says so."""
    first, _, rest = normal.partition(" ")
    if rest and len(first) > 1 and first not in _TITLES:
        return False  # several words, and none of them a title or an initial before the rest
    return form(normal).kind not in ("", "full", "role")


def _wordlike(token: str) -> bool:
    return token.replace("-", "").replace("'", "").isalpha()


def _han_form(name: str) -> Form:
    """小王, 王老师 -> surname; 王建国 -> full; 建国 -> given."""
    if len(name) > 1 and name[0] in _HAN_PREFIXES and name[1:] in _SURNAMES | _COMPOUND:
        return Form("surname", (("last", name[1:]),), title=_HAN_PREFIXES[name[0]])
    surname = name[:2] if name[:2] in _COMPOUND else name[:1]
    if surname not in _SURNAMES and surname not in _COMPOUND:
        return Form("given", (("given", name),)) if len(name) == 2 else Form("")
    given = name[len(surname) :]
    if given in _HAN_TITLES:
        return Form("surname", (("last", surname),), title=_HAN_TITLES[given])
    if 1 <= len(given) <= 2:
        return Form("full", (("last", surname), ("given", given)))
    return Form("")


def exclude(one: Form, other: Form) -> bool:
    """Return whether two short names cannot be short for the same person:

    Mr Smith and Mrs Smith.
    """
    return any({one.title, other.title} == pair for pair in _EXCLUSIVE)


def _untitled(normal: str) -> str:
    """A full name without its title: "dr john smith" -> "john smith"; others as they are."""
    first, _, rest = normal.partition(" ")
    return rest if first in _TITLES and " " in rest else normal


def share(one: str, other: str) -> bool:
    """Return whether one name could be taken for a short form of the other.

    >>> share("wei", "wei zhang"), share("wei zhang", "wei li"), share("wei", "ana")
    (True, False, False)
    """
    if one == other or _pieces(one).isdisjoint(_pieces(other)):
        return False
    return is_short(one) or is_short(other)


@lru_cache(maxsize=65_536)
def _pieces(normal: str) -> frozenset[str]:
    return frozenset(normal.split() if normal.isascii() else normal)


def is_part(short: str, long: str) -> bool:
    """Return whether all words of one name are among the other's, or stand in it in Chinese.

    >>> is_part("bike", "blue bike"), is_part("捷达", "老捷达"), is_part("red bike", "blue bike")
    (True, True, False)
    """
    if len(short) < 2 or short == long:
        return False
    if _HAN_ONLY.match(short):
        return short in long
    return set(short.split()) < set(long.split())


def contains(whole: str, part: str) -> bool:
    """Return whether one way of writing a place holds the other:

    "chengdu, sichuan" and "chengdu".
    """
    if "," in whole and part in {piece.strip() for piece in whole.split(",")}:
        return True
    han = len(part) > 1 and _HAN_ONLY.match(whole) and _HAN_ONLY.match(part)
    return bool(han) and (whole.startswith(part) or whole.endswith(part))
