"""Six kinds of text that need what an earlier segment said (one of them in Chinese too): the same
model with a memory and without, BLEU and ROUGE-L.

With memory: trained through the curriculum. Without: the same model with no memory, trained from
the first step on samples as hard as the test's, for as many steps as the other took; it sees the
same last segment. Reset: the trained memory, emptied before the last segment. All write freely (the
likeliest token, to the end) for samples of the hardest level, in which two values stand side by
side that no text of training has side by side. One thread. What was trained stays in `--folder`, if
one is given, and is not trained again.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import report
import torch

from remanence.lab import measure, recipe
from remanence.lab.scores import TextScores
from remanence.lab.tasks import choose
from remanence.lab.tasks.generation import GENERATION, Generation
from remanence.lab.train import TrainedStudent, Training

SEEDS = 3
ROWS = 256  # samples that are written
QUICK: dict[str, Any] = {"steps": 20, "settle": 5, "batch": 16}
BAR = 10  # points of either measure that the memory is to bring


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--suite", nargs="*", choices=GENERATION, help="these alone")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--memory", default="dynamic", choices=recipe.MEMORIES)
    parser.add_argument("--texts", type=int, default=0, help="show so many of each suite")
    parser.add_argument("--folder", type=Path, help="where models stay")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as passing:
        rows = [
            suite(name, args.folder or Path(passing), args) for name in args.suite or GENERATION
        ]
    report.show(
        f"Generation suites: {args.memory} memory, the same reset, and the same model without",
        [
            "suite",
            "seeds",
            "BLEU memory",
            "reset",
            "without",
            "gain",
            "ROUGE-L memory",
            "reset ",
            "without ",
            "gain ",
            "exact %",
            "passed",
            "steps",
            "CPU s memory",
            "CPU s without",
        ],
        rows,
        args,
        notes=[
            (
                "each column by itself: the lowest of the seeds with memory, the highest reset and "
                "without, the smallest gain of a seed"
            ),
            (
                f"{ROWS} texts a seed, in combinations that no text of training has; exact: texts "
                f"that are the wanted ones, with memory"
            ),
            (
                "reset, without: the last segment alone, which holds the prompt; steps and CPU s: "
                "the most that a seed took, both trained equally long"
            ),
            f"the bar is a gain of {BAR} points in both measures",
        ],
        versions={"torch": torch.__version__},
    )


def suite(name: str, folder: Path, args: argparse.Namespace) -> list[Any]:
    """One suite's row."""
    task = choose(name)
    assert isinstance(task, Generation)
    count = 32 if args.quick else ROWS
    found: list[tuple[TextScores, TextScores, TextScores]] = []
    pairs: list[tuple[TrainedStudent, TrainedStudent]] = []
    for seed in range(args.first, args.first + (1 if args.quick else args.seeds)):
        more = trained(name, task, recipe.choose(name, args.memory).but(seed=seed), folder, args)
        # As many steps, all of them on samples like those of the test.
        plain = recipe.choose(name, "none").but(seed=seed, steps=more.steps)
        less = trained(name, task, plain, folder, args)
        texts = [
            measure.written(more, rows=count),
            measure.written(more, rows=count, forgets=True),
            measure.written(less, rows=count),
        ]
        scores = [each.scores for each in texts if each]
        found.append((scores[0], scores[1], scores[2]))
        pairs.append((more, less))
        tell(name, seed, texts, args.texts)
    row: list[Any] = [name, len(found)]
    for kind in ("bleu", "rouge_l"):
        by = [[getattr(each, kind) for each in three] for three in found]
        gain = min(memory - without for memory, _, without in by)
        lowest = min(memory for memory, _, _ in by)
        row += [
            f"{each:.1f}" for each in (lowest, max(r for _, r, _ in by), max(w for _, _, w in by))
        ]
        row.append(f"{gain:+.1f}")
    row.append(f"{min(three[0].exact for three in found):.1f}")
    row.append(f"{sum(more.passed for more, _ in pairs)} of {len(pairs)}")
    row.append(max(more.steps for more, _ in pairs))
    row += [max(run[at].cpu for run in pairs) for at in (0, 1)]
    report.say(f"  {row}")
    return row


def trained(
    name: str,
    task: Generation,
    chosen: recipe.StudentRecipe,
    folder: Path,
    args: argparse.Namespace,
) -> TrainedStudent:
    """One model, trained now or before."""
    if args.quick:
        steps = min(chosen.steps, QUICK["steps"])
        chosen = chosen.but(**{**QUICK, "steps": steps})
    place = folder / name / f"{chosen.memory}-{chosen.seed}"
    run = measure.load(place, task, chosen)
    if run is None:
        run = Training(task, chosen, folder=place).run()
        measure.save(run, place)
    report.say(
        f"  {name} {chosen.memory} seed {chosen.seed}: {run.stopped}, {run.steps} steps, "
        f"{run.cpu:.1f} CPU s"
    )
    return run


def tell(name: str, seed: int, texts: list[Any], count: int) -> None:
    """The scores of a seed, and some of what was written."""
    three = [f"{each.scores.bleu:.1f}/{each.scores.rouge_l:.1f}" for each in texts]
    report.say(f"    {name} seed {seed}: memory, reset, without (BLEU/ROUGE-L) {', '.join(three)}")
    for at in range(count):
        wanted = texts[0].pairs[at][1]
        memory, reset, without = (each.pairs[at][0] for each in texts)
        report.say(
            f"      wanted  {wanted}\n      memory  {memory}\n      reset   {reset}\n      without {without}"
        )


if __name__ == "__main__":
    main()
