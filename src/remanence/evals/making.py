"""Questions made from passages that mention one another, for training a reader where nobody has
written questions.

A question leads from one passage to the next: words of the passage that answers, words of those on
the way, and how the first one is found, by its title or by what stands in it. Names on the way are
left out, since finding them is the task; words are lost, and some give way to words of like
meaning, since a question seldom uses the words of its answer. Passages are cut into paragraphs
under one title first, as the pages of a reference work are, so that a title alone does not decide.

It needs titles (`text.names.title`) and words that stand apart by spaces.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, product
from random import Random
from typing import Final

import numpy as np

from remanence.embed.port import Embedder
from remanence.errors import InvalidInput
from remanence.evals.retrieval import Question
from remanence.text import names, words
from remanence.types import Turn

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_WORD: Final = re.compile(r"[^\W\d_][\w'’\-]+|\d{3,4}")
_PARENTHESIS: Final = re.compile(r"\s*\([^()]*\)")
_SHORTEST: Final = 20  # characters of a sentence that says something
_WHOLE: Final = 0.2  # passages that are not cut
_KEPT: Final = 0.7  # words of a sentence that come into a question
_CAPITALISED: Final = 0.25  # of those, words with a capital letter: they are mostly names
_SWAPPED: Final = 0.5  # words that give way to one of like meaning
_BY_TITLE: Final = 0.55  # questions that name the first passage's title
_TURNED: Final = 0.3  # questions that begin with the first passage rather than with the last
_TITLES: Final = 3  # passages of one title, above which a name leads nowhere
_HOLDERS: Final = 6  # passages that mention a name which is no title, above which it leads nowhere
_VOCABULARY: Final = 20_000  # words among which like ones are looked for
_LEAST: Final = 3  # passages a word of those stands in
_LIKE: Final = 0.45  # cosine
_ALIKE: Final = 4  # words of like meaning to choose from
_TRIES: Final = 30  # for each question wanted
_OPENINGS: Final = ("What", "Who", "When", "Where", "Which", "In what")


@dataclass(frozen=True, slots=True)
class _Passage:
    """A paragraph: its title, the keys of names it mentions whole, its sentences, and the words of
    its title.
    """

    title: str | None
    named: tuple[str, ...]
    sentences: tuple[str, ...]
    said: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Web:
    """Which passage leads to which: (name, passage) both ways, and passages that share a name which
    titles none.
    """

    passages: tuple[_Passage, ...]
    onward: Mapping[int, list[tuple[str, int]]]
    back: Mapping[int, list[tuple[str, int]]]
    beside: tuple[tuple[str, tuple[int, ...]], ...]


def make(
    turns: Sequence[Turn], count: int, embedder: Embedder, *, namespace: str, seed: int = 0
) -> tuple[list[Turn], list[Question]]:
    """The paragraphs of `turns`, with ids of their own, and at most `count` questions whose gold
    they are. Same seed, same questions.

    Raises `InvalidInput` where no passage mentions what another one is about, `EmbedderError`.
    """
    random = Random(seed)
    parted = [part for turn in turns for part in _parted(turn, random)]
    web = _web([_passage(turn.text) for turn in parted])
    if not web.onward:
        raise InvalidInput(
            f"no question can be made from the {len(turns):,} texts of {namespace!r}: none "
            "mentions a title of another"
        )
    writer = _Writer(web, _likeness([turn.text for turn in parted], embedder), random)
    tries = (writer.question() for _ in range(_TRIES * count))
    made = islice((each for each in tries if each is not None), count)
    questions = [
        Question(
            namespace,
            text,
            frozenset(parted[at].id or "" for at in gold),
            f"{len(gold)} passages",
        )
        for text, gold in made
    ]
    return parted, questions


def _parted(turn: Turn, random: Random) -> Iterator[Turn]:
    """The turn's text in one to three paragraphs, its title before each."""
    title = names.title(turn.text)
    sentences = _SENTENCE.split(_body(turn.text, title))
    if title is None or len(sentences) < 2 or random.random() < _WHOLE:
        yield turn
        return
    several = 2 if len(sentences) < 4 else random.choice((2, 2, 3))
    cuts = [0, *sorted(random.sample(range(1, len(sentences)), several - 1)), len(sentences)]
    for number, (start, end) in enumerate(pairwise(cuts)):
        text = f"{title.rstrip('.')}. {' '.join(sentences[start:end])}"
        yield replace(turn, text=text, id=f"{turn.id}~{number}")


