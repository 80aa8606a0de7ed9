"""Text to WordPiece tokens: uncased, accents removed, Latin letters and digits only.

Whatever is neither (punctuation, emoji, other scripts) separates words and yields no token, so text
in an unknown script has none. Knows nothing of vectors.
"""

import re
import unicodedata
from collections.abc import Mapping

MAX_WORD = 100
"""Longer runs of letters are not words; they yield no token."""

_WORD = re.compile("[0-9a-z\u00df-\u00f6\u00f8-\u024f]+")


def words(text: str) -> list[str]:
    """The runs of Latin letters and digits in `text`, lower case, without accents.

    >>> words("Zoë's café-bar, 3pm 你好😊!")
    ['zoe', 's', 'cafe', 'bar', '3pm']
    """
    if not text.isascii():
        marked = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in marked if not unicodedata.category(c).startswith("M"))
    return _WORD.findall(text.lower())


def pieces(word: str, vocabulary: Mapping[str, int]) -> tuple[int, ...]:
    """The ids of the longest known prefix, then of the longest known `##` continuations.

    Empty when some part of the word is not in the vocabulary. Wu et al. 2016, arXiv:1609.08144.
    """
    if len(word) > MAX_WORD:
        return ()
    ids: list[int] = []
    start, prefix = 0, ""
    while start < len(word):
        for end in range(len(word), start, -1):
            found = vocabulary.get(prefix + word[start:end])
            if found is not None:
                break
        else:
            return ()
        ids.append(found)
        start, prefix = end, "##"
    return tuple(ids)
