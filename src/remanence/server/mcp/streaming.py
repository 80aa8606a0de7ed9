"""Servers over streamable HTTP, both eras of the protocol on one address each. It knows where the
guard puts who calls, no key and no tool.

    /mcp              the verbs
    /mcp/reference    the reference memory server's nine tools
    /mcp/both         all of them

A session of the older era can be used only with the key that began it. The namespace is the key's
own, or what the header `X-Remanence-Namespace` names within its reach: no tool takes one, so no
text can talk a model into another's memory.
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
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from remanence.errors import RemanenceError, StorageError
from remanence.memory import DEFAULT_NAMESPACE
from remanence.server import headers, problems, telemetry
from remanence.server.caller import Caller, Refused
from remanence.server.mcp.offer import Context, Seen, ServerSpec
from remanence.server.mcp.offers import BOTH, REFERENCE, VERBS, offer
from remanence.server.mcp.serving import server
from remanence.server.mcp.watching import Watchers
from remanence.server.service import Service
from remanence.server.telemetry import Deed

PATHS = {"/mcp": VERBS, f"/mcp/{REFERENCE}": REFERENCE, f"/mcp/{BOTH}": BOTH}
NAMESPACE = "x-remanence-namespace"
SESSION, VERSION = "mcp-session-id", "mcp-protocol-version"


def http(service: Service) -> tuple[ASGIApp, AbstractAsyncContextManager[None]]:
    """The application for `PATHS`, and what must be entered while it serves."""
    offers = {path: offer(service.memory, tools) for path, tools in PATHS.items()}
    return serve(service, offers, Watchers())


def serve(
    service: Service,
    offers: Mapping[str, ServerSpec],
    watchers: Watchers,
    security: TransportSecuritySettings | None = None,
) -> tuple[ASGIApp, AbstractAsyncContextManager[None]]:
    """An application with an offer at each path.

    Host and Origin are the guard's business; `security` is for where there is none.
    """
    managers = {
        path: StreamableHTTPSessionManager(
            _server(service, made, watchers),
            security_settings=security,
            max_request_body_size=service.settings.max_body,
            # Sessions are each process's own, and the next request may reach another: then there
            # are none.
            stateless=service.settings.workers > 1,
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
        elif _opens_too_many(managers, scope, caller, service.settings.key_sessions):
            await _refusal(
                429,
                f"this key has {service.settings.key_sessions} sessions open; end one with DELETE, "
                "or go on with it",
            )(scope, receive, send)
        else:
            # Blanks around a value are no part of it (RFC 9110, 5.5); not every server takes them
            # off.
            bare = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
            bound = {**scope, "headers": bare, "user": _user(caller)}
            await managers[path].handle_request(bound, receive, send)

    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for manager in managers.values():
                await stack.enter_async_context(manager.run())
            stack.callback(watchers.close)
            yield

    return app, life()


def _opens_too_many(
    managers: Mapping[str, StreamableHTTPSessionManager], scope: Scope, caller: Caller, most: int
) -> bool:
    """Return whether a request would open a session where its key has `most` open already."""
    version = headers.one(scope["headers"], VERSION)
    newer = version is not None and version not in HANDSHAKE_PROTOCOL_VERSIONS
    if newer or headers.one(scope["headers"], SESSION) is not None:
        return False
    owners = [owner for each in managers.values() for owner in each._session_owners.values()]  # noqa: SLF001 - nothing public counts a key's sessions
    return sum(owner["client_id"] == caller.key for owner in owners) >= most


def _server(service: Service, made: ServerSpec, watchers: Watchers) -> Server[Any]:
    def reach(ctx: Context) -> Seen:
        caller, wanted = _asking(ctx)
        if caller is None:
            raise Refused("a key is needed")
        return Seen(
            service.memory, caller, caller.namespace(wanted, DEFAULT_NAMESPACE), service.settings
        )

    return server(made, reach, service.run, watchers, _ServiceAudit(service), service.seal)


def _asking(ctx: Context) -> tuple[Caller | None, str | None]:
    """Return the caller, and the namespace that the request names."""
    if ctx.request is None:
        return None, None
    return ctx.request.state.caller, headers.one(ctx.request.scope["headers"], NAMESPACE)


class _ServiceAudit:
    """Hooks that audit calls and report errors of the service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def around(self, seen: Seen, scope: str) -> AbstractContextManager[None]:
        return telemetry.span(_DEEDS[scope], self._service.seal, seen.namespace)

    async def done(self, seen: Seen, tool: str, scope: str, *, refused: bool) -> None:
        service = self._service
        service.metrics.count("mcp_calls", tool=tool, outcome="refused" if refused else "done")
        if scope == "read" and service.settings.audit != "all":
            return
        status = 422 if refused else 200
        service.audit.note(seen.caller.key, f"mcp {tool}", status, seen.namespace, None)
        if scope == "delete":  # what is gone must not be gone without a trace
            try:
                await service.run(service.audit.flush)
            except StorageError as error:  # it stays pending, and is tried again
                service.log.failed("audit", error)

    def turned_away(self, ctx: Context, what: str, error: RemanenceError) -> None:
        caller, wanted = _asking(ctx)
        status = problems.of(error).status
        if caller is not None and status in (403, 404):
            self._service.audit.note(caller.key, f"mcp {what}", status, wanted, None)

    def told(self, error: RemanenceError) -> str:
        problem = problems.of(error)
        if problem.status >= 500:  # it may name files: for the log, not for callers
            self._service.log.failed("mcp", error)
            return str(problem.detail)
        return "\n".join([str(error), *getattr(error, "__notes__", ())])


_DEEDS = {"read": Deed.search, "write": Deed.create, "delete": Deed.delete}


def _user(caller: Caller) -> AuthenticatedUser:
    """Return the owner of a session, as the SDK compares it."""
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
