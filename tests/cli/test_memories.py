"""get, list, edit, and the command without an argument."""

import json

import pytest


@pytest.fixture
def told(run):
    for id, text, speaker in (("m1", "I moved to Lisbon.", "Mira"), ("m2", "我住在成都。", "小伟")):
        run("remember", text, "--id", id, "--speaker", speaker, "--at", f"2026-0{id[1]}-01")
    return run


def test_a_memory_is_shown_word_for_word(told):
    assert told("get", "m2").stdout == "我住在成都。\n"
    assert "小伟" in told("get", "m2").stderr
    assert json.loads(told("get", "m1", "--json").stdout)["speaker"] == "Mira"


def test_memories_are_listed_newest_first_and_filtered(told):
    assert [line.split("\t")[0] for line in told("list").stdout.splitlines()] == ["m2", "m1"]
    assert told("list", "--speaker", "Mira").stdout.count("\n") == 1
    assert told("list", "--until", "2026-01-15").stdout.startswith("m1\t")
    assert "there are more" in told("list", "-k", "1").stderr
    assert [one["id"] for one in json.loads(told("list", "--oldest", "--json").stdout)] == [
        "m1",
        "m2",
    ]


def test_an_edit_is_a_new_version_and_words_need_no_quotes(told):
    assert told("edit", "m1", "I", "moved", "to", "Porto.").stdout == "edited: m1, version 2\n"
    assert told("get", "m1").stdout == "I moved to Porto.\n"
    texts = [one["text"] for one in json.loads(told("get", "m1", "--versions", "--json").stdout)]
    assert texts == ["I moved to Porto.", "I moved to Lisbon."]
    told("edit", "m1", "--speaker", "Tom")
    assert json.loads(told("get", "m1", "--json").stdout)["speaker"] == "Tom"


@pytest.mark.parametrize(
    "words",
    [("get", "no"), ("edit", "no", "text"), ("edit", "m1"), ("list", "--since", "whenever")],
)
def test_what_cannot_be_done_is_said_in_one_line(told, words):
    result = told(*words)
    assert result.exit_code == 2 and result.stderr.startswith("error: ")


def test_the_command_alone_says_what_to_do_first(run, store):
    result = run()
    assert result.exit_code == 0
    assert "remanence demo" in result.stdout and "remanence import PATH" in result.stdout
    assert str(store) in result.stdout and not store.exists()


def test_an_unknown_slash_command_of_a_chat_is_no_memory(run):
    result = run("chat", input="/reset\n/usr/bin is on my PATH\n/quit\n")
    assert "/reset is no command here" in result.stderr
    listed = run("list", "--json").stdout
    assert "reset" not in listed and "/usr/bin" in listed
