"""How an `EpisodicMemory` is trained on bAbI stories, and its error on others.

A part of the training stories is held out: the weights that answer it best are kept, and training
ends early where it is answered well enough. The test stories are looked at once, at the end.
Everything random comes from the seed, and the length of a training is counted in epochs, so a
result does not depend on how fast the machine is.
"""

import copy
import logging
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import nn
from torch.nn import functional

from remanence.errors import ConfigError, InvalidInput
from remanence.lab.episodic import EpisodicMemory
from remanence.lab.fact_memory import EpisodicConfig
from remanence.lab.tasks.babi import UNKNOWN, Encoded, Lexicon, Story

log = logging.getLogger(__name__)
WARM: Final = 100  # steps over which the rate rises


@dataclass(frozen=True)
class BabiTraining:
    """epochs: at most.

    batch: questions of a step, about. rate: Adam's, rising over `WARM` steps, falling as a cosine
    to 2 %. held: share of the stories to validate on. enough: held-out error in % at which training
    ends. clip: longest gradient.
    """

    epochs: int = 20
    batch: int = 64
    rate: float = 3e-3
    held: float = 0.1
    enough: float = 0.1
    clip: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1 or self.rate <= 0 or not 0 < self.held < 1:
            raise ConfigError(f"{self}: epochs, batch and rate are above 0, held is a share")


@dataclass(frozen=True)
class TrainedEpisodic:
    """The model with the words that it knows.

    held: its error on the held-out stories in %. seconds: of CPU.
    """

    model: EpisodicMemory
    lexicon: Lexicon
    held: float
    epochs: int
    seconds: float


def train_with_restarts(
    stories: Sequence[Story],
    config: EpisodicConfig,
    training: BabiTraining,
    attempts: int,
    enough: float = 0.0,
) -> tuple[TrainedEpisodic, tuple[float, ...]]:
    """The best of `attempts` trainings by their held-out errors, and these; one that comes to
    `enough` % is the last. Each has the seed after the one before it, and holds out other stories.
    """
    errors: list[float] = []
    best: TrainedEpisodic | None = None
    for attempt in range(attempts):
        made = train(stories, config, replace(training, seed=training.seed + attempt))
        errors.append(made.held)
        if best is None or made.held < best.held:
            best = made
        if best.held <= enough:
            break
    if best is None:
        raise ConfigError(f"attempts={attempts}; at least one")
    return best, tuple(errors)


def train(
    stories: Sequence[Story], config: EpisodicConfig, training: BabiTraining
) -> TrainedEpisodic:
    """A model trained on all but the held-out part of `stories`.

    Raises `InvalidInput` where there are fewer than two stories.
    """
    if len(stories) < 2:
        raise InvalidInput(f"{len(stories)} stories; at least two, one to learn from and one held")
    begun = time.process_time()
    torch.manual_seed(training.seed)
    dice = random.Random(training.seed)
    order = dice.sample(list(stories), len(stories))
    cut = max(1, int(len(order) * training.held))
    lexicon = Lexicon.of(order[cut:])
    held, learnt = Encoded(order[:cut], lexicon), Encoded(order[cut:], lexicon)
    size = max(8, training.batch * (len(order) - cut) // learnt.questions)
    model = EpisodicMemory(config, lexicon.size, len(lexicon.answers))
    if model.chains is not None:
        model.chains.begin(learnt.counts(lexicon.size))
    optimizer = torch.optim.Adam(
        model.parameters(), lr=training.rate, betas=(0.9, 0.99), fused=True
    )
    steps = training.epochs * math.ceil((len(order) - cut) / size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    best, kept, epoch = math.inf, model.state_dict(), 0
    for epoch in range(1, training.epochs + 1):
        loss = _epoch(model, learnt, size, dice, optimizer, schedule, training.clip)
        wrong = error(model, held)
        log.info("epoch %d: loss %.4f, held-out error %.2f %%", epoch, loss, wrong)
        if wrong <= best:
            best, kept = wrong, copy.deepcopy(model.state_dict())
        if wrong <= training.enough:
            break
    model.load_state_dict(kept)
    return TrainedEpisodic(model.eval(), lexicon, best, epoch, time.process_time() - begun)


def error(model: EpisodicMemory, stories: Encoded, size: int = 100) -> float:
    """Share of the questions answered wrong, in %.

    A question whose answer was never seen in training counts as wrong.
    """
    training = model.training
    model.eval()
    right = 0
    with torch.no_grad():
        for batch in stories.batches(size):
            said = model(batch).logits.argmax(-1)
            right += int(((said == batch.answers) & (batch.answers != UNKNOWN)).sum())
    model.train(training)
    return 100 * (1 - right / stories.questions)


def _epoch(
    model: EpisodicMemory,
    stories: Encoded,
    size: int,
    dice: random.Random,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    clip: float,
) -> float:
    """One pass; the mean loss. Raises `InvalidInput` where the loss is no number."""
    losses = []
    for batch in stories.batches(size, dice):
        logits = model(batch).logits.flatten(0, 1)
        loss = functional.cross_entropy(logits, batch.answers.flatten(), ignore_index=UNKNOWN)
        if not torch.isfinite(loss):
            raise InvalidInput(f"the loss is {loss.item()}; lower the rate")
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


def _rate(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / WARM)
    return warm * max(0.02, 0.5 + 0.5 * math.cos(math.pi * min(1.0, step / steps)))
