"""What every scorer owes:

its paper's equation, and the same as one inner product, for every entry of `SCORERS` and every
norm.
"""

import math

import numpy as np
import pytest
import torch

from remanence.errors import ConfigError
from remanence.kge.ranking import Ranker, naive_ranks
from remanence.kge.scorers import SCORERS, rotational
from remanence.kge.scorers.scorer import NOTHING, Linear
from remanence.kge.scorers.translational import Distance
from remanence.kge.tables import Tables

torch.set_num_threads(1)

VARIANTS = {
    "transe-l1": ("transe", 4, {"norm": "l1", "scale": 1.5}),
    "transe-l2": ("transe", 5, {"norm": "l2", "scale": 1.5}),
    "transe-squared": ("transe", 5, {"norm": "squared", "scale": 0.5}),
    "transh-squared": ("transh", 5, {"norm": "squared", "scale": 0.5}),
    "transh-l2": ("transh", 5, {"norm": "l2", "scale": 1.5}),
    "transr-squared": ("transr", 4, {"norm": "squared", "scale": 0.5}),
    "transr-low": ("transr", 5, {"space": 3, "norm": "l2", "scale": 1.5}),
    "transr-high": ("transr", 3, {"space": 4}),
    "transd-squared": ("transd", 5, {"norm": "squared", "scale": 0.5}),
    "transd-l2": ("transd", 5, {"norm": "l2", "scale": 1.5}),
    "rotate-modulus": ("rotate", 6, {"norm": "modulus", "scale": 1.5}),
    "rotate-l2": ("rotate", 6, {"norm": "l2", "scale": 1.5}),
    "rotate-squared": ("rotate", 6, {"norm": "squared", "scale": 0.5}),
    "rote": ("rote", 4, {"scale": 0.5}),
    "distmult": ("distmult", 5, {}),
    "complex": ("complex", 6, {}),
    "rescal": ("rescal", 3, {}),
    "tucker": ("tucker", 3, {}),
    "tucker-low": ("tucker", 4, {"space": 3}),
}
LINKED = ["transe-squared", "rotate-squared", "distmult", "complex", "rescal"]
TIED = [name for name in VARIANTS if not name.startswith("tucker")]


@pytest.fixture(params=VARIANTS)
def scorer(request):
    return made(request.param)


def made(variant):
    name, dim, more = VARIANTS[variant]
    return SCORERS[name](dim, **more)


def rows(scorer, side, count, seed=0, dtype=torch.float64):
    """A table of plain normal numbers: no row is special, as the first rows of a model may be."""
    random = torch.Generator().manual_seed(seed)
    width = getattr(scorer.widths(), side)
    return torch.randn(count, width, generator=random, dtype=torch.float64).to(dtype)


def tables(scorer, entities, relations, seed=0, dtype=torch.float32):
    return Tables(
        rows(scorer, "entity", entities, seed, dtype),
        rows(scorer, "relation", relations, seed + 1, dtype),
        rows(scorer, "shared", 1, seed + 2, dtype),
    )


def product(scorer, h, r, kind, t, shared):
    """(B, N) by the inner product; query b asks for relation kind[b] of the rows `r` (U)."""
    raw = scorer.between(scorer.query(h, r[kind], shared), scorer.keys(t))
    bias = scorer.bias(r, t)
    return scorer.finish(raw if bias is None else raw + bias[kind])


def equation(scorer, h, r, kind, t, shared):
    """(B, N) by the paper's equation, pair by pair."""
    pairs = [
        scorer.score(h[b : b + 1], r[k : k + 1], t[n : n + 1], shared)
        for b, k in enumerate(kind.tolist())
        for n in range(len(t))
    ]
    return torch.cat(pairs).view(len(h), len(t))


def test_every_scorer_and_every_norm_is_in_this_suite():
    assert {name for name, _, _ in VARIANTS.values()} == set(SCORERS)
    normed = {name: kind.norms for name, kind in SCORERS.items() if issubclass(kind, Distance)}
    assert set(normed) == {"transe", "transh", "transr", "transd"}
    for name, norms in {**normed, "rotate": rotational.NORMS}.items():
        mine = {
            more["norm"] for each, _, more in VARIANTS.values() if each == name and "norm" in more
        }
        assert mine == set(norms)


