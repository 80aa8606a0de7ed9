"""Index terms, shape flags and scripts of a text.

What lives here: how a text of any language becomes terms for the lexical index (`terms`), a term its
32-bit key (`hash32`), a turn its small integer of shape flags (`shape`), and a text its share of
letters per script (`scripts`). It does not know queries, scores, storage or speakers.

Latin, Cyrillic, Greek, Arabic, Armenian, Devanagari and Tamil words are stemmed with Snowball (M. F. Porter,
"Snowball: a language for stemming algorithms", 2001), chosen by script alone. Chinese is cut by jieba's search
segmentation; kana, Hangul and the scripts without spaces become overlapping character pairs.
"""

import re
import threading
import unicodedata
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import Stemmer  # type: ignore[import-untyped]

_CACHE_LIMIT: Final = 200_000  # distinct chunks kept; a chunk with its terms is about 150 bytes
VERSION: Final = "1"  # of what `terms`, `hash32` and `shape` give; raise it whenever any of them changes
_LONGEST: Final = 64  # a term longer than this (base64, hashes) is cut; it would never be typed in a query

# One chunk of an ASCII text: letters and digits, joined by marks that identifiers, e-mail addresses,
# versions, dates, numbers and contractions carry inside.
_ASCII_CHUNK: Final = re.compile(r"[A-Za-z0-9_]+(?:[.,'@:/+\-]+[A-Za-z0-9_]+)*")
# Combining marks and the Indic and South-East Asian vowel signs, which `\\w` leaves out.
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0963\u0971-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u109d\u17b4-\u17d3"
)
_CHUNK: Final = re.compile(rf"[\w{_MARKS}]+(?:[.,'@:/+\-]+[\w{_MARKS}]+)*")
_ATOM: Final = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
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

# Where each script's letters lie: (first, last, name), in code-point order.
_RANGES: Final = (
    (0x0041, 0x024F, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x077F, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x1000, 0x109F, "myanmar"),
    (0x1100, 0x11FF, "hangul"),
    (0x1780, 0x17FF, "khmer"),
    (0x1E00, 0x1EFF, "latin"),
    (0x1F00, 0x1FFF, "greek"),
    (0x3005, 0x3007, "han"),
    (0x3040, 0x309F, "hiragana"),
    (0x30A0, 0x30FF, "katakana"),
    (0x3100, 0x312F, "bopomofo"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFF, "arabic"),
    (0x20000, 0x323AF, "han"),
)
_STEMMED: Final = {
    "latin": "english",
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
_FOLDED: Final = frozenset({"latin", "greek", "cyrillic", "arabic", "hebrew"})  # drop accents, vowel signs

# Shape flags of a turn; `shape` returns their sum.
QUESTION: Final = 1  # asks something somewhere
ENDS_ASKING: Final = 2  # its last sentence asks, so the next turn is likely the answer
NUMBER: Final = 4  # a digit or a number word
DATE: Final = 8  # a word of time: weekday, month, year, "yesterday", "last week"
GREETING: Final = 16  # opens with a greeting, thanks or praise
NAME: Final = 32  # a capitalised word inside a sentence, or something quoted

# What kind of answer a query asks for; `Query.asks` is their sum.
WHEN: Final = 1
WHERE: Final = 2
WHO: Final = 4
HOW_MANY: Final = 8
YES_NO: Final = 16
LIST: Final = 32

STOP_WORDS: Final = frozenset(
    """
    a an the and or but if so than that this these those there here then as at by for from in into of off on onto
    out over to up with about against between during under is am are was were be been being isn aren wasn weren
    do does did doing done don didn doesn has have had having hasn haven hadn i me my mine myself you your yours
    yourself we us our ours he him his she her hers it its they them their theirs who whom whose which what when
    where why how will would shall should can could may might must won wouldn couldn shouldn not no nor too very
    just also any some such own same other only again once s t d m re ll ve
    的 了 是 在 和 与 及 或 也 都 就 还 而 吗 呢 吧 啊 呀 哦 嘛 哎 着 过 把 被 给 对 从 到 向 于 之 其 这 那 这个 那个
    这些 那些 哪 哪个 哪些 哪里 哪儿 谁 什么 怎么 怎样 怎么样 如何 为什么 多少 几 我 你 他 她 它 我们 你们 他们 她们
    它们 您 咱们 自己 有 没有 会 要 很 来着 一个 以及
    и в во не на я с со что как это он она они мы вы ты по к у из за от о а но же ли бы для
    في من على إلى عن ما هل هو هي هذا هذه التي الذي و
    です ます する した して いる ある これ それ
    """.split()
)

_DATE_WORDS: Final = frozenset(
    """
    yesterday today tomorrow tonight last next ago since weekend week weeks month months year years monday tuesday
    wednesday thursday friday saturday sunday january february march april june july august september october
    november december recently soon morning evening spring summer autumn winter
    """.split()
)
_NUMBER_WORDS: Final = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dozen hundred thousand twice once several couple "
    "first second third".split()
)
_GREETING_WORDS: Final = frozenset(
    "hey hi hello thanks thank wow congrats congratulations bye take good great awesome cool that's you're glad "
    "sounds yeah yes no".split()
)
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_INNER_NAME: Final = re.compile(r'[a-z,;:] [A-Z][a-z]|["“”《「]')
_TRAILING_NOTE: Final = re.compile(r"\s*\[[^\]]*\]\s*$")
_ZH_DATE: Final = re.compile(r"[昨今明前后]天|[上下这本]个?[周月]|[去今明前后]年|周[一二三四五六日末]|星期|[0-9一二三四五六七八九十][年月日号点]")
_ZH_NUMBER: Final = re.compile(r"[一二三四五六七八九十百千万两]")
_ZH_GREETING: Final = re.compile(r"^(?:你好|您好|嗨|哈喽|谢谢|多谢|早上好|晚上好|再见|好的|嗯)")

