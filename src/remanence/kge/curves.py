"""A training's learning curves as a picture: the loss over the epochs, on its own scale, and below
it validation MRR and Hits@10, with the epoch that was kept marked. How a picture is made,
`remanence.pictures` knows.
"""

from collections.abc import Sequence
from pathlib import Path

from remanence import pictures
from remanence.errors import InvalidInput
from remanence.kge.training import EpochPoint


def draw(curve: Sequence[EpochPoint], path: Path, title: str) -> Path:
    """Write the picture.

    Raises `InvalidInput` where there is no curve or the suffix is none of a picture,
    `MissingExtra`.
    """
    if not curve:
        raise InvalidInput("there is no curve to draw: the model was saved without one")
    checks = [(p.epoch, p.mrr, p.hits10 or 0.0) for p in curve if p.mrr is not None]
    with pictures.panels(path, title, "epoch", "kge") as (above, below):
        above.plot(
            [p.epoch for p in curve], [p.loss for p in curve], color=pictures.ORANGE, marker="."
        )
        above.set_ylabel("training loss")
        below.set_ylabel("validation, filtered")
        if checks:
            epochs, mrrs, hits = zip(*checks, strict=True)
            below.plot(epochs, mrrs, color=pictures.BLUE, marker=".", label="MRR")
            below.plot(epochs, hits, color=pictures.GREEN, marker=".", label="Hits@10")
            epoch, mrr, _ = max(checks, key=lambda check: check[1])
            pictures.mark(above, below, epoch)
            below.annotate(
                f"kept: MRR {mrr:.3f}", (epoch, mrr), textcoords="offset points", xytext=(-6, 8),
                ha="right", fontsize=9, color=pictures.INK,
            )  # fmt: skip
            below.legend(frameon=False, loc="lower right")
    return path
