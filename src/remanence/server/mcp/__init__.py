"""MCP: memory for clients that speak the Model Context Protocol, over stdio and streamable HTTP, in both of its eras.

`offers` says which tools there are, `serving` makes a server of them, `streaming` and `stdio` carry it. It knows nothing of the other protocols.
"""

from remanence.server.mcp.stdio import stdio
from remanence.server.mcp.streaming import http

__all__ = ["http", "stdio"]
