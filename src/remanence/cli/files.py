"""The command `export`, and files that are written whole or not at all."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from remanence import durable
from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, examples
from remanence.cli.terminal import counted
from remanence.errors import ConfigError, InvalidInput


class ExportFormat(StrEnum):
    """The formats of `export`."""

    jsonl = "jsonl"


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        epilog=examples(
            "remanence export > backup.jsonl",
            "remanence export -n wei --history --output wei.jsonl",
        )
    )(export)


def export(
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="The file to write; else stdout."),
    ] = None,
    format: Annotated[
        ExportFormat,
        typer.Option("--format", metavar="NAME", help="jsonl: one JSON object a line."),
    ] = ExportFormat.jsonl,
    history: Annotated[bool, typer.Option("--history", help="Older versions, too.")] = False,
    namespace: Annotated[
        list[str] | None,
        typer.Option(
            "--namespace",
            "-n",
            metavar="NAME",
            help="Only this one; may be given several times. Else all.",
        ),
    ] = None,
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Write every episode, verbatim, in order of arrival, in a form that `import` reads back."""
    if json and output is None:
        raise ConfigError(
            "--json reports on the export, which is itself on stdout: give --output FILE"
        )
    from remanence.integrations import jsonl

    count = 0
    with (
        options.opened(db, embedder) as memory,
        writing(output) as sink,
        terminal.progress("exporting") as progress,
    ):
        total = jsonl.total(memory, namespace or (), history=history)
        for line in jsonl.lines(memory, namespace or (), history=history):
            sink.write(f"{line}\n".encode())
            count += 1
            progress(count, total)
    if json:
        terminal.as_document({"episodes": count, "path": output, "format": format.value})
    elif output is not None:
        terminal.say(f"exported {counted(count, 'episode')} to {output}")


@contextmanager
def writing(name: str | None) -> Iterator[BinaryIO]:
    """The file to write, under its name only once it is whole."""
    if name is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with (
        _translated(name, "written"),
        durable.replacing(Path(name)) as beside,
        beside.open("wb") as sink,
    ):
        yield sink


@contextmanager
def _translated(name: str, verb: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"{name}: cannot be {verb} ({error.strerror})") from None
