"""An epoch: each answer once, the same for the same seed, in parts that add up, and candidates as
the recipe says.
"""

from collections import Counter

import numpy as np
import pytest

from remanence.kge.batches import Epochs, subsampled
from remanence.kge.recipe import Recipe
from remanence.kge.triples import both_ways, group, number

RECIPES = {
    "all": {"negatives": "all"},
    "together": {"negatives": "all", "together": 2},
    "blocks": {"negatives": "all", "blocks": 4},
    "shared": {"negatives": "shared", "count": 10},
    "shared, more than there are": {"negatives": "shared", "count": 1000},
    "subsampling": {"negatives": "all", "together": 3, "subsampling": 0.5},
    "own": {"negatives": "own", "count": 3},
    "own, subsampling": {"negatives": "own", "count": 3, "subsampling": 0.5},
    "own, bernoulli, blocks": {
        "negatives": "own",
        "count": 2,
        "corruption": "bernoulli",
        "blocks": 4,
    },
}


@pytest.fixture(scope="module")
def graph(planted):
    return number(planted)


def epochs(graph, batch=16, seed=3, **more):
    recipe = Recipe(batch=batch, seed=seed, **more)
    return Epochs(graph.ids, len(graph.entities), len(graph.relations), recipe)


def triples(draw):
    """(head, relation, answer) of each answer of a draw."""
    rows = np.stack([draw.heads[draw.owner], draw.relations[draw.owner], draw.answers], 1)
    return [tuple(row) for row in rows.tolist()]


