"""Checkpoints and trained models of tasks: numbers, optimiser and place in the curriculum in one
file, replaced whole or not at all (`remanence.durable`).

Safetensors with JSON in its header. What it belongs to (task and recipe) stands in it, and another
training refuses it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from remanence import durable
from remanence.errors import CheckpointError

MODEL, UNDERWAY = "model.safetensors", "checkpoint.safetensors"


@dataclass(frozen=True)
class Saved:
    """`about` is what the header says;

    `tensors` are by name, PARAMETER/ and OPTIMISER/ before it.
    """

    about: dict[str, Any]
    tensors: dict[str, Tensor]


def write(path: Path, about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Replace the file. Raises `CheckpointError` where the disk does not take it."""
    whole = {name: each.detach().cpu().contiguous() for name, each in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with durable.replacing(path) as beside:
            save_file(whole, beside, {name: json.dumps(value) for name, value in about.items()})
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"cannot write {path}: {error}; make room or choose another folder"
        ) from error


def read(path: Path, belongs: Mapping[str, Any] | None = None) -> Saved | None:
    """The file, or None where there is none.

    Raises `CheckpointError` where it is damaged, or not of what it `belongs` to.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            header = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = {name: json.loads(value) for name, value in header.items()}
        theirs = {name: about[name] for name in belongs or ()}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"{path} cannot be read ({error}); delete it to start anew"
        ) from error
    _require_same(path, theirs, belongs or {})
    return Saved(about, tensors)


def _require_same(path: Path, theirs: Mapping[str, Any], belongs: Mapping[str, Any]) -> None:
    """Raise `CheckpointError` where a file is of something else than it should be."""
    for name, mine in belongs.items():
        if not _same(theirs[name], mine):
            raise CheckpointError(
                f"{path} belongs to another {name}{_difference(theirs[name], mine)}; choose "
                "another folder, or delete it"
            )


def numbers(model: nn.Module) -> dict[str, Tensor]:
    """A model's parameters by name, one that stands in two places once."""
    return {f"parameter/{name}": each for name, each in model.named_parameters()}


def restore(model: nn.Module, saved: Saved, path: Path) -> None:
    """Copy saved parameters into a model of the same shapes.

    Raises `CheckpointError` where they are not.
    """
    mine = numbers(model)
    theirs = {name: each for name, each in saved.tensors.items() if name.startswith("parameter/")}
    shapes = [{name: each.shape for name, each in part.items()} for part in (mine, theirs)]
    if shapes[0] != shapes[1]:
        odd = sorted({name for name, _ in shapes[0].items() ^ shapes[1].items()})
        raise CheckpointError(
            f"{path} is of a model of other shapes ({', '.join(odd[:3])}); delete it to start anew"
        )
    with torch.no_grad():
        for name, each in mine.items():
            each.copy_(theirs[name])


def moments(model: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return an optimiser's moments by parameter."""
    return {
        f"optimiser/{name}/{what}": value
        for name, each in model.named_parameters()
        for what, value in optimiser.state.get(each, {}).items()
    }


def resume(model: nn.Module, optimiser: torch.optim.Optimizer, saved: Saved) -> None:
    """Give an optimiser what `moments` said."""
    parameters = dict(model.named_parameters())
    for path, value in saved.tensors.items():
        if path.startswith("optimiser/"):
            name, what = path.removeprefix("optimiser/").rsplit("/", 1)
            each = parameters[name]
            kept = value if what == "step" else value.to(each.device)
            optimiser.state[each][what] = kept.clone()


def _same(theirs: Any, mine: Any) -> bool:
    """Equal, but for values that there were not yet when the file was written and that are switched
    off here.
    """
    if not (isinstance(theirs, dict) and isinstance(mine, dict)):
        return bool(theirs == mine)
    return theirs == {name: value for name, value in mine.items() if name in theirs or value}


def _difference(theirs: Any, mine: Any) -> str:
    if not (isinstance(theirs, dict) and isinstance(mine, dict)):
        return f" ({theirs!r}, not {mine!r})"
    changed = [
        f"{name}={theirs.get(name)!r}, not {mine.get(name)!r}"
        for name in {**theirs, **mine}
        if theirs.get(name) != mine.get(name)
    ]
    return f" ({', '.join(changed)})"
