"""Chat Completions: its last user turn, the place of memory, what an answer says.

Memory is added to the end of the last user message. No message is added, so calls of tools stay
with their results, roles go on taking turns as chat templates want it, and everything before the
end of that message is equal.
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
    transcript,
    turn_fields,
    words,
)

TEXT = frozenset({"text"})
CUT = ("length", "content_filter")  # finish reasons of an answer that does not end where it should


class ChatStream:
    """Reads the chunks of a streamed completion: the first choice is the one that is remembered."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._finish: Any = None
        self._id: Any = None

    def feed(self, data: Any) -> None:
        self._id = self._id or at(data, "id")
        for choice in items(at(data, "choices")):
            if choice.get("index", 0) == 0:
                delta = at(choice, "delta")
                self._parts.append(words(at(delta, "content"), TEXT) or transcript(delta))
                self._finish = choice.get("finish_reason") or self._finish

    def answer(self) -> Answer:
        return ended("".join(self._parts), self._finish, self._id, CUT)


class OpenAIChat:
    """`POST /chat/completions`."""

    name = "openai.chat"
    ends: tuple[bytes, ...] = (b"[DONE]",)
    stream = ChatStream

    def parse(self, body: Body) -> ParsedRequest:
        messages = items(body.get("messages"))
        fields = turn_fields(messages, TEXT)
        turn = len(messages) - len(fields.get("after", ())) - 1
        speaker = messages[turn].get("name") if "text" in fields else None
        return ParsedRequest(
            speaker=speaker if isinstance(speaker, str) else None,
            stream=body.get("stream") is True,
            store=body.get("store") is not False,
            users=named(
                body.get("safety_identifier"), at(body, "metadata", "user_id"), body.get("user")
            ),
            model=body["model"] if isinstance(body.get("model"), str) else "",
            choices=body["n"] if type(body.get("n")) is int else 1,
            wants=_wants(body),
            **fields,
        )

    def place(self, raw: str, memory: str) -> str:
        messages = spans.member(raw, "messages")
        if messages is None or not isinstance(messages.value, list):
            return raw
        last = None
        for element in spans.elements(raw, messages.start):
            if isinstance(element.value, Mapping) and is_turn(element.value, TEXT):
                last = element
        content = None if last is None else spans.member(raw, "content", last.start)
        if content is None:
            return raw
        if isinstance(content.value, str):
            return spans.put(raw, (content.end - 1, spans.inside("\n\n" + memory)))
        if isinstance(content.value, list):
            part = f'{{"type":"text","text":"{spans.inside(memory)}"}}'
            return spans.put(raw, (content.end - 1, ("," if content.value else "") + part))
        return raw

    def answer(self, body: Any) -> Answer:
        for choice in items(at(body, "choices")):
            if choice.get("index", 0) == 0:
                message = at(choice, "message")
                text = words(at(message, "content"), TEXT) or transcript(message)
                return ended(text, choice.get("finish_reason"), at(body, "id"), CUT)
        return Answer()

    def quote(self, quote: Quote) -> tuple[Any, Iterator[tuple[str, Any]]]:
        about = {"id": f"chatcmpl-{quote.id}", "created": quote.created, "model": MODEL}
        numbers = range(max(1, min(quote.request.choices, 128)))
        said = {"role": "assistant", "content": quote.text, "refusal": None}
        whole = {
            **about,
            "object": "chat.completion",
            "choices": [
                {"index": index, "message": said, "finish_reason": "stop", "logprobs": None}
                for index in numbers
            ],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }
        chunk = {**about, "object": "chat.completion.chunk"}
        return whole, _chunks(chunk, quote.text, numbers)

    def broken(self, kind: str, detail: str, error: Any, last: bytes) -> tuple[str, Any]:
        del kind, detail, last
        return "", error


def _wants(body: Body) -> str:
    """Return what only a model can give, where the request insists on it."""
    if at(body, "response_format", "type") in ("json_schema", "json_object"):
        return "structured output"
    if body.get("tool_choice") == "required" or isinstance(body.get("tool_choice"), Mapping):
        return "a call of a tool"
    return ""


def _chunks(chunk: Body, text: str, numbers: range) -> Iterator[tuple[str, Any]]:
    for index in numbers:
        for delta, finish in (
            ({"role": "assistant", "content": ""}, None),
            ({"content": text}, None),
            ({}, "stop"),
        ):
            choice = {"index": index, "delta": delta, "finish_reason": finish, "logprobs": None}
            yield "", {**chunk, "choices": [choice]}
    yield "", "[DONE]"
