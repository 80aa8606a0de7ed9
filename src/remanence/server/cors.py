"""Cross-origin requests of web pages that a setting allows: their headers, and those they may read.

Browsers' SDKs of OpenAI, Anthropic and MCP add headers of their own; each is a row or a prefix.
"""

from collections.abc import Iterable
from typing import Final

from remanence.server.headers import Header

METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
ALLOWED: Final = frozenset(
    """
    accept accept-language authorization content-type idempotency-key if-match if-none-match
    x-api-key api-key x-goog-api-key last-event-id user-agent x-session-id
    """.split()  # noqa: SIM905 - a table of words
)
PREFIXES: Final = ("x-remanence-", "x-stainless-", "openai-", "anthropic-", "mcp-", "x-openwebui-")
EXPOSED: Final = (
    b"x-remanence-memory, x-remanence-request, mcp-session-id, mcp-protocol-version, etag, "
    b"retry-after, request-id, x-request-id, www-authenticate"
)


def preflight(headers: Iterable[Header]) -> list[Header]:
    """Return the headers of the answer to a preflight: every header asked for that is allowed."""
    asked = b",".join(value for name, value in headers if name == b"access-control-request-headers")
    names = [name.strip().lower() for name in asked.decode("latin-1").split(",")]
    granted = dict.fromkeys(name for name in names if name in ALLOWED or name.startswith(PREFIXES))
    wanted = [*granted, *(name for name in sorted(ALLOWED) if name not in granted)]
    return [
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", ", ".join(wanted).encode("latin-1")),
        (b"access-control-max-age", b"600"),
    ]


def answer(origin: bytes) -> list[Header]:
    """Return the headers by which a page of an allowed origin may read an answer."""
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", EXPOSED),
        (b"vary", b"Origin"),
    ]
