"""A step of training is what the equations, autograd and torch's Adagrad over whole tables make of
the same batch.
"""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from remanence.kge.batches import Epochs
from remanence.kge.contrast import ContrastBatch, lose
from remanence.kge.objectives import Shape
from remanence.kge.recipe import Recipe
from remanence.kge.step import Stepper
from remanence.kge.tables import Adagrad, Tables
from remanence.kge.triples import number

PLAIN = Recipe(model="complex", dim=6, batch=40, initial=0.5, precision="float32", scale=0.0)
SHARED, OWN = {"negatives": "shared", "count": 9}, {"negatives": "own", "count": 5}
TIED = {"reciprocal": False}
RECIPES = {
    "complex": {},
    "complex, tied": TIED,
    "complex, n3": {"n3": 0.3},
    "complex, n3, tied": {"n3": 0.3, **TIED},
    "complex, links": {"links": 0.5},
    "complex, links, tied": {"links": 0.5, **TIED},
    "complex, in pieces": {"together": 2, "blocks": 3},
    "complex, shared": SHARED,
    "complex, shared, few rows": {**SHARED, "batch": 4, "count": 3},
    "complex, own": OWN,
    "complex, own, few rows": {**OWN, "batch": 2, "count": 3},
    "complex, all-softmax": {"loss": "all-softmax"},
    "complex, subsampling": {"subsampling": 0.5},
    "complex, subsampling, own": {"subsampling": 0.5, **OWN},
    "complex, subsampling, in pieces": {"subsampling": 0.5, "together": 2, "loss": "logistic"},
    "distmult, n3": {"model": "distmult", "n3": 0.3},
    "rescal": {"model": "rescal", "links": 0.5, **TIED},
    "tucker": {"model": "tucker", "space": 4, "loss": "logistic"},
    "tucker, shared": {"model": "tucker", "space": 4, **SHARED},
    "transe": {"model": "transe", "links": 0.5, **TIED},
    "transe, norm l1": {"model": "transe", "norm": "l1"},
    "transe, norm l1, shared": {"model": "transe", "norm": "l1", **SHARED},
    "transe, norm l1, own": {"model": "transe", "norm": "l1", **OWN, **TIED},
    "transe, norm l2": {"model": "transe", "norm": "l2", "loss": "margin"},
    "transe, norm l2, own": {"model": "transe", "norm": "l2", "loss": "margin", **OWN},
    "rotate": {"model": "rotate", "links": 0.5},
    "rotate, modulus, own": {
        "model": "rotate",
        "norm": "modulus",
        "loss": "self-adversarial",
        **OWN,
    },
    "rotate, shared": {"model": "rotate", "loss": "self-adversarial", **SHARED, **TIED},
    "rote": {"model": "rote", **TIED},
    "rote, own": {"model": "rote", **OWN},
    "transh": {"model": "transh", **TIED},
    "transh, shared": {"model": "transh", **SHARED, **TIED},
    "transh, own": {"model": "transh", **OWN, "blocks": 3},
    "transr": {"model": "transr", "space": 4, **TIED},
    "transr, shared, tied": {"model": "transr", "space": 4, **SHARED, **TIED},
    "transr, shared, few rows": {"model": "transr", "space": 4, **SHARED, "batch": 4, "count": 3},
    "transr, own": {"model": "transr", "space": 4, **OWN, **TIED},
    "transd": {"model": "transd", "n3": 0.3},
    "transd, shared": {"model": "transd", **SHARED, **TIED},
    "transd, norm l2": {
        "model": "transd",
        "norm": "l2",
        "loss": "self-adversarial",
        **SHARED,
        **TIED,
    },
    "transr, norm l2": {
        "model": "transr",
        "space": 4,
        "norm": "l2",
        "loss": "self-adversarial",
        **SHARED,
    },
    "transr, norm l2, own": {
        "model": "transr",
        "space": 4,
        "norm": "l2",
        "loss": "margin",
        **OWN,
        **TIED,
    },
    "transd, own": {"model": "transd", **OWN, **TIED},
}


@pytest.fixture(scope="module")
def graph(planted):
    return number(planted[:90])


def new(recipe, graph):
    relations = len(graph.relations) * (2 if recipe.reciprocal else 1)
    random = torch.Generator().manual_seed(1)
    return Tables.new(recipe.scorer(), len(graph.entities), relations, recipe.initial, random)


def relation_rows(scorer, relation, kinds, relations):
    """Rows of relations and inverses, (n, R)."""
    if len(relation) > relations:
        return relation[kinds]
    return torch.stack(
        [
            scorer.inverse(relation[k - relations][None])[0] if k >= relations else relation[k]
            for k in kinds.tolist()
        ]
    )


def equation(scorer, h, r, t, shared):
    """(B, E), (B, R), (B, N, E) -> (B, N), by the paper's equation."""
    queries, candidates, _ = t.shape
    flat = [x[:, None].expand(-1, candidates, -1).flatten(0, 1) for x in (h, r)]
    return scorer.score(*flat, t.flatten(0, 1), shared).view(queries, candidates)


