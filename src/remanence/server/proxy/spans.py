"""Positions of values in a JSON text, so that a value is inserted without rewriting the rest.

A request is changed in one place and is equal to the byte everywhere else: numbers keep their
digits, escapes and white space stay, and with them a provider's prompt cache. It knows JSON (RFC
8259) and nothing of messages. The naive twin is `json.loads`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WHITE = re.compile(r"[ \t\n\r]*")
_decoder = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Span:
    """A value, and where in the text it stands:

    `text[start:end]`. `key` is its name in an object.
    """

    value: Any
    start: int
    end: int
    key: str = ""


def _skip(text: str, at: int) -> int:
    return _WHITE.match(text, at).end()  # type: ignore[union-attr]  # it also matches nothing


def _value(text: str, at: int, key: str = "") -> Span:
    start = _skip(text, at)
    value, end = _decoder.raw_decode(text, start)
    return Span(value, start, end, key)


def _after_opening(text: str, at: int, opening: str, closing: str) -> int | None:
    """The place of the first item of what opens at `at`, or None if it is empty."""
    at = _skip(text, at)
    if text[at : at + 1] != opening:
        raise ValueError(f"no {opening} at {at}")
    at = _skip(text, at + 1)
    return None if text[at : at + 1] == closing else at


def members(text: str, at: int = 0) -> Iterator[Span]:
    """The members of the object that begins at `at`. Raises `ValueError` (or `RecursionError`)."""
    place = _after_opening(text, at, "{", "}")
    while place is not None:
        key = _value(text, place)
        colon = _skip(text, key.end)
        if not isinstance(key.value, str) or text[colon : colon + 1] != ":":
            raise ValueError(f"no name and colon at {place}")
        member = _value(text, colon + 1, key.value)
        yield member
        place = _next(text, member.end, "}")


def elements(text: str, at: int = 0) -> Iterator[Span]:
    """The elements of the array that begins at `at`. Raises `ValueError` (or `RecursionError`)."""
    place = _after_opening(text, at, "[", "]")
    while place is not None:
        element = _value(text, place)
        yield element
        place = _next(text, element.end, "]")


def _next(text: str, at: int, closing: str) -> int | None:
    at = _skip(text, at)
    mark = text[at : at + 1]
    if mark == ",":
        return at + 1
    if mark == closing:
        return None
    raise ValueError(f"neither a comma nor {closing} at {at}")


def member(text: str, name: str, at: int = 0) -> Span | None:
    """The member `name`, the last one if it stands there twice, as `json.loads` has it."""
    found = None
    for each in members(text, at):
        if each.key == name:
            found = each
    return found


def inside(text: str) -> str:
    """`text` as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def put(text: str, *pieces: tuple[int, str]) -> str:
    """`text` with each piece put in at its place (places of the old text, rising)."""
    parts = []
    last = 0
    for place, piece in pieces:
        parts += [text[last:place], piece]
        last = place
    return "".join([*parts, text[last:]])
