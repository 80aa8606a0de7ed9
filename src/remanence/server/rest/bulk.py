"""Import and export: lines of JSON that stream, in and out.

An import is read as it comes, in batches of one commit each, and answers with a line of progress
after each and a last line that says how it ended. An export is read page by page, so that no
reader, however slow, keeps the write-ahead log from being emptied. The format is that of `remanence
import` and `export`.
"""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import asdict, replace
from typing import Annotated, Any

import anyio
import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict, Field
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from remanence import queries
from remanence.errors import InvalidInput, RemanenceError
from remanence.integrations import incoming, jsonl
from remanence.integrations.incoming import Bad, Incoming
from remanence.server import problems
from remanence.server.caller import OutOfReach, Refused
from remanence.server.problems import Problem
from remanence.server.rest.calls import Call, Route
from remanence.server.rest.shapes import NamespaceQuery

router = APIRouter(prefix="/v1", tags=["bulk"], route_class=Route)

MEDIA = "application/x-ndjson"
_TAKEN = frozenset({MEDIA, "application/jsonl", "application/jsonlines"})
PAGE = 1_000  # episodes read at a time
EVERY = 0.5  # seconds between two lines of progress at least
LineSender = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class ImportAsked(NamespaceQuery):
    """The namespace of all lines, else of each line;

    whether to go on after a line that cannot be remembered.
    """

    model_config = ConfigDict(extra="forbid")

    skip_bad: bool = False


class ExportAsked(NamespaceQuery):
    """Which namespace; with `history`, older versions too."""

    model_config = ConfigDict(extra="forbid")

    history: bool = Field(False)


@router.get(
    "/export",
    operation_id="export",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA: {"schema": {"type": "string"}}}, "description": "Lines."}},
)
async def export(request: Request, asked: Annotated[ExportAsked, Query()]) -> Response:
    """Every episode of a namespace, verbatim, in order of arrival, a line each."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    call.audited("export", namespace)
    return StreamingResponse(_pages(call, namespace, history=asked.history), media_type=MEDIA)


async def _pages(call: Call, namespace: str, *, history: bool) -> AsyncIterator[bytes]:
    beyond: int | None = None
    while True:
        page = await call.service.run(
            queries.page, call.memory, namespace,
            beyond=beyond, most=PAGE, oldest_first=True, history=history,
        )  # fmt: skip
        if page.items:
            beyond = page.items[-1][0]
            yield "".join(f"{jsonl.line(episode)}\n" for _, episode in page.items).encode()
        if not page.more:
            return


@router.post(
    "/import",
    operation_id="import",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA: {"schema": {"type": "string"}}}, "description": "Lines."}},
    openapi_extra={"requestBody": {"required": True, "content": {MEDIA: {}}}},
)
async def import_(request: Request, asked: Annotated[ImportAsked, Query()]) -> Response:
    """Remember lines of JSON, however many; a second time changes nothing where they have ids.

    The answer's lines are `{"turns": ...}` while it goes on, and at last `{"done": ...}` or
    `{"problem": ...}`.
    """
    call = Call(request, "write")
    if asked.namespace is not None or call.header_namespace is not None:
        call.namespace(asked.namespace)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TAKEN:
        raise Problem(415, "media-type", f"send the lines as {MEDIA}")
    call.audited("import", asked.namespace)
    return Lines(call, lambda line: _import_lines(call, asked, line))


class Lines(Response):
    """Lines of JSON that go out while the request is still read;

    the last is what `work` returns.
    """

    def __init__(self, call: Call, work: Callable[[LineSender], Awaitable[dict[str, Any]]]) -> None:
        super().__init__(media_type=MEDIA)
        self._call, self._work = call, work
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the request's own is bounded
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})

        async def line(value: dict[str, Any]) -> None:
            body = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})

        await line(await self._work(line))
        await send({"type": "http.response.body", "body": b""})


async def _import_lines(call: Call, asked: ImportAsked, line: LineSender) -> dict[str, Any]:
    work = _Work(call, asked, call.request.receive, line)
    return await anyio.to_thread.run_sync(work.run, limiter=call.service.bulk)


class _Work:
    """One import, in a thread of its own; what it reads and writes it asks of the event loop."""

    def __init__(self, call: Call, asked: ImportAsked, receive: Receive, line: Any) -> None:
        self._call, self._asked = call, asked
        self._receive, self._line = receive, line
        self._turns = 0
        self._told = time.monotonic()

    def run(self) -> dict[str, Any]:
        """Import, and the last line."""
        try:
            done = incoming.remember(
                self._call.memory,
                self._placed(),
                format="jsonl",
                skip_bad=self._asked.skip_bad,
                step=self._step,
            )
        except (RemanenceError, Problem) as error:
            problem = problems.of(error)
            if problem.status >= 500:
                self._call.service.log.failed("import", error)
            return {"problem": problems.document(problem), "turns": self._turns}
        self._call.metrics.count("remembered", done.new)
        return {"done": {**asdict(done), "format": "jsonl"}}

    def _placed(self) -> Iterator[Incoming | Bad]:
        """The turns of the lines, each in a namespace that the caller reaches."""
        for item in jsonl.read(self._lines()):
            yield self._reached(item) if isinstance(item, Incoming) else item

    def _reached(self, item: Incoming) -> Incoming | Bad:
        try:
            namespace = self._call.namespace(self._asked.namespace or item.namespace)
            self._call.most(len(item.turn.text), "text", self._call.settings.max_string)
        except (OutOfReach, Refused):
            return Bad(item.place, "names a namespace that is not within this key's reach")
        except InvalidInput as error:
            return Bad(item.place, str(error))
        return replace(item, namespace=namespace)

    def _lines(self) -> Iterator[bytes]:
        """The body cut at its newlines. Raises `Problem` 413 for a line that is too long."""
        held, more = b"", True
        while more:
            message = anyio.from_thread.run(self._next)
            if message["type"] != "http.request":
                raise Problem(400, "disconnected", "the request ended before its body did")
            more = message.get("more_body", False)
            *whole, held = (held + message.get("body", b"")).split(b"\n")
            yield from whole
            if len(held) > self._call.settings.max_body:
                raise problems.too_large(self._call.settings.max_body)
        if held:
            yield held

    async def _next(self) -> Message:
        return await self._receive()

    def _step(self) -> None:
        self._turns += 1
        if time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            anyio.from_thread.run(self._line, {"turns": self._turns})
