"""Measuring trained models on a task: accuracy under each of its conditions, segment by segment, at
constant memory; kept models by name.

What it prints where, the command line and the benchmarks know.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from remanence.errors import CheckpointError, TrainingError
from remanence.lab import checkpoint, students
from remanence.lab.recipe import StudentRecipe
from remanence.lab.tasks import generation
from remanence.lab.tasks.task import Check, Segment, Task
from remanence.lab.train import StepPoint, TrainedStudent

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Score:
    """accuracy: share of the answers that are right; exact: share of the episodes whose answers all
    are. loss: nats an answer. asked: how many answers. segments: of an episode. state: bytes a
    session's memory takes, the same after the first segment and the last.
    """

    accuracy: float
    exact: float
    loss: float
    asked: int
    segments: int
    state: int
    cpu: float

    @property
    def perplexity(self) -> float:
        """Of the answers."""
        return math.exp(min(self.loss, 700.0))

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`."""
        return {**asdict(self), "perplexity": self.perplexity}


def measure(
    run: TrainedStudent, check: Check, *, seed: int = 1, progress: Progress | None = None
) -> Score | None:
    """A trained model under one condition; None where it has no positions for so long an episode.

    The same `seed`, the same episodes.

    Raises `TrainingError` where a session's state changes its size from one segment to the next.
    """
    device = next(run.model.parameters()).device
    asked = correct = exact = rows = segments = state = 0
    loss, started = 0.0, time.process_time()
    for number in range(check.rounds):
        # Training draws from [seed, step]; a third number keeps tests apart from anything trained
        # on.
        random = np.random.default_rng([seed, number, 1])
        stream = (each.to(device) for each in check.stream(random, check.rows))
        wrong = torch.zeros(check.rows, dtype=torch.bool, device=device)
        segments = 0
        for scores, segment, held in _answers(run, stream):
            segments += 1
            if progress:
                progress(number, segments)
            if state and held != state:
                raise TrainingError(
                    f"a session's state went from {state} to {held} bytes at segment {segments}; a "
                    "memory's state keeps its size"
                )
            state = held
            if not segment.asked:
                continue
            right = students.right(scores, segment)
            missed = (segment.labels >= 0) & ~right
            wrong |= missed.any(1)
            asked, correct = asked + segment.asked, correct + int(right.sum())
            loss += float(students.loss(scores, segment))
        if not segments:
            return None
        exact, rows = exact + int((~wrong).sum()), rows + check.rows
    spent = time.process_time() - started
    return Score(correct / asked, exact / rows, loss / asked, asked, segments, state, spent)


@torch.inference_mode()
def _answers(
    run: TrainedStudent, stream: Iterator[Segment]
) -> Iterator[tuple[torch.Tensor, Segment, int]]:
    """Scores of each segment, and the bytes of state a session has after it; nothing where the
    model does not reach.
    """
    way = students.way(run.recipe.memory)
    if run.recipe.memory == "full":
        episode, length = [], 0
        for segment in stream:
            episode.append(segment)
            length += segment.tokens.shape[1]
            if length > students.positions(run.model):
                return
        every, _ = way(run.model, episode, None)
        for each, segment in zip(every, episode, strict=True):
            yield each, segment, 0
        return
    if run.recipe.memory == "none":  # what is not asked leaves no trace: only questions are run
        stream = (each for each in stream if each.asked)
    state = None
    for segment in stream:
        scores, state = way(run.model, [segment], state)
        held = 0 if state is None else state.nbytes // len(state)
        yield scores[0], segment, held


def written(
    run: TrainedStudent, *, rows: int = 128, seed: int = 1, forgets: bool = False
) -> generation.GeneratedTexts | None:
    """Generate texts with a trained model and return their BLEU, ROUGE-L and exact match; None for
    a task without text. The same `seed` and `rows`, the same samples. `forgets`: the memory is
    reset before the last segment.
    """
    if not isinstance(run.task, generation.Generation):
        return None
    way = students.way(run.recipe.memory)
    device = next(run.model.parameters()).device

    def says(segment: Segment, state: Any) -> tuple[torch.Tensor, Any]:
        scores, after = way(run.model, [segment.to(device)], state)
        return scores[0].cpu(), after

    whole = run.recipe.memory == "full"
    return generation.measure(says, run.task, rows=rows, seed=seed, whole=whole, forgets=forgets)


def save(run: TrainedStudent, folder: Path) -> Path:
    """Keep a trained model; what was its checkpoint goes."""
    path = folder / checkpoint.MODEL
    about = {
        "task": run.task.as_json(), "recipe": run.recipe.as_json(), "steps": run.steps, "level": run.level, "passed": run.passed,
        "stopped": run.stopped, "curve": [asdict(each) for each in run.curve],
    }  # fmt: skip
    checkpoint.write(path, about, checkpoint.numbers(run.model))
    (folder / checkpoint.UNDERWAY).unlink(missing_ok=True)
    return path


def load(folder: Path, task: Task, recipe: StudentRecipe | None = None) -> TrainedStudent | None:
    """The model that `save` kept in a folder, or None.

    Raises `CheckpointError` where it is damaged, or of another task or recipe.
    """
    path = folder / checkpoint.MODEL
    belongs: dict[str, Any] = {"task": task.as_json()}
    if recipe:
        belongs["recipe"] = recipe.as_json()
    saved = checkpoint.read(path, belongs)
    if saved is None:
        return None
    try:
        made = StudentRecipe().but(**saved.about["recipe"])
        curve = [StepPoint(**each) for each in saved.about["curve"]]
        rest = {name: saved.about[name] for name in ("steps", "level", "passed", "stopped")}
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} lacks {error}; delete it and train anew") from error
    model = students.build(task, made)
    checkpoint.restore(model, saved, path)
    return TrainedStudent(model.eval(), task, made, curve, **rest)


def fewer(check: Check, rows: int, rounds: int) -> Check:
    """The same condition on at most so many rows and rounds."""
    return replace(check, rows=min(rows, check.rows), rounds=min(rounds, check.rounds))


def worst(scores: Sequence[Score | None]) -> Score | None:
    """The score with the lowest accuracy, of several seeds; None where one of them is None."""
    there = [each for each in scores if each is not None]
    if len(there) < len(scores) or not there:
        return None
    return min(there, key=lambda each: each.accuracy)
