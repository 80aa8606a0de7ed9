"""Training: what follows a rule is learnt;

a run that was interrupted ends where an uninterrupted one does; nothing bad ends in silence.
"""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch

from remanence.errors import CheckpointError, ConfigError, TrainingError
from remanence.kge.checkpoint import CheckpointFile
from remanence.kge.ranking import Quality, Ranker
from remanence.kge.recipe import Recipe
from remanence.kge.scorers import SCORERS
from remanence.kge.training import Trainer
from remanence.kge.triples import Split, hold_out, number, split

PLAIN = Recipe(
    model="complex", dim=32, epochs=12, batch=32, rate=0.3, initial=0.05, check=3, patience=0
)
# Every road through a step: each negatives with and without a bias, tied inverses, blocks, dropout,
# the other losses.
ROADS = {
    "all": {},
    "tied": {"reciprocal": False},
    "n3 and links": {"n3": 0.01, "links": 0.2},
    "n3 and links, tied": {"n3": 0.01, "links": 0.2, "reciprocal": False},
    "dropout": {"dropout": 0.2},
    "dropout, projected": {
        "model": "transr",
        "dim": 12,
        "dropout": 0.2,
        "negatives": "shared",
        "count": 20,
    },
    "together, blocks": {"together": 2, "blocks": 4},
    "shared": {"negatives": "shared", "count": 20},
    "shared, few": {"negatives": "shared", "count": 3, "batch": 4},
    "own": {"negatives": "own", "count": 16},
    "own, bernoulli, blocks": {
        "negatives": "own",
        "count": 8,
        "corruption": "bernoulli",
        "blocks": 4,
        "loss": "self-adversarial",
    },
    "bias, all": {"model": "transd"},
    "bias, shared": {"model": "transh", "negatives": "shared", "count": 20, "reciprocal": False},
    "bias, own": {"model": "transr", "dim": 12, "space": 8, "negatives": "own", "count": 8},
    "pairwise, all": {"model": "transe", "norm": "l1"},
    "pairwise, shared": {"model": "rotate", "norm": "modulus", "negatives": "shared", "count": 20},
    "pairwise, own": {"model": "rotate", "norm": "modulus", "negatives": "own", "count": 8},
    "root, all": {"model": "transe", "norm": "l2", "loss": "margin"},
    "root, own": {"model": "rotate", "norm": "l2", "negatives": "own", "count": 8},
    "tucker": {"model": "tucker", "dim": 8, "space": 4, "loss": "logistic"},
    "still, shared": {
        "model": "transr",
        "dim": 12,
        "still": 4,
        "negatives": "shared",
        "count": 20,
        "reciprocal": False,
    },
    "still, all": {"model": "transd", "still": 4, "blocks": 8},
}


@pytest.fixture(scope="module")
def graph(planted):
    return hold_out(number(planted), 0.1, 0)


class Stop(Exception):
    """Ctrl-C, as it were."""


def stop_in(epoch):
    def watch(tick):
        if tick.epoch == epoch:
            raise Stop

    return watch


def same(one, two):
    for name, table in one.tables.named().items():
        assert torch.equal(table, two.tables.named()[name]), name
    timeless = [[(p.epoch, p.loss, p.mrr, p.hits10) for p in run.curve] for run in (one, two)]
    assert timeless[0] == timeless[1]
    assert one.stopped == two.stopped


def quality(graph, recipe, tables):
    ranker = Ranker(recipe.scorer(), tables, len(graph.relations))
    return Quality.of(ranker.ranks(graph.valid, graph.known()).ravel())


# -- learning -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", SCORERS)
def test_every_model_learns_what_follows_a_rule(graph, model):
    """Among 56 entities chance has a mean reciprocal rank of 0.08."""
    smaller = {"rescal": 16, "tucker": 12, "transr": 16}
    recipe = PLAIN.but(model=model, dim=smaller.get(model, 32), epochs=25, check=25, rate=0.2)
    run = Trainer(graph, recipe).run()
    assert run.curve[-1].mrr > 0.35
    assert run.curve[-1].loss < 0.8 * run.curve[0].loss
    assert quality(graph, recipe, run.tables).mrr == pytest.approx(run.curve[-1].mrr)


