"""Two panels above one axis of steps, as a picture for whoever would rather look than read.

Drawn by matplotlib, which comes with an extra and is imported when a picture is asked for; the
suffix of the file (.svg, .png, .pdf) says in which form. Knows paper and colours, not what is
drawn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from remanence.errors import InvalidInput, MissingExtra

INK: Final = "#334155"
ORANGE: Final = "#c2570c"
BLUE: Final = "#2563eb"
GREEN: Final = "#16803c"


@contextmanager
def panels(path: Path, title: str, steps: str, extra: str) -> Iterator[tuple[Any, Any]]:
    """Gives the axes above and below, to draw on; leaving it writes the picture. steps: what the
    shared axis counts. extra: what brings matplotlib.

    Raises `InvalidInput` where the suffix is none of a picture, `MissingExtra`, and `OSError` where
    the disk does not take it.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra(
            f"a picture needs {error.name}, which is not installed; pip install "
            f'"remanence[{extra}]"'
        ) from error
    figure = Figure(figsize=(7.5, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    figure.suptitle(title, fontsize=11, color=INK)
    yield above, below
    below.set_xlabel(steps)
    for panel in (above, below):
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        figure.savefig(path)
    except ValueError as error:
        raise InvalidInput(f"cannot draw {path}: {error}") from None


def mark(above: Any, below: Any, step: int) -> None:
    """A dotted line through both panels."""
    for panel in (above, below):
        panel.axvline(step, color=INK, linewidth=0.8, linestyle=":")
