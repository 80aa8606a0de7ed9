"""Traditional Chinese characters folded to simplified ones, one for one, for reading only.

The table is that of OpenCC's `TSCharacters` (Apache-2.0, https://github.com/BYVoid/OpenCC): the
first simplified form of each character, in the Basic Multilingual Plane. A text keeps its length,
so that an offset into the folded text is one into the text as written.
"""

from functools import cache
from importlib import resources

__all__ = ["simplified"]


@cache
def _table() -> dict[int, int]:
    pairs = (resources.files("remanence.text") / "han.txt").read_text(encoding="utf-8").split()
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}


def simplified(text: str) -> str:
    """`text` with simplified characters, as long as it was.

    >>> simplified("我對花生過敏")
    '我对花生过敏'
    """
    return text if text.isascii() else text.translate(_table())
