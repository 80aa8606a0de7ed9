"""Updates that must be done and near-misses that must be left alone: `python
benchmarks/supersession.py [file.jsonl]` prints the table.

The cases are statements, not sentences, so this judges linking alone.
"""

import sys
from pathlib import Path

from remanence.evals import supersession

CASES = Path(__file__).parent.parent / "tests" / "data" / "updates.jsonl"


def main() -> None:
    """Print one row per kind of case, then every case that went wrong."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else CASES
    outcomes = [supersession.judge(case) for case in supersession.read(path.read_text("utf-8"))]
    print("| kind | case | as it must be | of |\n|---|---|---:|---:|")
    for kind, why, right, total in sorted(supersession.table(outcomes)):
        print(f"| {kind} | {why} | {right} | {total} |")
    for outcome in outcomes:
        if not outcome.right:
            print(f"\nwrong: {outcome.kind}, {outcome.why}: {outcome.found}")


if __name__ == "__main__":
    main()
