"""MCP: memory for clients that speak the Model Context Protocol, over stdio and streamable HTTP, in
both of its eras.

`offers` says which tools there are, `serving` makes a server of them, `streaming` and `stdio` carry
it. It knows nothing of the other protocols.
"""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from remanence.server.service import Service


def http(service: "Service") -> "tuple[ASGIApp, AbstractAsyncContextManager[None]]":
    """The application for /mcp and below, and what must be entered while it serves."""
    from remanence.server.mcp import streaming  # a client over stdio does not wait for all that

    return streaming.http(service)