def same(one, two):
    for name in ("heads", "relations", "owner", "answers", "hidden", "weights"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert (one.candidates is None) == (two.candidates is None)
    if one.candidates is not None:
        np.testing.assert_array_equal(one.candidates, two.candidates)


@pytest.mark.parametrize("name", [name for name in RECIPES if not name.startswith("own")])
def test_an_epoch_asks_for_each_answer_both_ways_once(graph, name):
    found = Counter(row for draw in epochs(graph, **RECIPES[name]).of(0) for row in triples(draw))
    wanted = both_ways(graph.ids, len(graph.relations)).tolist()
    assert found == Counter(map(tuple, wanted))


@pytest.mark.parametrize("name", [name for name in RECIPES if name.startswith("own")])
def test_with_own_negatives_an_epoch_has_each_triple_once_one_way_or_the_other(graph, name):
    relations = len(graph.relations)
    found = []
    for draw in epochs(graph, **RECIPES[name]).of(0):
        for head, kind, tail in triples(draw):
            turned = kind >= relations
            found.append((tail, kind - relations, head) if turned else (head, kind, tail))
    assert sorted(found) == sorted(map(tuple, graph.ids.tolist()))


@pytest.mark.parametrize("name", RECIPES)
def test_the_same_seed_and_epoch_are_the_same_batches(graph, name):
    mine, again = epochs(graph, **RECIPES[name]), epochs(graph, **RECIPES[name])
    list(mine.of(0))  # what was drawn before does not matter
    for one, two in zip(mine.of(1), again.of(1), strict=True):
        same(one, two)


@pytest.mark.parametrize("name", RECIPES)
def test_another_epoch_and_another_seed_are_other_batches(graph, name):
    def order(seed, epoch):
        drawn = epochs(graph, seed=seed, **RECIPES[name]).of(epoch)
        return [row for draw in drawn for row in triples(draw)]

    assert order(3, 0) != order(3, 1)
    assert order(3, 0) != order(4, 0)


@pytest.mark.parametrize("batch", [1, 16, 10_000])
@pytest.mark.parametrize("name", RECIPES)
def test_batches_are_as_many_and_as_large_as_was_said(graph, name, batch):
    mine = epochs(graph, batch=batch, **RECIPES[name])
    drawn = list(mine.of(0))
    assert len(drawn) == mine.steps
    sizes = [len(draw.heads) for draw in drawn]
    assert all(size == min(batch, sum(sizes)) for size in sizes[:-1])
    assert 1 <= sizes[-1] <= batch


@pytest.mark.parametrize("name", RECIPES)
def test_a_draw_is_in_order_and_hides_the_known_answers(graph, name):
    known = {}
    for head, kind, tail in both_ways(graph.ids, len(graph.relations)).tolist():
        known.setdefault((head, kind), set()).add(tail)
    for draw in epochs(graph, **RECIPES[name]).of(0):
        assert (np.diff(draw.relations) >= 0).all()
        assert (np.diff(draw.owner) >= 0).all()
        assert (np.diff(draw.hidden[0]) >= 0).all()
        for query, pair in enumerate(
            zip(draw.heads.tolist(), draw.relations.tolist(), strict=True)
        ):
            hidden = set(draw.hidden[1, draw.hidden[0] == query].tolist())
            mine = set(draw.answers[draw.owner == query].tolist())
            assert mine
            assert hidden == (mine if name.startswith("own") else known[pair])


@pytest.mark.parametrize("world", [1, 2, 3, 40])
@pytest.mark.parametrize("name", RECIPES)
def test_the_parts_of_all_processes_are_the_batch(graph, name, world):
    """Some are empty where there are more processes than queries."""
    for draw in list(epochs(graph, **RECIPES[name]).of(0))[-2:]:
        parts = [draw.part(rank, world) for rank in range(world)]
        low = np.cumsum([0, *(len(part.heads) for part in parts)])
        for attribute in ("heads", "relations", "answers"):
            joined = np.concatenate([getattr(part, attribute) for part in parts])
            np.testing.assert_array_equal(joined, getattr(draw, attribute))
        owner = np.concatenate([part.owner + at for part, at in zip(parts, low, strict=False)])
        np.testing.assert_array_equal(owner, draw.owner)
        hidden = [part.hidden + np.array([[at], [0]]) for part, at in zip(parts, low, strict=False)]
        np.testing.assert_array_equal(np.concatenate(hidden, 1), draw.hidden)
        if draw.candidates is not None and draw.candidates.ndim == 2:
            joined = np.concatenate([part.candidates for part in parts])
            np.testing.assert_array_equal(joined, draw.candidates)
        else:
            assert all(part.candidates is draw.candidates for part in parts)


def test_blocks_keep_queries_of_one_relation_together(graph):
    """In batches of as many, each has one relation, or the rests of several:

    at most one rest for each relation.
    """
    relations = 2 * len(graph.relations)
    drawn = list(epochs(graph, batch=8, blocks=8, **RECIPES["all"]).of(0))
    loose = list(epochs(graph, batch=8, **RECIPES["all"]).of(0))

    def distinct(draws):
        return np.mean([len(np.unique(draw.relations)) for draw in draws])

    assert distinct(drawn) <= 2
    assert distinct(loose) > 2
    assert sum(len(np.unique(draw.relations)) for draw in drawn) <= len(drawn) + relations * 2


def test_together_bounds_the_answers_that_a_query_brings_into_a_batch(graph):
    """48 people live in 6 cities:

    8 answers of a city come in 4 pieces of 2, in another order each epoch.
    """
    mine = epochs(graph, batch=1, together=2)
    drawn = list(mine.of(0))
    assert max(len(draw.answers) for draw in drawn) == 2
    lived = graph.relations.index("lives_in") + len(graph.relations)
    city = graph.entities.index("city0")

    def pieces(epoch):
        mine_of = [d for d in mine.of(epoch) if (d.heads[0], d.relations[0]) == (city, lived)]
        return {tuple(sorted(draw.answers.tolist())) for draw in mine_of}

    assert len(pieces(0)) == 4
    assert pieces(0) != pieces(1)


def test_shared_candidates_are_distinct_and_as_many_as_there_can_be(graph):
    for count in (10, 1000):
        for draw in epochs(graph, negatives="shared", count=count).of(0):
            assert draw.candidates.shape == (min(count, len(graph.entities)),)
            assert len(np.unique(draw.candidates)) == len(draw.candidates)


def test_own_candidates_are_drawn_for_each_triple(graph):
    draw = next(epochs(graph, negatives="own", count=7).of(0))
    assert draw.candidates.shape == (16, 7)
    assert 0 <= draw.candidates.min() <= draw.candidates.max() < len(graph.entities)


def test_bernoulli_replaces_the_head_as_often_as_a_head_has_many_tails():
    """Relation 0:

    1 head with 3 tails: tails a head 3, heads a tail 1, so the head is replaced 3 times of 4.
    Relation 1: the reverse.
    """
    ids = [(0, 0, t) for t in (1, 2, 3)] + [(h, 1, 0) for h in (1, 2, 3)]
    recipe = Recipe(negatives="own", count=1, corruption="bernoulli", batch=1000)
    mine = Epochs(np.array(ids), 4, 2, recipe)
    kinds = np.concatenate([draw.relations for epoch in range(400) for draw in mine.of(epoch)])
    turned = [(kinds == kind + 2).sum() / (kinds % 2 == kind).sum() for kind in (0, 1)]
    assert turned == pytest.approx([0.75, 0.25], abs=0.05)


def test_uniform_replaces_either_side_alike():
    ids = np.array([(0, 0, t) for t in (1, 2, 3)])
    mine = Epochs(ids, 4, 1, Recipe(negatives="own", count=1, batch=1000))
    kinds = np.concatenate([draw.relations for epoch in range(400) for draw in mine.of(epoch)])
    assert (kinds == 1).mean() == pytest.approx(0.5, abs=0.05)


def test_one_triple_is_an_epoch():
    for negatives in ("all", "shared", "own"):
        recipe = Recipe(negatives=negatives)
        drawn = list(Epochs(np.array([[0, 0, 0]]), 1, 1, recipe).of(0))
        assert sum(len(draw.answers) for draw in drawn) == (1 if negatives == "own" else 2)


def test_what_many_triples_say_alike_counts_less():
    """Head 0 has three tails by relation 0, tail 1 two heads:

    (0, 0, 1) is seen 3 + 2 times, (0, 0, 2) 3 + 1, (4, 0, 1) 1 + 2, (0, 1, 1) 1 + 1.
    """
    ids = np.array([(0, 0, 1), (0, 0, 2), (0, 0, 3), (4, 0, 1), (0, 1, 1)])
    wanted = np.array([5, 4, 4, 3, 2]) ** -0.5
    found = subsampled(ids, group(both_ways(ids, 2)), 2, 0.5)
    np.testing.assert_allclose(found, wanted / wanted.mean(), rtol=1e-6)


@pytest.mark.parametrize("name", ["subsampling", "own, subsampling"])
def test_a_triple_counts_the_same_either_way_and_wherever_its_batch_puts_it(graph, name):
    relations = len(graph.relations)
    each = subsampled(graph.ids, group(both_ways(graph.ids, relations)), relations, 0.5)
    wanted = dict(zip(map(tuple, graph.ids.tolist()), each.tolist(), strict=True))
    for draw in epochs(graph, **RECIPES[name]).of(1):
        for (head, kind, tail), weight in zip(triples(draw), draw.weights.tolist(), strict=True):
            turned = kind >= relations
            told = (tail, kind - relations, head) if turned else (head, kind, tail)
            assert weight == wanted[told]