# (kind, English at the start of a sentence or anywhere, Chinese anywhere)
_ASKS: Final = tuple(
    (kind, re.compile(f"{english}|{chinese}", re.IGNORECASE))
    for kind, english, chinese in (
        (
            WHEN,
            r"\bwhen\b|\b(?:what|which) (?:date|day|month|year|time|week|season)\b|\bhow long\b|\bsince when\b",
            "什么时候|何时|几点|几号|几月|哪一?[天年月]|时间|日期|多久|生日",
        ),
        (WHERE, r"\bwhere\b|\b(?:what|which) (?:place|city|country|state|town)\b", "哪里|哪儿|什么地方|何处|在哪|地点|地址"),
        (WHO, r"\bwho(?:se|m)?\b", "谁|哪位|何人|什么人"),
        (HOW_MANY, r"\bhow (?:many|much|often|old|long|far)\b", "多少|几[个位次年岁人天种]|多大|多久|多远|年龄|数量|规模"),
        (YES_NO, r"^(?:do|does|did|is|are|was|were|has|have|had|can|could|would|will|should)\b", "吗[？?]?$|是否|是不是|有没有"),
        (LIST, r"\b(?:what|which) (?:\w+ )?\w+s\b|\ball\b|\blist\b", "哪些|有几|分别|所有|列出"),
    )
)
_SENTENCE: Final = re.compile(r"[^.!?。\n]+(?:\.(?=\w)[^.!?。\n]*)*[.!?。\n]*")
_FIRST_PERSON: Final = re.compile(r"\b(?:I|me|my|mine|we|our|us)\b|\b(?:i'm|i've|i'd|i)\b|我|咱")
_SECOND_PERSON: Final = re.compile(r"\byour?s?\b|你|您", re.IGNORECASE)
# Speakers that stand for the one who asks, and for the one who is asked.
_ASKER: Final = frozenset("user human me customer client 我 用户 客户".split())
_ASKED: Final = frozenset("assistant ai bot agent system 助手 助理 机器人".split())
_MOST_PARTS: Final = 6
_PREFIX: Final = 3  # letters a nickname must share with the name it begins: Mel, Melanie


class _Segmenter(Protocol):
    def cut_for_search(self, sentence: str, HMM: bool = ...) -> Iterator[str]: ...


_lock = threading.RLock()
_jieba: _Segmenter | None = None


def _segmenter() -> _Segmenter:
    """jieba's tokenizer, built once, in memory: its own cache is a marshal file in a shared folder."""
    global _jieba
    with _lock:
        if _jieba is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # old escapes and pkg_resources, at import only
                import jieba
            tokenizer = jieba.Tokenizer()
            tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
            tokenizer.initialized = True
            _jieba = tokenizer
        return _jieba


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


def hash32(term: str) -> int:
    """CRC-32 (ISO 3309) of the term's UTF-8: the same on every machine and in every version."""
    return zlib.crc32(term.encode())


