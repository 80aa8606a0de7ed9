"""The generation suites as tasks for a model: their words as tokens, their samples as segments, and
what a model writes, scored.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import torch
from torch import Tensor

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.tasks import words as lists
from remanence.lab.tasks.suites import SUITES, Sample, suite
from remanence.lab.tasks.task import UNASKED, Check, Segment, Stream, asked

if TYPE_CHECKING:
    from remanence.lab.scores import TextScores

PAD, END, UNKNOWN = 0, 1, 2
SPECIAL: Final = ("<pad>", "<end>", "<unknown>")
LONGEST: Final = 24  # tokens of a text that is written; the longest target has 17
SEEN: Final = 400  # samples a level that the vocabulary and the lengths are taken from

_KNOWN: Final = sorted(
    {
        each
        for name, found in vars(lists).items()
        if name.endswith("_ZH") and not name.startswith("OFFICE")
        for each in (found.values() if isinstance(found, dict) else found)
    },
    key=lambda word: (-len(word), word),
)
_HAN: Final = "\u4e00-\u9fff"
_CUT: Final = re.compile(rf"{'|'.join(_KNOWN)}|[{_HAN}]|[^\W{_HAN}]+|[^\w\s]|\n")
_GLUED: Final = re.compile(rf"(?<=[{_HAN}，。？]) +| +(?=[{_HAN}，。？])")


def cut(text: str) -> list[str]:
    """The tokens of a text: words, marks, line ends; in Chinese the words of the grammars, other
    characters by themselves.
    """
    return _CUT.findall(text)


def join(tokens: Sequence[str]) -> str:
    """The text of tokens: spaces between all but Chinese."""
    return _GLUED.sub("", " ".join(tokens))


@dataclass(frozen=True)
class Vocabulary:
    """`words` by number; the first are `SPECIAL`."""

    words: tuple[str, ...]

    def encode(self, text: str) -> list[int]:
        """Numbers of the tokens of `text`."""
        places = _places(self.words)
        return [places.get(word, UNKNOWN) for word in cut(text)]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of numbers, up to the first end."""
        kept = list(ids)
        kept = kept[: kept.index(END)] if END in kept else kept
        return join([self.words[each] for each in kept if each != PAD])


@lru_cache(maxsize=16)
def _places(words: tuple[str, ...]) -> dict[str, int]:
    return {word: at for at, word in enumerate(words)}


@dataclass(frozen=True)
class Survey:
    """Sizes of a suite: its vocabulary, tokens of the longest segment and of the longest sample,
    room for a text of `LONGEST` tokens included.
    """

    vocabulary: Vocabulary
    segment: int
    whole: int


@lru_cache(maxsize=16)
def survey(name: str) -> Survey:
    """Of the suite of that name, from samples of every level: the same in every process."""
    chosen, source = suite(name), random.Random(0)
    words: set[str] = set()
    segment = whole = 0
    for level in range(chosen.levels):
        for _ in range(SEEN):
            made = chosen.make(source, level)
            parts = [cut(text) for text in (*made.said, f"{made.prompt} {made.target}")]
            words.update(word for part in parts for word in part)
            room = len(cut(made.prompt)) + LONGEST
            segment = max(segment, room, *map(len, parts))
            whole = max(whole, sum(map(len, parts[:-1])) + room)
    return Survey(Vocabulary((*SPECIAL, *sorted(words))), segment, whole)


@dataclass(frozen=True)
class GenerationBatch:
    """Samples as segments: `said` the earlier ones, `prompt` the last as far as it is given, `last`
    with what is to be written.
    """

    said: tuple[Segment, ...]
    prompt: Segment
    last: Segment
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Generation:
    """Implements `port.Task` for the suite of a name.

    What is asked is the wanted text, token by token, and its end.

    The first level is associative recall over the words of the suite: `pairs` of any two words are
    said, then the first ones come back, and the second ones are wanted. 0 leaves that level out. In
    the easiest samples of a grammar one word of five is told by memory, and a memory that reads a
    blur has little to learn from: with this level the rest are learnt in half the steps or less,
    translation at all.
    """

    suite: str = "persona"
    pairs: int = 4

    def __post_init__(self) -> None:
        suite(self.suite)  # that there is one
        if not 0 <= 2 * self.pairs <= self.length:
            raise ConfigError(f"pairs={self.pairs} is not from 0 to {self.length // 2}")

    @property
    def about(self) -> str:
        return suite(self.suite).about

    @property
    def vocabulary(self) -> int:
        return len(survey(self.suite).vocabulary.words)

    @property
    def length(self) -> int:
        return survey(self.suite).segment

    @property
    def whole(self) -> int:
        return survey(self.suite).whole

    @property
    def levels(self) -> int:
        return suite(self.suite).levels + (self.pairs > 0)

    @property
    def chance(self) -> float:
        return 1 / self.vocabulary

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def episode(self, random: np.random.Generator, rows: int, level: int) -> list[Segment]:
        if level == 1 and self.pairs:
            return self._pairs(random, rows)
        made = self.batch(random, rows, level, test=False)
        return [*made.said, made.last]

    def _pairs(self, random: np.random.Generator, rows: int) -> list[Segment]:
        some = np.tile(np.arange(len(SPECIAL), self.vocabulary), (rows, 1))
        said = random.permuted(some, axis=1)[:, : 2 * self.pairs]  # (B, 2 P)
        order = random.permuted(np.tile(np.arange(self.pairs), (rows, 1)), axis=1)
        back, wanted = (np.take_along_axis(said[:, at::2], order, 1) for at in (0, 1))
        return [asked(said), asked(back, wanted)]

    def checks(self) -> Mapping[str, Check]:
        """The hardest level:

        with combinations that training never shows, and with those it does.
        """
        return {"held out": Check(self._stream(test=True)), "seen": Check(self._stream(test=False))}

    def _stream(self, *, test: bool) -> Stream:
        def stream(source: np.random.Generator, rows: int) -> Iterator[Segment]:
            made = self.batch(source, rows, self.levels, test=test)
            yield from (*made.said, made.last)

        return stream

    def batch(
        self, source: np.random.Generator, rows: int, level: int, *, test: bool
    ) -> GenerationBatch:
        """`rows` samples of a level counted from 1, of which `pairs` have the first.

        They have equally many segments, which the level decides.
        """
        chosen, numbers = suite(self.suite), random.Random(int(source.integers(2**62)))
        step = level - 1 - (self.pairs > 0)
        samples = tuple(chosen.sample(numbers, step, test=test) for _ in range(rows))
        words = survey(self.suite).vocabulary
        prompts = [words.encode(each.prompt) for each in samples]
        targets = [[*words.encode(each.target), END] for each in samples]
        said = zip(*([words.encode(text) for text in each.said] for each in samples), strict=True)
        both = [[*p, *t] for p, t in zip(prompts, targets, strict=True)]
        labels = [
            [UNASKED] * (len(p) - 1) + t + [UNASKED] for p, t in zip(prompts, targets, strict=True)
        ]
        return GenerationBatch(
            tuple(_segment(list(part)) for part in said),
            _segment(prompts),
            _segment(both, labels),
            samples,
        )


