"""From an offer to a server: lists, calls, refusals. It knows the protocol's requests, not what any
tool does.

Whatever is raised on purpose becomes a message; whatever is not becomes "internal error" for the
caller and a traceback in the log.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, Protocol, TypeVar

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from remanence import __version__
from remanence.errors import EmbedderError, RemanenceError, StorageError
from remanence.server import cursors
from remanence.server.mcp.offer import Context, Run, Seen, ServerSpec, Tool, ToolCall, failed
from remanence.server.mcp.watching import Watchers
from remanence.server.problems import Problem

_SHELVES = 16  # at most, in one offer: how many a cursor tells apart
COMPLETIONS = 100  # at most, by the protocol
T = TypeVar("T")
_log = logging.getLogger(__name__)

Reach = Callable[[Context], Seen]
"""On whose behalf a request is answered. Raises `Refused`, `OutOfReach`, `InvalidInput`."""


class AuditHook(Protocol):
    """Told of what is asked, and asked how to tell what went wrong."""

    def around(self, seen: Seen, scope: str) -> AbstractContextManager[None]:
        """Entered around the work of a tool that needs this scope."""

    async def done(self, seen: Seen, tool: str, scope: str, *, refused: bool) -> None:
        """A tool was called. Raises nothing: it is done."""

    def turned_away(self, ctx: Context, what: str, error: RemanenceError) -> None:
        """Somebody asked for what is not for him."""

    def told(self, error: RemanenceError) -> str:
        """Return the message of an error for the client."""


class Nobody:
    """The keeper of a server that one client has to itself:

    nothing is noted, everything is told.
    """

    def around(self, _: Seen, __: str) -> AbstractContextManager[None]:
        return nullcontext()

    async def done(self, _: Seen, __: str, ___: str, *, refused: bool) -> None:  # noqa: ARG002 - the port's name
        return

    def turned_away(self, _: Context, __: str, ___: RemanenceError) -> None:
        return

    def told(self, error: RemanenceError) -> str:
        return "\n".join([str(error), *getattr(error, "__notes__", ())])


def server(
    offer: ServerSpec,
    reach: Reach,
    run: Run,
    watchers: Watchers,
    keeper: AuditHook | None = None,
    seal: bytes | None = None,
) -> Server[Any]:
    """The server of an offer.

    `seal` is what its cursors are sealed with; without one they hold for this server alone.
    """
    made = _Serving(
        offer, reach, run, watchers, keeper or Nobody(), seal or secrets.token_bytes(32)
    )
    built: Server[Any] = Server(
        offer.name,
        version=__version__,
        title=offer.title,
        instructions=offer.instructions,
        get_tool_input_schema=made.input_schema,
        on_list_tools=made.list_tools,
        on_call_tool=made.call_tool,
        on_list_resources=made.list_resources if offer.resources else None,
        on_list_resource_templates=made.list_templates if offer.resources else None,
        on_read_resource=made.read_resource if offer.resources else None,
        on_subscribe_resource=made.subscribe if offer.resources else None,
        on_unsubscribe_resource=made.unsubscribe if offer.resources else None,
        on_subscriptions_listen=made.listen if offer.resources else None,
        on_list_prompts=made.list_prompts if offer.prompts else None,
        on_get_prompt=made.get_prompt if offer.prompts else None,
        on_completion=made.complete if offer.complete else None,
    )
    if offer.logging:
        built.add_request_handler("logging/setLevel", types.SetLevelRequestParams, _taken)
    built.middleware.extend(offer.middleware)
    return built


async def _taken(_: Context, __: types.SetLevelRequestParams) -> types.EmptyResult:
    return types.EmptyResult()


def _invalid(message: str, data: Any = None) -> MCPError:
    return MCPError(types.INVALID_PARAMS, message, data)


class _Serving:
    """The handlers of one server."""

    def __init__(
        self,
        offer: ServerSpec,
        reach: Reach,
        run: Run,
        watchers: Watchers,
        keeper: AuditHook,
        seal: bytes,
    ) -> None:
        self._offer, self._run, self._keeper, self._seal = offer, run, keeper, seal
        self._reach, self._watchers = reach, watchers

    def _seen(self, ctx: Context, scope: str, what: str) -> Seen:
        try:
            seen = self._reach(ctx)
            seen.caller.need(scope)
        except RemanenceError as error:
            self._keeper.turned_away(ctx, what, error)
            raise
        return seen

    def _error(self, error: RemanenceError) -> MCPError:
        """Return an exception as an error of the protocol: the client's fault, or the server's."""
        ours = isinstance(error, (StorageError, EmbedderError))
        code = types.INTERNAL_ERROR if ours else types.INVALID_PARAMS
        return MCPError(code, self._keeper.told(error))

    def _scopes(self, ctx: Context) -> frozenset[str]:
        """Return the scopes of the caller; for lists, which reveal nothing of a memory."""
        try:
            return self._reach(ctx).caller.scopes
        except RemanenceError as error:
            raise self._error(error) from error

    async def _asked(self, ctx: Context, work: Callable[[Seen], Awaitable[T]]) -> T:
        """Answer a request other than a call of a tool;

        what is raised on purpose is an error of the protocol.
        """
        try:
            return await work(self._seen(ctx, "read", "read"))
        except RemanenceError as error:
            raise self._error(error) from error

    # -- tools ---------------------------------------------------------------------------------

    def input_schema(self, name: str) -> dict[str, Any] | None:
        tool = self._offer.tools.get(name)
        return None if tool is None else tool.shown.input_schema

    async def list_tools(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """All on one page; those that the caller may not use are not among them."""
        _first(params)
        may = self._scopes(ctx)
        return types.ListToolsResult(
            tools=[tool.shown for tool in self._offer.tools.values() if tool.scope in may]
        )

    async def call_tool(
        self, ctx: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        tool = self._offer.tools.get(params.name)
        if tool is None:
            if self._offer.missing is not None:
                return self._offer.missing(params.name)
            known = ", ".join(self._offer.tools)
            raise _invalid(f"Unknown tool: {params.name:.80}; there are {known}")
        try:
            seen = self._seen(ctx, tool.scope, params.name)
        except RemanenceError as error:
            return failed(self._keeper.told(error))
        # A thread that writes is not called off: what it does is noted, also where nobody waits for
        # the answer any more.
        with anyio.CancelScope(shield=tool.scope != "read"):
            with self._keeper.around(seen, tool.scope):
                answer = await self._called(ctx, params, tool, seen)
            refused = isinstance(answer, types.CallToolResult) and bool(answer.is_error)
            if tool.changes and not refused:
                await self._watchers.changed(seen.namespace, tool.changes)
            await self._keeper.done(seen, params.name, tool.scope, refused=refused)
        return answer

    async def _called(
        self, ctx: Context, params: types.CallToolRequestParams, tool: Tool, seen: Seen
    ) -> types.CallToolResult | types.InputRequiredResult:
        try:
            return await tool.serve(ToolCall(ctx, params, seen, self._run))
        except RemanenceError as error:
            return failed(self._keeper.told(error))
        except MCPError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug in one tool ends neither the session nor the process
            _log.error("tool %s", params.name, exc_info=error)
            return failed(f"{params.name} failed for a reason that was not foreseen; see the log")

    # -- resources -----------------------------------------------------------------------------

    async def list_resources(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """ResourceProvider after provider; a cursor says which provider, and where on it."""

        async def work(seen: Seen) -> types.ListResourcesResult:
            at, cursor = self._unsealed(seen, params)
            page = partial(self._offer.resources[at].page, seen, cursor)
            found, further = await self._run(page)
            following = (at, further) if further is not None else (at + 1, None)
            more = following[0] < len(self._offer.resources)
            return types.ListResourcesResult(
                resources=list(found), next_cursor=self._sealed(seen, *following) if more else None
            )

        return await self._asked(ctx, work)

    def _sealed(self, seen: Seen, provider: int, cursor: int | None) -> str:
        """A cursor that tells nobody how much others have written."""
        number = (0 if cursor is None else cursor + 1) * _SHELVES + provider
        return cursors.seal(self._seal, number, f"mcp {seen.namespace}")

    def _unsealed(
        self, seen: Seen, params: types.PaginatedRequestParams | None
    ) -> tuple[int, int | None]:
        if params is None or params.cursor is None:
            return 0, None
        try:
            number = cursors.unseal(self._seal, params.cursor, f"mcp {seen.namespace}")
        except Problem as problem:
            raise _invalid(str(problem.detail)) from None
        place, provider = divmod(number, _SHELVES)
        return provider, place - 1 if place else None

    async def list_templates(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        _first(params)
        self._scopes(ctx)
        every = [
            template for provider in self._offer.resources for template in provider.templates()
        ]
        return types.ListResourceTemplatesResult(resource_templates=every)

    async def read_resource(
        self, ctx: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        uri = str(params.uri)

        async def work(seen: Seen) -> types.ReadResourceResult:
            for provider in self._offer.resources:
                contents = await self._run(provider.read, seen, uri)
                if contents is not None:
                    return types.ReadResourceResult(contents=list(contents))
            raise _invalid("Resource not found", {"uri": uri})

        return await self._asked(ctx, work)

    async def subscribe(
        self, ctx: Context, params: types.SubscribeRequestParams
    ) -> types.EmptyResult:
        async def work(seen: Seen) -> types.EmptyResult:
            self._watchers.subscribe(ctx, seen.namespace, str(params.uri))
            return types.EmptyResult()

        return await self._asked(ctx, work)

    async def unsubscribe(
        self, ctx: Context, params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        async def work(seen: Seen) -> types.EmptyResult:
            self._watchers.unsubscribe(ctx, seen.namespace, str(params.uri))
            return types.EmptyResult()

        return await self._asked(ctx, work)

    async def listen(
        self, ctx: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        async def work(seen: Seen) -> types.SubscriptionsListenResult:
            return await self._watchers.listen(ctx, params, seen.namespace)

        return await self._asked(ctx, work)

    # -- prompts -------------------------------------------------------------------------------

    async def list_prompts(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        _first(params)
        self._scopes(ctx)
        return types.ListPromptsResult(
            prompts=[prompt.shown for prompt in self._offer.prompts.values()]
        )

    async def get_prompt(
        self, ctx: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult | types.InputRequiredResult:
        prompt = self._offer.prompts.get(params.name)
        if prompt is None:
            known = ", ".join(self._offer.prompts)
            raise _invalid(f"Unknown prompt: {params.name:.80}; there are {known}")
        given = params.arguments or {}
        needed = [one.name for one in prompt.shown.arguments or () if one.required]
        if absent := [name for name in needed if name not in given]:
            raise _invalid(f"the prompt {params.name} needs {', '.join(absent)}")

        async def work(seen: Seen) -> types.GetPromptResult | types.InputRequiredResult:
            return await prompt.ask(ToolCall(ctx, params, seen, self._run))

        return await self._asked(ctx, work)

    async def complete(
        self, ctx: Context, params: types.CompleteRequestParams
    ) -> types.CompleteResult:
        async def work(seen: Seen) -> types.CompleteResult:
            found = await self._run(self._offer.complete, seen, params)
            some = list(found[:COMPLETIONS])
            return types.CompleteResult(
                completion=types.Completion(
                    values=some, total=len(found), has_more=len(found) > len(some)
                )
            )

        return await self._asked(ctx, work)


def _first(params: types.PaginatedRequestParams | None) -> None:
    """Refuse the cursor of a list that has one page."""
    if params is not None and params.cursor is not None:
        raise _invalid("this list has one page; ask without a cursor")
