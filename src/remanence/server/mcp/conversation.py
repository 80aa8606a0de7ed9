"""A client at the other end of two pipes: lines of JSON in, lines of JSON out, and an orderly end.
It knows streams and signals, no tool.

stdout carries the protocol alone: whatever else is written there goes to stderr. At the end of
stdin, at SIGTERM and at SIGINT no further request is taken, those under way are answered, and the
conversation ends. What is no message is answered as JSON-RPC says, not dropped.
"""

import json
import os
import re
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import mcp_types as types
import pydantic_core
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

LONGEST = 64 * 1024 * 1024  # bytes of one message
GRACE = 30.0  # seconds that requests under way are given at the end
_CHUNK = 1 << 16  # bytes read at once
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_WITHOUT_END = "subscriptions/listen"  # answered by a stream that the client ends


@contextmanager
def alone() -> Iterator[tuple[int, int]]:
    """The descriptors of stdin and stdout for the protocol alone;

    meanwhile stdin is empty and stdout is stderr.
    """
    sys.stdout.flush()
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        yield source, sink
    finally:
        sys.stdout.flush()
        os.dup2(source, 0)
        os.dup2(sink, 1)
        for each in (nothing, sink):
            os.close(each)  # not `source`: a thread may still wait for it


async def converse(server: Server[Any], source: int, sink: int, close: Callable[[], None]) -> None:
    """Serve until `source` ends; `close` ends what has no end of its own."""
    await _Conversation(server, source, sink, close).hold()


class _Conversation:
    """One client's. `_open` counts the requests that are not answered yet, by id."""

    def __init__(
        self, server: Server[Any], source: int, sink: int, close: Callable[[], None]
    ) -> None:
        self._server, self._source, self._sink, self._close = server, source, sink, close
        self._open: Counter[str] = Counter()
        self._idle = anyio.Event()
        self._hearing = anyio.CancelScope()

    async def hold(self) -> None:
        to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        to_client, from_server = anyio.create_memory_object_stream[SessionMessage](0)
        self._answers = to_client.clone()
        async with anyio.create_task_group() as group:
            group.start_soon(self._obey)
            group.start_soon(self._hear, to_server)
            group.start_soon(self._speak, from_server)
            await self._server.run(
                from_client, to_client, self._server.create_initialization_options()
            )
            group.cancel_scope.cancel()

    # -- from the client -----------------------------------------------------------------------

    async def _hear(self, to_server: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        lines, from_thread = anyio.create_memory_object_stream[bytes | None](0)[::-1]
        reader = threading.Thread(
            target=_read,
            args=(self._source, from_thread, anyio.lowlevel.current_token()),
            name="stdin",
            daemon=True,  # it may wait for a client that never says another word
        )
        reader.start()
        async with to_server, self._answers, from_thread:
            with self._hearing:
                async with lines:
                    async for line in lines:
                        with anyio.CancelScope(shield=True):  # what was counted must be handed over
                            await self._take(line, to_server)
            self._close()
            with anyio.move_on_after(GRACE):
                while self._open.total():
                    await self._idle.wait()

    async def _take(
        self,
        line: bytes | None,
        to_server: MemoryObjectSendStream[SessionMessage | Exception],
    ) -> None:
        if line is not None and not line.strip():
            return
        try:
            message = _message(line or b"")
        except ValueError as error:
            await self._answers.send(SessionMessage(_refusal(line, error)))
            return
        if isinstance(message, types.JSONRPCRequest) and message.method != _WITHOUT_END:
            if not self._open.total():
                self._idle = anyio.Event()
            self._open[str(message.id)] += 1
        elif getattr(message, "method", None) == "notifications/cancelled":
            told = getattr(message, "params", None) or {}
            self._answered(str(told.get("requestId")))  # nobody answers that request
        await to_server.send(SessionMessage(message))

    def _answered(self, id: str) -> None:
        if self._open[id] > 0:
            self._open[id] -= 1
        self._open += Counter()  # drops what counts nothing
        if not self._open.total():
            self._idle.set()

    # -- to the client -------------------------------------------------------------------------

    async def _speak(self, from_server: MemoryObjectReceiveStream[SessionMessage]) -> None:
        gone = False
        async with from_server:
            async for item in from_server:
                message = item.message
                told = message.model_dump_json(by_alias=True, exclude_unset=True).encode()
                try:
                    if not gone:
                        await anyio.to_thread.run_sync(_write, self._sink, told + b"\n")
                except OSError:  # the client has gone; what is under way is still carried out
                    gone = True
                    self._hearing.cancel()
                if isinstance(message, (types.JSONRPCResponse, types.JSONRPCError)):
                    self._answered(str(message.id))

    # -- the end -------------------------------------------------------------------------------

    async def _obey(self) -> None:
        """At the first signal, hear no more."""
        if os.name != "posix" or threading.current_thread() is not threading.main_thread():
            return
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async for _ in signals:
                self._hearing.cancel()


def _read(source: int, lines: MemoryObjectSendStream[bytes | None], token: Any) -> None:
    """Lines from a descriptor into the event loop;

    None for one that is too long. Runs in a thread of its own.
    """
    held: list[bytes] = []
    length, skipping = 0, False

    def say(line: bytes | None) -> None:
        anyio.from_thread.run(lines.send, line, token=token)

    try:
        while chunk := os.read(source, _CHUNK):
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                long = skipping or length + len(end) > LONGEST
                say(None if long else b"".join([*held, end]))
                held, length, skipping = [], 0, False
            length += len(rest)
            skipping = skipping or length > LONGEST
            held = [] if skipping else [*held, rest] if rest else held
        if length:
            say(None if skipping else b"".join(held))
        anyio.from_thread.run_sync(lines.close, token=token)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, RuntimeError):
        return  # nobody listens any more


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]


def _message(line: bytes) -> types.JSONRPCMessage:
    """Return the message of a line; a lone surrogate in it becomes U+FFFD. Raises `ValueError`."""
    try:
        return types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError as error:
        if not _SURROGATE.search(line):
            raise
        try:
            mended = json.dumps(json.loads(line), ensure_ascii=False)
        except RecursionError:
            raise error from None
        plain = mended.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return types.jsonrpc_message_adapter.validate_json(plain, by_name=False)


def _refusal(line: bytes | None, error: ValueError) -> types.JSONRPCError:
    """The answer to what is no message:

    whether it is no JSON or no JSON-RPC, and to which id, where that can be told.
    """
    id: Any = None
    code = types.PARSE_ERROR
    message = f"a message has more than {LONGEST:,} bytes"
    if line is not None and isinstance(error, ValidationError):
        try:
            told = pydantic_core.from_json(line)
            code, message = types.INVALID_REQUEST, "this is no message of JSON-RPC 2.0"
            id = told.get("id") if isinstance(told, dict) else None
        except ValueError as cause:
            message = f"this is no JSON: {cause}"
    plain = isinstance(id, (str, int)) and not isinstance(id, bool)
    return types.JSONRPCError(
        jsonrpc="2.0",
        id=id if plain else None,
        error=types.ErrorData(code=code, message=message),
    )
