"""docs/cli.md says what the application says."""

from pathlib import Path

import pytest
import typer.main

from remanence.cli import app, reference

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
COMMANDS = dict(reference.commands(typer.main.get_command(app), "remanence"))


def test_the_page_is_what_the_application_gives():
    assert PAGE.read_text(encoding="utf-8") == reference.markdown(), (
        "run: python -m remanence.cli.reference > docs/cli.md"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_explained(name):
    page = PAGE.read_text(encoding="utf-8")
    section = page.split(f"## {name}\n")[1].split("\n## ")[0]
    command = COMMANDS[name]
    assert command.help.strip().count("\n") == 0, "one sentence"
    assert command.epilog, "an example"
    for param in command.params:
        if param.name == "help":
            continue
        assert param.help, f"{name} {param.name} has no help"
        assert param.help in section
        for option in param.opts if param.param_type_name == "option" else ():
            assert f"`{option}" in section


# What reads a model's file, or nothing, has no store to name.
STORELESS = (
    {
        f"remanence kge {name}"
        for name in (
            "evaluate",
            "predict",
            "similar",
            "plausibility",
            "export",
            "picture",
            "models",
        )
    }
    | {f"remanence neural {name}" for name in ("train", "evaluate", "tasks", "reader")}
    | {"remanence models", "remanence copy"}
)

# Keys are rows: nothing is embedded for them.
PLAIN = {f"remanence keys {name}" for name in ("create", "list", "revoke", "audit")} | {
    "remanence backup",
    "remanence migrate",
}
SERVING = {"remanence mcp", "remanence hook"}  # their output is that of a protocol


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_speaks_json_and_names_its_store(name):
    options = {option for param in COMMANDS[name].params for option in param.opts}
    wanted = {"--json"} if name in STORELESS else {"--json", "--db", "--embedder"}
    wanted -= {"--embedder"} if name in PLAIN else set()
    assert wanted - ({"--json"} if name in SERVING else set()) <= options
