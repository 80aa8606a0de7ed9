"""The proxy's entry: requests of a known format go through memory, all others pass both ways."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx2
from starlette.routing import BaseRoute, Mount
from starlette.types import Message, Receive, Scope, Send

from remanence.server.caller import Caller
from remanence.server.problems import Problem
from remanence.server.proxy import upstream as upstreams
from remanence.server.proxy import wire
from remanence.server.proxy.exchange import Exchange
from remanence.server.proxy.planning import ProxyContext
from remanence.server.proxy.provider import Provider
from remanence.server.proxy.providers import PROVIDERS, provider_of
from remanence.server.proxy.recalling import Recalling
from remanence.server.proxy.remembering import Remembering
from remanence.server.proxy.sessions import ConversationNotes
from remanence.server.proxy.upstream import Upstream
from remanence.server.service import Service
from remanence.server.settings import Settings


class Proxy:
    """The parts that the routes share.

    `life` is entered by whoever runs them, and left when they have ended.
    """

    def __init__(self, service: Service) -> None:
        settings, memory = service.settings, service.memory
        remembering = Remembering(memory, service.metrics, service.log, service.shared)
        recalling = Recalling(
            memory,
            remembering,
            service.metrics,
            service.log,
            seconds=settings.memory_ms / 1e3,
            budget=settings.memory_tokens,
        )
        http = upstreams.client(settings.upstream_seconds)
        self.context = ProxyContext(
            service, http, recalling, remembering, ConversationNotes(service.seal)
        )
        self._upstreams = {each.name: _configured(each, settings) for each in PROVIDERS}
        self.routes: list[BaseRoute] = [Mount(f"/{each.name}", app=self) for each in PROVIDERS]

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """Wait for pending writes, then close connections."""
        async with self.context.http:
            yield
            await self.context.remembering.drained()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope["state"]["caller"]
        caller.need("proxy")
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        provider = provider_of(path.decode("latin-1"))
        if provider is None:  # the prefix alone, or written in escapes
            names = " or ".join(f"/{each.name}{each.base}" for each in PROVIDERS)
            raise Problem(404, "path", f"name what is meant below {names}")
        if provider.without_base(path):
            base = f"/{provider.name}{provider.base or '/v1'}"
            raise Problem(404, "path", f"the base URL of this client must end in {base}")
        below = provider.canonical(path)
        upstream, tail = self._upstreams[provider.name], below.removeprefix(provider.base.encode())
        post = scope["method"] == "POST"
        dialect = provider.dialects.get(below.decode("latin-1")) if post else None
        if dialect is not None:
            body = await _whole(receive)
            exchange = Exchange(self.context, provider, dialect, upstream, scope, send)
            await exchange.run(body, receive, tail)
        elif upstream is not None:
            address = upstream.address(tail, scope["query_string"])
            await _pass(self.context.http, address, upstream, scope, receive, send)
        else:
            await _alone(provider, below, scope["method"], send)


def routes(service: Service) -> list[BaseRoute]:
    """The routes alone, for whoever looks after the connections himself."""
    return Proxy(service).routes


def _configured(provider: Provider, settings: Settings) -> Upstream | None:
    url = getattr(settings, f"{provider.name}_url", "")
    key = getattr(settings, f"{provider.name}_key", "")
    header, before = provider.credential
    if not url:
        return None
    return Upstream(url, (header.encode(), f"{before}{key}".encode()) if key else None)


async def _whole(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem(400, "disconnected", "the request ended before its body did")
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _pass(
    http: httpx2.AsyncClient,
    url: httpx2.URL,
    upstream: Upstream,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Bytes on, bytes back. An answer that breaks off is broken off."""
    headers = wire.onward(scope["headers"], upstream.auth, length=None, read=False)
    names = {name for name, _ in scope["headers"]}
    has_body = bool(names & {b"content-length", b"transfer-encoding"})
    read = anyio.Event()
    refusal: Problem | None = None

    async def pieces() -> AsyncIterator[bytes]:
        message: Message = {"more_body": True}
        while message.get("more_body", False):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem(400, "disconnected", "the request ended before its body did")
            yield message.get("body", b"")
        read.set()

    async def watch(cancelled: anyio.CancelScope) -> None:
        await read.wait()
        while (await receive())["type"] != "http.disconnect":
            pass
        cancelled.cancel()

    async with anyio.create_task_group() as group:
        if not has_body:
            read.set()
        group.start_soon(watch, group.cancel_scope)
        try:
            response = await upstreams.ask(
                http, scope["method"], url, headers, pieces() if has_body else None
            )
            try:
                await _copy(response, send)
            finally:
                with anyio.CancelScope(shield=True):
                    await response.aclose()
        except Problem as problem:
            refusal = problem
        group.cancel_scope.cancel()
    if refusal is not None:
        raise refusal


async def _copy(response: httpx2.Response, send: Send) -> None:
    headers = wire.back(response.headers.raw, "off")
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    async for piece in upstreams.pieces(response):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _alone(provider: Provider, below: bytes, method: str, send: Send) -> None:
    """Answer without an upstream: the one model that there is, and nothing else."""
    if method != "GET" or below.rstrip(b"/") != b"/v1/models":
        raise Problem(404, "no-upstream", "no upstream is configured here; see docs/proxy.md")
    headers = [(b"content-type", b"application/json"), (wire.NAME.encode(), b"off")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(provider.models).encode()})
