"""The doors: /openai/v1 and /anthropic/v1. Three requests go through memory, all others go on as they are, in pieces, both ways.

It knows paths, who may come in, and what is shared by all that do; nothing of a wire format.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from starlette.routing import BaseRoute, Mount
from starlette.types import Message, Receive, Scope, Send

from remanence.server.caller import Caller
from remanence.server.problems import Problem
from remanence.server.proxy import upstream as providers
from remanence.server.proxy import wire
from remanence.server.proxy.anthropic_messages import AnthropicMessages
from remanence.server.proxy.dialect import MODEL, Dialect
from remanence.server.proxy.exchange import Exchange, Room
from remanence.server.proxy.openai_chat import OpenAIChat
from remanence.server.proxy.openai_responses import OpenAIResponses
from remanence.server.proxy.recalling import Recalling
from remanence.server.proxy.remembering import Remembering
from remanence.server.proxy.sessions import Threads
from remanence.server.proxy.upstream import Upstream
from remanence.server.service import Service

DIALECTS: dict[bytes, Dialect] = {
    b"/openai/v1/chat/completions": OpenAIChat(),
    b"/openai/v1/responses": OpenAIResponses(),
    b"/anthropic/v1/messages": AnthropicMessages(),
}
OPENAI, ANTHROPIC = b"/openai/v1/", b"/anthropic/v1/"
# Where a client's path ends and the provider's begins: each SDK has its own idea of a base address.
BASES = {OPENAI: b"/openai/v1", ANTHROPIC: b"/anthropic"}


class Proxy:
    """What the routes share. `life` is entered by whoever runs them, and left when they have ended."""

    def __init__(self, service: Service) -> None:
        settings, memory = service.settings, service.memory
        remembering = Remembering(memory, service.metrics, service.log)
        recalling = Recalling(
            memory,
            remembering,
            service.metrics,
            service.log,
            seconds=settings.memory_ms / 1e3,
            budget=settings.memory_tokens,
        )
        http = providers.client(settings.upstream_seconds)
        self.room = Room(service, http, recalling, remembering, Threads(service.seal))
        self._upstreams: Mapping[bytes, Upstream | None] = {
            OPENAI: _configured(
                settings.openai_url, "authorization", "Bearer ", settings.openai_key
            ),
            ANTHROPIC: _configured(settings.anthropic_url, "x-api-key", "", settings.anthropic_key),
        }
        self.routes: list[BaseRoute] = [
            Mount("/openai/v1", app=self),
            Mount("/anthropic/v1", app=self),
        ]

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """What was being remembered is, before this ends; connections are closed."""
        async with self.room.http:
            yield
            await self.room.remembering.drained()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope["state"]["caller"]
        caller.need("proxy")
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        door = next((door for door in BASES if path.startswith(door)), None)
        if door is None:  # the prefix alone, or written in escapes
            raise Problem(404, "path", "name what is meant below /openai/v1 or /anthropic/v1")
        upstream, tail = self._upstreams[door], path.removeprefix(BASES[door])
        dialect = DIALECTS.get(path) if scope["method"] == "POST" else None
        if dialect is not None:
            body = await _whole(receive)
            await Exchange(self.room, dialect, upstream, scope, send).run(body, receive, tail)
        elif upstream is not None:
            await _pass(self.room.http, upstream.address(tail, scope["query_string"]), upstream,
                        scope, receive, send)  # fmt: skip
        else:
            await _alone(door, path, scope["method"], send)


def routes(service: Service) -> list[BaseRoute]:
    """The routes alone, for whoever looks after the connections himself."""
    return Proxy(service).routes


def _configured(url: str, header: str, before: str, key: str) -> Upstream | None:
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
            response = await providers.ask(
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
    async for piece in providers.pieces(response):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _alone(door: bytes, path: bytes, method: str, send: Send) -> None:
    """No upstream: the one model that there is, and nothing else."""
    if method != "GET" or not path.endswith(b"/v1/models"):
        raise Problem(404, "no-upstream", "no upstream is configured here; see docs/proxy.md")
    if door == OPENAI:
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "remanence"}
        body: dict[str, Any] = {"object": "list", "data": [model]}
    else:
        model = {"type": "model", "id": MODEL, "display_name": "Quotes from memory",
                 "created_at": "1970-01-01T00:00:00Z"}  # fmt: skip
        body = {"data": [model], "has_more": False, "first_id": MODEL, "last_id": MODEL}
    headers = [(b"content-type", b"application/json"), (wire.NAME.encode(), b"off")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
