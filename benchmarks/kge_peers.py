"""Knowledge-graph embedding beside PyKEEN, on FB15k-237: processor seconds of one thread, each
measurement in a process of its own.

`--part epoch`: training on all triples once, 32 negatives a positive, batches of 1,024. A stated share of an epoch is measured and scaled.
What a model learns in an epoch is not compared: the trainings differ in loss and negatives.

`--part evaluation`: both directions of the test set ranked among all entities, known triples left out, on the same weights. PyKEEN ranks
a random part, scaled, and on it both ranks are compared one by one. The weights are drawn at
random: neither the work nor the agreement of ranks depends on how good they are. They are so short
that no norm that PyKEEN clamps reaches its limit: ranks would differ else.

`--part time-to-mrr`: until TransE reaches a filtered validation MRR of .31. Ours is run. PyKEEN's would take half a day: an epoch of a
published setting is measured in part and multiplied, as the notes say.

Not measured: graphics processors; several threads; memory of training; LibKGE and OpenKE, which no
package registry has in usable form.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import report
import torch
from numpy.typing import NDArray

from remanence.kge import Recipe, presets
from remanence.kge.ranking import Quality, Ranker
from remanence.kge.tables import Tables
from remanence.kge.training import Trainer
from remanence.kge.triples import Split, read

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
BATCH, NEGATIVES = 1_024, 32
AT_ONCE, BY_DEFAULT = 4, 32  # triples that PyKEEN ranks at once: the best of 1 to 128; its own
KEEPING = {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34)}
"""glibc keeps freed memory.

Else PyKEEN's large scratch tensors are new pages each time, up to four times the work.
"""
TARGET = 0.31
LENGTH = 0.3  # of a drawn vector; projected, .68 at most, where PyKEEN cuts at 1


@dataclass(frozen=True)
class Shape:
    """A model as measured. `dim`: numbers of an entity's vector, complex ones for RotatE and
    ComplEx; `space`: of a relation's; `shown`: both in words. `asked`: how many test triples PyKEEN
    ranks; `batches`: how many it trains of an epoch's; the rest: its training, with the model's own
    loss for None.
    """

    scorer: str
    shown: str = "100"
    dim: int = 100
    space: int = 100
    norm: int = 2
    asked: int = 256
    batches: int = 16
    batch: int = BATCH
    negatives: int = NEGATIVES
    rate: float = 1e-3
    loss: str | None = None


MODELS = {
    "TransE, L2": Shape("transe", batches=32, asked=512),
    "TransE, L1": Shape("transe", norm=1, batches=32, asked=512),
    "TransD": Shape("transd"),
    "TransR": Shape("transr", "100, 50", space=50, batches=6),
    "RotatE": Shape("rotate", "100 complex"),
    "ComplEx": Shape("complex", "100 complex", asked=512),
}

LIBKGE = Shape(
    "transe", dim=128, batches=48, batch=128, negatives=61 + 192, rate=3e-4, loss="crossentropy"
)
LIBKGE_EPOCHS, LIBKGE_MRR = 400, 0.313  # at most; published
EPOCH_NOTES = f"""\
{NEGATIVES} negatives a positive, batches of {BATCH:,}; PyKEEN: sLCWA, Adam, its default losses, 6 to 32 of an epoch's 266 batches, scaled
default: PyKEEN as it comes; PyKEEN, ours: with a malloc that keeps freed memory"""
RANKING_NOTES = f"""\
default: PyKEEN's RankBasedEvaluator as it comes, {BY_DEFAULT} triples at once; PyKEEN: {AT_ONCE} at once; it and ours: malloc keeps freed memory
train, valid and test filtered by both; MB: peak of the process, libraries included
compared: ranks of both; they differ where scores are equal but for their last bits"""
MRR_NOTES = f"""\
ours: until a validation MRR of {TARGET}, its checks aside; MRR: the best of the run. PyKEEN: an epoch scaled up, times epochs, no checks
LibKGE's best TransE: best_models/fb15k-237/transe in its repository, d = 128, 253 negatives, at most 400 epochs; .313 as published, not
run here. In which epoch .31 is met is not published; one epoch is a bound that holds whatever it was
PyKEEN has no setting with a published MRR of .31: its study (github.com/pykeen/benchmarking) has Hits@10 .443 for its best TransE"""


# -- ours ---------------------------------------------------------------------------------------


def ours_recipe(shape: Shape, **changed: Any) -> Recipe:
    """A recipe with the mathematics of `shape`."""
    norms = {"transe": {"norm": f"l{shape.norm}"}, "rotate": {"norm": "l2"}}
    own: dict[str, Any] = {**norms, "transr": {"space": shape.space}}.get(shape.scorer, {})
    both = 2 if shape.scorer in ("rotate", "complex") else 1  # ours counts real numbers
    return Recipe(model=shape.scorer, dim=both * shape.dim, reciprocal=False, **own, **changed)


def ours_epoch(shape: Shape, graph: Split) -> float:
    """Processor seconds of one epoch with `NEGATIVES` a positive, batches of `BATCH`."""
    blocks = 64 if shape.scorer in ("transd", "transr") else 0
    own = {"negatives": "own", "count": NEGATIVES, "batch": BATCH, "blocks": blocks}
    recipe = ours_recipe(shape, epochs=1, check=1, **own)
    alone = Split(graph.train, entities=graph.entities, relations=graph.relations)
    return Trainer(alone, recipe).run().curve[-1].cpu


def ours_ranks(shape: Shape, entity: Floats, relation: Floats, triples: Ids, known: Ids) -> Floats:
    """(n, 2): the realistic rank of each triple's tail, then of its head, `known` (m, 3) left out."""
    tables = Tables(*map(torch.from_numpy, (entity, relation)), torch.empty(1, 0))
    return Ranker(ours_recipe(shape).scorer(), tables, len(relation)).ranks(triples, known)


