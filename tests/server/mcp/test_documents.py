"""docs/mcp.md says what there is."""

import json
import re
import shlex
from pathlib import Path

import typer.main

from remanence.cli import app
from remanence.server.mcp.offers import offer
from remanence.server.mcp.streaming import PATHS

PAGE = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text(encoding="utf-8")


def rows(heading):
    """The first cells of a section's table."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [row.split("|")[1].strip(" `") for row in section.splitlines() if row.startswith("| `")]


def test_the_tables_name_what_is_offered(memory):
    both = offer(memory, "both")
    eight = list(offer(memory, "verbs").tools)
    assert rows("Tools") == eight
    for name in offer(memory, "reference").tools:
        assert f"`{name}`" in PAGE
    for name, row in zip(
        eight, re.findall(r"^\| `\w+` \|.*\| (\w+) \|$", PAGE, re.MULTILINE), strict=True
    ):
        assert both.tools[name].scope == row
    templates = [t.uri_template for shelf in both.resources for t in shelf.templates()]
    assert set(rows("Resources")) == {*templates, "memory://graph", "memory://knowledge-graph"}
    assert rows("Prompts") == sorted(both.prompts, reverse=True)
    assert rows("A client elsewhere") == list(PATHS)


def test_every_configuration_is_json_that_starts_this_server():
    command = typer.main.get_command(app).commands["mcp"]
    blocks = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        ((_, servers),) = json.loads(block).items()
        for server in servers.values():
            if "args" in server:
                assert (server["command"], server["args"][0]) == ("remanence", "mcp")
                made = command.make_context("mcp", server["args"][1:])
                assert made.params["namespace"] == "wei", shlex.join(server["args"])
            else:
                assert server["url"].endswith("/mcp")