@pytest.mark.parametrize("road", ROADS)
def test_every_road_through_a_step_learns_and_the_same_seed_learns_the_same(graph, road):
    recipe = PLAIN.but(epochs=8, check=8, **ROADS[road])
    one, two = (Trainer(graph, recipe).run() for _ in range(2))
    same(one, two)
    assert one.curve[-1].loss < one.curve[0].loss
    assert one.curve[-1].mrr > 0.13


def test_another_seed_learns_another_table(graph):
    one, two = (Trainer(graph, PLAIN.but(epochs=1, seed=seed)).run() for seed in (0, 1))
    assert not torch.equal(one.tables.entity, two.tables.entity)


def test_bfloat16_learns_about_what_float32_does(graph):
    mrr = [
        Trainer(graph, PLAIN.but(precision=precision)).run().curve[-1].mrr
        for precision in ("float32", "bfloat16")
    ]
    assert mrr[1] == pytest.approx(mrr[0], abs=0.1)


def test_the_n3_norm_keeps_rows_short(graph):
    norms = [
        Trainer(graph, PLAIN.but(n3=n3)).run().tables.entity.norm(dim=1).mean() for n3 in (0.0, 0.1)
    ]
    assert norms[1] < 0.8 * norms[0]


def test_a_rate_that_does_not_decay_moves_further(graph):
    linear, steady = (Trainer(graph, PLAIN.but(decay=decay)).run() for decay in ("linear", "none"))
    assert not torch.equal(linear.tables.entity, steady.tables.entity)


@pytest.mark.parametrize("model", ["transr", "transd"])
def test_a_model_whose_projections_are_still_learns_as_the_simpler_one_and_then_on(graph, model):
    recipe = PLAIN.but(model=model, dim=16, epochs=6, check=6, still=3)
    width = 16
    begun, whole = (
        Trainer(graph, recipe.but(still=still)).run().tables for still in (6, recipe.still)
    )
    scorer = recipe.scorer()
    drawn = scorer.initial(
        1, "relation", torch.Generator(), 0.0
    )  # what projects is the same in every row
    assert torch.equal(
        begun.relation[:, width:], drawn[:, width:].expand_as(begun.relation[:, width:])
    )
    assert not torch.equal(begun.relation[:, :width], whole.relation[:, :width])
    assert not torch.equal(begun.relation[:, width:], whole.relation[:, width:])
    simpler = recipe.but(model=scorer.begins, still=0)
    found = quality(graph, simpler, begun.columns(simpler.scorer().widths())).mrr
    assert quality(graph, recipe, begun).mrr == pytest.approx(found)


@pytest.mark.parametrize("road", ["all", "shared", "own"])
def test_one_triple_of_one_entity_can_be_trained_on(road):
    run = Trainer(split([("a", "is", "a")]), PLAIN.but(epochs=2, **ROADS[road])).run()
    assert [point.epoch for point in run.curve] == [1, 2]
    assert torch.isfinite(run.tables.entity).all()


# -- what is told ---------------------------------------------------------------------------------


def test_the_watch_is_told_of_every_epoch_and_of_every_check(graph):
    told = []
    run = Trainer(graph, PLAIN, watch=told.append).run()
    assert {tick.epoch for tick in told} == set(range(12))
    assert {(tick.epochs, tick.steps) for tick in told} == {(12, told[0].steps)}
    assert all(1 <= tick.step <= tick.steps for tick in told)
    checks = [tick for tick in told if tick.step == tick.steps and (tick.epoch + 1) % 3 == 0]
    assert [tick.mrr for tick in checks] == [p.mrr for p in run.curve if p.mrr is not None]
    assert told[0].mrr is None


def test_the_curve_has_every_epoch_and_its_checks(graph):
    run = Trainer(graph, PLAIN.but(epochs=8)).run()
    assert [point.epoch for point in run.curve] == list(range(1, 9))
    assert [point.epoch for point in run.curve if point.mrr is not None] == [3, 6, 8]
    spent = [point.cpu for point in run.curve]
    assert spent == sorted(spent)
    assert run.stopped == "all epochs done"


