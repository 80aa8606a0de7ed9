"""Knowledge-graph embeddings: what each preset reaches on public graphs, how fast it trains and
ranks, and how much memory that takes.

Four tables. `quality`: each preset trained from nothing and ranked on the test triples. `epoch`:
one epoch with 32 negatives of each triple's own. `ranking`: the full filtered evaluation, and its
peak memory, in a process of its own. `target`: CPU seconds to a validation MRR of .31. The graphs
are not part of the project; `--data` says where their folders are. `kge_peers.py` measures other
libraries beside this one.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import report
import torch

from remanence.kge import presets, triples
from remanence.kge.ranking import Quality, Ranker, evaluation
from remanence.kge.recipe import Recipe
from remanence.kge.tables import Tables
from remanence.kge.training import Trainer

PARTS = ("quality", "epoch", "ranking", "target")
QUALITY = (
    ("fb15k-237", ("transe", "transr", "transd", "complex", "rotate")),
    ("wn18rr", ("transe", "complex", "rotate")),
    ("umls", ("transe", "complex")),
    ("kinship", ("transe", "complex")),
    ("nations", ("transe", "complex")),
)
QUICK = (("umls", ("transe", "complex")),)
DIM, SPACE = 100, 50  # of the tables that time alone is measured on
TARGET = 0.31


def timed(model: str, **changed: Any) -> Recipe:
    """The recipe of a timing: d = 100, TransR's relations of 50."""
    recipe = Recipe(model=model, dim=DIM, **changed)
    return recipe.but(space=SPACE) if model == "transr" else recipe


def quality(args: argparse.Namespace) -> None:
    """Each preset, trained and ranked."""
    rows: list[list[Any]] = []
    chosen = QUICK if args.quick else QUALITY
    for name, models in chosen:
        folder = args.data / name
        if not folder.is_dir() or (args.graph and name not in args.graph):
            continue
        graph = triples.read(folder)
        for model in models:
            if args.model and model not in args.model:
                continue
            rows.append(trained(graph, name, model, args))
            report.say(f"  {rows[-1]}")
    header = [
        "graph",
        "model",
        "dim",
        "epochs",
        "MRR",
        "H@1",
        "H@3",
        "H@10",
        "MRR seen",
        "H@10 seen",
        "train CPU s",
    ]
    notes = [
        "filtered, both ways, realistic rank; every test triple counts",
        (
            "the columns `seen` are without triples of entities that no training triple names (210 "
            "of wn18rr)"
        ),
        (
            f"presets of remanence.kge.presets, seed {args.seed}, {torch.get_num_threads()} torch "
            f"threads; early stopping on validation"
        ),
    ]
    report.show("Link prediction", header, rows, args, notes=notes, versions=versions())


def trained(graph: triples.Split, name: str, model: str, args: argparse.Namespace) -> list[Any]:
    """A row of `quality`."""
    recipe = presets.choose(model, graph).but(seed=args.seed)
    if args.quick:
        recipe = recipe.but(epochs=min(recipe.epochs, 10))

    def watch(tick: Any) -> None:
        if tick.step == tick.steps and tick.mrr is not None:
            report.say(
                f"  {name} {model}: epoch {tick.epoch + 1}, loss {tick.loss:.3f}, MRR "
                f"{tick.mrr:.4f}"
            )

    run = Trainer(graph, recipe, watch=watch).run()
    ranks = Ranker(recipe.scorer(), run.tables, len(graph.relations)).ranks(
        graph.test, graph.known()
    )
    found = evaluation(
        ranks, graph.test, graph.train.ids, len(graph.relations), graph.unseen(graph.test)
    )
    whole, seen = found.overall, found.seen
    figures = [whole.mrr, whole.hits[1], whole.hits[3], whole.hits[10], seen.mrr, seen.hits[10]]
    return [
        name,
        model,
        recipe.dim,
        len(run.curve),
        *(round(x, 4) for x in figures),
        run.curve[-1].cpu,
    ]


def epoch_seconds(model: str, graph: triples.Split, seed: int = 0) -> float:
    """CPU seconds of one epoch: 32 uniform negatives of each triple's own, batch 1,024, softmax;
    float32 and 64 triples of a relation together where entities are projected.
    """
    blocks = 64 if model in ("transd", "transr", "transh") else 0
    recipe = timed(
        model, negatives="own", count=32, batch=1024, epochs=1, blocks=blocks, check=1, seed=seed
    )
    trainer = Trainer(
        triples.Split(graph.train, entities=graph.entities, relations=graph.relations), recipe
    )
    return trainer.run().curve[-1].cpu


