"""The whole site as one ASGI application: the guard around REST, the proxies, MCP and what tells of
health.

It knows which protocol answers which paths, and what begins and ends with the service; nothing of
what they say.
"""

import json
from collections.abc import AsyncIterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from importlib.util import find_spec
from typing import Any

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from remanence import instants
from remanence.encoding import drafting
from remanence.errors import RemanenceError, StorageError
from remanence.server import mcp, metrics, page, rest
from remanence.server.guard import Guard
from remanence.server.problems import Problem
from remanence.server.proxy.providers import provider_of
from remanence.server.proxy.routes import Proxy
from remanence.server.service import Service
from remanence.types import Turn


def app(service: Service) -> ASGIApp:
    """A service over HTTP."""
    return Guard(_Site(service), service)


class _Site:
    """Hands a request to whom its path belongs."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._rest = rest.app(service)
        proxy = Proxy(service)
        self._proxy = Router(routes=proxy.routes)
        self._mcp, life = mcp.http(service) if find_spec("mcp_types") else _without_mcp()
        self._lives: tuple[AbstractAsyncContextManager[Any], ...] = (proxy.life(), life)
        self._lifespan = Router(lifespan=self._life)

    @asynccontextmanager
    async def _life(self, _: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await self._service.run(_warm, self._service)
            end = self._service.audit.start()
            stack.push_async_callback(self._service.run, end)
            for life in self._lives:
                await stack.enter_async_context(life)
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        path: str = scope["path"]
        if provider_of(path) is not None:
            await self._proxy(scope, receive, send)
        elif path == "/mcp" or path.startswith("/mcp/"):
            await self._mcp(scope, receive, send)
        elif page.is_open(path):
            await page.app(scope, receive, send)
        elif path in _OWN:
            await _answer(scope, send, *await _OWN[path](self._service, scope))
        else:
            await self._rest(scope, receive, send)


def _without_mcp() -> tuple[ASGIApp, AbstractAsyncContextManager[Any]]:
    """Return what stands at /mcp where the mcp package is missing, or older than needed."""

    async def absent(*_: Any) -> None:
        raise Problem(501, "no-mcp", "this service was installed without the extra mcp")

    return absent, nullcontext()


def _warm(service: Service) -> None:
    """Read what the first turn needs, and ask no store:

    a chat waits for memory no longer than its time.
    """
    memory = service.memory
    try:
        turn = Turn("Wei moved to Chengdu in March. 小伟三月搬到了成都。")
        drafting.documents([turn], memory.embedder, instants.now(), memory.extract)
    except RemanenceError as error:  # whoever asks next is told
        service.log.failed("warm", error)


async def _answer(scope: Scope, send: Send, status: int, media: str, body: bytes) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        raise Problem(405, "method", "ask with GET", headers={"Allow": "GET, HEAD"})
    headers = [
        (b"content-type", media.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


_Own = tuple[int, str, bytes]


async def _health(_: Service, __: Scope) -> _Own:
    return 200, "application/json", b'{"status":"ok"}'


async def _ready(service: Service, _: Scope) -> _Own:
    """Return whether the store can be read."""
    try:
        await service.run(service.keys.any)
    except StorageError as error:
        service.log.failed("not ready", error)
        return 503, "application/json", json.dumps({"status": type(error).__name__}).encode()
    return 200, "application/json", b'{"status":"ready"}'


async def _metrics(service: Service, scope: Scope) -> _Own:
    """Counts over everybody's calls: for who may see that."""
    scope["state"]["caller"].need("admin")
    return 200, metrics.MEDIA, service.metrics.exposition()


_OWN = {"/healthz": _health, "/readyz": _ready, "/metrics": _metrics}
