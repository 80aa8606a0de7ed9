"""Subscriptions to changes of resources, in both eras of the protocol, each within its namespace."""

from collections import OrderedDict
from collections.abc import Iterable

import anyio
import mcp_types as types
from mcp.server.session import ServerSession
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    ResourceUpdated,
    ServerEvent,
)
from mcp.shared.exceptions import MCPError

from remanence.server.mcp.offer import Context

PATIENCE = 1.0  # seconds for a session to take a message; one that does not read is dropped
MOST = 1_024  # that watch, of each era; the one that has watched longest is dropped first


class Watchers:
    """Subscriptions of one server. All of it runs on the event loop."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._sessions: OrderedDict[tuple[str, str, str], ServerSession] = OrderedDict()
        self._listening: OrderedDict[str, tuple[InMemorySubscriptionBus, ListenHandler]] = (
            OrderedDict()
        )

    def subscribe(self, ctx: Context, namespace: str, uri: str) -> None:
        """Up to 2025-11-25: a session asks for one resource."""
        self._sessions[namespace, uri, _session(ctx)] = ctx.session
        while len(self._sessions) > MOST:
            self._sessions.popitem(last=False)

    def unsubscribe(self, ctx: Context, namespace: str, uri: str) -> None:
        self._sessions.pop((namespace, uri, _session(ctx)), None)

    async def listen(
        self, ctx: Context, params: types.SubscriptionsListenRequestParams, namespace: str
    ) -> types.SubscriptionsListenResult:
        """Since 2026-07-28: the answer to one request is the stream of changes."""
        if namespace not in self._listening:
            bus = InMemorySubscriptionBus()
            self._listening[namespace] = bus, ListenHandler(bus, max_subscriptions=MOST)
            while len(self._listening) > MOST:
                _, (_, oldest) = self._listening.popitem(last=False)
                oldest.close()
        return await self._listening[namespace][1](ctx, params)

    async def changed(self, namespace: str, uris: Iterable[str]) -> None:
        """Tell whoever watches these resources of a namespace."""
        for uri in uris:
            for key in [key for key in self._sessions if key[:2] == (namespace, uri)]:
                if not await self._tells(self._sessions[key], uri):
                    self._sessions.pop(key, None)
            await self.publish(namespace, ResourceUpdated(uri))

    async def _tells(self, session: ServerSession, uri: str) -> bool:
        """Return whether a session hears of it:

        one that has ended does not, and for one that does not read nobody waits.
        """
        with anyio.move_on_after(self._patience):
            try:
                await session.send_resource_updated(uri)
            except (MCPError, anyio.ClosedResourceError, anyio.BrokenResourceError):
                return False
            return True
        return False

    async def publish(self, namespace: str, event: ServerEvent) -> None:
        """Tell whoever listens in the newer era."""
        if (listening := self._listening.get(namespace)) is not None:
            await listening[0].publish(event)

    def close(self) -> None:
        """End every stream in an orderly way."""
        self._sessions.clear()
        for _, handler in self._listening.values():
            handler.close()


def _session(ctx: Context) -> str:
    """Return the key of a session; over stdio there is one."""
    headers = getattr(ctx.request, "headers", None)
    return "" if headers is None else headers.get("mcp-session-id", "")
