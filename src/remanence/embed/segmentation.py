"""Text to the tokens of the static table: words of spaced scripts, longest matches in unspaced
ones.

Latin letters and digits are cut as WordPiece does, uncased and without accents. Words of Cyrillic,
Greek, Arabic and Devanagari are looked up as written, then by their Snowball stem. Han, kana and
Hangul are cut into the longest entries of the vocabulary from left to right, traditional characters
folded to simplified ones. All else (punctuation, emoji, other scripts) separates words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Final

import Stemmer

from remanence.text.han import simplified

MAX_WORD: Final = 100
"""Longer runs of letters are not words; they yield no token."""
LONGEST_MATCH: Final = 8
"""Characters of the longest entry of a script without spaces."""

_LATIN: Final = "0-9a-z\u00df-\u00f6\u00f8-\u024f"
_ASIAN: Final = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_SPACED: Final = (
    ("greek", "\u0370-\u03ff"),
    ("russian", "\u0400-\u045f"),
    ("arabic", "\u0620-\u064a\u066e-\u06d3"),
    ("hindi", "\u0900-\u0963\u0971-\u097f"),
)
"""Snowball's name of the language that a script is stemmed as, and the letters of the script."""
_WORD: Final = re.compile(
    "|".join(f"[{letters}]+" for letters in (_LATIN, _ASIAN))
    + "".join(f"|[{letters}]+" for _, letters in _SPACED)
)
_ACCENTED: Final = re.compile("(?<=[0-9a-z\u00df-\u024f\u0370-\u03ff])[\u0300-\u036f\u3099\u309a]+")
_VOWEL_SIGNS: Final = re.compile("[\u0640\u064b-\u065f\u0670]")
_STEMMERS: Final = tuple(
    (letters[0], letters[-1], Stemmer.Stemmer(language, 0)) for language, letters in _SPACED
)
_lock = Lock()  # Snowball's objects are not made for two threads


def words(text: str) -> list[str]:
    """The words of `text`, lower case, without accents; an unspaced run is one word.

    >>> words("Zoë's café-bar, 3pm 你好😊!")
    ['zoe', 's', 'cafe', 'bar', '3pm', '你好']
    """
    return _WORD.findall(folded(text))


def folded(text: str) -> str:
    """`text` in lower case, without accents and Arabic vowel signs, in simplified characters."""
    if text.isascii():
        return text.lower()
    marked = unicodedata.normalize("NFKD", text).lower()
    plain = _VOWEL_SIGNS.sub("", _ACCENTED.sub("", marked))
    return simplified(unicodedata.normalize("NFC", plain)).replace("ё", "е")


def token_ids(word: str, vocabulary: Mapping[str, int]) -> Iterable[int]:
    """The ids of one of `words`; empty when nothing of it is in the vocabulary."""
    first = word[0]
    if first < "\u0370":
        return pieces(word, vocabulary)
    if first >= "\u3005":
        return longest_matches(word, vocabulary)
    found = vocabulary.get(word) or vocabulary.get(stem(word))
    return () if found is None else (found,)


def stem(word: str) -> str:
    """The Snowball stem of a word of Greek, Cyrillic, Arabic or Devanagari letters.

    >>> stem("книгами")
    'книг'
    """
    for first, last, stemmer in _STEMMERS:
        if first <= word[0] <= last:
            with _lock:
                return str(stemmer.stemWord(word))
    return word


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


def longest_matches(run: str, vocabulary: Mapping[str, int]) -> list[int]:
    """The ids of the longest known entries of `run` from left to right; unknown characters are
    passed over.
    """
    ids: list[int] = []
    start = 0
    while start < len(run):
        for end in range(min(len(run), start + LONGEST_MATCH), start, -1):
            found = vocabulary.get(run[start:end])
            if found is not None:
                ids.append(found)
                start = end
                break
        else:
            start += 1
    return ids
