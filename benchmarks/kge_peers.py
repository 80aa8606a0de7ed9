"""Knowledge-graph embedding beside PyKEEN, on FB15k-237, in processor seconds of one thread, each measurement in a process of its own.

`--part epoch`: training on all triples once, 32 negatives a positive, batches of 1,024. The share of an epoch that is measured stands in
the table and is scaled up. What a model learns in an epoch is not compared: the trainings differ in loss and negatives.

`--part evaluation`: both directions of the test set ranked among all entities, known triples left out, on the same weights. PyKEEN ranks a
random part, scaled up; on that part the ranks of both are compared one by one. The weights are drawn at random: neither the work nor the
agreement of ranks depends on how good they are. They are kept so short that no norm that PyKEEN clamps reaches its limit.

`--part time-to-mrr`: until TransE reaches a filtered MRR of .31. Ours is run. PyKEEN's is not, it would take days: an epoch of a published
setting is measured and multiplied, as the notes say.

Not measured: graphics processors; several threads; memory of training; LibKGE and OpenKE, which no package registry has in a usable form.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import report
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
PARTS = ("epoch", "evaluation", "time-to-mrr")
BATCH, NEGATIVES = 1_024, 32
RANKED_AT_ONCE = 32  # PyKEEN's own choice on a processor; larger ones were slower
TARGET = 0.31
LENGTH = 0.3  # of a drawn entity's vector, on average; a projected one stays below PyKEEN's limit of 1


@dataclass(frozen=True)
class Shape:
    """A model as measured. `dim`: numbers of an entity's vector, complex ones for RotatE and ComplEx; `space`: of a relation's.

    `batches`: how many are trained of an epoch's; `asked`: how many test triples PyKEEN ranks.
    """

    scorer: str
    dim: int
    space: int
    norm: int
    batches: int
    asked: int


MODELS = {
    "TransE, L2": Shape("transe", 100, 100, 2, 32, 512),
    "TransE, L1": Shape("transe", 100, 100, 1, 32, 512),
    "TransD": Shape("transd", 100, 100, 2, 16, 256),
    "TransR": Shape("transr", 100, 50, 2, 6, 256),
    "RotatE": Shape("rotate", 100, 100, 2, 16, 256),
    "ComplEx": Shape("complex", 100, 100, 2, 16, 512),
}


@dataclass(frozen=True)
class Preset:
    """A published training of TransE on FB15k-237, as PyKEEN can run it, and the MRR that its source reports."""

    dim: int
    norm: int
    batch: int
    negatives: int
    loss: str
    optimizer: str
    rate: float
    epochs: int
    mrr: float
    batches: int  # measured of an epoch's


PRESETS = {
    "LibKGE's best": Preset(128, 2, 128, 253, "crossentropy", "adam", 3e-4, 400, 0.313, 48),
    "shipped with PyKEEN": Preset(
        100, 1, 256, 1, "marginranking", "sgd", 5e-4, 3_000, 0.294, 300
    ),
}
PRESET_NOTES = (
    "LibKGE's best: best_models/fb15k-237/transe of its repository, 61 + 192 negatives a triple, at most 400 epochs; in which "
    "one .31 was reached is not published, so one epoch is the bound that holds whatever it was. LibKGE itself is on no registry",
    "shipped with PyKEEN: experiments/transe/nguyen2018_transe_fb15k237.yaml; ends below .31 (Nguyen et al., 2018, table 3). "
    "PyKEEN's own study (Ali et al., 2020) publishes Hits@10 .443 as its best TransE, below the .48 to .50 that goes with .31",
)


# -- ours ---------------------------------------------------------------------------------------


def ours_epoch(shape: Shape, data: Path) -> float:
    """Processor seconds of one epoch with `NEGATIVES` a positive, batches of `BATCH`."""
    raise NotImplementedError("ours_epoch")


def ours_ranks(shape: Shape, entity: Floats, relation: Floats, triples: Ids, known: Ids) -> Floats:
    """(n, 2): the realistic rank of each triple's tail, then of its head, `known` (m, 3) left out."""
    raise NotImplementedError("ours_ranks")


