"""Documentation executes: every example in README, docs and docstrings is a test."""

import doctest
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).parent

# Pages whose examples train models: run by `make test-slow`.
SLOW_PAGES = {"docs/neural.md"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the examples of slow pages as slow."""
    for item in items:
        if item.path.is_relative_to(ROOT) and str(item.path.relative_to(ROOT)) in SLOW_PAGES:
            item.add_marker(pytest.mark.slow)


def run_console(example: Example) -> str | None:
    """Run the `$ ` lines of a block; every other line must stand in what they print, "..." aside."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    shown = ""
    wanted = []
    for line in example.parsed.splitlines():
        if not line.startswith("$ "):
            wanted.append(line.strip())
            continue
        done = subprocess.run(
            line[2:], shell=True, env=environment, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            return f"{line}\nexited with {done.returncode}:\n{done.stdout}{done.stderr}"
        shown += done.stdout + done.stderr
    flat = " ".join(shown.split())
    for line in wanted:
        for piece in line.split("..."):
            if " ".join(piece.split()) not in flat:
                return f"expected {line!r} in:\n{shown}"
    return None


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Examples write their files here, and read no setting of the user's."""
    before = Path.cwd()
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("examples")
    patch.chdir(folder)
    for name in ("REMANENCE_DB", "REMANENCE_EMBEDDER", "REMANENCE_KEY"):
        patch.delenv(name, raising=False)
    patch.setenv("XDG_DATA_HOME", str(folder))
    yield folder
    patch.undo()
    os.chdir(before)


pytest_collect_file = (
    Sybil(
        parsers=[
            PythonCodeBlockParser(),
            CodeBlockParser(language="console", evaluator=run_console),
            SkipParser(),
        ],
        patterns=["README.md", "README.zh-CN.md", "docs/*.md"],
        fixtures=["empty_folder"],
    )
    + Sybil(
        parsers=[DocTestParser(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)],
        path="src",
        patterns=["*.py"],
    )
).pytest()
