"""Index terms, shape flags and scripts of a text.

How a text of any language becomes terms for the lexical index (`terms`), a term its 32-bit key
(`hash32`), a turn its small integer of shape flags (`shape`), and a text its share of letters per
script (`scripts`). It does not know queries, scores, storage or speakers.

Words are stemmed with Snowball (M. F. Porter, "Snowball: a language for stemming algorithms",
2001), in the language of their script; those of the Latin script in the language that the text's
function words betray, English in doubt. Chinese is cut by jieba's search segmentation; kana, Hangul
and the scripts without spaces become overlapping character pairs.
"""

import re
import threading
import unicodedata
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache, partial
from itertools import chain, groupby, pairwise
from typing import Final

import Stemmer

from remanence.text import function_words
from remanence.text.function_words import FUNCTION_WORDS, REQUESTING
from remanence.text.han import simplified
from remanence.text.irregular import BASE_FORMS

_CACHE_LIMIT: Final = 200_000  # distinct chunks kept; a chunk with its terms is about 150 bytes
VERSION: Final = (
    "4"  # of what `terms`, `hash32` and `shape` give; raise it whenever any of them changes
)
_LONGEST: Final = (
    64  # a term longer than this (base64, hashes) is cut; it would never be typed in a query
)

# One chunk of an ASCII text: letters and digits, joined by marks that identifiers, e-mail addresses,
# versions, dates, numbers and contractions carry inside.
# Before them: names such as C++ and F#, and the sign of a currency before its amount.
_SIGNED: Final = r"\b[A-Za-z](?:\+\+|#)(?!\w)|[$€£¥₹₩₽](?=\d)"
_ASCII_CHUNK: Final = re.compile(_SIGNED + r"|[A-Za-z0-9_]+(?:[.,'@:/+\-]+[A-Za-z0-9_]+)*")
# Combining marks and the Indic and South-East Asian vowel signs, which `\w` leaves out.
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0963\u0971-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u109d\u17b4-\u17d3"
)
_PICTURE: Final = (
    "[\u2600-\u27bf\U0001f300-\U0001f3fa\U0001f400-\U0001faff]"  # emoji; no skin tones
)
_CHUNK: Final = re.compile(rf"{_SIGNED}|{_PICTURE}|[\w{_MARKS}]+(?:[.,'@:/+\-]+[\w{_MARKS}]+)*")
_SIGN: Final = re.compile(rf"[A-Za-z](?:\+\+|#)|[$€£¥₹₩₽]|{_PICTURE}")
_STEMS: Final = "dollar euro pound yen rupe won rubl"
_CURRENCIES: Final = dict(zip("$€£¥₹₩₽", _STEMS.split(), strict=True))
"""Sign -> the stem of the currency's English name: "€40" and "40 euros" share their terms."""
ATOM: Final = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFIER: Final = re.compile(r"[^\W\d]\w*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*")
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_JOINED_WHOLE: Final = re.compile(
    r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"  # e-mail address
    r"|v?\d+(?:[.:/\-]\d+)+[a-z]?\w*"  # version, date, clock time, decimal number
    r"|[a-z]+\-?\d+(?:[.\-]\w+)*"  # part number
    r"|(?:https?://)?[\w\-]+(?:\.[\w\-]+)+(?:/[\w\-./]*)?",  # host or address
    re.IGNORECASE,
)
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
ENGLISH: Final = "english"  # the language of Latin words in doubt
_TOUCHING: Final = ".,;:!?()\"'¿¡«»"


def table(text: str, mark: str | None = None) -> frozenset[str]:
    """A set of words, written as one string."""
    return frozenset(text.split(mark))


