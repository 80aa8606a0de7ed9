"""An answer where no model is configured: what memory says, word for word, and that it is no more than that.

Pure. It knows recollections and nothing of wire formats.
"""

import re
from collections.abc import Sequence

from remanence.types import Recollection

MOST = 5
_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = (
    "No model is configured here. This is quoted from memory:",
    "No model is configured here, and memory says nothing about this.",
    "No model is configured here, and memory could not be asked ({}).",
)
_CHINESE = (
    "这里没有配置模型，以下摘自记忆：",
    "这里没有配置模型，记忆中也没有相关内容。",
    "这里没有配置模型，记忆也暂时无法读取（{}）。",
)


def text(question: str, items: Sequence[Recollection], degraded: Sequence[str] = ()) -> str:
    """What to answer, in the language of the question.

    >>> text("Where do I live?", [])
    'No model is configured here, and memory says nothing about this.'
    """
    quoted, nothing, failed = _CHINESE if _HAN.search(question) else _ENGLISH
    if not items:
        return failed.format(", ".join(degraded)) if degraded else nothing
    return "\n".join([quoted, *map(_line, items[:MOST])])


def _line(item: Recollection) -> str:
    speaker = f" {item.speaker}" if item.speaker else ""
    return f"- [{item.at[:10]}{speaker}] " + "\n  ".join(item.text.strip().splitlines())