def ours_to_mrr(graph: Split, *, quick: bool) -> dict[str, float]:
    """`cpu` and `epochs` until TransE has a validation MRR of `TARGET`, or of the whole training;

    its best `valid` and `test` MRR.
    """
    recipe = presets.FAST.but(checked=len(graph.valid), **({"epochs": 1} if quick else {}))
    run = Trainer(graph, recipe).run()
    met = next((p for p in run.curve if (p.mrr or 0) >= TARGET), run.curve[-1])
    ranker = Ranker(recipe.scorer(), run.tables, len(graph.relations))
    test = Quality.of(ranker.ranks(graph.test, graph.known()).ravel()).mrr
    best = run.best.mrr if run.best and run.best.mrr else 0.0
    return {"cpu": met.cpu, "epochs": met.epoch, "valid": best, "test": test}


# -- what both are given ------------------------------------------------------------------------


def sample(graph: Split, count: int) -> Ids:
    """Which test triples PyKEEN ranks, the same in every process."""
    return np.sort(np.random.default_rng(0).permutation(len(graph.test))[:count])


def weights(shape: Shape, graph: Split) -> tuple[Floats, Floats]:
    """Tables as ours are laid out, the same in every process.

    `pykeen_fill` says what stands where.
    """
    random = np.random.default_rng(1)
    d, k, e, r = shape.dim, shape.space, len(graph.entities), len(graph.relations)

    def normal(rows: int, width: int, length: float) -> Floats:
        drawn = random.standard_normal((rows, width)) * length / np.sqrt(width)
        return drawn.astype(np.float32)

    if shape.scorer == "transe":
        return normal(e, d, LENGTH), normal(r, d, LENGTH)
    if shape.scorer == "transd":  # long projections, so that they change ranks
        entity = np.hstack([normal(e, d, LENGTH), normal(e, d, 8 * LENGTH)])
        return entity, np.hstack([normal(r, d, LENGTH), normal(r, d, 1.0)])
    if shape.scorer == "transr":
        return normal(e, d, LENGTH), np.hstack([normal(r, k, LENGTH), normal(r, k * d, k**0.5)])
    if shape.scorer == "rotate":
        return normal(e, 2 * d, 1.0), random.uniform(-np.pi, np.pi, (r, d)).astype(np.float32)
    return normal(e, 2 * d, 1.0), normal(r, 2 * d, 1.0)


