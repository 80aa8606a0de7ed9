"""One night's training: what is new, with what is known replayed beside it, until held-out phrasings of both are told.

Low-rank adaptation alone teaches new facts perfectly and destroys old ones. Half of each batch is therefore facts that were known before, and the
adapted model is held to what it said before on those, and on texts of its own making. It knows a model and phrasings; it does not know where
facts come from nor where an adapter goes.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from remanence.consolidation import phrasings, weights
from remanence.consolidation.examples import Lesson
from remanence.consolidation.prompting import IGNORED, Batch, Tongue, told
from remanence.consolidation.recipe import AdapterRecipe
from remanence.errors import TrainingError

DREAM: Final = 48  # tokens of a text that the model makes up
LOOKED_AT: Final = 200  # facts of a kind that are asked about at a look
ENOUGH: Final = 0.995  # share told from which more steps teach nothing

Progress = Callable[[str, int, int, str], None]  # what, done, of how many, how it stands


@dataclass(frozen=True, slots=True)
class Look:
    """What was told at a step. new, old: shares of facts, on held-out phrasings; old: of what is known, of what earlier nights taught, or of the neighbours, whichever is least."""

    step: int
    loss: float
    new: float
    old: float


@dataclass(frozen=True)
class Matter:
    """What a night is about. Of `known`, more training harms two kinds first: earlier: what earlier nights taught, which lies in the adapter alone; near: other
    facts of those of whom something is new.
    """

    new: Sequence[Lesson]
    known: Sequence[Lesson]
    earlier: Sequence[Lesson] = ()
    near: Sequence[Lesson] = ()


@dataclass
class Night:
    """A training as it stands: what a checkpoint holds."""

    step: int = 0
    best: float = -1.0
    since: int = 0  # looks without a better one
    tensors: dict[str, Tensor] = field(default_factory=dict)  # of the best look
    moments: dict[str, Tensor] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    cpu: float = 0.0  # seconds


def share_told(tongue: Tongue, lessons: Sequence[Lesson]) -> list[bool]:
    """Of each fact, whether the model tells it when asked in a held-out phrasing."""
    asked = [phrasings.held_out(lesson) for lesson in lessons]
    return [
        told(said, each.answer) for said, each in zip(tongue.answers(asked), asked, strict=True)
    ]


def train(
    tongue: Tongue,
    matter: Matter,
    recipe: AdapterRecipe,
    *,
    before: str | None,
    night: Night,
    keep: Callable[[Night], None],
    progress: Progress,
) -> Night:
    """Train the adapter `weights.TONIGHT`, which is on; `before` names the one that speaks for how it was, None for the plain model.

    `night` is where to go on; `keep` is handed it every `recipe.keep` steps. Ends with the adapter of the best look on the model.
    Without dropout: what the model said before is no target while it forgets at random, and the same seed gives the same adapter, interrupted or not.
    Raises `TrainingError` where the loss is no number.
    """
    model = tongue.local.model
    parameters = weights.trained(model, weights.TONIGHT)
    optimizer = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=0.0)
    _restore(optimizer, parameters, night.moments)
    with weights.switched(model, before):
        dreams = tongue.dreams(recipe.dreams, DREAM, recipe.seed)
    began, spent = time.process_time(), night.cpu
    model.eval()
    for step in range(night.step, recipe.steps):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _height(step, recipe.steps)
        loss = _step(tongue, matter, dreams, recipe, before, step)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss is {loss.item()} at step {step}; try a rate below {recipe.rate}"
            )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        night.step = step + 1
        night.cpu = spent + time.process_time() - began
        if night.step % recipe.check == 0 or night.step == recipe.steps:
            ended = _look(tongue, matter, night, loss.item(), recipe)
            last = night.looks[-1]
            progress("teach", night.step, recipe.steps, f"new {last.new:.0%}, old {last.old:.0%}")
            if ended:
                break
        if recipe.keep and night.step % recipe.keep == 0:
            night.moments = _moments(optimizer, parameters)
            keep(night)
    weights.take_off(model, weights.TONIGHT)
    weights.put_on(model, weights.TONIGHT, recipe, night.tensors)
    return night


def _height(step: int, steps: int) -> float:
    warm = max(1, steps // 10)
    return min((step + 1) / warm, (steps - step) / max(1, steps - warm), 1.0)


def _step(
    tongue: Tongue,
    matter: Matter,
    dreams: Sequence[Sequence[int]],
    recipe: AdapterRecipe,
    before: str | None,
    step: int,
) -> Tensor:
    """The loss of one step; which texts are in it depends on seed and step alone, so that a training can be taken up again."""
    chance = random.Random(f"{recipe.seed} {step}")
    taught = [_said(tongue, chance.choice(matter.new), chance) for _ in range(recipe.batch)]
    replayed = [_said(tongue, each, chance) for each in replay(matter, recipe.replay, chance)]
    dreamt = chance.sample(dreams, min(len(dreams), recipe.batch))
    loss = _cross_entropy(tongue, tongue.batch(taught))
    if replayed or dreamt:
        held = tongue.batch(replayed, dreamt)
        logits = tongue.logits(held)
        with torch.no_grad(), weights.switched(tongue.local.model, before):
            was = tongue.logits(held)
        if replayed:
            rows = slice(0, len(replayed))
            loss = loss + _mean(logits[rows], held.labels[rows])
        loss = loss + recipe.kl * _divergence(logits, was, held.labels)
    return loss


def replay(matter: Matter, count: int, chance: random.Random) -> Iterator[Lesson]:
    """What is known, drawn to stand beside what is new: half of it what is harmed first, however little that is of all."""
    endangered = [*matter.earlier, *matter.near]
    half = count // 2 if endangered else 0
    pools = [endangered] * half + [matter.known] * (count - half)
    for pool in pools if matter.known else ():
        yield chance.choice(pool)


def _said(tongue: Tongue, lesson: Lesson, chance: random.Random) -> tuple[phrasings.Phrasing, int]:
    return chance.choice(list(phrasings.taught(lesson))), chance.randrange(tongue.frames)


def _cross_entropy(tongue: Tongue, batch: Batch) -> Tensor:
    return _mean(tongue.logits(batch), batch.labels)


def _mean(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)


def _divergence(logits: Tensor, was: Tensor, labels: Tensor) -> Tensor:
    """KL(was || is), the mean over the places that have a label."""
    there = labels != IGNORED  # (B, T)
    now = functional.log_softmax(logits[there], -1)
    return functional.kl_div(
        now, functional.log_softmax(was[there], -1), log_target=True, reduction="batchmean"
    )


def _look(
    tongue: Tongue,
    matter: Matter,
    night: Night,
    loss: float,
    recipe: AdapterRecipe,
) -> bool:
    """Ask, keep the adapter if it is the best so far; whether to end."""
    chance = random.Random(recipe.seed)
    found = []
    for lessons in (matter.new, matter.known, matter.earlier, matter.near):
        asked = chance.sample(list(lessons), min(len(lessons), LOOKED_AT))
        right = share_told(tongue, asked)
        found.append(sum(right) / len(right) if right else 1.0)
    shares = (found[0], min(found[1:]))
    night.looks.append(Look(night.step, loss, *shares))
    if sum(shares) > night.best:
        night.best, night.since = sum(shares), 0
        night.tensors = weights.taken(tongue.local.model, weights.TONIGHT)
    else:
        night.since += 1
    return min(shares) >= ENOUGH or night.since >= recipe.patience


def loss_on(tongue: Tongue, texts: Sequence[Sequence[int]]) -> float:
    """Mean loss of a token, in nats, over texts given as ids. Raises nothing for none: 0."""
    if not texts:
        return 0.0
    total = count = 0.0
    with torch.no_grad():
        for start in range(0, len(texts), 32):
            batch = tongue.batch([], texts[start : start + 32])
            there = int((batch.labels != IGNORED).sum())
            total += float(_mean(tongue.logits(batch), batch.labels)) * there
            count += there
    return total / count


def _moments(optimizer: Any, parameters: Sequence[Tensor]) -> dict[str, Tensor]:
    """AdamW's moments, by the place of their parameter."""
    kept: dict[str, Tensor] = {}
    for at, each in enumerate(parameters):
        state: Mapping[str, Tensor] = optimizer.state[each]
        kept |= {
            f"{name}.{at}": state[name].detach().cpu().clone()
            for name in ("exp_avg", "exp_avg_sq", "step")
        }
        kept[f"now.{at}"] = each.detach().cpu().clone()
    return kept


def _restore(optimizer: Any, parameters: Sequence[Tensor], moments: Mapping[str, Tensor]) -> None:
    if not moments:
        return
    with torch.no_grad():
        for at, each in enumerate(parameters):
            each.copy_(moments[f"now.{at}"])
            optimizer.state[each] = {
                "step": moments[f"step.{at}"].clone(),
                **{
                    n: moments[f"{n}.{at}"].to(each.device, copy=True)
                    for n in ("exp_avg", "exp_avg_sq")
                },
            }
