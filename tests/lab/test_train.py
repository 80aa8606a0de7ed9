"""Training on tasks:

a memory learns what a model without one cannot, a killed run goes on as if nothing had been, and
what cannot go on says where.
"""

import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from remanence.errors import CheckpointError, ConfigError, InvalidInput, TrainingError
from remanence.lab.curriculum import Curriculum
from remanence.lab.recipe import MEMORIES, StudentRecipe, choose

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from remanence.lab import checkpoint, curves, measure, students  # noqa: E402
from remanence.lab.tasks import Check  # noqa: E402
from remanence.lab.tasks.recall import Recall  # noqa: E402
from remanence.lab.train import NEGLIGIBLE_CHANGE, TrainedStudent, Training, backward, groups, stir  # noqa: E402
from remanence.neural.state import MemoryState  # noqa: E402

EASY = Recall(pairs=2, ways=8, distractors=0)
SMALL = StudentRecipe(
    size=32, depth=1, attention=2, heads=1, key=16, value=16, batch=32, steps=150, warm=5, settle=20
)
BRIEF = SMALL.but(steps=24, settle=0, keep=5, batch=8)
KILLED = """
import os, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from remanence.lab.recipe import StudentRecipe
from remanence.lab.tasks.recall import Recall
from remanence.lab.train import Training

def watch(tick):
    if tick.step == 17:
        os.kill(os.getpid(), signal.SIGKILL)

Training({task!r}, {recipe!r}, folder=Path(sys.argv[1]), watch=watch).run()
"""


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def learnt():
    return Training(EASY, SMALL).run()


def weights(run):
    return {name: each.detach() for name, each in run.model.named_parameters()}


def same(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.slow
def test_a_memory_learns_in_seconds_what_a_model_without_one_guesses(learnt):
    check = EASY.checks()["next"]
    assert learnt.passed and learnt.level == EASY.levels
    assert learnt.stopped == "passed level 2 of 2" and learnt.steps < SMALL.steps
    assert measure.measure(learnt, check).accuracy > 0.9
    without = Training(EASY, SMALL.but(memory="none", steps=60)).run()
    guessed = measure.measure(without, check)
    assert guessed.accuracy < 2.5 * EASY.chance and guessed.state == 0
    assert without.stopped == "level 1 of 2 not passed in 60 steps"


def test_the_curve_has_the_means_between_its_points_and_draws(learnt, tmp_path):
    assert [point.step for point in learnt.curve[:-1]] == list(range(10, learnt.steps, 10))
    assert learnt.curve[-1].step == learnt.steps and learnt.cpu > 0
    assert learnt.curve[-1].loss < learnt.curve[0].loss
    picture = curves.draw(learnt.curve, tmp_path / "curves.svg", "a title")
    assert "level 2" in picture.read_text(encoding="utf-8")
    with pytest.raises(InvalidInput, match="nothing was trained"):
        curves.draw([], tmp_path / "no.svg", "")
    with pytest.raises(InvalidInput, match=r"curves\.xyz"):
        curves.draw(learnt.curve, tmp_path / "curves.xyz", "")


def test_every_step_is_told_and_counts_its_batch_at_the_level_it_was_of():
    told = []
    Training(EASY, BRIEF.but(steps=7), watch=told.append).run()
    assert [tick.step for tick in told] == list(range(1, 8))
    assert {(tick.steps, tick.levels) for tick in told} == {(7, EASY.levels)}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_run_that_was_killed_goes_on_and_ends_as_an_uninterrupted_one(tmp_path):
    code = KILLED.format(task=EASY, recipe=BRIEF)
    child = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True)
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert checkpoint.read(tmp_path / checkpoint.UNDERWAY).about["step"] == 15
    told = []
    resumed = Training(EASY, BRIEF, folder=tmp_path, watch=told.append).run()
    assert told[0].step == 16
    whole = Training(EASY, BRIEF).run()
    assert same(weights(resumed), weights(whole))
    assert [replace(point, cpu=0) for point in resumed.curve] == [
        replace(point, cpu=0) for point in whole.curve
    ]
    assert resumed.curve[-1].cpu >= resumed.curve[2].cpu > 0


def test_a_checkpoint_of_another_training_or_a_damaged_one_is_refused(tmp_path):
    Training(EASY, BRIEF.but(steps=5), folder=tmp_path).run()
    with pytest.raises(CheckpointError, match=r"another recipe \(rate=0\.003, not 0\.01\)"):
        Training(EASY, BRIEF.but(steps=5, rate=0.01), folder=tmp_path).run()
    with pytest.raises(CheckpointError, match=r"another task \(ways=8, not 9\)"):
        Training(replace(EASY, ways=9), BRIEF.but(steps=5), folder=tmp_path).run()
    path = tmp_path / checkpoint.UNDERWAY
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(CheckpointError, match="delete it"):
        Training(EASY, BRIEF.but(steps=5), folder=tmp_path).run()


