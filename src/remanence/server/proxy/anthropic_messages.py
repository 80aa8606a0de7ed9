"""Anthropic's Messages: where the last user turn is, where memory goes, what an answer says.

Results of tools come in messages of the user's role, so a user's turn is one that holds more than those. Memory is one more text block at
its end: behind the results, as the provider wants it, and behind every `cache_control` that the client has set there, so that what is
cached up to it stays equal. It knows neither HTTP nor memory.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from remanence.server.proxy import spans
from remanence.server.proxy.dialect import (
    MODEL,
    Answer,
    Asked,
    Body,
    Quote,
    at,
    ended,
    items,
    mark,
    named,
)

TALK = ("user", "assistant")
TEXT = frozenset({"text"})
RESULTS = ("tool_result", "mcp_tool_result")
CLIENT_NOTES = "<system-reminder>"  # blocks that a coding client adds to its user's turns by itself
CUT = ("max_tokens", "refusal", "model_context_window_exceeded")


class AnthropicMessages:
    """`POST /v1/messages`."""

    name = "anthropic.messages"

    def asked(self, body: Body) -> Asked:
        messages = items(body.get("messages"))
        last = next((n for n in reversed(range(len(messages))) if _is_turn(messages[n])), None)
        plain: dict[str, Any] = {
            "stream": body.get("stream") is True,
            "users": named(at(body, "metadata", "user_id")),
            "model": body["model"] if isinstance(body.get("model"), str) else "",
            "wants": _wants(body),
        }
        if last is None:
            return Asked(**plain)
        after = messages[last + 1 :]
        return Asked(
            text=_words(messages[last].get("content")),
            before=tuple(
                (str(each["role"]), text)
                for each in messages[:last]
                if each.get("role") in TALK and (text := _words(each.get("content")))
            ),
            after=tuple(str(each.get("role")) for each in after),
            mark=mark(messages[last].get("content"), TEXT),
            later=named(*(_words(each.get("content")) for each in after)),
            **plain,
        )

    def place(self, raw: str, memory: str) -> str:
        messages = spans.member(raw, "messages")
        if messages is None or not isinstance(messages.value, list):
            return raw
        last = None
        for element in spans.elements(raw, messages.start):
            if isinstance(element.value, Mapping) and _is_turn(element.value):
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
        return ended(_words(at(body, "content")), at(body, "stop_reason"), at(body, "id"), CUT)

    def listen(self) -> "Listening":
        return Listening()

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


class Listening:
    """Hears the events of a streamed message. What the model thinks is not what it says."""

    def __init__(self) -> None:
        self._parts: dict[str, list[str]] = {}
        self._finish: Any = None
        self._id: Any = None

    def hear(self, data: Any) -> None:
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


def _words(content: Any) -> str:
    """What somebody said: the text blocks, without those that a client has added by itself."""
    if isinstance(content, str):
        return content
    texts = [block.get("text") for block in items(content) if block.get("type") == "text"]
    said = [text for text in texts if isinstance(text, str) and not _is_note(text)]
    return "\n".join(filter(None, said))


def _is_note(text: str) -> bool:
    return text.lstrip().startswith(CLIENT_NOTES)


def _is_turn(message: Body) -> bool:
    """Whether a message is a user's turn, and not only the results of tools."""
    content = message.get("content")
    if message.get("role") != "user":
        return False
    if isinstance(content, str):
        return True
    return any(
        not _is_note(block["text"])
        if block.get("type") == "text" and isinstance(block.get("text"), str)
        else block.get("type") not in RESULTS
        for block in items(content)
    )


def _wants(body: Body) -> str:
    """What no quote can give."""
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
