"""Memory inside a model from a shell:

train on a task, measure what was kept, list the tasks; and what is refused.
"""

import json
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

SMALL = [
    option
    for change in (
        "pairs=1",
        "ways=4",
        "distractors=0",
        "size=16",
        "depth=1",
        "attention=2",
        "heads=1",
        "key=8",
        "value=8",
        "batch=8",
        "steps=12",
        "settle=2",
        "keep=5",
    )
    for option in ("--set", change)
]
TASK = SMALL[:6]


@pytest.fixture
def fails(run):
    """Runs a command that is refused; the complaint."""

    def fails(*arguments):
        result = run(*arguments)
        assert result.exit_code == 2 and result.stderr.startswith("error: "), result.output
        return result.stderr

    return fails


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    from typer.testing import CliRunner

    from remanence.cli import app

    folder = tmp_path_factory.mktemp("neural") / "models"
    command = [
        "neural",
        "train",
        "recall",
        "--memory",
        "dynamic",
        "--memory",
        "none",
        "-o",
        str(folder),
    ]
    done = CliRunner().invoke(app, [*command, *SMALL, "--quick", "--json"])
    assert done.exit_code == 0, done.output
    return folder, command, json.loads(done.stdout)


@pytest.mark.slow
def test_training_reports_every_memory_it_made(trained):
    folder, _, told = trained
    assert (told["task"], told["chance"], told["values"]["pairs"]) == ("recall", 0.25, 1)
    assert [each["memory"] for each in told["models"]] == ["dynamic", "none"]
    for each in told["models"]:
        assert each["model"] == str(folder / each["memory"] / "model.safetensors")
        assert each["steps"] == 12 and each["cpu"] > 0 and each["recipe"]["size"] == 16
        assert list(each["scores"]) == ["next"] and each["scores"]["next"]["asked"] == 32
        kept = {path.name for path in (folder / each["memory"]).iterdir()}
        assert kept == {"model.safetensors", "curves.svg"}
    more, plain = told["models"]
    assert more["parameters"] > plain["parameters"]
    assert more["scores"]["next"]["state"] > plain["scores"]["next"]["state"] == 0


def test_a_model_that_is_kept_is_not_trained_again(trained, run):
    folder, command, told = trained
    before = (folder / "dynamic" / "model.safetensors").stat().st_mtime_ns
    again = run(*command, *SMALL, "--quick", "--json")
    assert (folder / "dynamic" / "model.safetensors").stat().st_mtime_ns == before
    steps = [each["steps"] for each in json.loads(again.stdout)["models"]]
    assert steps == [each["steps"] for each in told["models"]]


def test_what_was_kept_is_measured_beside_chance(trained, run):
    folder, _, _ = trained
    result = run("neural", "evaluate", "recall", "-o", str(folder), *TASK, "--quick")
    assert result.exit_code == 0, result.output
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert [row[0] for row in rows] == ["dynamic", "none", "chance"]
    assert rows[-1][1] == "25.0%" and rows[0][2] == "12" and rows[0][-1].endswith(" B")
    assert "dynamic: level 1 of 1 not passed in 12 steps" in result.stderr


@pytest.mark.slow
def test_a_task_of_texts_is_trained_and_its_texts_are_scored(run, tmp_path):
    small = [
        part
        for part in SMALL
        if "=" in part and part.split("=")[0] not in ("pairs", "ways", "distractors")
    ]
    options = [option for change in small for option in ("--set", change)]
    folder = str(tmp_path / "models")
    done = run(
        "neural",
        "train",
        "translation",
        "--memory",
        "gated",
        "--memory",
        "none",
        "-o",
        folder,
        *options,
        "--quick",
        "--json",
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["values"] == {"suite": "translation", "pairs": 4}
    gated, none = told["models"]
    # A model without a memory passes no level, and would be tested on what it was never trained on.
    assert gated["recipe"]["curriculum"] and not none["recipe"]["curriculum"]
    for each in told["models"]:
        assert set(each["written"]) == {"bleu", "rouge_l", "exact", "count"}
        assert 0 <= each["written"]["bleu"] <= 100 and each["written"]["count"] == 32
    shown = run("neural", "evaluate", "translation", "-o", folder, "--quick").stdout.splitlines()
    rows = [line.split("\t") for line in shown]
    assert [row[0] for row in rows] == ["gated", "none", "chance"]
    assert len({len(row) for row in rows}) == 1
    assert rows[0][2:4] == [f"{gated['written'][kind]:.1f}" for kind in ("bleu", "rouge_l")]


def test_tasks_are_listed_with_what_guessing_gets(run):
    rows = [line.split("\t") for line in run("neural", "tasks").stdout.splitlines()]
    assert ["recall", "3.1%"] in [row[:2] for row in rows]
    listed = json.loads(run("neural", "tasks", "--json").stdout)
    assert [each["task"] for each in listed] == [row[0] for row in rows]
    assert {"pairs": 8, "ways": 32}.items() <= listed[0]["values"].items()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "recal"], "'recal' is no task; one of recall, overwrite"),
        (["train", "recall", "--memory", "lstm"], "memory='lstm' is none of dynamic, gated"),
        (["train", "recall", "--set", "pairs"], "--set 'pairs' is not NAME=VALUE of pairs, ways"),
        (["train", "recall", "--set", "pairs=many"], "'many' is not a int"),
        (["train", "recall", "--set", "pairs=40"], "pairs=40"),
        (["train", "recall", "--set", "size=30"], "size=30 is no multiple of attention=4"),
        (["train", "recall", "--threads", "0"], "--threads 0"),
        (["train", "recall", "--device", "abacus"], "--device 'abacus' cannot be used"),
        (["evaluate", "recall", "-o", "nowhere"], "nowhere holds no model of recall"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(
    fails, tmp_path, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)
    assert said in fails("neural", *arguments)
    assert not list(tmp_path.iterdir())


def test_without_torch_the_extra_is_named(fails, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert 'needs torch, which is not installed; pip install "remanence[neural]"' in fails(
        "neural", "tasks"
    )


def test_a_model_of_another_task_or_recipe_is_refused(trained, fails):
    folder, command, _ = trained
    assert "another recipe (seed=0, not 1)" in fails(*command, *SMALL, "--seed", "1")
    said = fails("neural", "evaluate", "recall", "-o", str(folder))
    assert "another task (pairs=1, not 8" in said
