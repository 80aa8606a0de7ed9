"""A model without a word in it, as bytes, and back over what holds now.

In the stead of every name stands a salted digest of its normal form. The salt lies beside the bytes
in the store and is random for every model: once it is blanked, not even who guesses a name can tell
whether it was there. The names come back from the facts that hold when the model is read; rows
whose names no fact has any more are left out, triples are not kept at all.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.embed import tensors
from remanence.encoding.linking import names
from remanence.encoding.linking.entities import Entities
from remanence.errors import CheckpointError
from remanence.kge.calibration import Calibration
from remanence.kge.embedding import KnowledgeEmbedding
from remanence.kge.recipe import Recipe
from remanence.kge.tables import Tables
from remanence.kge.triples import number
from remanence.knowledge import scoring
from remanence.storage.models import Model, digest

FORMAT: Final = "remanence-knowledge 1"
Arrays = dict[str, NDArray[Any]]


def dump(model: KnowledgeEmbedding, salt: bytes) -> bytes:
    """A model as bytes: tables and digests."""
    links, chances = scoring.links(model)
    entity = model.tables.entity.float().cpu().numpy()
    arrays = {
        **{name: each.float().cpu().numpy() for name, each in model.tables.named().items()},
        "entities": _digests(salt, map(names.key, model.graph.entities)),
        "relations": _digests(salt, model.graph.relations),
        "directions": scoring.directions(entity, model.recipe.dim).astype(np.float16),
        "links": links,
        "chances": chances,
    }
    about = {
        "format": FORMAT,
        "recipe": json.dumps(model.recipe.as_json()),
        "calibration": json.dumps(None if model.calibration is None else asdict(model.calibration)),
        "facts": str(len(model.graph)),
    }
    return tensors.dump(arrays, about)


def _digests(salt: bytes, said: Iterator[str] | Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(digest(salt, name) for name in said), np.uint8).reshape(-1, 16)


def restore(
    kept: Model, triples: Sequence[tuple[str, str, str]], entities: Entities
) -> KnowledgeEmbedding | None:
    """Return the model over those of `triples` whose names it has; None where it has none.

    `entities` resolves other names of an entity, so that a name found since the training is known.
    Raises `CheckpointError` for bytes that are no model.
    """
    recipe, calibration, tables, at = _parsed(kept)
    ends = dict.fromkeys(name for s, _, o in triples for name in (s, o))
    known = _found({name: _row(at["entities"], kept.salt, name, entities) for name in ends})
    kinds = _found({kind: at["relations"].get(digest(kept.salt, kind)) for _, kind, _ in triples})
    stated = [t for t in triples if t[0] in known and t[1] in kinds and t[2] in known]
    if not stated:
        return None
    graph = number(stated, tuple(known), tuple(kinds))
    halves = tables.relation.split(len(at["relations"]))
    rows = torch.tensor(list(kinds.values()))
    relation = torch.cat([half[rows] for half in halves])
    taken = Tables(tables.entity[torch.tensor(list(known.values()))], relation, tables.shared)
    return KnowledgeEmbedding(recipe, taken, graph, calibration)


def _parsed(kept: Model) -> tuple[Recipe, Calibration | None, Tables, dict[str, dict[bytes, int]]]:
    """Return recipe, calibration, tables and the rows of digests. Raises `CheckpointError`."""
    try:
        arrays, about = tensors.parse(np.frombuffer(kept.body, np.uint8))
        measured = json.loads(about["calibration"])
        tables = Tables(
            *(torch.from_numpy(arrays[n].copy()) for n in ("entity", "relation", "shared"))
        )
        return (
            Recipe(**json.loads(about["recipe"])),
            None if measured is None else Calibration(**measured),
            tables,
            {name: _places(arrays[name]) for name in ("entities", "relations")},
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"the model in the store cannot be read: {error}; train again"
        ) from error


def _found(rows: dict[str, int | None]) -> dict[str, int]:
    return {name: row for name, row in rows.items() if row is not None}


def _places(digests: NDArray[np.uint8]) -> dict[bytes, int]:
    return {row.tobytes(): at for at, row in enumerate(digests)}


def _row(at: dict[bytes, int], salt: bytes, name: str, entities: Entities) -> int | None:
    key = names.key(name)
    found = at.get(digest(salt, key))
    if found is not None:
        return found
    others = (at.get(digest(salt, each)) for each in sorted(entities.members(entities.root(key))))
    return next((row for row in others if row is not None), None)
