"""migrate and copy: a store in PostgreSQL from the command line, and back into a file."""

import json

import pytest

pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")


@pytest.mark.slow
def test_a_store_is_made_filled_copied_and_asked(run, postgres_server, tmp_path, monkeypatch):
    address = f"{postgres_server.address}&schema=commands"
    monkeypatch.setenv("REMANENCE_DB", address)
    refused = run("remember", "Wei moved to Hangzhou.")
    assert refused.exit_code == 2
    assert "remanence migrate" in refused.stderr
    assert run("migrate").stdout.startswith("made: schema ")
    assert json.loads(run("migrate", "--json").stdout)["before"] > 0
    assert run("remember", "Wei moved to Hangzhou.", "--id", "w").exit_code == 0
    assert run("doctor").stdout.startswith("sound: 1 episode")
    assert run("stats").exit_code == 0
    target = str(tmp_path / "copy.db")
    assert json.loads(run("copy", address, target, "--json").stdout)["rows"]["episode"] == 1
    assert run("recall", "Hangzhou", "--db", target).stdout.split("\t")[1] == "w"
    assert run("forget", "--id", "w", "--yes").exit_code == 0
    assert "found" in run("recall", "Hangzhou").output


def test_a_password_is_not_shown(run, postgres_server, monkeypatch):
    secret = postgres_server.address.replace("remanence@", "remanence:hunter2@")
    monkeypatch.setenv("REMANENCE_DB", f"{secret}&schema=commands2")
    for command in (["migrate"], ["stats"], ["doctor"], ["copy", secret, "/nowhere/x.db"]):
        assert "hunter2" not in run(*command).output


def test_a_file_is_not_migrated(run):
    result = run("migrate")
    assert result.exit_code == 2
    assert "is a file" in result.stderr
