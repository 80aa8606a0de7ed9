"""Authorship of the parts of a text: the author's own, or quoted, forwarded, pasted, code, a
document.

Found by the structure of the text alone. `own` blanks what is not the author's with spaces, so that
offsets stay; the line breaks of what is blanked stay too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from remanence.text.gazetteer import is_given
from remanence.text.words import table


@dataclass(frozen=True, slots=True)
class Voice:
    """A stretch of text that is not its author's own words.

    `kind`: quoted, forwarded, chat, code, log, table or document.
    """

    kind: str
    start: int
    end: int


_FENCE: Final = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_FORWARDED: Final = re.compile(
    r"(?im)^[ \t]*(?:-{2,} ?(?:forwarded message|original message).*|begin forwarded message.*|"
    r"(?:fwd?|forwarded|转发(?:邮件|消息)?|转自\S{0,12})[ \t]*[:：]|on .{6,80} wrote:|"
    r"(?:from|发件人)[:：] ?\S.*(?=\n|$)|.{0,40}\b(?:forwarded|wrote|sent|emailed|texted|messaged) "
    r"(?:me|us)(?: this)?:[ \t]*(?=\n|[\"'A-Z]))"
)
_CITED: Final = re.compile(r"(?m)^[ \t]*[>|＞]+[^\n]*")
_TASK: Final = re.compile(
    r"(?i)\b(?:translat\w+|proof-?read|re-?write|paraphras\w+|rephras\w+|summari[sz]\w*|tl;?dr of|"
    r"correct|fix|improve|edit|polish|check)\b[^\n:.?!]{0,60}:\s*|"
    r"(?i:\b(?:here(?:'s| is| are)|this is|below is|got)\b[^\n:.?!]{0,40}\b"
    r"(?:email|mail|article|letter|review|post|message|text|transcript|story|chapter|draft|tweet|"
    r"poem|lyrics|resume|cv|bio|document|report|paragraph|passage|excerpt|snippet|ad|listing)\b"
    r"[^\n:.?!]{0,40}:)\s*|"
    r"(?i:\b(?:sign|shirt|t-shirt|slogan|caption|meme|tattoo|poster|sticker|headline|lyrics?|motto|"
    r"subtitle|banner|billboard|joke|quote|prompt|mug)\b[^\n:.?!]{0,24}:)\s*|"
    r"(?:翻译|润色|改写|总结|概括|校对|修改)[^\n：:。？！]{0,14}[：:]\s*"
)
_LOG: Final = re.compile(
    r"(?m)^[ \t]*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^\n]*|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|"
    r"TRACE|"
    r"FATAL)\b[\]:][^\n]*|Traceback \(most recent[^\n]*|  File \"[^\n]*|\$ [^\n]*|>>> [^\n]*|"
    r"[\w.]+\([^\n]*\)[;{]?[ \t]*$|(?:def|class|import|return|SELECT|INSERT|UPDATE|const|let|var|"
    r"function|#include|public|private|package) [^\n]*[({;=:]?[^\n]*[({;=:*][ \t]*$|"
    r"[^\n]*[{};][ \t]*$|\s*\"[\w ]+\":[^\n]*|</?\w+[^\n]*>[ \t]*$)"
)
_CODE: Final = re.compile(
    r"\b\w+ ?= ?(?:\"[^\"\n]*\"|'[^'\n]*')|\{[^{}\n]*[\"'][\w ]+[\"']\s*:[^{}\n]*\}|`[^`\n]+`"
)
_TABLE: Final = re.compile(
    r"(?m)^[ \t]*\|.*\|[ \t]*$|^[^\n,]+(?:,[^\n, ][^\n,]*){2,}$(?=\n[^\n,]+(?:,[^\n, "
    r"][^\n,]*){2,}$)"
)
_LINE: Final = re.compile(
    r"(?m)^[ \t]*(?:\[?\d{1,2}[:：]\d\d(?::\d\d)?(?: ?[ap]m)?\]?[ \t,-]*)?"
    r"(?P<who>[^\W\d_][\w.'-]{0,20}(?: [A-Z][\w.'-]{0,20}){0,2}|[\u4e00-\u9fff]{1,6})"
    r"(?: ?[\(\[][^)\]\n]{1,20}[\)\]])?[ \t]?[:：](?!//)[ \t]?(?P<what>[^\n]*)"
)
_QUOTED: Final = re.compile(
    r"\"([^\"\n]{1,600})\"|「([^」]{1,600})」|『([^』]{1,600})』|«([^»]{1,600})»"
)
_SINGLE: Final = re.compile(r"(?<![\w'])'([^'\n]*(?:\w'\w[^'\n]*)*)'(?!\w)")
_SAYS: Final = re.compile(
    r"(?i)\b(?:i|i'?m|i'?ve|i'?d|i'?ll|me|my|mine|we|our|us|you|he|she|they|is|are|was|were|has|"
    r"have|"
    r"had|do|does|will|lives?|works?|loves?|likes?)\b|[我你他她咱]"
)
_ONESELF: Final = table("me i you myself 我 本人")
_LABELS: Final = table(
    """
    name email e-mail mail phone mobile tel address job work title note notes ps update edit fyi reminder
    todo news question answer subject re date time place location birthday age allergies allergy diet
    hobby hobbies likes dislikes summary context background status goal goals plan plans example fact
    facts bio about languages language pets family home city country height weight born nickname btw
    tldr warning important remember disclaimer also confession truth correction spoiler verdict result
    today tomorrow yesterday breakfast lunch dinner pro con pros cons step reason problem solution
    姓名 电话 手机 邮箱 地址 备注 注意 提醒 更新 补充 问题 主题 时间 地点 生日 年龄 过敏 爱好 目标 计划 总结
    背景 结论 原因 重点 例如 比如 其中 包括 今天 明天 昨天 另外 顺便 记住 请记住 记一下
    """
)


def voices(text: str, speaker: str | None = None) -> list[Voice]:
    """Every stretch of `text` that is not its author's own words, in order of kind, then place."""
    found = [*_blocks(text), *_lines(text, speaker)]
    found += [Voice("quoted", *span) for span in _quotations(text)]
    return found