def test_the_tables_are_those_of_the_best_check(graph):
    run = Trainer(graph, PLAIN).run()
    assert run.best.mrr == max(point.mrr for point in run.curve if point.mrr is not None)
    assert quality(graph, PLAIN, run.tables).mrr == pytest.approx(run.best.mrr)


def test_training_stops_when_no_check_is_better(graph):
    recipe = PLAIN.but(epochs=200, check=1, patience=2, rate=1.0, decay="none")
    run = Trainer(graph, recipe).run()
    assert len(run.curve) == run.best.epoch + 2 < 200
    assert run.stopped == "no better validation MRR in 2 checks"
    assert quality(graph, recipe, run.tables).mrr == pytest.approx(run.best.mrr)


def test_nothing_is_checked_where_nothing_was_held_out(planted):
    run = Trainer(split(planted), PLAIN.but(epochs=3, check=1, patience=1)).run()
    assert [point.mrr for point in run.curve] == [None] * 3
    assert run.best is None


def test_a_check_looks_at_no_more_than_it_was_told(graph):
    few, all_ = (Trainer(graph, PLAIN.but(epochs=3, checked=n)).run().best for n in (5, 5000))
    assert few.mrr != all_.mrr


# -- what goes wrong ------------------------------------------------------------------------------


def test_a_loss_that_is_no_number_ends_training_with_its_place(graph):
    with pytest.raises(
        TrainingError, match=r"loss is (nan|inf) at epoch 1, step \d+ of \d+.*rate=1e\+30"
    ):
        Trainer(graph, PLAIN.but(rate=1e30)).run()


def test_tables_that_the_last_step_breaks_are_not_handed_out():
    """One epoch of one step: no later step has a loss to tell by."""
    graph = split([("a", "likes", "b"), ("b", "likes", "c")])
    with pytest.raises(TrainingError, match="not finite after epoch 1"):
        Trainer(graph, PLAIN.but(n3=1e300, epochs=1)).run()


@pytest.mark.parametrize(
    "more",
    [{"model": "transh"}, {"model": "transe", "norm": "l1"}, {"model": "rotate", "norm": "l2"}],
)
def test_a_model_that_does_not_rank_relations_has_no_loss_of_links(graph, more):
    with pytest.raises(ConfigError, match="rank relations"):
        Trainer(graph, PLAIN.but(links=0.1, **more)).run()


# -- checkpoints ----------------------------------------------------------------------------------


@pytest.mark.parametrize("epoch", [1, 5, 11])
@pytest.mark.parametrize(
    "road", ["all", "dropout", "own", "tucker", "together, blocks", "still, shared"]
)
def test_a_run_that_was_stopped_and_resumed_ends_as_an_uninterrupted_one(
    graph, tmp_path, road, epoch
):
    recipe = PLAIN.but(**ROADS[road])
    with pytest.raises(Stop):
        Trainer(graph, recipe, store=CheckpointFile(tmp_path), watch=stop_in(epoch)).run()
    kept = CheckpointFile(tmp_path).load(recipe, graph)
    assert kept.epoch == epoch
    assert len(kept.curve) == epoch
    told = []
    resumed = Trainer(graph, recipe, store=CheckpointFile(tmp_path), watch=told.append).run()
    same(resumed, Trainer(graph, recipe).run())
    assert min(tick.epoch for tick in told) == epoch


def test_a_run_that_was_done_is_not_done_again(graph, tmp_path):
    first = Trainer(graph, PLAIN, store=CheckpointFile(tmp_path)).run()
    told = []
    again = Trainer(graph, PLAIN, store=CheckpointFile(tmp_path), watch=told.append).run()
    same(again, first)
    assert again.curve == first.curve
    assert not told


def test_a_run_that_stopped_early_stays_stopped(graph, tmp_path):
    recipe = PLAIN.but(epochs=200, check=1, patience=2, rate=1.0, decay="none")
    first = Trainer(graph, recipe, store=CheckpointFile(tmp_path)).run()
    same(Trainer(graph, recipe, store=CheckpointFile(tmp_path)).run(), first)


