"""import, export."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from remanence import durable
from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, examples
from remanence.cli.terminal import counted
from remanence.errors import ConfigError, InvalidInput


class ImportFormat(StrEnum):
    """What `import` reads."""

    auto = "auto"
    jsonl = "jsonl"
    mem0 = "mem0"
    mcp = "mcp"


class ExportFormat(StrEnum):
    """What `export` writes."""

    jsonl = "jsonl"


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        "import",
        epilog=examples(
            "remanence import backup.jsonl",
            "remanence import mem0.json -n alex",
            "remanence import - --format mcp < memory.jsonl",
        ),
    )(import_)
    app.command(
        epilog=examples(
            "remanence export > backup.jsonl",
            "remanence export -n wei --history --output wei.jsonl",
        )
    )(export)


def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to read; - is stdin.")],
    format: Annotated[
        ImportFormat,
        typer.Option(
            "--format",
            metavar="NAME",
            help="auto, jsonl (of `export`), mem0, mcp (the reference MCP memory server).",
        ),
    ] = ImportFormat.auto,
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace",
            "-n",
            metavar="NAME",
            help="Where everything goes; else where the file says.",
        ),
    ] = None,
    skip_bad: Annotated[
        bool,
        typer.Option(
            "--skip-bad", help="Go on after a line that cannot be remembered, and list it."
        ),
    ] = False,
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Remember the contents of a file, however large; a second time changes nothing."""
    from remanence.integrations import formats

    with (
        _reading(file) as (source, size),
        options.opened(db, embedder, make=True) as memory,
        terminal.progress("importing") as progress,
    ):
        done = formats.load(
            memory,
            source,
            format=format.value,
            namespace=namespace,
            skip_bad=skip_bad,
            progress=lambda read: progress(read, size),
        )
    if json:
        terminal.as_document(asdict(done))
        return
    for bad in done.bad:
        terminal.note(f"skipped {bad.place}: {bad.problem}")
    if done.skipped > len(done.bad):
        terminal.note(f"skipped {done.skipped - len(done.bad):,} more")
    where = f" into {', '.join(done.namespaces[:10])}" if done.namespaces else ""
    terminal.say(
        f"imported {counted(done.turns, 'turn')} ({done.format}){where}: "
        f"{counted(done.new, 'new episode')}, {done.known:,} known already, {done.skipped:,} skipped"
    )


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
def _reading(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file to read, and its size if it has one."""
    if name == "-":
        yield sys.stdin.buffer, None
        return
    with _translated(name, "read"), Path(name).open("rb") as source:
        yield source, os.fstat(source.fileno()).st_size or None


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
