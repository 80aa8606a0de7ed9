"""Draws what `remanence demo` prints in a terminal as `docs/images/demo.svg`.

    python tools/demo_picture.py [--lines N]

The command runs in a pseudo-terminal of 100 columns, so that colours and bars are those a person
sees.
"""

import argparse
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 100
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "demo.svg"
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]")  # cursor movements, not colours


def printed() -> str:
    """Output of the demo in a terminal, with its colours."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    running = subprocess.Popen(
        [sys.executable, "-m", "remanence", "demo"],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # the terminal is closed when the command ends
            break
        if not piece:
            break
        pieces.append(piece)
    running.wait()
    return _CONTROL.sub("", b"".join(pieces).decode("utf-8", "replace").replace("\r", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=24, help="lines of the output to draw")
    options = parser.parse_args()
    text = Text.from_ansi("\n".join(printed().splitlines()[: options.lines]))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(text)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        console.save_svg(str(PICTURE), title="remanence demo")
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
