"""From settings to a running service: the socket, the worker processes, the first key, the end.

It knows uvicorn and the machine; no protocol and no verb.
"""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from remanence import build, config
from remanence.errors import ConfigError
from remanence.server import page, shared
from remanence.server import settings as told
from remanence.server.app import app
from remanence.server.caller import SCOPES
from remanence.server.keys import Keys
from remanence.server.logs import Passing, to_stderr
from remanence.server.service import service
from remanence.server.settings import Settings
from remanence.server.shared import SharedTable

BACKLOG = 512
PAUSE = 0.0002  # seconds that one of several workers waits when it has taken a connection
GRACE = 30  # seconds that requests under way may take after SIGTERM
_SHARED = "REMANENCE_SERVE_SHARED"  # how workers are told of the table that they share
_EMBEDDER = "REMANENCE_SERVE_EMBEDDER"  # how workers are told of --embedder


SIGN_IN_HOURS = 12  # that the key in the page's link lasts, where it is not the first key


@dataclass(frozen=True, slots=True)
class Started:
    """The announcement of a service, made once before the first answer."""

    url: str
    """Address, without a slash at the end."""
    path: str
    """Store."""
    key: str | None
    """First key of the store, where it was made just now."""
    link: str | None
    """Address of the page that signs in by itself, where a key was made for it."""


Announce = Callable[[Started], None]


def serve(
    settings: Settings,
    path: str,
    embedder: str | None,
    announce: Announce,
    *,
    sign_in: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM.

    With `sign_in`, a key of `SIGN_IN_HOURS` is made for the page's link on loopback where the
    store has keys already, since none of those can be shown again.

    Raises `ConfigError` where it cannot listen, `StorageError`.
    """
    if path == ":memory:" and settings.workers > 1:
        raise ConfigError("a store in memory is one process's; give --db FILE or one worker")
    bound = _bind(settings)
    try:
        name, port = bound.getsockname()[:2]
        url = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
        if settings.workers > 1:
            with build.open(path, embedder=embedder) as memory:  # what is wrong is said at once
                started = _started(settings, url, path, Keys(memory.store.engine), sign_in=sign_in)
            announce(started)
            _several(settings, path, embedder, bound)
            return
        with build.open(path, embedder=embedder) as memory:
            made = service(memory, settings)
            announce(_started(settings, url, path, made.keys, sign_in=sign_in))
            _quiet(settings)
            server = uvicorn.Server(_config(app(made)))
            _end_well(server)
            server.run(sockets=[bound])
    finally:
        bound.close()


def _bind(settings: Settings) -> socket.socket:
    """The socket that all workers listen on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((settings.host, settings.port))
        made.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        made.close()
        raise ConfigError(
            f"cannot listen on {settings.host} port {settings.port}: {error}; "
            "another --port, or --port 0 for any free one"
        ) from None
    made.set_inheritable(True)
    return made


def _started(settings: Settings, url: str, path: str, held: Keys, *, sign_in: bool) -> Started:
    """Return what is announced, with the keys that are made for it."""
    key = signing = _first_key(settings, path, held)
    if key is None and sign_in and settings.loopback:
        until = datetime.now(UTC) + timedelta(hours=SIGN_IN_HOURS)
        signing = held.create(SCOPES, label="page", expires=until)[0]
    return Started(url, path, key, None if signing is None else page.link(url, signing))


def _first_key(settings: Settings, path: str, held: Keys) -> str | None:
    """A key that may do everything, where the store has none."""
    if held.any():
        return None
    if not settings.loopback:
        raise ConfigError(
            f"{path} has no key, and {settings.host} can be reached by others: "
            "make one first with `remanence keys create`"
        )
    return held.create(SCOPES, label="first")[0]


def _end_well(server: uvicorn.Server) -> None:
    """Have it end by a flag.

    It raises the signal that ended it once more, and with Python's own handlers that would kill
    before the store is closed.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _several(settings: Settings, path: str, embedder: str | None, bound: socket.socket) -> None:
    from uvicorn.supervisors import Multiprocess

    os.environ.update(told.environment(settings))
    os.environ[config.DB] = path
    if embedder is not None:
        os.environ[_EMBEDDER] = embedder
    chosen = _config("remanence.server.run:worker", factory=True, workers=settings.workers)
    table = shared.create()
    if table is not None:
        os.environ[_SHARED] = str(table)
    try:
        Multiprocess(chosen, sockets=[bound]).run()
    finally:
        if table is not None:
            table.unlink(missing_ok=True)


def worker() -> ASGIApp:
    """The application of one worker process, made from its environment;

    it closes its store at the end.
    """
    settings = told.load()
    _quiet(settings)
    memory = build.open(os.environ[config.DB], embedder=os.environ.get(_EMBEDDER))
    table = os.environ.get(_SHARED)
    inner = app(service(memory, settings, shared=SharedTable(Path(table)) if table else None))

    async def closing(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope, receive, send)
        if scope["type"] == "lifespan":
            memory.close()

    return closing


class Taking(HttpToolsProtocol):
    """A connection of one of several workers, which all listen on one socket. Who has taken one
    waits a moment, so that another takes the next: else the one that is awake takes all that come
    at once, and clients that keep their connections stay with it. On uvloop, which takes one at a
    time: asyncio's own loop has taken all that wait before it makes the first, and a pause would be
    for nothing.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        time.sleep(PAUSE)


# Seconds that a worker may take to say that it is there: on a busy machine it is still importing
# when uvicorn's own five are over, and would be ended and begun again for ever.
_WORKERS: dict[str, Any] = (
    {"timeout_worker_healthcheck": 60}
    if "timeout_worker_healthcheck" in signature(uvicorn.Config).parameters
    else {}
)


def _config(target: "ASGIApp | str", *, factory: bool = False, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        target,
        factory=factory,
        workers=workers,
        http=Taking if workers > 1 and find_spec("uvloop") else "httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # the guard's, or an upstream's
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE,
        **_WORKERS,
    )


def _quiet(settings: Settings) -> None:
    """Libraries log through ours: nothing of theirs with words in it."""
    handler = Passing(to_stderr(settings.log))
    logging.getLogger().handlers = [handler]
    logging.captureWarnings(True)
