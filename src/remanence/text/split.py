"""Cutting a long text into episodes. It knows where a text may be cut, not what it says.

The pieces, joined, are the text: nothing is added, dropped or trimmed.
"""

import re

WHOLE = 4_000  # characters up to which a text stays one episode
PIECE = 1_600  # about how long a piece of a longer text is

# Where to cut, best first: after a blank line, a line, a sentence, a clause, a word.
_CUTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n[ \t\u3000]*\n\s*",
        r"\n\s*",
        r"[.!?]+[\"'\u201d\u2019)\]]*\s+|[\u3002\uff01\uff1f\u2026]+[\"'\u201d\u2019\u300d\u300f\uff09]*\s*",
        r"[,;:]\s+|[\uff0c\uff1b\uff1a\u3001]",
        r"\s+",
    )
)


def split(text: str) -> list[str]:
    """`text` itself if it is short, else pieces of about `PIECE` characters, cut where it may be.

    >>> split("One sentence.")
    ['One sentence.']
    """
    if len(text) <= WHOLE:
        return [text]
    pieces: list[str] = []
    start = 0
    while len(text) - start > PIECE + PIECE // 2:
        end = _cut(text, start)
        if pieces and text[start:end].isspace():
            pieces[-1] += text[start:end]  # a piece must say something
        else:
            pieces.append(text[start:end])
        start = end
    rest = text[start:]
    if rest.isspace():
        pieces[-1] += rest
    else:
        pieces.append(rest)
    if pieces[0].isspace():
        pieces[:2] = ["".join(pieces[:2])]
    return pieces


def _cut(text: str, start: int) -> int:
    """Return the end of the piece that begins at `start`: the last best cut in the window."""
    low, high = start + PIECE // 2, start + PIECE
    for pattern in _CUTS:
        ends = [found.end() for found in pattern.finditer(text, low, high)]
        if ends:
            return ends[-1]
    return high
