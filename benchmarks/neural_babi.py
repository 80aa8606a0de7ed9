"""The twenty bAbI tasks by an episodic dynamic memory: error per task, and of one model trained on
all of them (joint).

From scratch, English, 10,000 training questions a task, supporting facts not used. Stories are read
whole, none is cut. One recipe for all tasks. A tenth of the training stories is held out: it
chooses the epoch, ends training at `--enough`, and among up to `--attempts` seeds it chooses the
model that is kept (the next seed is tried only where none has come to `--enough`). Of the joint
model, of one seed, a twentieth is held out. Test stories are looked at once, by the model that was
chosen. A task whose training file is absent is not trained and not in the mean; the table says
which.
"""

import argparse
import json
import logging
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch

from remanence.lab.babi_training import BabiTraining, error, train, train_with_restarts
from remanence.lab.fact_memory import EpisodicConfig
from remanence.lab.tasks.babi import TASKS, Encoded, Story, find, read

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "babi" / "en-10k"
FAILED = 5.0  # % of error above which the literature counts a task as failed


def stories(folder: Path, task: int, part: str) -> list[Story]:
    """The stories of a file, none where it is absent."""
    path = find(folder, task, part)
    return [] if path is None else read(path.read_text().splitlines())


def alone(folder: Path, task: int, given: argparse.Namespace) -> dict[str, Any]:
    """A model of its own for one task:

    its error on the test stories, held-out errors of all seeds, and the CPU seconds of all of them.
    """
    learnt, asked = stories(folder, task, "train"), stories(folder, task, "test")
    if not learnt or not asked:
        return {"task": task, "error": None, "held": [], "seconds": 0.0}
    begun = time.process_time()
    made, held = train_with_restarts(
        learnt[: len(learnt) // 10] if given.quick else learnt,
        EpisodicConfig(dropout=given.dropout),
        BabiTraining(epochs=given.epochs, batch=given.batch, rate=given.rate, enough=given.enough),
        given.attempts,
        given.enough,
    )
    wrong = error(made.model, Encoded(asked, made.lexicon))
    return {"task": task, "error": wrong, "held": held, "seconds": time.process_time() - begun}


def joint(folder: Path, tasks: list[int], given: argparse.Namespace) -> dict[str, Any]:
    """One model for all tasks that can be trained, one seed: its error on each."""
    learnt: list[Story] = []
    known = [task for task in tasks if stories(folder, task, "train")]
    for task in known:
        found = stories(folder, task, "train")
        learnt += found[: len(found) // 10] if given.quick else found
    begun = time.process_time()
    config = EpisodicConfig(size=given.joint_size, dropout=given.dropout)
    training = BabiTraining(epochs=given.joint_epochs, batch=128, rate=given.joint_rate, held=0.05)
    made = train(learnt, config, training)
    errors = {
        task: error(made.model, Encoded(stories(folder, task, "test"), made.lexicon))
        for task in known
    }
    return {"errors": errors, "held": made.held, "seconds": time.process_time() - begun}


def _settings(given: argparse.Namespace) -> list[float]:
    names = ("quick", "attempts", "enough", "epochs", "batch", "rate", "dropout")
    return [getattr(given, name) for name in names]


def kept(given: argparse.Namespace, task: int) -> dict[str, Any] | None:
    """The row of an earlier call with these settings, where `--kept` has it."""
    if given.kept is None or not given.kept.is_file():
        return None
    rows = [json.loads(line) for line in given.kept.read_text().splitlines()]
    mine = [row for row in rows if row["task"] == task and row["settings"] == _settings(given)]
    return mine[0] if mine else None


def keep(given: argparse.Namespace, row: dict[str, Any]) -> None:
    """Add a row to `--kept`, unless it came from there."""
    if given.kept is not None and "settings" not in row:
        with given.kept.open("a") as file:
            file.write(json.dumps({**row, "settings": _settings(given)}) + "\n")


def table(rows: list[dict[str, Any]], together: dict[str, Any] | None) -> str:
    """The results as a Markdown table."""
    errors = together["errors"] if together else {}
    lines = ["| task | error % | held-out error % of each seed | CPU s | joint error % |"]
    lines.append("|---|---|---|---|---|")
    for row in rows:
        told = "no training file" if row["error"] is None else f"{row['error']:.1f}"
        held = ", ".join(f"{each:.1f}" for each in row["held"])
        beside = f"{errors[row['task']]:.1f}" if row["task"] in errors else ""
        lines.append(f"| {row['task']} | {told} | {held} | {row['seconds']:.0f} | {beside} |")
    if not rows:
        lines += [f"| {task} | | | | {wrong:.1f} |" for task, wrong in errors.items()]
    known = [row["error"] for row in rows if row["error"] is not None]
    spent = sum(row["seconds"] for row in rows)
    more = f" + {together['seconds']:.0f} joint" if together else ""
    mean = f"mean of {len(known) or len(errors)}"
    lines.append(f"| {mean} | {_mean(known)} | | {spent:.0f}{more} | {_mean(errors.values())} |")
    failed = [str(sum(e > FAILED for e in of)) for of in (known, list(errors.values()))]
    lines.append(f"| above {FAILED:.0f} % | {failed[0]} | | | {failed[1] if errors else ''} |")
    return "\n".join(lines)


def _mean(errors: Collection[float]) -> str:
    return f"{sum(errors) / len(errors):.2f}" if errors else ""


def main() -> None:
    """Parse, run, print; a row is told as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--tasks", default=",".join(map(str, TASKS)))
    parser.add_argument("--attempts", type=int, default=3, help="seeds, at most")
    parser.add_argument("--enough", type=float, default=0.3, help="held-out error in %% to stop at")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=64, help="questions of a step, about")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--joint-epochs", type=int, default=8)
    parser.add_argument("--joint-rate", type=float, default=2e-3)
    parser.add_argument("--joint-size", type=int, default=64)
    parser.add_argument("--only", choices=("alone", "joint"))
    parser.add_argument("--quick", action="store_true", help="a tenth of the stories, one seed")
    parser.add_argument("--kept", type=Path, help="file of rows: done ones are not done again")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")  # to stderr
    torch.set_num_threads(1)
    tasks = [int(task) for task in given.tasks.split(",")]
    if not given.folder.is_dir():
        raise SystemExit(f"{given.folder} is absent; give --folder")
    if given.quick:
        given.attempts = 1
    rows = []
    for task in tasks if given.only != "joint" else []:
        rows.append(kept(given, task) or alone(given.folder, task, given))
        keep(given, rows[-1])
        if not given.json:
            print(rows[-1], flush=True)
    together = None
    if given.only != "alone":
        together = joint(given.folder, tasks, given)
    if given.json:
        print(json.dumps({"tasks": rows, "joint": together}))
    else:
        print(table(rows, together))


if __name__ == "__main__":
    main()
