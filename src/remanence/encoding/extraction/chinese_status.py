"""Assertion status of a Chinese clause: stated, asked, supposed, reported, suggested.

A status is found by words alone, before any frame is tried. Supposition and report reach to the
end of the sentence; a question is its own clause.
"""

import re
from enum import Enum
from typing import Final

__all__ = ["Status", "status", "unreal"]


class Status(Enum):
    """How a clause stands to what is so."""

    STATED = "stated"
    SUGGESTED = "suggested"
    """Ends in 吧, or asks the listener for something."""
    ASKED = "asked"
    BLOCKED = "blocked"
    """From here to the end of the sentence nothing is said to be so."""


_ASKED: Final = re.compile(
    r"(?:吗|嘛|么|不|没|没有|是吧|对吧|对不对|好吗|呗?不是)$(?<!什么)(?<!怎么)(?<!那么)(?<!这么)(?<!多么)|"
    r"(?:你|您|他|她|我|它|们|的|人)呢$|什么(?!都|也|的$)|啥(?!都|也)|谁(?!都|也)|哪[里儿个位家种些年天款只]?(?!怕|都|也)|"
    r"怎么(?!都|也)(?!样都)|怎样|多少(?!有|会)|几(?:点|岁|号|月|时)|第几|为何|如何|"
    r"是不是|有没有|会不会|能不能|要不要|可不可以|好不好|对不对|是否|行不行|"
    r"(?<!现)([喜想去来吃喝用住在做看知记认懂信敢愿该])不\1|喜不喜欢|知不知道|认不认识|难道|何必|凭啥"
)
_BLOCKED: Final = re.compile(
    r"如果|要是|假如|假使|倘若|假设|(?<!几)万一|若是|若非|除非|即使|即便|哪怕|就算|一旦|要不是|的话(?:$|就|我)|"
    r"听说|据说|传说|相传|传闻|据报|有人说|大家都说|人家说|(?<!我)以为|误以为|(?<=我)以为|假装|装作|冒充|幻想|想象|想像|"
    r"羡慕|(?:做|有个)?梦[见到里]|做梦|开玩笑|逗你|骗你|忽悠|早知道|差点|险些|恨不得|巴不得|但愿|要不然|要么|"
    r"谁说|谁信|哪里会|怎么会|怎么可能|才怪|谈不上|说不上|算不上|好像|好象|似乎|仿佛|可能|也许|或许|大概会|兴许|"
    r"说不定|没准|搞不好|应该是|估计|不如|还不如|角色扮演|你是一[个位名]|"
    r"(?:小说|电影|电视|电视剧|剧|书|游戏|故事|动漫|番|歌|视频|节目|综艺|直播|新闻|文章|帖子|微博|文)[里中上](?:面|的)?|"
    r"男主|女主|主角|主人公|角色|剧情|游戏名|台词|歌词|唱的是|假的$"
)
_REPORTS: Final = re.compile(
    r"(?P<who>[\u4e00-\u9fffA-Za-z]{0,6}?)(?:跟|对|和|给)?(?:我|我们|咱|大家|别人|人)?"
    r"(?:说过?(?!错|实话|真的|服|[了话得不]|起来|[英日法德韩俄粤中普上四西意闽客]|一口|明|清|唱|得)|声称|宣称|吹牛|表示|觉得|认为|告诉|问|透露|写道|回复|"
    r"提到|建议|劝|保证|承认|抱怨|怀疑|坚信|发现|评价)(?!我(?:自己)?$)"
)
_OWN: Final = re.compile(
    "^(?:其实|对了|但|而且|说实话|老实说|另外)?(?:我|我们|咱)?(?:都|就|也|早就?|再|可以|要|想|得|先|上次|昨天|之前|刚才|刚|必须|不得不|只能|真的?|可)*"
    "(?:跟|和|对|给)?(?:你|您|大家|你们)?$"
)
_HEDGED: Final = re.compile(r"(?:像|跟|和|如同|如).{1,8}(?:一样|似的|般|那样)|感觉自己|觉得自己|自己像")
_SUGGESTED: Final = re.compile(
    r"吧$|^(?:请|麻烦|记得|帮|劳驾|让我们|来[,，]|咱们?|快|别(?!人)|给我|教我|陪我|推荐|告诉我)"
)
_DENIED_WHOLE: Final = re.compile("不是(?:不|没|说|因为|我)|并非|又不|又没|也不是")
_UNREAL: Final = re.compile(
    r"就好了|该多好|多好啊|多好呀|那就好|开玩笑|骗你|逗你玩|假的[。!]?$|瞎说|纯属虚构|我编的|才怪|火星|外星|[hH]a?ha$"
)


def unreal(sentence: str) -> bool:
    """Whether the end of the sentence takes back the whole of it: 就好了, 开玩笑的."""
    return _UNREAL.search(sentence) is not None


def status(clause: str) -> Status:
    """The status of a folded clause."""
    if _BLOCKED.search(clause) or _reported(clause):
        return Status.BLOCKED
    if _ASKED.search(clause):
        return Status.ASKED
    if _HEDGED.search(clause) or _DENIED_WHOLE.search(clause):
        return Status.ASKED
    return Status.SUGGESTED if _SUGGESTED.search(clause) else Status.STATED


def _reported(clause: str) -> bool:
    """Whether somebody else says it; "我跟你说过" is the speaker's own word."""
    found = _REPORTS.search(clause)
    if not found or clause[: found.start("who")].endswith(("会", "能", "来", "小", "传")):
        return False
    before = clause[: found.end()]
    lead = re.sub("(?:说过?|觉得|认为|告诉|发现|保证|承认|表示|问|建议|劝|怀疑)$", "", before)
    if before.endswith(("觉得", "认为", "怀疑")) and _OWN.match(lead):
        return False
    return _OWN.match(lead) is None
