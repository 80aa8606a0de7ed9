"""Bodies of requests: read whole within a size and a time, and looked at before anybody parses
them.

It knows bytes, JSON's brackets and ASGI's messages; no route.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import anyio
import anyio.to_thread
import numpy as np
from starlette.types import Message, Receive

from remanence.server.problems import Problem, too_large

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # closed or not: linear either way
_BLOCK = 1 << 20  # bytes looked at together: their levels are eight times as many
_STEP = np.zeros(256, np.int8)
_STEP[[*b"[{"]], _STEP[[*b"]}"]] = 1, -1


async def whole(receive: Receive, most: int, seconds: float) -> bytes:
    """The body, once all of it has arrived.

    Raises `Problem` 413, 408 and, where the client has gone, 400.
    """
    pieces: list[bytes] = []
    size = 0
    with anyio.move_on_after(seconds) as scope:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Problem(400, "disconnected", "the request ended before its body did")
            piece = message.get("body", b"")
            size += len(piece)
            if size > most:
                raise too_large(most)
            pieces.append(piece)
            if not message.get("more_body", False):
                break
    if scope.cancelled_caught:
        raise Problem(408, "too-slow", f"the body did not arrive within {seconds:g} seconds")
    return b"".join(pieces)


LARGE = 128 * 1024  # bytes of a body that is looked at in a thread, so that others do not wait
T = TypeVar("T")


async def off_loop(body: bytes, job: Callable[[], T]) -> T:
    """Return what `job` makes of a body: in a thread where it is large. Raises what it raises."""
    return job() if len(body) < LARGE else await anyio.to_thread.run_sync(job)


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out `body` once, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def capped(receive: Receive, most: int, seconds: float) -> Receive:
    """A `receive` for a body that is read as it comes:

    bounded in all, and in the time between two pieces.
    """
    size = 0
    ended = False

    async def bounded() -> Message:
        nonlocal size, ended
        if ended:
            return await receive()  # waits for the client to go: as long as the answer takes
        with anyio.move_on_after(seconds) as scope:
            message = await receive()
        if scope.cancelled_caught:
            raise Problem(408, "too-slow", f"no byte of the body came for {seconds:g} seconds")
        size += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        if size > most:
            raise too_large(most)
        return message

    return bounded


def depth(body: bytes, enough: int | None = None) -> int:
    """How many brackets of a JSON text stand in one another at most, closed or not;

    looks no further than to `enough`.
    """
    bare = np.frombuffer(_STRING.sub(b"", body), np.uint8)
    deepest = now = 0
    for start in range(0, len(bare), _BLOCK):
        levels = now + np.cumsum(_STEP[bare[start : start + _BLOCK]], dtype=np.int64)
        deepest, now = max(deepest, int(levels.max())), int(levels[-1])
        if enough is not None and deepest > enough:
            break
    return deepest


def check_depth(body: bytes, most: int) -> None:
    """Raises `Problem` 400 for JSON that is nested deeper than `most`."""
    if body.count(b"[") + body.count(b"{") > most and depth(body, most) > most:
        raise Problem(400, "too-deep", f"the JSON is nested deeper than {most}; flatten it")


def parse(body: bytes) -> Any:
    """JSON as RFC 8259 has it, in UTF-8:

    no NaN, no name twice in an object, no number too large. Raises `Problem` 400.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Problem(
            400, "not-utf-8", f"the body is not UTF-8 ({error.reason} at byte {error.start})"
        ) from None
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise Problem(400, "not-json", f"the body is not JSON: {said:.200}") from None


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("an object has the same name twice")
    return made


_DECODER = json.JSONDecoder(
    parse_constant=_constant, parse_float=_number, object_pairs_hook=_object
)
