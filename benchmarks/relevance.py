"""Fits and measures `relevance`, the probability that a recollection answers a query.

    python benchmarks/relevance.py [--fit] [--json]

Questions with an answer are those of the public sets, asked in their own namespace, and those of
`data/relevance.jsonl`, written for this; questions without one are the first, asked in another
namespace of the same set, over stores cut to several sizes, and near-misses of the second. `--fit`
prints new coefficients for `retrieval/relevance.py`. An exam of everyday memory, where it is at
hand (`../shared/data/exam`), is measured and never fitted.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import report

import remanence
from remanence.retrieval import relevance
from remanence.text import manner

SETS = ("locomo", "madial-en", "cmrc2018-zh", "memdaily-zh", "musique")
QUESTIONS = 250  # of a set
SIZES = (60, 250, 1_000)  # memories of a store
LOOKED_AT = 5  # rows of a query that are examples
RIDGE = 1e-4
EXAM = report.DATA.parent / "exam"  # measured only, never fitted
OWN = Path(__file__).parent / "data" / "relevance.jsonl"
OWN_WEIGHT = 5.0
PARTS = (8, 40)  # memories of a store
WHO = {"en": "Ida", "zh": "小雨"}
DAY = "2024-03-{:02}T10:00:00Z"
ASKED = "2024-05-01T10:00:00Z"


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file with one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Watched:
    """A memory whose searches leave the features of their best rows behind."""

    def __init__(self) -> None:
        self.memory = remanence.open(":memory:")
        self.features = np.empty((0, len(relevance.FEATURES)), np.float32)

        def keep(query, pool, columns, rows=None, coefficients=relevance.DEFAULT):
            self.features = relevance.features(query, pool, columns, rows)
            return likely(query, pool, columns, rows, coefficients)

        likely = relevance.relevance
        relevance.relevance = keep

    def asked(self, text: str, namespace: str, at: str | None) -> tuple[list[str], np.ndarray]:
        """Ids of the best rows and their features."""
        hits = self.memory.recall(text, namespace=namespace, k=LOOKED_AT, at=at)
        return [hit.source for hit in hits], self.features[: len(hits)]


def stores(name: str) -> Iterator[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """(namespace, memories, questions) of a set, cut to several sizes around what is asked."""
    memories, questions = defaultdict(list), defaultdict(list)
    for row in lines(report.DATA / name / "memories.jsonl"):
        memories[row["namespace"]].append(row)
    for row in lines(report.DATA / name / "questions.jsonl"):
        if row.get("type") != "adversarial":
            questions[row["namespace"]].append(row)
    chance = random.Random(0)
    spaces = list(memories)
    if len(spaces) > 30:
        spaces = chance.sample(spaces, 30)
    for place, space in enumerate(spaces):
        asked = chance.sample(
            questions[space], min(len(questions[space]), QUESTIONS // len(spaces) + 1)
        )
        gold = {source for row in asked for source in row["gold"]}
        rest = [row for row in memories[space] if row["id"] not in gold]
        size = SIZES[place % len(SIZES)]
        kept = {row["id"] for row in chance.sample(rest, min(len(rest), size))} | gold
        yield space, [row for row in memories[space] if row["id"] in kept], asked


def examples(watched: Watched) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, f), answers (n,) of 0 or 1, and weights (n,)."""
    rows, answers, weights = [], [], []

    def take(features: np.ndarray, right: list[bool], weight: float) -> None:
        rows.append(features)
        answers.extend(map(float, right))
        weights.extend([weight / max(len(right), 1)] * len(right))

    for name in SETS:
        made = list(stores(name))
        for space, memories, _ in made:
            kept = [
                remanence.Turn(
                    row["text"], row.get("speaker"), row.get("session"), row.get("at"), row["id"]
                )
                for row in memories
            ]
            watched.memory.remember(kept, namespace=f"{name}/{space}")
        for place, (space, _, questions) in enumerate(made):
            other = made[(place + 1) % len(made)][0]
            for row in questions:
                ids, features = watched.asked(row["question"], f"{name}/{space}", None)
                right = [source in row["gold"] for source in ids]
                take(features, right, 1.0)
                if other != space:
                    ids, features = watched.asked(row["question"], f"{name}/{other}", None)
                    take(features, [False] * len(ids), 1.0)
    for _, features, right in own(watched):
        take(features, right, OWN_WEIGHT)
    return np.concatenate(rows), np.array(answers), np.array(weights)


def own(watched: Watched) -> Iterator[tuple[str, np.ndarray, list[bool]]]:
    """(kind and language, features, answers) of the questions written for this.

    A question that something answers, one beside it that nothing does, small talk; over stores of
    all memories of a language and of parts of them.
    """
    written = lines(OWN)
    for language in ("en", "zh"):
        rows = [row for row in written if row["lang"] == language and "memory" in row]
        small = [row["small"] for row in written if row["lang"] == language and "small" in row]
        for part in PARTS:
            for start in range(0, len(rows), part):
                some = rows[start : start + part]
                space = f"own/{language}/{part}/{start}"
                turns = [
                    remanence.Turn(
                        row["memory"], WHO[language], f"s{n // 4}", DAY.format(n % 28 + 1), f"m{n}"
                    )
                    for n, row in enumerate(some)
                ]
                watched.memory.remember(turns, namespace=space)
                for n, row in enumerate(some):
                    for key in ("answered", "unanswered"):
                        ids, features = watched.asked(row[key], space, ASKED)
                        right = [source == f"m{n}" and key == "answered" for source in ids]
                        yield f"{key} {language}", features, right
                for text in small:
                    if manner.needs_no_memory(text):
                        continue
                    ids, features = watched.asked(text, space, ASKED)
                    yield f"small talk {language}", features, [False] * len(ids)


