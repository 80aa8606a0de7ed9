"""How the whole path is trained on a small world (`tasks.graphs`), and what it answers without one
of its parts.

Two things make it learn in minutes. Several questions are asked of what was said, so that every
reading of it is paid for more than once. And the conversations grow: one person at first, then now
and then two, then small talk before the question.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from remanence.errors import ConfigError, MissingExtra
from remanence.lab.path import Passed, Path
from remanence.lab.tasks.graphs import END, KINDS, PAD, START, GraphQuestions, World
from remanence.neural.configs import DynamicMemoryConfig, GatedMemoryConfig
from remanence.neural.dynamic import DynamicMemory
from remanence.neural.fusion import KnowledgeFusion
from remanence.neural.gated import GatedMemory
from remanence.neural.linking import TokenLinker

MEMORIES: Final = ("gated", "dynamic", "none")
# the block of the encoder in which knowledge and memory stand: below it a token has seen the others
LAYER: Final = 1
GATES: Final = ("gate", "decay")


@dataclass(frozen=True)
class PathPlan:
    """A path and its training.

    memory: one of `MEMORIES`. graph: whether there is knowledge fusion. size, blocks, heads: of a
    T5 whose decoder has one block.

    steps: updates, with `rows` conversations and `asks` questions about each. rate: AdamW's, rising
    over 30 steps, falling over the last third. gates: how many times faster gates learn, without
    weight decay. alone, talk: shares of the steps after which there are two people now and then,
    and small talk.
    """

    memory: str = "gated"
    graph: bool = True
    size: int = 64
    blocks: int = 3
    heads: int = 4
    steps: int = 400
    rows: int = 32
    asks: int = 4
    rate: float = 3e-3
    gates: float = 3.0
    clip: float = 1.0
    alone: float = 0.5
    talk: float = 0.7
    seed: int = 0

    def __post_init__(self) -> None:
        if self.memory not in MEMORIES:
            raise ConfigError(f"memory={self.memory!r:.40} is none of {', '.join(MEMORIES)}")
        if min(self.steps, self.rows, self.asks, self.blocks - LAYER) < 1:
            raise ConfigError(f"{self}: steps, rows and asks are from 1 on, blocks above {LAYER}")

    def stage(self, step: int, source: np.random.Generator) -> tuple[int, int]:
        """People and segments of small talk in the conversations of a step."""
        if step < self.alone * self.steps:
            return 1, 0
        people = 1 + int(source.integers(2))
        return people, 0 if step < self.talk * self.steps else int(source.integers(3))

    def pace(self, step: int) -> float:
        """Return the share of the rate that a step takes."""
        return min(1.0, (step + 1) / 30) * min(1.0, 3 * (self.steps - step) / self.steps)


@dataclass(frozen=True)
class TrainedPath:
    """The path with the linker that it reads through. seconds: of CPU."""

    path: Path
    linker: TokenLinker
    plan: PathPlan
    seconds: float


Watch = Callable[[int, float], None]
"""Told the step, from 1, and its loss."""


def build(world: World, embedding: Any, plan: PathPlan) -> Path:
    """A fresh path for the words of a world.

    `embedding` of its graph is `remanence.kge`'s, or what `KnowledgeFusion.of` takes. Raises
    `MissingExtra`.
    """
    try:
        from transformers import T5Config, T5ForConditionalGeneration
    except ImportError as error:
        raise MissingExtra(
            f"training a path needs {error.name}, which is not installed; pip install "
            f'"remanence[neural]"'
        ) from error
    about: dict[str, Any] = {"decoder_start_token_id": START}
    config = T5Config(
        vocab_size=len(world.words), d_model=plan.size, d_kv=plan.size // plan.heads, d_ff=2 * plan.size, num_layers=plan.blocks,
        num_decoder_layers=1, num_heads=plan.heads, dropout_rate=0.0, pad_token_id=PAD, eos_token_id=END, **about,
    )  # fmt: skip
    memory: Any = None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        model = T5ForConditionalGeneration(config)
        if plan.memory == "dynamic":
            memory = DynamicMemory(DynamicMemoryConfig(heads=2, key=32, value=32), plan.size)
        elif plan.memory == "gated":
            memory = _cells(plan.size)
        width = plan.size if memory else 0
        knowledge = KnowledgeFusion.of(embedding, plan.size, memory=width, heads=4)
        return Path(model, layer=LAYER, knowledge=knowledge if plan.graph else None, memory=memory)


@torch.no_grad()
def _cells(size: int) -> GatedMemory:
    """Cells that ask for different tokens from the start, and take in half of what they are told:
    else each holds the mean of a segment, and little of it.
    """
    made = GatedMemory(GatedMemoryConfig(cells=16, size=64, heads=4), size)
    made.address.mul_(3)
    nn.init.zeros_(made.gate.bias)
    return made


def linker(world: World, embedding: Any) -> TokenLinker:
    """Finds the names of the graph's entities among the tokens of a world."""
    return TokenLinker(
        ([world.number[name]], at) for at, name in enumerate(embedding.graph.entities)
    )


