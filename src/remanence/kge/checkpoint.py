"""Checkpoints: the state of a training between two epochs, as safetensors and JSON in one file,
replaced whole or not at all (`remanence.durable`).

What it belongs to (recipe and graph) stands in it, and another training refuses it. No pickle.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from remanence import durable
from remanence.errors import CheckpointError
from remanence.kge.recipe import Recipe
from remanence.kge.tables import Adagrad, Tables
from remanence.kge.triples import Split

PARTS = ("entity", "relation", "shared")


@dataclass(frozen=True)
class Checkpoint:
    """After `epoch` epochs: the curve so far, the tables, Adagrad's sums of squares, and the tables
    of the best check.
    """

    epoch: int
    curve: list[dict[str, Any]]
    tables: Tables
    squares: Tables
    best: Tables | None

    def restore(self, tables: Tables, adagrad: Adagrad) -> None:
        """Copy the numbers into tables and an optimiser of the same shape."""
        for name in PARTS:
            getattr(tables, name).copy_(getattr(self.tables, name))
            getattr(adagrad.squares, name).copy_(getattr(self.squares, name))


def fingerprint(recipe: Recipe, graph: Split) -> dict[str, str]:
    """Return the recipe and the graph's digest that a checkpoint belongs to."""
    digest = hashlib.sha256(graph.train.ids.tobytes())
    digest.update("\n".join([*graph.entities, *graph.relations]).encode(errors="surrogatepass"))
    return {"recipe": json.dumps(recipe.as_json(), sort_keys=True), "graph": digest.hexdigest()}


class CheckpointFile:
    """The checkpoint of one training, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "checkpoint.safetensors"

    def save(self, state: Checkpoint, recipe: Recipe, graph: Split) -> None:
        """Replace the last one. Raises `CheckpointError` where the disk does not take it."""
        groups = {"tables": state.tables, "squares": state.squares, "best": state.best}
        tensors = {
            f"{group}.{name}": each.cpu().contiguous()
            for group, tables in groups.items()
            if tables is not None
            for name, each in tables.named().items()
        }
        about = {
            **fingerprint(recipe, graph),
            "epoch": str(state.epoch),
            "curve": json.dumps(state.curve),
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write(self.path, tensors, about)
        except (OSError, SafetensorError) as error:
            raise CheckpointError(
                f"cannot write {self.path}: {error}; make room or choose another folder"
            ) from error

    def load(self, recipe: Recipe, graph: Split) -> Checkpoint | None:
        """The last one, or None.

        Raises `CheckpointError` where it is damaged or belongs to another training.
        """
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, "pt") as file:
                about = dict(file.metadata() or {})
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            epoch, curve = int(about["epoch"]), json.loads(about["curve"])
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise CheckpointError(
                f"{self.path} cannot be read ({error}); delete it to start anew"
            ) from error
        mine = fingerprint(recipe, graph)
        for part in ("graph", "recipe"):
            if about.get(part) != mine[part]:
                raise CheckpointError(
                    f"{self.path} belongs to another {part}{_difference(part, about, mine)}; "
                    "choose another folder, or delete it"
                )
        best = _tables(tensors, "best") if "best.entity" in tensors else None
        return Checkpoint(
            epoch, curve, _tables(tensors, "tables"), _tables(tensors, "squares"), best
        )


def write(path: Path, tensors: dict[str, Tensor], about: dict[str, str]) -> None:
    """Write safetensors such that `path` is the old file or the new one, whatever happens."""
    with durable.replacing(path) as beside:
        save_file(tensors, beside, about)


def _tables(tensors: dict[str, Tensor], group: str) -> Tables:
    return Tables(*(tensors[f"{group}.{name}"] for name in PARTS))


def _difference(part: str, theirs: dict[str, str], mine: dict[str, str]) -> str:
    if part != "recipe":
        return ""
    old, new = json.loads(theirs.get(part, "{}")), json.loads(mine[part])
    changed = [
        f"{name}={old.get(name)!r}, not {new[name]!r}" for name in new if old.get(name) != new[name]
    ]
    return f" ({', '.join(changed)})"


__all__ = ["Checkpoint", "CheckpointFile", "fingerprint", "torch", "write"]
