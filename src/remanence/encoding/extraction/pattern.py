"""A pattern: words that call it, what must follow them, and an example that is its test. It knows
no language.

The right-hand side is a regular expression in which `{relation:kind}` stands for an object of that
kind and `{:kind}` for one that is passed over. `{was_lives_in:place}` is the old value of lives_in;
`{of_directed_by:work}` is a subject, and the words before the pattern are then its object.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

OLD: Final = "was_"
SWAPPED: Final = "of_"
_SLOT: Final = re.compile(r"\{(\w*):(\w+)\}")


@dataclass(frozen=True)
class Pattern:
    """One way to say something.

    `calls` are the words (English) or strings (Chinese) without one of which the pattern cannot
    match. `marks` are the words, of a short vocabulary that each reader defines, for what else is
    special about it. `example` reads "text => subject relation object", spoken by Wei to Sara, or
    prose where it has no I.
    """

    calls: str
    right: str
    example: str
    marks: str = ""
    confidence: float = 0.9

    @cached_property
    def marked(self) -> frozenset[str]:
        """The marks as a set."""
        return frozenset(self.marks.split())


@dataclass(frozen=True)
class Compiled:
    """A pattern with the kind of each of its slots;

    its regular expression is compiled when it is first called.
    """

    pattern: Pattern
    expression: str
    kinds: Mapping[str, str]
    marked: frozenset[str]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Half a second for a whole language at once, so each by itself."""
        return re.compile(self.expression)


def compiled(pattern: Pattern, objects: Mapping[str, str], whole: Callable[[str], str]) -> Compiled:
    """`pattern` with its slots replaced from `objects`;

    `whole` may dress the expression before it is compiled.
    """
    kinds: dict[str, str] = {}

    def slot(found: re.Match[str]) -> str:
        name, kind = found.groups()
        if not name:
            return f"(?:{objects[kind]})"
        kinds[name] = kind
        return f"(?P<{name}>{objects[kind]})"

    expression = whole(_SLOT.sub(slot, pattern.right))
    return Compiled(pattern, expression, kinds, pattern.marked)


def by_call(patterns: Iterable[Compiled]) -> dict[str, tuple[Compiled, ...]]:
    """Each calling word to the patterns that it calls, in the order of the table."""
    found: dict[str, list[Compiled]] = {}
    for one in patterns:
        for word in one.pattern.calls.split():
            found.setdefault(word, []).append(one)
    return {word: tuple(called) for word, called in found.items()}
