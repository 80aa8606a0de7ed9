"""From text to tokens of time, and the string of their kinds that the rules' patterns read.

Kinds, one letter each. Dates: D numeric date, Y bare four-digit number from 1900 to 2099, 年 Chinese
year, M m v month (sure, weak, weakest), 日 day of the month, 周 ISO week, 纪 century, 休 Chinese
weekend, J counted weekdays, N number, o ordinal, d decade, 季 quarter. Units: q quantity with unit,
U x A K unit (week to decade; day or finer; year; weekend), j n-th unit. Near: L last or next, T
this, P past, y yesterday and the like, r Chinese period beside this one, V W z weekday (of a week;
sure; abbreviated), a part of a period, R recently. Times: p part of the day, C clock, S season, c
feast, 期 its holidays, Q g 初 early, middle or late (g before "of"). Joints: G ago, H from now, i n 4
O F prepositions, B before or after, s since, u until, b f & t h range, 前 后 来 l 起 postpositions, Z
every. Between: "," a comma, "_" a few other words, "|" a sentence's end or many words. "#" names no
time. After the rules: E e w k, expressions. Knows the tables of words, and no calendar.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import NamedTuple

from remanence.text import han
from remanence.text.times import chinese, english
from remanence.text.times.english import Word
from remanence.text.times.values import Token

_WIDE = str.maketrans("０１２３４５６７８９／－：’‘～", "0123456789/-:''~")
# No Latin, Greek or other letter or digit touches; Chinese may, for it has no spaces.
_OPEN = r"(?<![^\W\u3007\u3400-\u9fff])(?<![0-9][.,:])"
_SHUT = r"(?![^\W\u3007\u3400-\u9fff])"
_DATE = (
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:T|[ ]{1,2})[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|"
    r"[+-][0-9]{2}:?[0-9]{2})?)?"
    r"|[0-9]{4}(?:/[0-9]{1,2}/|\.[0-9]{1,2}\.)[0-9]{1,2}|[0-9]{4}[-/](?:0?[1-9]|1[0-9])"
    r"|[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}(?:\.[0-9]{1,2}\.|"
    r"-[0-9]{1,2}-)[0-9]{4}"
)
_NUMBER = r"[$€£¥#]?[0-9]{1,20}(?:[.,:/][0-9]{1,20}){0,9}(?:%|[0-9]{1,20}(?=[0-9]))?"
_BETWEEN = re.compile(
    r"(?:'s)?[)）]?[ \t\u00a0\u3000]*([,，、(（]?)[ \t\u00a0\u3000]*(?:the +|的|在|那)?"
)
_STOP = re.compile(r"[.!?。！？;；\n]")
_MODAL = re.compile(r"(?i)[ ]+(?:be|been|have|not|also|well|or[ ]may|i|we|you|he|she|they|it)\b")
_HAN = 0x3007  # below it figures and marks, from it on Chinese characters
_CENTURY = 30  # years of two figures below it are of this century
_FAR = 40  # characters of other words after which two tokens have nothing to do with each other


Reader = Callable[[str], tuple[str, int, int, str]]


def _date(_: str) -> tuple[str, int, int, str]:
    return "D", 0, 0, ""


def _short_year(word: str) -> tuple[str, int, int, str]:
    """A year of two figures, as in '98."""
    value = int(word[1:])
    return "Y", value + (2000 if value < _CENTURY else 1900), 0, ""


def _week(word: str) -> tuple[str, int, int, str]:
    """A week of ISO 8601, as in 2024-W23."""
    return "周", int(word[:4]), int(word[-2:]), ""


def _number(word: str) -> tuple[str, int, int, str]:
    """A year, a number under a thousand, or a figure that is neither: money, decimals."""
    if word.isdecimal() and len(word) == 4 and "1900" <= word < "2100":
        return "Y", int(word), 0, ""
    return ("N", int(word), 0, "") if word.isdecimal() and len(word) < 4 else ("#", 0, 0, "")


def _ordinal(word: str) -> tuple[str, int, int, str]:
    return "o", int(word[:-2]), 0, ""


def _word(word: str) -> tuple[str, int, int, str]:
    """An English word or phrase; kind "" where it says nothing of time."""
    lower = " ".join(word.lower().split())
    kind, n, name = english.WORDS.get(lower, _NONE)
    if kind == "m" and word in {"may", "march"}:
        kind = "v"
    if kind == "z" and word[0].islower():
        kind = ""  # "sat", "sun" and "wed" are words
    return kind, n, 0, name


def _lower(reader: Reader, word: str) -> tuple[str, int, int, str]:
    return reader(word.lower())


def _hanzi(word: str) -> tuple[str, int, int, str]:
    kind, n, name = chinese.WORDS[word]
    return kind, n, 0, name


def _mark(word: str) -> tuple[str, int, int, str]:
    return ("h" if word in "-\u2013\u2014" else "t"), 0, 0, ""