def terms(text: str) -> list[str]:
    """Index terms of `text`, in order, repeated as often as they occur.

    A document and a query go through this same function. Stop words are left out; a compound kept whole
    (`user_id`, `parseJson`, `2023-05-08`) is followed by its parts.
    """
    found: list[str] = []
    if text.isascii():
        for chunk in _ASCII_CHUNK.findall(text):
            found += _chunks[chunk]
        return found
    text = normal(text)
    japanese = _is_japanese(text)
    for chunk in _CHUNK.findall(text):
        if chunk.isascii():
            found += _chunks[chunk]
        else:
            for name, run in _runs(chunk):
                if name == "han":
                    found += _pairs(run) if japanese else _chinese(run)
                else:
                    found += _chunks[run]
    return found


def _is_japanese(text: str) -> bool:
    """At least one kana to four Han characters; a Chinese text may quote a Japanese name."""
    kana = len(_KANA.findall(text))
    return kana > 0 and 4 * kana >= len(_HAN.findall(text))


class _Chunks(dict[str, tuple[str, ...]]):
    """Chunk -> its terms; a chunk seen before costs one lookup. Emptied when full: words come back at once."""

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        with _lock:  # Snowball's objects are not made for two threads
            if len(self) >= _CACHE_LIMIT:
                self.clear()
            result = self[chunk] = tuple(_split(chunk))
        return result


_chunks = _Chunks()
_stemmers: dict[str, Stemmer.Stemmer] = {}


def _runs(chunk: str) -> list[tuple[str, str]]:
    """Cuts a chunk where the script changes to, from or between scripts without spaces; 'x' + Han splits."""
    pieces: list[tuple[str, str]] = []
    for character in chunk:
        name = script(character)
        if name not in _PAIRED and name != "han":
            name = ""  # words, digits and joining marks stay together
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1] + character)
        else:
            pieces.append((name, character))
    return [(name, run.strip(".,'@:/+-") if not name else run) for name, run in pieces]


def _chinese(run: str) -> tuple[str, ...]:
    """jieba's search segmentation of a run of Han characters, without stop words."""
    return _chinese_cached(run)


@lru_cache(maxsize=16_384)
def _chinese_cached(run: str) -> tuple[str, ...]:
    with _lock:
        cut = _segmenter().cut_for_search(run, HMM=False)
        return tuple(word for word in cut if word not in STOP_WORDS)


def _pairs(run: str) -> list[str]:
    """Overlapping pairs of characters; a lone character is its own term."""
    letters = [c for c in run if c.isalnum() or unicodedata.category(c).startswith("M")]
    if len(letters) < 2:
        return ["".join(letters)] if letters else []
    return [a + b for a, b in zip(letters, letters[1:], strict=False)]


def _split(chunk: str) -> Iterator[str]:
    """Terms of one chunk without spaces: whole where its form carries meaning, then its parts, stemmed."""
    name = script(chunk[0]) if chunk else ""
    if name in _PAIRED:
        yield from (word for word in _pairs(chunk) if word not in STOP_WORDS)
        return
    if _GROUPED.fullmatch(chunk):
        chunk = chunk.replace(",", "")
    if _IDENTIFIER.fullmatch(chunk):
        yield chunk.casefold()[:_LONGEST]
        for part in _CAMEL.findall(chunk):
            yield from _stem(part)
        return
    atoms = _ATOM.findall(chunk)
    if len(atoms) > 1 and "'" not in chunk and _JOINED_WHOLE.fullmatch(chunk):
        yield chunk.casefold()[:_LONGEST]
        yield from (part for part in map(str.casefold, atoms) if len(part) > 2 and part not in STOP_WORDS)
        return
    if "'" in chunk:  # a contraction: what follows the mark is grammar (s, t, re, ll), or, after d' l', the word
        atoms = [atom for atom in atoms if len(atom) > 2 or atom.isdigit() or len(atoms[0]) < 2]
    for atom in atoms:
        yield from _stem(atom)


def _stem(word: str) -> Iterator[str]:
    folded = word.casefold()
    name = script(folded[0]) if folded else ""
    if name in _FOLDED and not folded.isascii():
        decomposed = unicodedata.normalize("NFD", folded)
        folded = unicodedata.normalize(
            "NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn" or name == "cyrillic")
        )
    if not folded or folded in STOP_WORDS:
        return
    language = _STEMMED.get(name)
    if language is None or not folded.isalpha():
        yield folded[:_LONGEST]
        return
    stemmer = _stemmers.get(language)
    if stemmer is None:
        stemmer = _stemmers[language] = Stemmer.Stemmer(language, 0)  # 0: our own cache is above it
    yield stemmer.stemWord(folded)[:_LONGEST]


