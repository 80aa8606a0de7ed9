"""Headers: which go on to the upstream, which come back, and which are nobody's business but ours.

Pairs of bytes in, pairs of bytes out, in order. It knows names of headers and no protocol above HTTP.
"""

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


def onward(
    headers: Iterable[Header], auth: Header | None, *, length: int | None, read: bool
) -> list[Header]:
    """A client's headers as its upstream sees them.

    `auth` stands in for the key that was ours, or for none. `length` is that of a body that was
    changed. `read`: the answer will be read here, so that it must not be compressed.
    """
    given = list(headers)
    dropped = _HOP | _OF_REQUEST | _connected(given)
    credentials = (b"authorization", b"x-api-key")
    kept = []
    for name, value in given:
        if name in dropped or name.startswith(OURS):
            continue
        if name in credentials and KEY in value:
            continue
        if (name == b"content-length" and length is not None) or (
            name == b"accept-encoding" and read
        ):
            continue
        kept.append((name, value))
    if auth is not None and not any(name in credentials for name, _ in kept):
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
    """Whether an answer is a stream of events that can be read as it is."""
    found = {name.lower(): value.lower() for name, value in headers}
    kind = found.get(b"content-type", b"")
    return kind.startswith(b"text/event-stream") and _plain(found.get(b"content-encoding"))


def is_json(headers: Iterable[Header]) -> bool:
    """Whether an answer is one JSON value: read whole before it goes on, so that one that breaks off is told as an error."""
    kinds = [value.lower() for name, value in headers if name.lower() == b"content-type"]
    return any(kind.startswith(b"application/json") for kind in kinds)


def is_plain(headers: Iterable[Header]) -> bool:
    """Whether an answer is not compressed."""
    return all(
        _plain(value.lower()) for name, value in headers if name.lower() == b"content-encoding"
    )


def used(ids: Sequence[str], names: Sequence[str] = (), most: int = 20) -> str:
    """`used=2; ids=a,b`; ids are percent-encoded, so that any can stand in a header."""
    parts = [f"used={len(ids)}"]
    if ids:
        parts.append("ids=" + ",".join(quote(id, safe="-_.~#:") for id in ids[:most]))
    return "; ".join([*parts, degraded(names)] if names else parts)


def degraded(names: Sequence[str]) -> str:
    """`degraded=timeout`."""
    return "degraded=" + ",".join(quote(name, safe="-_.~") for name in names)


def _plain(encoding: bytes | None) -> bool:
    return encoding in (None, b"", b"identity")


def _connected(headers: Iterable[Header]) -> frozenset[bytes]:
    """The headers that Connection names: they are of this connection too."""
    return frozenset(
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    )
