"""Servers over streamable HTTP, both eras of the protocol on one address each. It knows where the guard puts who calls, no key and no tool.

    /mcp              the eight verbs
    /mcp/reference    the reference memory server's nine tools
    /mcp/both         all of them

A session of the older era can be used only with the key that began it. The namespace is the key's own, or what the header
`X-Remanence-Namespace` names within its reach: no tool takes one, so no text can talk a model into another's memory.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from typing import Any

import mcp_types as types
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from remanence.memory import DEFAULT_NAMESPACE
from remanence.server import telemetry
from remanence.server.caller import Caller, Refused
from remanence.server.mcp.offer import Context, Offer, Seen
from remanence.server.mcp.offers import BOTH, REFERENCE, VERBS, offer
from remanence.server.mcp.serving import server
from remanence.server.mcp.watching import Watchers
from remanence.server.service import Service
from remanence.server.telemetry import Deed

PATHS = {"/mcp": VERBS, f"/mcp/{REFERENCE}": REFERENCE, f"/mcp/{BOTH}": BOTH}
NAMESPACE = "x-remanence-namespace"


def http(service: Service) -> tuple[ASGIApp, AbstractAsyncContextManager[None]]:
    """The application for `PATHS`, and what must be entered while it serves."""
    offers = {path: offer(service.memory, tools) for path, tools in PATHS.items()}
    return serve(service, offers, Watchers())


def serve(
    service: Service,
    offers: Mapping[str, Offer],
    watchers: Watchers,
    security: TransportSecuritySettings | None = None,
) -> tuple[ASGIApp, AbstractAsyncContextManager[None]]:
    """An application with an offer at each path. Host and Origin are the guard's business; `security` is for where there is none."""
    managers = {
        path: StreamableHTTPSessionManager(
            _server(service, made, watchers),
            security_settings=security,
            max_request_body_size=service.settings.max_body,
        )
        for path, made in offers.items()
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"].rstrip("/")
        caller = scope.get("state", {}).get("caller")
        if path not in managers:
            await _refusal(404, f"no MCP server at {path:.80}; there are {', '.join(managers)}")(
                scope, receive, send
            )
        elif caller is None:
            await _refusal(401, "a key is needed")(scope, receive, send)
        else:
            # Blanks around a value are no part of it (RFC 9110, 5.5); not every server takes them off.
            headers = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
            bound = {**scope, "headers": headers, "user": _user(caller)}
            await managers[path].handle_request(bound, receive, send)

    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for manager in managers.values():
                await stack.enter_async_context(manager.run())
            stack.callback(watchers.close)
            yield

    return app, life()


def _server(service: Service, made: Offer, watchers: Watchers) -> Server[Any]:
    def reach(ctx: Context) -> Seen:
        caller: Caller | None = None if ctx.request is None else ctx.request.state.caller
        if ctx.request is None or caller is None:
            raise Refused("a key is needed")
        wanted = ctx.request.headers.get(NAMESPACE)
        return Seen(
            service.memory, caller, caller.namespace(wanted, DEFAULT_NAMESPACE), service.settings
        )

    async def note(seen: Seen, tool: str, scope: str, *, refused: bool) -> None:
        service.metrics.count("mcp_calls", tool=tool, outcome="refused" if refused else "done")
        if scope == "read" and service.settings.audit != "all":
            return
        status = 422 if refused else 200
        service.audit.note(seen.caller.key, f"mcp {tool}", status, seen.namespace, None)
        if scope == "delete":  # what is gone must not be gone without a trace
            await service.run(service.audit.flush)

    def around(seen: Seen, scope: str) -> AbstractContextManager[None]:
        return telemetry.span(_DEEDS[scope], service.seal, seen.namespace)

    return server(made, reach, service.run, watchers, note, around)


_DEEDS = {"read": Deed.search, "write": Deed.create, "delete": Deed.delete}


def _user(caller: Caller) -> AuthenticatedUser:
    """Who a session belongs to, as the SDK compares it."""
    return AuthenticatedUser(
        AccessToken(token="", client_id=caller.key, scopes=sorted(caller.scopes))
    )


def _refusal(status: int, message: str) -> Response:
    error = types.JSONRPCError(
        jsonrpc="2.0", id=None, error=types.ErrorData(code=types.INVALID_REQUEST, message=message)
    )
    return Response(
        error.model_dump_json(by_alias=True, exclude_unset=True),
        status_code=status,
        media_type="application/json",
    )
