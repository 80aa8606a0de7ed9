"""What the proxy asks of a wire format: the values, and the port that each of the three implements.

Everything is a function over JSON values or text. Nothing here knows HTTP, a namespace, or how a memory is found.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, as far as memory needs to know."""

    text: str = ""  # the last user turn; "" where it has no words or there is none
    speaker: str | None = None  # the name that the turn itself gives its speaker
    before: tuple[tuple[str, str], ...] = ()  # (role, text) of the turns before it
    after: tuple[str, ...] = ()  # roles or types of what follows it: steps of a tool loop
    later: tuple[str, ...] = ()  # texts that follow it
    mark: str = ""  # what tells one last user turn from another beside its words: images, files
    stream: bool = False
    store: bool = True  # False: the client asked that nothing be kept
    users: tuple[str, ...] = ()  # who the body says is asking, the most binding first
    model: str = ""
    choices: int = 1
    previous: str | None = None  # the response that this one goes on from
    conversation: str | None = None
    wants: str = ""  # what only a model can give, where the request insists on it


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, as far as it came."""

    text: str = ""
    finish: str = ""  # the provider's own word
    complete: bool = False
    id: str | None = None  # by which a later request may name it


@dataclass(frozen=True, slots=True)
class Quote:
    """An answer that was not made by a model but quoted from memory."""

    text: str
    id: str  # unique, without a prefix
    created: int  # seconds since 1970
    asked: Asked


class Listener(Protocol):
    """Hears a stream, event by event."""

    def hear(self, data: Any) -> None:
        """Take in one event's JSON."""

    def answer(self) -> Answer:
        """What has been said by now."""


class Dialect(Protocol):
    """One wire format. Each method raises nothing for a body of any shape, where not said otherwise."""

    name: str

    def asked(self, body: Body) -> Asked:
        """What the request says."""

    def place(self, raw: str, memory: str) -> str:
        """The request with `memory` beside its last user turn, equal before that turn.

        Unchanged where there is no such turn. Raises `ValueError` where `raw` is no JSON object.
        """

    def answer(self, body: Any) -> Answer:
        """What a whole response says."""

    def listen(self) -> Listener:
        """Somebody to hear a streamed response."""

    def quote(self, quote: Quote) -> tuple[Any, Iterator[tuple[str, Any]]]:
        """A quote as a whole response, and as the events of a stream (name or "", data)."""


MODEL = "remanence-extractive"  # who answers where no model does


def words(value: Any, kinds: frozenset[str]) -> str:
    """The text of a content: a string, or the parts of these types."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    parts = [part for part in value if isinstance(part, Mapping) and str(part.get("type")) in kinds]
    texts = [part.get("text") for part in parts]
    return "\n".join(text for text in texts if isinstance(text, str) and text)


def mark(content: Any, kinds: frozenset[str]) -> str:
    """What a content has beside text, so that two pictures without a word are two turns."""
    others = [
        {name: value for name, value in part.items() if name != "cache_control"}  # it moves on
        for part in items(content)
        if str(part.get("type")) not in kinds
    ]
    return json.dumps(others) if others else ""


def items(value: Any) -> list[Body]:
    """The objects of a list, whatever else it holds."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def ended(text: str, finish: Any, id: Any, cut: tuple[str, ...]) -> Answer:
    """An answer with why it ended; it is whole unless that is nothing, or one of `cut`."""
    finish = finish if isinstance(finish, str) else ""
    complete = bool(finish) and finish not in cut
    return Answer(text, finish, complete, id if isinstance(id, str) else None)


def named(*values: Any) -> tuple[str, ...]:
    """The values that are text and say something."""
    return tuple(value for value in values if isinstance(value, str) and value.strip())


def at(value: Any, *path: str | int) -> Any:
    """`value[path[0]][path[1]]...`, or None where there is no such thing."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value