# -- the equations, by hand -----------------------------------------------------------------------

TURN = math.pi / 2
BY_HAND = [
    # h + r - t = (1, 2) + (3, -1) - (2, 5) = (2, -4)
    ("transe", 2, {"norm": "l1"}, [1, 2], [3, -1], [2, 5], [], -6),
    ("transe", 2, {"norm": "l2"}, [1, 2], [3, -1], [2, 5], [], -math.sqrt(20)),
    ("transe", 2, {"norm": "squared"}, [1, 2], [3, -1], [2, 5], [], -20),
    ("transe", 2, {"norm": "l2", "scale": 3.0}, [1, 2], [3, -1], [2, 5], [], -3 * math.sqrt(20)),
    # w = (0, 1): h_ = (1, 0), t_ = (2, 0), d = (3, 7) laid into the plane (3, 0); 1 + 3 - 2 = 2
    ("transh", 2, {}, [1, 2], [3, 7, 0, 2], [2, 5], [], -4),
    ("transh", 2, {"norm": "l2"}, [1, 2], [3, 7, 0, 2], [2, 5], [], -2),
    # M = (1 2): M h = 5, M t = 12; 5 + 3 - 12 = -4
    ("transr", 2, {"space": 1}, [1, 2], [3, 1, 2], [2, 5], [], -16),
    # h_p.h = 3: h_ = (1, 2) + 3 (1, 0) = (4, 2); t_p.t = 5: t_ = (7, 5); h_ + (3, -1) - t_ = (0,
    # -4)
    ("transd", 2, {}, [1, 2, 1, 1], [3, -1, 1, 0], [2, 5, 0, 1], [], -16),
    # (1 + 2i, 3) turned by (90, 180) degrees = (-2 + i, -3); less (i, -3 + 4i) = (-2, -4i)
    ("rotate", 4, {"norm": "modulus"}, [1, 3, 2, 0], [TURN, 2 * TURN], [0, -3, 1, 4], [], -6),
    (
        "rotate",
        4,
        {"norm": "l2"},
        [1, 3, 2, 0],
        [TURN, 2 * TURN],
        [0, -3, 1, 4],
        [],
        -math.sqrt(20),
    ),
    ("rotate", 4, {"norm": "squared"}, [1, 3, 2, 0], [TURN, 2 * TURN], [0, -3, 1, 4], [], -20),
    # (1 + 2i) turned by 90 degrees and moved by 3 - i = 1; less 2 + 2i = -1 - 2i; biases 1/2 and
    # 1/4
    ("rote", 2, {}, [1, 2, 0.5], [TURN, 3, -1], [2, 2, 0.25], [], -5 + 0.75),
    # 1 3 2 + 2 (-1) 5
    ("distmult", 2, {}, [1, 2], [3, -1], [2, 5], [], -4),
    # Re (1 + 2i)(3 - i)(2 - 5i) = Re (5 + 5i)(2 - 5i) = 10 + 25
    ("complex", 2, {}, [1, 2], [3, -1], [2, 5], [], 35),
    # (1 2) ((1 2) (3 4)) = (7 10); (7 10).(2 5)
    ("rescal", 2, {}, [1, 2], [1, 2, 3, 4], [2, 5], [], 64),
    # the same matrix, three times
    ("tucker", 2, {"space": 1}, [1, 2], [3], [2, 5], [1, 2, 3, 4], 192),
]


@pytest.mark.parametrize(("name", "dim", "more", "h", "r", "t", "shared", "wanted"), BY_HAND)
def test_the_equation_gives_what_a_hand_computes(name, dim, more, h, r, t, shared, wanted):
    scorer = SCORERS[name](dim, **more)
    h, r, t, shared = (torch.tensor([x], dtype=torch.float64) for x in (h, r, t, shared))
    assert scorer.score(h, r, t, shared).item() == pytest.approx(wanted, abs=1e-5)
    kind = torch.tensor([0])
    assert product(scorer, h, r, kind, t, shared).item() == pytest.approx(wanted, abs=1e-5)