@pytest.mark.parametrize(
    ("memory", "said"),
    [
        ("dynamic", r": the hidden state of session 0, token 0 is not finite"),
        ("none", r" \(the gradients of transformer.*\): the loss is nan"),
    ],
)
def test_numbers_that_are_not_finite_stop_the_run_and_say_where(memory, said, tmp_path):
    wild = BRIEF.but(memory=memory, rate=1e30, warm=0, keep=1)
    with pytest.raises(TrainingError, match=rf"at step 2, level 1 of 2{said}.*; lower rate=1e\+30"):
        Training(EASY, wild, folder=tmp_path).run()
    assert checkpoint.read(tmp_path / checkpoint.UNDERWAY).about["step"] == 1


def test_a_level_is_passed_by_the_mean_of_its_own_window_alone():
    place = Curriculum(levels=2, threshold=0.9, window=2)
    for step, accuracy in enumerate([1.0, 0.7, 1.0], 1):
        place = place.after(step, accuracy)
        assert place.level == 1
    place = place.after(4, 0.8)
    assert (place.level, place.recent, place.passed) == (2, (), None)
    place = place.after(5, 1.0)
    assert place.passed is None
    place = place.after(6, 0.8).after(7, 1.0)
    assert (place.level, place.passed) == (2, 6)
    assert Curriculum(2, 0.9, 2).at(place.as_json()) == place


def test_without_a_curriculum_the_first_batch_is_of_the_last_level():
    told = []
    Training(EASY, BRIEF.but(steps=1, curriculum=False), watch=told.append).run()
    assert told[0].level == EASY.levels


@pytest.mark.parametrize("memory", MEMORIES)
def test_every_parameter_learns_once_and_gates_faster_and_without_decay(memory):
    model = students.build(EASY, SMALL.but(memory=memory))
    found = groups(model, SMALL)
    assert len({id(p) for group in found for p in group["params"]}) == len(list(model.parameters()))
    rates = {id(p): (g["lr"], g["weight_decay"]) for g in found for p in g["params"]}
    fast = (SMALL.rate * SMALL.gates, 0.0)
    for name, each in model.named_parameters():
        gate = "memory" in name and ("gate" in name or "decay" in name)
        plain = (SMALL.rate, SMALL.decay if each.dim() > 1 else 0.0)
        assert rates[id(each)] == (fast if gate else plain), name
    assert (fast in rates.values()) == (memory not in ("none", "full"))


def test_backpropagation_is_cut_from_the_end_and_a_reach_as_long_as_the_episode_cuts_nothing():
    task = Recall(pairs=3, ways=8, segments=3, distractors=0)
    model, way = students.build(task, SMALL), students.way("dynamic")
    with torch.no_grad():  # a fresh fuse adds nothing, and nothing would flow through it
        model.transformer.h[0].memory.fuse.out.weight.normal_(0, 0.1)
    episode = task.episode(np.random.default_rng(0), 4, task.levels)
    found = {}
    for reach in (1, 3, len(episode), None):
        model.zero_grad()
        loss, accuracy = backward(model, way, episode, reach)
        tell = model.transformer.h[0].memory.cells.tell.weight.grad
        found[reach] = (loss, accuracy, torch.zeros(1) if tell is None else tell.clone())
    for loss, accuracy, _ in found.values():
        assert loss == pytest.approx(found[None][0], rel=1e-5) and accuracy == found[None][1]
    assert torch.allclose(found[len(episode)][2], found[None][2])
    assert found[None][2].norm() > found[1][2].norm()
    assert not torch.allclose(found[3][2], found[None][2])


def test_a_stir_is_the_logarithm_of_the_share_of_a_state_that_changed():
    random = torch.Generator().manual_seed(0)
    old = torch.randn(3, 2, 4, 5, generator=random)
    change = torch.randn(3, 2, 4, 5, generator=random)
    tail = {"tail": torch.full((3, 1), 9.0), "rows": torch.tensor([[7], [8], [9]])}
    before = MemoryState({"0": {"matrix": old, "tail": torch.zeros(3, 1), "rows": tail["rows"]}})
    after = MemoryState({"0": {"matrix": old + change, **tail}})
    logs = [
        (change[b, h].norm() / (old + change)[b, h].norm()).log()
        for b in range(3)
        for h in range(2)
    ]
    assert float(stir(before, after)) == pytest.approx(float(torch.stack(logs).mean()), abs=1e-4)
    assert float(stir(after, after)) == pytest.approx(np.log(NEGLIGIBLE_CHANGE))
    assert float(stir(None, after)) == pytest.approx(0, abs=1e-4)  # all of it is new
    vector = MemoryState({"0": {"hidden": torch.tensor([[3.0, 4.0]])}})
    moved = MemoryState({"0": {"hidden": torch.tensor([[3.0, 4.5]])}})
    assert float(stir(vector, moved)) == pytest.approx(np.log(0.5 / np.hypot(3, 4.5)), abs=1e-4)