def answered(path: Path, link: TokenLinker, asked: GraphQuestions) -> Passed:
    """All questions of a batch, after everything that was said before them."""
    state = None
    for segment in asked.said:
        state = path.remember(segment, linked=link(segment), state=state)
    each = len(asked.question) // len(asked.said[0])
    if state is not None and each > 1:
        state = {name: held.repeat_interleave(each, 0) for name, held in state.items()}
    passed: Passed = path(
        asked.question, linked=link(asked.question), state=state, labels=asked.labels
    )
    return passed


def train(world: World, embedding: Any, plan: PathPlan, watch: Watch | None = None) -> TrainedPath:
    """A path trained from nothing; the same numbers for the same plan."""
    path, link = build(world, embedding, plan), linker(world, embedding)
    source = np.random.default_rng([plan.seed, 1])
    weights = dict(path.named_parameters())
    gates = [each for name, each in weights.items() if any(gate in name for gate in GATES)]
    rest = [each for name, each in weights.items() if not any(gate in name for gate in GATES)]
    optimiser = torch.optim.AdamW(
        [{"params": rest, "times": 1.0}, {"params": gates, "times": plan.gates, "weight_decay": 0.0}],
        lr=plan.rate, betas=(0.9, 0.98),
    )  # fmt: skip
    started = time.process_time()
    for step in range(plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * plan.pace(step) * group["times"]
        people, gap = plan.stage(step, source)
        loss = answered(
            path, link, world.batch(source, plan.rows, people=people, gap=gap, asks=plan.asks)
        ).loss
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(path.parameters(), plan.clip)
        optimiser.step()
        if watch:
            watch(step + 1, float(loss.detach()))
    return TrainedPath(path.eval(), link, plan, time.process_time() - started)


@torch.no_grad()
def accuracy(
    trained: TrainedPath, world: World, *, people: int = 2, rows: int = 1024
) -> dict[str, float]:
    """Right answers in % by kind of question: so many people, a segment of small talk, pairs of
    city and relation that training never asked for.
    """
    source = np.random.default_rng([7, trained.plan.seed, people])
    asked = world.batch(source, rows, people=people, test=True)
    logits = answered(trained.path, trained.linker, asked).logits
    right: Tensor = logits[:, 0].argmax(-1) == asked.labels[:, 0]
    return {
        kind: 100 * float(right[asked.kind == number].float().mean())
        for number, kind in enumerate(KINDS)
    }


def table(trained: TrainedPath, world: World, rows: int = 1024) -> dict[str, float]:
    """`accuracy` with one person and, where memory counts, with two."""
    found = accuracy(trained, world, people=1, rows=rows)
    two = accuracy(trained, world, people=2, rows=rows)
    return {**found, **{f"{kind}, 2": two[kind] for kind in ("memory", "both")}}
