"""The parts of a score against naive twins:

dense matrices, and likelihoods that cannot be bettered.
"""

import numpy as np
import pytest

pytest.importorskip("torch")

from remanence.apps.recommend import factors, fusion, training
from remanence.apps.recommend.graph import InteractionGraph, extend
from remanence.apps.recommend.walk import ALIVE, STEPS, Walk


@pytest.fixture
def graph():
    random = np.random.default_rng(3)
    likes = [(f"u{user}", f"i{item}") for user in range(15) for item in random.permutation(10)[:4]]
    told = [(f"i{item}", "genre", f"g{item % 3}") for item in range(10)]
    return extend(InteractionGraph(), likes, [*told, ("u1", "lives_in", "Oslo")])


def test_a_walk_is_the_sum_of_powers_of_the_dense_transition_matrix(graph):
    weight = np.zeros((len(graph), len(graph)))
    for head, tail in graph.pairs.tolist():
        weight[head, tail] += 1
    for head, _, tail in graph.knowledge.tolist():
        weight[head, tail] += 0.3
    weight += weight.T
    step = ALIVE * weight / weight.sum(1, keepdims=True)
    user = graph.user("u1")
    seen = sum(np.linalg.matrix_power(step, steps)[user] for steps in range(1, STEPS + 1))
    wanted = seen[graph.items] / seen[graph.items].sum()
    walk = Walk(graph, 0.3)
    assert walk.visits(np.array([user])) == pytest.approx(wanted)
    item = int(graph.had(user)[0])
    assert walk.chance(user, item) * ALIVE == pytest.approx(step[user, item])


def test_factors_of_a_user_are_the_weighted_least_squares_over_all_items(graph):
    random = np.random.default_rng(0)
    table = np.zeros((len(graph), 4))
    table[graph.items] = random.normal(size=(len(graph.items), 4))
    had = graph.had(graph.user("u3"))
    wanted = np.isin(np.arange(len(graph)), had)
    trust = np.diag(np.where(wanted, 1 + factors.TRUST, 1.0))
    bend = table.T @ trust @ table + factors.RIDGE * np.eye(4)
    row = np.linalg.solve(bend, table.T @ trust @ wanted)
    assert factors.liking(table, had, graph.items) == pytest.approx(table[graph.items] @ row)


def test_fitted_weights_cannot_be_bettered_by_small_steps():
    random = np.random.default_rng(1)
    cases = random.normal(size=(40, 30, 4))
    truth = cases @ np.array([1.0, 0.5, 0.3, -0.4])
    answer = np.array([random.choice(30, p=np.exp(row) / np.exp(row).sum()) for row in truth])
    owner, hidden = np.arange(40), np.zeros((40, 30), bool)

    def likelihood(weights):
        raw = cases @ weights
        log = raw - np.log(np.exp(raw).sum(1, keepdims=True))
        drawn = fusion.CERTAINTY / 2 * ((weights - np.array(fusion.BEFORE)) ** 2).sum()
        return log[owner, answer].sum() - drawn

    found, mean = fusion.fit(cases, owner, answer, hidden, fusion.PARTS)
    best = likelihood(found)
    assert mean < 0
    for step in np.concatenate([np.eye(4), -np.eye(4)]) * 1e-2:
        assert likelihood(found + step) < best


def test_a_part_that_counts_against_itself_is_left_out_but_popularity_is_not():
    random = np.random.default_rng(1)
    cases = random.normal(size=(60, 20, 4))
    answer = np.argmax(cases @ np.array([-3.0, 2.0, 1.0, -2.0]), 1)
    found, _ = fusion.fit(cases, np.arange(60), answer, np.zeros((60, 20), bool), fusion.PARTS)
    assert found[0] == 0
    assert found[3] < 0


def test_holding_out_leaves_everybody_something(graph):
    held = training.hold_out(graph.pairs, np.random.default_rng(0))
    left = graph.without(held)
    assert len(held) == 6
    assert len(left.pairs) == len(graph.pairs) - len(held)
    assert set(left.pairs[:, 0].tolist()) == set(graph.pairs[:, 0].tolist())
    assert left.items.tolist() == graph.items.tolist()
