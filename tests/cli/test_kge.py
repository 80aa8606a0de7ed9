"""Knowledge-graph embeddings from a shell:

train, ask, measure, export, draw; and what is refused.
"""

import json

import numpy as np
import pytest

TRIPLES = [
    *((f"人{n}", "住在", f"城{n % 4}") for n in range(60)),
    *((f"人{n}", "likes", f"dish {n % 4}") for n in range(60) if n % 7),
    *((f"城{n}", "lies_in", "四川") for n in range(4)),
]


def write(path, triples):
    path.write_text("".join("\t".join(t) + "\n" for t in triples), encoding="utf-8")
    return str(path)


@pytest.fixture
def says(run):
    """Runs a command that succeeds; what it prints."""

    def says(*arguments):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    return says


@pytest.fixture
def fails(run):
    """Runs a command that is refused; the complaint."""

    def fails(*arguments):
        result = run(*arguments)
        assert result.exit_code == 2 and result.stderr.startswith("error: ")
        return result.stderr

    return fails


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    from typer.testing import CliRunner

    from remanence.cli import app

    folder = tmp_path_factory.mktemp("kge")
    graph = folder / "graph"
    graph.mkdir()
    test = [t for t in TRIPLES if t[1] == "likes"][::9]
    write(graph / "train.txt", [t for t in TRIPLES if t not in test])
    write(graph / "test.txt", test)
    options = ["--set", "dim=16", "--set", "epochs=12", "--threads", "1", "--json"]
    command = ["kge", "train", str(graph), "--model", "complex", "-o", str(folder / "model")]
    done = CliRunner().invoke(app, [*command, *options])
    assert done.exit_code == 0, done.output
    return folder, json.loads(done.stdout)


def test_training_reports_what_it_made(trained):
    folder, told = trained
    assert told["model"] == str(folder / "model" / "model.safetensors")
    assert told["relations"] == 3 and told["epochs"] <= 12
    assert told["recipe"]["model"] == "complex"
    assert 0 < told["test"]["overall"]["mrr"] <= 1
    assert not (folder / "model" / "checkpoint.safetensors").exists()
    assert "<svg" in (folder / "model" / "curves.svg").read_text(encoding="utf-8")


def test_predictions_are_offered_with_the_facts_near_them(trained, says):
    folder, _ = trained
    found = json.loads(
        says(
            "kge",
            "predict",
            str(folder / "model"),
            "--head",
            "人0",
            "--relation",
            "likes",
            "--json",
        )
    )
    assert len(found) == 10 and all(each["head"] == "人0" for each in found)
    assert found[0]["tail"] == "dish 0"
    assert all(0 <= each["probability"] <= 1 for each in found)
    assert {fact[1] for fact in found[0]["reasons"]} == {"likes"}


def test_heads_are_asked_for_by_their_tail(trained, says):
    folder, _ = trained
    asked = ("--tail", "dish 1", "--relation", "likes", "-k", "10", "--known", "--typed")
    found = json.loads(says("kge", "predict", str(folder / "model"), *asked, "--json"))
    people = {f"人{n}" for n in range(60) if n % 4 == 1}
    assert all(each["tail"] == "dish 1" for each in found)
    assert len([each for each in found if each["head"] in people]) >= 8


def test_similar_and_plausibility(trained, says):
    folder, _ = trained
    near = json.loads(says("kge", "similar", str(folder / "model"), "人1", "-k", "5", "--json"))
    assert len(near) == 5 and near[0]["cosine"] >= near[-1]["cosine"]
    true = json.loads(
        says("kge", "plausibility", str(folder / "model"), "人1", "住在", "城1", "--json")
    )
    false = json.loads(
        says("kge", "plausibility", str(folder / "model"), "人1", "住在", "dish 2", "--json")
    )
    assert false["probability"] < 0.5 < true["probability"]


def test_evaluate_prints_sides_and_categories(trained, says):
    folder, told = trained
    again = json.loads(
        says("kge", "evaluate", str(folder / "model"), str(folder / "graph"), "--json")
    )
    assert again["overall"]["count"] == told["test"]["overall"]["count"]
    assert set(again["side"]) == {"head", "tail"} and "N-1" in again["category"]
    assert "both ways" in says("kge", "evaluate", str(folder / "model"), str(folder / "graph"))