def held(watched: Watched) -> Iterator[tuple[str, np.ndarray, list[bool]]]:
    """(kind and language, features, answers) of an exam that nothing is fitted on."""
    if not EXAM.is_dir():
        return
    newest: dict[str, str] = {}
    for language in ("en", "zh"):
        turns = [row for row in lines(EXAM / "histories.jsonl") if row["lang"] == language]
        newest[language] = max(row["at"] for row in turns)
        kept = [
            remanence.Turn(row["text"], row["speaker"], row["at"][:10], row["at"], row["id"])
            for row in turns
        ]
        watched.memory.remember(kept, namespace=f"exam/{language}")
    for row in lines(EXAM / "abstain.jsonl"):
        ids, features = watched.asked(row["question"], f"exam/{row['lang']}", row["asked"])
        kind = "answerable" if row["answerable"] else "unanswerable"
        yield f"{kind} {row['lang']}", features, [source in row["gold"] for source in ids]
    for row in lines(EXAM / "smalltalk.jsonl"):
        if manner.needs_no_memory(row["text"]):
            yield f"small talk {row['lang']}", np.empty((0, len(relevance.FEATURES))), []
            continue
        ids, features = watched.asked(row["text"], f"exam/{row['lang']}", newest[row["lang"]])
        yield f"small talk {row['lang']}", features, [False] * len(ids)


def fitted(features: np.ndarray, answers: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Coefficients of a logistic regression, by iteratively reweighted least squares."""
    found = np.zeros(features.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-features @ found))
        gradient = features.T @ (weights * (answers - likely)) - RIDGE * len(answers) * found
        curve = (features.T * (weights * likely * (1 - likely))) @ features
        step = np.linalg.solve(curve + RIDGE * len(answers) * np.eye(len(found)), gradient)
        found += step
        if np.abs(step).max() < 1e-6:
            break
    return found


def calibration(likely: np.ndarray, answers: np.ndarray, weights: np.ndarray) -> list[list[Any]]:
    """Rows of (from, to, mean relevance, share of right answers, examples) by tenth."""
    rows = []
    for low in np.arange(0, 1, 0.1):
        inside = (likely >= low) & (likely < low + 0.1)
        if inside.any():
            share = np.average(answers[inside], weights=weights[inside])
            mean = np.average(likely[inside], weights=weights[inside])
            rows.append(
                [
                    f"{low:.1f} to {low + 0.1:.1f}",
                    round(float(mean), 3),
                    round(float(share), 3),
                    int(inside.sum()),
                ]
            )
    return rows


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--fit", action="store_true", help="print new coefficients")
    args = parser.parse_args()
    if not report.DATA.is_dir():
        report.say(f"skipped: {report.DATA} is not there")
        return
    watched = Watched()
    features, answers, weights = examples(watched)
    coefficients = np.array(relevance.DEFAULT.values)
    if args.fit:
        coefficients = fitted(features, answers, weights)
        for name, value in zip(relevance.FEATURES, coefficients, strict=True):
            report.say(f"    {name}: {value:.3f}")
        report.say(f"    {tuple(round(float(value), 3) for value in coefficients)}")
    likely = 1 / (1 + np.exp(-features @ coefficients))
    header = ["relevance", "mean", "share of right answers", "examples"]
    report.show("Calibration of relevance", header, calibration(likely, answers, weights), args)
    kinds = defaultdict(list)
    for kind, rows, _ in held(watched):
        kinds[kind].append(float((1 / (1 + np.exp(-rows @ coefficients))).max(initial=0.0)))
    table = [
        [kind, len(found), *np.round(np.quantile(found, (0.1, 0.25, 0.5, 0.75, 0.9)), 3)]
        for kind, found in kinds.items()
    ]
    report.show(
        "Relevance of the best of five",
        ["kind", "n", "10 %", "25 %", "50 %", "75 %", "90 %"],
        table,
        args,
    )
    for language in ("en", "zh"):
        good, bad = (
            np.array(kinds[f"{kind} {language}"]) for kind in ("answerable", "unanswerable")
        )
        small = np.array(kinds[f"small talk {language}"])
        wins = (good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean()
        keep = np.sort(good)[::-1][int(np.ceil(0.9 * len(good))) - 1]
        report.say(
            f"{language} AUC {wins:.3f} junk {np.mean(bad >= keep):.2f} small talk "
            f"{np.mean(small >= keep):.2f} at {keep:.3f}; at .07: good lost "
            f"{np.mean(good < 0.07):.2f} small {np.mean(small >= 0.07):.2f}"
        )


if __name__ == "__main__":
    main()
