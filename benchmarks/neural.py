"""Memory inside a model: every table there is, one part after another, each in a process of its
own.

`--part scan recall` chooses; the parts are the files `neural_*.py` beside this one, and what else is given goes to each of them.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = {path.stem.removeprefix("neural_"): path for path in sorted(HERE.glob("neural_*.py"))}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--part", nargs="*", choices=PARTS, default=list(PARTS))
    args, rest = parser.parse_known_args()
    failed = [
        part for part in args.part
        if subprocess.run([sys.executable, str(PARTS[part]), *rest], check=False).returncode
    ]  # fmt: skip
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}; what went wrong stands above")


if __name__ == "__main__":
    main()