def _body(text: str, title: str | None) -> str:
    return text if title is None else text[text.find(title) + len(title) :].lstrip(". ")


def _passage(text: str) -> _Passage:
    title = names.title(text)
    whole = (key for key, kind in names.mentions(text).items() if kind == names.WHOLE)
    said = _WORD.findall(title.lower()) if title else []
    sentences = (each for each in _SENTENCE.split(_body(text, title)) if len(each) > _SHORTEST)
    return _Passage(title, tuple(whole), tuple(sentences), frozenset(said))


def _titled(passages: Sequence[_Passage]) -> dict[str, list[int]]:
    """Return the numbers of the passages by the keys of their titles."""
    titled: defaultdict[str, list[int]] = defaultdict(list)
    for at, passage in enumerate(passages):
        if passage.title:
            keys = (names.key(passage.title), names.key(_bare(passage.title)))
            for key in dict.fromkeys(keys):
                titled[key].append(at)
    return dict(titled)


def _links(
    passages: Sequence[_Passage], holders: Mapping[str, list[int]], titled: Mapping[str, list[int]]
) -> Iterator[tuple[str, int, int]]:
    """Yield (name, passage with the name, passage about it), of two different titles."""
    for name, held in holders.items():
        about = titled.get(name, ())
        if not 1 <= len(about) <= _TITLES:
            continue
        for start, end in product(held, about):
            if passages[start].title and passages[start].title != passages[end].title:
                yield name, start, end


def _web(passages: Sequence[_Passage]) -> _Web:
    titled = _titled(passages)
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for at, passage in enumerate(passages):
        for name in passage.named:
            holders[name].append(at)
    onward: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    back: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for name, start, end in _links(passages, holders, titled):
        onward[start].append((name, end))
        back[end].append((name, start))
    beside = tuple(
        (name, tuple(held))
        for name, held in holders.items()
        if 2 <= len(held) <= _HOLDERS and name not in titled
    )
    return _Web(tuple(passages), dict(onward), dict(back), beside)


def _bare(title: str) -> str:
    return _PARENTHESIS.sub("", title)


def _likeness(texts: Sequence[str], embedder: Embedder) -> Callable[[str], Sequence[str]]:
    """A function from a word to words of like meaning, among those that several texts hold."""
    held = Counter(word for text in texts for word in dict.fromkeys(_WORD.findall(text.lower())))
    known = [
        word
        for word, times in held.most_common(_VOCABULARY)
        if times >= _LEAST and len(word) > 3 and word not in words.STOP_WORDS
    ]
    places = {word: at for at, word in enumerate(known)}
    vectors = embedder.embed(known, "passage") if known else np.zeros((0, embedder.dim))
    remembered: dict[str, list[str]] = {}

    def like(word: str) -> Sequence[str]:
        if word not in places:
            return ()
        if word not in remembered:
            cosines = vectors @ vectors[places[word]]
            nearest = np.argsort(-cosines, kind="stable")[: _ALIKE + 1].tolist()
            remembered[word] = [
                known[at] for at in nearest if known[at] != word and cosines[at] > _LIKE
            ]
        return remembered[word]

    return like


