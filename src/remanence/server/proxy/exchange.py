"""One chat through the proxy: who asks, what memory brings, the provider's answer as it comes, and what is kept of it.

The answer is the client's before it is ours: bytes go out as they came in, and what is read of them is read beside. It knows the port of wire
formats and none of them, and it knows no path.
"""

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio
import httpx2
from starlette.types import Receive, Scope, Send

from remanence import instants
from remanence.server import problems
from remanence.server.caller import Caller
from remanence.server.headers import Header
from remanence.server.problems import Problem
from remanence.server.proxy import extractive, identity, remembering, sessions, sse, wire
from remanence.server.proxy import upstream as providers
from remanence.server.proxy.dialect import Answer, Asked, Dialect, Listener, Quote
from remanence.server.proxy.recalling import Recalled, Recalling
from remanence.server.proxy.remembering import Remembering
from remanence.server.proxy.sessions import Place, Threads
from remanence.server.proxy.upstream import Upstream
from remanence.server.service import Service
from remanence.text import fence

REFUSALS = (400, 413, 422)  # of a request: memory may be what was too much
_ENDS = (b"[DONE]", b'"message_stop"', b'"response.completed"', b'"response.incomplete"')
_NUMBER = re.compile(rb'"sequence_number"\s*:\s*(\d+)')


