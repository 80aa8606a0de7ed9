"""Checks of every request, of any protocol: Host, Origin, key, rate, size and depth of the body;
and the headers of every answer.

Pure ASGI. It puts the `Caller` into `scope["state"]["caller"]`, and into
`scope["state"]["credential"]` the header that the key came in; it does not know what a route does.
A route may put (action, namespace, target, at_once) into `scope["state"]["audited"]`.
"""

import math
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from functools import partial
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from remanence.errors import StorageError
from remanence.server import bodies, cors, page, problems, rates
from remanence.server.caller import Caller
from remanence.server.keys import PREFIX
from remanence.server.problems import Problem
from remanence.server.proxy.providers import PROVIDERS, provider_of
from remanence.server.service import Service

OPEN = frozenset({"/healthz", "/readyz"})
STREAMED = frozenset(
    {"/v1/import", "/v1/import/file"}
)  # read as it comes; everything else in JSON is read whole
AGAIN = 5.0  # seconds of a long answer after which its key is looked at again
MOST_HEADERS = 200
HEADER_BYTES = 64 * 1024  # of names and values
FAILURES = (10.0, 100.0)  # a second and burst: wrong keys from one address
_ONCE = (b"host", b"origin", b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key", b"x-remanence-key", b"content-type",
         b"content-length", b"idempotency-key", b"if-match", b"if-none-match")  # fmt: skip
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_UNLESS_SET = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_ABSENT = ("/.well-known/", "/mcp/.well-known/", "/register", "/authorize", "/token")
"""Paths at which clients look for OAuth: there is none, and no key is needed to learn that."""


