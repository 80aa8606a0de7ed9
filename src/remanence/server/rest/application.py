"""The routes as one application: paths and queries read strictly, errors told as problems."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_to_bytes

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from remanence import __version__
from remanence.errors import RemanenceError
from remanence.server import problems
from remanence.server.problems import Problem
from remanence.server.rest import (
    admin,
    applications,
    bulk,
    calls,
    episodes,
    facts,
    hooks,
    mem0,
    openapi,
    overviews,
    reading,
    uploads,
)
from remanence.server.rest.calls import SLASH
from remanence.server.service import Service

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MOST_PARAMETERS = 50
_TOLD = 20  # errors of one body that are told


def app(service: Service) -> ASGIApp:
    """REST over a service."""
    made = FastAPI(
        title="Remanence",
        version=__version__,
        summary="Long-term memory for language models.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # FastAPI's own spans have paths and queries in them, and so words: ours say what is done
        # (`telemetry`).
        telemetry={"auto_configure": False, "exclude": lambda _: True},
    )
    made.state.service = service
    for kind in (RequestValidationError, HTTPException, RemanenceError, Exception):
        made.add_exception_handler(kind, _refused)
    for room in (
        reading,
        episodes,
        facts,
        overviews,
        hooks,
        mem0,
        bulk,
        uploads,
        applications,
        admin,
    ):  # what is asked most is looked for first
        made.include_router(room.router)
    openapi.publish(made, service.settings)
    return _Strict(made)


async def _refused(request: Request, error: Exception) -> Response:
    """The problem that an error is."""
    if isinstance(error, RequestValidationError):
        problem = _invalid(error)
    else:
        problem = problems.of(error)
        if problem.status >= 500:
            id = request.scope["state"].get("request_id")
            calls.service_of(request).log.failed("failed", error, request=id)
    media, body = problems.body(problem)
    return Response(body, problem.status, problem.headers, media.decode())


def _invalid(error: RequestValidationError) -> Problem:
    """Return the errors of a body or a query: place and kind, never the value."""
    found = [
        {"where": "/".join(map(str, each["loc"]))[:200], "what": str(each["msg"])[:200]}
        for each in error.errors()[:_TOLD]
    ]
    first = found[0]
    return Problem(422, "invalid-input", f"{first['where']}: {first['what']}", {"errors": found})


class _Strict:
    """Decodes a path segment by segment and a query without mending either.

    Raises `Problem` 400.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
        scope["path"] = "/".join(map(_segment, raw.split(b"?", 1)[0].split(b"/")))
        scope["remanence.query"] = _query(scope.get("query_string", b""))
        await self._app(scope, receive, send)


def _segment(raw: bytes) -> str:
    if b"%" not in raw and raw.isascii():
        text = raw.decode("ascii")
    else:
        try:
            text = unquote_to_bytes(raw).decode()
        except UnicodeDecodeError:
            raise Problem(400, "not-utf-8", "the path is not UTF-8") from None
    if _CONTROL.search(text):
        raise Problem(400, "control", "the path has a control character")
    return text.replace("/", SLASH)


def _query(raw: bytes) -> Mapping[str, str]:
    if not raw:
        return {}
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as error:  # also what is not ASCII, or not UTF-8 once decoded
        raise Problem(400, "query", f"the query cannot be read: {error!s:.100}") from None
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Problem(400, "query", "the query has the same parameter twice")
    return found