@dataclass(frozen=True, slots=True)
class Room:
    """What every exchange needs."""

    service: Service
    http: httpx2.AsyncClient
    recalling: Recalling
    remembering: Remembering
    threads: Threads


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one request."""

    body: bytes
    raw: str  # the body as text, or "" where it cannot be read
    asked: Asked
    wish: identity.Wish
    place: Place | None  # None: nothing is recalled and nothing remembered
    recalled: Recalled
    began: str

    @property
    def reads(self) -> bool:
        return self.place is not None and self.wish.write

    @property
    def said(self) -> str:
        """What the client is told of memory."""
        if self.place is None:
            return "none" if self.wish.read or self.wish.write else "off"
        if self.recalled.degraded and not self.recalled.items:
            return wire.degraded(self.recalled.degraded)
        return wire.used(self.recalled.ids, self.recalled.degraded)


class Exchange:
    """One request of one client, from its body to what is remembered of it."""

    def __init__(
        self, room: Room, dialect: Dialect, upstream: Upstream | None, scope: Scope, send: Send
    ) -> None:
        self._room, self._dialect, self._upstream = room, dialect, upstream
        self._scope, self._send = scope, send
        self._listener: Listener | None = None
        self._answer: Answer | None = None
        self._started = False
        self._writes: str | None = None  # the namespace that is to remember this
        self._owed: anyio.Event | None = None

    async def run(self, body: bytes, receive: Receive, tail: bytes) -> None:
        """Answer it. Raises `Problem` (and the caller's errors) only before anything is sent."""
        plan = await self._plan(body)
        metrics = self._room.service.metrics
        metrics.count(
            "proxy_chats", dialect=self._dialect.name, memory=re.split("[=;]", plan.said)[0]
        )
        if plan.reads:
            self._writes = plan.wish.namespace
            self._scope["state"]["audited"] = ("chat", plan.wish.namespace, None, False)
        try:
            await self._answered(plan, receive, tail)
        finally:  # whatever happened: what is owed must not be waited for in vain
            with anyio.CancelScope(shield=True):
                await self._keep(plan)

    async def _answered(self, plan: Plan, receive: Receive, tail: bytes) -> None:
        """As long as the client is there."""
        metrics = self._room.service.metrics
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

    async def _plan(self, body: bytes) -> Plan:
        room, headers = self._room, self._scope["headers"]
        caller: Caller = self._scope["state"]["caller"]
        began = instants.render(instants.now())
        raw, parsed = _parsed(body, headers)
        asked = self._understood(parsed)
        wish = identity.wish(caller, headers, asked)
        if wish.namespace is None or not (wish.read or wish.write) or not raw:
            return Plan(body, raw, asked, wish, None, Recalled(), began)
        found = None
        if asked.previous is not None and wish.session is None:
            noted = room.threads.noted(wish.namespace, "response", asked.previous)
            found = noted or await room.recalling.session_of(wish.namespace, asked.previous)
        place = sessions.place(room.threads, wish.namespace, wish.session, asked, began[:10], found)
        recalled = Recalled()
        if wish.read:
            recalled = await room.recalling.recall(wish.namespace, asked, place.turn)
        return Plan(body, raw, asked, wish, place, recalled, began)

    def _understood(self, parsed: Mapping[str, Any]) -> Asked:
        try:
            return self._dialect.asked(parsed)
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._fault("ask", error)
            return Asked()

    def _placed(self, plan: Plan) -> tuple[bytes | None, Plan]:
        """The body with memory in it (None: there is nothing to put in), and what came of it."""
        if not plan.recalled.items:
            return None, plan
        try:
            text = self._dialect.place(plan.raw, fence.listed(plan.recalled.items))
            return text.encode(), plan
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._fault("place", error)
            return None, replace(plan, recalled=Recalled(degraded=(type(error).__name__,)))

    # -- the answer -----------------------------------------------------------------------------

    async def _forward(self, plan: Plan, upstream: Upstream, tail: bytes) -> None:
        url = upstream.address(tail, self._scope["query_string"])
        placed, plan = self._placed(plan)
        response = await self._ask(plan, upstream, url, placed)
        try:
            if placed is not None and response.status_code in REFUSALS:
                await response.aclose()
                plan = replace(plan, recalled=Recalled(degraded=("refused",)))
                self._room.service.metrics.count("proxy_faults", step="place", kind="refused")
                response = await self._ask(plan, upstream, url, None)
            await self._hand_on(response, plan)
        finally:
            self._owe()
            with anyio.CancelScope(shield=True):
                await response.aclose()

    async def _ask(
        self, plan: Plan, upstream: Upstream, url: httpx2.URL, placed: bytes | None
    ) -> httpx2.Response:
        headers = wire.onward(
            self._scope["headers"],
            upstream.auth,
            length=None if placed is None else len(placed),
            read=plan.reads,
        )
        content = plan.body if placed is None else placed
        return await providers.ask(self._room.http, "POST", url, headers, content)

    async def _hand_on(self, response: httpx2.Response, plan: Plan) -> None:
        raw = response.headers.raw
        if not (wire.is_stream(raw) or wire.is_json(raw)):
            await self._start(response.status_code, wire.back(raw, plan.said))
            async for piece in providers.pieces(response):
                await self._body(piece, more=True)
            await self._body(b"", more=False)
            return
        if not wire.is_stream(raw):
            body = await providers.whole(response)
            await self._start(response.status_code, wire.back(raw, plan.said))
            await self._body(body, more=False)
            if plan.reads and response.status_code == 200 and wire.is_plain(raw):
                self._answer = self._read(body)
            return
        if plan.reads and response.status_code == 200:
            self._listener = self._dialect.listen()
        await self._start(response.status_code, wire.back(raw, plan.said, streamed=True))
        await self._stream(response)

    async def _stream(self, response: httpx2.Response) -> None:
        cutter, last = sse.Cutter(), b""
        try:
            async for piece in response.aiter_raw():
                if whole := cutter.cut(piece):
                    if any(end in whole for end in _ENDS):  # a client may ask again from here on
                        self._owe()
                    await self._body(whole, more=True)
                    self._hear(whole)
                    last = whole
        except httpx2.HTTPError as error:
            problem = providers.trouble(error)
            self._room.service.metrics.count("proxy_upstream_errors", kind=problem.kind)
            await self._body(self._broken(problem, last), more=False)
            return
        rest = cutter.rest()
        await self._body(rest, more=False)
        self._hear(rest)

    async def _quote(self, plan: Plan) -> None:
        """No upstream: what memory says, word for word."""
        asked = plan.asked
        if asked.wants:
            raise Problem(
                400, "no-model", f"{asked.wants} needs a model, and none is configured here"
            )
        said = extractive.text(
            asked.text, plan.recalled.items, plan.recalled.degraded, kept=plan.reads
        )
        quote = Quote(said, uuid.uuid4().hex[:24], int(time.time()), asked)
        body, events = self._dialect.quote(quote)
        self._answer = Answer(id=body["id"], complete=True)  # not remembered: it was already
        if asked.stream:
            stream = b"".join(sse.written(name, data) for name, data in events)
            if self._dialect.name == "openai.chat":
                stream += sse.written("", "[DONE]")
            await self._start(200, _typed(b"text/event-stream; charset=utf-8", plan.said))
            await self._body(stream, more=False)
        else:
            await self._start(200, _typed(b"application/json", plan.said))
            await self._body(json.dumps(body).encode(), more=False)

    async def _refuse(self, problem: Problem, plan: Plan) -> None:
        media, body = problems.body(problem, self._scope["path"])
        await self._start(problem.status, _typed(media, plan.said))
        await self._body(body, more=False)

    def _broken(self, problem: Problem, last: bytes) -> bytes:
        """The event that ends a stream which broke off, as the protocol has it."""
        if self._dialect.name == "openai.responses":
            numbers = _NUMBER.findall(last)
            data: Any = {
                "type": "error",
                "code": problem.kind,
                "message": problem.detail,
                "param": None,
                "sequence_number": int(numbers[-1]) + 1 if numbers else 0,
            }
            return sse.written("error", data)
        _, body = problems.body(problem, self._scope["path"])
        name = "error" if self._dialect.name == "anthropic.messages" else ""
        return sse.written(name, json.loads(body))

    async def _start(self, status: int, headers: list[Header]) -> None:
        self._started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _body(self, piece: bytes, *, more: bool) -> None:
        if not more:
            self._owe()
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    def _owe(self) -> None:
        """Before the client can know that it has its answer: it may ask about it at once."""
        if self._owed is None and self._writes is not None:
            self._owed = self._room.remembering.owe(self._writes)

    # -- beside it, and after -------------------------------------------------------------------

    def _hear(self, whole: bytes) -> None:
        if self._listener is None:
            return
        try:
            for data in sse.heard(whole):
                self._listener.hear(data)
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._fault("listen", error)

    def _heard(self, listener: Listener) -> Answer | None:
        try:
            return listener.answer()
        except Exception as error:  # noqa: BLE001 - what the user said is kept all the same
            self._fault("listen", error)
            return None

    def _read(self, body: bytes) -> Answer | None:
        try:
            return self._dialect.answer(json.loads(body))
        except Exception as error:  # noqa: BLE001 - the chat goes on
            self._fault("listen", error)
            return None

    async def _keep(self, plan: Plan) -> None:
        """Remember what was said, as far as it came."""
        namespace, place = plan.wish.namespace, plan.place
        if namespace is None or place is None:
            return
        answer = self._answer if self._listener is None else self._heard(self._listener)
        if answer is not None:
            sessions.keep(self._room.threads, namespace, place, plan.asked, answer)
        if self._writes is not None:
            ended = instants.render(instants.now())
            turns = remembering.turns(
                self._dialect.name, plan.asked, answer, place, plan.began, ended
            )
            await self._room.remembering.remember(namespace, turns, self._owed)

    def _fault(self, step: str, error: Exception) -> None:
        self._room.service.log.failed(f"proxy {step}", error)
        self._room.service.metrics.count("proxy_faults", step=step, kind=type(error).__name__)


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    """Ends `scope` when the client has gone: nobody waits for the answer any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _parsed(body: bytes, headers: list[Header]) -> tuple[str, Mapping[str, Any]]:
    """The body as text and as JSON; empty where it is none that can be read: then it goes on as it is."""
    if not wire.is_plain(headers):
        return "", {}
    try:
        raw = body.decode()
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        return "", {}
    return (raw, parsed) if isinstance(parsed, dict) else ("", {})


def _typed(media: bytes, said: str) -> list[Header]:
    return [(b"content-type", media), (wire.NAME.encode(), said.encode())]
