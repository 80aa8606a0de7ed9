"""The port `Task`: episodes cut into segments, with the tokens to predict, and the conditions of
its tests.

A segment is what a model sees at once; what crosses from one to the next crosses in its memory. A
task knows nothing of models. Axes: B rows (sessions), S segments of an episode, T tokens of a
segment.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from torch import Tensor

from remanence.errors import InvalidInput

UNASKED: Final = -100
"""The label of a position at which nothing is asked; what `torch.nn.functional.cross_entropy`
leaves out.
"""


@dataclass(frozen=True)
class Segment:
    """`tokens` (B, T), int64.

    `labels` (B, T): what is to be said *at* that position, where it has been read up to there, or
    `UNASKED`. They are not shifted: of text, the label of a position is the token after it. `mask`
    (B, T) is False at padding; None where there is none.
    """

    tokens: Tensor
    labels: Tensor
    mask: Tensor | None = None

    @property
    def asked(self) -> int:
        """How many answers are asked for."""
        return int((self.labels != UNASKED).sum())

    def to(self, device: torch.device | str) -> "Segment":
        """On another device."""
        mask = None if self.mask is None else self.mask.to(device)
        return Segment(self.tokens.to(device), self.labels.to(device), mask)


Stream = Callable[[np.random.Generator, int], Iterator[Segment]]
"""Random numbers and rows to the segments of one episode, made one after another, so that an
episode may be longer than memory.
"""


@dataclass(frozen=True)
class Check:
    """A condition to measure a trained model under:

    `rounds` episodes of `rows` rows from `stream`.
    """

    stream: Stream
    rows: int = 64
    rounds: int = 4


class Task(Protocol):
    """Task of training and measurement.

    Implementations are frozen dataclasses: their fields are what `--set` changes.
    """

    @property
    def about(self) -> str:
        """One line for a list of tasks."""
        ...

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        ...

    @property
    def length(self) -> int:
        """Tokens of the longest segment."""
        ...

    @property
    def whole(self) -> int:
        """Tokens of the longest episode of a training: the positions that full attention needs."""
        ...

    @property
    def levels(self) -> int:
        """How many levels of difficulty there are; the last is the task itself."""
        ...

    @property
    def chance(self) -> float:
        """The share of answers that is right by guessing."""
        ...

    def episode(self, random: np.random.Generator, rows: int, level: int) -> list[Segment]:
        """An episode to train on, of a level counted from 1."""
        ...

    def checks(self) -> Mapping[str, Check]:
        """The conditions to measure under, the plainest first."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Everything the episodes depend on, as plain values."""
        ...


def cut(tokens: Tensor, labels: Tensor, mask: Tensor | None = None) -> list[Segment]:
    """The S segments of a batch (B, S, T) in order; columns that are padding in every row are left
    out.
    """
    if tokens.dim() != 3 or tokens.shape != labels.shape:
        raise InvalidInput(
            f"tokens {tuple(tokens.shape)} and labels {tuple(labels.shape)} are not of one shape "
            "(B, S, T)"
        )
    found = []
    for number in range(tokens.shape[1]):
        if mask is None:
            found.append(Segment(tokens[:, number], labels[:, number]))
            continue
        part = mask[:, number]
        used = part.any(0).nonzero()
        end = int(used[-1]) + 1 if len(used) else 1
        full = bool(part[:, :end].all())
        kept = None if full else part[:, :end]
        found.append(Segment(tokens[:, number, :end], labels[:, number, :end], kept))
    return found


def asked(tokens: "np.ndarray[Any, Any]", labels: "np.ndarray[Any, Any] | None" = None) -> Segment:
    """A segment without padding from arrays (B, T); without `labels` nothing is asked."""
    read = torch.from_numpy(np.ascontiguousarray(tokens, dtype=np.int64))
    if labels is None:
        return Segment(read, torch.full_like(read, UNASKED))
    return Segment(read, torch.from_numpy(np.ascontiguousarray(labels, dtype=np.int64)))


def rungs(most: int) -> tuple[int, ...]:
    """1, 2, 4, 8 and so on up to `most`, which is the last: the usual ladder of a curriculum."""
    found = [1]
    while found[-1] * 2 < most:
        found.append(found[-1] * 2)
    return tuple(found) if most == 1 else (*found, most)