def ours_to_mrr(data: Path, *, quick: bool) -> dict[str, float]:
    """`cpu`: seconds of a training of TransE that reaches `TARGET`; `epochs` of it; the test `mrr` that it has then."""
    raise NotImplementedError("ours_to_mrr")


# -- the graph and the weights ------------------------------------------------------------------


@dataclass(frozen=True)
class Graph:
    """Triples (n, 3) of head, relation, tail, numbered by first mention."""

    train: Ids
    valid: Ids
    test: Ids
    entities: int
    relations: int

    def known(self) -> Ids:
        return np.concatenate([self.train, self.valid, self.test])


def read(folder: Path) -> Graph:
    entity: dict[str, int] = {}
    relation: dict[str, int] = {}
    parts = []
    for name in ("train", "valid", "test"):
        rows = []
        for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            h, r, t = line.split("\t")
            head = entity.setdefault(h, len(entity))
            kind = relation.setdefault(r, len(relation))
            rows.append((head, kind, entity.setdefault(t, len(entity))))
        parts.append(np.array(rows, np.int64))
    return Graph(*parts, len(entity), len(relation))


def sample(graph: Graph, count: int) -> Ids:
    """Which test triples PyKEEN ranks, the same in every process."""
    return np.sort(np.random.default_rng(0).permutation(len(graph.test))[:count])


def weights(shape: Shape, graph: Graph) -> tuple[Floats, Floats]:
    """Tables as ours are laid out, the same in every process. `pykeen_fill` says what stands where."""
    random = np.random.default_rng(1)
    d, k = shape.dim, shape.space

    def normal(rows: int, width: int, length: float) -> Floats:
        drawn = random.standard_normal((rows, width)) * length / np.sqrt(width)
        return drawn.astype(np.float32)

    e, r = graph.entities, graph.relations
    if shape.scorer == "transe":
        return normal(e, d, LENGTH), normal(r, d, LENGTH)
    if shape.scorer == "transd":
        # Long projections, so that they change ranks.
        entity = np.hstack([normal(e, d, LENGTH), normal(e, d, 8 * LENGTH)])
        return entity, np.hstack([normal(r, d, LENGTH), normal(r, d, 1.0)])
    if shape.scorer == "transr":
        return normal(e, d, LENGTH), np.hstack([normal(r, k, LENGTH), normal(r, k * d, k**0.5)])
    if shape.scorer == "rotate":
        return normal(e, 2 * d, 1.0), random.uniform(-np.pi, np.pi, (r, d)).astype(np.float32)
    return normal(e, 2 * d, 1.0), normal(r, 2 * d, 1.0)


# -- PyKEEN -------------------------------------------------------------------------------------


def pykeen_model(shape: Shape, factory: Any, **other: Any) -> Any:
    """Its model with the mathematics that ours has: L2 distances squared in TransD and TransR, not in TransE and RotatE."""
    from pykeen import models

    common = {"triples_factory": factory, "random_seed": 0, "embedding_dim": shape.dim, **other}
    if shape.scorer == "transe":
        return models.TransE(**common, scoring_fct_norm=shape.norm)
    if shape.scorer == "transd":
        return models.TransD(**common, relation_dim=shape.space)
    if shape.scorer == "transr":
        squared = {"scoring_fct_norm": 2, "power_norm": True}  # its default is L1
        return models.TransR(**common, relation_dim=shape.space, **squared)
    return {"rotate": models.RotatE, "complex": models.ComplEx}[shape.scorer](**common)


