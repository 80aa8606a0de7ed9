"""How well recall finds what answers a question, on every public set at hand: `remanence eval
retrieval` over each folder.

The sets are not part of the project. A folder holds `memories.jsonl` and `questions.jsonl` as
`remanence.evals.retrieval` describes them; `--data` says where the folders are.
"""

import argparse
from pathlib import Path
from typing import Any

import report

from remanence.evals import retrieval

SHOWN = ("R@1", "R@5", "R@10", "R@20", "MRR")
QUICK = ("madial-en", "musique")


def rows_of(made: retrieval.Report, *, types: bool) -> list[list[Any]]:
    """The set's line; without adversarial questions where it has some; its types if wanted."""
    always = (retrieval.ALL, retrieval.WITHOUT_ADVERSARIAL)
    rows = []
    for group, scores in made.groups.items():
        if group in always or types:
            name = made.name if group == retrieval.ALL else f"  {group}"
            means = [round(scores.means[measure], 3) for measure in SHOWN]
            rows.append([name, made.memories, scores.questions, *means, made.recall_ms])
    return rows


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--data", type=Path, default=report.DATA, help="folder of the sets")
    parser.add_argument("--embedder", help="as in remanence.open; default: static")
    parser.add_argument("--types", action="store_true", help="a line for each type of question too")
    parser.add_argument("sets", nargs="*", help="names of folders; default: all")
    args = parser.parse_args()
    if not args.data.is_dir():
        report.say(f"skipped: {args.data} is not there; give --data a folder of evaluation sets")
        return
    _show(args)


def _show(args: argparse.Namespace) -> None:
    found = {path.parent.name: path.parent for path in args.data.glob("*/questions.jsonl")}
    chosen = args.sets or (QUICK if args.quick else sorted(found))
    rows: list[list[Any]] = []
    notes = ["recall ms: median, warm; questions are asked at the time of the newest memory"]
    for name in chosen:
        if name not in found:
            notes.append(f"skipped {name}: {args.data / name} has no questions.jsonl")
            continue
        report.say(f"  {name}")
        made = retrieval.run(found[name], embedder=args.embedder)
        rows += rows_of(made, types=args.types)
        notes += [f"{name}: degraded: {reason}" for reason in made.degraded]
    header = ["set", "memories", "questions", *SHOWN, "recall ms"]
    report.show("Recall on public sets", header, rows, args, notes=notes)


if __name__ == "__main__":
    main()
