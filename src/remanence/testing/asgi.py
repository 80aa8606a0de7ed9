"""An application called without a socket: each request is an ASGI scope and messages. For tests,
fuzzing and embedding.

What a socket's parser would refuse can be sent as well. It knows ASGI, no application.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an application. `status` is 0 where nothing did; `error` is what the application raised."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    error: BaseException | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key == wanted), None)


def scope(
    method: str,
    target: str | bytes,
    headers: Sequence[tuple[bytes, bytes]],
    client: str = "127.0.0.1",
) -> Scope:
    """The ASGI scope of a request, as uvicorn makes it."""
    raw = target if isinstance(target, bytes) else target.encode("utf-8", "surrogateescape")
    path, _, query = raw.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": (client, 40_000),
        "server": ("127.0.0.1", 8765),
        "state": {},
    }


async def ask(app: ASGIApp, about: Scope, body: bytes | Sequence[bytes] = b"") -> Answer:
    """One request to its end; the client goes once it has the whole answer."""
    pieces = [body] if isinstance(body, bytes) else list(body) or [b""]
    sent = 0
    answered = anyio.Event()
    status, headers, parts = 0, tuple[tuple[bytes, bytes], ...](), list[bytes]()

    async def receive() -> Message:
        nonlocal sent
        if sent < len(pieces):
            sent += 1
            return {
                "type": "http.request", "body": pieces[sent - 1], "more_body": sent < len(pieces),
            }  # fmt: skip
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = tuple((bytes(k).lower(), bytes(v)) for k, v in message.get("headers", ()))
        else:
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

    try:
        await app(about, receive, send)
    except Exception as error:  # noqa: BLE001 - told as the answer
        return Answer(status, headers, b"".join(parts), error)
    return Answer(status, headers, b"".join(parts))


class Direct:
    """An application that runs; safe to use from many threads."""

    def __init__(self, app: ASGIApp, portal: BlockingPortal) -> None:
        self.app, self.portal = app, portal

    def __call__(
        self,
        method: str,
        target: str | bytes,
        headers: Mapping[str, str] | Sequence[tuple[bytes, bytes]] = (),
        body: bytes | Sequence[bytes] = b"",
    ) -> Answer:
        """One request."""
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        raw = [_pair(name, value) for name, value in pairs]
        if not any(name == b"host" for name, _ in raw):
            raw.append((b"host", b"127.0.0.1:8765"))
        answer: Answer = self.portal.call(ask, self.app, scope(method, target, raw), body)
        return answer


def _pair(name: str | bytes, value: str | bytes) -> tuple[bytes, bytes]:
    key = name if isinstance(name, bytes) else name.encode("latin-1")
    return key.lower(), value if isinstance(value, bytes) else value.encode("latin-1")


@contextmanager
def running(app: ASGIApp) -> Iterator[Direct]:
    """The application with its lifespan begun; ended when the block ends."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_Life(app)):
        yield Direct(app, portal)


class _Life:
    """The lifespan protocol, from the server's side."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._end = anyio.Event()
        self._ended = anyio.Event()
        self._begun = anyio.Event()
        self._failed: str | None = None
        self._asked = False

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "lifespan.startup"}
        await self._end.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        if message["type"].endswith(".failed"):
            self._failed = message.get("message", "")
        (self._begun if "startup" in message["type"] else self._ended).set()

    async def _run(self) -> None:
        await self._app({"type": "lifespan", "state": {}}, self._receive, self._send)

    async def __aenter__(self) -> None:
        self._group = await anyio.create_task_group().__aenter__()
        self._group.start_soon(self._run)
        await self._begun.wait()
        if self._failed is not None:
            raise RuntimeError(f"the application did not start: {self._failed}")

    async def __aexit__(self, *raised: object) -> bool | None:
        self._end.set()
        await self._ended.wait()
        return await self._group.__aexit__(*raised)  # type: ignore[arg-type]