def test_every_scorer_is_computed_by_hand():
    assert {name for name, *_ in BY_HAND} == set(SCORERS)


# -- the inner product ----------------------------------------------------------------------------


@pytest.mark.parametrize(("queries", "candidates"), [(1, 1), (7, 3), (3, 7)])
def test_the_inner_product_says_what_the_equation_says(scorer, queries, candidates):
    h, t = rows(scorer, "entity", queries), rows(scorer, "entity", candidates, 1)
    r, shared = rows(scorer, "relation", 3, 2), rows(scorer, "shared", 1, 3)
    kind = torch.arange(queries) % 3
    torch.testing.assert_close(
        product(scorer, h, r, kind, t, shared), equation(scorer, h, r, kind, t, shared)
    )


def test_the_sides_have_the_shapes_that_the_port_says(scorer):
    h, t = rows(scorer, "entity", 5), rows(scorer, "entity", 7)
    r = rows(scorer, "relation", 5)
    query, keys = scorer.query(h, r, rows(scorer, "shared", 1)), scorer.keys(t)
    assert query.vectors.shape == (5, keys.vectors.shape[1])
    assert keys.vectors.shape[0] == 7
    assert query.added is None or query.added.shape == (5,)
    assert keys.added is None or keys.added.shape == (7,)
    bias = scorer.bias(r[:2], t)
    assert bias is None or bias.shape == (2, 7)
    assert scorer.score(h, r, t[:5], rows(scorer, "shared", 1)).shape == (5,)


def test_an_inner_product_of_both_sides_leaves_nothing_for_the_bias(scorer):
    h, t = rows(scorer, "entity", 5), rows(scorer, "entity", 7, 1)
    r, shared = rows(scorer, "relation", 2, 2), rows(scorer, "shared", 1, 3)
    kind = torch.tensor([0, 1, 1, 0, 1])
    both = scorer.sides(h, r[kind], t, shared)
    if both is None:
        assert scorer.bias(r, t) is not None
        return
    found = scorer.finish(scorer.between(*both))
    torch.testing.assert_close(found, equation(scorer, h, r, kind, t, shared))


def test_where_head_and_relation_add_up_each_gives_its_part(scorer):
    if not scorer.additive:
        return
    h, r = rows(scorer, "entity", 5), rows(scorer, "relation", 5, 1)
    parts = [scorer.query(h, r * 0).vectors, scorer.query(h * 0, r).vectors]
    torch.testing.assert_close(sum(parts), scorer.query(h, r).vectors)
    assert scorer.bias(r, h) is None


def test_no_query_has_no_score(scorer):
    h, r = rows(scorer, "entity", 0), rows(scorer, "relation", 0)
    query = scorer.query(h, r, rows(scorer, "shared", 1))
    assert scorer.between(query, scorer.keys(rows(scorer, "entity", 3))).shape == (0, 3)


def test_a_sum_of_moduli_is_the_same_in_pieces(monkeypatch):
    scorer = made("rotate-modulus")
    h, t = rows(scorer, "entity", 7), rows(scorer, "entity", 5, 1)
    whole = scorer.between(Linear(h), Linear(t))
    monkeypatch.setattr(rotational, "TILE", 2 * t.numel())
    torch.testing.assert_close(scorer.between(Linear(h), Linear(t)), whole)


def test_a_model_that_projects_is_a_simpler_one_within_a_relation(scorer):
    """Also for the inverse, whose entities are the same; who projects nothing is no simpler."""
    h, t = rows(scorer, "entity", 4), rows(scorer, "entity", 5, 1)
    r = rows(scorer, "relation", 1, 2)
    if not scorer.projects:
        with pytest.raises(NotImplementedError, match=type(scorer).__name__):
            scorer.within(r, t)
        return
    for row in (r, scorer.inverse(r)):
        (simple, heads), (_, tails) = scorer.within(r, h), scorer.within(row, t)
        first = row[:, : simple.widths().relation].expand(4, -1)
        raw = simple.between(simple.query(heads, first, NOTHING), simple.keys(tails))
        wanted = equation(scorer, h, row, torch.zeros(4, dtype=torch.long), t, NOTHING)
        torch.testing.assert_close(simple.finish(raw), wanted)


