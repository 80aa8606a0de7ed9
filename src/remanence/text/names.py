"""Names: whom and what a text mentions, and what it is about.

What lives here: how a text becomes normalised name keys with a kind each (`mentions`), where a
text's title ends (`title`), and which runs of a query could be a name (`spans`). English names are
runs of capitalised words with particles inside, and what stands in quotes; Chinese ones what stands
in 《》 and 「」. It does not know which names exist, rows, or scores.

A longer name brings its parts, so that "President Bill Clinton" is also a mention of "Bill Clinton"
and of "Clinton".
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from remanence.text.words import STOP_WORDS, hash32, table

# How surely a text's name is one, and whether it says what the text is about.
INITIAL: Final = 1  # one word at the start of a sentence: a name only if it is one elsewhere
PART: Final = 2  # inside a longer name
WHOLE: Final = 3
ALIAS: Final = 4  # the title without what stands in parentheses or behind a comma
TITLE: Final = 5  # what the text is about

_TOKEN: Final = re.compile(r"\w(?:[\w'’\-]|\.(?=\w))*|[^\w\s]")
_PARENTHESIS: Final = re.compile(r"\s*\([^()]*\)")
_STOP: Final = re.compile(r"(?<=[^\s.])\.+\s+")
_HAN_TITLE: Final = re.compile(r"《([^》]{1,40})》|([\u4e00-\u9fff·]{2,15})（")
_HAN_RUN: Final = re.compile(r"[\u4e00-\u9fff]{2,}")
_QUOTED: Final = re.compile(
    r"[\"“]\s*([^\"“”]{2,60}?)\s*[\"”]|《([^》]{1,40})》|「([^」]{1,30})」|``\s*([^'`]{2,60}?)\s*''"
)
_YEAR_OR_DAY: Final = re.compile(r"(?:1\d|20)\d\d$|\d{1,2}$")
_ENDS: Final = frozenset('.!?。！？;:"')
_ARTICLES: Final = table("the a an")
_PARTICLES: Final = table(
    "of the de la le du des da di del della van von der den and & y e al el bin ibn for in on to "
    "a at st zu af av"
)
_JOINTS: Final = table("and & for in on at to")  # between two names rather than inside one
_ABBREVIATIONS: Final = table(
    "mr mrs ms dr st jr sr vol no prof mt ft rev gen col lt capt sgt inc co ltd"
)
_HONORIFICS: Final = table(
    "mr mrs ms dr sir lord lady dame prof st saint president king queen prince princess"
)
# Capitalised words that are no name by themselves: months, weekdays, honorifics, what opens a
# sentence or a turn.
_COMMON: Final = (
    STOP_WORDS
    | (_HONORIFICS - table("president king queen prince princess saint prof"))
    | table(
        """
        i'm i've i'd i'll it's that's don't can't he's she's they're we're you're there's what's let's didn't isn't wasn't
        im ive ill dont cant youre youve theyre theyve weve thats theres whats lets didnt isnt wasnt
        hey hi hello wow yes yeah yep nope ok okay oh ah haha thanks thank sure great awesome cool nice good amazing
        absolutely definitely totally congrats congratulations sorry please well really maybe perhaps both however
        although though while since because before until despite following among according another one two three many
        most several some all each every either neither first second third later now today yesterday tomorrow
        monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
        september october november december american english british
        """
    )
)
# Words that a sentence holds in lower case, or begins with, and a title does not.
_SENTENCE: Final = table(
    "i you we he she it they is are was were am be been do does did has have had my your me our "
    "us will would can could"
)
_SENTENCE_OPENS: Final = _SENTENCE | table("this that there")
_LONGEST_TITLE: Final = 140  # characters among which a title's full stop is looked for
_TITLE_WORDS: Final = 12
_LOWER_WORDS: Final = 3  # words in lower case, particles aside, that a title holds at most
_PART_WORDS: Final = 6  # of a part of a longer name
_QUERY_WORDS: Final = 96  # the last words of a query among which names are looked for


class Span(NamedTuple):
    """A run of a query's words that may be a name:

    `hash32` of its key, where it stands, and its words as said.
    """

    name: int
    start: int
    end: int
    text: str


def fold(word: str) -> str:
    """`word` as names compare it: no case, accents, possessive or inner marks.

    >>> fold("Beyoncé's"), fold("O'Neill"), fold("AAM-N-4")
    ('beyonce', 'oneill', 'aamn4')
    """
    folded = word.casefold().replace("’", "'")
    folded = folded.removesuffix("'s")
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFD", folded)
        folded = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return folded.replace("-", "").replace("'", "").replace(".", "")


def key(phrase: str) -> str:
    """The key of a name as written; empty where it holds no word.

    >>> key("The Rack (1915 film)")
    'rack 1915 film'
    """
    words = [f for w in _TOKEN.findall(phrase) if (w[0].isalnum() or w == "&") and (f := fold(w))]
    return " ".join(words[1:] if len(words) > 1 and words[0] in _ARTICLES else words)


def title(text: str) -> str | None:
    """Return the text before the first full stop, where it reads as a title and more follows; else
    None.

    >>> title("Mr. Right (2009 film). Mr. Right is a 2009 British film.")
    'Mr. Right (2009 film)'
    >>> title("I was late. She waited.")
    """
    for stop in _STOP.finditer(text, 0, _LONGEST_TITLE):
        said = text[: stop.start()].strip()
        rest = text[stop.end() :].lstrip("\"'`“「《 ")
        words = said.split()
        if not rest or not words or len(words) > _TITLE_WORDS:
            break
        bare = _PARENTHESIS.sub("", said).strip()
        if len(bare) > 1 and rest[: len(bare)].casefold() == bare.casefold():
            return said
        if (len(words[-1]) == 1 and words[-1].isupper()) or words[-1].casefold() in _ABBREVIATIONS:
            continue  # the stop of an initial or an abbreviation
        opens = said[0].isupper() or said[0].isdigit() or said[0] in "\"'"
        speaks = words[0].casefold() in _SENTENCE_OPENS or any(
            word.strip(",'\"") in _SENTENCE for word in words
        )
        lower = sum(word[0].islower() and word not in _PARTICLES for word in words)
        return said if opens and not speaks and lower <= _LOWER_WORDS else None
    found = _HAN_TITLE.match(text)
    return (found[1] or found[2]) if found else None


def mentions(text: str) -> dict[str, int]:
    """Name keys of `text` -> kind, the surest where a name is met twice;

    in order of first mention.
    """
    found: dict[str, int] = {}
    about = title(text)
    if about is not None:
        _keep(found, key(about), TITLE)
        bare = _PARENTHESIS.sub("", about)
        _keep(found, key(bare if bare != about else about.split(",")[0]), ALIAS)
    for run, initial in _runs(text):
        _keep_run(found, run, initial=initial)
    if not text.isascii() or '"' in text or "``" in text:
        for groups in _QUOTED.findall(text):
            quoted = "".join(groups)
            if quoted[0].isupper() or not quoted[0].isascii():
                _keep(found, key(quoted), WHOLE)
    return found


def _keep(found: dict[str, int], name: str, kind: int) -> None:
    if len(name) > 1 and found.get(name, 0) < kind:
        found[name] = kind


def _runs(text: str) -> Iterator[tuple[list[str], bool]]:
    """Runs of capitalised words, particles inside, and whether each opens a sentence."""
    run: list[str] = []
    gap: list[str] = []
    initial, before = False, "."
    for word in _TOKEN.findall(text):
        first = word[0]
        if first.isupper():
            if not run:
                initial = before in _ENDS
            run += [*gap, word]
            gap = []
            closed = word.endswith(("'s", "’s"))
        elif not run:
            closed = False
        elif word == "." and not gap:
            closed = not (len(run[-1]) == 1 or run[-1].casefold() in _ABBREVIATIONS)
        elif word in _PARTICLES and len(gap) < 2:
            gap.append(word)
            closed = False
        elif first.isdigit() and not gap and not _YEAR_OR_DAY.match(word):
            run.append(word)
            closed = False
        else:
            closed = True
        if closed:
            yield run, initial
            run, gap = [], []
        before = word
    if run:
        yield run, initial


def _keep_run(found: dict[str, int], run: list[str], *, initial: bool) -> None:
    words = [fold(word) for word in run]
    if initial and len(words) > 1 and words[0] in _COMMON and words[0] not in _HONORIFICS:
        del words[0]
        initial = False
    while words and words[0] in _PARTICLES:
        del words[0]
    if len(words) < 2:
        if words and words[0] not in _COMMON and not words[0].isdigit():
            _keep(found, words[0], INITIAL if initial else WHOLE)
        return
    _keep(found, " ".join(words[:_TITLE_WORDS]), WHOLE)
    for start, first in enumerate(words):
        if first in _PARTICLES:
            continue
        opens = not start or words[start - 1] in _JOINTS or words[start - 1] in _HONORIFICS
        if first not in _COMMON and len(first) > 2 and not first.isdigit():
            closes = start + 1 == len(words) or words[start + 1] in _JOINTS
            _keep(found, first, WHOLE if opens and closes else PART)
        name = first
        for end in range(start + 2, min(start + _PART_WORDS, len(words)) + 1):
            name += " " + words[end - 1]
            if words[end - 1] not in _PARTICLES:
                closes = end == len(words) or words[end] in _JOINTS
                _keep(found, name, WHOLE if opens and closes else PART)


def spans(query: str) -> list[Span]:
    """Runs of up to twelve words of `query` that could be a name, longest first.

    A single word must be capitalised within its sentence; more may begin with a word in lower case
    if it carries meaning.
    """
    said = [w for w in _TOKEN.findall(query) if w[0].isalnum() or w == "&"][-_QUERY_WORDS:]
    words = [fold(word) for word in said]
    capital = [word[0].isupper() or word[0].isdigit() for word in said]
    found = []
    for start, word in enumerate(words):
        if word in _ARTICLES or not (capital[start] or word not in STOP_WORDS):
            continue
        alone = capital[start] and start > 0 and word not in _COMMON and word not in _PARTICLES
        name = word
        if alone and not word.isdigit():
            found.append(Span(hash32(name), start, start + 1, said[start]))
        for end in range(start + 2, min(start + _TITLE_WORDS, len(words)) + 1):
            name += " " + words[end - 1]
            found.append(Span(hash32(name), start, end, " ".join(said[start:end])))
    if not query.isascii():
        found += _han_spans(query, len(said))
    found.sort(key=lambda span: (span.start - span.end, -span.start))
    return found


def _han_spans(query: str, offset: int) -> Iterator[Span]:
    """Pieces of the query's Han runs, at places of their own behind the words."""
    for run in _HAN_RUN.finditer(query[-_QUERY_WORDS:]):
        for start in range(len(run[0]) - 1):
            at = offset + run.start() + start
            for end in range(start + 2, min(start + _TITLE_WORDS, len(run[0])) + 1):
                piece = run[0][start:end]
                yield Span(hash32(piece), at, at + end - start, piece)
