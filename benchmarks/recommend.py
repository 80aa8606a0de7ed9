"""Recommendation on Last.FM with its knowledge graph: `remanence.apps.recommend` beside popularity,
neighbours, EASE and matrix factorisation.

The folder `--data` has `ratings_final.txt` (user, item, 1 or 0, as many 0 drawn at random as there
are 1) and `kg_final.txt` (item or entity, relation, entity), as MKR, KGCN and RippleNet use them.
For each seed the lines are split 6:2:2 at random. Baselines are tuned on the second part, by AUC +
Recall@20; Remanence chooses its weights within the first and does not look at the second. All learn
from the positive lines of the first part and are measured on the third: AUC over its lines;
Recall@20 and NDCG@20 over its users' positives, all items ranked but those that the user has in the
first part. `implicit` is no part of the project: `pip install implicit` for its two rows.
"""

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import report

DATA = report.HERE.parent.parent / "shared" / "data" / "recommend" / "lastfm"
K = 20
MEASURES = ("AUC", f"Recall@{K}", f"NDCG@{K}")
TRAIN, TUNE = 0.6, 0.2
ITERATIONS = 15  # of alternating least squares

Scores = np.ndarray  # (users, items)


@dataclass(frozen=True)
class Data:
    """`ratings` (n, 3) of user, item, 0 or 1;

    `knowledge` (k, 3), in which items have their own numbers.
    """

    ratings: np.ndarray
    knowledge: np.ndarray
    users: int
    items: int


@dataclass(frozen=True)
class Split:
    """Lines of ratings, in three parts; `has` (users, items) the positives of the first."""

    data: Data
    train: np.ndarray
    tune: np.ndarray
    test: np.ndarray
    has: np.ndarray


def read(folder: Path) -> Data:
    ratings = np.loadtxt(folder / "ratings_final.txt", np.int64)
    knowledge = np.loadtxt(folder / "kg_final.txt", np.int64)
    return Data(ratings, knowledge, *(int(top) + 1 for top in ratings[:, :2].max(0)))


def split(data: Data, seed: int) -> Split:
    order = np.random.default_rng(seed).permutation(len(data.ratings))
    cuts = (np.array([TRAIN, TRAIN + TUNE]) * len(order)).astype(int)
    parts = [data.ratings[part] for part in np.split(order, cuts)]
    return Split(data, *parts, matrix(data, parts[0]))


def matrix(data: Data, lines: np.ndarray) -> np.ndarray:
    """(n, 3) lines -> (users, items), 1 where positive."""
    found = np.zeros((data.users, data.items), np.float32)
    found[tuple(lines[lines[:, 2] == 1, :2].T)] = 1
    return found


# -- measures ------------------------------------------------------------------------------------


def measure(scores: Scores, parted: Split, lines: np.ndarray) -> tuple[float, float, float]:
    """AUC, recall and nDCG on lines (n, 3); ties in AUC count half (Hanley and McNeil, 1982)."""
    value, truth = scores[lines[:, 0], lines[:, 1]], lines[:, 2] == 1
    _, place, times = np.unique(value, return_inverse=True, return_counts=True)
    rank = (np.cumsum(times) - (times - 1) / 2)[place]
    positive, negative = truth.sum(), (~truth).sum()
    auc = (rank[truth].sum() - positive * (positive + 1) / 2) / (positive * negative)
    gold = matrix(parted.data, lines)
    users = np.flatnonzero(gold.sum(1))
    open_ = np.where(parted.has[users] > 0, -np.inf, scores[users])
    best = np.argsort(-open_, 1, kind="stable")[:, :K]
    hits = np.take_along_axis(gold[users], best, 1)
    wanted = gold[users].sum(1).astype(int)
    gain = 1 / np.log2(np.arange(2, K + 2))
    ideal = np.cumsum(gain)[np.minimum(wanted, K) - 1]
    return float(auc), float((hits.sum(1) / wanted).mean()), float((hits @ gain / ideal).mean())


