"""Requests as real clients send them: only what the user said is remembered, of one person."""

import json

import httpx2
import pytest

from remanence.server.proxy import identity

WORDS = "My aunt Greta keeps bees in Bergen."
REMINDER = "<system-reminder>\nCLAUDE.md says: I live in Quito and use tabs.\n</system-reminder>"
HISTORY = f"<chat_history>\nUSER: {WORDS}\nASSISTANT: How many?\n</chat_history>"
CLAUDE_CODE = {
    "system": [{"type": "text", "text": "You are Claude Code, Anthropic's official CLI."}],
    "max_tokens": 100,
}


def ask(here, path, body, key, **headers):
    with httpx2.Client(timeout=20) as client:
        given = {"x-remanence-key": key, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return client.post(here.url + path, json={"model": "words-2", **body}, headers=given)


def users(texts):
    return [{"role": "user", "content": text} for text in texts]


REQUESTS = {
    "Claude Code: a reminder beside the words": (
        "/anthropic/v1/messages",
        {
            **CLAUDE_CODE,
            "messages": users([[{"type": "text", "text": t} for t in (REMINDER, WORDS)]]),
        },
        [WORDS],
    ),
    "Claude Code: a local command": (
        "/anthropic/v1/messages",
        {
            **CLAUDE_CODE,
            "messages": users(
                [
                    "<command-name>/cost</command-name>\n"
                    "<local-command-stdout>I live in Quito</local-command-stdout>"
                ]
            ),
        },
        [],
    ),
    "Claude Code: a title": (
        "/anthropic/v1/messages",
        {
            "messages": users(
                [f"Please write a 5-10 word title for the following conversation:\n{WORDS}"]
            )
        },
        [],
    ),
    "Codex: rules, environment, then the words": (
        "/openai/v1/responses",
        {
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "instructions": "You are Codex.",
            "input": [
                {
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": text}],
                }
                for text in (
                    "# AGENTS.md instructions for /srv\nI live in Quito.",
                    "<environment_context>\n<cwd>/srv</cwd>\n</environment_context>",
                    WORDS,
                )
            ],
        },
        [WORDS],
    ),
    "Gemini CLI over chat completions": (
        "/openai/v1/chat/completions",
        {
            "messages": users(
                ["This is the Gemini CLI. We are setting up the context for our chat.", WORDS]
            )
        },
        [WORDS],
    ),
    "Open WebUI: tags": (
        "/openai/v1/chat/completions",
        {"messages": users([f"### Task:\nGenerate 1-3 broad tags.\n### Chat History:\n{HISTORY}"])},
        [],
    ),
    "Open WebUI: documents": (
        "/openai/v1/chat/completions",
        {
            "messages": users(
                [
                    "### Task:\nRespond to the user query using the provided context.\n<context>\n"
                    "<source id=1>I live in Quito.</source>\n</context>\n\nWho wrote it?"
                ]
            )
        },
        ["Who wrote it?"],
    ),
    "Cline: a task and the editor's state": (
        "/openai/v1/chat/completions",
        {
            "messages": users(
                [f"<task>\n{WORDS}\n</task>\n<environment_details>\n# Tabs\n</environment_details>"]
            )
        },
        [WORDS],
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_only_what_the_user_said_is_remembered_of_a_clients_request(site, name):
    path, body, kept = REQUESTS[name]
    here = site()
    answer = ask(here, path, body, here.key())
    assert answer.status_code == 200
    told = here.settled()
    assert [each.text for each in told if each.speaker == "user"] == kept
    assert not here.memory.facts(namespace="wei", object="Quito")
    if not kept:
        assert answer.headers["x-remanence-memory"].startswith("none; reason=client-")
        assert told == []


def test_the_printed_key_remembers_without_a_word_about_the_user(site):
    here = site()
    key = here.key("*")
    first = ask(here, "/openai/v1/chat/completions", {"messages": users([WORDS])}, key)
    assert first.headers["x-remanence-memory"] == "used=0; namespace=default"
    body = {"model": "echo", "messages": users(["What does Greta keep in Bergen?"])}
    again = ask(here, "/openai/v1/chat/completions", body, key)
    assert "bees" in again.text


def claude_code(account, session, *, old=False):
    if old:
        return f"user_9f8e7d_account_{account}_session_{session}"
    return json.dumps({"device_id": "9f8e7d", "account_uuid": account, "session_id": session})


@pytest.mark.parametrize("old", [True, False])
def test_one_person_in_two_sessions_of_a_client_has_one_memory_and_two_people_have_two(site, old):
    here = site()
    key = here.key("team/*")

    def say(text, account, session):
        user = claude_code(account, session, old=old)
        body = {"messages": users([text]), "metadata": {"user_id": user}, "max_tokens": 9}
        return ask(here, "/anthropic/v1/messages", {**body, "model": "echo"}, key).text

    say(WORDS, "1b7c-4a", "s-1")
    assert "bees" in say("What does Greta keep?", "1b7c-4a", "s-2")
    assert "bees" not in say("What does Greta keep?", "77aa-00", "s-3")
    kept = here.settled("team/1b7c-4a", key=here.key("team/1b7c-4a"))
    assert {each.session for each in kept} == {"s-1", "s-2"}


@pytest.mark.parametrize(
    ("user", "chat"),
    [
        ("x-openwebui-user-id", "x-openwebui-chat-id"),
        ("x-librechat-user-id", "x-librechat-conversation-id"),
    ],
)
def test_a_front_ends_headers_name_the_user_and_the_conversation(site, user, chat):
    here = site()
    key = here.key("team/*")
    for name in ("ada", "bo"):
        ask(here, "/openai/v1/chat/completions", {"messages": users([f"{WORDS} {name}"])}, key,
            **{user: name, chat: f"chat-{name}"})  # fmt: skip
    for name in ("ada", "bo"):
        kept = here.settled(f"team/{name}", key=here.key(f"team/{name}"))
        assert [each.text for each in kept if each.speaker == "user"] == [f"{WORDS} {name}"]
        assert {each.session for each in kept} == {f"chat-{name}"}


def test_a_shared_key_without_a_user_keeps_nothing_and_says_why(site):
    here = site()
    answer = ask(
        here, "/openai/v1/chat/completions", {"messages": users([WORDS])}, here.key("team/*")
    )
    assert answer.headers["x-remanence-memory"] == "none; reason=no-user"


@pytest.mark.parametrize(
    ("user", "person", "session"),
    [
        ("user_9f_account_1b7c_session_s1", "1b7c", "s1"),
        ("user_9f_account__session_s1", "user_9f", "s1"),
        (json.dumps({"device_id": "9f", "account_uuid": "", "session_id": "s1"}), "9f", "s1"),
        ("ada|session|s1", "ada", "s1"),
        ("ada", "ada", None),
        ("{not json", "{not json", None),
        ("[1]", "[1]", None),
        ("session_1", "session_1", None),
    ],
)
def test_a_composite_user_id_is_a_person_and_a_session(user, person, session):
    assert identity.person_of(user) == (person, session)
