"""A training's learning curves as a picture, for whoever would rather look than read.

Two panels over the epochs: the loss above, on its own scale, validation MRR and Hits@10 below, with the epoch that was kept marked. Drawn by
matplotlib, which comes with the extra; the suffix of the file (.svg, .png, .pdf) says in which form.
"""

from collections.abc import Sequence
from pathlib import Path

from remanence.errors import InvalidInput, MissingExtra
from remanence.kge.training import Point

INK, LOSS, MRR, HITS = "#334155", "#c2570c", "#2563eb", "#16803c"


def draw(curve: Sequence[Point], path: Path, title: str) -> Path:
    """Write the picture. Raises `InvalidInput` where there is no curve or the suffix is none of a picture, `MissingExtra`."""
    if not curve:
        raise InvalidInput("there is no curve to draw: the model was saved without one")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra(
            f'a picture needs {error.name}, which is not installed; pip install "remanence[kge]"'
        ) from error
    figure = Figure(figsize=(7.5, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    figure.suptitle(title, fontsize=11, color=INK)
    above.plot([p.epoch for p in curve], [p.loss for p in curve], color=LOSS, marker=".")
    above.set_ylabel("training loss")
    checks = [p for p in curve if p.mrr is not None]
    epochs = [p.epoch for p in checks]
    if checks:
        below.plot(epochs, [p.mrr or 0.0 for p in checks], color=MRR, marker=".", label="MRR")
        below.plot(
            epochs, [p.hits10 or 0.0 for p in checks], color=HITS, marker=".", label="Hits@10"
        )
        best = max(checks, key=lambda p: p.mrr or 0.0)
        for panel in (above, below):
            panel.axvline(best.epoch, color=INK, linewidth=0.8, linestyle=":")
        below.annotate(
            f"kept: MRR {best.mrr:.3f}", (best.epoch, best.mrr or 0.0), textcoords="offset points", xytext=(-6, 8),
            ha="right", fontsize=9, color=INK,
        )  # fmt: skip
        below.legend(frameon=False, loc="lower right")
    below.set_ylabel("validation, filtered")
    below.set_xlabel("epoch")
    for panel in (above, below):
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        figure.savefig(path)
    except ValueError as error:
        raise InvalidInput(f"cannot draw {path}: {error}") from None
    return path