def plain_loss(recipe, draw, relations, entity, relation, shared):
    """(the mean loss of a draw's answers, its regularisation), with nothing gathered and nothing in
    closed form but the objective.
    """
    scorer = recipe.scorer()
    heads, kinds, owner, answers = (
        torch.from_numpy(x) for x in (draw.heads, draw.relations, draw.owner, draw.answers)
    )
    h, r = entity[heads], relation_rows(scorer, relation, kinds, relations)
    chosen = np.arange(len(entity)) if draw.candidates is None else draw.candidates
    chosen = torch.from_numpy(np.broadcast_to(chosen, (len(heads), chosen.shape[-1])).copy())
    hidden = torch.zeros(len(heads), len(entity), dtype=torch.bool)
    hidden[draw.hidden[0], draw.hidden[1]] = True
    negative = equation(scorer, h, r, entity[chosen], shared)
    if recipe.loss != "all-softmax":
        negative = negative.masked_fill(hidden.gather(1, chosen), -torch.inf)
    positive = scorer.score(h[owner], r[owner], entity[answers], shared)
    stands_for = max(1.0, len(entity) / chosen.shape[1])
    shape = Shape(recipe.margin, recipe.temperature, stands_for)
    weights = None if draw.weights is None else torch.from_numpy(draw.weights)
    batch = ContrastBatch(owner, None, owner, [], weights)
    loss = lose(positive, negative, batch, recipe.loss, shape)
    if recipe.links:
        told = kinds[owner] < relations
        pairs = [
            x[told][:, None].expand(-1, relations, -1).flatten(0, 1)
            for x in (h[owner], entity[answers])
        ]
        every = relation[:relations].repeat(int(told.sum()), 1)
        scores = scorer.score(pairs[0], every, pairs[1], shared).view(-1, relations)
        loss = loss + recipe.links * cross_entropy(scores, kinds[owner][told], reduction="sum")
    norm = sum(cubes(scorer, x).sum() for x in (h[owner], r[owner], entity[answers]))
    return loss / len(answers), recipe.n3 * norm / len(answers)


def cubes(scorer, x):
    if not scorer.complex:
        return x.abs() ** 3
    re, im = x.chunk(2, -1)
    return (re**2 + im**2) ** 1.5


@pytest.mark.parametrize("name", RECIPES)
def test_a_step_is_what_autograd_and_adagrad_make_of_the_equations(graph, name):
    """Three batches in a row.

    Adagrad begins with squares of 1, so that a step tells the size of a slope and not its sign
    alone.
    """
    recipe = PLAIN.but(**RECIPES[name])
    relations = len(graph.relations)
    tables, wanted = new(recipe, graph), new(recipe, graph)
    adagrad = Adagrad(tables)
    for each in adagrad.squares.named().values():
        each.fill_(1)
    stepper = Stepper(recipe, tables, adagrad, relations, lambda values: None)
    leaves = [each.requires_grad_() for each in wanted.named().values()]
    torchs = torch.optim.Adagrad(
        [x for x in leaves if x.numel()], lr=0.3, initial_accumulator_value=1
    )
    draws = Epochs(graph.ids, len(graph.entities), relations, recipe).of(0)
    for _, draw in zip(range(3), draws, strict=False):
        torchs.zero_grad()
        loss, norm = plain_loss(recipe, draw, relations, *leaves)
        (loss + norm).backward()
        before = leaves[1].detach().clone()
        torchs.step()
        if (pace := recipe.scorer().pace()) is not None:
            leaves[1].data = torch.lerp(before, leaves[1].detach(), pace)
        found = stepper.step(draw, draw, 0.3, torch.Generator())
        assert found == pytest.approx(loss.item(), rel=1e-4)
        for table, leaf in zip(tables.named().values(), leaves, strict=True):
            torch.testing.assert_close(table, leaf.detach(), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", ["complex, n3, tied", "complex, own", "transr, shared, few rows"])
def test_parts_add_up_to_the_whole_step(graph, name):
    """Three processes, one after another:

    what each hands to be added up, added up, is what one process has.
    """
    recipe = PLAIN.but(**RECIPES[name])
    relations = len(graph.relations)

    def handed(draw, mine):
        values = []
        tables = new(recipe, graph)
        stepper = Stepper(
            recipe, tables, Adagrad(tables), relations, lambda x: values.append(x.clone())
        )
        stepper.step(draw, mine, 0.3, torch.Generator())
        return values

    for draw in list(Epochs(graph.ids, len(graph.entities), relations, recipe).of(0))[-2:]:
        whole = handed(draw, draw)
        parts = [handed(draw, draw.part(rank, 3)) for rank in range(3)]
        for one, *several in zip(whole, *parts, strict=True):
            torch.testing.assert_close(sum(several), one, rtol=1e-3, atol=1e-6)


def test_dropout_draws_from_its_own_generator_alone(graph):
    recipe = PLAIN.but(dropout=0.5)
    draw = next(Epochs(graph.ids, len(graph.entities), len(graph.relations), recipe).of(0))

    def stepped(seed):
        tables = new(recipe, graph)
        stepper = Stepper(
            recipe, tables, Adagrad(tables), len(graph.relations), lambda values: None
        )
        return stepper.step(draw, draw, 0.3, torch.Generator().manual_seed(seed))

    torch.manual_seed(0)
    first = stepped(5)
    torch.manual_seed(1)
    assert stepped(5) == first
    assert stepped(6) != first
