"""Whether a text has one of some names in it, as whole words. It knows words, not who is meant.

Words are compared without case, width or punctuation, so "J. SMITH" stands in "said j smith." and not in "blacksmith"; a Chinese
name stands wherever its characters do, because nothing marks where a Chinese word ends.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from remanence.encoding.linking import names
from remanence.text.words import normal

_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W_\u3040-\u30ff\u3400-\u9fff]+")


class Mentions:
    """Looks for `spellings`; many cost no more than few."""

    def __init__(self, spellings: Iterable[str]) -> None:
        given = set(spellings)
        self.keys = {names.key(name) for name in given} - {""}
        self._by_first: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for name in given | self.keys:
            words = tuple(_words(name))
            if words:
                self._by_first[words[0]].add(words)

    def stand_in(self, text: str) -> bool:
        """Whether any of the names stands in `text`."""
        words = _words(text)
        for at, word in enumerate(words):
            for name in self._by_first.get(word, ()):
                if tuple(words[at : at + len(name)]) == name:
                    return True
        return False


def _words(text: str) -> list[str]:
    return _WORD.findall(normal(text).casefold())
