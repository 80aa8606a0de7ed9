"""Training a small model with a memory on a task: truncated backpropagation through segments,
curriculum, checkpoints, what is told on the way.

It composes the rooms beside it: `tasks` gives episodes, `students` the model and its way through
segments, `curriculum` the level.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from remanence.errors import InvalidInput, TrainingError
from remanence.lab import checkpoint, students
from remanence.lab.curriculum import Curriculum
from remanence.lab.recipe import StudentRecipe
from remanence.lab.tasks.task import Segment, Task
from remanence.neural.state import MemoryState

GATES: Final = ("gate", "decay")  # what a memory's gates are called, somewhere in their name
NEGLIGIBLE_CHANGE: Final = (
    1e-4  # a segment that changes a state by this share of it counts as changing nothing
)


@dataclass(frozen=True, slots=True)
class StepPoint:
    """Means over the steps since the last point.

    loss: nats an answer. cpu: seconds of this process spent on training so far.
    """

    step: int
    loss: float
    accuracy: float
    level: int
    cpu: float


@dataclass(frozen=True, slots=True)
class StepProgress:
    """Progress: after `step` of at most `steps` steps, the last batch's loss and accuracy, and the
    level it was of.
    """

    step: int
    steps: int
    loss: float
    accuracy: float
    level: int
    levels: int


Watch = Callable[[StepProgress], None]


@dataclass
class TrainedStudent:
    """Result of a training.

    `stopped` says why it ended, `level` the last one it stood at, `passed` whether it passed the
    last there is.
    """

    model: Any
    task: Task
    recipe: StudentRecipe
    curve: list[StepPoint] = field(default_factory=list)
    steps: int = 0
    level: int = 1
    passed: bool = False
    stopped: str = ""

    @property
    def cpu(self) -> float:
        """CPU seconds that training took."""
        return self.curve[-1].cpu if self.curve else 0.0

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return sum(each.numel() for each in self.model.parameters())


class Training:
    """One training.

    `folder` keeps a checkpoint, if given; one that it holds already is resumed, and ends as if
    nothing had been.
    """

    def __init__(
        self,
        task: Task,
        recipe: StudentRecipe,
        *,
        folder: Path | None = None,
        device: str = "cpu",
        watch: Watch | None = None,
    ) -> None:
        self._task, self._recipe, self._device = task, recipe, device
        self._watch = watch or _ignore_progress
        self._path = folder / checkpoint.UNDERWAY if folder else None
        self._model = students.build(task, recipe).to(device)
        self._way = students.way(recipe.memory)
        self._optimiser = torch.optim.AdamW(groups(self._model, recipe), betas=(0.9, 0.99))
        self._rates = [group["lr"] for group in self._optimiser.param_groups]
        first = 1 if recipe.curriculum else task.levels
        self._place = Curriculum(task.levels, recipe.threshold, recipe.window, level=first)
        self._curve: list[StepPoint] = []
        self._fresh: list[tuple[float, float]] = []  # loss and accuracy of the steps since a point

    def run(self) -> TrainedStudent:
        """Train.

        Raises `TrainingError` where the loss or a gradient is no finite number, `CheckpointError`
        for one of another training.
        """
        recipe = self._recipe
        step, before = self._resume()
        started = time.process_time()
        self._model.train()
        while step < self._end():
            loss, accuracy = self._step(step)
            level, step = self._place.level, step + 1
            self._fresh.append((loss, accuracy))
            self._place = self._place.after(step, accuracy)
            last = step >= self._end()
            if step % recipe.keep == 0 or last:
                spent = before + time.process_time() - started
                count = len(self._fresh)
                loss_mean = sum(each for each, _ in self._fresh) / count
                accuracy_mean = sum(each for _, each in self._fresh) / count
                self._curve.append(StepPoint(step, loss_mean, accuracy_mean, level, spent))
                self._fresh.clear()
                self._save_checkpoint(step)
            self._watch(StepProgress(step, recipe.steps, loss, accuracy, level, self._task.levels))
        passed = self._place.passed is not None
        stopped = f"passed level {self._place.levels} of {self._place.levels}"
        if not passed:
            stopped = (
                f"level {self._place.level} of {self._place.levels} not passed in {step} steps"
            )
        return TrainedStudent(
            self._model.eval(), self._task, recipe, self._curve, step, self._place.level, passed, stopped
        )  # fmt: skip

    def _end(self) -> int:
        """The step after which training ends, as far as is known."""
        if self._place.passed is None:
            return self._recipe.steps
        return min(self._recipe.steps, self._place.passed + self._recipe.settle)

    def _rate(self, step: int) -> float:
        """Return the share of the rates that a step takes: rising at first, falling to nothing over
        the last `settle` steps.
        """
        rising = min(1.0, (step + 1) / (self._recipe.warm + 1))
        falling = min(1.0, (self._end() - step) / (self._recipe.settle + 1))
        return rising * falling

    def _episode(self, random: np.random.Generator) -> list[Segment]:
        """Return the batch of a step on the device;

        without memory, the segments with a question.
        """
        episode = self._task.episode(random, self._recipe.batch, self._place.level)
        if self._recipe.memory == "none":
            episode = [each for each in episode if each.asked]
        return [each.to(self._device) for each in episode]

    def _step(self, step: int) -> tuple[float, float]:
        """One update; mean loss and accuracy of its batch."""
        recipe = self._recipe
        seed = np.random.SeedSequence([recipe.seed, step])
        random = np.random.default_rng(seed)
        episode = self._episode(random)
        share = self._rate(step)
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._optimiser.zero_grad(set_to_none=True)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(seed.generate_state(1, np.uint64)[0] >> 1))
            try:
                loss, accuracy = backward(
                    self._model, self._way, episode, self._truncation(), recipe.quiet
                )
            except InvalidInput as error:  # a memory takes no hidden state that is not finite
                raise self._training_error(step, str(error)) from error
        weights = [each for each in self._model.parameters() if each.grad is not None]
        norm = nn.utils.get_total_norm([each.grad for each in weights])
        if not (np.isfinite(loss) and bool(torch.isfinite(norm))):
            raise self._training_error(
                step, f"the loss is {loss} and the gradient's length {float(norm)}"
            )
        # Clipped after the check: a norm of NaN would spread to every gradient, and nobody could
        # say where it began.
        nn.utils.clip_grads_with_norm_(weights, recipe.clip, norm)
        self._optimiser.step()
        return loss, accuracy

    def _training_error(self, step: int, what: str) -> TrainingError:
        """Why a run cannot go on, and where it stood."""
        recipe, place = self._recipe, self._place
        return TrainingError(
            f"at step {step + 1}, level {place.level} of "
            f"{place.levels}{_locate_nonfinite(self._model)}: {what}; "
            f"lower rate={recipe.rate} or clip={recipe.clip}"
        )

    def _truncation(self) -> int | None:
        return None if self._recipe.memory == "full" else self._recipe.truncate

    def _identity(self) -> dict[str, Any]:
        return {"task": self._task.as_json(), "recipe": self._recipe.as_json()}

    def _resume(self) -> tuple[int, float]:
        """The step to go on from, and the CPU seconds spent before it."""
        saved = checkpoint.read(self._path, self._identity()) if self._path else None
        if saved is None or self._path is None:
            return 0, 0.0
        checkpoint.restore(self._model, saved, self._path)
        checkpoint.resume(self._model, self._optimiser, saved)
        self._place = self._place.at(saved.about["place"])
        self._curve = [StepPoint(**each) for each in saved.about["curve"]]
        return saved.about["step"], self._curve[-1].cpu

    def _save_checkpoint(self, step: int) -> None:
        if self._path is None:
            return
        curve = [asdict(each) for each in self._curve]
        about = {**self._identity(), "step": step, "place": self._place.as_json(), "curve": curve}
        kept = {
            **checkpoint.numbers(self._model),
            **checkpoint.moments(self._model, self._optimiser),
        }
        checkpoint.write(self._path, about, kept)


def _parts(episode: Sequence[Segment], reach: int) -> list[Sequence[Segment]]:
    """Return an episode in parts of `reach` segments, the first one shorter where it must be."""
    head = len(episode) % reach
    starts = [*([0] if head else []), *range(head, len(episode), reach)]
    ends = [*starts[1:], len(episode)]
    return [episode[start:end] for start, end in zip(starts, ends, strict=True)]


def backward(
    model: nn.Module,
    way: students.Way,
    episode: Sequence[Segment],
    reach: int | None,
    quiet: float = 0.0,
) -> tuple[float, float]:
    """Add the gradient of an episode's mean loss, and of `quiet` times its mean `stir`; the loss
    (without that) and the accuracy.

    The state is cut off every `reach` segments, counted from the end, so that the last question
    reaches as far back as any; None for never. A part in which nothing is asked has no loss and,
    unless it is to be quiet, is only read.
    """
    reach = reach or len(episode)
    asked = max(1, sum(each.asked for each in episode))
    state, total, correct = None, 0.0, 0
    for part in _parts(episode, reach):
        with torch.set_grad_enabled(quiet > 0 or any(each.asked for each in part)):
            scores, states = _through(model, way, part, state)
            parts = [students.loss(s, each) for s, each in zip(scores, part, strict=True)]
            loss: Tensor = torch.stack(parts).sum() / asked
            moved = _stirred(state, states) if quiet else None
        aim = loss if moved is None else loss + quiet * moved / len(episode)
        if aim.requires_grad:
            aim.backward()
        total += float(loss.detach())
        correct += sum(
            int(students.right(s, each).sum()) for s, each in zip(scores, part, strict=True)
        )
        state = None if states[-1] is None else states[-1].detach()
    return total, correct / asked


def _through(
    model: nn.Module, way: students.Way, part: Sequence[Segment], state: MemoryState | None
) -> tuple[list[Tensor], list[MemoryState | None]]:
    """Scores of each segment, and the state after each (after all, where they are read as one)."""
    if way is students.together:
        scores, after = way(model, part, state)
        return scores, [after]
    found: list[Tensor] = []
    states = []
    for each in part:
        scores, state = way(model, [each], state)
        found += scores
        states.append(state)
    return found, states


def _stirred(before: MemoryState | None, states: Sequence[MemoryState | None]) -> Tensor | None:
    """The sum of `stir` over segments; None of a model without a state."""
    found = []
    for after in states:
        if after is not None:
            found.append(stir(before, after))
        before = after
    return torch.stack(found).sum() if found else None


def stir(before: MemoryState | None, after: MemoryState) -> Tensor:
    """How much a segment has changed a state: the mean of log |after - before| / |after| over
    sessions, layers and heads (or cells), not below log `NEGLIGIBLE_CHANGE`.

    The logarithm matters. What filler writes is little beside what pairs write, and becomes less as
    its gates shut; the gradient of the share itself would fade with it, long before a thousand
    segments leave a state as it was.
    """
    found = []
    for path, new in after.tensors().items():
        # A tail is what a convolution still has to see: other tokens, another tail. Whole numbers
        # count rows.
        if path.endswith("/tail") or not new.is_floating_point():
            continue
        moved = new if before is None else new - before.tensors()[path]
        was, did = (
            (x.flatten(2) if x.dim() > 2 else x[:, None]).square().sum(-1)  # (B, H)
            for x in (new.detach(), moved)
        )
        share = did / (was + NEGLIGIBLE_CHANGE**2)
        found.append((share + NEGLIGIBLE_CHANGE**2).log().mean() / 2)
    return torch.stack(found).mean()


def groups(model: nn.Module, recipe: StudentRecipe) -> list[dict[str, Any]]:
    """Parameters by how they learn: gates of a memory faster and without decay, other matrices with
    it, the rest without.
    """
    found: dict[str, list[nn.Parameter]] = {"gates": [], "matrices": [], "others": []}
    for name, each in model.named_parameters():
        if not each.requires_grad:
            continue
        inside = "memory" in name.split(".")
        if inside and any(gate in name.split("memory", 1)[1] for gate in GATES):
            found["gates"].append(each)
        else:
            found["matrices" if each.dim() > 1 else "others"].append(each)
    rate = recipe.rate
    kinds = {
        "gates": (rate * recipe.gates, 0.0),
        "matrices": (rate, recipe.decay),
        "others": (rate, 0.0),
    }
    return [
        {"params": each, "lr": kinds[kind][0], "weight_decay": kinds[kind][1]}
        for kind, each in found.items()
        if each
    ]


def _locate_nonfinite(model: nn.Module) -> str:
    """The first parameters whose numbers or gradients are not finite, as a clause."""
    weights = dict(model.named_parameters())
    gradients = {name: each.grad for name, each in weights.items() if each.grad is not None}
    for what, tensors in (("numbers", weights), ("gradients", gradients)):
        odd = [name for name, each in tensors.items() if not torch.isfinite(each).all()]
        if odd:
            return f" (the {what} of {', '.join(odd[:3])} are not finite)"
    return ""


def _ignore_progress(tick: StepProgress) -> None:
    """Progress that nobody watches."""
