"""Cases from public bug reports of proxies, SDKs, MCP clients and model libraries, tried here.

Each case of `../shared/data/cases/service.jsonl` describes an input and the outcome in words. Here
a probe of the same kind, with text of its own, does what the case describes and raises where the
outcome is another. The table gives the share that holds, a line a kind; `--show` the failures.
Exit code 1 below the bar of 140 of 144.
"""

import json
import sys
import time
import traceback
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import report
import service_models
import service_protocols
import service_proxy

CASES = report.HERE.parent.parent / "shared" / "data" / "cases" / "service.jsonl"
SHARE = 140 / 144
PROBES = {**service_proxy.PROBES, **service_protocols.PROBES, **service_models.PROBES}


def read(path: Path, wanted: str) -> list[dict[str, Any]]:
    """Return the cases of a file whose id begins with `wanted`."""
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [case for case in cases if case["id"].startswith(wanted)]


def outcome(case: dict[str, Any]) -> str:
    """Run the probe of a case; "" where it holds, else what was seen instead."""
    of_input = service_proxy.OF_INPUT.get(case["kind"])
    probe = partial(of_input, case["input"]) if of_input else PROBES.get(case["id"])
    if probe is None:
        return "no probe"
    try:
        probe()
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        seen = f"{type(error).__name__}: {error}"
        return f"{seen[:300]} ({Path(where.filename).name}:{where.lineno})"
    return ""


def main() -> int:
    parser = report.arguments(__doc__)
    parser.add_argument("--file", type=Path, default=CASES, help="the cases")
    parser.add_argument("--only", default="", help="the ids that begin so")
    parser.add_argument("--show", action="store_true", help="each failure")
    args = parser.parse_args()
    if not args.file.exists():
        report.say(f"skipped: {args.file} is not there (cases are kept apart from the project)")
        return 0
    cases = read(args.file, args.only)[:: 12 if args.quick else 1]
    held, asked, before = Counter[str](), Counter[str](), Counter[str]()
    failures: list[str] = []
    for case in cases:
        kind, began = case["kind"], time.monotonic()
        seen = outcome(case)
        asked[kind] += 1
        before[kind] += case["was"] == "pass"
        held[kind] += not seen
        if seen:
            failures.append(f"{case['id']}: {seen}")
        if args.show:
            report.say(f"{case['id']:34} {seen or 'holds'} ({time.monotonic() - began:.1f} s)")
    service_protocols.close()
    rows: list[tuple[Any, ...]] = [
        (kind, asked[kind], before[kind], held[kind]) for kind in sorted(asked)
    ]
    total = (sum(asked.values()), sum(before.values()), sum(held.values()))
    rows.append(("all", *total))
    report.show(
        "Service cases", ("kind", "cases", "held at first", "hold"), rows, args, notes=failures
    )
    return int(total[2] < SHARE * total[0])


if __name__ == "__main__":
    sys.exit(main())
