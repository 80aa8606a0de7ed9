"""How spoken Chinese says each relation: a table of frames, from `frames.txt`.

A frame is tried where the predicate of a clause begins, and must reach its end. Its first line has
the strings without one of which it cannot match; then, indented, a regular expression, an example,
and marks. `{relation:kind}` is a slot; `<DUR>`, `<DEG>` and the like are lists of `lexicon`.

Marks: `deny` a negation is stated as a denial; `event` happens once, 以前 does not end it; `taste`
not liking is disliking; `plan` a modal or a time to come must stand before; `free` a modal may;
`self` only of the speaker; `often` a frequency must stand before; `ask` a request states it too;
`able` 会 must stand before; `open` it need not reach the end; `begin`, `end`, `replace` what has
changed. The other marks name a function of `finish.SPECIAL`.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Final

from remanence.encoding.extraction.chinese_talk.kinds import KINDS
from remanence.encoding.extraction.chinese_talk.lexicon import LEXICON, expanded
from remanence.encoding.extraction.pattern import Compiled, Pattern, compiled

__all__ = ["called", "frames", "patterns"]

_END: Final = f"(?:{LEXICON['PARTICLES']})*$"
_EXPRESSIONS: Final = {name: kind.expression for name, kind in KINDS.items()}


def _blocks() -> Iterator[list[str]]:
    text = (resources.files(__package__) / "frames.txt").read_text(encoding="utf-8")
    block: list[str] = []
    for line in text.splitlines():
        if not line or line[0] == "#":
            continue
        if line[0] != " ":
            if block:
                yield block
            block = []
        block.append(line.strip())
    yield block


@cache
def patterns() -> tuple[Pattern, ...]:
    """The rows of the table, in order; the first that fits is taken."""
    return tuple(
        Pattern(_words(calls), expanded(right), example, " ".join(marks))
        for calls, right, example, *marks in _blocks()
    )


def _words(calls: str) -> str:
    """Calling strings, with a list of the lexicon as the strings that it holds."""
    whole = expanded(calls).replace("|", " ") if "<" in calls else calls
    return re.sub(r"\[[^\]]*\](?:\{[\d,]+\})?|\\|.\?", "", whole)


@cache
def frames() -> tuple[Compiled, ...]:
    """The rows, ready to be matched."""
    return tuple(
        compiled(row, _EXPRESSIONS, str if "open" in row.marked else _whole) for row in patterns()
    )


def _whole(expression: str) -> str:
    return expression + _END


@cache
def _calls() -> dict[str, tuple[tuple[str, frozenset[int]], ...]]:
    """First character -> the calling strings that begin with it, with the frames that they call."""
    places: dict[str, set[int]] = {}
    for place, row in enumerate(patterns()):
        for call in row.calls.split():
            places.setdefault(call, set()).add(place)
    found: dict[str, list[tuple[str, frozenset[int]]]] = {}
    for call, rows in places.items():
        found.setdefault(call[0], []).append((call, frozenset(rows)))
    return {first: tuple(calls) for first, calls in found.items()}


def called(clause: str) -> list[Compiled]:
    """The frames that strings of the clause call, in the order of the table."""
    calls, places = _calls(), set[int]()
    for first in calls.keys() & set(clause):
        for call, rows in calls[first]:
            if len(call) == 1 or call in clause:
                places |= rows
    rows_of = frames()
    return [rows_of[place] for place in sorted(places)]
