"""Responses: its last user turn, the place of memory, what an answer says.

Memory is an input item of its own, with the role of a user, right behind the last user item:
`instructions` are not touched (they are not inherited from one response to the next, and they are
not the user's), reasoning stays with its call and a call with its output.
"""

import re
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
    is_turn,
    items,
    named,
    spoken,
    turn_fields,
    words,
)

TEXT = frozenset({"input_text", "output_text", "text"})
_NUMBER = re.compile(rb'"sequence_number"\s*:\s*(\d+)')
DELTAS = ("response.output_text.delta", "response.audio.transcript.delta")
ENDED = ("response.completed", "response.incomplete", "response.failed")


class ResponsesStream:
    """Reads the events of a streamed response; the last one holds the whole of it, if it comes."""

    def __init__(self) -> None:
        self._parts: dict[tuple[Any, Any], list[str]] = {}
        self._id: str | None = None
        self._ended: Answer | None = None

    def feed(self, data: Any) -> None:
        kind, response = at(data, "type"), at(data, "response")
        if isinstance(id := at(response, "id"), str):
            self._id = id
        if kind in DELTAS and isinstance(piece := at(data, "delta"), str):
            where = (str(at(data, "output_index")), str(at(data, "content_index")))
            self._parts.setdefault(where, []).append(piece)
        elif kind in ENDED:
            self._ended = _answer(response)

    def answer(self) -> Answer:
        heard = "\n".join("".join(parts) for parts in self._parts.values())
        if self._ended is None:
            return Answer(text=spoken(heard), id=self._id)
        ended = self._ended
        return Answer(ended.text or spoken(heard), ended.finish, ended.complete, self._id)


class OpenAIResponses:
    """`POST /responses`."""

    name = "openai.responses"
    ends: tuple[bytes, ...] = (b'"response.completed"', b'"response.incomplete"')
    stream = ResponsesStream

    def parse(self, body: Body) -> ParsedRequest:
        given = body.get("input")
        listed = [{"role": "user", "content": given}] if isinstance(given, str) else items(given)
        conversation = body.get("conversation")
        if isinstance(conversation, Mapping):
            conversation = conversation.get("id")
        users = named(
            body.get("safety_identifier"), at(body, "metadata", "user_id"), body.get("user")
        )
        return ParsedRequest(
            stream=body.get("stream") is True,
            store=body.get("store") is not False or _keeps_its_state(body),
            users=users,
            model=body["model"] if isinstance(body.get("model"), str) else "",
            previous=next(iter(named(body.get("previous_response_id"))), None),
            conversation=next(iter(named(conversation)), None),
            wants=_wants(body),
            **turn_fields([_message(item) for item in listed], TEXT),
        )

    def place(self, raw: str, memory: str) -> str:
        given = spans.member(raw, "input")
        if given is None:
            return raw
        item = f'{{"type":"message","role":"user","content":"{spans.inside(memory)}"}}'
        if isinstance(given.value, str):
            return spans.put(
                raw, (given.start, '[{"role":"user","content":'), (given.end, f"}},{item}]")
            )
        if not isinstance(given.value, list):
            return raw
        last = None
        for element in spans.elements(raw, given.start):
            if isinstance(element.value, Mapping) and is_turn(_message(element.value), TEXT):
                last = element
        return raw if last is None else spans.put(raw, (last.end, "," + item))

    def answer(self, body: Any) -> Answer:
        return _answer(body)

    def quote(self, quote: Quote) -> tuple[Any, Iterator[tuple[str, Any]]]:
        part = {"type": "output_text", "text": quote.text, "annotations": [], "logprobs": []}
        message = {"id": f"msg_{quote.id}", "type": "message", "role": "assistant"}
        done = {**message, "status": "completed", "content": [part]}
        base = {
            "id": f"resp_{quote.id}",
            "object": "response",
            "created_at": quote.created,
            "model": MODEL,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "metadata": {},
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "previous_response_id": quote.request.previous,
            "temperature": None,
            "top_p": None,
        }
        usage = {
            "input_tokens": 0,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 0,
        }
        whole = {**base, "status": "completed", "output": [done], "usage": usage}
        begun = {**base, "status": "in_progress", "output": [], "usage": None}
        return whole, _events(begun, message, part, whole)

    def broken(self, kind: str, detail: str, error: Any, last: bytes) -> tuple[str, Any]:
        del error
        numbers = _NUMBER.findall(last)
        number = int(numbers[-1]) + 1 if numbers else 0
        said = {"code": kind, "message": detail, "param": None, "sequence_number": number}
        return "error", {"type": "error", **said}


def _message(item: Body) -> Body:
    """Return an item as a message; one of another type has neither role nor content."""
    return item if item.get("type", "message") == "message" else {"type": item.get("type")}


def _keeps_its_state(body: Body) -> bool:
    """Tell whether `store: false` only says that the client sends the whole history itself."""
    include = body.get("include")
    return isinstance(include, list) and "reasoning.encrypted_content" in include


def _answer(body: Any) -> Answer:
    texts = [
        words(item.get("content"), TEXT)
        for item in items(at(body, "output"))
        if item.get("type") == "message"
    ]
    status, id = at(body, "status"), at(body, "id")
    return Answer(
        text=spoken("\n".join(filter(None, texts))),
        finish=status if isinstance(status, str) else "",
        complete=status == "completed",
        id=id if isinstance(id, str) else None,
    )


def _wants(body: Body) -> str:
    """Return what only a model can give, where the request insists on it."""
    if at(body, "text", "format", "type") in ("json_schema", "json_object"):
        return "structured output"
    if body.get("tool_choice") == "required" or isinstance(body.get("tool_choice"), Mapping):
        return "a call of a tool"
    return ""


def _events(
    begun: Body, message: Body, part: Body, whole: Body
) -> Iterator[tuple[str, dict[str, Any]]]:
    empty = {**message, "status": "in_progress", "content": []}
    item = {"output_index": 0, "item_id": message["id"], "content_index": 0}
    events: list[tuple[str, dict[str, Any]]] = [
        ("created", {"response": begun}),
        ("in_progress", {"response": begun}),
        ("output_item.added", {"output_index": 0, "item": empty}),
        ("content_part.added", {**item, "part": {**part, "text": ""}}),
        ("output_text.delta", {**item, "delta": part["text"], "logprobs": []}),
        ("output_text.done", {**item, "text": part["text"], "logprobs": []}),
        ("content_part.done", {**item, "part": part}),
        ("output_item.done", {"output_index": 0, "item": whole["output"][0]}),
        ("completed", {"response": whole}),
    ]
    for number, (name, data) in enumerate(events):
        yield (
            f"response.{name}",
            {"type": f"response.{name}", "sequence_number": number, **data},
        )
