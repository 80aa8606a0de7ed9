"""Training from start to end: epochs, checks on validation triples, early stopping, checkpoints,
what is told on the way.

It does not know files of triples, pictures or terminals: a `Watch` is told everything.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch

from remanence.errors import TrainingError
from remanence.kge import parallel
from remanence.kge.batches import Epochs
from remanence.kge.checkpoint import Checkpoint, CheckpointFile
from remanence.kge.ranking import Quality, Ranker
from remanence.kge.recipe import Recipe
from remanence.kge.scorers.scorer import Scorer
from remanence.kge.step import Stepper
from remanence.kge.tables import Adagrad, Tables
from remanence.kge.triples import Ids, Split

PROGRESS_INTERVAL: Final = 0.5  # seconds between two progress reports within an epoch


@dataclass(frozen=True, slots=True)
class EpochPoint:
    """A state of the training: `loss` the mean over the epoch's answers, `mrr` and `hits10` of
    validation where it was checked, `cpu` seconds of all threads of this process spent so far on
    training alone, checks aside.
    """

    epoch: int
    loss: float
    cpu: float
    mrr: float | None = None
    hits10: float | None = None


@dataclass(frozen=True, slots=True)
class EpochProgress:
    """Progress within an epoch: of `epochs` epochs and `steps` steps; the mean loss so far; the
    newest validation MRR.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    mrr: float | None


Watch = Callable[[EpochProgress], None]


@dataclass
class TrainingResult:
    """Result of a training.

    `tables` are those of the best check, or the last where nothing was checked.
    """

    tables: Tables
    curve: list[EpochPoint] = field(default_factory=list)
    best: EpochPoint | None = None
    stopped: str = "all epochs done"


@dataclass(frozen=True)
class Stage:
    """Some epochs of a training:

    their tables, or columns of them, their model and their batches.
    """

    scorer: Scorer
    tables: Tables
    epochs: Epochs
    stepper: Stepper


