"""A recommender as a folder: `graph.json` with names, statements and weights, `model.safetensors`
as `remanence.kge` writes it, `factors.safetensors`. No pickle.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from remanence import durable
from remanence.apps.recommend.fusion import FusionWeights
from remanence.apps.recommend.graph import InteractionGraph
from remanence.apps.recommend.walk import Floats
from remanence.errors import CheckpointError
from remanence.kge import KnowledgeEmbedding, checkpoint
from remanence.kge import load as load_model

FORMAT: Final = "remanence-recommend 1"
GRAPH: Final = "graph.json"
MODEL: Final = "model.safetensors"
FACTORS: Final = "factors.safetensors"
_ROWS: Final = ("has", "dislikes", "knowledge")


def save(
    folder: Path,
    graph: InteractionGraph,
    model: KnowledgeEmbedding | None,
    weights: FusionWeights,
    table: Floats | None,
) -> Path:
    """Raises `CheckpointError` where the disk does not take it."""
    about = {
        "format": FORMAT,
        "weights": weights.as_json(),
        "names": graph.names,
        "users": np.flatnonzero(graph.users).tolist(),
        "relations": graph.relations,
        "listed": graph.listed.tolist(),
        **{name: getattr(graph, name).tolist() for name in _ROWS},
        "embedding": model is not None,
        "factors": table is not None,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        durable.write(folder / GRAPH, json.dumps(about, ensure_ascii=False).encode())
        if table is not None:
            checkpoint.write(folder / FACTORS, {"items": torch.from_numpy(table)}, {})
    except OSError as error:
        raise CheckpointError(
            f"cannot write {folder}: {error}; make room or choose another place"
        ) from error
    if model is not None:
        model.save(folder / MODEL)
    return folder


def load(
    folder: Path,
) -> tuple[InteractionGraph, KnowledgeEmbedding | None, FusionWeights, Floats | None]:
    """Read the folder that `save` wrote.

    Raises `CheckpointError` for what is no such folder, or is damaged.
    """
    path = folder / GRAPH
    try:
        about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if about.get("format") != FORMAT:
            raise CheckpointError(
                f"{path} is {about.get('format', 'no recommender of ours')!r}, not {FORMAT!r}; "
                "`Recommender.save` makes one"
            )
        users = np.zeros(len(about["names"]), np.bool_)
        users[about["users"]] = True
        rows = {name: np.array(about[name], np.int64).reshape(-1, 3) for name in _ROWS}
        listed = np.array(about["listed"], np.int64)
        graph = InteractionGraph(
            tuple(about["names"]), users, tuple(about["relations"]), listed=listed, **rows
        )
        weights = FusionWeights(**about["weights"])
        model = load_model(folder / MODEL) if about["embedding"] else None
        table = None
        if about["factors"]:
            with safe_open(folder / FACTORS, "pt") as file:
                table = file.get_tensor("items").numpy()
    except (
        OSError,
        SafetensorError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
    ) as error:
        raise CheckpointError(
            f"cannot read {folder} as a recommender: {error}; `Recommender.save` makes one"
        ) from error
    if model is not None and len(model.graph.entities) != len(graph):
        raise CheckpointError(
            f"{folder}: {MODEL} has {len(model.graph.entities):,} entities, {GRAPH} "
            f"{len(graph):,}; they are not of one save"
        )
    if table is not None and len(table) != len(graph):
        raise CheckpointError(
            f"{folder}: {FACTORS} has {len(table):,} rows, {GRAPH} {len(graph):,} names; they are "
            "not of one save"
        )
    return graph, model, weights, table
