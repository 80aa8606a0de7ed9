"""The reference of the command line, docs/cli.md, made from the application itself.

python -m remanence.cli.reference > docs/cli.md
"""

from collections.abc import Iterator
from typing import Any

import typer.main

INTRODUCTION = """\
# Command line

`remanence COMMAND --help` says the same as this page, which is made from the application itself.

Every command that reads or writes a store takes `--db PATH` (else `$REMANENCE_DB`, else a file in your data folder). Times are
RFC 3339, like `2025-03-20` or `2025-03-20T09:00:00+08:00`; without an offset they are UTC.

Output for people goes to a terminal as tables. In a pipe, rows are tab-separated lines without a header, and `--json` prints
exactly one JSON document. Progress, notes and errors go to stderr.

| exit code | meaning |
|---|---|
| 0 | done, also when nothing was found |
| 1 | `doctor` found a problem, or a question was answered with no |
| 2 | an error: `error:` and one line on stderr say what happened and what to do |
| 130 | interrupted |
| 141 | the reader of the output went away |
"""


def markdown() -> str:
    """The page."""
    from remanence.cli import app

    root: Any = typer.main.get_command(app)
    return "\n".join([INTRODUCTION, *_sections(root, "remanence")])


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(how it is called, the command), of every command that is not a group."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, child in command.commands.items():
        yield from commands(child, f"{path} {name}")


def _sections(root: Any, path: str) -> Iterator[str]:
    for name, command in commands(root, path):
        yield from _section(name, command)


def _parameters(command: Any, kind: str) -> list[Any]:
    """Return a command's parameters of a kind: "argument" or "option"."""
    return [param for param in command.params if param.param_type_name == kind]


def _section(name: str, command: Any) -> Iterator[str]:
    arguments = _parameters(command, "argument")
    options = [param for param in _parameters(command, "option") if param.name != "help"]
    yield f"## {name}\n"
    yield f"{command.help.strip()}\n"
    usage = " ".join(
        [name, *(_metavar(param) for param in arguments), "[OPTIONS]" if options else ""]
    )
    yield f"```\n{usage.strip()}\n```\n"
    yield "| | |\n|---|---|"
    for param in arguments:
        yield f"| `{_metavar(param)}` | {_cell(param.help)} |"
    for param in options:
        names = "`, `".join(param.opts)
        takes = "" if param.is_flag else f" {_metavar(param)}"
        yield f"| `{names}{takes}` | {_cell(param.help)}{_default(param)} |"
    yield ""
    if command.epilog:
        yield "```sh\n" + command.epilog.replace("\n\n", "\n") + "\n```\n"


def _metavar(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _default(param: Any) -> str:
    value = getattr(param.default, "value", param.default)
    return (
        ""
        if value in (None, False) or param.required or callable(value)
        else f" Default: `{value}`."
    )


if __name__ == "__main__":
    from remanence.cli.terminal import speak_utf8

    speak_utf8()
    print(markdown(), end="")  # noqa: T201
