"""hook, install: memory for coding agents, and their configuration."""

import json as notation
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import typer

from remanence.cli import options, terminal
from remanence.cli.options import Db, Embedder, Json, examples
from remanence.errors import ConfigError, InvalidInput, RemanenceError

SECONDS = 8  # that a hook waits for a service
KEY = "REMANENCE_API_KEY"

Client = Annotated[
    str,
    typer.Argument(
        metavar="CLIENT", help="claude-code, codex, gemini, opencode, cursor or openclaw."
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help=f"A running `remanence serve`, asked with the key in ${KEY}; else the store is opened.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        epilog=examples(
            "remanence install claude-code",
            f"{KEY}=rmn_... remanence install claude-code --url http://127.0.0.1:8765",
            "remanence install gemini --remove",
        )
    )(install)
    app.command(
        epilog=examples(
            """echo '{"hook_event_name": "UserPromptSubmit", "prompt": "hi"}' | """
            "remanence hook claude-code"
        )
    )(hook)


def hook(
    client: Client,
    url: Url = None,
    shared: Annotated[
        str,
        typer.Option(
            "--shared", metavar="NAME", help="Read beside the project's; the global memory."
        ),
    ] = "default",
    budget: Annotated[
        int, typer.Option("--budget", metavar="TOKENS", help="Of what a prompt is answered with.")
    ] = 800,
    db: Db = None,
    embedder: Embedder = None,
) -> None:
    """Answer one call of a coding agent's hook: JSON on stdin, JSON on stdout; faults are told in it."""
    try:
        payload = notation.loads(sys.stdin.buffer.read() or b"{}")
        answer = (
            _ask(url, client, payload)
            if url
            else _answer(client, payload, shared, budget, db, embedder)
        )
    except (RemanenceError, ValueError, OSError) as error:
        answer = {"systemMessage": f"remanence: {error!s:.300}"}
    terminal.say(notation.dumps(answer, ensure_ascii=False))


def _answer(
    client: str, payload: Any, shared: str, budget: int, db: str | None, embedder: str | None
) -> dict[str, Any]:
    from remanence.integrations.agents import clients, hooks

    event = clients.read(client, payload)
    if not event.kind:
        return {}
    with options.opened(db, embedder, make=True) as memory:
        return hooks.answer(
            memory, client, event, hooks.spaces(event, shared=shared), budget=budget
        )


def _ask(url: str, client: str, payload: Any) -> dict[str, Any]:
    """Return what a running service answers. Raises `ConfigError`."""
    if not url.startswith(("http://", "https://")):
        raise InvalidInput(f"--url {url!r:.80} is no http address")
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get(KEY):
        headers["Authorization"] = f"Bearer {key}"
    request = Request(  # noqa: S310 - the scheme is checked above
        f"{url.rstrip('/')}/hooks/{client}", notation.dumps(payload).encode(), headers
    )
    try:
        with urlopen(request, timeout=SECONDS) as answered:  # noqa: S310
            found: dict[str, Any] = notation.loads(answered.read())
            return found
    except URLError as error:
        raise ConfigError(f"{url} did not answer ({error.reason}); is it running?") from None


def install(
    client: Client,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take out what was put in, and nothing else.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = None,
    db: Db = None,
    embedder: Embedder = None,
    json: Json = False,
) -> None:
    """Have a coding agent remember: show what changes in its configuration, ask, and write it."""
    from remanence.integrations.agents import installing

    command = _command(client, url, db, embedder)
    wiring = None if remove else installing.Wiring(client, command, url)
    found = installing.changes(client, Path.home(), wiring)
    if json:
        changed = [{"path": str(each.path), "after": each.after} for each in found]
        terminal.as_document({"client": client, "changes": changed, "written": yes})
        if yes:
            installing.apply(found)
        return
    if not found:
        terminal.note(f"{client}: nothing to change")
        return
    for change in found:
        terminal.say(change.shown())
    if not yes:
        if not sys.stdin.isatty():
            raise InvalidInput("nothing was written: give --yes where nobody can be asked")
        if not typer.confirm("Write this?", err=True):
            raise typer.Abort
    installing.apply(found)
    terminal.note(f"{client}: {'removed' if remove else 'installed'}")


def _command(client: str, url: str | None, db: str | None, embedder: str | None) -> tuple[str, ...]:
    program = shutil.which("remanence")
    base = (program,) if program else (sys.executable, "-m", "remanence")
    more = ("--url", url) if url else ("--db", str(Path(db).resolve())) if db else ()
    made = ("--embedder", embedder) if embedder and not url else ()
    return (*base, "hook", client, *more, *made)
