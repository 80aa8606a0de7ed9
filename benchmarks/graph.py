"""What each choice of the graph arm is worth: recall on public sets with one thing taken away at a
time.

The sets are not part of the project; `--data` says where the folders are (see `quality.py`). A set
with passages shows what the arm earns; one of dialogue shows that it keeps out of the way.
"""

import argparse
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import report

from remanence.evals import retrieval
from remanence.retrieval import graph

SETS = ("musique", "2wiki-train", "locomo", "madial-en", "cmrc2018-zh", "memdaily-zh")
QUICK = ("madial-en",)
SHOWN = ("R@1", "R@5", "R@10")


@dataclass(frozen=True)
class Variant:
    """Weights and links that differ from the defaults."""

    name: str
    weights: Mapping[str, float] = dataclasses.field(default_factory=dict)
    links: Mapping[str, float] = dataclasses.field(default_factory=dict)


VARIANTS = (
    Variant("without the graph", {"title": 0.0, "chain": 0.0, "repeated": 0.0}),
    Variant("titles only", {"chain": 0.0, "repeated": 0.0}),
    Variant("walk only", {"title": 0.0, "repeated": 0.0}),
    Variant("all"),
    Variant("all, repeated names not discounted", {"repeated": 0.0}),
    Variant("all, links to titles only", links={"mention": 0.0}),
    Variant("all, one step", links={"second": 0.0}),
    Variant("all, parts of names link nothing", links={"part": 0.0}),
    Variant("all, the question's rest decides alone", links={"prior": 0.0}),
    Variant("all, the question's rest left out", links={"prior": 1e6, "faint": 1e5}),
    Variant("all, full trust without a named title", links={"unnamed": 1.0}),
    Variant("all, full trust where one row answers all", links={"slack": 1e-6}),
)


def measure(variant: Variant, folder: Path) -> retrieval.Report:
    """The report of one set, with the variant in the place of the defaults."""
    links = dataclasses.replace(graph.LINKS, **variant.links)
    built = graph.Graph.__init__
    graph.Graph.__init__ = lambda self: built(self, links)
    try:
        return retrieval.run(folder, weights=variant.weights)
    finally:
        graph.Graph.__init__ = built


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=report.DATA, help="folder of the sets")
    parser.add_argument("sets", nargs="*", help="names of folders; default: all known")
    args = parser.parse_args()
    if not args.data.is_dir():
        report.say(f"skipped: {args.data} is not there; give --data a folder of evaluation sets")
        return
    _show(args)


def _show(args: argparse.Namespace) -> None:
    chosen = args.sets or (QUICK if args.quick else SETS)
    rows: list[list[Any]] = []
    notes = ["recall ms: median of one recall, warm; without adversarial questions"]
    for name in chosen:
        folder = args.data / name
        if not folder.is_dir():
            notes.append(f"skipped {name}: {folder} is not there")
            continue
        for variant in VARIANTS:
            report.say(f"  {name}: {variant.name}")
            made = measure(variant, folder)
            group = made.groups.get(retrieval.WITHOUT_ADVERSARIAL) or made.groups[retrieval.ALL]
            means = [round(group.means[measure], 3) for measure in SHOWN]
            rows.append([name, variant.name, group.questions, *means, made.recall_ms])
    header = ["set", "variant", "questions", *SHOWN, "recall ms"]
    report.show("Ablation of the graph arm", header, rows, args, notes=notes)


if __name__ == "__main__":
    main()