# Where each script's letters lie: first and last code point, name.
_RANGES: Final = tuple(
    (int(first, 16), int(last, 16), name)
    for first, last, name in map(
        str.split,
        table(
            """0041 024f latin; 0370 03ff greek; 0400 052f cyrillic; 0530 058f armenian; 0590 05ff hebrew;
            0600 077f arabic; 0900 097f devanagari; 0b80 0bff tamil; 0e00 0e7f thai; 0e80 0eff lao; 1000 109f myanmar;
            1100 11ff hangul; 1780 17ff khmer; 1e00 1eff latin; 1f00 1fff greek; 3005 3007 han; 3040 309f hiragana;
            30a0 30ff katakana; 3100 312f bopomofo; 3400 4dbf han; 4e00 9fff han; ac00 d7af hangul; f900 faff han;
            fb50 fdff arabic; fe70 feff arabic; 20000 323af han""",
            ";",
        ),
    )
)
_STEMMED: Final = {
    "cyrillic": "russian",
    "greek": "greek",
    "armenian": "armenian",
    "arabic": "arabic",
    "devanagari": "hindi",
    "tamil": "tamil",
}
# Scripts written without spaces between words, or (Hangul) with particles glued to them.
_PAIRED: Final = frozenset(
    {"hiragana", "katakana", "hangul", "thai", "lao", "myanmar", "khmer", "bopomofo"}
)
_FOLDED: Final = frozenset(
    {"latin", "greek", "cyrillic", "arabic", "hebrew"}
)  # drop accents, vowel signs

# Shape flags of a turn; `shape` returns their sum.
QUESTION: Final = 1  # asks something somewhere
ENDS_ASKING: Final = 2  # its last sentence asks, so the next turn is likely the answer
NUMBER: Final = 4  # a digit or a number word
DATE: Final = 8  # a word of time: weekday, month, year, "yesterday", "last week"
GREETING: Final = 16  # opens with a greeting, thanks or praise
NAME: Final = 32  # a capitalised word inside a sentence, or something quoted
REQUEST: Final = 64  # opens by asking for something, with or without a question mark

STOP_WORDS: Final = function_words.STOP_WORDS
DATE_WORDS: Final = table(
    """
    yesterday today tomorrow tonight last next ago since weekend week weeks month months year years monday tuesday
    wednesday thursday friday saturday sunday january february march april june july august september october
    november december recently soon morning evening spring summer autumn winter
    """
)
_NUMBER_WORDS: Final = table(
    "one two three four five six seven eight nine ten eleven twelve dozen hundred thousand twice once several couple "
    "first second third"
)
_GREETING_WORDS: Final = table(
    "hey hi hello thanks thank wow congrats congratulations bye take good great awesome cool that's you're glad "
    "sounds yeah yes no"
)
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_INNER_NAME: Final = re.compile(r'[a-z,;:] [A-Z][a-z]|["“”《「]')
_ZH_DATE: Final = re.compile(
    r"[昨今明前后]天|[上下这本]个?[周月]|[去今明前后]年|周[一二三四五六日末]|星期|[0-9一二三四五六七八九十][年月日号点]"
)
_ZH_NUMBER: Final = re.compile(r"[一二三四五六七八九十百千万两]")
_ZH_GREETING: Final = re.compile(r"^(?:你好|您好|嗨|哈喽|谢谢|多谢|早上好|晚上好|再见|好的|嗯)")


_lock = threading.RLock()  # Snowball's and jieba's objects are not made for two threads


@cache
def _segmenter() -> Callable[[str], Iterator[str]]:
    """Search segmentation by dictionary alone: a guess at an unknown word differs between query and document.

    Built in memory, because jieba's own cache is a marshal file in a folder that others can write.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old escapes and pkg_resources, at import only
        import jieba
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return partial(tokenizer.cut_for_search, HMM=False)


@lru_cache(maxsize=65_536)
def script(character: str) -> str:
    """The script of one character, `""` for digits, marks, spaces and scripts outside the table."""
    if not character.isalpha() and not unicodedata.category(character).startswith("M"):
        return ""
    point = ord(character)
    for first, last, name in _RANGES:
        if first <= point <= last:
            return name
    return "other"


def scripts(text: str) -> Mapping[str, float]:
    """Share of the letters of `text` in each script; shares sum to 1, empty where there are no letters."""
    if text.isascii():
        return {"latin": 1.0} if any(map(str.isalpha, text)) else {}
    counts: dict[str, int] = {}
    for character in text:
        if character.isalpha():
            name = script(character)
            counts[name] = counts.get(name, 0) + 1
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


def normal(text: str) -> str:
    """`text` in NFKC without format characters (direction marks, joiners, byte-order mark, soft hyphens)."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    return "".join(c for c in text if unicodedata.category(c) != "Cf").replace("’", "'")


@lru_cache(maxsize=65_536)
def hash32(term: str) -> int:
    """CRC-32 (ISO 3309) of the term's UTF-8: the same on every machine and in every version."""
    return zlib.crc32(term.encode())


