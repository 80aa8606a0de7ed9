"""doctor, namespaces, stats, eval."""

import json

import apsw
import pytest


@pytest.fixture
def filled(run):
    """A store with two namespaces."""
    run(
        "remember",
        "tea in Hangzhou",
        "--id",
        "m1",
        "--speaker",
        "Wei",
        "--session",
        "s1",
        "--at",
        "2025-03-20",
    )
    run(
        "remember",
        "成都的茶馆",
        "--id",
        "m2",
        "--speaker",
        "Lin",
        "--session",
        "s1",
        "--at",
        "2025-04-01",
    )
    run(
        "remember",
        "成都的老茶馆",
        "--id",
        "m2",
        "--speaker",
        "Lin",
        "--session",
        "s1",
        "--at",
        "2025-04-02",
    )
    run("remember", "coffee", "--id", "m1", "-n", "maya")
    return run


def test_namespaces_come_by_first_use(filled):
    assert filled("namespaces").stdout == "default\t2\nmaya\t1\n"
    assert json.loads(filled("namespaces", "--json").stdout) == {"default": 2, "maya": 1}


def test_stats_count_what_is_current_and_what_was(filled, store):
    document = json.loads(filled("stats", "--json").stdout)
    assert document["path"] == str(store)
    assert document["bytes"] >= store.stat().st_size
    assert document["namespaces"][0] == {
        "namespace": "default",
        "episodes": 2,
        "versions": 3,
        "sessions": 1,
        "speakers": 2,
        "characters": len("tea in Hangzhou成都的老茶馆"),
        "first": "2025-03-20T00:00:00Z",
        "last": "2025-04-02T00:00:00Z",
    }
    assert filled("stats", "-n", "maya").stdout.split("\t")[:2] == ["maya", "1"]


def test_a_namespace_of_which_everything_is_forgotten_is_gone(filled):
    filled("forget", "--everything", "-n", "maya", "--yes")
    assert filled("namespaces").stdout == "default\t2\n"


def test_a_sound_store_is_called_sound(filled):
    result = filled("doctor")
    assert result.exit_code == 0
    assert result.stdout.startswith("sound: 3 episodes")


def test_a_lost_projection_is_a_problem_until_it_is_made_anew(filled, store):
    connection = apsw.Connection(str(store))
    connection.execute("DELETE FROM projection WHERE id = 1")
    connection.close()
    result = filled("doctor")
    assert result.exit_code == 1
    assert result.stdout.startswith("problem: ")
    assert filled("doctor", "--rebuild").exit_code == 0
    assert filled("recall", "Hangzhou").stdout.split("\t")[1] == "m1"


def test_another_embedder_takes_over(filled, monkeypatch):
    assert filled("doctor", "--reembed", "--embedder", "hash:32").exit_code == 0
    monkeypatch.delenv("REMANENCE_EMBEDDER")
    assert filled("recall", "Hangzhou").stdout.split("\t")[1] == "m1"


def test_recall_is_measured(run, tmp_path):
    memories = [
        {"namespace": "a", "id": f"m{n}", "text": text}
        for n, text in enumerate(("green tea", "a bicycle"))
    ]
    questions = [{"namespace": "a", "question": "Which tea?", "gold": ["m0"]}]
    for name, rows in (("memories", memories), ("questions", questions)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    report = json.loads(run("eval", "retrieval", str(tmp_path), "--json").stdout)
    assert report["groups"]["all"]["means"]["R@1"] == 1.0
    assert "R@1" in run("eval", "retrieval", str(tmp_path)).stdout


def test_a_folder_without_evaluation_sets_is_an_error(run, tmp_path):
    result = run("eval", "retrieval", str(tmp_path / "nothing"))
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
