"""Errors as HTTP answers: RFC 9457 for our own routes, OpenAI's and Anthropic's shapes
for theirs.

It knows errors and status codes, no route. A foreign thing and one that does not exist are told in
the very same words.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from starlette.exceptions import HTTPException

from remanence import errors
from remanence.server.caller import OutOfReach, Refused
from remanence.server.proxy.providers import provider_of

TYPE = "urn:remanence:problem:"
MEDIA = b"application/problem+json"


class Problem(HTTPException):  # a framework that catches its own kind hands it on unharmed
    """A refusal: `kind` names it for programs, `detail` for people; `more` are further members."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        more: Mapping[str, Any] = MappingProxyType({}),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.status, self.kind, self.more = status, kind, more

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase


def absent() -> Problem:
    """Return the answer for what does not exist or is out of reach, without saying which."""
    return Problem(404, "not-found", "there is no such thing within this key's reach")


def too_large(most: int) -> Problem:
    """Return the answer for a body, or a line of one, above its limit."""
    return Problem(413, "too-large", f"the body has more than {most:,} bytes; send it in pieces")


# Error -> (status, kind). The first that fits, most particular first.
_MEANINGS: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.InvalidInput, 422, "invalid-input"),
    (Refused, 403, "refused"),
    (errors.StoreFull, 507, "store-full"),
    (errors.StoreBusy, 503, "store-busy"),
    (errors.StoreReadOnly, 503, "store-read-only"),
    (errors.StoreClosed, 503, "store-closed"),
    (errors.EmbedderError, 503, "embedder"),
    (errors.StorageError, 503, "store"),
    (errors.RemanenceError, 500, "failed"),
)
_AGAIN = {"Retry-After": "1"}


def of(error: BaseException) -> Problem:
    """The problem that an error is. What was not raised on purpose says nothing of itself."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, OutOfReach):
        return absent()
    if isinstance(error, HTTPException):
        return _framework(error)
    for kind, status, name in _MEANINGS:
        if isinstance(error, kind):
            again = _AGAIN if status == 503 else None
            # Errors of the store name files and may quote what was written: for the log, not for
            # callers.
            detail = str(error) if status < 500 else _TOLD.get(name, _TOLD["failed"])
            return Problem(status, name, detail, headers=again)
    return Problem(500, "failed", _TOLD["failed"])


def _framework(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return absent()
    kind = {405: "method", 400: "bad-request"}.get(error.status_code, "http")
    return Problem(error.status_code, kind, str(error.detail), headers=error.headers)


_TOLD = {
    "store-full": "the disk is full; nothing was written, reading goes on",
    "store-busy": "another process holds the store's write lock; try again",
    "store-read-only": "the store cannot be written; nothing was",
    "store-closed": "the service is stopping; try again",
    "embedder": "the embedder could not embed; nothing was written",
    "store": "the store could not do it; nothing was written",
    "failed": "something failed here; the log has it, under this response's X-Remanence-Request",
}


def document(problem: Problem) -> dict[str, Any]:
    """RFC 9457."""
    return {
        "type": TYPE + problem.kind,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.more,
    }


def _mcp(problem: Problem) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": problem.detail}}


def body(problem: Problem, path: str = "/v1") -> tuple[bytes, bytes]:
    """Return (content type, body) of a refusal on a path, in the shape that its clients expect."""
    provider = provider_of(path)
    if provider is not None:
        said = provider.error(problem.status, problem.kind, problem.detail)
    elif path.startswith("/mcp"):
        said = _mcp(problem)
    else:
        return MEDIA, json.dumps(document(problem)).encode()
    return b"application/json", json.dumps(said).encode()