def pykeen_fill(model: Any, shape: Shape, entity: Floats, relation: Floats) -> None:
    """Our tables into its representations.

    TransD: [vector | projection] are two of its tables. TransR: [vector | M, k x d by rows]; it multiplies from the other side, d x k.
    RotatE, ComplEx: [real parts | imaginary parts] stand number by number in its tables; RotatE's relations are angles in ours.
    """
    import torch

    def pairs(real: Floats, imaginary: Floats) -> Floats:
        return np.stack([real, imaginary], 2).reshape(len(real), -1)

    d, k = shape.dim, shape.space
    entities, relations = [entity], [relation]
    if shape.scorer == "transd":
        entities, relations = np.hsplit(entity, 2), np.hsplit(relation, 2)
    elif shape.scorer == "transr":
        turned = relation[:, k:].reshape(-1, k, d).transpose(0, 2, 1)
        relations = [relation[:, :k], turned.reshape(len(relation), -1)]
    elif shape.scorer in ("rotate", "complex"):
        entities = [pairs(*np.hsplit(entity, 2))]
        angles = shape.scorer == "rotate"
        halves = (np.cos(relation), np.sin(relation)) if angles else np.hsplit(relation, 2)
        relations = [pairs(*halves)]
    told = [*model.entity_representations, *model.relation_representations]
    for each, table in zip(told, [*entities, *relations], strict=True):
        (parameter,) = each.parameters()
        parameter.data.copy_(torch.from_numpy(np.ascontiguousarray(table)).view_as(parameter))


def unclamped(shape: Shape, entity: Floats, relation: Floats) -> bool:
    """Whether no projected entity reaches the length of 1 that PyKEEN cuts at, by a bound."""
    d, k = shape.dim, shape.space
    if shape.scorer == "transd":
        vector, projection = np.hsplit(entity, 2)
        along = np.abs((vector * projection).sum(1))
        onto = np.linalg.norm(relation[:, d:], axis=1).max()
        return bool((np.linalg.norm(vector, axis=1) + along * onto).max() < 1)
    if shape.scorer == "transr":
        stretch = np.linalg.norm(relation[:, k:].reshape(-1, k, d), 2, axis=(1, 2)).max()
        return bool(np.linalg.norm(entity, axis=1).max() * stretch < 1)
    return True


def pykeen_factory(graph: Graph, triples: Ids) -> Any:
    import torch
    from pykeen.triples import CoreTriplesFactory

    sizes = {"num_entities": graph.entities, "num_relations": graph.relations}
    return CoreTriplesFactory(torch.from_numpy(triples), **sizes)


def pykeen_epoch(
    graph: Graph, make: Callable[[Any], Any], preset: Preset | None, batches: int
) -> float:
    """Seconds of one epoch, from `batches` of its batches; those before are for warming up."""
    from pykeen.training import SLCWATrainingLoop

    batch = preset.batch if preset else BATCH
    few = np.random.default_rng(0).permutation(graph.train)[: batches * batch]
    model = make(pykeen_factory(graph, few))
    loop = SLCWATrainingLoop(
        model=model,
        triples_factory=pykeen_factory(graph, few),
        optimizer=preset.optimizer if preset else "adam",
        optimizer_kwargs={"lr": preset.rate} if preset else None,
        negative_sampler="basic",
        negative_sampler_kwargs={"num_negs_per_pos": preset.negatives if preset else NEGATIVES},
        automatic_memory_optimization=False,  # it would train a batch to see whether it fits
    )
    options = {"batch_size": batch, "use_tqdm": False, "pin_memory": False}
    warm = pykeen_factory(graph, few[: 2 * batch])
    loop.train(warm, num_epochs=1, **options)
    started = time.process_time()
    loop.train(pykeen_factory(graph, few), num_epochs=2, continue_training=True, **options)
    return (time.process_time() - started) * len(graph.train) / len(few)