def terms(text: str) -> list[str]:
    """Index terms of `text`, in order, repeated as often as they occur.

    A document and a query go through this same function. Stop words are left out; a compound kept whole
    (`user_id`, `parseJson`, `2023-05-08`) is followed by its parts.
    """
    if text.isascii():
        pieces = text.split()
        own = _foreign(text) if len(pieces) > 1 else ENGLISH
        if own == ENGLISH:
            # No chunk holds a space: what stands between spaces is looked up with its marks.
            return list(chain.from_iterable(map(_spaced.__getitem__, pieces)))
        return list(chain.from_iterable(map(_of(own).__getitem__, _CHUNK.findall(text))))
    found: list[str] = []
    text = normal(text)
    japanese, own = _is_japanese(text), _foreign(text)
    chunks = _of(own)
    for chunk in _CHUNK.findall(text):
        if chunk.isascii():
            found += chunks[chunk]
        else:
            short = len(chunk) <= _LONGEST
            read = _mixed if short else _mixed.__wrapped__
            found += read(chunk, japanese=japanese, language=own)
    return found


def _foreign(text: str) -> str:
    """The language of a text in the Latin script, as Snowball names it."""
    said = [word.strip(_TOUCHING) for word in text.lower().split()]
    return function_words.language(said, STOP_WORDS)


@lru_cache(maxsize=16_384)
def _mixed(chunk: str, *, japanese: bool, language: str) -> tuple[str, ...]:
    """The terms of a chunk that is not ASCII alone, run by run."""
    found: list[str] = []
    for name, run in _runs(chunk):
        if name == "han":
            found += _pairs(simplified(run)) if japanese else _chinese(simplified(run))
        else:
            found += _of(language)[run]
    return tuple(found)


def _is_japanese(text: str) -> bool:
    """At least one kana to four Han characters; a Chinese text may quote a Japanese name."""
    kana = len(_KANA.findall(text))
    return kana > 0 and 4 * kana >= len(_HAN.findall(text))


class _Chunks(dict[str, tuple[str, ...]]):
    """Chunk -> its terms in one language; a chunk seen before costs one lookup.

    It is emptied when full: words come back at once.
    """

    def __init__(self, language: str) -> None:
        self.language = language

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        with _lock:
            found = tuple(_split(chunk, self.language))
            if len(chunk) <= _LONGEST:
                if len(self) >= _CACHE_LIMIT:
                    self.clear()
                self[chunk] = found
        return found


class _Spaced(dict[str, tuple[str, ...]]):
    """Map each chunk between spaces of an ASCII text -> the terms of its chunks; kept as `_Chunks` are."""

    def __missing__(self, word: str) -> tuple[str, ...]:
        chunks = _ASCII_CHUNK.findall(word)
        if len(word) > _LONGEST:
            return tuple(chain.from_iterable(map(_chunks.__getitem__, chunks)))
        with _lock:
            found = tuple(chain.from_iterable(map(_split, chunks)))
            if len(self) >= _CACHE_LIMIT:
                self.clear()
            self[word] = found
        return found


_chunks = _Chunks(ENGLISH)
_spaced = _Spaced()
_foreign_chunks = {language: _Chunks(language) for language in FUNCTION_WORDS}


def _of(language: str) -> _Chunks:
    """The terms of chunks of a language."""
    return _foreign_chunks.get(language, _chunks)


_stemmers: dict[str, Stemmer.Stemmer] = {}


def _runs(chunk: str) -> list[tuple[str, str]]:
    """Cuts a chunk where the script changes to, from or between scripts without spaces; 'x' + Han splits."""
    pieces = [(name, "".join(run)) for name, run in groupby(chunk, _unspaced)]
    return [(name, run if name else run.strip(".,'@:/+-")) for name, run in pieces]


def _unspaced(character: str) -> str:
    """The script of a character where it has no spaces; "" for words, digits and joining marks, which stay together."""
    name = script(character)
    return name if name in _PAIRED or name == "han" else ""


def _chinese(run: str) -> tuple[str, ...]:
    """Words of a run of Han characters, and the shorter words inside them, without stop words."""
    return _cut(run) if len(run) <= _LONGEST else _cut.__wrapped__(run)


