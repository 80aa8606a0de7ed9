"""One chat through the proxy: whose memory, what it brings, the provider's answer, what is kept.

The answer goes to the client first: bytes go out as they came in, and are read beside that.
"""

import json
import time
import uuid
from dataclasses import replace
from functools import partial

import anyio
import httpx2
from starlette.types import Receive, Scope, Send

from remanence import instants
from remanence.server import bodies
from remanence.server.headers import Header
from remanence.server.problems import Problem
from remanence.server.proxy import extractive, remembering, sessions, sse, wire
from remanence.server.proxy import upstream as upstreams
from remanence.server.proxy.dialect import Answer, Dialect, Quote, StreamReader
from remanence.server.proxy.planning import ExchangePlan, ProxyContext, make_plan
from remanence.server.proxy.provider import Provider
from remanence.server.proxy.recalling import Recalled
from remanence.server.proxy.upstream import Upstream
from remanence.server.traffic import ProxyExchange
from remanence.text import fence

REFUSALS = (400, 413, 422)  # of a request: memory may be what was too much


class Exchange:
    """One request of one client, from its body to what is remembered of it."""

    def __init__(
        self,
        context: ProxyContext,
        provider: Provider,
        dialect: Dialect,
        upstream: Upstream | None,
        scope: Scope,
        send: Send,
    ) -> None:
        self._context, self._provider = context, provider
        self._dialect, self._upstream = dialect, upstream
        self._scope, self._send = scope, send
        self._reader: StreamReader | None = None
        self._answer: Answer | None = None
        self._started = False
        self._writes: str | None = None  # the namespace that is to remember this
        self._owed: anyio.Event | None = None
        self._status = 0

    async def run(self, body: bytes, receive: Receive, tail: bytes) -> None:
        """Answer it. Raises `Problem` (and the caller's errors) only before anything is sent."""
        plan = await make_plan(self._context, self._dialect, self._scope, body)
        metrics = self._context.service.metrics
        metrics.count("proxy_chats", dialect=self._dialect.name, memory=plan.outcome)
        if plan.reads:
            self._writes = plan.access.namespace
            self._scope["state"]["audited"] = ("chat", plan.access.namespace, None, False)
        began = time.monotonic()
        try:
            await self._answered(plan, receive, tail)
        finally:  # whatever happened: what is owed must not be waited for in vain
            with anyio.CancelScope(shield=True):
                await self._keep(plan)
                self._note(plan, time.monotonic() - began)

    def _note(self, plan: ExchangePlan, seconds: float) -> None:
        """Have the exchange shown among the last ones, where it has a namespace."""
        if plan.access.namespace is not None:
            self._context.service.traffic.add(
                ProxyExchange(
                    at=plan.began,
                    dialect=self._dialect.name,
                    model=plan.request.model[:100],
                    namespace=plan.access.namespace,
                    session=plan.ids.session if plan.reads and plan.ids else None,
                    memory=plan.state,
                    status=self._status,
                    milliseconds=round(seconds * 1e3),
                )
            )

    async def _answered(self, plan: ExchangePlan, receive: Receive, tail: bytes) -> None:
        """As long as the client is there."""
        metrics = self._context.service.metrics
        async with anyio.create_task_group() as group:
            group.start_soon(_until_gone, receive, group.cancel_scope)
            try:
                if self._upstream is None:
                    await self._quote(plan)
                else:
                    await self._forward(plan, self._upstream, tail)
            except Problem as problem:
                if problem.status >= 500:
                    metrics.count("proxy_upstream_errors", kind=problem.kind)
                if not self._started:  # else only a broken answer is honest
                    await self._refuse(problem, plan)
            group.cancel_scope.cancel()

    # -- before ---------------------------------------------------------------------------------

    async def _placed(self, plan: ExchangePlan) -> tuple[bytes | None, ExchangePlan]:
        """Return the body with memory in it (None: there is nothing to put in), and what came of
        it.
        """
        if not plan.recalled.items:
            return None, plan
        try:
            memory = fence.listed(plan.recalled.items)
            job = partial(self._dialect.place, plan.raw, memory)
            return (await bodies.off_loop(plan.body, job)).encode(), plan
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._context.fault("place", error)
            return None, replace(plan, recalled=Recalled(degraded=(type(error).__name__,)))

    # -- the answer -----------------------------------------------------------------------------

    async def _forward(self, plan: ExchangePlan, upstream: Upstream, tail: bytes) -> None:
        url = upstream.address(tail, self._scope["query_string"])
        placed, plan = await self._placed(plan)
        response = await self._ask(plan, upstream, url, placed)
        try:
            if placed is not None and response.status_code in REFUSALS:
                await response.aclose()
                plan = replace(plan, recalled=Recalled(degraded=("refused",)))
                self._context.service.metrics.count("proxy_faults", step="place", kind="refused")
                response = await self._ask(plan, upstream, url, None)
            await self._hand_on(response, plan)
        finally:
            self._owe()
            with anyio.CancelScope(shield=True):
                await response.aclose()

    async def _ask(
        self, plan: ExchangePlan, upstream: Upstream, url: httpx2.URL, placed: bytes | None
    ) -> httpx2.Response:
        headers = wire.onward(
            self._scope["headers"],
            upstream.auth,
            length=None if placed is None else len(placed),
            read=plan.reads,
        )
        content = plan.body if placed is None else placed
        return await upstreams.ask(self._context.http, "POST", url, headers, content)

    async def _hand_on(self, response: httpx2.Response, plan: ExchangePlan) -> None:
        raw = response.headers.raw
        read = plan.reads and response.status_code == 200
        if wire.is_stream(raw):
            self._reader = self._dialect.stream() if read and wire.is_readable(raw) else None
            await self._start(response.status_code, wire.back(raw, plan.state, streamed=True))
            await self._stream(response, wire.decoder(raw))
        elif wire.is_json(raw):
            body = await self._json(response, plan)
            plain = wire.decoded(body, raw, self._context.service.settings.max_proxy_body)
            if read and plain is not None:
                with anyio.CancelScope(shield=True):  # the client has it all, and may be gone
                    self._answer = await bodies.off_loop(plain, partial(self._read, plain))
        else:
            await self._start(response.status_code, wire.back(raw, plan.state))
            async for piece in upstreams.pieces(response):
                await self._body(piece, more=True)
            await self._body(b"", more=False)

    async def _json(self, response: httpx2.Response, plan: ExchangePlan) -> bytes:
        """Hand on one JSON value and return it: whole, but for blanks that come before it.

        What breaks off is told as an error, as long as nothing has gone out; a provider that sends
        blanks to keep the connection has them passed on at once.
        """
        headers = wire.back(response.headers.raw, plan.state)
        held: list[bytes] = []
        async for piece in upstreams.pieces(response):
            if held or piece.strip():
                held.append(piece)
                continue
            if not self._started:
                await self._start(response.status_code, headers)
            await self._body(piece, more=True)
        if not self._started:
            await self._start(response.status_code, headers)
        body = b"".join(held)
        await self._body(body, more=False)
        return body

    async def _stream(self, response: httpx2.Response, decoder: wire.Decoder | None) -> None:
        cutter, last = sse.Cutter(), b""
        try:
            async for piece in response.aiter_raw():
                whole = cutter.cut(piece if decoder is None else decoder.feed(piece))
                if any(end in whole for end in self._dialect.ends):
                    self._owe()  # a client may ask again from here on
                if decoder is not None:
                    await self._body(piece, more=True)  # no event of ours fits in what is packed
                elif whole:
                    await self._body(whole, more=True)
                if whole:
                    self._read_events(whole)
                    last = whole
        except httpx2.HTTPError as error:
            problem = upstreams.trouble(error)
            self._context.service.metrics.count("proxy_upstream_errors", kind=problem.kind)
            if decoder is None:
                await self._body(self._broken(problem, last), more=False)
            return
        rest = cutter.rest()
        await self._body(rest if decoder is None else b"", more=False)
        self._read_events(rest)

    async def _quote(self, plan: ExchangePlan) -> None:
        """No upstream: what memory says, word for word."""
        request = plan.request
        if request.wants:
            raise Problem(
                400, "no-model", f"{request.wants} needs a model, and none is configured here"
            )
        said = extractive.text(
            request.text, plan.recalled.items, plan.recalled.degraded, kept=plan.reads
        )
        quote = Quote(said, uuid.uuid4().hex[:24], int(time.time()), request)
        body, events = self._dialect.quote(quote)
        self._answer = Answer(id=body["id"], complete=True)  # not remembered: it was already
        if request.stream:
            stream = b"".join(sse.written(name, data) for name, data in events)
            await self._start(200, _typed(b"text/event-stream; charset=utf-8", plan.state))
            await self._body(stream, more=False)
        else:
            await self._start(200, _typed(b"application/json", plan.state))
            await self._body(json.dumps(body).encode(), more=False)

    async def _refuse(self, problem: Problem, plan: ExchangePlan) -> None:
        error = self._provider.error(problem.status, problem.kind, problem.detail)
        await self._start(problem.status, _typed(b"application/json", plan.state))
        await self._body(json.dumps(error).encode(), more=False)

    def _broken(self, problem: Problem, last: bytes) -> bytes:
        """Return the event that ends a stream which broke off, as the format has it."""
        error = self._provider.error(problem.status, problem.kind, problem.detail)
        return sse.written(*self._dialect.broken(problem.kind, problem.detail, error, last))

    async def _start(self, status: int, headers: list[Header]) -> None:
        self._started, self._status = True, status
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _body(self, piece: bytes, *, more: bool) -> None:
        if not more:
            self._owe()
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    def _owe(self) -> None:
        """Before the client can know that it has its answer: it may ask about it at once."""
        if self._owed is None and self._writes is not None:
            self._owed = self._context.remembering.owe(self._writes)

    # -- beside it, and after -------------------------------------------------------------------

    def _read_events(self, whole: bytes) -> None:
        if self._reader is None:
            return
        try:
            for data in sse.events(whole):
                self._reader.feed(data)
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._context.fault("listen", error)

    def _streamed(self, reader: StreamReader) -> Answer | None:
        try:
            return reader.answer()
        except Exception as error:  # noqa: BLE001 - what the user said is kept all the same
            self._context.fault("listen", error)
            return None

    def _read(self, body: bytes) -> Answer | None:
        try:
            return self._dialect.answer(json.loads(body))
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._context.fault("listen", error)
            return None

    async def _keep(self, plan: ExchangePlan) -> None:
        """Remember what was said, as far as it came."""
        namespace, place = plan.access.namespace, plan.ids
        if namespace is None or place is None:
            return
        answer = self._answer if self._reader is None else self._streamed(self._reader)
        if answer is not None:
            sessions.keep(self._context.notes, namespace, place, plan.request, answer)
        if self._writes is not None:
            ended = instants.render(instants.now())
            turns = remembering.turns(
                self._dialect.name, plan.request, answer, place, plan.began, ended
            )
            await self._context.remembering.remember(namespace, turns, self._owed)


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    """Ends `scope` when the client has gone: nobody waits for the answer any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _typed(media: bytes, said: str) -> list[Header]:
    return [(b"content-type", media), (wire.NAME.encode(), said.encode())]