@pytest.mark.parametrize("variant", TIED)
def test_an_inverse_asked_from_the_tail_says_the_same(variant):
    scorer = made(variant)
    h, t = rows(scorer, "entity", 6), rows(scorer, "entity", 6, 1)
    r = rows(scorer, "relation", 6, 2)
    torch.testing.assert_close(scorer.score(t, scorer.inverse(r), h), scorer.score(h, r, t))
    torch.testing.assert_close(scorer.inverse(scorer.inverse(r)), r)


@pytest.mark.parametrize("variant", ["tucker", "tucker-low"])
def test_where_no_inverse_exists_the_scorer_says_so(variant):
    scorer = made(variant)
    with pytest.raises(NotImplementedError, match="TuckER"):
        scorer.inverse(rows(scorer, "relation", 1))


@pytest.mark.parametrize("variant", LINKED)
def test_link_tells_relations_apart_as_the_score_does(variant):
    """Up to a constant of the two entities: then a softmax over relations is the same."""
    scorer = made(variant)
    h, t = rows(scorer, "entity", 4), rows(scorer, "entity", 4, 1)
    r, shared = rows(scorer, "relation", 5, 2), rows(scorer, "shared", 1, 3)
    keys = scorer.links(r)
    fast = scorer.link(h, t) @ keys.vectors.T + (0 if keys.added is None else keys.added)
    slow = torch.stack([scorer.score(h, each.expand(4, -1), t, shared) for each in r], 1)
    torch.testing.assert_close(fast.log_softmax(1), slow.log_softmax(1))


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name not in LINKED])
def test_a_scorer_without_link_says_so(variant):
    scorer = made(variant)
    pair = rows(scorer, "entity", 1)
    with pytest.raises((NotImplementedError, ConfigError), match="rank relations"):
        scorer.link(pair, pair)


def test_the_gradients_are_those_of_finite_differences(scorer):
    given = (
        rows(scorer, "entity", 2),
        rows(scorer, "relation", 2, 1),
        rows(scorer, "entity", 3, 2),
        rows(scorer, "shared", 1, 3),
    )
    given = tuple(x.requires_grad_() for x in given)
    kind = torch.tensor([1, 0])
    assert torch.autograd.gradcheck(
        lambda h, r, t, shared: product(scorer, h, r, kind, t, shared), given
    )


def test_the_gradients_are_those_of_the_equation(scorer):
    h, t = rows(scorer, "entity", 3), rows(scorer, "entity", 4, 1)
    r, shared = rows(scorer, "relation", 2, 2), rows(scorer, "shared", 1, 3)
    kind = torch.tensor([0, 1, 1])
    weight = torch.randn(3, 4, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    found = []
    for form in (product, equation):
        leaves = [x.clone().requires_grad_() for x in (h, r, t, shared)]
        (form(scorer, leaves[0], leaves[1], kind, leaves[2], leaves[3]) * weight).sum().backward()
        found.append([x.grad if x.grad is not None else torch.zeros_like(x) for x in leaves])
    torch.testing.assert_close(*found)


# -- new tables and wrong settings ----------------------------------------------------------------


def test_new_tables_are_as_wide_as_the_scorer_says_and_the_same_for_a_seed(scorer):
    for side in ("entity", "relation", "shared"):
        one, two = (
            scorer.initial(3, side, torch.Generator().manual_seed(5), 0.1) for _ in range(2)
        )
        assert one.shape == (3, getattr(scorer.widths(), side))
        assert torch.isfinite(one).all()
        assert torch.equal(one, two)


def test_transr_begins_as_transe():
    new = SCORERS["transr"](4).initial(2, "relation", torch.Generator(), 0.1)
    assert torch.equal(new[:, 4:].view(2, 4, 4), torch.eye(4).expand(2, 4, 4))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("transe", {"norm": "modulus"}),
        ("rotate", {"norm": "l1"}),
        ("rotate", {"dim": 5}),
        ("rote", {"dim": 5}),
        ("complex", {"dim": 5}),
    ],
)
def test_what_cannot_be_is_refused_with_the_value(name, more):
    value = next(iter(more.values()))
    with pytest.raises(ConfigError, match=str(value)):
        SCORERS[name](**{"dim": 4, **more})


