"""An answer where no model is configured: what memory says, word for word, and that it is no more
than that.

Pure. It knows recollections and nothing of wire formats; what of them answers a question is
`retrieval.answering`'s business.
"""

import re
from collections.abc import Sequence

from remanence.retrieval import answering
from remanence.types import Recollection

_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = (
    "No model is configured here; this is quoted from memory.",
    "Memory could not be asked ({}).",
    "Nothing is kept of this.",
)
_CHINESE = ("这里没有配置模型，以下摘自记忆。", "记忆暂时无法读取（{}）。", "这段话不会被保留。")


def text(
    question: str,
    items: Sequence[Recollection],
    degraded: Sequence[str] = (),
    *,
    kept: bool = True,
) -> str:
    """Return an answer in the language of the question. `kept`: whether the turn is remembered.

    >>> print(text("Where do I live?", []))
    No model is configured here; this is quoted from memory.
    <BLANKLINE>
    I do not know: nothing that I remember answers that.
    """
    preface, failed, forgotten = _CHINESE if _HAN.search(question) else _ENGLISH
    if degraded and not items:
        said = failed.format(", ".join(degraded))
    elif not kept and not answering.asks(question):
        said = forgotten
    else:
        said = answering.answer(question, items).text
    return f"{preface}\n\n{said}"
