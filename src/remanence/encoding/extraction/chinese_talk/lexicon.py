"""Word lists of spoken Chinese by name, from `lexicon.txt`: parts of regular expressions.

`<NAME>` inside a list stands for another one, or for a list of `chinese_words` or of `kin`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from remanence.encoding.extraction import chinese_words as words
from remanence.encoding.extraction.chinese_talk.kin import BARE, KINS

__all__ = ["ANIMAL", "LEXICON", "NUMBER", "TIME", "expanded"]

_NAME: Final = re.compile(r"<([A-Z_]+)>")
_SHARED: Final = {
    "KINS": KINS,
    "BARE": BARE,
    "JOBS": words.JOB[len("(?:[^，。、的是在了有和与一]{0,6}?") : -1],
    "ILLNESS": words.CONDITION,
    "TONGUE": words.LANGUAGE,
    "OCCASIONS": words.EVENT,
}


@cache
def _lists() -> Mapping[str, str]:
    """Each list as it is written: continued lines joined, comments left out."""
    text = (resources.files(__package__) / "lexicon.txt").read_text(encoding="utf-8")
    joined = re.sub(r"\n    ", "", text)
    rows = (line.partition(" = ") for line in joined.splitlines() if line and line[0] != "#")
    return {**_SHARED, **{name: value for name, _, value in rows}}


def expanded(text: str) -> str:
    """`text` with each `<NAME>` replaced by that list; raises `KeyError` for an unknown one."""
    while _NAME.search(text):
        text = _NAME.sub(lambda found: _lists()[found[1]], text)
    return text


LEXICON: Final[Mapping[str, str]] = {name: expanded(value) for name, value in _lists().items()}
ANIMAL: Final = LEXICON["ANIMAL"]
NUMBER: Final = LEXICON["NUMBER"]
TIME: Final = LEXICON["TIME"]