# -- ranking --------------------------------------------------------------------------------------


def graph(entities, relations, count, seed=0):
    random = np.random.default_rng(seed)
    ids = np.stack(
        [random.integers(0, most, count) for most in (entities, relations, entities)], 1
    ).astype(np.int64)
    return np.unique(ids, axis=0)


@pytest.mark.parametrize(("entities", "relations"), [(1, 1), (7, 1), (63, 4)])
@pytest.mark.parametrize(
    ("variant", "reciprocal"),
    [(name, True) for name in VARIANTS] + [(name, False) for name in TIED],
)
def test_the_fast_ranks_are_the_naive_ranks(variant, reciprocal, entities, relations):
    """With tiles of one query, of three (they cut through a relation), and of all;

    inverses with rows of their own, and tied.
    """
    scorer = made(variant)
    mine = tables(scorer, entities, relations * (2 if reciprocal else 1))
    known = graph(entities, relations, 5 * relations * min(entities, 4))
    ids = known[::3]
    wanted = naive_ranks(scorer, mine, relations, ids, known)
    for tile in (1, 3 * entities, 1 << 16):
        found = Ranker(scorer, mine, relations, tile).ranks(ids, known)
        np.testing.assert_array_equal(found, wanted)
    assert wanted.shape == (len(ids), 2)
    assert wanted.min() >= 1


def test_among_equals_the_rank_is_the_middle(scorer):
    """All scores are equal:

    of 9 entities, 2 other answers left out, the mean of the places 1 to 7.
    """
    zero = tables(scorer, 9, 4).map(torch.zeros_like)
    ids = np.array([[0, 0, 1], [0, 0, 2], [0, 0, 3], [5, 1, 5]])
    ranks = Ranker(scorer, zero, 2).ranks(ids, ids)
    np.testing.assert_array_equal(ranks, [[4, 5], [4, 5], [4, 5], [5, 5]])
    np.testing.assert_array_equal(naive_ranks(scorer, zero, 2, ids, ids), ranks)


def test_twins_share_a_place_with_the_answer():
    """Entities 1 and 2 have the same row, and no other comes near: rank 1 + 1 / 2."""
    mine = Tables(
        torch.tensor([[0.0], [1.0], [1.0], [9.0]]), torch.tensor([[1.0], [-1.0]]), NOTHING
    )
    ids = np.array([[0, 0, 1]])
    ranks = Ranker(SCORERS["transe"](1), mine, 1).ranks(ids, ids)
    assert ranks.tolist() == [[1.5, 1.0]]


@pytest.mark.parametrize("name", ["transr", "transd"])
def test_a_projection_begins_as_none_and_learns_slower_than_the_rest(name):
    """So that training starts from TransE, and does not leave it by Adagrad's first steps."""
    projected, plain = SCORERS[name](5, norm="l2"), SCORERS["transe"](5, norm="l2")
    entity, relation = (
        projected.initial(4, side, torch.Generator().manual_seed(0), 0.3)
        for side in ("entity", "relation")
    )
    found = projected.score(entity, relation, entity.flip(0), NOTHING)
    wanted = plain.score(entity[:, :5], relation[:, :5], entity.flip(0)[:, :5], NOTHING)
    torch.testing.assert_close(found, wanted)
    pace = projected.pace()
    assert pace.shape == (projected.widths().relation,)
    assert (pace[:5] == 1).all()
    assert (pace[5:] < 0.2).all()
