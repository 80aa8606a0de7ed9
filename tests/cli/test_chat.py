"""chat and models at the command line."""

import json

import pytest

from remanence import build
from remanence.storage import adapters
from remanence.storage.store import find_namespace


@pytest.fixture
def told(run):
    run(
        "remember",
        "I moved to Chengdu in March.",
        "--speaker",
        "Wei",
        "--at",
        "2025-03-20",
        "--id",
        "m1",
    )
    return run


def test_a_question_is_answered_from_memory_without_a_model(told):
    result = told("chat", "Where do I live?", "--speaker", "Wei")
    assert result.exit_code == 0 and "Chengdu" in result.stdout and "[m1]" in result.stdout


def test_why_shows_what_the_reply_was_made_of_and_what_it_cites(told):
    result = told(
        "chat",
        "Where do I live?",
        "--speaker",
        "Wei",
        "--model",
        "scripted:In Chengdu [m1].",
        "--why",
    )
    lines = result.stdout.splitlines()
    assert lines[0] == "In Chengdu [m1]."
    assert any(line.startswith("* ") and " m1 " in line for line in lines[1:])


def test_json_is_one_document_with_the_whole_answer(told):
    result = told(
        "chat",
        "我住在哪里？",
        "--speaker",
        "Wei",
        "--model",
        "scripted:成都。",
        "--json",
        "--without",
        "facts",
    )
    answer = json.loads(result.stdout)
    assert answer["text"] == "成都。" and answer["without"] == {"facts": "成都。"}
    assert answer["used"]["prompt"][0]["role"] == "system"


def test_lines_from_a_pipe_are_turns_of_one_session(told):
    result = told(
        "chat",
        "--session",
        "s",
        "--speaker",
        "Wei",
        input="我买了一条船。\n\nWhere do I live?\n/why\n/quit\nnever said\n",
    )
    assert result.exit_code == 0
    assert result.stdout.startswith("我记住了。\n") and "Chengdu" in result.stdout
    found = json.loads(told("recall", "船 never said", "--session", "s", "--json").stdout)
    texts = [item["text"] for item in found["recollections"]]
    assert "我买了一条船。" in texts and "never said" not in texts


def test_the_model_may_be_named_by_the_environment(told, monkeypatch):
    monkeypatch.setenv("REMANENCE_MODEL", "scripted:Hello.")
    assert told("chat", "Hi").stdout == "Hello.\n"


@pytest.mark.parametrize("spec", ["gpt", "hf:", "http://host"])
def test_a_model_that_cannot_be_is_an_error_and_nothing_is_remembered(told, spec):
    result = told("chat", "A secret plan", "--model", spec)
    assert result.exit_code == 2 and result.stderr.startswith("error: ")
    assert "secret" not in told("recall", "secret plan").stdout


def test_models_says_what_is_usable_and_what_the_rest_needs(run, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    told = json.loads(run("models", "--json").stdout)
    kinds = {kind["spec"]: kind for kind in told["models"]}
    assert kinds["(none)"]["usable"] and not kinds["openai:MODEL"]["usable"]
    assert told["adapters"] is None  # no store was looked at
    assert "openai:MODEL\tno" in run("models").stdout


def test_models_lists_the_adapters_that_a_store_holds_and_which_is_in_use(told, store):
    told("remember", "我住在成都。", "-n", "小雨")
    manifest = {"base": "./my-model", "base_digest": "d1", "facts": {"a": "b"}, "scores": {}}

    def add(namespace, state):
        def job(connection):
            number = find_namespace(connection, namespace)
            return adapters.add(connection, number, state, 0, (), json.dumps(manifest), b"weights")

        return job

    with build.open(str(store)) as memory:
        replaced, live, aside = (
            memory.store.writing(add("default", state))
            for state in (adapters.LIVE, adapters.LIVE, adapters.ASIDE)
        )
        other = memory.store.writing(add("小雨", adapters.LIVE))
    listed = json.loads(told("models", "--db", str(store), "--json").stdout)["adapters"]
    assert [each["adapter"] for each in listed] == [aside, live, other]  # its weights are gone
    assert replaced not in [each["adapter"] for each in listed]
    assert listed[1] == {
        "namespace": "default",
        "adapter": live,
        "in_use": True,
        "base": "./my-model",
        "base_digest": "d1",
        "state": "live",
        "made": "1970-01-01T00:00:00Z",
        "facts": 1,
    }
    shown = told("models", "--db", str(store), "-n", "小雨").stdout
    assert f"小雨\t{other}\tyes\thf:./my-model\tlive\t" in shown and "default\t" not in shown
    nothing = told("models", "--db", str(store), "-n", "typo")
    assert "namespace typo holds no adapters" in nothing.stdout


def test_models_narrowed_without_a_store_is_told_what_is_missing(run):
    result = run("models", "-n", "wei")
    assert result.exit_code == 2 and "--db" in result.stderr
