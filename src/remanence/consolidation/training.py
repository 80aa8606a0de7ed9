"""One night's training: what is new, with what is known replayed beside it, until held-out
phrasings of both are told.

Low-rank adaptation alone teaches new facts perfectly and destroys old ones. Half of each batch is
therefore facts that were known before, and the adapted model is held to what it said before on
those, and on texts of its own making.
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
from remanence.consolidation.examples import TrainingFact
from remanence.consolidation.prompting import IGNORED, PromptFormat, TokenBatch, answers_match
from remanence.consolidation.recipe import AdapterRecipe
from remanence.errors import TrainingError

SAMPLE_TOKENS: Final = 48  # tokens of a text that the model makes up
MAX_EVALUATED_FACTS: Final = 200  # facts of a kind that are asked about at a look
SATURATED: Final = 0.995  # share told from which more steps teach nothing

Progress = Callable[[str, int, int, str], None]  # what, done, of how many, how it stands


@dataclass(frozen=True, slots=True)
class EvaluationPoint:
    """Shares of facts recalled at a step, on held-out phrasings.

    new, old: shares of facts, on held-out phrasings; old: of what is known, of what earlier nights
    taught, or of the neighbours, whichever is least.
    """

    step: int
    loss: float
    new: float
    old: float


@dataclass(frozen=True)
class ReplayPools:
    """Facts of a run: `new` ones, and `known` ones to replay, of which training harms two kinds
    first.

    Of `known`, more training harms two kinds first: earlier: what earlier nights taught, which lies
    in the adapter alone; near: other facts of those of whom something is new.
    """

    new: Sequence[TrainingFact]
    known: Sequence[TrainingFact]
    previous: Sequence[TrainingFact] = ()
    neighbours: Sequence[TrainingFact] = ()


@dataclass
class TrainingState:
    """A training as it stands: what a checkpoint holds."""

    step: int = 0
    best: float = -1.0
    since: int = 0  # looks without a better one
    tensors: dict[str, Tensor] = field(default_factory=dict)  # of the best look
    moments: dict[str, Tensor] = field(default_factory=dict)
    evaluations: list[EvaluationPoint] = field(default_factory=list)
    cpu: float = 0.0  # seconds


def facts_recalled(prompt_format: PromptFormat, examples: Sequence[TrainingFact]) -> list[bool]:
    """Of each fact, whether the model tells it when asked in a held-out phrasing."""
    asked = [phrasings.held_out(example) for example in examples]
    return [
        answers_match(said, each.answer)
        for said, each in zip(prompt_format.answers(asked), asked, strict=True)
    ]


def train(
    prompt_format: PromptFormat,
    pools: ReplayPools,
    recipe: AdapterRecipe,
    *,
    before: str | None,
    training_state: TrainingState,
    keep: Callable[[TrainingState], None],
    progress: Progress,
) -> TrainingState:
    """Train the adapter `weights.CANDIDATE`, which is on; `before` names the one that speaks for
    how it was, None for the plain model.

    `training_state` is where to go on; `keep` is handed it every `recipe.keep` steps. Ends with the
    adapter of the best look on the model. Without dropout: what the model said before is no target
    while it forgets at random, and the same seed gives the same adapter, interrupted or not. Raises
    `TrainingError` where the loss is no number.
    """
    model = prompt_format.local.model
    parameters = weights.trainable_parameters(model, weights.CANDIDATE)
    optimizer = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=0.0)
    _restore_optimizer(optimizer, parameters, training_state.moments)
    with weights.using_adapter(model, before):
        sample_texts = prompt_format.sample_texts(recipe.sample_texts, SAMPLE_TOKENS, recipe.seed)
    began, spent = time.process_time(), training_state.cpu
    model.eval()
    for step in range(training_state.step, recipe.steps):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _rate_factor(step, recipe.steps)
        loss = _step(prompt_format, pools, sample_texts, recipe, before, step)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss is {loss.item()} at step {step}; try a rate below {recipe.rate}"
            )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        training_state.step = step + 1
        training_state.cpu = spent + time.process_time() - began
        if training_state.step % recipe.check == 0 or training_state.step == recipe.steps:
            ended = _evaluate(prompt_format, pools, training_state, loss.item(), recipe)
            last = training_state.evaluations[-1]
            progress(
                "teach",
                training_state.step,
                recipe.steps,
                f"new {last.new:.0%}, old {last.old:.0%}",
            )
            if ended:
                break
        if recipe.keep and training_state.step % recipe.keep == 0:
            training_state.moments = _optimizer_state(optimizer, parameters)
            keep(training_state)
    weights.remove_adapters(model, weights.CANDIDATE)
    weights.add_adapter(model, weights.CANDIDATE, recipe, training_state.tensors)
    return training_state


def _rate_factor(step: int, steps: int) -> float:
    warm = max(1, steps // 10)
    return min((step + 1) / warm, (steps - step) / max(1, steps - warm), 1.0)


def _step(
    prompt_format: PromptFormat,
    pools: ReplayPools,
    sample_texts: Sequence[Sequence[int]],
    recipe: AdapterRecipe,
    before: str | None,
    step: int,
) -> Tensor:
    """The loss of one step; which texts are in it depends on seed and step alone, so that a
    training can be taken up again.
    """
    rng = random.Random(f"{recipe.seed} {step}")
    taught = [
        _draw_phrasing(prompt_format, rng.choice(pools.new), rng) for _ in range(recipe.batch)
    ]
    replayed = [
        _draw_phrasing(prompt_format, each, rng) for each in replay(pools, recipe.replay, rng)
    ]
    sampled = rng.sample(sample_texts, min(len(sample_texts), recipe.batch))
    loss = _cross_entropy(prompt_format, prompt_format.batch(taught))
    if replayed or sampled:
        held = prompt_format.batch(replayed, sampled)
        logits = prompt_format.logits(held)
        with torch.no_grad(), weights.using_adapter(prompt_format.local.model, before):
            was = prompt_format.logits(held)
        if replayed:
            rows = slice(0, len(replayed))
            loss = loss + _mean_cross_entropy(logits[rows], held.labels[rows])
        loss = loss + recipe.kl * _kl_divergence(logits, was, held.labels)
    return loss


def replay(pools: ReplayPools, count: int, rng: random.Random) -> Iterator[TrainingFact]:
    """Yield known facts to train beside new ones: half of them from the kinds that are harmed
    first.
    """
    endangered = [*pools.previous, *pools.neighbours]
    half = count // 2 if endangered else 0
    draws = [endangered] * half + [pools.known] * (count - half)
    for pool in draws if pools.known else ():
        yield rng.choice(pool)


def _draw_phrasing(
    prompt_format: PromptFormat, example: TrainingFact, rng: random.Random
) -> tuple[phrasings.Phrasing, int]:
    return rng.choice(list(phrasings.taught(example))), rng.randrange(prompt_format.frames)


def _cross_entropy(prompt_format: PromptFormat, batch: TokenBatch) -> Tensor:
    return _mean_cross_entropy(prompt_format.logits(batch), batch.labels)


def _mean_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)


def _kl_divergence(logits: Tensor, was: Tensor, labels: Tensor) -> Tensor:
    """KL(was || is), the mean over the places that have a label."""
    there = labels != IGNORED  # (B, T)
    now = functional.log_softmax(logits[there], -1)
    return functional.kl_div(
        now, functional.log_softmax(was[there], -1), log_target=True, reduction="batchmean"
    )


def _evaluate(
    prompt_format: PromptFormat,
    pools: ReplayPools,
    training_state: TrainingState,
    loss: float,
    recipe: AdapterRecipe,
) -> bool:
    """Ask, keep the adapter if it is the best so far; whether to end."""
    rng = random.Random(recipe.seed)
    found = []
    for examples in (pools.new, pools.known, pools.previous, pools.neighbours):
        asked = rng.sample(list(examples), min(len(examples), MAX_EVALUATED_FACTS))
        right = facts_recalled(prompt_format, asked)
        found.append(sum(right) / len(right) if right else 1.0)
    shares = (found[0], min(found[1:]))
    training_state.evaluations.append(EvaluationPoint(training_state.step, loss, *shares))
    if sum(shares) > training_state.best:
        training_state.best, training_state.since = sum(shares), 0
        training_state.tensors = weights.adapter_tensors(
            prompt_format.local.model, weights.CANDIDATE
        )
    else:
        training_state.since += 1
    return min(shares) >= SATURATED or training_state.since >= recipe.patience


def mean_token_loss(prompt_format: PromptFormat, texts: Sequence[Sequence[int]]) -> float:
    """Mean loss of a token, in nats, over texts given as ids. Raises nothing for none: 0."""
    if not texts:
        return 0.0
    total = count = 0.0
    with torch.no_grad():
        for start in range(0, len(texts), 32):
            batch = prompt_format.batch([], texts[start : start + 32])
            there = int((batch.labels != IGNORED).sum())
            total += float(_mean_cross_entropy(prompt_format.logits(batch), batch.labels)) * there
            count += there
    return total / count


def _optimizer_state(optimizer: Any, parameters: Sequence[Tensor]) -> dict[str, Tensor]:
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


def _restore_optimizer(
    optimizer: Any, parameters: Sequence[Tensor], moments: Mapping[str, Tensor]
) -> None:
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