def _once(scope: Scope) -> dict[bytes, bytes]:
    """The headers that must not be given twice. Raises `Problem`."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _ONCE:
            if name in found:
                raise Problem(400, "header-twice", f"the header {name.decode()} is given twice")
            found[name] = value
    return found


class _Answer:
    """One answer on its way out: its headers are completed, its status and its end are seen."""

    def __init__(self, send: Send, id: str) -> None:
        self._send = send
        self.id = id
        self.status = 0
        self.allowed: bytes | None = None  # the web page that may read it
        self.before_start: Send | None = None
        self.admitted: Callable[[], Awaitable[None]] | None = None  # raises once its key has ended
        self.cut = False  # its key has ended on the way
        self._looked = time.monotonic()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            given = {name.lower() for name, _ in headers}
            headers += _ALWAYS
            headers += [header for header in _UNLESS_SET if header[0] not in given]
            headers.append((b"x-remanence-request", self.id.encode()))
            if b"date" not in given:  # an upstream's own stays
                headers.append((b"date", formatdate(usegmt=True).encode()))
            if self.allowed is not None:
                headers += cors.answer(self.allowed)
            message = {**message, "headers": headers}
            if self.before_start is not None:
                await self.before_start(message)
        elif self.admitted is not None and time.monotonic() - self._looked >= AGAIN:
            self._looked = time.monotonic()
            try:
                await self.admitted()
            except Problem:
                self.cut = True
                raise
        await self._send(message)

    async def refuse(self, problem: Problem, path: str) -> None:
        media, body = problems.body(problem, path)
        headers = [(b"content-type", media), (b"content-length", str(len(body)).encode())]
        headers += [
            (name.lower().encode(), value.encode())
            for name, value in (problem.headers or {}).items()
        ]
        await self({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


class Guard:
    """Stands around the whole site."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._settings = service.settings
        self._hosts = self._settings.hosts
        self._origins = frozenset(self._settings.allowed_origins)
        shared = service.shared
        self._rates = rates.limit(self._settings.rate, self._settings.burst, "key", shared)
        rate, burst = FAILURES if self._settings.rate else (0, 0)
        self._failures = rates.limit(rate, burst, "address", shared)
        self._waiting = 0
        self._held: Counter[str] = Counter()  # requests under way, by key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        began, answer = time.perf_counter(), _Answer(send, secrets.token_hex(8))
        scope.setdefault("state", {})
        scope["state"]["request_id"] = answer.id
        self._waiting += 1
        try:
            await self._answered(scope, receive, answer)
        finally:
            self._waiting -= 1
            if (key := scope["state"].get("place")) is not None:
                self._held[key] -= 1
                self._held += Counter()  # drops what counts nothing
            self._tell(scope, answer, time.perf_counter() - began)

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            receive = await self._admit(scope, receive, answer)
            if answer.status == 0:
                await self._app(scope, receive, answer)
        except Exception as error:
            if answer.cut:  # whatever the site makes of that
                return
            problem = problems.of(error)
            if problem.status >= 500:
                self._service.log.failed("failed", error, request=answer.id)
            if answer.status:  # part of an answer has gone out: only a broken one is honest
                if not isinstance(error, Problem):
                    raise
                return
            await answer.refuse(problem, scope["path"])

    async def _admit(self, scope: Scope, receive: Receive, answer: _Answer) -> Receive:
        """Check a request and pass it on; answer a preflight. Raises `Problem`."""
        if self._waiting > self._settings.waiting:
            raise Problem(
                503,
                "busy",
                "too many requests are under way; try again",
                headers={"Retry-After": "1"},
            )
        _check_form(scope)
        headers, path = _once(scope), scope["path"]
        self._check_host(headers)
        self._check_origin(scope, headers, answer)
        if answer.allowed is not None and scope["method"] == "OPTIONS":
            allowed = cors.preflight(scope["headers"])
            await answer({"type": "http.response.start", "status": 204, "headers": allowed})
            await answer({"type": "http.response.body"})
            return receive
        if path in OPEN or page.is_open(
            path
        ):  # whoever has no key is not waited for: what he sends is not read
            return receive
        if path.startswith(_ABSENT):
            raise problems.absent()
        await self._authenticate(scope, headers, answer)
        self._take_place(scope)
        answer.before_start = self._audited(scope)
        return await self._bounded(scope, headers, receive)

    # -- where from -----------------------------------------------------------------------------

    def _check_host(self, headers: Mapping[bytes, bytes]) -> None:
        """Against DNS rebinding: a page that has its name point here still says its own name."""
        if "*" in self._hosts:
            return
        host = headers.get(b"host", b"").decode("latin-1")
        if not host or _name(f"//{host}") not in self._hosts:
            raise Problem(
                421, "host", "this service does not answer to that Host; see allowed_hosts"
            )

    def _check_origin(self, scope: Scope, headers: Mapping[bytes, bytes], answer: _Answer) -> None:
        origin = headers.get(b"origin")
        if origin is None:
            return
        said = origin.decode("latin-1")
        if said in self._origins:
            answer.allowed = origin
            return
        own = f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'').decode('latin-1')}"
        if said != own:
            raise Problem(403, "origin", "pages of that origin may not call; see allowed_origins")

    # -- who ------------------------------------------------------------------------------------

    async def _authenticate(
        self, scope: Scope, headers: Mapping[bytes, bytes], answer: _Answer
    ) -> None:
        header, token = _token(headers)
        caller = await self._known(token)
        if caller is None:
            peer = (scope.get("client") or ("",))[0]
            if wait := self._failures.wait(str(peer)):
                raise _too_often(wait)
            raise Problem(
                401,
                "key",
                "no valid key; send Authorization: Bearer rmn_... (see `remanence keys create`)",
                headers={"WWW-Authenticate": 'Bearer realm="remanence"'},
            )
        scope["state"]["caller"] = caller
        answer.admitted = partial(self._still, token)
        scope["state"]["credential"] = header
        if wait := self._rates.wait(caller.key):
            raise _too_often(wait)

    async def _known(self, token: str) -> Caller | None:
        keys = self._service.keys
        if not token:
            return None
        return keys.believed(token) or await self._service.run(keys.check, token)

    async def _still(self, token: str) -> None:
        """Raises `Problem` once a key has ended: a long answer is broken off then."""
        try:
            known = await self._known(token)
        except (
            StorageError
        ) as error:  # trouble of the store breaks no answer: it is looked at again
            self._service.log.failed("key", error)
            return
        if known is None:
            raise Problem(401, "key", "the key has ended")

    def _take_place(self, scope: Scope) -> None:
        """Raises `Problem` where one key holds its share of the service's places already."""
        key = scope["state"]["caller"].key
        if self._held[key] >= self._settings.key_waiting:
            raise Problem(
                429,
                "share",
                f"this key has {self._settings.key_waiting} requests under way; try again",
                headers={"Retry-After": "1"},
            )
        self._held[key] += 1
        scope["state"]["place"] = key

    # -- what -----------------------------------------------------------------------------------

    async def _bounded(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive
    ) -> Receive:
        path, settings = scope["path"], self._settings
        most = settings.max_proxy_body if provider_of(path) else settings.max_body
        if path in STREAMED:
            most = settings.max_import
        said = headers.get(b"content-length")
        if said is not None and said.isdigit() and int(said[:20]) > most:
            raise problems.too_large(most)
        if path in STREAMED or b"json" not in headers.get(b"content-type", b"").lower():
            return bodies.capped(receive, most, settings.body_seconds)
        body = await bodies.whole(receive, most, settings.body_seconds)
        if provider_of(path) is None:  # what a proxy cannot read, it passes on
            await bodies.off_loop(body, partial(bodies.check_depth, body, settings.max_depth))
        return bodies.again(body, receive)

    # -- afterwards -----------------------------------------------------------------------------

    def _audited(self, scope: Scope) -> Send:
        """Notes a deed when its answer begins; before it, where the route says so."""

        async def note(message: Message) -> None:
            state = scope["state"]
            said = state.get("audited")
            status = message["status"]
            if said is None:
                if status not in (403, 404) and self._settings.audit != "all":
                    return
                said = (_action(scope), None, None, False)
            action, namespace, target, at_once = said
            self._service.audit.note(state["caller"].key, action, status, namespace, target)
            if at_once:
                try:
                    await self._service.run(self._service.audit.flush)
                except StorageError as error:  # it stays pending, and is tried again
                    self._service.log.failed("audit", error)

        return note

    def _tell(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        route, caller = _action(scope), scope["state"].get("caller")
        metrics = self._service.metrics
        metrics.count("http_requests", route=route, status=str(answer.status))
        metrics.observe("http_request_seconds", seconds, route=route)
        metrics.level("http_waiting", self._waiting)
        self._service.log.write(
            "request",
            request=answer.id,
            route=route,
            status=answer.status,
            ms=round(seconds * 1e3, 2),
            key=None if caller is None else caller.key,
        )


def _name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _check_form(scope: Scope) -> None:
    """Raises `Problem` for headers above their bounds, and for an upgrade that there is not."""
    headers = scope["headers"]
    size = sum(len(name) + len(value) for name, value in headers)
    if len(headers) > MOST_HEADERS or size > HEADER_BYTES:
        raise Problem(
            431,
            "headers",
            f"more than {MOST_HEADERS} headers or {HEADER_BYTES:,} bytes of them; send fewer",
        )
    if any(name == b"upgrade" and value.lower() == b"websocket" for name, value in headers):
        raise Problem(
            426,
            "upgrade",
            "no WebSockets here; send the request over HTTP",
            headers={"Upgrade": "HTTP/1.1", "Connection": "Upgrade"},
        )


_KEY_HEADERS = (b"x-remanence-key", b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key")


def _token(headers: Mapping[bytes, bytes]) -> tuple[str, str]:
    """Return the header that a key came in, and the key, with or without "Bearer" (or "Token")
    before it.

    Our own header first: the others may carry the upstream's key.
    """
    for name in _KEY_HEADERS:
        value = headers.get(name, b"").decode("latin-1").strip()
        kind, _, rest = value.partition(" ")
        if kind.lower() in ("bearer", "token"):
            value = rest.strip()
        if value.startswith(PREFIX) or (value and name == b"x-remanence-key"):
            return name.decode(), value
    return "", ""


def _too_often(wait: float) -> Problem:
    after = str(max(1, math.ceil(wait)))
    return Problem(
        429, "rate", f"too many requests; try again in {after} s", headers={"Retry-After": after}
    )


def _action(scope: Scope) -> str:
    """The route as it is declared: a path may have words in it."""
    route = getattr(scope.get("route"), "path", None)
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    path = scope["path"]
    if route is None:
        route = path if path in OPEN or path == "/metrics" else _mount(path)
    return f"{method} {route}"


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


_MOUNTS = frozenset({"v1", "mcp", "page", *(each.name for each in PROVIDERS)})


def _mount(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}/*" if first in _MOUNTS else "*"
