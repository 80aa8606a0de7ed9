"""The reading form of a text: as long as what was written, easier to read.

Full-width letters, typographic quotation marks and traditional characters become plain ones, one
character for one, so that an offset into the reading form is an offset into the text as written,
and what is stored is cut from the latter.
"""

from typing import Final

from remanence.text.han import simplified

_MARKS: Final = {
    **dict(zip(map(ord, "‘’‛ʼ`´′＇"), "''''''''", strict=True)),
    **dict(zip(map(ord, "“”„‟″＂"), '""""""', strict=True)),
    **dict(zip(map(ord, "‐‑‒–—―−"), "-------", strict=True)),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000\t"), " "),
}
_WIDE: Final = {
    code: code - 0xFEE0
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_PLAIN: Final = {**_MARKS, **_WIDE}


def reading(text: str) -> str:
    """`text` in its reading form, as long as it was.

    >>> reading("“臺灣”"), reading("ＮＨＫ")
    ('"台湾"', 'NHK')
    """
    if text.isascii():
        return text.replace("`", "'") if "`" in text and "``" not in text else text
    return simplified(text.translate(_PLAIN))
