"""The port `ChatModel`: a language model that answers messages, piece by piece.

Values in, values out; it knows no model.

The nouns are those of chat completions, the interface that nearly every service speaks: messages
with roles, tools, a schema for the reply.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from remanence.errors import ModelCutShort, ModelError
from remanence.text.thinking import ThoughtFilter


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model wants called: `arguments` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str

    def read(self) -> Mapping[str, Any]:
        """The arguments. Raises `ModelError` where they are no JSON object."""
        return _object(self.arguments, f"the arguments of the tool {self.name!r:.40}")


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    `calls` are an assistant's; `answers` is the id of the call that a tool's message answers.
    """

    role: str
    content: str
    calls: tuple[Call, ...] = ()
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """Request to a model.

    most: tokens of the reply at most; None: as many as the model gives. schema: JSON schema that
    the reply has to satisfy; None for text.

    temperature: 0 answers alike each time, as far as the model can.
    """

    messages: tuple[Message, ...]
    most: int | None = 512
    temperature: float = 0.0
    tools: tuple[Tool, ...] = ()
    schema: Mapping[str, Any] | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the request and of the reply, as the model counts them."""

    prompt: int
    reply: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a stream; the last one has the calls, the reason for the end and the usage."""

    text: str = ""
    """Next part of the reply's text."""
    calls: tuple[Call, ...] = ()
    """Whole calls of tools."""
    finish: str | None = None
    """Reason for the end, at the end."""
    usage: Usage | None = None
    """Tokens of request and reply, where the model counts them."""
    restart: bool = False
    """All text before this piece was a thought that nothing had opened: discard it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer.

    finish: "stop", "length" (cut at `Request.most`), "tool_calls", or what the service says.
    """

    text: str
    finish: str = "stop"
    calls: tuple[Call, ...] = ()
    usage: Usage | None = None

    def read(self) -> Mapping[str, Any]:
        """The reply as a JSON object.

        Raises `ModelError` where it is none, whatever the model promised.
        """
        return _object(self.text, "the reply")


class ChatModel(Protocol):
    """A language model.

    name: for people and manifests. window: tokens of request and reply together, None where nobody
    knows.

    `stream` raises `ModelError` (also from the iterator), `ModelCutShort` where it ends without an
    end.
    """

    @property
    def name(self) -> str: ...
    @property
    def window(self) -> int | None: ...
    def count(self, text: str) -> int: ...
    def stream(self, request: Request) -> Iterator[Piece]: ...
    def close(self) -> None: ...


def ask(model: ChatModel, request: Request) -> Reply:
    """The whole answer. Raises `ModelError`."""
    return gathered(model.stream(request))


def without_thoughts(pieces: Iterable[Piece], *, thinking: bool = False) -> Iterator[Piece]:
    """Yield the pieces of a reply without the thoughts in it; `thinking`: the prompt opened one."""
    reading = ThoughtFilter(thinking=thinking)
    for piece in pieces:
        text, restart = reading.feed(piece.text), reading.restarted
        if piece.finish is not None:
            text += reading.finish()
        cleaned = replace(piece, text=text, restart=restart)
        if cleaned != Piece():
            yield cleaned


def gathered(pieces: Iterable[Piece]) -> Reply:
    """The answer that pieces make. Raises `ModelCutShort` where none of them is an end."""
    text: list[str] = []
    calls: tuple[Call, ...] = ()
    finish: str | None = None
    usage: Usage | None = None
    for piece in pieces:
        if piece.restart:
            text.clear()
        text.append(piece.text)
        calls += piece.calls
        finish = piece.finish or finish
        usage = piece.usage or usage
    whole = "".join(text)
    if finish is None:
        raise ModelCutShort("the model stopped without an end; try again", partial=whole)
    return Reply(whole, finish, calls, usage)


def _object(text: str, what: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{what} is no JSON ({error}): {text!r:.80}; the model cannot be held to a schema"
        ) from None
    if not isinstance(found, dict):
        raise ModelError(
            f"{what} is JSON, but no object: {text!r:.80}; the model cannot be held to a schema"
        )
    return found
