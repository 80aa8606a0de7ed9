"""The plan of one request, made before anything is sent on."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx2
from starlette.types import Scope

from remanence import instants
from remanence.server import bodies
from remanence.server.caller import Caller
from remanence.server.headers import Header
from remanence.server.proxy import identity, sessions, wire
from remanence.server.proxy.dialect import Dialect, ParsedRequest
from remanence.server.proxy.recalling import Recalled, Recalling
from remanence.server.proxy.remembering import Remembering
from remanence.server.proxy.sessions import ConversationNotes, ExchangeIds
from remanence.server.service import Service


@dataclass(frozen=True, slots=True)
class ProxyContext:
    """The parts that every exchange needs."""

    service: Service
    """The service whose memory is used."""
    http: httpx2.AsyncClient
    """The client of all upstreams."""
    recalling: Recalling
    """Recall within the budget of a chat."""
    remembering: Remembering
    """Writing of exchanges after their answers."""
    notes: ConversationNotes
    """Notes of the chats under way."""

    def fault(self, step: str, error: Exception) -> None:
        """Log and count a fault of memory that a chat goes on without."""
        self.service.log.failed(f"proxy {step}", error)
        self.service.metrics.count("proxy_faults", step=step, kind=type(error).__name__)


@dataclass(frozen=True, slots=True)
class ExchangePlan:
    """The plan of one request."""

    body: bytes
    """The body as it came."""
    raw: str
    """The body as text, "" where it cannot be read."""
    request: ParsedRequest
    """What the body says."""
    access: identity.MemoryAccess
    """What the request may do with memory."""
    ids: ExchangeIds | None
    """Session and turns; None where nothing is recalled and nothing remembered."""
    recalled: Recalled
    """What memory brought."""
    began: str
    """When the request came, in RFC 3339."""
    reason: str = ""
    """Why memory took no part, though the request did not say so."""

    @property
    def reads(self) -> bool:
        """True where the answer is to be remembered."""
        return self.ids is not None and self.access.write

    @property
    def state(self) -> str:
        """The value of the header that tells the client what memory did."""
        if self.ids is None and not (self.access.read or self.access.write):
            return "off"
        if self.ids is None:
            return f"none; reason={self.reason}" if self.reason else "none"
        told = wire.used(self.recalled.ids, self.recalled.degraded)
        if self.recalled.degraded and not self.recalled.items:
            told = wire.degraded(self.recalled.degraded)
        return wire.within(told, self.access.namespace) if self.access.default else told

    @property
    def outcome(self) -> str:
        """The first word of `state`, for metrics."""
        return re.split("[=;]", self.state)[0]


async def make_plan(
    context: ProxyContext, dialect: Dialect, scope: Scope, body: bytes
) -> ExchangePlan:
    """Return what is to be done. Raises `Problem` and the caller's errors."""
    caller: Caller = scope["state"]["caller"]
    headers, settings = scope["headers"], context.service.settings
    began = instants.render(instants.now())
    job = partial(_read, dialect, body, headers, settings.max_proxy_body)
    raw, request, error = await bodies.off_loop(body, job)
    if error is not None:
        context.fault("parse", error)
    access = identity.access(caller, headers, request, settings)
    reason = _reason(raw, request, access)
    wanted = access.read or access.write
    if reason or not wanted or access.namespace is None:
        if reason and wanted:
            context.service.log.write("proxy memory", reason=reason)
        return ExchangePlan(body, raw, request, access, None, Recalled(), began, reason)
    ids = await _ids(context, access, access.namespace, request, began[:10])
    recalled = Recalled()
    if access.read:
        recalled = await context.recalling.recall(access.namespace, request, ids.turn)
    return ExchangePlan(body, raw, request, access, ids, recalled, began)


def _read(
    dialect: Dialect, body: bytes, headers: Sequence[Header], most: int
) -> tuple[str, ParsedRequest, Exception | None]:
    """Return a body as text and what it says; what cannot be read goes on as it is."""
    raw, parsed = _parsed(body, headers, most)
    try:
        return raw, dialect.parse(parsed), None
    except Exception as error:  # noqa: BLE001 - the chat goes on
        return raw, ParsedRequest(), error


def _parsed(body: bytes, headers: Sequence[Header], most: int) -> tuple[str, Mapping[str, Any]]:
    plain = wire.decoded(body, headers, most)
    try:
        raw = (plain or b"").decode()
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        return "", {}
    return (raw, parsed) if isinstance(parsed, dict) else ("", {})


def _reason(raw: str, request: ParsedRequest, access: identity.MemoryAccess) -> str:
    """Return why memory can take no part, "" where it can."""
    if access.namespace is None:
        return identity.NO_USER
    if not raw:
        return "unreadable-body"
    return f"client-{request.background}" if request.background else ""


async def _ids(
    context: ProxyContext,
    access: identity.MemoryAccess,
    namespace: str,
    request: ParsedRequest,
    day: str,
) -> ExchangeIds:
    found = None
    if request.previous is not None and access.session is None:
        noted = context.notes.noted(namespace, "response", request.previous)
        found = noted or await context.recalling.session_of(namespace, request.previous)
    return sessions.place(context.notes, namespace, access.session, request, day, found)