# -- PyKEEN -------------------------------------------------------------------------------------


def pykeen_factory(graph: Split, triples: Ids) -> Any:
    from pykeen.triples import CoreTriplesFactory

    sizes = {"num_entities": len(graph.entities), "num_relations": len(graph.relations)}
    return CoreTriplesFactory(torch.from_numpy(triples), **sizes)


def pykeen_model(shape: Shape, factory: Any, **other: Any) -> Any:
    """Its model with the mathematics of ours:

    L2 distances squared in TransD and TransR, not in TransE and RotatE.
    """
    from pykeen.models import model_resolver

    own: dict[str, Any] = {
        "transe": {"scoring_fct_norm": shape.norm},
        "transd": {"relation_dim": shape.space},
        "transr": {"relation_dim": shape.space, "scoring_fct_norm": 2, "power_norm": True},
    }.get(shape.scorer, {})
    common = {"triples_factory": factory, "random_seed": 0, "embedding_dim": shape.dim}
    return model_resolver.make(shape.scorer, **common, **own, **other)


def pykeen_fill(model: Any, shape: Shape, entity: Floats, relation: Floats) -> None:
    """Our tables into its representations.

    TransD: [vector | projection] are two of its tables. TransR: [vector | M, k x d by rows]; it
    multiplies from the other side, d x k. RotatE, ComplEx: [real parts | imaginary parts] stand
    number by number in its tables; RotatE's relations are angles in ours.
    """

    def pairs(real: Floats, imaginary: Floats) -> Floats:
        return np.stack([real, imaginary], 2).reshape(len(real), -1)

    d, k = shape.dim, shape.space
    entities, relations = [entity], [relation]
    if shape.scorer == "transd":
        entities, relations = np.hsplit(entity, 2), np.hsplit(relation, 2)
    elif shape.scorer == "transr":
        turned = relation[:, k:].reshape(-1, k, d).transpose(0, 2, 1)
        relations = [relation[:, :k], turned.reshape(len(relation), -1)]
    elif shape.scorer == "rotate":
        entities = [pairs(*np.hsplit(entity, 2))]
        relations = [pairs(np.cos(relation), np.sin(relation))]
    elif shape.scorer == "complex":
        entities, relations = [pairs(*np.hsplit(entity, 2))], [pairs(*np.hsplit(relation, 2))]
    told = [*model.entity_representations, *model.relation_representations]
    for each, table in zip(told, [*entities, *relations], strict=True):
        (parameter,) = each.parameters()
        parameter.data.copy_(torch.from_numpy(np.ascontiguousarray(table)).view_as(parameter))


def pykeen_epoch(graph: Split, shape: Shape, batches: int) -> float:
    """Seconds of one epoch, from `batches` of its batches."""
    from pykeen.training import SLCWATrainingLoop

    whole = graph.train.ids
    chosen = np.random.default_rng(0).permutation(whole)[: batches * shape.batch]

    def train(triples: Ids) -> float:
        factory = pykeen_factory(graph, triples)
        loop = SLCWATrainingLoop(
            model=pykeen_model(shape, factory, loss=shape.loss),
            triples_factory=factory,
            optimizer="adam",
            optimizer_kwargs={"lr": shape.rate},
            negative_sampler="basic",
            negative_sampler_kwargs={"num_negs_per_pos": shape.negatives},
            automatic_memory_optimization=False,  # it would train a batch to see whether it fits
        )
        started = time.process_time()
        loop.train(factory, 1, batch_size=shape.batch, use_tqdm=False, pin_memory=False)
        return time.process_time() - started

    train(chosen[: shape.batch])  # warms up
    return train(chosen) * len(whole) / len(chosen)


