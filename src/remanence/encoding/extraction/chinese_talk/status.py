"""Assertion status of a Chinese clause: stated, asked, supposed, reported, suggested.

A status is found by words alone, before any frame is tried. Supposition and report reach to the
end of the sentence; a question is its own clause.
"""

import re
from enum import Enum
from typing import Final

from remanence.encoding.extraction.chinese_talk.lexicon import LEXICON

__all__ = ["Status", "status", "unreal"]


class Status(Enum):
    """How a clause stands to what is so."""

    STATED = "stated"
    SUGGESTED = "suggested"
    """Ends in 吧, or asks the listener for something."""
    ASKED = "asked"
    BLOCKED = "blocked"
    """From here to the end of the sentence nothing is said to be so."""


_ASKED: Final = re.compile(LEXICON["ASKED"])
_BLOCKED: Final = re.compile(LEXICON["BLOCKED"])
_VERBS: Final = re.compile("[说称吹示得为诉问露道复到议劝证认怨疑信现价]")
_REPORTS: Final = re.compile(LEXICON["REPORTS"])
_OWN: Final = re.compile(LEXICON["OWN"])
_HEDGED: Final = re.compile(
    r"(?:像|跟|和|如同|如).{1,8}(?:一样|似的|般|那样)|感觉自己|觉得自己|自己像"
)
_SUGGESTED: Final = re.compile(
    r"吧$|^(?:请|麻烦|记得|帮|劳驾|让我们|来[,，]|咱们?|快|别(?!人)|给我|教我|陪我|推荐|告诉我)"
)
_DENIED_WHOLE: Final = re.compile("不是(?:不|没|说|因为|我)|并非|又不|又没|也不是")
_UNREAL: Final = re.compile(LEXICON["UNREAL"])


def unreal(sentence: str) -> bool:
    """Return whether the end of the sentence takes back the whole of it: 就好了, 开玩笑的."""
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
    """Return whether somebody else says it; "我跟你说过" is the speaker's own word."""
    if not _VERBS.search(clause):
        return False
    found = _REPORTS.search(clause)
    if not found or clause[: found.start("who")].endswith(("会", "能", "来", "小", "传")):
        return False
    before = clause[: found.end()]
    lead = re.sub("(?:说过?|觉得|认为|告诉|发现|保证|承认|表示|问|建议|劝|怀疑)$", "", before)
    if before.endswith(("觉得", "认为", "怀疑")) and _OWN.match(lead):
        return False
    return _OWN.match(lead) is None
