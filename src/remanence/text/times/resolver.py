"""Runs the levels of rules over the tokens of a text and places the outcome in UTC.

At each place the longest match wins, then the rule that stands first. A match that names no date
blocks its words, so that no part of "February 30" is read alone. Knows neither words nor dates.
"""

import re
from datetime import UTC, datetime
from functools import cache, partial

from remanence.text.times.lexer import tokens
from remanence.text.times.rules import LEVELS
from remanence.text.times.values import FIRST, LAST, Found, Frame, Interval, Rule, Span, Token

_EXPRESSIONS = frozenset("Eewk")
# Kinds that can begin or make an expression; a text with none of them has no span.
_BEARING = frozenset("DYMmv年日dq季UAxKryVWzaRScpJ纪周休")


def spans(text: str, reference: datetime) -> tuple[Span, ...]:
    """The time expressions in `text`, in order and without overlap, relative to `reference`.

    A naive reference is taken as UTC. Never raises for any text; the rules of reading are in the
    package's docstring.
    """
    row = tokens(text)
    if not any(token.kind in _BEARING for token in row):
        return ()
    zone = reference.tzinfo or UTC
    frame = Frame(reference.replace(tzinfo=None), zone)
    for level in _levels():
        row = _pass(row, level, frame)
    found = (_placed(token, text, frame) for token in row if token.kind in _EXPRESSIONS)
    return tuple(span for span in found if span is not None)


_Level = dict[str, list[tuple[re.Pattern[str], Rule]]]


@cache
def _levels() -> tuple[_Level, ...]:
    """The rules of each level, compiled, by the kind their match begins with."""
    out: list[_Level] = []
    for rules in LEVELS:
        level: _Level = {}
        for rule in rules:
            for pattern in rule.pattern.split():
                compiled = re.compile(pattern)
                for kind in _opening(pattern):
                    level.setdefault(kind, []).append((compiled, rule))
        out.append(level)
    return tuple(out)


_ITEM = re.compile(r"\(\?<[=!](?:[^()]|\([^()]*\))*\)|(\[[^\]]+\]|.)([?*+]?)")


def _opening(pattern: str) -> set[str]:
    """The kinds with which a match of `pattern` may begin:

    its first items, up to one not optional.
    """
    kinds: set[str] = set()
    for item in _ITEM.finditer(pattern):
        if item.group(1) is None:
            continue
        kinds |= set(item.group(1).strip("[]"))
        if item.group(2) not in {"?", "*"}:
            break
    return kinds


def _pass(row: list[Token], level: _Level, frame: Frame) -> list[Token]:
    """One level over the tokens:

    each match becomes one token, an expression or a blocked stretch.
    """
    kinds = "".join(token.kind for token in row)
    out: list[Token] = []
    at = 0
    while at < len(row):
        candidates = level.get(kinds[at])
        merged, width = _longest(row, kinds, at, candidates, frame) if candidates else (None, 1)
        out.append(merged or row[at])
        at += width
    return out


def _longest(
    row: list[Token],
    kinds: str,
    at: int,
    candidates: list[tuple[re.Pattern[str], Rule]],
    frame: Frame,
) -> tuple[Token | None, int]:
    """The longest match that has a reading, as a token, and how many tokens it takes up."""
    matches = [(match.end(), rule) for p, rule in candidates if (match := p.match(kinds, at))]
    matches.sort(key=lambda pair: -pair[0])
    for end, rule in matches:
        found = Found(row[at:end])
        first, last = row[at].start, row[end - 1].end
        try:
            interval = rule.read(frame, found)
        except (ValueError, OverflowError):  # the calendar has no such date: its words say nothing
            return Token("#", first, last), end - at
        if interval is not None:
            kind = "E" if rule.kind == "e" and interval.explicit else rule.kind
            again = partial(_again, rule, found)
            return Token(kind, first, last, found=interval, again=again), end - at
    return None, 1


def _again(rule: Rule, found: Found, frame: Frame) -> Interval | None:
    return rule.read(frame, found)


def _placed(token: Token, text: str, frame: Frame) -> Span | None:
    """The token's interval in UTC; None where it lies outside the years that Python can hold."""
    interval = token.found
    if interval is None:
        return None
    try:
        start, end = _utc(interval.start, frame), _utc(interval.end, frame)
    except OverflowError:
        return None
    if start >= end:  # a clock set forward can swallow an hour
        return None
    words = text[token.start : token.end]
    return Span(start, end, words, (token.start, token.end), interval.grain, interval.explicit)


def _utc(when: datetime, frame: Frame) -> datetime:
    if when in (FIRST, LAST):
        return when.replace(tzinfo=UTC)
    return when.replace(tzinfo=frame.zone).astimezone(UTC)
