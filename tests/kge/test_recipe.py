"""A recipe is checked when it is made: everything that is wrong with it is said at once."""

import json
import math

import pytest

from remanence.errors import ConfigError
from remanence.kge import presets
from remanence.kge.recipe import Recipe
from remanence.kge.scorers import SCORERS
from remanence.kge.triples import split


def test_all_wrong_values_are_named_at_once():
    with pytest.raises(ConfigError) as told:
        Recipe(model="gnn", dim=0, epochs=-1, loss="hinge", dropout=1.0, rate=-0.5, decay="cosine")
    for part in (
        "model='gnn' is none of transe",
        "dim=0 is below 1",
        "epochs=-1 is below 1",
        "loss='hinge' is none of softmax",
        "dropout=1.0 is not in [0, 1)",
        "rate=-0.5 is below 0",
        "decay='cosine' is none of linear, none",
    ):
        assert part in str(told.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch", 0),
        ("count", 0),
        ("check", 0),
        ("checked", 0),
        ("space", -1),
        ("blocks", -1),
        ("together", -1),
        ("patience", -1),
        ("still", -1),
        ("n3", -0.1),
        ("links", -0.1),
        ("initial", -0.1),
        ("scale", -1.0),
        ("dropout", -0.1),
        ("dropout", 1.0),
        ("negatives", "some"),
        ("corruption", "none"),
        ("precision", "float16"),
        ("decay", ""),
    ],
)
def test_a_value_that_cannot_be_is_named(name, value):
    with pytest.raises(ConfigError, match=f"{name}="):
        Recipe(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dim", "64"),
        ("dim", 8.5),
        ("epochs", None),
        ("seed", "x"),
        ("rate", "0.1"),
        ("model", None),
        ("model", ["transe"]),
    ],
)
def test_a_value_of_another_type_is_named(name, value):
    with pytest.raises(ConfigError, match=f"{name}="):
        Recipe(**{name: value})


@pytest.mark.parametrize("name", ["rate", "scale", "n3", "initial", "dropout"])
def test_what_is_no_number_is_refused(name):
    with pytest.raises(ConfigError, match=f"{name}=nan"):
        Recipe(**{name: math.nan})


def test_an_unknown_name_is_told():
    with pytest.raises(ConfigError, match="has no depth, width"):
        Recipe().but(width=3, depth=2, dim=8)


def test_changed_values_are_checked_too():
    assert Recipe().but(dim=64).dim == 64
    with pytest.raises(ConfigError, match="dim=0"):
        Recipe().but(dim=0)


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("distmult", {"norm": "l1"}),
        ("complex", {"scale": 2.0}),
        ("rescal", {"space": 4}),
        ("transh", {"space": 3}),
    ],
)
def test_what_the_model_does_not_have_is_refused(model, more):
    with pytest.raises(ConfigError, match=f"{model} has no {next(iter(more))}"):
        Recipe(model=model, **more)


@pytest.mark.parametrize(
    ("model", "more"), [("complex", {}), ("transh", {}), ("transr", {"space": 4})]
)
def test_what_does_not_begin_as_a_simpler_model_has_nothing_to_keep_still(model, more):
    with pytest.raises(ConfigError, match="still=2"):
        Recipe(model=model, dim=8, still=2, **more)


@pytest.mark.parametrize(("model", "more"), [("complex", {"dim": 5}), ("transe", {"norm": "l3"})])
def test_what_the_mathematics_refuses_the_recipe_refuses(model, more):
    with pytest.raises(ConfigError, match=next(iter(more))):
        Recipe(model=model, **more)


@pytest.mark.parametrize("model", SCORERS)
def test_every_model_has_a_recipe(model):
    recipe = Recipe(model=model, dim=8)
    assert isinstance(recipe.scorer(), SCORERS[model])
    assert recipe.scorer().dim == 8


def test_a_recipe_gives_the_scorer_its_settings():
    scorer = Recipe(model="transr", dim=8, space=4, scale=2.0).scorer()
    assert (scorer.dim, scorer.k, scorer.scale) == (8, 4, 2.0)


def test_a_recipe_survives_json():
    recipe = Recipe(model="rotate", norm="modulus", dim=10, n3=0.1)
    assert Recipe(**json.loads(json.dumps(recipe.as_json()))) == recipe


@pytest.mark.parametrize("model", SCORERS)
def test_a_preset_is_chosen_by_model_and_graph(model):
    chosen = presets.choose(model, split([("a", "r", "b")]))
    assert chosen.model == model


def test_a_model_that_is_none_is_refused_with_all_that_are():
    with pytest.raises(ConfigError, match="'word2vec' is none of transe, .*tucker"):
        presets.choose("word2vec", split([("a", "r", "b")]))


def test_where_a_relation_has_no_inverse_reciprocal_rows_are_asked_for():
    with pytest.raises(ConfigError, match="reciprocal=False: tucker"):
        Recipe(model="tucker", reciprocal=False)


def test_the_rate_falls_in_a_line_to_nothing_or_stays():
    linear, steady = (Recipe(epochs=4, rate=0.8, decay=decay) for decay in ("linear", "none"))
    assert [linear.rate_at(step, 1) for step in range(4)] == pytest.approx([0.8, 0.6, 0.4, 0.2])
    assert [steady.rate_at(step, 1) for step in range(4)] == [0.8] * 4


def test_the_rate_rises_first_while_it_is_warmed():
    """Over half an epoch of 8 steps: a quarter of its height, a half, three quarters, all."""
    warmed = Recipe(epochs=2, rate=0.8, decay="none", warm=0.5)
    assert [warmed.rate_at(step, 8) for step in range(6)] == pytest.approx(
        [0.2, 0.4, 0.6, 0.8, 0.8, 0.8]
    )
