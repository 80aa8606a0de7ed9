"""Training the whole path:

what is asked fits what was said, the same plan gives the same path, and a path without memory has
none to train.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers.utils import logging

from remanence.errors import ConfigError
from remanence.lab.path_training import (
    MEMORIES,
    PathPlan,
    accuracy,
    answered,
    build,
    linker,
    table,
    train,
)
from remanence.lab.tasks.graphs import KINDS, World

torch.set_num_threads(1)
logging.set_verbosity_error()
SMALL = {"size": 16, "blocks": 2, "heads": 2, "rows": 4, "steps": 3}


class Tables:
    """Vectors and facts in the form of `remanence.kge.KnowledgeEmbedding`, without training any."""

    def __init__(self, world):
        entities = sorted({name for h, _, t in world.triples for name in (h, t)})
        relations = sorted({r for _, r, _ in world.triples})
        random = torch.Generator().manual_seed(0)
        at = {name: number for number, name in enumerate(entities)}
        ids = np.array([[at[h], relations.index(r), at[t]] for h, r, t in world.triples])
        self.graph = SimpleNamespace(entities=entities, relations=relations, ids=ids)
        self.recipe = SimpleNamespace(scorer=lambda: None)
        rows = torch.randn(2 * len(relations), 8, generator=random)
        self.tables = SimpleNamespace(
            entity=torch.randn(len(entities), 8, generator=random),
            relation=rows,
            relations_of=lambda *_: rows,
        )


@pytest.fixture(scope="module")
def world():
    return World(cities=20)


@pytest.fixture(scope="module")
def embedding(world):
    return Tables(world)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("graph", [True, False])
def test_a_path_has_the_parts_of_its_plan_and_trains(world, embedding, memory, graph):
    told = []
    trained = train(
        world, embedding, PathPlan(memory=memory, graph=graph, **SMALL), lambda *at: told.append(at)
    )
    assert [step for step, _ in told] == [1, 2, 3] and trained.seconds > 0
    assert (trained.path.memory is not None) == (memory != "none")
    assert (trained.path.knowledge is not None) == graph
    fresh = build(world, embedding, trained.plan)
    moved = [
        name
        for (name, new), old in zip(
            trained.path.named_parameters(), fresh.parameters(), strict=True
        )
        if not torch.equal(new, old)
    ]
    for part, there in (("memory.", memory != "none"), ("knowledge.", graph), ("model.", True)):
        assert any(name.startswith(part) for name in moved) == there
    assert set(accuracy(trained, world, rows=64)) == set(KINDS)
    assert list(table(trained, world, rows=32)) == [*KINDS, "memory, 2", "both, 2"]


def test_the_same_plan_gives_the_same_path(world, embedding):
    one, two = (train(world, embedding, PathPlan(**SMALL)).path.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    other = train(world, embedding, PathPlan(**SMALL, seed=1)).path.state_dict()
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_questions_asked_together_are_answered_as_each_would_be_alone(world, embedding):
    """Each of a row's questions comes after what was said to that row, and no other."""
    path = train(world, embedding, PathPlan(**SMALL)).path
    link = linker(world, embedding)
    asked = world.batch(np.random.default_rng(3), 3, people=2, gap=1, asks=4)
    together = answered(path, link, asked).logits
    for row in range(3):
        for at in range(4):
            own = slice(row * 4 + at, row * 4 + at + 1)
            alone = type(asked)(
                tuple(each[row : row + 1] for each in asked.said),
                asked.question[own],
                asked.labels[own],
                asked.kind[own],
            )
            torch.testing.assert_close(answered(path, link, alone).logits, together[own])


def test_several_questions_are_of_every_kind_and_about_everybody(world):
    asked = world.batch(np.random.default_rng(0), 50, people=2, gap=0, asks=8)
    assert asked.kind.view(50, 8).tolist() == [[0, 1, 2, 3, 0, 1, 2, 3]] * 50
    about = set()
    for row in range(50):
        names = [world.words[int(each[row, 0])] for each in asked.said]
        homes = [world.words[int(each[row, 3])] for each in asked.said]
        for at in (1, 5):
            words = [world.words[each] for each in asked.question[8 * row + at].tolist()]
            who = names.index(words[-2])
            assert world.words[int(asked.labels[8 * row + at, 0])] == homes[who]
            about.add(who)
    assert about == {0, 1}


def test_what_the_graph_tells_is_asked_of_training_pairs_alone(world):
    stated = {(h, r): t for h, r, t in world.triples}
    for test in (False, True):
        asked = world.batch(np.random.default_rng(1), 60, asks=4, test=test)
        for row, kind in enumerate(asked.kind.tolist()):
            words = [world.words[each] for each in asked.question[row].tolist()]
            if KINDS[kind] == "graph":
                city, relation = words[-3], words[3]
            elif KINDS[kind] == "both":
                said = [
                    [world.words[each] for each in part[row // 4].tolist()] for part in asked.said
                ]
                city = next(part[3] for part in said if part[0] == words[-3])
                relation = words[3]
            else:
                continue
            assert stated[city, relation] == world.words[int(asked.labels[row, 0])]
            assert (relation, city) in {
                (r, world.city[c])
                for c, each in enumerate(world.known[test])
                for r in (("country", "river", "dish")[at] for at in each)
            }


def test_conversations_grow():
    plan, source = PathPlan(steps=100), np.random.default_rng(0)
    stages = [plan.stage(step, source) for step in range(100)]
    assert set(stages[:50]) == {(1, 0)} and set(stages[50:70]) == {(1, 0), (2, 0)}
    assert {gap for _, gap in stages[70:]} == {0, 1, 2}
    assert plan.pace(0) < plan.pace(29) == 1 > plan.pace(99) > 0


def test_a_plan_that_cannot_be_is_refused():
    with pytest.raises(ConfigError, match="memory='lstm' is none of gated, dynamic, none"):
        PathPlan(memory="lstm")
    with pytest.raises(ConfigError, match="from 1 on"):
        PathPlan(asks=0)
