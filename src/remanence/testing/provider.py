"""A provider that answers by a script: a plain ASGI application, for tests, benchmarks and trying
the proxy without a model.

It notes every request, byte for byte. The model's name says what happens: "echo" says what the last
user turn held, memory included; "tools" calls the first tool, then tells its result; "json" answers
{"city": "Chengdu"}; "words-N" says N words; "wait" answers once released, "pause" the second half
of a stream; "dies" breaks off in the middle; "status-429" refuses; "picky" refuses a request with
memory in it; "gzip" compresses. It knows the three wire formats and nothing of the proxy.
"""

import asyncio
import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.types import Receive, Scope, Send

Event = tuple[str, dict[str, Any]]
USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}


@dataclass(frozen=True, slots=True)
class Got:
    """One request as it arrived."""

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        found = [value.decode() for key, value in self.headers if key == name.encode()]
        return found[0] if found else None


class Scripted:
    """The application.

    `got` has what arrived; `arrived` and `left` are set when a client comes to "wait", and when it
    leaves before its answer.
    """

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.arrived, self.left = threading.Event(), threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._go = asyncio.Event()

    def release(self) -> None:
        """Let those that wait have their answers; from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._go.set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _whole(receive)
        got = Got(scope["method"], scope["raw_path"].decode(), scope["query_string"],
                  tuple(scope["headers"]), body)  # fmt: skip
        self.got.append(got)
        form = next((form for end, form in _FORMS.items() if got.path.endswith(end)), None)
        if form is None or got.method != "POST":
            await _send(send, 200, {"echo": got.path, "method": got.method})
            return
        try:
            asked, number = json.loads(body), len(self.got)
            model = str(asked.get("model", "echo"))
            if asked.get("stream"):
                answer = list(form.events(asked, number))
            else:
                answer = form.whole(asked, number)
        except Exception as error:  # noqa: BLE001 - what it cannot read, a provider refuses
            await _send(send, 400, form.error(type(error).__name__))
            return
        if model == "wait" and not await self._waited(receive):
            return
        if model.startswith("status-") or (model == "picky" and b"remanence_memory" in body):
            status = int(model[7:]) if model[7:].isdigit() else 400
            await _send(send, status, form.error(f"no: {status}"))
        elif asked.get("stream"):
            await self._stream(model, answer, receive, send)
        else:
            await _send(send, 200, answer, dies=model == "dies", pack=model == "gzip")

    async def _stream(self, model: str, answer: Any, receive: Receive, send: Send) -> None:
        """Send events; of the model "pause" the second half once the test goes on."""
        half = len(answer) // 2 if model == "pause" else len(answer)
        await _stream(send, answer[:half], dies=model == "dies", more=model == "pause")
        if model == "pause" and await self._waited(receive):
            await _events(send, answer[half:])
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _waited(self, receive: Receive) -> bool:
        """Return whether it was released before the client went."""
        self._loop = asyncio.get_running_loop()
        self.arrived.set()
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                await receive()
                self.left.set()
                group.cancel_scope.cancel()

            group.start_soon(watch)
            await self._go.wait()
            group.cancel_scope.cancel()
        return self._go.is_set()


async def _whole(receive: Receive) -> bytes:
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


async def _send(
    send: Send, status: int, data: Any, *, dies: bool = False, pack: bool = False
) -> None:
    body = json.dumps(data).encode()
    headers = [(b"content-type", b"application/json"), (b"x-request-id", b"req_1")]
    if pack:
        body = gzip.compress(body, mtime=0)  # the same answer, the same bytes
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    piece = body[: len(body) // 2] if dies else body
    await send({"type": "http.response.body", "body": piece, "more_body": dies})


async def _stream(send: Send, sent: list[Event], *, dies: bool, more: bool) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-request-id", b"req_1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if dies:
        sent = sent[: len(sent) // 2 + 1]
        await _events(send, sent[:-1])
        piece = _written(*sent[-1])
        half = piece[: len(piece) // 2]  # in the middle of an event
        await send({"type": "http.response.body", "body": half, "more_body": True})
        return
    await _events(send, sent)
    if not more:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _events(send: Send, events: list[Event]) -> None:
    for event in events:
        piece = _written(*event)
        await send({"type": "http.response.body", "body": piece, "more_body": True})


def _written(name: str, data: dict[str, Any]) -> bytes:
    said = json.dumps(data, ensure_ascii=False) if data else "[DONE]"
    return ((f"event: {name}\n" if name else "") + f"data: {said}\n\n").encode()


# -- what is said -------------------------------------------------------------------------------


def _texts(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(part["text"]) for part in parts if "text" in part)


def _script(asked: dict[str, Any], turns: list[dict[str, Any]], result: str | None) -> str:
    """Return the answer; "" where a tool is called."""
    model = str(asked.get("model", "echo"))
    if model == "tools":
        return "" if result is None else f"The tool says: {result}"
    if model == "json":
        return '{"city": "Chengdu"}'
    if model == "pause":
        return "w0 w1 w2 w3 w4 w5 w6 w7"
    if model.startswith("words-"):
        return " ".join(f"w{number}" for number in range(int(model[6:])))
    said = [_texts(turn.get("content")) for turn in turns if turn.get("role") == "user"]
    behind = next((n for n in reversed(range(len(said))) if "<remanence" not in said[n]), 0)
    return "You said: " + "\n".join(said[behind:])


def _words(text: str) -> list[str]:
    pieces = text.split(" ")
    return [piece + " " for piece in pieces[:-1]] + pieces[-1:]


class _Chat:
    """Chat Completions."""

    def error(self, message: str) -> dict[str, Any]:
        return {"error": {"message": message, "type": "scripted", "param": None, "code": "no"}}

    def _said(self, asked: dict[str, Any]) -> str:
        last = asked["messages"][-1]
        result = _texts(last["content"]) if last["role"] == "tool" else None
        return _script(asked, asked["messages"], result)

    def _call(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["tools"][0]["function"]["name"]
        function = {"name": name, "arguments": '{"city": "Chengdu"}'}
        return {"id": "call_1", "type": "function", "function": function}

    def whole(self, asked: dict[str, Any], number: int) -> dict[str, Any]:
        text = self._said(asked)
        message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
        if not text:
            message["tool_calls"] = [self._call(asked)]
        finish = "stop" if text else "tool_calls"
        return {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": asked["model"],
            "choices": [
                {"index": index, "message": message, "finish_reason": finish, "logprobs": None}
                for index in range(asked.get("n") or 1)
            ],
            "usage": USAGE,
        }

    def events(self, asked: dict[str, Any], number: int) -> Iterator[Event]:
        base = {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": asked["model"],
        }
        text = self._said(asked)
        deltas: list[tuple[dict[str, Any], str | None]] = [
            ({"role": "assistant", "content": ""}, None)
        ]
        if text:
            deltas += [({"content": word}, None) for word in _words(text)]
        else:
            call = self._call(asked)
            arguments = call["function"].pop("arguments")
            first = {"index": 0, **call, "function": {**call["function"], "arguments": ""}}
            deltas.append(({"tool_calls": [first]}, None))
            for piece in (arguments[:5], arguments[5:]):
                more = {"index": 0, "function": {"arguments": piece}}
                deltas.append(({"tool_calls": [more]}, None))
        deltas.append(({}, "stop" if text else "tool_calls"))
        for delta, finish in deltas:
            for index in range(asked.get("n") or 1):
                choice = {"index": index, "delta": delta, "finish_reason": finish, "logprobs": None}
                yield "", {**base, "choices": [choice]}
        if (asked.get("stream_options") or {}).get("include_usage"):
            yield "", {**base, "choices": [], "usage": USAGE}
        yield "", {}


class _Responses:
    """Responses."""

    error = _Chat.error

    def _output(self, asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        given = asked["input"]
        listed = [{"role": "user", "content": given}] if isinstance(given, str) else given
        results = [item["output"] for item in listed if item.get("type") == "function_call_output"]
        text = _script(asked, listed, results[-1] if results else None)
        if text:
            part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
            return text, {"type": "message", "id": "msg_1", "role": "assistant",
                          "status": "completed", "content": [part]}  # fmt: skip
        return "", {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed",
                    "name": asked["tools"][0]["name"], "arguments": '{"city": "Chengdu"}'}  # fmt: skip

    def whole(self, asked: dict[str, Any], number: int) -> dict[str, Any]:
        return {
            "id": f"resp_{number}",
            "object": "response",
            "created_at": 1_700_000_000,
            "model": asked["model"],
            "status": "completed",
            "output": [self._output(asked)[1]],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": asked.get("tools") or [],
            "error": None,
            "incomplete_details": None,
            "instructions": asked.get("instructions"),
            "metadata": {},
            "previous_response_id": asked.get("previous_response_id"),
            "temperature": 1.0,
            "top_p": 1.0,
            "usage": {
                "input_tokens": 7,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": 5,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 12,
            },
        }

    def events(self, asked: dict[str, Any], number: int) -> Iterator[Event]:
        whole = self.whole(asked, number)
        begun = {**whole, "status": "in_progress", "output": [], "usage": None}
        events: list[Event] = [
            ("created", {"response": begun}),
            ("in_progress", {"response": begun}),
        ]
        text, item = self._output(asked)
        where = {"output_index": 0, "item_id": item["id"]}
        bare: dict[str, Any] = {"content": []} if text else {"arguments": ""}
        started = {**item, "status": "in_progress", **bare}
        events.append(("output_item.added", {"output_index": 0, "item": started}))
        if text:
            part, where = item["content"][0], {**where, "content_index": 0}
            events.append(("content_part.added", {**where, "part": {**part, "text": ""}}))
            for word in _words(text):
                events.append(("output_text.delta", {**where, "delta": word, "logprobs": []}))
            events.append(("output_text.done", {**where, "text": text, "logprobs": []}))
            events.append(("content_part.done", {**where, "part": part}))
        else:
            said = item["arguments"]
            events.append(("function_call_arguments.delta", {**where, "delta": said}))
            done = {**where, "name": item["name"], "arguments": said}
            events.append(("function_call_arguments.done", done))
        events.append(("output_item.done", {"output_index": 0, "item": item}))
        events.append(("completed", {"response": whole}))
        for sequence, (name, data) in enumerate(events):
            kind = f"response.{name}"
            yield kind, {"type": kind, "sequence_number": sequence, **data}


class _Messages:
    """Anthropic's Messages."""

    def error(self, message: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}

    def _block(self, asked: dict[str, Any]) -> dict[str, Any]:
        last = asked["messages"][-1]["content"]
        results = [
            _texts(block["content"])
            for block in (last if isinstance(last, list) else [])
            if block.get("type") == "tool_result"
        ]
        text = _script(asked, asked["messages"], results[-1] if results else None)
        if text:
            return {"type": "text", "text": text}
        name = asked["tools"][0]["name"]
        return {"type": "tool_use", "id": "toolu_1", "name": name, "input": {"city": "Chengdu"}}

    def whole(self, asked: dict[str, Any], number: int) -> dict[str, Any]:
        block = self._block(asked)
        return {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": asked["model"],
            "content": [block],
            "stop_reason": "end_turn" if block["type"] == "text" else "tool_use",
            "stop_sequence": None,
            "usage": {"input_tokens": 7, "output_tokens": 5},
        }

    def events(self, asked: dict[str, Any], number: int) -> Iterator[Event]:
        whole = self.whole(asked, number)
        block = whole["content"][0]
        begun = {**whole, "content": [], "stop_reason": None}
        yield "message_start", {"type": "message_start", "message": begun}
        is_text = block["type"] == "text"
        empty = {**block, "text": ""} if is_text else {**block, "input": {}}
        yield (
            "content_block_start",
            {"type": "content_block_start", "index": 0, "content_block": empty},
        )
        pieces = _words(block["text"]) if is_text else [json.dumps(block["input"])]
        for piece in pieces:
            said = {"type": "text_delta", "text": piece}
            delta = said if is_text else {"type": "input_json_delta", "partial_json": piece}
            yield (
                "content_block_delta",
                {"type": "content_block_delta", "index": 0, "delta": delta},
            )
        yield "content_block_stop", {"type": "content_block_stop", "index": 0}
        end = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        yield (
            "message_delta",
            {"type": "message_delta", "delta": end, "usage": {"output_tokens": 5}},
        )
        yield "message_stop", {"type": "message_stop"}


_FORMS: dict[str, Any] = {
    "/chat/completions": _Chat(),
    "/responses": _Responses(),
    "/v1/messages": _Messages(),
}
