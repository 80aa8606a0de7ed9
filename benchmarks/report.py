"""What every benchmark prints:

date, machine, versions, one table. It knows nothing of what was measured.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import sqlite3
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

import remanence

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"  # stores kept between runs; never in git
DATA = HERE.parent.parent / "shared" / "data" / "retrieval"


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """A parser with what all benchmarks share."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    parser.add_argument("--quick", action="store_true", help="small and rough: shows that it runs")
    return parser


def machine() -> dict[str, str]:
    """Where and with what this ran."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": f"{_cpu()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "remanence": remanence.__version__,
        "numpy": importlib.metadata.version("numpy"),
        "sqlite": f"{apsw.sqlite_lib_version()} (Python's own: {sqlite3.sqlite_version})",
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def show(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    args: argparse.Namespace,
    *,
    notes: Sequence[str] = (),
    versions: dict[str, str] | None = None,
) -> None:
    """Print the table, or with `--json` everything in it."""
    about = {**machine(), **(versions or {})}
    if args.json:
        listed = [dict(zip(header, row, strict=True)) for row in rows]
        print(json.dumps({"title": title, **about, "rows": listed, "notes": list(notes)}, indent=1))
        return
    print(f"{title}\n{', '.join(f'{name} {value}' for name, value in about.items())}\n")
    cells = [list(map(str, header))] + [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        first, *others = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join([first, *others]).rstrip())
        if number == 0:
            print("-" * (sum(widths) + 2 * len(widths) - 2))
    for note in notes:
        print(f"* {note}")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def say(text: str) -> None:
    """Progress, beside the table."""
    print(text, file=sys.stderr, flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_ms(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * 1e3


def resident_mb() -> float:
    """Memory this process holds now, in MB (its peak where the system does not say)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        scale = 1e6 if sys.platform == "darwin" else 1e3
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def disk_bytes(path: Path) -> int:
    """A store's file with what SQLite keeps beside it, or a folder with all in it."""
    files = path.rglob("*") if path.is_dir() else path.parent.glob(path.name + "*")
    return sum(file.stat().st_size for file in files if file.is_file())
