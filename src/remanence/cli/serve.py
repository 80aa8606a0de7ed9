"""serve, keys: memory as a service, and who may call it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from remanence import config
from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, examples
from remanence.errors import MissingExtra

if TYPE_CHECKING:
    from remanence.server.keys import Info, Keys
    from remanence.server.run import Started

keys = typer.Typer(no_args_is_help=True)

Host = Annotated[
    str | None, typer.Option("--host", metavar="NAME", help="Where to listen; else 127.0.0.1.")
]
Port = Annotated[
    int | None, typer.Option("--port", metavar="N", help="Else 8765; 0 is any free one.")
]


def register(app: typer.Typer) -> None:
    """Hang the commands of this module on the application."""
    app.command(
        epilog=examples(
            "remanence serve",
            "REMANENCE_OPENAI_URL=http://localhost:11434/v1 remanence serve --port 8000",
        )
    )(serve)
    app.add_typer(keys, name="keys", help="Who may call the service: API keys, and the audit.")
    keys.command(
        epilog=examples(
            "remanence keys create --scope read --scope write --namespace wei",
            "remanence keys create --scope proxy -n 'team/*' --expires 2027-01-01 --label laptop",
        )
    )(create)
    keys.command("list", epilog=examples("remanence keys list --json"))(list_)
    keys.command(epilog=examples("remanence keys revoke k3v9x0a1b2c4"))(revoke)
    keys.command(epilog=examples("remanence keys audit --verify"))(audit)


def serve(
    host: Host = None,
    port: Port = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Processes over the one file; else 1."),
    ] = None,
    db: Db = None,
    embedder: Embedder = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the page in a browser, signed in.")
    ] = False,
    json: Json = False,
) -> None:
    """Serve memory over HTTP: a page, REST, the proxies and MCP. Prints the address, a link, a key."""
    _need_extra()
    import sys
    import webbrowser

    from remanence.server import run, settings

    def announce(started: run.Started) -> None:
        (_as_document if json else _for_people)(started)
        sys.stdout.flush()
        if open_page and started.link is not None:
            webbrowser.open(started.link)

    chosen = settings.load(host=host, port=port, workers=workers)
    # A link signs in whoever reads it: it is for the terminal, not for a log.
    sign_in = open_page or sys.stdout.isatty()
    run.serve(chosen, config.database_path(db), embedder, announce, sign_in=sign_in)


def _as_document(started: "Started") -> None:
    import json

    told = {"url": started.url, "db": started.path, "key": started.key}
    terminal.say(json.dumps(told, ensure_ascii=False))


def _for_people(started: "Started") -> None:
    terminal.say(f"remanence at {started.url} over {started.path}")
    if started.key is not None:
        terminal.say(f"key: {started.key}")
        terminal.say(
            "keep it: it may do everything, and is not shown again (`remanence keys` makes others)"
        )
    if started.link is not None:
        terminal.say(f"page, signed in: {started.link}")


def create(
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="NAME",
            help="read, write, delete, admin or proxy; may be given several times. Else read and write.",
        ),
    ] = None,
    namespace: Annotated[
        list[str] | None,
        typer.Option(
            "--namespace",
            "-n",
            metavar="NAME",
            help="What it reaches; NAME* is all that begin so. May be given several times. Else all.",
        ),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="TEXT", help="What to call it in the list.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="When it ends; else never.")
    ] = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Make an API key and print it, once: the store keeps only a hash."""
    with _keys(db, make=True) as held:
        key, info = held.create(
            scope or ("read", "write"), namespace or ("*",), label=label, expires=expires
        )
    if json:
        terminal.as_document({"key": key, **asdict(info)})
        return
    terminal.say(key)
    terminal.note(f"id {info.id}; keep the key: it cannot be shown again")


def list_(db: Db = None, json: Json = False) -> None:
    """List the API keys, the revoked ones too."""
    with _keys(db) as held:
        every = held.every()
    if json:
        terminal.as_document([asdict(info) for info in every])
        return
    header = ("id", "scopes", "namespaces", "label", "created", "expires", "last used", "state")
    terminal.table(header, [_cells(info) for info in every])


def revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` has it.")],
    db: Db = None,
    json: Json = False,
) -> None:
    """End an API key."""
    with _keys(db) as held:
        ended = held.revoke(id)
    if json:
        terminal.as_document({"id": id, "revoked": ended})
    elif ended:
        terminal.say(f"revoked {id}")
    else:
        terminal.note(f"no key {id} that could be revoked; see `remanence keys list`")
    if not ended:
        raise typer.Exit(terminal.UNSOUND)


def audit(
    verify: Annotated[
        bool, typer.Option("--verify", help="Only follow the chain; exit code 1 if it is broken.")
    ] = False,
    db: Db = None,
    json: Json = False,
) -> None:
    """Show what the service was asked to change, and by which key; or verify that nothing of it was altered."""
    from remanence import build, instants
    from remanence.storage import audit as rows

    store = build.database(options.existing(db))
    try:
        with store.read() as snapshot:
            verdict = rows.verify(snapshot)
            noted = [] if verify else list(rows.entries_after(snapshot))
    finally:
        store.close()
    entries = [
        {
            "id": number,
            "at": instants.render(at),
            "key": key,
            "action": action,
            "status": status,
            "namespace": bytes(namespace).hex(),
            "target": bytes(target).hex(),
        }
        for number, at, key, action, status, namespace, target, _ in noted
    ]
    if json:
        terminal.as_document({**asdict(verdict), **({} if verify else {"entries": entries})})
    else:
        terminal.table(
            ("id", "at", "key", "action", "status", "namespace", "target"),
            [tuple(str(value) or terminal.NONE for value in entry.values()) for entry in entries],
        )
        state = verdict.problem or "every row follows from the one before it"
        terminal.note(f"{terminal.counted(verdict.rows, 'row')}, {state}; head {verdict.head}")
    if verdict.problem:
        raise typer.Exit(terminal.UNSOUND)


def _cells(info: "Info") -> tuple[str, ...]:
    none = terminal.NONE
    return (
        info.id,
        ",".join(info.scopes),
        ",".join(info.namespaces) or none,
        info.label or none,
        info.created[:10],
        (info.expires or none)[:10],
        (info.last_used or none)[:16],
        "revoked" if info.revoked else "valid",
    )


@contextmanager
def _keys(db: str | None, *, make: bool = False) -> Iterator["Keys"]:
    """The keys of the store that the options name."""
    from remanence import build
    from remanence.server.keys import Keys

    path = config.database_path(db) if make else options.existing(db)
    store = build.database(path)
    try:
        yield Keys(store)
    finally:
        store.close()


def _need_extra() -> None:
    from importlib.util import find_spec

    missing = [
        name
        for name in ("fastapi", "uvicorn", "prometheus_client", "httpx2")
        if find_spec(name) is None
    ]
    if missing:
        raise MissingExtra(
            f"serving needs {', '.join(missing)}; install with: pip install 'remanence[server]'"
        )
