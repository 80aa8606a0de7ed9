"""Stated causes: "I was late because the bus broke down", 因为下雨，所以比赛取消了.

An edge joins two stretches of one text, the effect and its cause. Nothing is concluded: an edge is
there where words say so, and a chain joins edges whose words meet.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from remanence.apps.ask import chinese, english

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class StatedCause:
    """Two stretches of a text, in characters."""

    effect: Place
    """What happened."""
    cause: Place
    """Why, as stated."""


_CLAUSE: Final = (
    r"(?:i|we|he|she|they|it|there|the|my|our|his|her|their|this|that|nobody|everyone|[A-Z]\w+)\b"
)
_BECAUSE: Final = (
    r"(?:,?\s*(?:and |but )?(?:just |only |simply |mainly |mostly |partly |probably |precisely )?"
    r"(?:because of|because|due to|thanks to|owing to|on account of|as a result of|cuz|'cause))"
)
_ENGLISH: Final = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        ((r"^\s*the (?:main |real |only )?reason (?:that |why |for which "
         r")?(?P<effect>.+?) (?:is|was) (?:that |because )?(?P<cause>.+)$"), re.IGNORECASE),
        ((r"^\s*(?:because of|because|due to|owing to|thanks to|as a result "
         r"of)\s+(?P<cause>.+?),\s+(?P<effect>.+)$"), re.IGNORECASE),
        ((rf"^\s*(?:since|as)\s+(?P<cause>(?-i:{_CLAUSE})(?! (?:then|day|moment)).+?),"
         rf"\s+(?P<effect>(?-i:{_CLAUSE}).+)$"), re.IGNORECASE),
        ((r"^(?P<effect>.+?)\s+(?:was|were|is|are|had been|has been) (?:all |partly |"
         r"mainly )?(?:caused|brought about|triggered) by\s+(?P<cause>.+)$"), re.IGNORECASE),
        (rf"^(?P<effect>.+?){_BECAUSE}\s+(?P<cause>.+)$", re.IGNORECASE),
        ((r"^(?P<effect>.+?),?\s+since\s+(?P<cause>(?-i:(?:I|i|we|he|she|they|it|there|"
         r"my|our|his|her|their)\b).+)$"), re.IGNORECASE),
        ((rf"^(?P<cause>.+?)(?:,\s*(?:and\s+)?so|\s+and so|;\s*(?:so|therefore|hence)|,"
         rf"\s*(?:therefore|hence|which is why|that's why))(?: then)?,"
         rf"?\s+(?P<effect>(?!that\b|much\b|many\b|far\b)(?-i:{_CLAUSE}|I\b).+)$"), re.IGNORECASE),
        ((r"^(?P<cause>.+?),?\s+(?:which |that |has |have |had |eventually |finally |"
         r"directly )*(?:led to|caused|resulted in|brought about|"
         r"triggered)\s+(?P<effect>.+)$"), re.IGNORECASE),
        ((r"^(?P<cause>.+?),?\s+(?:which |that )?(?:made|forced) (?P<effect>(?:me|us|"
         r"him|her|them|[A-Z]\w+) .+)$"), 0),
    )
)  # fmt: skip
_BEFORE: Final = re.compile(
    r"^\s*(?:and )?(?:that(?:'s| is| was)|this is|which is) why\s+(?P<effect>.+)$"
    r"|^\s*(?:so|as a result|therefore|consequently|hence|because of that|because of "
    r"this|for that reason)[, ]\s*(?P<then>(?-i:(?:I|[A-Z]\w+|(?:i|we|he|she|they|it|"
    r"the|my|our|his|her|their|nobody)\b)).+)$",
    re.IGNORECASE,
)  # fmt: skip
_CHINESE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(?:之所以)?(?P<effect>.+?)的(?:主要|真正)?原因(?:是|就是|在于)(?P<cause>.+)$",
        r"^之所以(?P<effect>.+?)[，,]?(?:主要|就|都|全)?是(?:因为|由于)(?P<cause>.+)$",
        r"^(?:就|都|只)?(?:因为|由于)(?P<cause>.+?)[，,]?(?:所以|因此|因而|于是)(?P<effect>.+)$",
        r"^(?:因为|由于)(?P<cause>[^，,]+)[，,](?P<effect>.+)$",
        r"^(?P<effect>.+?)[，,]?(?:主要|就|都|全|只|正)?(?:是)?(?:因为|由于)(?P<cause>.+)$",
        r"^(?P<cause>.+?)[，,](?:所以|因此|于是|因而|结果|以至于|以致|害得)(?P<effect>.+)$",
        r"^(?P<cause>.+?)[，,]?(?:最后|最终|直接|从而|就)?(?:导致|造成|引起|引发|致使|使得)了?(?P<effect>.+)$",
    )
)
_CHINESE_BEFORE: Final = re.compile(
    r"^\s*(?:所以|因此|于是|因而|结果|这就是为什么|这才)[，,]?(?P<effect>.+)$"
)
_TRIMMED: Final = " \t,，.。;；!！:：\"'"
_DEPTH: Final = 4


def stated(text: str) -> Iterator[StatedCause]:
    """Yield the causes that a text states.

    >>> text = "I was late because the bus broke down."
    >>> [text[slice(*each.cause)] for each in stated(text)]
    ['the bus broke down']
    """
    han = any("\u4e00" <= mark <= "\u9fff" for mark in text)
    patterns, before = (_CHINESE, _CHINESE_BEFORE) if han else (_ENGLISH, _BEFORE)
    split = chinese.sentences if han else english.sentences
    previous: Place | None = None
    for place, sentence in split(text):
        if sentence.rstrip().endswith(("?", "？")):
            previous = None
            continue
        whole = _trimmed(text, (place, place + len(sentence)))
        found = before.match(text[slice(*whole)])
        if found is not None and previous is not None:
            name = next(name for name, value in found.groupdict().items() if value)
            effect = (whole[0] + found.start(name), whole[0] + found.end(name))
            yield StatedCause(_trimmed(text, effect), previous)
            yield from _within(text, effect, patterns, _DEPTH)
        else:
            yield from _within(text, whole, patterns, _DEPTH)
        previous = whole


def _within(
    text: str, place: Place, patterns: tuple[re.Pattern[str], ...], depth: int
) -> Iterator[StatedCause]:
    """Yield the causes stated in a stretch of text, and in the stretches that they join."""
    if depth == 0:
        return
    for pattern in patterns:
        found = pattern.match(text[slice(*place)])
        if found is None:
            continue
        effect, cause = (
            _trimmed(text, (place[0] + found.start(name), place[0] + found.end(name)))
            for name in ("effect", "cause")
        )
        if effect[0] < effect[1] and cause[0] < cause[1]:
            yield StatedCause(_first(text, effect, patterns), _last(text, cause, patterns))
            yield from _within(text, cause, patterns, depth - 1)
            yield from _within(text, effect, patterns, depth - 1)
        return


def _first(text: str, place: Place, patterns: tuple[re.Pattern[str], ...]) -> Place:
    """Return the part of an effect that comes first: "A" of "A, so B" and of "A because B"."""
    return min(_halves(text, place, patterns), default=place)


def _last(text: str, place: Place, patterns: tuple[re.Pattern[str], ...]) -> Place:
    """Return the part of a cause that comes last: "B" of "A, so B", but "A" of "A because B"."""
    halves = _halves(text, place, patterns)
    return halves[0] if halves else place


def _halves(text: str, place: Place, patterns: tuple[re.Pattern[str], ...]) -> tuple[Place, ...]:
    """Return the effect and the cause that a stretch of text joins; nothing where it joins none."""
    for pattern in patterns:
        found = pattern.match(text[slice(*place)])
        if found is not None:
            return tuple(
                _trimmed(text, (place[0] + found.start(name), place[0] + found.end(name)))
                for name in ("effect", "cause")
            )
    return ()


def _trimmed(text: str, place: Place) -> Place:
    first, last = place
    while first < last and text[first] in _TRIMMED:
        first += 1
    while last > first and text[last - 1] in _TRIMMED:
        last -= 1
    return first, last
