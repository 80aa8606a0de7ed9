"""The command line: verbs, thin. Each command reads its options, calls one verb of the library, and prints what came back.

Start-up is part of the interface: what a command needs is imported inside it, so that `--help` costs nothing.
"""

import errno
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from remanence.cli import (
    agents,
    ask,
    care,
    chat,
    consolidation,
    demo,
    files,
    importing,
    kge,
    knowledge,
    mcp,
    memories,
    neural,
    serve,
    stores,
    terminal,
    verbs,
)
from remanence.cli.options import examples
from remanence.errors import RemanenceError


class Commands(TyperGroup):
    """The commands; turns what is raised on purpose into a line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except RemanenceError as error:
            terminal.complain(error)
            raise typer.Exit(terminal.FAILED) from None
        except KeyboardInterrupt:
            raise typer.Exit(terminal.INTERRUPTED) from None
        except BrokenPipeError:
            terminal.hang_up()
            raise typer.Exit(terminal.HUNG_UP) from None
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EIO):
                raise
            terminal.hang_up()
            terminal.note(f"error: the output cannot be written ({error.strerror})")
            raise typer.Exit(terminal.FAILED) from None
        return result


app = typer.Typer(
    name="remanence",
    cls=Commands,
    help="Long-term memory for large language models: one file, no LLM, no key.",
    epilog=examples(
        "remanence demo",
        'remanence remember "I moved to Chengdu in March." --speaker Wei',
        'remanence recall "Where does Wei live?" --why',
    ),
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
for room in (
    verbs,
    memories,
    ask,
    chat,
    consolidation,
    knowledge,
    kge,
    neural,
    importing,
    files,
    care,
    stores,
    serve,
    mcp,
    agents,
    demo,
):
    room.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from remanence import __version__

        typer.echo(f"remanence {__version__}")
        raise typer.Exit


FIRST_STEPS = """\
Remanence keeps what is said, word for word, in one file, and finds it again.

  remanence demo                         a conversation remembered, recalled and explained
  remanence remember I moved to Lisbon   remember something; quotes are not needed
  remanence recall where do I live       ask for it
  remanence import PATH                  bring your chats: a file, a folder or a zip
  remanence serve                        a page to look at it all, REST, proxies and MCP

All commands: remanence --help. Your memories stand in {path}.
"""


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback prints it
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        from remanence import config

        terminal.say(FIRST_STEPS.format(path=config.database_path(None)).rstrip())


def main() -> None:
    """Run the command line: the entry point of the console script."""
    terminal.speak_utf8()
    app()