class Trainer:
    """One training. `store` keeps checkpoints, if any; a checkpoint that it holds is resumed."""

    def __init__(
        self,
        graph: Split,
        recipe: Recipe,
        *,
        device: str = "cpu",
        store: CheckpointFile | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._graph, self._recipe, self._store = graph, recipe, store
        self._watch = watch or _ignore_progress
        self._relations = len(graph.relations)
        self._processes = parallel.Processes.present()
        self._device = self._processes.device(device)
        torch_generator = torch.Generator().manual_seed(recipe.seed)
        relations = self._relations * (2 if recipe.reciprocal else 1)
        tables = Tables.new(
            recipe.scorer(), len(graph.entities), relations, recipe.initial, torch_generator
        )
        self._tables = tables.map(lambda each: each.to(self._device))
        self._adagrad = Adagrad(self._tables)
        self._stages = [(0, self._stage(recipe, self._tables, self._adagrad))]
        if recipe.still:  # no batch needs blocks of a relation before projections move
            begins = recipe.scorer().begins
            simpler = recipe.but(model=begins, space=0, blocks=0, still=0)
            widths = simpler.scorer().widths()
            squares = Adagrad(self._tables, self._adagrad.squares.columns(widths))
            first = self._stage(simpler, self._tables.columns(widths), squares)
            self._stages = [(0, first), (recipe.still, self._stages[0][1])]
        self._checked = _subsample(graph.valid, recipe.checked, recipe.seed)
        self._known = graph.known()
        self._kept: Tables | None = None

    def _stage(self, recipe: Recipe, tables: Tables, adagrad: Adagrad) -> "Stage":
        epochs = Epochs(self._graph.train.ids, len(self._graph.entities), self._relations, recipe)
        stepper = Stepper(recipe, tables, adagrad, self._relations, self._processes.add)
        return Stage(recipe.scorer(), tables, epochs, stepper)

    def _stage_of(self, epoch: int) -> "Stage":
        return next(stage for first, stage in reversed(self._stages) if epoch >= first)

    def run(self) -> TrainingResult:
        """Train.

        Raises `TrainingError` where the loss is no finite number, `CheckpointError` for a
        checkpoint of another training.
        """
        recipe, run = self._recipe, TrainingResult(self._tables)
        begin = self._resume(run)
        run.best = max(
            (p for p in run.curve if p.mrr is not None), key=lambda p: p.mrr or 0.0, default=None
        )
        for epoch in range(begin, recipe.epochs):
            if self._out_of_patience(run):
                run.stopped = f"no better validation MRR in {recipe.patience} checks"
                break
            point = self._check(self._epoch(epoch, run), epoch)
            run.curve.append(point)
            if point.mrr is not None and (run.best is None or point.mrr > (run.best.mrr or 0)):
                run.best, self._kept = point, self._tables.map(torch.clone)
            self._save(run, epoch + 1)
        run.tables = self._kept or self._tables
        return run

    def _resume(self, run: TrainingResult) -> int:
        """Restore the last checkpoint; return the epoch to begin with, 0 without a checkpoint."""
        held = self._store.load(self._recipe, self._graph) if self._store else None
        if not held:
            return 0
        run.curve, self._kept = [EpochPoint(**each) for each in held.curve], held.best
        held.restore(self._tables, self._adagrad)
        if self._kept:
            self._kept = self._kept.map(lambda each: each.to(self._device))
        return held.epoch

    def _save(self, run: TrainingResult, epoch: int) -> None:
        """Write a checkpoint after `epoch` epochs, where checkpoints are kept."""
        if self._store and self._processes.first:
            curve = [_as_dict(each) for each in run.curve]
            saved = Checkpoint(epoch, curve, self._tables, self._adagrad.squares, self._kept)
            self._store.save(saved, self._recipe, self._graph)

    def _epoch(self, epoch: int, run: TrainingResult) -> EpochPoint:
        recipe, stage, before = (
            self._recipe,
            self._stage_of(epoch),
            run.curve[-1].cpu if run.curve else 0.0,
        )
        started, due = time.process_time(), 0.0
        total, answers = 0.0, 0
        steps = stage.epochs.steps
        known = next((p.mrr for p in reversed(run.curve) if p.mrr is not None), None)
        for step, draw in enumerate(stage.epochs.of(epoch)):
            rate = recipe.rate_at(epoch * steps + step, steps)
            mine = draw.part(self._processes.rank, self._processes.world)
            loss = stage.stepper.step(draw, mine, rate, self._dropout_generator(epoch, step))
            if not np.isfinite(loss):
                raise TrainingError(
                    f"the loss is {loss} at epoch {epoch + 1}, step {step + 1} of {steps}; "
                    f"lower rate={recipe.rate} or scale, or start again from a checkpoint before it"
                )
            total, answers = total + loss * len(draw.answers), answers + len(draw.answers)
            if (now := time.monotonic()) >= due:
                due = now + PROGRESS_INTERVAL
                self._watch(
                    EpochProgress(epoch, recipe.epochs, step + 1, steps, total / answers, known)
                )
        if not all(torch.isfinite(each).all() for each in self._tables.named().values()):
            raise TrainingError(
                f"the tables have numbers that are not finite after epoch {epoch + 1}; lower "
                f"rate={recipe.rate} or scale"
            )
        return EpochPoint(
            epoch + 1, total / max(answers, 1), before + time.process_time() - started
        )

    def _check(self, point: EpochPoint, epoch: int) -> EpochPoint:
        recipe = self._recipe
        last = epoch + 1 == recipe.epochs
        if not len(self._checked) or not (last or (epoch + 1) % recipe.check == 0):
            return point
        stage = self._stage_of(epoch)
        ranker = Ranker(stage.scorer, stage.tables, self._relations)
        quality = Quality.of(ranker.ranks(self._checked, self._known).ravel())
        steps = stage.epochs.steps
        self._watch(EpochProgress(epoch, recipe.epochs, steps, steps, point.loss, quality.mrr))
        return EpochPoint(point.epoch, point.loss, point.cpu, quality.mrr, quality.hits[10])

    def _out_of_patience(self, run: TrainingResult) -> bool:
        recipe = self._recipe
        checked = [p for p in run.curve if p.mrr is not None]
        if not recipe.patience or run.best is None:
            return False
        return len([p for p in checked if p.epoch > run.best.epoch]) >= recipe.patience

    def _dropout_generator(self, epoch: int, step: int) -> torch.Generator:
        """Dropout's own, the same whenever this step is done by this process."""
        seed = np.random.SeedSequence([self._recipe.seed, epoch, step, self._processes.rank])
        return torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0] >> 1))


def _ignore_progress(tick: EpochProgress) -> None:
    """Progress that nobody watches."""


def _subsample(ids: Ids, most: int, seed: int) -> Ids:
    """At most `most` of the triples, the same for the same seed."""
    if len(ids) <= most:
        return ids
    return ids[np.sort(np.random.default_rng(seed).choice(len(ids), most, replace=False))]


def _as_dict(point: EpochPoint) -> dict[str, Any]:
    return {name: getattr(point, name) for name in EpochPoint.__slots__}
