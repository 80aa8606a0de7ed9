"""The provider behind a proxy: one client for all, requests as bytes, answers as bytes.

Nothing is decoded, followed, retried or remembered on the way. What goes wrong there becomes a
`Problem`, which the guard tells in the protocol's own shape. It knows HTTP and no protocol above
it.
"""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import httpx2

from remanence.server.headers import Header
from remanence.server.problems import Problem

CONNECT = 10.0  # seconds to reach an upstream
KEPT = 128  # idle connections


@dataclass(frozen=True, slots=True)
class Upstream:
    """The address of a provider, and the key (a header's value) for clients without one."""

    url: str
    auth: Header | None = field(default=None, repr=False)

    def address(self, tail: bytes, query: bytes) -> httpx2.URL:
        """The address of a path below the provider's own.

        Raises `Problem` for one that climbs out.
        """
        return _address(self.url, tail, query)


@lru_cache(maxsize=256)
def _address(url: str, tail: bytes, query: bytes) -> httpx2.URL:
    if any(part in (".", "..") for part in unquote(tail.decode("latin-1")).split("/")):
        raise Problem(400, "path", "the path has dot segments; name what is meant")
    base = urlsplit(url)
    path = base.path.rstrip("/").encode() + tail
    target = path + (b"?" + query if query else b"")
    try:
        return httpx2.URL(f"{base.scheme}://{base.netloc}").copy_with(raw_path=target)
    except (httpx2.InvalidURL, UnicodeError):
        raise Problem(400, "path", "the path is none that HTTP knows") from None


def client(silence: float) -> httpx2.AsyncClient:
    """The one client. `silence` is how many seconds an upstream may say nothing."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(silence, connect=CONNECT, pool=None),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=KEPT),
        follow_redirects=False,
    )


async def ask(
    http: httpx2.AsyncClient,
    method: str,
    url: httpx2.URL,
    headers: list[Header],
    content: bytes | AsyncIterable[bytes] | None,
) -> httpx2.Response:
    """Send a request; the answer's body is still to be read. Raises `Problem`."""
    request = httpx2.Request(method, url, headers=headers, content=content)
    try:
        return await http.send(request, stream=True)
    except httpx2.HTTPError as error:
        raise trouble(error) from error


async def pieces(response: httpx2.Response) -> AsyncIterator[bytes]:
    """An answer's body as it comes. Raises `Problem`."""
    try:
        async for piece in response.aiter_raw():
            yield piece
    except httpx2.HTTPError as error:
        raise trouble(error) from error


async def whole(response: httpx2.Response) -> bytes:
    """All of an answer's body. Raises `Problem`."""
    return b"".join([piece async for piece in pieces(response)])


def trouble(error: httpx2.HTTPError) -> Problem:
    """Return the answer for an upstream that failed."""
    if isinstance(error, httpx2.LocalProtocolError):
        return Problem(400, "headers", "the request's headers are none that HTTP knows")
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
        return Problem(502, "upstream-unreachable", "the model's provider cannot be reached")
    if isinstance(error, httpx2.TimeoutException):
        return Problem(504, "upstream-timeout", "the model's provider has not answered in time")
    return Problem(502, "upstream-broken", "the model's provider broke off its answer")