@lru_cache(maxsize=16_384)
def _cut(run: str) -> tuple[str, ...]:
    with _lock:
        cut = list(_segmenter()(run))
    found = [word for word in cut if word not in STOP_WORDS]
    # What the dictionary lacks (names, traditional and Japanese words) falls apart into characters.
    found += [
        first + second
        for first, second in pairwise(cut)
        if len(first) == len(second) == 1 and STOP_WORDS.isdisjoint((first, second))
    ]
    return tuple(found)


def _pairs(run: str) -> list[str]:
    """Overlapping pairs of characters; a lone character is its own term."""
    letters = [c for c in run if c.isalnum() or unicodedata.category(c).startswith("M")]
    if len(letters) < 2:
        return ["".join(letters)] if letters else []
    return [a + b for a, b in pairwise(letters)]


def _split(chunk: str, language: str = ENGLISH) -> Iterator[str]:
    """Terms of one chunk without spaces: whole where its form carries meaning, then its parts, stemmed."""
    name = script(chunk[0]) if chunk else ""
    if _SIGN.fullmatch(chunk):
        yield _CURRENCIES.get(chunk, chunk.casefold())
        return
    if name in _PAIRED:
        yield from (word for word in _pairs(chunk) if word not in STOP_WORDS)
        return
    if _GROUPED.fullmatch(chunk):
        chunk = chunk.replace(",", "")
    if _IDENTIFIER.fullmatch(chunk):
        yield chunk.casefold()[:_LONGEST]
        for part in _CAMEL.findall(chunk):
            yield from _stem(part, language)
        return
    atoms = ATOM.findall(chunk)
    if len(atoms) > 1 and "'" not in chunk and _JOINED_WHOLE.fullmatch(chunk):
        yield chunk.casefold()[:_LONGEST]
        atoms = [atom for atom in atoms if len(atom) > 2]
    if (
        "'" in chunk
    ):  # a contraction: what follows the mark is grammar (s, t, re, ll), or, after d' l', the word
        atoms = [atom for atom in atoms if len(atom) > 2 or atom.isdigit() or len(atoms[0]) < 2]
        atoms = [] if chunk.casefold() == "won't" else atoms
    for atom in atoms:
        yield from _stem(atom, language)


def _stem(word: str, language: str = ENGLISH) -> Iterator[str]:
    folded = word.casefold()
    name = script(folded[0]) if folded else ""
    if name in _FOLDED and not folded.isascii():
        decomposed = unicodedata.normalize("NFD", folded)
        folded = unicodedata.normalize(
            "NFC",
            "".join(c for c in decomposed if unicodedata.category(c) != "Mn" or name == "cyrillic"),
        )
    if not folded or (folded in STOP_WORDS and not (len(word) > 1 and word.isupper())):
        return  # but US, IT and WHO are names
    if folded in FUNCTION_WORDS.get(language, ()):
        return
    own = language if name == "latin" else _STEMMED.get(name)
    if own is None or not folded.isalpha():
        yield folded[:_LONGEST]
        return
    stemmer = _stemmers.get(own)
    if stemmer is None:
        stemmer = _stemmers[own] = Stemmer.Stemmer(own, 0)  # 0: our own cache is above it
    base = BASE_FORMS.get(folded, folded) if own == ENGLISH else folded
    yield stemmer.stemWord(base)[:_LONGEST]


def shape(text: str) -> int:
    """Flags of one turn (`QUESTION` ... `NAME`), a small integer stored beside it."""
    flags = 0
    if "?" in text or "？" in text:
        flags |= QUESTION
        said = text.rstrip()
        if said.endswith("]"):  # a note on what was shared, as in "Look? [a photo]", is not speech
            said = said[: said.rfind("[")].rstrip()
        if said.endswith(("?", "？")):
            flags |= ENDS_ASKING
    if REQUESTING.search(text):
        flags |= REQUEST
    words = _WORD.findall(text.lower())
    if words and words[0] in _GREETING_WORDS:
        flags |= GREETING
    digits = any(map(text.__contains__, "0123456789"))
    if not DATE_WORDS.isdisjoint(words) or (digits and _YEAR.search(text)):
        flags |= DATE
    if digits or not _NUMBER_WORDS.isdisjoint(words):
        flags |= NUMBER
    if _INNER_NAME.search(text):
        flags |= NAME
    if not text.isascii():
        flags |= DATE if _ZH_DATE.search(text) else 0
        flags |= NUMBER if _ZH_NUMBER.search(text) else 0
        flags |= GREETING if _ZH_GREETING.search(text) else 0
    return flags
