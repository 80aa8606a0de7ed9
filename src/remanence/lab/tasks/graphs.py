"""A small world for a model with a memory and a graph: people move between cities, and what a city
is like stands in the graph alone.

Four kinds of question: `text`, told in the same segment; `memory`, told in an earlier one; `graph`,
told nowhere; `both`, of which the city was told earlier and the rest stands in the graph. A pair of
city and relation that is held out is asked in no question of training. It makes tokens and triples;
it knows no model and no embedding.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from remanence.lab.tasks import words as lists
from remanence.lab.tasks.suites import held_out

KINDS: Final = ("text", "memory", "graph", "both")
RELATIONS: Final = ("country", "river", "dish")
SYLLABLES: Final = ("ka", "lo", "mi", "ra", "tu", "ven", "sor", "bel", "no", "dai")
GLUE: Final = ("moved", "to", ".", "where", "is", "?", "what", "of", "hello", "nice", "day")
PAD, START, END = 0, 1, 2


@dataclass(frozen=True)
class GraphQuestions:
    """said: the earlier segments, (B, T) each; question (Q B, T), the Q questions of a row beside
    each other; labels (Q B, 2), the answer and the end; kind (Q B,), of `KINDS`.
    """

    said: tuple[Tensor, ...]
    question: Tensor
    labels: Tensor
    kind: Tensor


@dataclass(frozen=True)
class World:
    """`cities` with a value for each of `RELATIONS`, out of `values`; `seed` decides which."""

    cities: int = 60
    values: int = 10
    seed: int = 0

    @cached_property
    def city(self) -> tuple[str, ...]:
        """Names of the cities."""
        made = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES]
        chosen = np.random.default_rng(self.seed).permutation(len(made))[: self.cities]
        return tuple(made[at] for at in chosen)

    @cached_property
    def facts(self) -> "np.ndarray[Any, np.dtype[np.int64]]":
        """(cities, relations): the value of each."""
        source = np.random.default_rng(self.seed + 1)
        return source.integers(self.values, size=(self.cities, len(RELATIONS)))

    @cached_property
    def triples(self) -> list[tuple[str, str, str]]:
        """The graph."""
        return [
            (name, kind, f"{kind}_{self.facts[at, n]}")
            for at, name in enumerate(self.city)
            for n, kind in enumerate(RELATIONS)
        ]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All tokens, in order of their numbers."""
        values = [f"{kind}_{n}" for kind in RELATIONS for n in range(self.values)]
        return ("<pad>", "<start>", "<end>", *GLUE, *RELATIONS, *lists.NAMES, *self.city, *values)

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of a word."""
        return {word: at for at, word in enumerate(self.words)}

    def encode(self, texts: list[str]) -> Tensor:
        """(B, T) of texts with equally many words."""
        return torch.tensor([[self.number[word] for word in text.split()] for text in texts])

    def out(self, city: int, relation: int) -> bool:
        """Tell whether that pair is held out of the questions of training."""
        return held_out("graph", (self.city[city], RELATIONS[relation]))

    @cached_property
    def known(self) -> tuple[list[list[int]], list[list[int]]]:
        """The relations of each city that training asks for, and those that it holds out."""
        every = range(len(RELATIONS))
        return tuple(
            [[r for r in every if self.out(city, r) == test] for city in range(self.cities)]
            for test in (False, True)
        )  # type: ignore[return-value]

    def batch(
        self,
        source: np.random.Generator,
        rows: int,
        *,
        people: int = 2,
        gap: int = 1,
        asks: int = 1,
        test: bool = False,
    ) -> GraphQuestions:
        """`people` who move, told one a segment, `gap` segments of chat at the end, then `asks`
        questions, each by itself: one of any kind, or several, of every kind in turn. In a test,
        questions that need the graph are of held-out pairs alone.
        """
        relations = self.known[test]
        some = [city for city, each in enumerate(relations) if each]
        segments: list[list[str]] = [[] for _ in range(people + gap)]
        questions, answers, kinds = [], [], []
        for _ in range(rows):
            who = source.permutation(len(lists.NAMES))[: people + 1]
            names = [lists.NAMES[at] for at in who]
            homes = [some[at] for at in source.integers(len(some), size=people + 1)]
            moves = [f"{names[at]} moved to {self.city[homes[at]]} ." for at in range(people)]
            for segment, text in zip(segments, moves + ["hello nice day . ."] * gap, strict=True):
                segment.append(text)
            for number in range(asks):
                kind = int(source.integers(4)) if asks == 1 else number % len(KINDS)
                about = int(source.integers(people))
                home = some[source.integers(len(some))] if KINDS[kind] == "graph" else homes[about]
                relation = relations[home][source.integers(len(relations[home]))]
                text, answer = self._question(
                    kind, names[about], home, relation, (names[-1], homes[-1])
                )
                questions.append(text)
                answers.append([self.number[answer], END])
                kinds.append(kind)
        said = tuple(map(self.encode, segments))
        return GraphQuestions(
            said, self.encode(questions), torch.tensor(answers), torch.tensor(kinds)
        )

    def _question(
        self, kind: int, name: str, home: int, relation: int, here: tuple[str, int]
    ) -> tuple[str, str]:
        """The text of a question and its answer;

        `here` has who moved where in the segment itself.
        """
        about = RELATIONS[relation]
        value = f"{about}_{self.facts[home, relation]}"
        other, place = here[0], self.city[here[1]]
        return (
            (f"{other} moved to {place} . where is {other} ?", place),
            (f"hello nice day . . where is {name} ?", self.city[home]),
            (f"hello . what {about} is of {self.city[home]} . ?", value),
            (f"hello . what {about} is of {name} . ?", value),
        )[kind]