GENERATION: Final[dict[str, Generation]] = {name: Generation(name) for name in SUITES}


class Says(Protocol):
    """Model that writes:

    the logits of every token of a segment (B, T, V), and the state after it.
    """

    def __call__(self, segment: Segment, state: Any) -> tuple[Tensor, Any]: ...


@torch.inference_mode()
def write(
    says: Says,
    batch: GenerationBatch,
    vocabulary: Vocabulary,
    *,
    whole: bool = False,
    forgets: bool = False,
) -> list[str]:
    """The likeliest token after the other, until the end of each row: what is written after the
    prompt, as texts.

    A model with a memory reads the earlier segments first; one without (`says` hands back None) has
    then seen the prompt alone. `whole`: they are put before the prompt instead, for attention over
    everything. `forgets`: nobody reads them, as after a reset of the memory.
    """
    state = None
    prompt = batch.prompt
    if whole:
        prompt = joined([*batch.said, prompt])
    elif not forgets:
        for segment in batch.said:
            state = says(segment, state)[1]
    ids, mask = prompt.tokens, real(prompt)
    count = mask.sum(1)  # (B,)
    rows = torch.arange(len(ids), device=ids.device)
    ids = torch.nn.functional.pad(ids, (0, LONGEST), value=PAD)
    ended = torch.zeros_like(count, dtype=torch.bool)
    for _ in range(LONGEST):
        longest = int(count.max())
        kept = torch.arange(longest, device=ids.device) < count[:, None]
        logits, _ = says(Segment(ids[:, :longest], ids[:, :longest], kept), state)
        said = logits[rows, count - 1].argmax(-1)
        said = torch.where(ended, PAD, said)
        ids[rows, count] = said
        ended |= said == END
        count = count + (~ended).long()
        if ended.all():
            break
    starts = mask.sum(1).tolist()
    return [vocabulary.decode(row[at:]) for row, at in zip(ids.tolist(), starts, strict=True)]


@dataclass(frozen=True)
class GeneratedTexts:
    """scores: of all texts. pairs: what was written, and what was wanted."""

    scores: "TextScores"
    pairs: tuple[tuple[str, str], ...]


def measure(
    says: Says,
    task: Generation,
    *,
    rows: int = 128,
    seed: int = 0,
    whole: bool = False,
    forgets: bool = False,
) -> GeneratedTexts:
    """Generate texts for `rows` samples of the hardest level, whose combinations were not trained
    on. Raises `MissingExtra`.
    """
    from remanence.lab.scores import score

    batch = task.batch(np.random.default_rng([seed, rows, 2]), rows, task.levels, test=True)
    found = write(says, batch, survey(task.suite).vocabulary, whole=whole, forgets=forgets)
    wanted = [each.target for each in batch.samples]
    return GeneratedTexts(score(found, wanted), tuple(zip(found, wanted, strict=True)))


def joined(segments: Sequence[Segment]) -> Segment:
    """One segment of several, padding moved to the end of each row."""
    if not segments:
        raise InvalidInput("no segments to join; give at least one")
    tokens = torch.cat([each.tokens for each in segments], 1)
    labels = torch.cat([each.labels for each in segments], 1)
    mask = torch.cat([real(each) for each in segments], 1)
    order = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)
    end = int(mask.sum(1).max())
    tokens, labels, mask = (each.gather(1, order)[:, :end] for each in (tokens, labels, mask))
    return Segment(tokens, labels, mask)


def real(segment: Segment) -> Tensor:
    """(B, T): where there is no padding."""
    if segment.mask is None:
        return torch.ones_like(segment.tokens, dtype=torch.bool)
    return segment.mask


def _segment(rows: list[list[int]], labels: list[list[int]] | None = None) -> Segment:
    longest = max(map(len, rows))
    tokens = torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])
    mask = torch.tensor([[at < len(row) for at in range(longest)] for row in rows])
    asked = torch.full_like(tokens, UNASKED)
    for at, row in enumerate(labels or []):
        asked[at, : len(row)] = torch.tensor(row)
    return Segment(tokens, asked, None if bool(mask.all()) else mask)