def shape(text: str) -> int:
    """Flags of one turn (`QUESTION` ... `NAME`), a small integer stored beside it."""
    flags = 0
    if "?" in text or "？" in text:
        flags |= QUESTION
        if _TRAILING_NOTE.sub("", text).rstrip().endswith(("?", "？")):
            flags |= ENDS_ASKING
    words = _WORD.findall(text.lower())
    if words and words[0] in _GREETING_WORDS:
        flags |= GREETING
    if not _DATE_WORDS.isdisjoint(words) or _YEAR.search(text):
        flags |= DATE
    if any(map(text.__contains__, "0123456789")) or not _NUMBER_WORDS.isdisjoint(words):
        flags |= NUMBER
    if _INNER_NAME.search(text):
        flags |= NAME
    if not text.isascii():
        flags |= DATE if _ZH_DATE.search(text) else 0
        flags |= NUMBER if _ZH_NUMBER.search(text) else 0
        flags |= GREETING if _ZH_GREETING.search(text) else 0
    return flags


@dataclass(frozen=True, slots=True)
class Query:
    """What a query says about the rows that would answer it.

    terms: its distinct index terms; weights: theirs, one each; names: true where the term only names a known
    speaker. parts: its last sentences, oldest first, empty where it has but one; members: for each part, the
    indices of its terms. named: known speakers it names, as given. asks: sum of `WHEN` ... `LIST`.
    scripts: share of its letters per script. window: the time it names, seconds since 1970 UTC, if any.
    """

    text: str
    terms: tuple[str, ...]
    weights: tuple[float, ...]
    names: tuple[bool, ...]
    parts: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    named: tuple[str, ...]
    asks: int
    scripts: Mapping[str, float]
    window: tuple[float, float] | None = None


def analyse(
    query: str, speakers: Sequence[str] = (), window: tuple[float, float] | None = None
) -> Query:
    """Reads a query against the speakers known in its namespace; `window` comes from its time expressions."""
    query = normal(query)
    counts: dict[str, float] = {}
    for term in terms(query):
        counts[term] = min(counts.get(term, 0.0) + 1.0, 2.0)  # said twice is stressed, not more
    named, name_terms = _named(query, speakers)
    order = {term: i for i, term in enumerate(counts)}
    sentences = [
        (part.strip(), tuple(dict.fromkeys(order[t] for t in terms(part) if t in order)))
        for part in _SENTENCE.findall(query)
    ]
    sentences = [(part, members) for part, members in sentences if members][-_MOST_PARTS:]
    if len(sentences) < 2:
        sentences = []
    return Query(
        text=query,
        terms=tuple(counts),
        weights=tuple(counts.values()),
        names=tuple(term in name_terms for term in counts),
        parts=tuple(part for part, _ in sentences),
        members=tuple(members for _, members in sentences),
        named=named,
        asks=sum(kind for kind, pattern in _ASKS if pattern.search(query)),
        scripts=scripts(query),
        window=window,
    )


def _named(query: str, speakers: Sequence[str]) -> tuple[tuple[str, ...], set[str]]:
    """Known speakers that `query` names, and the index terms of the words that name them."""
    words = {w.casefold(): w for w in _ATOM.findall(query.replace("'s", " ").replace("'S", " "))}
    nicknames = [w for w, said in words.items() if len(w) >= _PREFIX and said[0].isupper()]
    first = bool(_FIRST_PERSON.search(query))
    second = bool(_SECOND_PERSON.search(query))
    found: list[str] = []
    said: set[str] = set()
    for speaker in speakers:
        folded = normal(speaker).casefold()
        own = _ATOM.findall(folded)
        if not own:
            continue
        if script(folded[0]) == "han":
            shorter = [n for n in (folded, folded[1:]) if len(n) > 1 and n in query]
            hits = [w for n in shorter[:1] for w in terms(n)]
        else:
            hits = [w for w in own if w in words and w not in STOP_WORDS]
            hits += [w for w in nicknames if own[0].startswith(w) and w not in STOP_WORDS]
            hits = [t for w in hits for t in terms(w)]
        if hits or (first and folded in _ASKER) or (second and folded in _ASKED):
            found.append(speaker)
            said.update(hits)
    return tuple(found), said