# -- baselines -----------------------------------------------------------------------------------


def popularity(parted: Split, _: None) -> Scores:
    return np.tile(parted.has.sum(0), (parted.data.users, 1))


def item_neighbours(parted: Split, most: int) -> Scores:
    """Cosine of items over users, the `most` nearest of each (Sarwar et al., 2001)."""
    has = parted.has
    likeness = has.T @ has
    length = np.sqrt(np.maximum(1, np.diag(likeness)))
    likeness /= length[:, None] * length
    np.fill_diagonal(likeness, 0)
    if most < len(likeness):
        least = np.partition(likeness, -most, axis=1)[:, -most, None]
        likeness[likeness < least] = 0
    return has @ likeness


def ease(parted: Split, ridge: float) -> Scores:
    """EASE (Steck, 2019, equation 8)."""
    gram = parted.has.T @ parted.has + ridge * np.eye(parted.data.items, dtype=np.float32)
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return parted.has @ weights


def least_squares(parted: Split, chosen: tuple[int, float, float]) -> Scores:
    """Implicit feedback by alternating least squares (Hu et al., 2008)."""
    from implicit.cpu.als import AlternatingLeastSquares

    factors, ridge, trust = chosen
    model = AlternatingLeastSquares(
        factors=factors,
        regularization=ridge,
        alpha=trust,
        iterations=ITERATIONS,
        num_threads=1,
        random_state=0,
    )
    return _factors(model, parted)


