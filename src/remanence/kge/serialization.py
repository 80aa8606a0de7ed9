"""A trained model as a file: tensors in safetensors, everything else as JSON in its header.

No pickle.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from remanence.errors import CheckpointError, ConfigError
from remanence.kge import checkpoint
from remanence.kge.calibration import Calibration
from remanence.kge.recipe import Recipe
from remanence.kge.tables import Tables
from remanence.kge.training import EpochPoint
from remanence.kge.triples import Triples

if TYPE_CHECKING:
    from remanence.kge.embedding import KnowledgeEmbedding

FORMAT = "remanence-kge 1"


def save(model: "KnowledgeEmbedding", path: Path) -> Path:
    """Write `model` to `path`, whole or not at all. Raises `CheckpointError`."""
    about = {
        "format": FORMAT,
        "recipe": model.recipe.as_json(),
        "entities": model.graph.entities,
        "relations": model.graph.relations,
        "calibration": None if model.calibration is None else asdict(model.calibration),
        "curve": [asdict(point) for point in model.curve],
        "stopped": model.stopped,
    }
    tensors = {name: each.cpu().contiguous() for name, each in model.tables.named().items()}
    tensors["triples"] = torch.from_numpy(model.graph.ids)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.write(path, tensors, {"remanence": json.dumps(about)})
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"cannot write {path}: {error}; make room or choose another place"
        ) from error
    return path


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the header and the tensors of a model's file. Raises `CheckpointError`."""
    try:
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {}).get("remanence", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise CheckpointError(
            f"cannot read {path} as a model: {error}; `remanence kge train` makes one"
        ) from error
    form = about.get("format") if isinstance(about, dict) else None
    if form != FORMAT:
        raise CheckpointError(
            f"{path} is {form or 'no knowledge-graph embedding of ours'!r}, not {FORMAT!r}; "
            "`remanence kge train` makes one"
        )
    return about, tensors


def load(path: Path) -> dict[str, Any]:
    """Read the file that `save` wrote, as arguments of `KnowledgeEmbedding`.

    Raises `CheckpointError` for what is no such file, or is damaged.
    """
    if path.is_dir():
        path /= "model.safetensors"
    about, tensors = _read(path)
    try:
        recipe = Recipe(**about["recipe"])
        tables = Tables(*(tensors[name] for name in ("entity", "relation", "shared")))
        graph = Triples(
            tensors["triples"].numpy(), tuple(about["entities"]), tuple(about["relations"])
        )
        calibration = None if about["calibration"] is None else Calibration(**about["calibration"])
        curve, stopped = [EpochPoint(**point) for point in about["curve"]], about["stopped"]
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} lacks {error}; it was not written whole") from error
    except ConfigError as error:
        raise CheckpointError(f"{path} has a recipe that cannot be: {error}") from error
    _fits(path, recipe, tables, graph)
    return {
        "recipe": recipe, "tables": tables, "graph": graph, "calibration": calibration, "curve": curve, "stopped": stopped,
    }  # fmt: skip


def _fits(path: Path, recipe: Recipe, tables: Tables, graph: Triples) -> None:
    """Raises `CheckpointError` where the tables are not those of such a model over such a graph."""
    widths = recipe.scorer().widths()
    relations = len(graph.relations) * (2 if recipe.reciprocal else 1)
    wanted = [
        (len(graph.entities), widths.entity),
        (relations, widths.relation),
        (1, widths.shared),
    ]
    for (name, table), shape in zip(tables.named().items(), wanted, strict=True):
        if tuple(table.shape) != shape:
            raise CheckpointError(
                f"{path}: table {name!r} is {tuple(table.shape)}, but {recipe.model} with "
                f"dim={recipe.dim} over this graph "
                f"needs {shape}; it is a checkpoint of another model"
            )
        if not torch.isfinite(table).all():
            raise CheckpointError(
                f"{path}: table {name!r} has numbers that are not finite; it is damaged"
            )
    ids = torch.from_numpy(graph.ids)
    most = torch.tensor([len(graph.entities), len(graph.relations), len(graph.entities)])
    if (
        ids.dim() != 2
        or ids.shape[1] != 3
        or ids.dtype != torch.int64
        or ((ids < 0) | (ids >= most)).any()
    ):
        raise CheckpointError(f"{path}: its triples are not those of this graph; it is damaged")
