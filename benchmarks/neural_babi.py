"""The twenty bAbI tasks by an episodic dynamic memory: error per task, and of one model trained on all of them (joint).

From scratch, English, 10,000 training questions a task, supporting facts not used. Stories are read whole, none is cut. A tenth of the training
stories is held out to choose the epoch; test stories are looked at once. The error of a task is its worst over the seeds. A task whose
training file is absent is not trained and not in the mean; the table says which.

`RELATED` tasks, whose facts are told in any order, get two blocks of attention before the memory; so has the joint model.
"""

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

import torch

from remanence.neural.babi_training import Training, error, train
from remanence.neural.episodic import EpisodicConfig
from remanence.neural.tasks.babi import TASKS, Encoded, Story, find, read

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "babi" / "en-10k"
RELATED = {17: 1e-3, 18: 1e-3, 19: 1e-3}  # task -> rate


def stories(folder: Path, task: int, part: str) -> list[Story]:
    """The stories of a file, none where it is absent."""
    path = find(folder, task, part)
    return [] if path is None else read(path.read_text().splitlines())


def alone(folder: Path, task: int, seeds: int, epochs: int, *, quick: bool) -> dict[str, Any]:
    """A model of its own for one task: the worst error over the seeds, and the CPU seconds of all of them."""
    learnt, asked = stories(folder, task, "train"), stories(folder, task, "test")
    if not learnt or not asked:
        return {"task": task, "error": None, "seconds": 0.0, "seeds": 0}
    config = EpisodicConfig(relate=2 if task in RELATED else 0)
    errors, begun = [], time.process_time()
    for seed in range(seeds):
        training = Training(epochs=epochs, rate=RELATED.get(task, 3e-3), seed=seed)
        made = train(learnt[: len(learnt) // 10] if quick else learnt, config, training)
        errors.append(error(made.model, Encoded(asked, made.lexicon)))
    spent = time.process_time() - begun
    return {"task": task, "error": max(errors), "all": errors, "seconds": spent, "seeds": seeds}


def joint(
    folder: Path, tasks: list[int], epochs: int, *, quick: bool, relate: int
) -> dict[str, Any]:
    """One model for all tasks that can be trained, one seed: its error on each."""
    learnt: list[Story] = []
    known = [task for task in tasks if stories(folder, task, "train")]
    for task in known:
        found = stories(folder, task, "train")
        learnt += found[: len(found) // 10] if quick else found
    begun = time.process_time()
    made = train(learnt, EpisodicConfig(relate=relate), Training(epochs=epochs, rate=2e-3))
    errors = {
        task: error(made.model, Encoded(stories(folder, task, "test"), made.lexicon))
        for task in known
    }
    return {"errors": errors, "seconds": time.process_time() - begun, "seeds": 1}


def table(rows: list[dict[str, Any]], together: dict[str, Any] | None) -> str:
    """The results as a Markdown table."""
    lines = ["| task | error % | CPU s | seeds | joint error % |", "|---|---|---|---|---|"]
    errors = together["errors"] if together else {}
    for row in rows:
        told = "no training file" if row["error"] is None else f"{row['error']:.1f}"
        beside = f"{errors[row['task']]:.1f}" if row["task"] in errors else ""
        lines.append(
            f"| {row['task']} | {told} | {row['seconds']:.0f} | {row['seeds']} | {beside} |"
        )
    known = [row["error"] for row in rows if row["error"] is not None]
    mean = f"{sum(known) / len(known):.2f}" if known else ""
    both = f"{sum(errors.values()) / len(errors):.2f}" if errors else ""
    spent = sum(row["seconds"] for row in rows)
    more = f" + {together['seconds']:.0f} joint" if together else ""
    lines.append(f"| mean of {len(known) or len(errors)} | {mean} | {spent:.0f}{more} | | {both} |")
    return "\n".join(lines)


def main() -> None:
    """Parse, run, print; a row is told as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--tasks", default=",".join(map(str, TASKS)))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--joint-epochs", type=int, default=15)
    parser.add_argument("--joint-relate", type=int, default=2, help="blocks of attention")
    parser.add_argument("--only", choices=("alone", "joint"))
    parser.add_argument("--quick", action="store_true", help="a tenth of the stories, one seed")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")  # to stderr
    torch.set_num_threads(1)
    tasks = [int(task) for task in given.tasks.split(",")]
    if not given.folder.is_dir():
        raise SystemExit(f"{given.folder} is absent; give --folder")
    rows = []
    for task in tasks if given.only != "joint" else []:
        seeds = 1 if given.quick else given.seeds
        rows.append(alone(given.folder, task, seeds, given.epochs, quick=given.quick))
        if not given.json:
            print(rows[-1], flush=True)
    together = None
    if given.only != "alone":
        together = joint(
            given.folder, tasks, given.joint_epochs, quick=given.quick, relate=given.joint_relate
        )
    if given.json:
        print(json.dumps({"tasks": rows, "joint": together}))
    else:
        print(table(rows, together))


if __name__ == "__main__":
    main()