def pairwise(parted: Split, chosen: tuple[int, float, float, int]) -> Scores:
    """Bayesian personalised ranking (Rendle et al., 2009)."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    factors, rate, ridge, iterations = chosen
    model = BayesianPersonalizedRanking(
        factors=factors,
        learning_rate=rate,
        regularization=ridge,
        iterations=iterations,
        num_threads=1,
        random_state=0,
    )
    return _factors(model, parted)


def _factors(model: Any, parted: Split) -> Scores:
    from scipy.sparse import csr_matrix

    model.fit(csr_matrix(parted.has), show_progress=False)
    return model.user_factors @ model.item_factors.T


Method = Callable[[Split, Any], Scores]
BASELINES: dict[str, tuple[Method, list[Any]]] = {
    "popularity": (popularity, [None]),
    "item-kNN, cosine": (item_neighbours, [50, 200, 1_000_000]),
    "EASE": (ease, [100.0, 300.0]),
    "implicit ALS": (
        least_squares,
        [
            (width, *rest)
            for width in (16, 32, 64)
            for rest in ((30.0, 5.0), (30.0, 10.0), (60.0, 20.0), (100.0, 20.0))
        ],
    ),
    "implicit BPR": (pairwise, list(product([16, 64], [0.01, 0.05], [0.1, 0.2], [300, 600]))),
}


# -- Remanence -----------------------------------------------------------------------------------

VARIANTS: dict[str, dict[str, Any]] = {
    "remanence": {},
    "  without knowledge": {"knowledge": False},
    "  without embedding": {"parts": ("walk", "factors", "popularity")},
    "  without walk": {"parts": ("embedding", "factors", "popularity")},
    "  without factors": {"parts": ("walk", "embedding", "popularity")},
}


def remanence(
    parted: Split, seed: int, *, quick: bool, knowledge: bool = True, **options: Any
) -> Scores:
    from remanence.apps import recommend

    if quick:
        rough = recommend.Recipe(model="distmult", dim=16, epochs=2, n3=0.07, patience=0, seed=seed)
        options["recipe"] = rough
    data = parted.data
    rows = np.argwhere(parted.has > 0).tolist()
    told = data.knowledge.tolist() if knowledge else []
    made = recommend.train(
        [(f"u{user}", str(item)) for user, item in rows],
        [(str(head), f"r{kind}", str(tail)) for head, kind, tail in told],
        items=[str(item) for item in range(data.items)],
        seed=seed,
        **options,
    )
    report.say(f"    {made.weights}")
    place = np.array([int(item) for item in made.items])
    popular = np.log(parted.has.sum(0) + 1)
    found = np.tile(popular, (data.users, 1))  # for users of whom nothing is known
    known = set(made.users)
    for user in range(data.users):
        if f"u{user}" in known:
            found[user, place] = made.scores(f"u{user}")
    return found


# -- running -------------------------------------------------------------------------------------


def baselines(
    parted: Split, wanted: tuple[str, ...], *, quick: bool
) -> Iterator[tuple[str, list[float]]]:
    """Each baseline with the values that did best on the second part, measured on the third."""
    for name, (method, grid) in BASELINES.items():
        if not name.startswith(wanted):
            continue
        if name.startswith("implicit") and not importlib.util.find_spec("implicit"):
            continue
        best, best_at = grid[0], -1.0
        for chosen in grid if not quick and len(grid) > 1 else ():
            auc, recall, _ = measure(method(parted, chosen), parted, parted.tune)
            if auc + recall > best_at:
                best, best_at = chosen, auc + recall
        started = time.process_time()
        scores = method(parted, best)
        spent = time.process_time() - started
        report.say(f"    {name}: {best}")
        yield name, [*measure(scores, parted, parted.test), spent]


def ours(
    parted: Split, wanted: tuple[str, ...], seed: int, *, quick: bool
) -> Iterator[tuple[str, list[float]]]:
    for name, options in VARIANTS.items():
        if not name.strip().startswith(wanted):
            continue
        started = time.process_time()
        scores = remanence(parted, seed, quick=quick, **options)
        spent = time.process_time() - started
        yield name, [*measure(scores, parted, parted.test), spent]


def summary(values: list[list[float]]) -> list[Any]:
    """Mean and deviation over seeds of each measure, mean seconds."""
    *columns, seconds = zip(*values, strict=True)
    cells: list[Any] = []
    for column in columns:
        spread = statistics.stdev(column) if len(column) > 1 else None
        mean = f"{statistics.mean(column):.4f}"
        cells.append(mean if spread is None else f"{mean} ± {spread:.4f}")
    return [*cells, round(statistics.mean(seconds), 1)]


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the set")
    parser.add_argument("--seeds", type=int, default=3, help="how many splits")
    parser.add_argument("methods", nargs="*", help="beginnings of names of rows; default: all")
    args = parser.parse_args()
    if not (args.data / "ratings_final.txt").is_file():
        report.say(f"skipped: {args.data} has no ratings_final.txt; give --data a folder that has")
        return
    _show(args)


def _show(args: argparse.Namespace) -> None:
    data = read(args.data)
    seeds = range(1 if args.quick else args.seeds)
    found: dict[str, list[list[float]]] = {}
    wanted, quick = tuple(args.methods) or ("",), args.quick
    for seed in seeds:
        parted = split(data, seed)
        for way in (
            baselines(parted, wanted, quick=quick),
            ours(parted, wanted, seed, quick=quick),
        ):
            for name, values in way:
                report.say(f"  seed {seed}: {name} {[round(value, 4) for value in values]}")
                found.setdefault(name, []).append(values)
    notes = [
        (
            f"seeds {list(seeds)}: each splits the {len(data.ratings):,} lines 6:2:2 and trains; "
            f"mean ± deviation"
        ),
        (
            "baselines tuned on the second part, Remanence within the first; all learn from the "
            "positives of the first"
        ),
        (
            "seconds: training and scoring of all users, tuning of baselines aside, Remanence's "
            "choice of weights included"
        ),
    ]
    if not importlib.util.find_spec("implicit"):
        notes.append("implicit ALS, implicit BPR: skipped, implicit is not installed")
    header = ["method", *MEASURES, "CPU s"]
    rows = [[name, *summary(values)] for name, values in found.items()]
    report.show(f"Recommendation on {args.data.name}", header, rows, args, notes=notes)


if __name__ == "__main__":
    main()