def pykeen_ranks(shape: Shape, graph: Split, asked: Ids, together: int) -> tuple[Floats, float]:
    """(n, 2) ranks of tails and heads of `asked` (n, 3), and the seconds of all test triples,
    `together` of them at once.
    """
    from pykeen.evaluation import RankBasedEvaluator
    from pykeen.utils import prepare_filter_triples

    model = pykeen_model(shape, pykeen_factory(graph, graph.train.ids))
    pykeen_fill(model, shape, *weights(shape, graph))
    triples, known = torch.from_numpy(asked), torch.from_numpy(graph.known())
    evaluator = RankBasedEvaluator(clear_on_finalize=False)
    options = {"batch_size": together, "use_tqdm": False, "additional_filter_triples": [known]}
    evaluator.evaluate(model, triples[:together], **options)  # warms up
    started = time.process_time()
    prepare_filter_triples(triples, [known])  # once for all triples, so not scaled
    once = time.process_time() - started
    started = time.process_time()
    evaluator.evaluate(model, triples, **options)
    each = max(0.0, time.process_time() - started - once) / len(asked)
    sides = [np.concatenate(evaluator.ranks[side, "realistic"]) for side in ("tail", "head")]
    return np.stack(sides, 1), once + each * len(graph.test)


# -- one measurement, in a process of its own ---------------------------------------------------


def measure(task: str, name: str, args: argparse.Namespace) -> dict[str, float]:
    """What the child process for `task` prints; ranks go to `--out`."""
    torch.set_num_threads(1)
    graph = read(args.data)
    if task == "ours time-to-mrr":
        return ours_to_mrr(graph, quick=args.quick)
    if task == "pykeen time-to-mrr":
        return {"cpu": pykeen_epoch(graph, LIBKGE, 2 if args.quick else LIBKGE.batches)}
    shape = MODELS[name]
    if task == "ours epoch":
        return {"cpu": ours_epoch(shape, graph)}
    if task in ("pykeen epoch", "pykeen default epoch"):
        return {"cpu": pykeen_epoch(graph, shape, 2 if args.quick else shape.batches)}
    at = sample(graph, BY_DEFAULT if args.quick else shape.asked)
    if task == "pykeen evaluation":
        ranks, cpu = pykeen_ranks(shape, graph, graph.test[at], AT_ONCE)
    elif task == "pykeen default evaluation":
        ranks, cpu = pykeen_ranks(shape, graph, graph.test[at[::4]], BY_DEFAULT)
    else:
        entity, relation = weights(shape, graph)
        started = time.process_time()
        ranks = ours_ranks(shape, entity, relation, graph.test, graph.known())[at]
        cpu = time.process_time() - started
    np.save(args.out, ranks)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"cpu": cpu, "peak": peak / (1e6 if sys.platform == "darwin" else 1e3)}


def child(
    task: str, name: str, args: argparse.Namespace, notes: list[str], out: Path = Path(os.devnull)
) -> dict[str, float]:
    """Its numbers; none where it failed, which becomes a note."""
    report.say(f"  {task}: {name}")
    command = [sys.executable, __file__, "--child", task, "--name", name, "--data", str(args.data)]
    command += ["--out", str(out), *["--quick"] * args.quick]
    alone = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}
    alone |= {"CUDA_VISIBLE_DEVICES": ""} | ({} if "default" in task else KEEPING)
    done = subprocess.run(command, env=os.environ | alone, capture_output=True, text=True)  # noqa: PLW1510
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        notes.append(f"{task}: {name} failed: {last[:200]}")
        return {}
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


# -- the tables ---------------------------------------------------------------------------------
Table = tuple[list[str], list[list[Any]]]


def ratio(theirs: float | None, ours: float | None) -> float | None:
    return theirs / ours if theirs and ours else None


