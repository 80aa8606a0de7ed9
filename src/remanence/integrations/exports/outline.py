"""The outline of a JSON text that may be cut off: what contains what, by the first keys.

A format is recognised by the keys of the first record, without reading the whole file.
"""

import re
from dataclasses import dataclass

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]:,"]|[^\s{}\[\]:,"]+')
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Outline:
    """The beginning of a JSON text."""

    container: str
    """`[` for an array, `{` for an object, empty for anything else."""
    keys: frozenset[str]
    """Keys of the outermost object, or of the first object in the outermost array."""
    inner: frozenset[str]
    """Keys of the objects one level below those of `keys`."""
    kinds: frozenset[str]
    """Values of the keys `type`, `role` and `sender` where they are short texts."""


_KINDS = ("type", "role", "sender")
_EMPTY = Outline("", frozenset(), frozenset(), frozenset())


def outline(head: bytes) -> Outline:
    """Return the outline of a JSON text that begins with `head`."""
    text = head.decode("utf-8", "replace").lstrip(_BOM + " \t\r\n")
    if text[:1] not in ("{", "["):
        return _EMPTY
    scan = _Scan(record_depth=2 if text[0] == "[" else 1)
    for found in _TOKEN.finditer(text):
        if not scan.take(found[0], found[1]):
            break
    return Outline(text[0], frozenset(scan.keys), frozenset(scan.inner_keys), frozenset(scan.kinds))


class _Scan:
    """Follows the brackets of a text, token by token, and notes the keys of its first record."""

    def __init__(self, record_depth: int) -> None:
        self.keys: set[str] = set()
        self.inner_keys: set[str] = set()
        self.kinds: set[str] = set()
        self._record_depth = record_depth
        self._open: list[str] = []
        self._records = 0
        self._key = self._last_text = ""

    def take(self, piece: str, quoted: str | None) -> bool:
        """Take in one token; return False where the first record has ended or breaks off."""
        if quoted is not None:
            self._take_text(quoted)
        elif piece in "{[":
            self._records += piece == "{" and len(self._open) == self._record_depth - 1
            self._open.append(piece)
        elif piece in "}]":
            self._open.pop()
        elif piece == ":":
            self._take_key()
        return piece != '"' and self._records < 2 and bool(self._open)

    def _take_text(self, text: str) -> None:
        if self._key in _KINDS and self._last_text == self._key and self._depth() == 0:
            self.kinds.add(text[:40])
        self._last_text = text[:80]

    def _take_key(self) -> None:
        self._key = self._last_text
        if self._open[-1] == "{" and self._depth() < len(self._levels()):
            self._levels()[self._depth()].add(self._key)

    def _depth(self) -> int:
        """Number of objects around, the record itself not counted."""
        return self._open.count("{") - 1

    def _levels(self) -> tuple[set[str], set[str]]:
        return self.keys, self.inner_keys