def pykeen_ranks(shape: Shape, graph: Graph, asked: Ids) -> tuple[Floats, float]:
    """(n, 2) ranks of tails and heads of `asked` (n, 3), and the seconds that all test triples would take."""
    import torch
    from pykeen.evaluation import RankBasedEvaluator
    from pykeen.utils import prepare_filter_triples

    model = pykeen_model(shape, pykeen_factory(graph, graph.train))
    entity, relation = weights(shape, graph)
    assert unclamped(shape, entity, relation), "PyKEEN would cut vectors that ours does not"
    pykeen_fill(model, shape, entity, relation)
    triples, known = torch.from_numpy(asked), torch.from_numpy(graph.known())

    def run(few: Any) -> Any:
        evaluator = RankBasedEvaluator(clear_on_finalize=False)
        options = {"batch_size": RANKED_AT_ONCE, "use_tqdm": False}
        evaluator.evaluate(model, few, additional_filter_triples=[known], **options)
        return evaluator.ranks

    run(triples[:2])
    started = time.process_time()
    prepare_filter_triples(triples, [known])  # once for all triples, so not scaled
    once = time.process_time() - started
    started = time.process_time()
    found = run(triples)
    whole = time.process_time() - started
    sides = [np.concatenate(found[side, "realistic"]) for side in ("tail", "head")]
    scaled = once + max(0.0, whole - once) * len(graph.test) / len(asked)
    return np.stack(sides, 1), scaled


# -- one measurement, in a process of its own ---------------------------------------------------


def measure(task: str, name: str, data: Path, out: Path, *, quick: bool) -> dict[str, float]:
    """What the child process for `task` prints; ranks go to `out`."""
    import torch

    torch.set_num_threads(1)
    if task == "ours time-to-mrr":
        return ours_to_mrr(data, quick=quick)
    if task == "ours epoch":
        return {"cpu": ours_epoch(MODELS[name], data)}
    graph = read(data)
    if task == "pykeen preset":
        preset = PRESETS[name]
        shape = replace(MODELS["TransE, L2"], dim=preset.dim, norm=preset.norm)
        make = lambda factory: pykeen_model(shape, factory, loss=preset.loss)  # noqa: E731
        batches = 4 if quick else preset.batches
        return {"cpu": pykeen_epoch(graph, make, preset, batches)}
    shape = MODELS[name]
    if task == "pykeen epoch":
        batches = 2 if quick else shape.batches
        make = lambda factory: pykeen_model(shape, factory)  # noqa: E731
        return {"cpu": pykeen_epoch(graph, make, None, batches), "batches": batches}
    if task == "pykeen evaluation":
        asked = graph.test[sample(graph, 32 if quick else shape.asked)]
        ranks, cpu = pykeen_ranks(shape, graph, asked)
    else:
        tables = weights(shape, graph)
        started = time.process_time()
        ranks = ours_ranks(shape, *tables, graph.test, graph.known())
        cpu = time.process_time() - started
    np.save(out, ranks)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"cpu": cpu, "peak": peak / (1e6 if sys.platform == "darwin" else 1e3)}