class _Writer:
    """Writes one question after another."""

    def __init__(self, web: _Web, like: Callable[[str], Sequence[str]], random: Random) -> None:
        self._web, self._like, self._random = web, like, random
        self._starts = list(web.onward)
        self._ends = list(web.back)
        self._kinds = {self._chain: 4.0, self._long_chain: 2.0, self._back: 2.0, self._join: 1.5}
        if web.beside:
            self._kinds[self._beside] = 1.5

    def question(self) -> tuple[str, list[int]] | None:
        """A question and the passages that answer it; None where the attempt came to nothing."""
        kinds = list(self._kinds)
        kind = self._random.choices(kinds, [self._kinds[each] for each in kinds])[0]
        made = kind()
        if made is None or not all(made[0]):
            return None
        parts, gold = made
        if self._random.random() < _TURNED:
            parts = parts[::-1]
        said = " of the ".join(" ".join(part) for part in parts)
        return f"{self._random.choice(_OPENINGS)} {said}?", gold

    def _chain(self) -> tuple[list[list[str]], list[int]]:
        """A mentions B: what is said of B?"""
        first = self._random.choice(self._starts)
        name, second = self._random.choice(self._web.onward[first])
        parts = [self._about(second), self._way(first, name, second), self._start(first)]
        return parts, [first, second]

    def _long_chain(self) -> tuple[list[list[str]], list[int]] | None:
        """A mentions B, and B mentions C: what is said of C?"""
        first = self._random.choice(self._starts)
        name, second = self._random.choice(self._web.onward[first])
        further = [
            each for each in self._web.onward.get(second, ()) if each[1] not in (first, second)
        ]
        if not further:
            return None
        next_name, third = self._random.choice(further)
        parts = [
            self._about(third),
            self._way(second, next_name, third),
            self._way(first, name, second),
            self._start(first),
        ]
        return parts, [first, second, third]

    def _back(self) -> tuple[list[list[str]], list[int]]:
        """B is known by what is said of it: what does A, which mentions it, say?"""
        end = self._random.choice(self._ends)
        name, first = self._random.choice(self._web.back[end])
        out = self._web.passages[end].said
        parts = [
            self._about(first, out),
            self._way(first, name, end, most=2),
            self._about(end, most=5),
        ]
        return parts, [first, end]

    def _join(self) -> tuple[list[list[str]], list[int]] | None:
        """A and C both mention B: what is said of B?"""
        end = self._random.choice(self._ends)
        if len(self._web.back[end]) < 2:
            return None
        (name, first), (other_name, other) = self._random.sample(self._web.back[end], 2)
        if first == other:
            return None
        parts = [
            self._about(end),
            self._way(first, name, end),
            self._start(first),
            self._way(other, other_name, end),
            self._title(other),
        ]
        return parts, [first, end, other]

    def _beside(self) -> tuple[list[list[str]], list[int]]:
        """A and B mention somebody who has no passage: what does B say of him?"""
        name, held = self._random.choice(self._web.beside)
        first, second = self._random.sample(held, 2)
        out = frozenset(name.split())
        parts = [
            self._about(second, out, name=name),
            self._about(first, out, name=name, most=3),
            self._start(first, out),
        ]
        return parts, [first, second]

    def _start(self, at: int, out: frozenset[str] = frozenset()) -> list[str]:
        """How the first passage is found."""
        if self._web.passages[at].title and self._random.random() < _BY_TITLE:
            return self._title(at)
        return self._about(at, out, most=5)

    def _title(self, at: int) -> list[str]:
        title = self._web.passages[at].title or ""
        return [title if self._random.random() < _TURNED else _bare(title)]

    def _way(self, start: int, name: str, end: int, most: int = 3) -> list[str]:
        """Words of where `start` mentions `end`, without the name."""
        return self._about(start, self._web.passages[end].said, name=name, most=most)

    def _is_kept(self, word: str) -> bool:
        capitalised = word[0].isupper() and self._random.random() >= _CAPITALISED
        return not capitalised and self._random.random() < _KEPT

    def _about(
        self, at: int, out: frozenset[str] = frozenset(), *, name: str = "", most: int = 4
    ) -> list[str]:
        """Words of one sentence, of one with the `name` where there is one; neither its title's
        words nor those in `out`.
        """
        passage = self._web.passages[at]
        if not passage.sentences:
            return []
        fit = [each for each in passage.sentences if name and name in names.key(each)]
        sentence = self._random.choice(fit or passage.sentences)
        left_out = passage.said | out | frozenset(name.split()) | words.STOP_WORDS
        kept = [
            self._other(word)
            for word in _WORD.findall(sentence)
            if word.lower() not in left_out and self._is_kept(word)
        ]
        start = self._random.randrange(max(1, len(kept) - most + 1))
        return kept[start : start + most]

    def _other(self, word: str) -> str:
        like = () if word[0].isupper() else self._like(word.lower())
        return self._random.choice(like) if like and self._random.random() < _SWAPPED else word