def own(text: str, speaker: str | None = None) -> str:
    """`text` with what is not its author's own blanked by spaces, as long as it was.

    >>> own('He said "I moved to Rome". I moved to Lyon.')
    'He said                  . I moved to Lyon.'
    """
    if not _SIGNS.search(text):
        return text
    blanked = text
    for voice in voices(text, speaker):
        inner = "".join(c if c == "\n" else " " for c in blanked[voice.start : voice.end])
        blanked = blanked[: voice.start] + inner + blanked[voice.end :]
    return blanked


_SIGNS: Final = re.compile(r"[\n\"`:：'>|={}「『«\[]|(?i:\bfwd?\b)")


def _blocks(text: str) -> Iterator[Voice]:
    for kind, pattern in (("code", _FENCE), ("code", _CODE), ("log", _LOG), ("table", _TABLE)):
        yield from (Voice(kind, *found.span()) for found in pattern.finditer(text))
    yield from (Voice("forwarded", *found.span()) for found in _CITED.finditer(text))
    for kind, pattern in (("forwarded", _FORWARDED), ("document", _TASK)):
        first = pattern.search(text)
        if first:
            yield Voice(kind, first.start() if kind == "forwarded" else first.end(), len(text))


def _lines(text: str, speaker: str | None) -> Iterator[Voice]:
    """Lines of a pasted chat that another one wrote, and the labels before one's own."""
    turns = [line for line in _LINE.finditer(text) if line["who"].lower() not in _LABELS]
    own_names = _ONESELF | {(speaker or "").lower()}
    several = len({line["who"] for line in turns}) > 1
    for line in turns:
        who = line["who"].lower()
        if who in own_names:
            if several or who == (speaker or "").lower():
                yield Voice("chat", line.start(), line.start("what"))
        elif several or _person(line["who"]):
            yield Voice("chat", *line.span())


def _person(who: str) -> bool:
    if not who.isascii():
        return len(who) in (2, 3)
    return who[0].isupper() and is_given(who.split(maxsplit=1)[0])


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    """Quotations that say something; a quoted name or title stays."""
    for pattern in (_QUOTED, _SINGLE):
        for found in pattern.finditer(text):
            inner = next(group for group in found.groups() if group is not None)
            if _SAYS.search(inner) or len(inner.split()) > 6:
                yield found.span()
