"""Search of a text for one of some names, as whole words.

Words are compared without case, width or punctuation, so "J. SMITH" stands in "said j smith." and
not in "blacksmith"; a name in Chinese, Thai and the like stands wherever its characters do, because
nothing marks where a word ends there, and so does one in Hangul, whose particles are glued to it.
One such character alone would stand in half of all words: it counts only where none is beside it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from remanence.encoding.linking import names
from remanence.errors import InvalidInput
from remanence.text.words import normal

# Han, kana (without their full stop and middle dot), bopomofo, Hangul, Thai, Lao, Myanmar, Khmer:
# letters and signs.
_GLUED: Final = (
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
    "\u1100-\u11ff\uac00-\ud7af\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3\u17e0-\u17e9"
)
_WORD: Final = re.compile(f"[{_GLUED}]|[^\\W_{_GLUED}]+")
_ONE: Final = re.compile(f"[{_GLUED}]")


def require_searchable_name(name: str | None) -> None:
    """Raise `InvalidInput` for a subject that texts cannot be searched for."""
    if name is None:
        return
    spellings = [words for words in (_words(name), _words(names.key(name))) if words]
    if not spellings:
        raise InvalidInput(
            f"subject={name!r:.80} has no letter or digit, so no text can be searched for it; "
            f"forget "
            "by id=, session= or speaker="
        )
    if any(len(words) == 1 and _ONE.fullmatch(words[0]) for words in spellings):
        raise InvalidInput(
            f"subject={name!r:.80} is one character, which would also match inside other words; "
            f"give "
            "the full name, or forget by id=, session= or speaker="
        )


class Mentions:
    """Looks for `spellings`; many cost no more than few."""

    def __init__(self, spellings: Iterable[str]) -> None:
        given = set(spellings)
        self.keys = {names.key(name) for name in given} - {""}
        self._by_first: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        single = set()
        for name in given | self.keys:
            words = tuple(_words(name))
            if len(words) == 1 and _ONE.fullmatch(words[0]):
                single.add(words[0])
            elif words:
                self._by_first[words[0]].add(words)
        alone = f"(?<![{_GLUED}])[{''.join(sorted(single))}](?![{_GLUED}])"
        self._alone = re.compile(alone) if single else None

    def stand_in(self, text: str) -> bool:
        """Return whether any of the names stands in `text`."""
        folded = normal(text).casefold()
        words = _WORD.findall(folded)
        for at, word in enumerate(words):
            for name in self._by_first.get(word, ()):
                if tuple(words[at : at + len(name)]) == name:
                    return True
        return self._alone is not None and self._alone.search(folded) is not None


def _words(text: str) -> list[str]:
    return _WORD.findall(normal(text).casefold())
