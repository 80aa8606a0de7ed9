"""mcp: the memory for one client that speaks the Model Context Protocol over this process's stdin and stdout."""

import sys
from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated

import typer

from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Namespace, examples
from remanence.errors import MissingExtra


class Tools(StrEnum):
    """The tools that the server offers."""

    verbs = "verbs"
    reference = "reference"
    both = "both"


def register(app: typer.Typer) -> None:
    """Hang the command of this module on the application."""
    app.command(
        epilog=examples(
            "remanence mcp --db ~/memory.db",
            "remanence mcp -n work --tools both",
        )
    )(mcp)


def mcp(
    namespace: Namespace = "default",
    tools: Annotated[
        Tools,
        typer.Option(
            "--tools",
            metavar="SET",
            help="verbs (remember, recall, ...), reference (the nine tools of the reference memory server), or both.",
        ),
    ] = Tools.verbs,
    db: Db = None,
    embedder: Embedder = None,
) -> None:
    """Serve the memory over MCP on stdin and stdout, until stdin ends or SIGTERM comes."""
    if find_spec("mcp_types") is None:  # an older mcp, which a framework may need, has none
        raise MissingExtra("`remanence mcp` needs mcp 2.3 or newer: pip install 'remanence[mcp]'")
    from remanence.server.mcp.stdio import stdio

    if sys.stdin.isatty():
        terminal.note(
            "speaking MCP on stdin and stdout: this is for a client to start; Ctrl-D ends it"
        )
    with options.opened(db, embedder, make=True) as memory:
        stdio(memory, namespace, tools.value)
