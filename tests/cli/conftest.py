"""How tests of the command line call it: in this process, or as a process of its own."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from remanence.cli import app


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The path of a store of its own, named by the environment;

    the hashing embedder opens quickly.
    """
    path = tmp_path / "memory.db"
    monkeypatch.setenv("REMANENCE_DB", str(path))
    monkeypatch.setenv("REMANENCE_EMBEDDER", "hash:64")
    return path


@pytest.fixture
def run(store):
    """Runs a command and returns its result: exit_code, stdout, stderr."""

    def run(*arguments, input=None):
        result = CliRunner().invoke(app, list(arguments), input=input, catch_exceptions=False)
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def process(store):
    """Starts a command as a process of its own, with pipes for its streams."""

    def process(*arguments, **options):
        environment = {**os.environ, **options.pop("env", {})}
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, "-W", "error", "-m", "remanence", *arguments]
        return subprocess.Popen(command, env=environment, **{**streams, **options})

    return process
