"""migrate, copy: stores in a database server, and between one and a file."""

from typing import TYPE_CHECKING, Annotated

import typer

from remanence import config
from remanence.cli import options, terminal
from remanence.cli.options import Db, Json, examples
from remanence.cli.terminal import counted

if TYPE_CHECKING:
    from remanence.storage.engines import StoreEngine


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(epilog=examples("remanence migrate --db postgresql://me@db.example.com/memories"))(
        migrate
    )
    app.command(
        epilog=examples(
            "remanence copy memory.db postgresql://me@db.example.com/memories",
            "remanence copy postgresql://me@db.example.com/memories memory.db",
        )
    )(copy)


def _opened(address: str, *, readonly: bool = False) -> "StoreEngine":
    from remanence.storage import engines

    key = None if engines.scheme_of(address) else config.setting(config.KEY)
    return engines.open_engine(address, key=key, readonly=readonly)


def migrate(db: Db = None, json: Json = False) -> None:
    """Make the tables of a store in PostgreSQL, or bring them up to date."""
    from remanence.storage import engines

    before, after = engines.migrate(config.database_path(db))
    if json:
        terminal.as_document({"before": before, "after": after})
    elif before == after:
        terminal.say(f"the store is up to date: schema {after}")
    else:
        terminal.say(f"schema {before} became {after}" if before else f"made: schema {after}")


def copy(
    source: Annotated[str, typer.Argument(metavar="SRC", help="The store to copy.")],
    target: Annotated[
        str,
        typer.Argument(metavar="DST", help="A new file, or an empty store that `migrate` made."),
    ],
    json: Json = False,
) -> None:
    """Copy a whole store into an empty one, of whatever engine; $REMANENCE_KEY is the key of a file."""
    from remanence.storage import copying

    before = _opened(options.existing(source), readonly=True)
    try:
        after = _opened(target)
        try:
            with terminal.progress("copying") as progress:
                copied = copying.copy(before, after, progress)
        finally:
            after.close()
    finally:
        before.close()
    if json:
        terminal.as_document({"rows": copied})
    else:
        terminal.say(f"copied {counted(copied['episode'], 'episode')} and all that belongs to them")
