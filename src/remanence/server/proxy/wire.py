"""HTTP headers and content codings: which headers go on to the upstream, and which come back."""

import zlib
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from remanence.server.headers import Header

# RFC 9110, 7.6.1: they are of one connection. Host and Expect are answered by whoever holds it.
_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split()
)
_OF_REQUEST = frozenset({b"host", b"expect", b"cookie"})  # cookies given to us are ours
# The guard alone says which pages may read an answer; another server's ports are not ours.
_OF_ANSWER = frozenset({b"alt-svc", b"x-remanence-memory"})
OURS = b"x-remanence-"
KEY = b"rmn_"  # what one of our keys begins with: it is never told to an upstream
NAME = "x-remanence-memory"
CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})
_PLAIN = frozenset({b"", b"identity"})
_CODINGS = _PLAIN | {b"gzip", b"x-gzip", b"deflate"}


def onward(
    headers: Iterable[Header], auth: Header | None, *, length: int | None, read: bool
) -> list[Header]:
    """Return a client's headers as its upstream sees them.

    `auth` replaces a key of ours, or stands in for none. `length` is that of a body that was
    changed (it is sent without a coding). `read`: the answer is read here, so it is asked for
    plain.
    """
    given = list(headers)
    dropped = _HOP | _OF_REQUEST | _connected(given)
    if length is not None:
        dropped |= {b"content-length", b"content-encoding"}
    if read:
        dropped |= {b"accept-encoding"}
    kept = [
        (name, value)
        for name, value in given
        if name not in dropped
        and not name.startswith(OURS)
        and not (name in CREDENTIALS and KEY in value)
    ]
    if auth is not None and not any(name in CREDENTIALS for name, _ in kept):
        kept.append(auth)
    if length is not None:
        kept.append((b"content-length", str(length).encode()))
    if read:
        kept.append((b"accept-encoding", b"identity"))
    return kept


def back(headers: Iterable[Header], said: str, *, streamed: bool = False) -> list[Header]:
    """An upstream's headers as the client sees them, and what was done with memory."""
    given = [(name.lower(), value) for name, value in headers]
    dropped = _HOP | _OF_ANSWER | _connected(given)
    if streamed:  # it may be ended by an event of ours
        dropped |= {b"content-length"}
    kept = [
        (name, value)
        for name, value in given
        if name not in dropped and not name.startswith(b"access-control-")
    ]
    return [*kept, (NAME.encode(), said.encode())]


def is_stream(headers: Iterable[Header]) -> bool:
    """Tell whether an answer is a stream of events."""
    return _first(headers, b"content-type").startswith(b"text/event-stream")


def is_json(headers: Iterable[Header]) -> bool:
    """Tell whether an answer is one JSON value."""
    return _first(headers, b"content-type").startswith(b"application/json")


def is_readable(headers: Iterable[Header]) -> bool:
    """Tell whether a body is plain or in a coding that is known here."""
    return _first(headers, b"content-encoding") in _CODINGS


class Decoder:
    """Decompresses gzip and deflate piece by piece, up to `most` bytes; what is broken ends it."""

    def __init__(self, most: int = 1 << 26) -> None:
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._left = most

    def feed(self, piece: bytes) -> bytes:
        """Return what a piece adds."""
        if self._left <= 0:
            return b""
        try:
            plain = self._inflate.decompress(piece, self._left)
        except zlib.error:
            plain, self._left = b"", 0
        self._left -= len(plain)
        return plain

    @property
    def whole(self) -> bool:
        """True where the end of the compressed data has come within the bound."""
        return self._inflate.eof


def decoder(headers: Iterable[Header]) -> Decoder | None:
    """Return a decoder for a body, None for one that is plain."""
    return None if _first(headers, b"content-encoding") in _PLAIN else Decoder()


def decoded(body: bytes, headers: Iterable[Header], most: int) -> bytes | None:
    """Return a body without its coding; None where it cannot be decoded within `most` bytes."""
    coding = _first(headers, b"content-encoding")
    if coding in _PLAIN:
        return body
    if coding not in _CODINGS:
        return None
    inflating = Decoder(most)
    plain = inflating.feed(body)
    return plain if inflating.whole else None


def used(ids: Sequence[str], names: Sequence[str] = (), most: int = 20) -> str:
    """`used=2; ids=a,b`; ids are percent-encoded, so that any can stand in a header."""
    parts = [f"used={len(ids)}"]
    if ids:
        parts.append("ids=" + ",".join(quote(id, safe="-_.~#:") for id in ids[:most]))
    return "; ".join([*parts, degraded(names)] if names else parts)


def degraded(names: Sequence[str]) -> str:
    """`degraded=timeout`."""
    return "degraded=" + ",".join(quote(name, safe="-_.~") for name in names)


def within(state: str, namespace: str | None) -> str:
    """Return a state with the namespace that stands in for an unknown user."""
    return f"{state}; namespace={quote(namespace or '', safe='-_.~')}"


def _first(headers: Iterable[Header], wanted: bytes) -> bytes:
    """Return the last value of a header, in lower case, b"" without one."""
    found = [value for name, value in headers if name.lower() == wanted]
    return found[-1].lower().strip() if found else b""


def _connected(headers: Iterable[Header]) -> frozenset[bytes]:
    """The headers that Connection names: they are of this connection too."""
    return frozenset(
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    )