def child(task: str, name: str, args: Any, out: Path, notes: list[str]) -> dict[str, float]:
    """Its numbers; none where it failed, which becomes a note."""
    report.say(f"  {task}: {name}")
    command = [sys.executable, __file__, "--child", task, "--name", name, "--data", str(args.data)]
    alone = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}
    done = subprocess.run(
        [*command, "--out", str(out), *["--quick"] * args.quick],
        env={**os.environ, **alone, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
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


def dims(shape: Shape) -> str:
    kind = "complex" if shape.scorer in ("rotate", "complex") else ""
    return f"{shape.dim} {kind}".strip() + (f", {shape.space}" if shape.space != shape.dim else "")


def epochs(args: Any, scratch: Path, notes: list[str]) -> Table:
    rows: list[list[Any]] = []
    for name in args.only or MODELS:
        theirs = child("pykeen epoch", name, args, scratch / "none", notes)
        ours = child("ours epoch", name, args, scratch / "none", notes)
        seconds = [found.get("cpu") for found in (theirs, ours)]
        rows.append([name, dims(MODELS[name]), theirs.get("batches"), *seconds, ratio(*seconds)])
    notes.append(f"{NEGATIVES} negatives a positive, batches of {BATCH:,}; PyKEEN: sLCWA, Adam, its default losses")
    notes.append("batches: measured in PyKEEN, of the 266 that its epoch has")
    return ["model", "dim", "batches", "PyKEEN s", "ours s", "ratio"], rows


def evaluations(args: Any, scratch: Path, notes: list[str]) -> Table:
    rows: list[list[Any]] = []
    graph = read(args.data)
    for name in args.only or MODELS:
        theirs = child("pykeen evaluation", name, args, scratch / "theirs.npy", notes)
        ours = child("ours evaluation", name, args, scratch / "ours.npy", notes)
        same: list[Any] = [None, None, None]
        if theirs and ours:
            found = np.load(scratch / "theirs.npy")
            mine = np.load(scratch / "ours.npy")[sample(graph, len(found))]
            apart = np.abs(found - mine)
            same = [found.size, int((apart > 0).sum()), float(apart.max())]
        times = [theirs.get("cpu"), ours.get("cpu")]
        peaks = [theirs.get("peak"), ours.get("peak")]
        rows.append([name, dims(MODELS[name]), *times, ratio(*times), *peaks, *same])
    notes.append("PyKEEN: RankBasedEvaluator, train + valid + test filtered; MB: peak of the process, libraries included")
    notes.append("compared: ranks on the triples that both ranked; they differ where scores are equal but for the last bits")
    header = ["model", "dim", "PyKEEN s", "ours s", "ratio", "PyKEEN MB", "ours MB"]
    return [*header, "compared", "differ", "at most by"], rows


def times_to_mrr(args: Any, scratch: Path, notes: list[str]) -> Table:
    ours = child("ours time-to-mrr", "TransE", args, scratch / "none", notes)
    whole, count = ours.get("cpu"), ours.get("epochs")
    each = whole / count if whole and count else None
    rows: list[list[Any]] = [["ours", each, count, whole, ours.get("mrr"), ratio(whole, whole)]]
    for name, preset in PRESETS.items():
        theirs = child("pykeen preset", name, args, scratch / "none", notes).get("cpu")
        for many, mrr in ((1, None), (preset.epochs, preset.mrr)):
            seconds = theirs * many if theirs else None
            title = f"PyKEEN, {name}" + (", one epoch" if many == 1 else "")
            rows.append([title, theirs, many, seconds, mrr, ratio(seconds, whole)])
    notes.append(f"ours: measured until the test MRR is {TARGET}; PyKEEN: an epoch measured in part, times the epochs, evaluations not counted")
    notes.append("MRR: ours measured, PyKEEN's as published for the setting, not reproduced here")
    notes.extend(PRESET_NOTES)
    return ["training of TransE", "s/epoch", "epochs", "CPU s", "MRR", "times ours"], rows


TABLES = dict(zip(PARTS, (epochs, evaluations, times_to_mrr), strict=True))
TITLES = dict(
    zip(PARTS, ("One epoch of training", "Filtered evaluation", "Time to MRR .31"), strict=True)
)


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=report.DATA.parent / "kg" / "fb15k-237")
    parser.add_argument("--part", choices=PARTS, action="append", help="repeatable; else all")
    parser.add_argument("--only", nargs="*", choices=tuple(MODELS), help="names of models")
    for hidden in ("--child", "--name", "--out"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        found = measure(args.child, args.name, args.data, Path(args.out), quick=args.quick)
        print(json.dumps(found))
        return
    args.data = next((each for each in (args.data, args.data / "kg" / "fb15k-237") if (each / "train.txt").exists()), None)
    if args.data is None:
        report.say("skipped: FB15k-237 is not there; give --data FOLDER with train.txt, valid.txt, test.txt")
        return
    from importlib.metadata import version

    versions = {name: version(name) for name in ("torch", "pykeen")}
    with tempfile.TemporaryDirectory() as scratch:
        for part in args.part or PARTS:
            notes: list[str] = []
            header, rows = TABLES[part](args, Path(scratch), notes)
            report.show(TITLES[part] + ", FB15k-237", header, rows, args, notes=notes, versions=versions)


if __name__ == "__main__":
    main()