_NONE: Word = ("", 0, "")


class _Table(NamedTuple):
    """Patterns of the expressions that may begin with a letter, a figure or a Chinese character:

    one pattern, a reader a group.
    """

    pattern: re.Pattern[str]
    readers: dict[str, Reader]


class _Lexer(NamedTuple):
    scan: re.Pattern[str]  # finds every place where a word of time may begin
    heads: frozenset[str]  # English words that may begin something longer than themselves
    letters: _Table
    figures: _Table
    hanzi: _Table


def _table(rows: list[tuple[Reader, str]]) -> _Table:
    whole = "|".join(f"(?P<g{index}>{shape})" for index, (_, shape) in enumerate(rows))
    return _Table(re.compile(whole), {f"g{index}": row[0] for index, row in enumerate(rows)})


@cache
def _lexer() -> _Lexer:
    """Compiled at first use:

    it costs tens of milliseconds, which starting the program should not.
    """
    phrases = sorted((word for word in english.WORDS if not word.isalpha()), key=len, reverse=True)
    phrase = "|".join(re.escape(word).replace(r"\ ", "[ ]{1,2}") for word in phrases)
    words = sorted(chinese.WORDS, key=len, reverse=True)
    guards = [chinese.GUARDS.get(word, ("", "")) for word in words]
    shapes: list[tuple[Reader, str]] = [
        (partial(_lower, read), _alone(shape)) for read, shape in english.LEXEMES
    ]
    numbers: list[tuple[Reader, str]] = [
        (read, rf"(?<![0-9.百千万亿])(?:{shape})") for read, shape in chinese.LEXEMES
    ]
    plain = "|".join(f"{a}{word}{b}" for word, (a, b) in zip(words, guards, strict=True))
    heads = {re.split("[^a-z]", word)[0] for word in phrases} | set(english.HEADS)
    first = "".join({word[0] for word in words} | set(chinese.HEADS))
    scan = rf"{_OPEN}(?:[A-Za-z]++{_SHUT}|[qQ](?=[1-4]))|[0-9$€£¥#'~\-–—]|[{first}]"
    return _Lexer(
        re.compile(scan),
        frozenset(heads),
        _table([*shapes, (_word, _alone(f"{phrase}|[a-z]++"))]),
        _table(
            [
                *numbers,
                (_week, _alone("[12][0-9]{3}-?w[0-5][0-9]")),
                (_date, _alone(_DATE)),
                *shapes,
                (_short_year, _alone("'[0-9]{2}")),
                (_ordinal, _alone("[0-9]{1,2}(?:st|nd|rd|th)")),
                (_number, _NUMBER),
                (_mark, "[-–—~]"),
            ]
        ),
        _table([*numbers, (_hanzi, plain)]),
    )


def _alone(shape: str) -> str:
    """The shape in any case, where no letter or digit touches it."""
    return rf"{_OPEN}(?ai:{shape}){_SHUT}"


def _words(text: str) -> Iterator[tuple[int, int, str, tuple[str, int, int, str]]]:
    """Each word of time: where it starts and ends, the word, and what it says."""
    lexer, done = _lexer(), 0
    for place in lexer.scan.finditer(text):
        start, word = place.start(), place.group()
        if start < done:
            continue
        if word[0].isalpha() and word[0].isascii():
            if word.lower() not in lexer.heads:
                if word.lower() in english.WORDS:
                    yield start, place.end(), word, _word(word)
                continue
            table = lexer.letters
        else:
            table = lexer.figures if ord(word[0]) < _HAN else lexer.hanzi
        match = table.pattern.match(text, start)
        if match is not None:
            done, word = match.end(), match.group()
            yield start, done, word, table.readers[match.lastgroup or ""](word)


def tokens(text: str) -> list[Token]:
    """The words of time in `text`, with what lies between them as tokens of their own."""
    if not text.isascii():
        text = han.simplified(text.translate(_WIDE))
    out: list[Token] = []
    for start, end, word, (kind, n, m, name) in _words(text):
        if not kind or (kind in "mv" and word.lower() == "may" and _MODAL.match(text, end)):
            continue
        if out and (gap := _gap(text, out[-1], start)):
            out.append(Token(gap, out[-1].end, start))
        out.append(Token(kind, start, end, word, n, m, name))
    return out


def _gap(text: str, before: Token, start: int) -> str:
    """Return the separator of two tokens:

    "" nothing to speak of, a comma, some words, or too much.
    """
    here = before.end
    if here == start:
        return ""
    if before.kind == "m" and text[here] == "." and len(before.word) < 5:
        here += 1  # "Jan. 5"
    match = _BETWEEN.match(text, here)
    if match is not None and match.end() == start:
        return "," if match.group(1) else ""
    return "|" if start - here > _FAR or _STOP.search(text, here, start) else "_"
