"""The demo really answers its questions, and really forgets."""

import json
from importlib import resources

import pytest

ANSWERS = {
    "Where does Wei work now?": "s3-01",
    "What is Maya allergic to?": "s1-07",
    "How do I restart the boiler when the shower turns cold?": "handover#1",
    "小雨最近迷上了什么？": "s2-05",
    "爸爸的手术改到什么时候了？": "s5-07",
    "Where did Wei go hiking in May?": "s4-02",
}


@pytest.fixture
def demo(run, monkeypatch):
    """Runs the demo as a newcomer does: with no setting of any kind."""
    monkeypatch.delenv("REMANENCE_EMBEDDER")
    monkeypatch.delenv("REMANENCE_DB")
    return lambda *options: run("demo", *options)


def test_every_question_is_answered_within_the_first_three(demo):
    asked = json.loads(demo("--json").stdout)["recall"]
    found = {each["query"]: [item["id"] for item in each["recollections"]] for each in asked}
    assert found.keys() == ANSWERS.keys()
    missed = {query: found[query] for query, id in ANSWERS.items() if id not in found[query][:3]}
    assert missed == {}


def test_the_context_holds_what_changed_in_the_order_in_which_it_changed(demo):
    context = json.loads(demo("--json").stdout)["context"]
    assert context["tokens"] <= context["budget"] == 300
    assert 0 < context["text"].find("August 14") < context["text"].find("August 21")


def test_a_person_sees_evidence_context_and_receipt(demo):
    shown = demo().stdout
    for expected in (
        *ANSWERS,
        "Tidewater Robotics",
        "三角龙",
        "lexical=",
        "of 300 tokens",
        "forgot 1 episode",
    ):
        assert expected in shown
    assert 'hold "7294": 1 before, 0 after' in " ".join(shown.split())


def test_a_named_store_keeps_the_conversation_without_what_was_forgotten(demo, run, tmp_path):
    kept = str(tmp_path / "demo.db")
    for _ in range(2):
        assert demo("--db", kept).exit_code == 0
    lines = run("export", "--db", kept, "--embedder", "static").stdout
    assert len(lines.splitlines()) == 61
    assert "7294" not in lines


def test_the_conversation_is_of_many_sessions_speakers_and_tongues():
    text = (resources.files("remanence.cli.demo") / "conversation.jsonl").read_text(
        encoding="utf-8"
    )
    turns = [json.loads(line) for line in text.splitlines()]
    assert len({turn["session"] for turn in turns}) == 6
    assert {turn["speaker"] for turn in turns} == {"Wei", "Maya", "Lin"}
    assert len({turn["id"] for turn in turns}) == len(turns)
