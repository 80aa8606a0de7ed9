"""A server over this process's stdin and stdout: one client, one namespace, which the client cannot
leave.

It knows who calls and what is offered; `conversation` knows the streams.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import anyio
import anyio.to_thread
from mcp.server.lowlevel import Server

from remanence import checks
from remanence.memory import Memory
from remanence.server.caller import Caller
from remanence.server.mcp.conversation import alone, converse
from remanence.server.mcp.offer import Seen, ServerSpec
from remanence.server.mcp.offers import VERBS, offer
from remanence.server.mcp.serving import server
from remanence.server.mcp.watching import Watchers
from remanence.server.settings import Settings

THREADS = 4
SCOPES: Final = frozenset({"read", "write", "delete"})
T = TypeVar("T")


def stdio(memory: Memory, namespace: str, tools: str = VERBS) -> None:
    """Serve until stdin ends or a signal says so. Raises `ConfigError`, `InvalidInput`."""
    made = offer(memory, tools)
    built, watchers = served(made, memory, namespace)
    with alone() as (source, sink):
        anyio.run(converse, built, source, sink, watchers.close)


def served(made: ServerSpec, memory: Memory, namespace: str) -> tuple[Server[Any], Watchers]:
    """The server of an offer for one who may read, write and forget in one namespace, and who
    watches there. Raises `InvalidInput`.
    """
    caller = Caller("stdio", SCOPES, (checks.label(namespace, "namespace"),))
    seen = Seen(memory, caller, namespace, Settings(max_string=checks.MAX_TEXT))
    limiter = anyio.CapacityLimiter(THREADS)

    async def run(verb: Callable[..., T], *arguments: object, **options: object) -> T:
        job = partial(verb, *arguments, **options)
        return await anyio.to_thread.run_sync(job, limiter=limiter)

    watchers = Watchers()
    return server(made, lambda _: seen, run, watchers), watchers
