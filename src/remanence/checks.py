"""Checks of arguments: each returns the value, or raises `InvalidInput` with the reason.

It knows no store. Text is kept verbatim, so what cannot be kept verbatim everywhere (NUL, lone
surrogates) is refused rather than mended.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from numbers import Integral
from typing import Any

from remanence.errors import InvalidInput
from remanence.types import Metadata

MAX_TEXT = 32 * 1024 * 1024  # characters in one turn or document
MAX_NAME = 512  # characters in a namespace, id, session or speaker
MAX_METADATA = 256 * 1024  # characters of metadata as JSON
MAX_DEPTH = 32  # lists and objects in one another in metadata
MOST = 10**9  # of anything that is counted: more asks for no more
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # in JSON; after an odd backslash it is text


def text(value: object, name: str = "text") -> str:
    """Text that says something and can be stored as UTF-8."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is {type(value).__name__}, not str: {value!r:.80}")
    if not value or value.isspace():
        raise InvalidInput(f"{name} is empty: there is nothing to remember or look for")
    if len(value) > MAX_TEXT:
        raise InvalidInput(
            f"{name} has {len(value):,} characters, more than {MAX_TEXT:,}; hand it over in pieces"
        )
    if (at := value.find("\0")) >= 0:
        raise InvalidInput(f"{name} has a NUL character at {at}; remove it (is this binary data?)")
    if not value.isascii() and (found := _SURROGATE.search(value)):
        raise InvalidInput(
            f"{name} has the lone surrogate {found[0]!r} at {found.start()}, which is no "
            f"character; "
            "decode the source with errors='replace'"
        )
    return value


def label(value: object, name: str) -> str:
    """A namespace, id, session or speaker: one line of text."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is {type(value).__name__}, not str: {value!r:.80}")
    if not value or value.isspace():
        raise InvalidInput(f"{name} is empty; leave it out or give it a name")
    if len(value) > MAX_NAME:
        raise InvalidInput(
            f"{name} has {len(value):,} characters, more than {MAX_NAME}: {value[:40]!r}..."
        )
    if value.isprintable():  # the common case, at the speed of C; spaces other than " " are not
        return value
    if found := _CONTROL.search(value) or _SURROGATE.search(value):
        raise InvalidInput(
            f"{name}={value!r:.80} has the character {found[0]!r} at {found.start()}; "
            "a name is one line of text"
        )
    return value


def optional_label(value: object, name: str) -> str | None:
    """`label`, or None."""
    return None if value is None else label(value, name)


def count(value: object, name: str) -> int:
    """A whole number of at least 1, numpy's too; `MOST` for any that is larger."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InvalidInput(f"{name}={value!r:.80} is not a whole number")
    if value < 1:
        raise InvalidInput(f"{name}={value} asks for nothing; give 1 or more")
    return min(int(value), MOST)


def share(value: object, name: str) -> float:
    """A number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InvalidInput(f"{name}={value!r:.80} is not a number from 0 to 1")
    return float(value)


def metadata(value: Metadata | None) -> str | None:
    """Metadata as JSON text with sorted keys; None where there is none."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidInput(
            f"metadata is {type(value).__name__}, not a mapping from names to values: "
            f"{_brief(value)}"
        )
    if not value:
        return None
    if odd := [key for key in value if not isinstance(key, str)]:
        raise InvalidInput(f"metadata cannot be kept as JSON: the key {odd[0]!r:.80} is not text")
    encoded = _encoded(value)
    if len(encoded) > MAX_METADATA:
        raise InvalidInput(f"metadata has {len(encoded):,} characters, more than {MAX_METADATA:,}")
    if encoded.count("{") + encoded.count("[") > MAX_DEPTH and _depth(dict(value)) > MAX_DEPTH:
        raise InvalidInput(
            f"metadata={_brief(value)} is nested deeper than {MAX_DEPTH}; flatten it"
        )
    if _SURROGATE.search(encoded) or _ESCAPED_NUL.search(encoded):
        raise InvalidInput(f"metadata={_brief(value)} has a NUL or a lone surrogate; remove it")
    return encoded


def _encoded(value: Metadata) -> str:
    try:
        return json.dumps(
            dict(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"metadata={_brief(value)} cannot be kept as JSON: {error}") from None


def _depth(value: Any) -> int:
    """How many lists and objects stand in one another; `value` has no cycle."""
    depth, layer = 0, [value]
    while layer := [item for item in layer if isinstance(item, (dict, list, tuple))]:
        depth += 1
        layer = [
            inner for item in layer for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def _brief(value: Any) -> str:
    try:
        return repr(value)[:80]
    except RecursionError:
        return f"<{type(value).__name__}>"


def mistyped(values: Any) -> list[str]:
    """Fields of a dataclass that are of another type than their defaults, each as a sentence;

    a whole number may stand for a float.
    """
    found = []
    for name, plain in ((field.name, field.default) for field in fields(values)):
        value, kind = getattr(values, name), type(plain)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if type(value) is not kind and not (kind is float and whole):
            found.append(f"{name}={value!r:.40} is no {kind.__name__}")
    return found