def epochs(args: argparse.Namespace, notes: list[str]) -> Table:
    rows: list[list[Any]] = []
    for name in args.only or MODELS:
        tasks = ("pykeen default epoch", "pykeen epoch", "ours epoch")
        found = [child(task, name, args, notes) for task in tasks]
        times = [each.get("cpu") for each in found]
        rows.append([name, MODELS[name].shown, *times, ratio(*times[1:])])
    notes.extend(EPOCH_NOTES.splitlines())
    return ["model", "dim", "default s", "PyKEEN s", "ours s", "ratio"], rows


def evaluations(args: argparse.Namespace, notes: list[str]) -> Table:
    rows: list[list[Any]] = []
    for name in args.only or MODELS:
        same: list[Any] = [None, None, None]
        with tempfile.TemporaryDirectory() as scratch:
            files = [Path(scratch) / f"{whose}.npy" for whose in ("theirs", "ours")]
            plain = child("pykeen default evaluation", name, args, notes, files[0])
            theirs = child("pykeen evaluation", name, args, notes, files[0])
            ours = child("ours evaluation", name, args, notes, files[1])
            if theirs and ours:
                apart = np.abs(np.subtract(*map(np.load, files)))
                same = [apart.size, int((apart > 0).sum()), float(apart.max())]
        times = [each.get("cpu") for each in (plain, theirs, ours)]
        row = [name, MODELS[name].shown, *times, ratio(*times[1:])]
        rows.append([*row, *(each.get("peak") for each in (plain, theirs, ours)), *same])
    notes.extend(RANKING_NOTES.splitlines())
    header = ["model", "dim", "default s", "PyKEEN s", "ours s", "ratio", "default MB"]
    return [*header, "PyKEEN MB", "ours MB", "compared", "differ", "at most by"], rows


def times_to_mrr(args: argparse.Namespace, notes: list[str]) -> Table:
    ours = child("ours time-to-mrr", "TransE", args, notes)
    each = child("pykeen time-to-mrr", "TransE", args, notes).get("cpu")
    whole, count = ours.get("cpu"), ours.get("epochs")
    all_of_it = each * LIBKGE_EPOCHS if each else None
    title = "PyKEEN, LibKGE's best setting"
    notes.extend(MRR_NOTES.splitlines())
    mrr = [ours.get("valid"), ours.get("test")]
    header = ["training of TransE", "epochs", "CPU s", "valid MRR", "test MRR", "times ours"]
    return header, [
        ["ours, d = 100", count, whole, *mrr, ratio(whole, whole)],
        [f"{title}, one epoch", 1, each, None, None, ratio(each, whole)],
        [title, LIBKGE_EPOCHS, all_of_it, None, LIBKGE_MRR, ratio(all_of_it, whole)],
    ]


TABLES = {
    "epoch": ("One epoch of training", epochs),
    "evaluation": ("Filtered evaluation of the test set", evaluations),
    "time-to-mrr": ("Time to MRR .31", times_to_mrr),
}


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=report.DATA.parent, help="has kg/fb15k-237")
    parser.add_argument("--part", choices=tuple(TABLES), action="append", help="repeatable")
    parser.add_argument("--only", nargs="*", choices=tuple(MODELS), help="names of models")
    for hidden in ("--child", "--name", "--out"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(measure(args.child, args.name, args)))
        return
    args.data /= "kg/fb15k-237"
    if not (args.data / "train.txt").exists():
        report.say(f"skipped: {args.data} has no train.txt; give --data FOLDER with kg/fb15k-237")
        return
    if not importlib.util.find_spec("pykeen"):
        report.say("skipped: pykeen is not installed; see kge-peers-requirements.txt")
        return
    versions = {name: importlib.metadata.version(name) for name in ("torch", "pykeen")}
    for part in args.part or TABLES:
        notes: list[str] = []
        title, fill = TABLES[part]
        header, rows = fill(args, notes)
        report.show(f"{title}, FB15k-237", header, rows, args, notes=notes, versions=versions)


if __name__ == "__main__":
    main()