def epoch(args: argparse.Namespace) -> None:
    """One epoch of each model."""
    graph = triples.read(args.data / ("umls" if args.quick else "fb15k-237"))
    rows = []
    for model in ("transe", "transd", "transr", "rotate", "complex"):
        seconds = sorted(
            epoch_seconds(model, graph, seed) for seed in range(1 if args.quick else 3)
        )
        rows.append([model, seconds[len(seconds) // 2], seconds[0]])
        report.say(f"  {rows[-1]}")
    notes = [
        (
            "CPU seconds of the whole process, median and least of three epochs; d = 100 (TransR's "
            "relations 50)"
        ),
        f"{torch.get_num_threads()} torch threads",
    ]
    report.show(
        "One epoch, 32 negatives, batch 1,024",
        ["model", "CPU s", "least"],
        rows,
        args,
        notes=notes,
        versions=versions(),
    )


def tables_for(recipe: Recipe, graph: triples.Split, seed: int = 0) -> Tables:
    """Tables of random numbers: ranking takes the same time whatever they are."""
    generator = torch.Generator().manual_seed(seed)
    return Tables.new(recipe.scorer(), len(graph.entities), len(graph.relations), 0.1, generator)


def rank_once(folder: Path, model: str) -> dict[str, float]:
    """CPU seconds and peak memory of one full evaluation, in this process."""
    graph = triples.read(folder)
    recipe = timed(model, reciprocal=False)
    tables, known = tables_for(recipe, graph), graph.known()
    started = time.process_time()
    ranks = Ranker(recipe.scorer(), tables, len(graph.relations)).ranks(graph.test, known)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "mrr": Quality.of(ranks.ravel()).mrr}


def ranking(args: argparse.Namespace) -> None:
    """The full filtered evaluation of each model, in a process of its own."""
    rows = []
    for name in ("umls",) if args.quick else ("fb15k-237", "wn18rr"):
        for model in ("transe", "transd", "transr", "rotate", "complex"):
            command = [
                sys.executable,
                __file__,
                "--rank-once",
                model,
                "--data",
                str(args.data / name),
                "--threads",
                str(args.threads),
            ]
            threads = {f"{name}_NUM_THREADS": str(args.threads) for name in ("OMP", "OPENBLAS")}
            done = subprocess.run(
                command, env=os.environ | threads, check=True, capture_output=True, text=True
            )
            found = json.loads(done.stdout.splitlines()[-1])
            rows.append([name, model, found["seconds"], found["peak"]])
    notes = [
        (
            "both ways, known answers filtered; peak memory is that of the whole process, torch "
            "and "
            "the graph in it"
        ),
        f"{args.threads} torch threads",
    ]
    report.show(
        "Full filtered evaluation",
        ["graph", "model", "CPU s", "peak MB"],
        rows,
        args,
        notes=notes,
        versions=versions(),
    )


def target(args: argparse.Namespace) -> None:
    """CPU seconds to a validation MRR of .31 with TransE, d = 100."""
    graph = triples.read(args.data / ("umls" if args.quick else "fb15k-237"))
    recipe = presets.FAST.but(seed=args.seed)
    run = Trainer(graph, recipe.but(checked=len(graph.valid))).run()
    rows = [[p.epoch, p.cpu, p.loss, p.mrr, p.hits10] for p in run.curve if p.mrr is not None]
    met = next((p.cpu for p in run.curve if (p.mrr or 0) >= TARGET), None)
    ranks = Ranker(recipe.scorer(), run.tables, len(graph.relations)).ranks(
        graph.test, graph.known()
    )
    test = Quality.of(ranks.ravel())
    notes = [
        (
            f"validation MRR of {TARGET} {'not met' if met is None else f'after {met:.1f} CPU s'}; "
            f"the checks' own time aside"
        ),
        f"test, at the end: MRR {test.mrr:.4f}, Hits@10 {test.hits[10]:.4f}",
        f"{torch.get_num_threads()} torch threads, seed {args.seed}",
    ]
    header = ["epoch", "CPU s", "loss", "MRR", "H@10"]
    report.show(
        "TransE, d = 100, on the way to .31", header, rows, args, notes=notes, versions=versions()
    )


def versions() -> dict[str, str]:
    """What else the figures depend on."""
    return {"torch": torch.__version__}


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument(
        "--data", type=Path, default=report.DATA.parent / "kg", help="folder of the graphs"
    )
    parser.add_argument("--part", choices=PARTS, action="append", help="default: all")
    parser.add_argument("--model", action="append", help="only these, in `quality`")
    parser.add_argument("--graph", action="append", help="only these, in `quality`")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rank-once", help=argparse.SUPPRESS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.rank_once:
        print(json.dumps(rank_once(args.data, args.rank_once)))
        return
    if not args.data.is_dir():
        report.say(f"skipped: {args.data} is not there; give --data a folder of graphs")
        return
    for part in args.part or PARTS:
        globals()[part](args)


if __name__ == "__main__":
    main()
