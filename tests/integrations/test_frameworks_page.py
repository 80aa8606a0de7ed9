"""docs/frameworks.md executes: each of its blocks, where its framework is installed."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "frameworks.md"
BLOCKS = re.findall(r"^## (.+?)$.*?```py\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
NEEDS = {
    "LangGraph": "langgraph",
    "LangChain": "langchain_core",
    "OpenAI Agents": "agents",
    "Haystack": "haystack",
}


@pytest.mark.parametrize(("title", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_the_page_executes(title, block, tmp_path, monkeypatch):
    if title in NEEDS and find_spec(NEEDS[title]) is None:
        pytest.skip(f"{NEEDS[title]} is not installed")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, str(PAGE), "exec"), {})  # noqa: S102


def test_every_block_is_of_a_framework_or_needs_none():
    assert {title for title, _ in BLOCKS} >= {"LangGraph", "LangChain"}
