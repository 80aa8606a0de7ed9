"""The command `import`: chats, notes, mail and exports of other programs."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, examples
from remanence.cli.terminal import counted
from remanence.errors import ConfigError

if TYPE_CHECKING:
    from remanence.integrations.exports.messages import Options
    from remanence.integrations.formats import ImportPreview
    from remanence.integrations.incoming import Imported

STDIN = "-"
SHOWN = 10  # turns of a dry run
LISTED = 20  # files left out that are named


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        "import",
        epilog=examples(
            "remanence import ~/Downloads/chatgpt-export.zip --dry-run",
            "remanence import _chat.txt -n family --timezone Europe/Berlin",
            "remanence import notes/ -n notes",
            "remanence import - --format mcp < memory.jsonl",
        ),
    )(import_)


FilePath = Annotated[
    str, typer.Argument(metavar="PATH", help="A file, a folder or a zip archive; - is stdin.")
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Format of the files; else recognised by content (docs/import.md lists them).",
    ),
]
Into = Annotated[
    str | None,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAME",
        help="Namespace for everything; else what the file says, else the default.",
    ),
]
Me = Annotated[
    str,
    typer.Option("--me", metavar="NAME", help="Your name, where an export does not have it."),
]
Timezone = Annotated[
    str,
    typer.Option(
        "--timezone", metavar="ZONE", help="Zone of times without one, e.g. Europe/Berlin."
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        metavar="FIELD=COLUMN",
        help="Column of a CSV file for text, speaker, at, session or id; repeatable.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the first turns and remember nothing.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Skip what cannot be remembered, and list it.")
]


def import_(
    path: FilePath,
    format: Format = "auto",
    namespace: Into = None,
    me: Me = "user",
    timezone: Timezone = "UTC",
    columns: Columns = None,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Import chats, notes, mail or an export; importing twice changes nothing."""
    from remanence.integrations import formats
    from remanence.integrations.exports.messages import Options, zone

    chosen = Options(me=me, timezone=zone(timezone), columns=_pairs(columns or ()))
    formats.checked(format)
    if dry_run:
        if path == STDIN:
            raise ConfigError("--dry-run reads a file, folder or archive, not stdin")
        _show(formats.preview(path, format=format, options=chosen, most=SHOWN), json=json)
        return
    done = _remember(path, format, namespace, chosen, skip_bad, db, embedder)
    if json:
        terminal.as_document(asdict(done))
    else:
        _report(done)


def _remember(
    path: str,
    format: str,
    namespace: str | None,
    chosen: "Options",
    skip_bad: bool,
    db: str | None,
    embedder: str | None,
) -> "Imported":
    from remanence.integrations import formats

    with (
        options.opened(db, embedder, make=True) as memory,
        terminal.progress("importing") as progress,
    ):
        shared: dict[str, Any] = {
            "format": format,
            "namespace": namespace,
            "skip_bad": skip_bad,
            "options": chosen,
        }
        try:
            if path == STDIN:
                return formats.load(
                    memory, sys.stdin.buffer, progress=lambda read: progress(read, None), **shared
                )
            return formats.load_path(
                memory, path, progress=lambda read, total: progress(read, total or None), **shared
            )
        except KeyboardInterrupt as error:
            terminal.note("interrupted", *getattr(error, "__notes__", ()))
            raise


def _pairs(given: Sequence[str]) -> dict[str, str]:
    """Return field -> column of arguments such as `text=Note,at=When`. Raises `ConfigError`."""
    pairs = [pair for item in given for pair in item.split(",")]
    for pair in pairs:
        if "=" not in pair:
            raise ConfigError(f"--columns {pair!r} is not FIELD=COLUMN, such as text=Note")
    return {field.strip(): column.strip() for field, _, column in (p.partition("=") for p in pairs)}


def _show(found: "ImportPreview", *, json: bool) -> None:
    if json:
        terminal.as_document(asdict(found))
        return
    for name, count in found.formats.items():
        terminal.say(f"{name}: {counted(count, 'file')}")
    for item in found.turns:
        turn = item.turn
        head = " ".join(str(part) for part in (turn.at, turn.speaker, turn.session) if part)
        terminal.say(f"  {head}\n    {terminal.excerpt(turn.text, '')}")
    for bad in found.bad:
        terminal.note(f"cannot be remembered: {bad.place}: {bad.problem}")
    _left_out(found.unread)
    terminal.say("dry run: nothing was remembered")


def _report(done: "Imported") -> None:
    for bad in done.bad:
        terminal.note(f"skipped {bad.place}: {bad.problem}")
    if done.skipped > len(done.bad):
        terminal.note(f"skipped {done.skipped - len(done.bad):,} more")
    _left_out(done.unread)
    where = f" into {', '.join(done.namespaces[:10])}" if done.namespaces else ""
    terminal.say(
        f"imported {counted(done.turns, 'turn')} ({done.format}){where}: "
        f"{counted(done.new, 'new episode')}, {done.known:,} known already, "
        f"{done.skipped:,} skipped"
    )


def _left_out(names: Sequence[str]) -> None:
    for name in names[:LISTED]:
        terminal.note(f"left out {name}: its format is not known")
    if len(names) > LISTED:
        terminal.note(f"left out {len(names) - LISTED:,} more files")