def test_the_penalty_for_stirring_adds_its_own_gradient_and_leaves_the_loss_as_it_was():
    task = Recall(pairs=3, ways=8, segments=2, distractors=0)
    model, way = students.build(task, SMALL), students.way("dynamic")
    episode = task.episode(np.random.default_rng(0), 4, task.levels)
    found = {}
    for quiet in (0.0, 0.5):
        model.zero_grad()
        loss = backward(model, way, episode, None, quiet)
        found[quiet] = (
            loss,
            {
                name: torch.zeros_like(each) if each.grad is None else each.grad.clone()
                for name, each in model.named_parameters()
            },
        )
    model.zero_grad()
    state, stirs = None, []
    for each in episode:
        _, after = way(model, [each], state)
        stirs.append(stir(state, after))
        state = after
    torch.stack(stirs).mean().backward()
    assert found[0.0][0] == pytest.approx(found[0.5][0])
    for name, each in model.named_parameters():
        alone = torch.zeros_like(each) if each.grad is None else each.grad
        want = found[0.0][1][name] + 0.5 * alone
        torch.testing.assert_close(found[0.5][1][name], want, rtol=1e-4, atol=1e-6)
    assert model.transformer.h[0].memory.cells.gates.get_parameter("1.bias").grad.norm() > 0


@pytest.mark.slow
def test_a_memory_that_was_taught_to_be_quiet_still_knows_after_512_segments_of_filler():
    task = replace(EASY, distractors=2)
    taught = Training(task, SMALL.but(steps=250, settle=60, quiet=0.03)).run()
    assert taught.passed
    score = measure.measure(taught, measure.fewer(task.checks()["+512"], 32, 1))
    assert score.segments == 514 and score.accuracy > 0.95
    assert score.state == measure.measure(taught, measure.fewer(task.checks()["next"], 4, 1)).state


def test_a_file_from_before_there_was_a_value_that_is_off_is_still_of_the_same_recipe(tmp_path):
    path = tmp_path / "old.safetensors"
    old = {name: value for name, value in SMALL.as_json().items() if name != "quiet"}
    checkpoint.write(path, {"recipe": old}, {"parameter/x": torch.zeros(1)})
    assert checkpoint.read(path, {"recipe": SMALL.as_json()}).about["recipe"] == old
    with pytest.raises(CheckpointError, match=r"quiet=None, not 0\.1"):
        checkpoint.read(path, {"recipe": SMALL.but(quiet=0.1).as_json()})


def test_a_kept_model_answers_as_before_and_is_refused_for_another_task(learnt, tmp_path):
    measure.save(learnt, tmp_path)
    again = measure.load(tmp_path, EASY, SMALL)
    assert same(weights(again), weights(learnt))
    assert (again.curve, again.steps, again.passed) == (learnt.curve, learnt.steps, True)
    check = measure.fewer(EASY.checks()["+8"], 16, 2)
    one, two = measure.measure(learnt, check), measure.measure(again, check)
    assert (one.accuracy, one.loss) == (two.accuracy, two.loss)
    assert one.asked == 2 * 16 * EASY.pairs and one.segments == 10
    assert measure.load(tmp_path / "none", EASY) is None
    with pytest.raises(CheckpointError, match="another task"):
        measure.load(tmp_path, replace(EASY, pairs=1))


def test_full_attention_sees_the_whole_episode_and_is_not_measured_beyond_its_positions():
    run = Training(EASY, BRIEF.but(memory="full", steps=2)).run()
    assert measure.measure(run, EASY.checks()["next"]).state == 0
    assert measure.measure(run, EASY.checks()["+64"]) is None


def test_a_state_that_grows_is_no_constant_memory_and_is_said():
    class Growing(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, input_ids, memory_state, **_):
            held = 0 if memory_state is None else memory_state.layers["0"]["rows"].shape[1]
            state = MemoryState({"0": {"rows": torch.zeros(len(input_ids), held + 1)}})
            logits = torch.zeros(*input_ids.shape, EASY.vocabulary)
            return type("Out", (), {"logits": logits, "memory_state": state})

    run = TrainedStudent(Growing(), EASY, SMALL)
    with pytest.raises(TrainingError, match="from 4 to 8 bytes at segment 2"):
        measure.measure(run, Check(EASY.stream, 3, 1))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"memory": "lstm"}, "lstm"),
        ({"steps": 0}, "steps=0 is below 1"),
        ({"rate": -1.0}, "rate=-1.0 is below 0"),
        ({"rate": float("nan")}, "rate=nan"),
        ({"steps": 1.5}, "steps=1.5 is no int"),
        ({"curriculum": 1}, "curriculum=1 is no bool"),
        ({"size": 31}, "attention=2"),
        ({"layer": 1}, "layer=1"),
        ({"threshold": 1.5}, "threshold=1.5"),
        ({"tempo": 2}, "tempo"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_with_the_value(changed, said):
    with pytest.raises(ConfigError, match=said):
        SMALL.but(**changed)


def test_full_attention_gets_more_steps_and_every_suited_recipe_can_be_made():
    assert choose("recall", "full").steps > choose("recall", "dynamic").steps
    assert choose("overwrite", "additive").key == 64
    assert choose("recall", "dynamic").quiet > 0 == choose("recall", "knn").quiet
