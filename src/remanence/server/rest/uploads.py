"""Import of an exported file: any format that `remanence import` reads, recognised by content.

The body is written to a temporary file, since most formats are read more than once; the file is
removed when the import has ended, however it ended. The answer tells of progress line by line.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import anyio
import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from remanence.errors import RemanenceError
from remanence.integrations import formats
from remanence.server import problems
from remanence.server.problems import Problem
from remanence.server.rest.bulk import EVERY, MEDIA, Lines, LineSender
from remanence.server.rest.calls import Call, Route
from remanence.server.rest.shapes import NamespaceQuery

router = APIRouter(prefix="/v1", tags=["bulk"], route_class=Route)

BYTES = "application/octet-stream"


class UploadAsked(NamespaceQuery):
    """The file's name, where everything goes, and whether bad places are left out."""

    name: Annotated[str, Field(min_length=1, max_length=255)] = "upload"
    format: Annotated[str, Field(max_length=40)] = formats.AUTO
    skip_bad: bool = True


@router.post(
    "/import/file",
    operation_id="import_file",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA: {"schema": {"type": "string"}}}, "description": "Lines."}},
    openapi_extra={"requestBody": {"required": True, "content": {BYTES: {}}}},
)
async def import_file(request: Request, asked: Annotated[UploadAsked, Query()]) -> Response:
    """Import a file or zip archive as a program exports it; what has an id is remembered once.

    The answer's lines are `{"read": bytes, "total": bytes}` while it goes on, and at last
    `{"done": ...}` or `{"problem": ...}`.
    """
    call = Call(request, "write")
    namespace = call.namespace(asked.namespace)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != BYTES:
        raise Problem(415, "media-type", f"send the file as {BYTES}")
    call.audited("import", namespace)
    return Lines(call, lambda line: _import(call, asked, namespace, line))


async def _import(
    call: Call, asked: UploadAsked, namespace: str, line: LineSender
) -> dict[str, Any]:
    """Return the last line; `line` sends those before it."""
    with tempfile.TemporaryDirectory(prefix="remanence-") as folder:
        path = Path(folder) / _file_name(asked.name)
        try:
            await _write(call, path)
            step = _Progress(line)
            return await anyio.to_thread.run_sync(
                _load, call, asked, namespace, path, step, limiter=call.service.bulk
            )
        except (RemanenceError, Problem) as error:
            problem = problems.of(error)
            if problem.status >= 500:
                call.service.log.failed("import", error)
            return {"problem": problems.document(problem)}


async def _write(call: Call, path: Path) -> None:
    """Write the body of the request to a file, as it comes."""
    async with await anyio.open_file(path, "wb") as file:
        more = True
        while more:
            message = await call.request.receive()
            if message["type"] != "http.request":
                raise Problem(400, "disconnected", "the request ended before its body did")
            await file.write(message.get("body", b""))
            more = message.get("more_body", False)


def _load(
    call: Call, asked: UploadAsked, namespace: str, path: Path, progress: Callable[[int, int], None]
) -> dict[str, Any]:
    done = formats.load_path(
        call.memory,
        path,
        format=asked.format,
        namespace=namespace,
        skip_bad=asked.skip_bad,
        progress=progress,
    )
    call.metrics.count("remembered", done.new)
    return {"done": asdict(done)}


def _file_name(given: str) -> str:
    r"""Return the last part of a path that a client gave, safe as the name of a file here.

    >>> _file_name("../../etc/passwd"), _file_name("C:\\chats\\WhatsApp 小伟.txt")
    ('passwd', 'WhatsApp 小伟.txt')
    >>> _file_name("..")
    'upload'
    """
    name = PurePosixPath(given.replace("\\", "/")).name
    shown = "".join(letter for letter in name if letter.isprintable())[-80:]
    return shown if shown.strip(". ") else "upload"


class _Progress:
    """Sends a line of progress, not more often than once in `EVERY` seconds."""

    def __init__(self, line: LineSender) -> None:
        self._line = line
        self._told = time.monotonic()

    def __call__(self, read: int, total: int) -> None:
        if time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            anyio.from_thread.run(self._line, {"read": read, "total": total})
