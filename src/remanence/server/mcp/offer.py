"""Tools, prompts and resources of a server as values.

A `ServerSpec` holds them, ours and a test's; `serving.server` makes the server.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import mcp_types as types
from mcp.server.context import ServerMiddleware, ServerRequestContext

from remanence.memory import Memory
from remanence.server.caller import Caller
from remanence.server.settings import Settings

Context = ServerRequestContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """On whose behalf a request is answered, over what."""

    memory: Memory
    caller: Caller
    namespace: str
    limits: Settings


Run = Callable[..., Awaitable[Any]]
"""Calls a function in a worker thread: `await run(verb, *arguments, **options)`."""

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class ToolCall(Generic[P]):
    """A request with its parameters, and how to answer it without holding up others."""

    ctx: Context
    params: P
    seen: Seen
    run: Run


Serve = Callable[
    [ToolCall[types.CallToolRequestParams]],
    Awaitable[types.CallToolResult | types.InputRequiredResult],
]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: as clients see it, the scope that it needs, who serves it, and which resources it
    changes.
    """

    shown: types.Tool
    scope: str
    serve: Serve
    changes: tuple[str, ...] = ()


class ResourceProvider(Protocol):
    """Resources. `cursor` is what an earlier page gave, None at first."""

    def templates(self) -> Sequence[types.ResourceTemplate]: ...

    def page(
        self, seen: Seen, cursor: int | None
    ) -> tuple[Sequence[types.Resource], int | None]: ...

    def read(
        self, seen: Seen, uri: str
    ) -> Sequence[types.TextResourceContents | types.BlobResourceContents] | None:
        """The contents of `uri`; None where it is not on this provider."""


Ask = Callable[
    [ToolCall[types.GetPromptRequestParams]],
    Awaitable[types.GetPromptResult | types.InputRequiredResult],
]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: as clients see it, and who makes it."""

    shown: types.Prompt
    ask: Ask


Complete = Callable[[Seen, types.CompleteRequestParams], Sequence[str]]
"""What an argument's beginning may be completed to, the best first."""


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """Everything that one server offers. `missing` answers for a tool that there is not."""

    name: str
    title: str
    instructions: str
    tools: Mapping[str, Tool]
    resources: Sequence[ResourceProvider] = ()
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    complete: Complete | None = None
    missing: Callable[[str], types.CallToolResult] | None = None
    middleware: Sequence[ServerMiddleware[Any]] = ()
    logging: bool = False  # whether to take logging/setLevel


def failed(message: str) -> types.CallToolResult:
    """A tool's refusal: what happened, for the model to read."""
    return types.CallToolResult(content=[types.TextContent(text=message)], is_error=True)
