"""Reading a JSON file larger than memory: one array item, or one member of an object, at a time.

It knows JSON's brackets and commas; values are the standard library's to read.
"""

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

CHUNK = 1 << 16  # bytes read at first; more for a value that does not fit
LONGEST = 1 << 28  # characters of one value: beyond, the file is taken to be broken
_SPACE = " \t\r\n\ufeff"


class Broken(Exception):
    """The file is not JSON from here on."""


class Scanner:
    """A place in a JSON text. Every method raises `Broken` when the text is not what it says."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._json = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False
        self.line = 1  # of the value last begun, counted from 1

    def peek(self) -> str:
        """The next character that is not space; "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self.line += self._text[self._at] == "\n"
                self._at += 1
            if not self._more():
                return ""

    def value(self) -> Any:
        """The whole value that begins here."""
        self.peek()
        while True:
            try:
                found, end = self._json.raw_decode(self._text, self._at)
                broken = ""
            except RecursionError as error:
                raise Broken(f"is nested too deeply ({error})") from None
            except json.JSONDecodeError as error:
                broken, end = error.msg, len(self._text)
            # A number at the end of what was read may go on; a value that did not parse, too.
            if end < len(self._text) or not self._more():
                break
        if broken:
            raise Broken(f"is not JSON ({broken}): {self._text[self._at : self._at + 60]!r}")
        self.line += self._text.count("\n", self._at, end)
        self._at = end
        return found

    def items(self) -> Iterator[Any]:
        """The items of the array that begins here."""
        self._take("[")
        if self.peek() == "]":
            self._take("]")
            return
        while True:
            yield self.value()
            if self._take(",]") == "]":
                return

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here;

        the caller reads each value before the next key.
        """
        self._take("{")
        if self.peek() == "}":
            self._take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise Broken(f"has {key!r:.60} where a key was expected")
            self._take(":")
            yield key
            if self._take(",}") == "}":
                return

    def _take(self, expected: str) -> str:
        found = self.peek()
        if not found:
            raise Broken(f"ends where {' or '.join(expected)} was expected: is the file cut off?")
        if found not in expected:
            raise Broken(f"has {found!r} where {' or '.join(expected)} was expected")
        self._at += 1
        return found

    def _more(self) -> bool:
        """Read on, dropping what is behind;

        twice as much each time, so that a long value costs no square.
        """
        if self._ended or len(self._text) - self._at > LONGEST:
            return False
        kept = self._text[self._at :]
        try:
            raw = self._source.read(max(CHUNK, len(kept)))
            self._ended = not raw
            self._text = kept + self._decode(raw, self._ended)
        except UnicodeDecodeError as error:
            raise Broken(f"is not UTF-8 ({error.reason})") from None
        self._at = 0
        return True
