"""Scores of many queries at once, as arrays.

Legend: B queries, N entities, K likeliest.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.kge.embedding import KnowledgeEmbedding
from remanence.kge.triples import both_ways

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
BLOCK: Final = 256  # queries scored at a time
LINKS: Final = 16  # entities that one may be linked to, the likeliest


def evidence(model: KnowledgeEmbedding, heads: Ids, kind: int) -> Floats:
    """(B,) -> (B, N): log softmax of the scores of (head, kind, ?), which is what probabilities are
    measured by; `kind` from the number of relations on asks for heads.
    """
    scorer, tables = model.recipe.scorer(), model.tables
    with torch.inference_mode():
        row = tables.relations_of(scorer, torch.tensor([kind]), len(model.graph.relations))
        at = torch.from_numpy(heads)
        queries = scorer.query(tables.entity[at], row.expand(len(heads), -1), tables.shared)
        raw = scorer.between(queries, scorer.keys(tables.entity))
        bias = scorer.bias(row, tables.entity)
        scores = scorer.finish(raw if bias is None else raw + bias)
        found: Floats = torch.log_softmax(scores.double(), 1).numpy()
    return found


def directions(entity: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """(N, E) -> (N, dim): unit vectors that tell who is near whom by their inner product."""
    vectors = entity[:, :dim] - entity[:, :dim].mean(0)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), np.float32)


def nearest(vectors: NDArray[np.float32], of: Ids, among: Ids, count: int) -> Ids:
    """(N, d), (B,), (M,) -> (B, count): of `among`, the nearest to each of `of`, itself aside.

    Fewer where there are not so many.
    """
    count = min(count, len(among) - 1)
    if count < 1:
        return np.empty((len(of), 0), np.int64)
    found = np.empty((len(of), count), np.int64)
    for at in range(0, len(of), BLOCK):
        some = of[at : at + BLOCK]
        likeness = vectors[some] @ vectors[among].T
        likeness[some[:, None] == among] = -np.inf
        top = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        found[at : at + BLOCK] = among[top]
    return found


def links(model: KnowledgeEmbedding) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    """(N, K) entities that each is likeliest linked to in any relation that it stands in, -1 for
    none, and how likely (N, K).

    Only what stands in that place of the relation somewhere can be linked to.
    """
    ids = both_ways(model.graph.ids, len(model.graph.relations))
    entities = len(model.graph.entities)
    found = np.full((entities, LINKS), -1, np.int32)
    chances = np.zeros((entities, LINKS), np.float16)
    for kind in np.unique(ids[:, 1]).tolist():
        mine = ids[ids[:, 1] == kind]
        heads, tails = np.unique(mine[:, 0]), np.unique(mine[:, 2])
        count = min(LINKS, len(tails))
        for at in range(0, len(heads), BLOCK):
            some = heads[at : at + BLOCK]
            likely = np.exp(evidence(model, some, kind)[:, tails])
            top = np.argpartition(-likely, count - 1, axis=1)[:, :count]
            _merge(found, chances, some, tails[top], np.take_along_axis(likely, top, 1))
    return found, chances


def _merge(
    found: NDArray[np.int32], chances: NDArray[np.float16], heads: Ids, others: Ids, likely: Floats
) -> None:
    """Take the likelier of what `heads` (B,) had and of `others` (B, k), in place; who is met twice
    stands there twice.
    """
    others = np.where(others == heads[:, None], -1, others)
    both = np.concatenate([found[heads], others], 1)
    worth = np.concatenate([chances[heads], np.where(others < 0, 0, likely)], 1)
    order = np.argsort(-worth, axis=1, kind="stable")[:, :LINKS]
    found[heads] = np.take_along_axis(both, order, 1)
    chances[heads] = np.take_along_axis(worth, order, 1).astype(np.float16)
