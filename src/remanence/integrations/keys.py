"""Names of other programs as parts of our names: any text, in one line, without our separators."""

import re
from typing import Final
from urllib.parse import unquote

_RESERVED: Final = re.compile(r"[%/*|\x00-\x20\x7f-\x9f\u2028\u2029]")
_EMPTY: Final = "%00"


def escaped(name: str) -> str:
    """Return a name without "/", "*", "|", "%", blanks or controls; never empty.

    >>> escaped("a/b*"), escaped(""), escaped("明")
    ('a%2Fb%2A', '%00', '明')
    """
    return _RESERVED.sub(_code, name) or _EMPTY


def plain(name: str) -> str:
    """Return the name that `escaped` was given."""
    return "" if name == _EMPTY else unquote(name)


def _code(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
