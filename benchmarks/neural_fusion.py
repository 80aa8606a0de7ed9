"""Questions about a small world that stand in the text, in an earlier segment, in a graph alone, or
in both: a path with all its parts, and without some.

The path is text, encoder (a T5 of three blocks), knowledge fusion, memory, decoder, trained end to
end from nothing; the vectors of the graph are TransE's, trained by `remanence.kge` on the world's
triples. Without fusion, without memory and without both the same path is trained on the same
questions for as many steps. Those that need the graph (`graph`, `both`) are tested on pairs of city
and relation that no training asks about, so that a path without the graph can only guess (one of
ten). Every seed is a world of its own. One thread.
"""

from typing import Any

import report
import torch
from transformers.utils import logging

from remanence import kge
from remanence.lab.path_training import MEMORIES, PathPlan, table, train
from remanence.lab.tasks.graphs import World

PARTS = {
    "all parts": (True, True),
    "without fusion": (True, False),
    "without memory": (False, True),
    "without both": (False, False),
}
SEEDS = 3
BAR = 10  # points on questions of the graph alone that the fusion is to bring


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--memory", choices=MEMORIES[:-1], default=MEMORIES[0])
    parser.add_argument("--steps", type=int, default=PathPlan().steps)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--parts", nargs="*", choices=PARTS, help="these alone")
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    if args.quick:
        args.steps, args.seeds = 5, 1
    seeds = range(args.first, args.first + args.seeds)
    found: dict[str, list[tuple[dict[str, float], float]]] = {}
    for seed in seeds:
        world = World(seed=seed)
        embedding = kge.train(world.triples, model="transe", dim=64, seed=seed, epochs=40)
        for name in args.parts or PARTS:
            memory, graph = PARTS[name]
            plan = PathPlan(
                memory=args.memory if memory else "none", graph=graph, steps=args.steps, seed=seed
            )
            trained = train(world, embedding, plan)
            right = table(trained, world, rows=256 if args.quick else 2048)
            found.setdefault(name, []).append((right, trained.seconds))
            told = ", ".join(f"{kind} {value:.1f}" for kind, value in right.items())
            report.say(f"  seed {seed} {name}: {told}; {trained.seconds:.0f} CPU s")
    rows = [row(name, each) for name, each in found.items()]
    if {"all parts", "without fusion"} <= found.keys():
        rows.append(gained(found["all parts"], found["without fusion"]))
    report.show(
        f"The whole path with {args.memory} memory, and without its parts: right answers in %",
        ["path", "seeds", *next(iter(found.values()))[0][0], "CPU s"],
        rows,
        args,
        notes=[
            (
                "text: told in the segment; memory: earlier, small talk since; graph: nowhere; "
                "both: "
                "the city earlier, the rest nowhere"
            ),
            "of one person who was told of, and with 2 of one of two people",
            (
                "mean of the seeds and, in brackets, the lowest; CPU s: the most that one training "
                "took"
            ),
            f"the bar is {BAR} points of fusion on questions of the graph alone",
        ],
        versions={"torch": torch.__version__},
    )


def row(name: str, found: list[tuple[dict[str, float], float]]) -> list[Any]:
    """One path: means and the lowest of the seeds."""
    cells = []
    for kind in found[0][0]:
        values = [right[kind] for right, _ in found]
        cells.append(f"{sum(values) / len(values):.1f} ({min(values):.1f})")
    return [name, len(found), *cells, max(seconds for _, seconds in found)]


def gained(
    whole: list[tuple[dict[str, float], float]], without: list[tuple[dict[str, float], float]]
) -> list[Any]:
    """What fusion adds, seed by seed."""
    cells = []
    for kind in whole[0][0]:
        gains = [a[kind] - b[kind] for (a, _), (b, _) in zip(whole, without, strict=True)]
        cells.append(f"{sum(gains) / len(gains):+.1f} ({min(gains):+.1f})")
    return ["gain by fusion", len(whole), *cells, None]


if __name__ == "__main__":
    main()
