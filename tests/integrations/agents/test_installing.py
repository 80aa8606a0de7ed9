"""Installing into coding agents: what is written, that twice changes nothing, that it comes out."""

import json

import pytest

from remanence.errors import InvalidInput
from remanence.integrations.agents import installing
from remanence.integrations.agents.clients import CLIENTS

THEIRS = {
    "claude-code": (
        ".claude/settings.json",
        {
            "model": "x",
            "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]},
        },
    ),
    "codex": (
        ".codex/hooks.json",
        {"hooks": {"UserPromptSubmit": [{"hooks": [{"type": "command", "command": "log"}]}]}},
    ),
    "gemini": (".gemini/settings.json", {"theme": "明", "hooks": {"BeforeTool": [{"hooks": []}]}}),
    "cursor": (".cursor/hooks.json", {"version": 1, "hooks": {"stop": [{"command": "bell"}]}}),
    "openclaw": (".openclaw/openclaw.json", {"plugins": {"entries": {"other": {"enabled": True}}}}),
}


def wiring(client, **more):
    return installing.Wiring(client, ("/opt/remanence", "hook", client), **more)


@pytest.mark.parametrize("client", CLIENTS)
def test_installing_twice_changes_nothing_and_removing_leaves_nothing(tmp_path, client):
    first = installing.changes(client, tmp_path, wiring(client))
    assert first
    assert not any(tmp_path.iterdir()), "nothing is written before it was shown"
    installing.apply(first)
    assert installing.changes(client, tmp_path, wiring(client)) == []
    installing.apply(installing.changes(client, tmp_path, None))
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.read_text() for path in left if path.read_text().strip() != "{}"] == []


@pytest.mark.parametrize("client", THEIRS)
def test_what_is_theirs_stays(tmp_path, client):
    name, held = THEIRS[client]
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(held, ensure_ascii=False))
    installing.apply(installing.changes(client, tmp_path, wiring(client)))
    assert json.loads(path.read_text()) != held
    installing.apply(installing.changes(client, tmp_path, None))
    assert json.loads(path.read_text()) == held


def test_an_older_command_of_ours_is_replaced(tmp_path):
    old = installing.Wiring("codex", ("/old/remanence", "hook", "codex"))
    installing.apply(installing.changes("codex", tmp_path, old))
    installing.apply(installing.changes("codex", tmp_path, wiring("codex")))
    text = (tmp_path / ".codex/hooks.json").read_text()
    assert "/old/" not in text
    assert text.count("/opt/remanence hook codex") == 2


def test_claude_code_may_ask_a_service(tmp_path):
    service = wiring("claude-code", url="http://127.0.0.1:8765/")
    installing.apply(installing.changes("claude-code", tmp_path, service))
    held = json.loads((tmp_path / ".claude/settings.json").read_text())
    (entry,) = held["hooks"]["UserPromptSubmit"][0]["hooks"]
    assert entry["url"] == "http://127.0.0.1:8765/hooks/claude-code"
    assert entry["headers"] == {"Authorization": "Bearer $REMANENCE_API_KEY"}
    installing.apply(installing.changes("claude-code", tmp_path, None))
    assert json.loads((tmp_path / ".claude/settings.json").read_text()) == {}


@pytest.mark.parametrize("text", ["{", "[]", "\ufeffx"])
def test_a_file_that_cannot_be_read_is_not_touched(tmp_path, text):
    path = tmp_path / ".gemini/settings.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(InvalidInput, match="nothing was changed"):
        installing.changes("gemini", tmp_path, wiring("gemini"))
    assert path.read_text() == text


def test_what_is_shown_is_a_diff(tmp_path):
    (change,) = installing.changes("codex", tmp_path, wiring("codex"))
    assert '+            "command": "/opt/remanence hook codex"' in change.shown()


@pytest.mark.parametrize("client", ["opencode", "openclaw"])
def test_a_plugin_names_the_command(tmp_path, client):
    installing.apply(installing.changes(client, tmp_path, wiring(client)))
    written = "".join(path.read_text() for path in tmp_path.rglob("*.js"))
    assert f'["/opt/remanence", "hook", "{client}"]' in written
    assert "__COMMAND__" not in written


def test_an_unknown_client_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(InvalidInput, match="claude-code, codex"):
        installing.changes("emacs", tmp_path, None)
