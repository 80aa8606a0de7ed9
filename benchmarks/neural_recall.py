"""Small models that learn to recall across segments: what each memory answers, how far away, and in
how many CPU seconds it learnt.

Each task is trained from nothing with each memory, dynamic memory with several seeds; a row shows
the worst of the seeds and their mean under every condition ("+64": 64 segments of filler between
what is said and what is asked). Guessing and a model that sees its own segment alone stand beside;
memories that are beside dynamic memory for comparison have `MOST` updates, one seed, and no test
over 1,000 segments. One thread. What was trained stays in `--folder`, if one is given, and is not
trained again; an interrupted training goes on.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import report
import torch

from remanence.lab import measure, recipe
from remanence.lab.measure import Score
from remanence.lab.tasks import TASKS, Check, Task, choose
from remanence.lab.train import TrainedStudent, Training

BESIDE = ("additive", "gated", "gru", "full", "none")
SEEDS = 3
QUICK: dict[str, Any] = {"steps": 30, "settle": 10}
MOST = {"additive": 400, "gated": 250, "gru": 250, "full": 600, "none": 100}
"""The most updates of what stands beside.

Dynamic memory takes about 120 for recall and 210 for overwrite.
"""


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--task", nargs="*", choices=TASKS, help="these alone")
    parser.add_argument("--memory", nargs="*", choices=recipe.MEMORIES, help="these alone")
    parser.add_argument("--check", nargs="*", help="these conditions alone, such as next +64")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--folder", type=Path, help="where models stay")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as passing:
        folder = args.folder or Path(passing)
        for name in args.task or ("recall", "overwrite"):
            measured(name, folder, args)


def measured(name: str, folder: Path, args: argparse.Namespace) -> None:
    """One task's table."""
    task = choose(name)
    checks = dict(task.checks())
    if args.check:
        checks = {label: each for label, each in checks.items() if label in args.check}
    if args.quick:
        checks = {label: measure.fewer(each, 16, 1) for label, each in list(checks.items())[:2]}
    rows = []
    for memory in args.memory or ("dynamic", *BESIDE):
        alone = args.quick or memory in BESIDE
        runs = [
            trained(name, task, memory, seed, folder, args)
            for seed in range(args.first, args.first + (1 if alone else args.seeds))
        ]
        near = {
            label: each for label, each in checks.items()
            if not alone or "segments" not in label
        }  # fmt: skip
        scores = answered(runs, near)
        cells = [percent(scores.get(label, [])) for label in checks]
        rows.append([memory, len(runs), *cells, *cost(runs), state(scores)])
        report.say(f"  {name} {rows[-1]}")
    guess = f"{100 * task.chance:.2f}"
    rows.append(["guessing", None, *(guess for _ in checks), *(None,) * 5])
    report.show(
        f"{name}: {task.about}",
        ["memory", "seeds", *(f"{label} %" for label in checks),
         "passed", "steps", "train CPU s", "parameters", "state B"],
        rows,
        args,
        notes=[
            ("answers that are right, of episodes that no training saw: the worst seed, and "
            "behind it the mean; one thread"),
            ("`passed`: runs that came through the last level of the curriculum; `steps` and "
            "seconds are the most that one took"),
        ],
        versions={"torch": torch.__version__},
    )  # fmt: skip


def trained(
    name: str, task: Task, memory: str, seed: int, folder: Path, args: argparse.Namespace
) -> TrainedStudent:
    """One model, trained now or before."""
    chosen = recipe.choose(name, memory).but(seed=seed)
    if memory in MOST:
        chosen = chosen.but(steps=min(chosen.steps, MOST[memory]))
    if args.quick:
        chosen = chosen.but(**QUICK)
    place = folder / name / f"{memory}-{seed}"
    run = measure.load(place, task, chosen)
    if run is None:
        run = Training(task, chosen, folder=place).run()
        measure.save(run, place)
        report.say(
            f"  {name} {memory} seed {seed}: {run.stopped}, {run.steps} steps, {run.cpu:.1f} CPU s"
        )
    return run


def answered(runs: list[TrainedStudent], checks: dict[str, Check]) -> dict[str, list[Score | None]]:
    """The scores of all runs under each condition."""
    found = {}
    for label, check in checks.items():
        found[label] = [measure.measure(run, check) for run in runs]
        report.say(f"    {runs[0].recipe.memory} {label}: {percent(found[label])}")
    return found


def percent(scores: list[Score | None]) -> str | None:
    """Answers that are right, of the worst and on the average;

    None where it was not measured or a model has no positions for it.
    """
    worst = measure.worst(scores)
    if worst is None:
        return None
    mean = sum(each.accuracy for each in scores if each) / len(scores)
    return f"{100 * worst.accuracy:.2f} ({100 * mean:.2f})"


def state(scores: dict[str, list[Score | None]]) -> int:
    """Bytes that a session's memory takes."""
    return max((one.state for each in scores.values() for one in each if one), default=0)


def cost(runs: list[TrainedStudent]) -> list[Any]:
    """How many passed, the most steps and seconds, and how large the model is."""
    passed = f"{sum(each.passed for each in runs)} of {len(runs)}"
    steps, spent = max(each.steps for each in runs), max(each.cpu for each in runs)
    return [passed, steps, spent, runs[0].parameters]


if __name__ == "__main__":
    main()