def test_a_checkpoint_leaves_nothing_beside_it(graph, tmp_path):
    Trainer(graph, PLAIN.but(epochs=3), store=CheckpointFile(tmp_path / "deep" / "er")).run()
    files = [path.name for path in (tmp_path / "deep" / "er").iterdir()]
    assert files == ["checkpoint.safetensors"]


KILLED = """
import json, sys, torch
torch.set_num_threads(1)
from pathlib import Path
from remanence.kge.checkpoint import CheckpointFile
from remanence.kge.recipe import Recipe
from remanence.kge.training import Trainer
from remanence.kge.triples import hold_out, number
triples, recipe, folder = json.load(sys.stdin)
watch = lambda tick: print(tick.epoch, flush=True)
graph = hold_out(number(triples), 0.1, 0)
Trainer(graph, Recipe(**recipe), store=CheckpointFile(Path(folder)), watch=watch).run()
print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_run_that_was_killed_resumes_and_ends_as_an_uninterrupted_one(
    planted, graph, tmp_path, alone
):
    """Killed twice, wherever it happens to be after the epoch that it was waited for."""
    recipe = PLAIN.but(epochs=60, check=10)
    for last in (2, 20):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=alone,
        ) as process:
            json.dump([planted, recipe.as_json(), str(tmp_path)], process.stdin)
            process.stdin.close()
            while int(process.stdout.readline()) < last:
                pass
            process.kill()
        kept = CheckpointFile(tmp_path).load(recipe, graph)
        assert last <= kept.epoch < 60
    same(Trainer(graph, recipe, store=CheckpointFile(tmp_path)).run(), Trainer(graph, recipe).run())


def test_a_checkpoint_of_another_recipe_is_refused_with_what_differs(graph, tmp_path):
    Trainer(graph, PLAIN.but(epochs=2), store=CheckpointFile(tmp_path)).run()
    with pytest.raises(
        CheckpointError, match=r"another recipe \(epochs=2, not 12, rate=0.3, not 0.1\)"
    ):
        Trainer(graph, PLAIN.but(rate=0.1), store=CheckpointFile(tmp_path)).run()


def test_a_checkpoint_of_another_graph_is_refused(graph, planted, tmp_path):
    Trainer(graph, PLAIN.but(epochs=2), store=CheckpointFile(tmp_path)).run()
    renamed = Split(
        graph.train,
        graph.valid,
        graph.test,
        tuple(f"{e}!" for e in graph.entities),
        graph.relations,
    )
    for other in (hold_out(number(planted), 0.1, 1), renamed):
        with pytest.raises(CheckpointError, match="another graph"):
            Trainer(other, PLAIN.but(epochs=2), store=CheckpointFile(tmp_path)).run()


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", "half"]
)
def test_a_checkpoint_that_is_damaged_is_refused_and_said_how_to_go_on(graph, tmp_path, content):
    store = CheckpointFile(tmp_path)
    if content == "half":
        Trainer(graph, PLAIN.but(epochs=1), store=store).run()
        content = store.path.read_bytes()[:-1000]
    store.path.write_bytes(content)
    with pytest.raises(CheckpointError, match="delete it to start anew"):
        Trainer(graph, PLAIN, store=store).run()


def test_a_folder_that_cannot_be_written_is_an_error(graph, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CheckpointError, match="cannot write"):
        Trainer(graph, PLAIN.but(epochs=1), store=CheckpointFile(tmp_path / "file")).run()


def test_names_of_any_characters_have_a_checkpoint(tmp_path):
    graph = split([("王伟", "喜欢\n", "\ud800 broken"), ("\x00", "喜欢\n", "🙂")])
    first = Trainer(graph, PLAIN.but(epochs=2), store=CheckpointFile(tmp_path)).run()
    same(Trainer(graph, PLAIN.but(epochs=2), store=CheckpointFile(tmp_path)).run(), first)


def test_ids_of_a_graph_are_left_as_they_were(graph):
    before = graph.train.ids.copy()
    Trainer(graph, PLAIN.but(epochs=1)).run()
    np.testing.assert_array_equal(graph.train.ids, before)
