"""Hooks of coding agents over HTTP: the same answers as the command's, within the key's reach."""

import pytest

from remanence import records


def asked(text, session="s1", event="UserPromptSubmit", field="prompt", cwd="/nowhere/bakery"):
    return {"hook_event_name": event, "session_id": session, "cwd": cwd, field: text}


def brought(answer):
    return answer.get("hookSpecificOutput", {}).get("additionalContext", "")


def test_a_prompt_is_remembered_and_another_session_is_given_it(client):
    assert client.json("POST", "/hooks/claude-code", asked("The ovens run on port 9713.")) == {}
    answer = client.json("POST", "/hooks/claude-code", asked("Which port have the ovens?", "s2"))
    assert "9713" in brought(answer)


def test_an_answer_is_remembered(client):
    said = asked(
        "I moved the controller of the ovens to ovens.py.", "s1", "Stop", "last_assistant_message"
    )
    assert client.json("POST", "/hooks/codex", said) == {}
    (space,) = records.namespaces(client.service.memory, "projects/bakery-")
    (record,) = records.page(client.service.memory, space).items
    assert record.episode.speaker == "assistant"


def test_a_key_of_one_namespace_stays_in_it(client):
    mine = client.as_("read", "write", namespaces=("wei",))
    client.service.memory.remember("The ovens run on port 1111.", namespace="default")
    mine.json("POST", "/hooks/codex", asked("The ovens run on port 9713."))
    said = brought(mine.json("POST", "/hooks/codex", asked("Which port have the ovens?", "s2")))
    assert "9713" in said
    assert "1111" not in said
    assert set(records.namespaces(client.service.memory)) == {"default", "wei"}


def test_a_key_of_projects_alone_reads_no_global_memory(client):
    mine = client.as_("read", "write", namespaces=("projects/*",))
    client.service.memory.remember("The ovens run on port 1111.", namespace="default")
    assert mine.json("POST", "/hooks/codex", asked("Which port have the ovens?")) == {}


@pytest.mark.parametrize(
    ("scopes", "spaces", "status"),
    [(("read",), ("*",), 403), (("write",), ("*",), 403), (("read", "write"), ("team/*",), 404)],
)
def test_a_key_without_the_right_is_refused(client, scopes, spaces, status):
    caller = client.as_(*scopes, namespaces=spaces)
    assert caller("POST", "/hooks/codex", asked("The ovens run.")).status == status


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/hooks/emacs", asked("x"), 422),
        ("/hooks/codex", [1], 422),
        ("/hooks/codex", {"hook_event_name": "SessionStart"}, 200),
    ],
)
def test_what_no_client_sends_is_refused(client, path, body, status):
    assert client("POST", path, body).status == status
