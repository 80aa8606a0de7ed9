"""get, list, edit: single memories by their ids."""

from typing import Annotated

import typer

from remanence import instants
from remanence.cli import options, terminal
from remanence.cli.options import (
    Db,
    Embedder,
    Json,
    Namespace,
    Session,
    Since,
    Speaker,
    Until,
    examples,
)
from remanence.errors import InvalidInput
from remanence.text import times
from remanence.types import Episode, as_json

WIDTH = 80  # characters of a text that a list shows

Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `list` and `recall` show it.")]


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(epilog=examples("remanence get m1", "remanence get m1 --versions --json"))(get)
    app.command(
        "list",
        epilog=examples("remanence list", "remanence list --speaker Wei --since 'last week'"),
    )(list_)
    app.command(
        epilog=examples(
            'remanence edit m1 "I moved to Chengdu in May."', "remanence edit m1 --speaker Wei"
        )
    )(edit)


def get(
    id: Id,
    versions: Annotated[
        bool, typer.Option("--versions", help="Show every version, the newest first.")
    ] = False,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Show one memory, word for word."""
    with options.opened(db, embedder) as memory:
        found = memory.get(id, namespace=namespace)
        every = memory.versions(id, namespace=namespace) if versions else []
    if found is None and not every:
        raise InvalidInput(
            f"there is no memory {id!r:.80} in {namespace!r:.80}; see `remanence list`"
        )
    if json:
        terminal.as_document(as_json(every if versions else found))
        return
    if versions:
        rows = [
            (
                str(each.version),
                each.recorded_at[:16],
                "(redacted)" if each.text is None else each.text,
            )
            for each in every
        ]
        terminal.table(("version", "recorded", "text"), rows)
    elif found is not None:
        terminal.say(found.text)
        terminal.note(_origin(found))


def list_(
    most: Annotated[
        int, typer.Option("--limit", "-k", metavar="N", help="At most this many memories.")
    ] = 20,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest first.")] = False,
    speaker: Speaker = None,
    session: Session = None,
    since: Since = None,
    until: Until = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """List memories, the newest first, in order of arrival."""
    with options.opened(db, embedder) as memory:
        page = memory.page(
            namespace=namespace,
            most=most,
            oldest_first=oldest,
            speaker=speaker,
            session=session,
            since=_instant(since),
            until=_instant(until),
        )
        absent = None if page.episodes else options.nothing(memory, namespace)
    if json:
        terminal.as_document(as_json(list(page.episodes)))
        return
    if absent:
        terminal.note(absent)
        return
    rows = [
        (each.id, each.at[:16].replace("T", " "), each.speaker or terminal.NONE, _short(each.text))
        for each in page.episodes
    ]
    terminal.table(("id", "at", "speaker", "text"), rows)
    if page.more:
        terminal.note("there are more; --limit shows them")


def edit(
    id: Id,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT...]", help="What it says from now on.")
    ] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="Who said it.")
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="NAME", help="Its conversation.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it was said.")
    ] = None,
    namespace: Namespace = "default",
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Change a memory; what it said before stays as an older version."""
    if not text and speaker is None and session is None and at is None:
        raise InvalidInput("nothing to change: give a text, --speaker, --session or --at")
    with options.opened(db, embedder) as memory:
        written = memory.edit(
            id,
            " ".join(text) if text else None,
            speaker=speaker,
            session=session,
            at=_instant(at),
            namespace=namespace,
        )
    if json:
        terminal.as_document(as_json(written))
    else:
        terminal.say(f"edited: {written.id}, version {written.version}")


def _instant(said: str | None) -> str | None:
    """Return a time as it is typed ("last week") as RFC 3339."""
    return None if said is None else instants.render(times.beginning(said))


def _short(text: str) -> str:
    line = " ".join(text[: 4 * WIDTH].split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _origin(episode: Episode) -> str:
    known = (episode.speaker, episode.session and f"session {episode.session}", episode.at)
    return f"({', '.join(filter(None, known))}; version {episode.version})"