@pytest.mark.parametrize("form", ["tsv", "jsonl", "npz"])
def test_export_writes_every_row(trained, says, tmp_path, form):
    folder, told = trained
    path = tmp_path / f"vectors.{form}"
    says("kge", "export", str(folder / "model"), "--format", form, "-o", str(path))
    if form == "npz":
        with np.load(path) as archive:
            assert archive["vectors"].shape == (told["entities"], 16)
            assert "人0" in archive["names"]
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == told["entities"]
    row = json.loads(lines[0])["vector"] if form == "jsonl" else lines[0].split("\t")[1:]
    assert len(row) == 16


def test_relations_are_exported_with_their_inverses(trained, says, tmp_path):
    folder, told = trained
    path = tmp_path / "relations.tsv"
    says("kge", "export", str(folder / "model"), "--relations", "-o", str(path))
    names = [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    each = 2 if told["recipe"]["reciprocal"] else 1
    assert len(names) == 3 * each and "住在" in names


@pytest.mark.slow
def test_the_curves_are_drawn_again(trained, says, tmp_path):
    folder, _ = trained
    path = tmp_path / "curves.png"
    says("kge", "picture", str(folder / "model"), "-o", str(path))
    assert path.read_bytes().startswith(b"\x89PNG")


def test_models_are_listed_with_their_papers(says):
    said = says("kge", "models")
    assert "transe" in said and "Bordes et al., 2013" in said and "tucker" in said


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("a\tb", "columns"),
        ("a\tb\tc\td", "columns"),
        ("a\t\tc", "blank"),
    ],
)
def test_a_line_that_is_no_triple_is_named(fails, tmp_path, line, complaint):
    path = tmp_path / "bad.txt"
    path.write_text(f"x\ty\tz\n{line}\n", encoding="utf-8")
    said = fails("kge", "train", str(path), "-o", str(tmp_path / "m"))
    assert "line 2" in said and complaint in said


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--model", "transx"], "transx"),
        (["--set", "dimm=3"], "dimm"),
        (["--set", "dim=x"], "not a int"),
        (["--set", "dim=0"], "dim=0"),
        (["--threads", "0"], "--threads 0"),
    ],
)
def test_options_that_cannot_be_are_refused(fails, tmp_path, options, complaint):
    path = write(tmp_path / "good.txt", TRIPLES)
    assert complaint in fails("kge", "train", path, "-o", str(tmp_path / "m"), *options)


def test_an_empty_graph_is_refused(fails, tmp_path):
    path = write(tmp_path / "empty.txt", [])
    assert "no triples" in fails("kge", "train", path, "-o", str(tmp_path / "m"))


def test_unknown_names_are_answered_with_known_ones(trained, fails):
    folder, _ = trained
    said = fails("kge", "predict", str(folder / "model"), "--head", "人0", "--relation", "like")
    assert "'like'" in said and "'likes'" in said
    said = fails("kge", "predict", str(folder / "model"), "--relation", "likes")
    assert "head=" in said and "tail=" in said


def test_what_is_no_model_is_refused(fails, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"nothing of the kind")
    assert "cannot read" in fails("kge", "similar", str(path), "x")


@pytest.mark.slow
def test_a_memorys_own_facts_are_trained_on_and_only_offered(says, fails, store):
    from remanence import build, knowledge

    with build.open(store, embedder="hash:64") as memory:
        for n in range(60):
            memory.learn(f"人{n}", "lives_in", f"城{n % 4}")
            if n % 9:
                memory.learn(f"人{n}", "likes", f"菜{n % 4}")
        before = len(memory.facts())
    options = ("--model", "complex", "--set", "dim=32", "--db", str(store))
    told = json.loads(says("kge", "train", *options, "--json"))
    assert told["model"] is None and told["relations"] == 2
    assert "kept in the store" in says("kge", "train", *options)
    found = json.loads(says("kge", "offers", "--subject", "人9", "--json", "--least", "0"))
    assert not found["withheld"] and {each["state"] for each in found["offers"]} == {"predicted"}
    assert found["offers"][0]["object"] == "菜1"
    with build.open(store, embedder="hash:64") as memory:
        assert len(memory.facts()) == before
        assert knowledge.load(memory, "default").graph.relations
    said = fails("kge", "train")
    assert "--db" in said


def test_a_memory_without_facts_has_nothing_to_train_on(fails, says, store):
    says("remember", "Well, well.")
    assert "no facts" in fails("kge", "train", "--db", str(store))
