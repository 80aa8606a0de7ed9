"""The reading form of a Chinese text: folded, without what somebody else said, cut into clauses.

Folding keeps one character for one, so that what is read can be written as the text has it.
Quoted and forwarded lines, pasted chat of others, quotations and what follows a request to
translate or write are blanked before anything is read.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from remanence.text.han import simplified

__all__ = ["Line", "clauses", "lines", "masked", "reading_form"]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: its place in the text, and the mark that ends it."""

    start: int
    """First character in the text."""
    end: int
    """One past the last character."""
    asks: bool
    """It ends in a question mark."""


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    wide = unicodedata.normalize("NFKC", character)
    if len(wide) != 1:
        return character
    if wide == ",":
        return "，" if character == "，" else wide
    return "。" if unicodedata.category(wide) in ("So", "Cs") else wide


def reading_form(text: str) -> str:
    """`text` in narrow letters and simplified characters, emoji as full stops, of equal length."""
    if text.isascii():
        return text
    return simplified("".join(map(_folded, text)))


_NAME: Final = (
    "(?:[王李张刘陈杨黄赵吴徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "汪廖石贾夏付邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵武钱戴严孔向常汤][\u4e00-\u9fff]{1,2}|[小老阿][\u4e00-\u9fff]|"
    "@[^\\s:]{1,16}|[A-Z][a-z]{1,12}|妈妈|爸爸|老师|医生|客服|老板|同事|朋友|对方|网友|主持人|记者|甲|乙|[A-Z])"
)
_TAGGED: Final = re.compile(rf"^[\[【(]?({_NAME})[\])】]?(?:\s*\d[\d:/ .\-]*)?\s*:(?!//)", re.MULTILINE)
_OTHERS: Final = re.compile(r"^[ \t]*(?:>|(?:From|To|Sent|Subject|发件人|收件人|主题)\s*:).*$", re.MULTILINE)
_PASSED_ON: Final = re.compile(
    r"(?:转发|转自|转载|引用|原文|RT|摘抄|摘录|分享一段|台词|歌词|文案|题目|作文|段子|笑话|新闻|简历|示例|例句|例如|比如|"
    r"翻译|造句|听写|朗读|读后感)[^。!?\n]{0,14}?[:,，]|翻译成|译成|润色|改写|续写|写一?[篇首段封个则]|帮我写|编一?[个段]"
)
_QUOTED: Final = re.compile(r"“[^”]*”?|「[^」]*」?|『[^』]*』?|\"[^\"\n]*\"|‘[^’]*’")
_BRACKETS: Final = re.compile(r"\(([^()]*)\)|\[[^\]]*\]|【[^】]*】|```.*?(?:```|\Z)|`[^`]*`", re.DOTALL)
_SPOKEN: Final = re.compile("[我你他她它们是在有说想要了的过]")
_SAID_BY: Final = re.compile("(?:说|道|写|问|答|喊|曰|唱)[:,，]?$")


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\n" * (end > start) + " " * (end - start - 1) + text[end:]


def masked(form: str, speaker: str) -> str:
    """`form` with the words of others blanked, of equal length.

    Short names in quotation marks stay, without the marks, and so do telephone codes in brackets.
    """
    if not _MARKED.search(form):
        return form
    for found in [*_OTHERS.finditer(form)]:
        form = _blank(form, *found.span())
    form = _without_paste(form, speaker)
    form = _QUOTED.sub(lambda found: _quotation(found, form), form)
    form = _BRACKETS.sub(_bracketed, form)
    found = _PASSED_ON.search(form)
    return _blank(form, found.start(), len(form)) if found else form


_MARKED: Final = re.compile(
    r"[:>“「『\"‘(\[【`]|翻译|译成|润色|[改续]写|写一?[篇首段封个则]|帮我写|编一?[个段]|歌词|台词|转发|转载|引用|例如|比如"
)


def _without_paste(form: str, speaker: str) -> str:
    tagged = [found for found in _TAGGED.finditer(form) if found[1] not in (speaker, "我")]
    for found in tagged:
        end = form.find("\n", found.end())
        form = _blank(form, found.start(), len(form) if end < 0 else end)
    return form


def _quotation(found: re.Match[str], form: str) -> str:
    inner = found[0][1:].rstrip("”」』\"’")
    said = _SAID_BY.search(form[max(0, found.start() - 3) : found.start()])
    if said or len(inner) > 8 or _SPOKEN.search(inner):
        return " " * len(found[0])
    return f" {inner} ".ljust(len(found[0]))[: len(found[0])]


def _bracketed(found: re.Match[str]) -> str:
    inner = found[1] or ""
    return found[0] if inner.strip().isdigit() else " " * len(found[0])


_END: Final = re.compile(r"[。!?;\n]+|\.(?=\s|$)|…+")
_BREAK: Final = re.compile(
    r"[，~～—]+|(?<![码话箱址号信日名业高重型]):|(?<!\d),|,(?!\d)|(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])|"
    r"(?<=了)(?:之后|以后)(?!来)|(?=(?:但是|但(?!愿)|不过(?!敏)|可是|然后|所以|因为|只是|而且|后来(?!才来)|尤其是?|其实|除了))"
)


def lines(form: str) -> Iterator[Line]:
    """The sentences of a reading form, in order."""
    start = 0
    for found in _END.finditer(form):
        yield Line(start, found.end(), "?" in found[0])
        start = found.end()
    if form[start:].strip():
        yield Line(start, len(form), asks=False)


def clauses(form: str, line: Line) -> list[str]:
    """The clauses of one sentence; a text cut by spaces into words is joined."""
    body = form[line.start : line.end]
    if _tokenised(body):
        cuts = re.finditer("[，:~～—]+|(?<!\\d),|,(?!\\d)", body)
    else:
        cuts = _BREAK.finditer(body)
    found, start = [], 0
    for cut in cuts:
        found.append(_clause(body[start : cut.start()]))
        start = cut.end()
    found.append(_clause(body[start:]))
    return [clause for clause in found if clause]


def _tokenised(body: str) -> bool:
    words = body.split()
    return len(words) > 4 and sum(map(len, words)) / len(words) < 2.6


_MARKS: Final = " \u3000。!?;\n~～….、"
_INNER_SPACE: Final = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])|\s{2,}")


def _clause(words: str) -> str:
    """A clause without marks at its ends and without spaces beside Han characters."""
    return _INNER_SPACE.sub("", words.strip(_MARKS))
