"""Anthropic's Messages: its last user turn, the place of memory, what an answer says.

Results of tools come in messages of the user's role, so a user's turn is one that holds more than
those. Memory is one more text block at its end: behind the results, as the provider wants it, and
behind every `cache_control` that the client has set there, so that what is cached stays equal.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from remanence.server.proxy import spans
from remanence.server.proxy.dialect import (
    MODEL,
    Answer,
    Body,
    ParsedRequest,
    Quote,
    at,
    ended,
    is_turn,
    items,
    named,
    turn_fields,
    words,
)

TEXT = frozenset({"text"})
RESULTS = ("tool_result", "mcp_tool_result")
CUT = ("max_tokens", "refusal", "model_context_window_exceeded")


class MessagesStream:
    """Reads the events of a streamed message. What the model thinks is not what it says."""

    def __init__(self) -> None:
        self._parts: dict[str, list[str]] = {}
        self._finish: Any = None
        self._id: Any = None

    def feed(self, data: Any) -> None:
        kind = at(data, "type")
        if kind == "message_start":
            self._id = at(data, "message", "id")
        elif kind == "content_block_delta" and at(data, "delta", "type") == "text_delta":
            piece = at(data, "delta", "text")
            if isinstance(piece, str):
                self._parts.setdefault(str(at(data, "index")), []).append(piece)
        elif kind == "message_delta":
            self._finish = at(data, "delta", "stop_reason") or self._finish

    def answer(self) -> Answer:
        text = "\n".join("".join(parts) for parts in self._parts.values())
        return ended(text, self._finish, self._id, CUT)


class AnthropicMessages:
    """`POST /v1/messages`."""

    name = "anthropic.messages"
    ends: tuple[bytes, ...] = (b'"message_stop"',)
    stream = MessagesStream

    def parse(self, body: Body) -> ParsedRequest:
        messages = items(body.get("messages"))
        return ParsedRequest(
            stream=body.get("stream") is True,
            users=named(at(body, "metadata", "user_id")),
            model=body["model"] if isinstance(body.get("model"), str) else "",
            wants=_wants(body),
            **turn_fields(messages, TEXT, results=RESULTS, system=body.get("system")),
        )

    def place(self, raw: str, memory: str) -> str:
        messages = spans.member(raw, "messages")
        if messages is None or not isinstance(messages.value, list):
            return raw
        last = None
        for element in spans.elements(raw, messages.start):
            if isinstance(element.value, Mapping) and is_turn(element.value, TEXT, RESULTS):
                last = element
        content = None if last is None else spans.member(raw, "content", last.start)
        if content is None:
            return raw
        block = f'{{"type":"text","text":"{spans.inside(memory)}"}}'
        if isinstance(content.value, str):
            return spans.put(
                raw,
                (content.start, '[{"type":"text","text":'),
                (content.end, f"}},{block}]"),
            )
        return spans.put(raw, (content.end - 1, ("," if content.value else "") + block))

    def answer(self, body: Any) -> Answer:
        if at(body, "type") != "message":
            return Answer()
        return ended(words(at(body, "content"), TEXT), at(body, "stop_reason"), at(body, "id"), CUT)

    def quote(self, quote: Quote) -> tuple[Any, Iterator[tuple[str, Any]]]:
        whole = {
            "id": f"msg_{quote.id}",
            "type": "message",
            "role": "assistant",
            "model": MODEL,
            "content": [{"type": "text", "text": quote.text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }
        return whole, _events(whole, quote.text)

    def broken(self, kind: str, detail: str, error: Any, last: bytes) -> tuple[str, Any]:
        del kind, detail, last
        return "error", error


def _wants(body: Body) -> str:
    """Return what only a model can give, where the request insists on it."""
    if at(body, "output_config", "format") is not None or body.get("output_format") is not None:
        return "structured output"
    return "a call of a tool" if at(body, "tool_choice", "type") in ("any", "tool") else ""


def _events(whole: Body, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    begun = {**whole, "content": [], "stop_reason": None}
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": begun}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text}}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": delta, "usage": {"output_tokens": 0}}),
        ("message_stop", {}),
    ]
    for name, data in events:
        yield name, {"type": name, **data}
