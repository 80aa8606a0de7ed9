"""Remembering and forgetting without an end: does memory stay flat where the number of turns does?

Of `--live` turns kept, each round remembers some and forgets as many of the oldest, until
`--operations` are done (a turn remembered or forgotten is one). A recall between keeps the index in
use. The table tells resident memory, rows of the index and size of the file on the way; memory
after the first fifth is what later memory is held against. Exit code 1 where it grows by more than
a tenth.
"""

import argparse
import gc
import sys
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

import corpus
import report

import remanence

GROWTH = 1.10
ROUND = 100  # turns remembered, then forgotten


def churn(args: argparse.Namespace, path: Path) -> list[tuple[Any, ...]]:
    """Return a row for each tenth of the way."""
    turns = iter(corpus.turns(args.operations, seed=3))
    live: deque[str] = deque()
    rows: list[tuple[Any, ...]] = []
    done, step = 0, args.operations // 10
    with remanence.open(path, embedder="hash:64") as memory:
        while done < args.operations:
            texts = [next(turns).text for _ in range(ROUND)]
            live.extend(each.id for each in memory.remember(texts, namespace="wei"))
            done += ROUND
            while len(live) > args.live:
                memory.forget(id=live.popleft(), namespace="wei")
                done += 1
            memory.recall(texts[0], namespace="wei", k=5)
            if done // step > len(rows):
                gc.collect()
                size = report.disk_bytes(path) / 1e6
                rows.append((done, len(live), report.resident_mb(), size))
                report.say(f"{done:,} done, {rows[-1][2]:.0f} MB")
    return rows


def main() -> int:
    parser = report.arguments(__doc__)
    parser.add_argument("--operations", type=int, default=200_000)
    parser.add_argument("--live", type=int, default=5_000)
    args = parser.parse_args()
    if args.quick:
        args.operations, args.live = 4_000, 400
    with tempfile.TemporaryDirectory() as folder:
        rows = churn(args, Path(folder) / "churn.db")
    first, most = rows[1][2], max(row[2] for row in rows[2:])
    report.show(
        f"{args.operations:,} turns remembered and forgotten, {args.live:,} of them kept",
        ("operations", "turns kept", "resident MB", "file MB"),
        rows,
        args,
        notes=[f"memory after the first fifth x {most / first:.2f}; bar: x {GROWTH}"],
    )
    return int(most > GROWTH * first)


if __name__ == "__main__":
    sys.exit(main())
