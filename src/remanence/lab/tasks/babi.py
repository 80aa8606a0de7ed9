"""The twenty bAbI tasks (Weston et al., 2015, arXiv 1502.05698): stories, their questions, and both
as numbers in batches.

A story is a list of sentences, the facts, and questions asked in between; it is kept whole, so that
all its questions are answered from one reading. Supporting facts are not read. Several answers to a
question ("milk,football") are one class, as the literature has it.

Axes: B stories, T facts of a story, Q its questions, S different sentences, W words of one.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import torch
from torch import Tensor

from remanence.errors import InvalidInput

TASKS: Final = range(1, 21)
UNKNOWN: Final = -100
"""The answer's number where there is no question, or where the answer was never seen in training:
what cross-entropy leaves out.
"""

_WORD: Final = re.compile(r"[㐀-鿿]|[^\W㐀-鿿]+")
Words = tuple[str, ...]


@dataclass(frozen=True)
class BabiQuestion:
    """Question of a story, asked after its first `after` facts."""

    words: Words
    answer: str
    after: int


@dataclass(frozen=True)
class Story:
    """Facts in the order in which they are told, and the questions."""

    facts: tuple[Words, ...]
    questions: tuple[BabiQuestion, ...]


def words(text: str) -> Words:
    """Lower-case words of a sentence; of Chinese, its characters."""
    return tuple(_WORD.findall(text.lower()))


def find(folder: Path, task: int, part: str) -> Path | None:
    """The file of that task and part ("train" or "test"), None where it is absent."""
    return next(iter(sorted(folder.glob(f"qa{task}_*_{part}.txt"))), None)


def read(lines: Iterable[str]) -> list[Story]:
    """The stories of a file in bAbI's format.

    Raises `InvalidInput` with the line's number where a line is none of it.
    """
    found: list[tuple[list[Words], list[BabiQuestion]]] = []
    for at, line in enumerate(lines, 1):
        number, _, rest = line.strip().partition(" ")
        if not number.isdigit() or not rest:
            raise InvalidInput(f"line {at} is {line!r:.60}; a bAbI line is 'NUMBER SENTENCE'")
        if number == "1":
            found.append(([], []))
        if not found:
            raise InvalidInput(f"line {at} has the number {number}; the first story begins at 1")
        facts, questions = found[-1]
        if "\t" not in rest:
            facts.append(words(rest))
            continue
        asked, answer = rest.split("\t")[:2]
        questions.append(BabiQuestion(words(asked), answer.strip(), len(facts)))
    return [Story(tuple(facts), tuple(asked)) for facts, asked in found if facts and asked]


@dataclass(frozen=True)
class Lexicon:
    """The words and answers of training stories, numbered: words from 2 (0 is padding, 1 any other
    word), answers from 0.
    """

    words: tuple[str, ...]
    answers: tuple[str, ...]

    @classmethod
    def of(cls, stories: Iterable[Story]) -> Self:
        """Everything that these stories say, in alphabetical order."""
        said: set[str] = set()
        answers: set[str] = set()
        for story in stories:
            said.update(word for fact in story.facts for word in fact)
            said.update(word for question in story.questions for word in question.words)
            answers.update(question.answer for question in story.questions)
        return cls(tuple(sorted(said)), tuple(sorted(answers)))

    @property
    def size(self) -> int:
        """How many numbers words take, padding and the unknown word included."""
        return len(self.words) + 2


@dataclass(frozen=True)
class StoryBatch:
    """`sentences` (S, W) and `asked` (S', W') hold each sentence once; `facts` (B, T) and
    `questions` (B, Q) point into them. `told` (B, T) is False at padding. `after` (B, Q): how many
    facts a question comes after. `answers` (B, Q), `UNKNOWN` at padding.
    """

    sentences: Tensor
    facts: Tensor
    told: Tensor
    asked: Tensor
    questions: Tensor
    after: Tensor
    answers: Tensor


class Encoded:
    """Stories as numbers, ready to be cut into batches."""

    def __init__(self, stories: Sequence[Story], lexicon: Lexicon) -> None:
        numbers = {word: number for number, word in enumerate(lexicon.words, 2)}
        answers = {answer: number for number, answer in enumerate(lexicon.answers)}
        facts: dict[Words, int] = {}
        asked: dict[Words, int] = {}
        self._rows = [
            (
                [facts.setdefault(fact, len(facts)) for fact in story.facts],
                [asked.setdefault(q.words, len(asked)) for q in story.questions],
                [q.after for q in story.questions],
                [answers.get(q.answer, UNKNOWN) for q in story.questions],
            )
            for story in stories
        ]
        self._sentences = _numbered(facts, numbers)
        self._asked = _numbered(asked, numbers)

    @property
    def questions(self) -> int:
        """How many there are, those with an unknown answer included."""
        return sum(len(row[1]) for row in self._rows)

    def counts(self, words: int) -> Tensor:
        """How often each of `words` words is said in the facts and questions, (words,)."""
        rows = [(facts, asked) for facts, asked, _, _ in self._rows]
        found = torch.zeros(words)
        for sentences, column in ((self._sentences, 0), (self._asked, 1)):
            told = torch.tensor([at for row in rows for at in row[column]])
            found += torch.bincount(sentences[told].flatten(), minlength=words)
        found[0] = 0
        return found

    def batches(self, stories: int, shuffled: random.Random | None = None) -> Iterator[StoryBatch]:
        """Every story once, `stories` in a batch with others of about its length; in random order
        where `shuffled` is given.
        """
        order = list(range(len(self._rows)))
        if shuffled is not None:
            shuffled.shuffle(order)
        step = (
            8 if shuffled is not None else 1
        )  # lengths within a step count as equal, so that batches mix
        order.sort(key=lambda row: len(self._rows[row][0]) // step)
        cuts = [order[at : at + stories] for at in range(0, len(order), stories)]
        if shuffled is not None:
            shuffled.shuffle(cuts)
        for cut in cuts:
            yield self._batch(cut)

    def _batch(self, rows: Sequence[int]) -> StoryBatch:
        facts, questions, after, answers = zip(*(self._rows[row] for row in rows), strict=True)
        told, pointed = _used(self._sentences, _padded(facts, 0))
        asked, asking = _used(self._asked, _padded(questions, 0))
        return StoryBatch(
            told,
            pointed,
            _padded([[1] * len(row) for row in facts], 0).bool(),
            asked,
            asking,
            _padded(after, 0),
            _padded(answers, UNKNOWN),
        )


def generated(count: int, seed: int, names: Sequence[str] = ("Mary", "John")) -> list[Story]:
    """Stories of one's own, for where the files are absent: people move, and every second sentence
    asks where somebody is.
    """
    dice = random.Random(seed)
    places = ("kitchen", "garden", "office")
    stories = []
    for _ in range(count):
        facts: list[Words] = []
        questions: list[BabiQuestion] = []
        at: dict[str, str] = {}
        for _ in range(dice.randint(2, 3)):
            for _ in range(2):
                who, place = dice.choice(names), dice.choice(places)
                at[who] = place
                facts.append(words(f"{who} went to the {place}"))
            who = dice.choice(sorted(at))
            questions.append(BabiQuestion(words(f"Where is {who}"), at[who], len(facts)))
        stories.append(Story(tuple(facts), tuple(questions)))
    return stories


def _numbered(sentences: Iterable[Words], numbers: Mapping[str, int]) -> Tensor:
    """Return sentences as padded numbers of their words, 1 for an unknown word."""
    return _padded([[numbers.get(word, 1) for word in sentence] for sentence in sentences], 0)


def _padded(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    width = max(map(len, rows), default=0)
    return torch.tensor([[*row, *[value] * (width - len(row))] for row in rows])


def _used(sentences: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """The sentences that `rows` point to, no wider than they are, and `rows` pointing into these."""
    used, rows = rows.unique(return_inverse=True)
    found = sentences[used]
    return found[:, : int((found > 0).sum(1).max())], rows
