"""The web page: its files, as they stand in the package, and the headers that they are sent with.

The files are built from `web/` by `make page`; at run time there is no Node and no other address.
They hold nothing of any memory, so that they are sent without a key: the page reads the key from
the fragment of the printed link, which no browser sends, and calls REST with it.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from remanence.server import headers
from remanence.server.problems import Problem, absent

PREFIX: Final = "/page/"
_MEDIA: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
}
_PACKED: Final = frozenset({"woff2"})  # already compressed
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_ALWAYS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"vary", b"accept-encoding"),
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page, ready to be sent."""

    media: str
    """Content type."""
    body: bytes
    """Content."""
    packed: bytes | None
    """Content in gzip; None where that saves nothing."""
    tag: str
    """Entity tag: a digest of the content."""
    lasting: bool
    """Whether the name has a digest of the content, so that it may be kept for ever."""


@cache
def assets() -> dict[str, Asset]:
    """Return the files of the page by path, "/" for the document."""
    found: dict[str, Asset] = {}
    for file in files(__package__).joinpath("assets").iterdir():
        ending = file.name.rpartition(".")[2]
        if ending not in _MEDIA:
            continue
        body = file.read_bytes()
        found["/" if file.name == "index.html" else PREFIX + file.name] = Asset(
            media=_MEDIA[ending],
            body=body,
            packed=None if ending in _PACKED else gzip.compress(body, 9, mtime=0),
            tag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            lasting=ending not in ("html", "txt"),
        )
    return found


def is_open(path: str) -> bool:
    """Return whether a path is the page's, and so needs no key."""
    return path == "/" or path.startswith(PREFIX)


def link(url: str, key: str) -> str:
    """Return the address of the page that signs in with `key`."""
    return f"{url}/#key={quote(key)}"


async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - a body is not read
    """Answer a request for a file of the page. Raises `Problem` 404 or 405."""
    asset = assets().get(scope["path"])
    if asset is None:
        raise absent()
    if scope["method"] not in ("GET", "HEAD"):
        raise Problem(405, "method", "ask with GET", headers={"Allow": "GET, HEAD"})
    keep = b"public, max-age=31536000, immutable" if asset.lasting else b"no-cache"
    given = [*_ALWAYS, (b"etag", asset.tag.encode()), (b"cache-control", keep)]
    if headers.one(scope["headers"], "if-none-match") == asset.tag:
        await send({"type": "http.response.start", "status": 304, "headers": given})
        await send({"type": "http.response.body", "body": b""})
        return
    body = asset.body
    if asset.packed is not None and "gzip" in (
        headers.one(scope["headers"], "accept-encoding") or ""
    ):
        body = asset.packed
        given.append((b"content-encoding", b"gzip"))
    given += [
        (b"content-type", asset.media.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": given})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
