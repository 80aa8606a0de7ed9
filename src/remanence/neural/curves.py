"""A training's learning curves as a picture: loss and accuracy over the steps, and where the curriculum stepped up.

Drawn by matplotlib, which comes with the extra; the suffix of the file (.svg, .png, .pdf) says in which form.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from remanence.errors import InvalidInput, MissingExtra
from remanence.neural.train import Point

INK, LOSS, RIGHT = "#334155", "#c2570c", "#2563eb"


def draw(curve: Sequence[Point], path: Path, title: str) -> Path:
    """Write the picture. Raises `InvalidInput` where there is no curve or the suffix is none of a picture, `MissingExtra`."""
    if not curve:
        raise InvalidInput("there is no curve to draw: nothing was trained")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra(
            f'a picture needs {error.name}, which is not installed; pip install "remanence[neural]"'
        ) from error
    figure = Figure(figsize=(7.5, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    figure.suptitle(title, fontsize=11, color=INK)
    steps = [point.step for point in curve]
    above.plot(steps, [point.loss for point in curve], color=LOSS)
    above.set_ylabel("loss, nats an answer")
    below.plot(steps, [point.accuracy for point in curve], color=RIGHT)
    below.set_ylabel("accuracy at the level")
    below.set_ylim(0, 1.02)
    below.set_xlabel("step")
    for last, point in pairwise(curve):
        if point.level > last.level:
            for panel in (above, below):
                panel.axvline(last.step, color=INK, linewidth=0.8, linestyle=":")
            below.annotate(f"level {point.level}", (last.step, 0.02), fontsize=8, color=INK)
    for panel in (above, below):
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        figure.savefig(path)
    except ValueError as error:
        raise InvalidInput(f"cannot draw {path}: {error}") from None
    return path
