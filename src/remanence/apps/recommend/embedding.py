"""The graph as a knowledge-graph embedding: trained with interactions as one relation, and rows for
newcomers without training.

Which item does (user, interacts, ?) name? A model of `remanence.kge` learns that by softmax over
the graph, together with what is known of users and items, so that those who share facts lie near
each other.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch

from remanence.apps.recommend.graph import Ids, InteractionGraph
from remanence.apps.recommend.walk import Floats
from remanence.kge import KnowledgeEmbedding, Recipe, Split, Triples
from remanence.kge.tables import Tables
from remanence.kge.training import Trainer

INTERACTS: Final = "interacts"  # the relation of all interactions, whatever they are called
LARGE: Final = 20_000  # nodes above which a batch is set against a sample of them
SAMPLE: Final = 2_048
FOLDS: Final = 100  # steps for a newcomer's row
FOLD_RATE: Final = 0.1
EPS: Final = 1e-10

Query = tuple[int, Ids]
"""A relation's number, from `relations` on its inverse, and the nodes that answer it."""


def preset(nodes: int) -> Recipe:
    """How the embedding is trained, unless told otherwise; `benchmarks/recommend.py` has the
    figures.
    """
    recipe = Recipe(model="distmult", dim=64, epochs=15, n3=0.07, patience=0)
    return recipe if nodes <= LARGE else recipe.but(negatives="shared", count=SAMPLE)


def train(graph: InteractionGraph, recipe: Recipe) -> KnowledgeEmbedding:
    """A model over all nodes of the graph, numbered as they are. Raises `TrainingError`."""
    triples = _triples(graph)
    split = Split(triples, entities=triples.entities, relations=triples.relations)
    run = Trainer(split, recipe).run()
    tables = run.tables.map(lambda each: each.cpu())
    return KnowledgeEmbedding(recipe, tables, triples, None, run.curve, run.stopped)


def liking(model: KnowledgeEmbedding, users: Ids, items: Ids) -> Floats:
    """(users,), (items,) -> (users, items): log of the share of the model's belief that each item
    takes.
    """
    scorer, tables = model.recipe.scorer(), model.tables
    with torch.inference_mode():
        kinds = torch.zeros(len(users), dtype=torch.long)
        rows = tables.relations_of(scorer, kinds, len(model.graph.relations))
        queries = scorer.query(tables.entity[torch.from_numpy(users)], rows, tables.shared)
        chosen = tables.entity[torch.from_numpy(items)]
        raw = scorer.between(queries, scorer.keys(chosen))
        bias = scorer.bias(rows[:1], chosen)
        scores = scorer.finish(raw if bias is None else raw + bias).double()
        found: Floats = torch.log_softmax(scores, 1).numpy()
    return found


def widened(
    model: KnowledgeEmbedding, graph: InteractionGraph, again: Sequence[int] = ()
) -> KnowledgeEmbedding:
    """`model` with rows for the nodes that `graph` has beyond its own, and new ones for the nodes
    `again`: each fitted to what is known of it, everything else held still.

    As in folding a new row into a factorisation (Hu et al., 2008, section 4), here under the loss
    that the model was trained with.
    """
    old, relations = len(model.graph.entities), len(model.graph.relations)
    triples = _triples(graph, model.graph.relations)
    known = triples.ids[triples.ids[:, 1] < relations]
    rows = list(model.tables.entity)
    rows += [model.tables.entity.mean(0)] * (len(graph) - old)
    for node in sorted({*range(old, len(graph)), *again}):
        rows[node] = _row(model, _queries(known, node, relations, old))
    tables = Tables(torch.stack(rows), model.tables.relation, model.tables.shared)
    kept = Triples(known, triples.entities, model.graph.relations)
    return KnowledgeEmbedding(model.recipe, tables, kept, None, model.curve, model.stopped)


def _triples(graph: InteractionGraph, relations: Sequence[str] = (INTERACTS,)) -> Triples:
    """The graph for `kge`: interactions under relation 0, then knowledge; relations of knowledge
    numbered from 1 on, those known first.
    """
    at = {name: number for number, name in enumerate(relations)}
    kinds = np.array(
        [at.setdefault(f"{name} (known)" if name == INTERACTS else name, len(at)) for name in graph.relations], np.int64
    )  # fmt: skip
    known = graph.knowledge.copy()
    known[:, 1] = kinds[known[:, 1]] if len(kinds) else 0
    pairs = np.insert(graph.pairs, 1, 0, axis=1)
    return Triples(np.concatenate([pairs, known]), _unique(graph), tuple(at))


def _unique(graph: InteractionGraph) -> tuple[str, ...]:
    """Names of nodes, each once: a user who is called like a thing is marked."""
    both = graph.user_at.keys() & graph.thing_at.keys()
    flags = zip(graph.names, graph.users.tolist(), strict=True)
    return tuple(f"{name} (user)" if user and name in both else name for name, user in flags)


def _queries(ids: Ids, node: int, relations: int, old: int) -> list[Query]:
    """Return the facts of a node among the nodes below `old`, as queries from the node's side."""
    out = ids[(ids[:, 0] == node) & (ids[:, 2] < old)]
    into = ids[(ids[:, 2] == node) & (ids[:, 0] < old)]
    found = [(int(kind), out[out[:, 1] == kind, 2]) for kind in np.unique(out[:, 1])]
    return found + [
        (int(kind) + relations, into[into[:, 1] == kind, 0]) for kind in np.unique(into[:, 1])
    ]


def _row(model: KnowledgeEmbedding, queries: Sequence[Query]) -> torch.Tensor:
    """(E,) the row that makes the answers likeliest, under the regularisation of the training; the
    mean row where there are no answers.
    """
    recipe, tables = model.recipe, model.tables
    mean = tables.entity.mean(0)
    if not queries:
        return mean
    scorer, relations = recipe.scorer(), len(model.graph.relations)
    kinds = torch.tensor([kind for kind, _ in queries])
    rows = tables.relations_of(scorer, kinds, relations)
    keys, bias = scorer.keys(tables.entity), scorer.bias(rows, tables.entity)
    owner = np.repeat(np.arange(len(queries)), [len(answers) for _, answers in queries])
    answers = torch.from_numpy(np.concatenate([answers for _, answers in queries]))
    row = mean.clone().requires_grad_()
    squares = torch.zeros_like(mean)
    for _ in range(FOLDS):
        asked = scorer.query(row.expand(len(queries), -1), rows, tables.shared)
        raw = scorer.between(asked, keys)
        scores = torch.log_softmax(scorer.finish(raw if bias is None else raw + bias), 1)
        loss = -scores[torch.from_numpy(owner), answers].mean()
        loss = loss + 2 * recipe.n3 * row.abs().pow(3).sum()  # as a head and as a tail
        (slope,) = torch.autograd.grad(loss, row)
        squares += slope * slope
        with torch.no_grad():
            row -= FOLD_RATE * slope / (squares.sqrt() + EPS)
    return row.detach()
