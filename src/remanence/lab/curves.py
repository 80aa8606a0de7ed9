"""A training's learning curves as a picture: loss and accuracy over the steps, and where the
curriculum stepped up. How a picture is made, `remanence.pictures` knows.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from remanence import pictures
from remanence.errors import InvalidInput
from remanence.lab.train import StepPoint


def draw(curve: Sequence[StepPoint], path: Path, title: str) -> Path:
    """Write the picture.

    Raises `InvalidInput` where there is no curve or the suffix is none of a picture,
    `MissingExtra`.
    """
    if not curve:
        raise InvalidInput("there is no curve to draw: nothing was trained")
    steps = [point.step for point in curve]
    with pictures.panels(path, title, "step", "neural") as (above, below):
        above.plot(steps, [point.loss for point in curve], color=pictures.ORANGE)
        above.set_ylabel("loss, nats an answer")
        below.plot(steps, [point.accuracy for point in curve], color=pictures.BLUE)
        below.set_ylabel("accuracy at the level")
        below.set_ylim(0, 1.02)
        for last, point in pairwise(curve):
            if point.level > last.level:
                pictures.mark(above, below, last.step)
                below.annotate(
                    f"level {point.level}", (last.step, 0.02), fontsize=8, color=pictures.INK
                )
    return path
