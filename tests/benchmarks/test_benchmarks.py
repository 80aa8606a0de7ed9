"""The benchmarks run, and what they say of safety holds in small as it does in large."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
CASES = FOLDER.parents[1] / "shared" / "data" / "cases" / "service.jsonl"
DATA = FOLDER.parents[1] / "shared" / "data" / "retrieval"


def run(name, *arguments):
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    tables, rest = [], done.stdout.strip()
    while rest:  # one object a table
        table, end = json.JSONDecoder().raw_decode(rest)
        tables.append(table)
        rest = rest[end:].lstrip()
    return tables


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and POSIX files")
def test_kills_and_power_cuts_lose_nothing_and_the_control_shows_that_loss_would_be_seen():
    (table,) = run("crash", "--quick", "--json")
    trials = {row["trial"]: row for row in table["rows"]}
    kills, cuts = trials["kill -9, 4 writers"], trials["power cut"]
    control = trials["control: log never synced"]
    assert min(kills["cuts"], cuts["cuts"]) >= 40
    assert kills["turns"] > 100
    assert (kills["lost or wrong"], kills["damaged"]) == (0, 0)
    assert (cuts["lost or wrong"], cuts["damaged"]) == (0, 0)
    assert control["lost or wrong"] > 0


@pytest.mark.parametrize(
    "name",
    [
        "lexical",
        "rebuild",
        "graph_speed",
        pytest.param("speed", marks=pytest.mark.slow),
        pytest.param("peers", marks=pytest.mark.slow),
        pytest.param("neural_scan", marks=pytest.mark.slow),
    ],
)
def test_a_benchmark_runs(name):
    assert all(table["rows"] for table in run(name, "--quick", "--json"))


@pytest.mark.slow
def test_nothing_is_remembered_of_a_clients_request_that_its_user_did_not_say():
    (table,) = run("clients", "--quick", "--json")
    total = table["rows"][-1]
    assert total["requests"] >= 30
    assert (total["turns no user said"], total["turns missing"], total["facts of the trap"]) == (
        0,
        0,
        0,
    )


@pytest.mark.slow
def test_no_flipped_bit_alters_what_is_read_unnoticed():
    (table,) = run("damage", "--quick", "--json")
    trials = {row["outcome"]: row["trials"] for row in table["rows"]}
    assert sum(trials.values()) == 40 > trials["harmless"]
    assert (trials["altered"], trials["missing"], trials["bare"]) == (0, 0, 0), table["notes"]


@pytest.mark.slow
@pytest.mark.skipif(not CASES.exists(), reason=f"the service cases are not there: {CASES}")
def test_service_cases_hold():
    (table,) = run("service_cases", "--quick", "--json")
    assert table["rows"][-1]["cases"] == table["rows"][-1]["hold"] >= 12, table["notes"]


@pytest.mark.slow
def test_texts_are_scored_with_memory_and_without():
    (table,) = run("neural_suites", "--quick", "--json", "--suite", "story")
    (row,) = table["rows"]
    assert row["suite"] == "story" and row["CPU s memory"] > 0 and row["CPU s without"] > 0


@pytest.mark.slow
def test_a_path_is_measured_without_its_fusion():
    (table,) = run("neural_fusion", "--quick", "--json", "--parts", "all parts", "without fusion")
    assert [row["path"] for row in table["rows"]] == [
        "all parts",
        "without fusion",
        "gain by fusion",
    ]
    assert {"text", "memory", "graph", "both", "memory, 2", "both, 2"} < table["rows"][0].keys()


@pytest.mark.slow
def test_both_memories_are_asked_the_same_as_the_explicit_one_at_every_budget():
    both, same = run("parametric", "--part", "together", "--quick", "--json")
    bare, fuller = both["rows"]
    assert fuller["prompt tokens"] > bare["prompt tokens"] + 40, "evidence is read"
    assert [row["budget, both"] for row in same["rows"]] == [bare["budget"], fuller["budget"]]
    assert all(0 <= row[column] <= 1 for row in both["rows"] for column in ("alone", "both"))


@pytest.mark.slow
def test_what_was_never_told_is_offered_more_often_than_not():
    (table,) = run("knowledge", "--quick", "--json")
    small, *_ = table["rows"]
    assert small["hit@1"] is None, "below a hundred facts nothing is offered"
    assert all(row["hit@3"] > 0.5 for row in table["rows"] if row["facts"] > 100)


@pytest.mark.skipif(not DATA.exists(), reason=f"the evaluation sets are not there: {DATA}")
def test_recall_keeps_its_quality_on_a_small_public_set():
    """MADial-en, 160 dialogues: a floor well under what is reached, to catch what breaks recall."""
    from remanence.evals import retrieval

    overall = retrieval.run(DATA / "madial-en").groups["all"]
    assert overall.means["R@5"] > 0.6
