"""The values and the port of a wire format: what a request says, and where memory goes in it.

Everything is a function over JSON values or text: no HTTP, no namespace, no recall.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from remanence.text.client_markup import background_prompt, own_words
from remanence.text.thinking import visible

Body = Mapping[str, Any]

MODEL = "remanence-extractive"
"""The model's name where no upstream is configured."""

TALK = ("user", "assistant")
_AUDIO = frozenset({"input_audio", "output_audio", "audio"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_THOUGHT = re.compile(r"[<\u25c1\[]")


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A request's content, as far as memory needs it."""

    text: str = ""
    """The user's own words of the last user turn; "" where it has none or there is no turn."""
    speaker: str | None = None
    """The name that the turn itself gives its speaker."""
    before: tuple[tuple[str, str], ...] = ()
    """(role, text) of the turns before it."""
    after: tuple[str, ...] = ()
    """Roles or types of what follows it: steps of a tool loop."""
    later: tuple[str, ...] = ()
    """Texts that follow it."""
    mark: str = ""
    """What tells one last user turn from another beside its words: images, files."""
    background: str = ""
    """The purpose of a prompt that the client asks by itself; "" for a user's turn."""
    stream: bool = False
    """True where the answer is to be streamed."""
    store: bool = True
    """False where the client asked that nothing be kept."""
    users: tuple[str, ...] = ()
    """Names of the user in the body, the most binding first."""
    model: str = ""
    """The model's name."""
    choices: int = 1
    """Number of answers wanted."""
    previous: str | None = None
    """Id of the response that this one continues."""
    conversation: str | None = None
    """Id of the conversation at the provider or the client."""
    wants: str = ""
    """What only a model can give, where the request insists on it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer, as far as it came."""

    text: str = ""
    """Its text, thoughts left out."""
    finish: str = ""
    """The provider's own reason for its end."""
    complete: bool = False
    """True where it ends as it should."""
    id: str | None = None
    """The id by which a later request may name it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """An answer that no model made: it is quoted from memory."""

    text: str
    """Its text."""
    id: str
    """A unique id without a prefix."""
    created: int
    """Seconds since 1970."""
    request: ParsedRequest
    """The request that it answers."""


class StreamReader(Protocol):
    """Reads a streamed answer, event by event."""

    def feed(self, data: Any) -> None:
        """Take in one event's JSON."""

    def answer(self) -> Answer:
        """Return what has come so far."""


class Dialect(Protocol):
    """One wire format. A method raises nothing for a body of any shape, unless it says so."""

    name: str
    """Its name in metadata and metrics, like "openai.chat"."""

    @property
    def ends(self) -> tuple[bytes, ...]:
        """Bytes of the event that ends a stream."""

    @property
    def stream(self) -> Callable[[], StreamReader]:
        """The reader of its streams, made anew for each."""

    def parse(self, body: Body) -> ParsedRequest:
        """Return what the request says."""

    def place(self, raw: str, memory: str) -> str:
        """Return the request with `memory` beside its last user turn, equal before that turn.

        Unchanged where there is no such turn. Raises `ValueError` where `raw` is no JSON object.
        """

    def answer(self, body: Any) -> Answer:
        """Return what a whole response says."""

    def quote(self, quote: Quote) -> tuple[Any, Iterator[tuple[str, Any]]]:
        """Return a quote as a whole response, and as the events of a stream (name or "", data)."""

    def broken(self, kind: str, detail: str, error: Any, last: bytes) -> tuple[str, Any]:
        """Return the event (name or "", data) that ends a stream which broke off.

        `error` is the provider's body of an error, `last` the last events that went out.
        """


def words(value: Any, kinds: frozenset[str]) -> str:
    """Return the text of a content: a string, or its parts of these types and transcripts."""
    if isinstance(value, str):
        return storable(value)
    texts = [_text(part, kinds) for part in items(value)]
    return "\n".join(filter(None, texts))


def _text(part: Body, kinds: frozenset[str]) -> str:
    kind = str(part.get("type"))
    text: Any = part.get("text") if kind in kinds else None
    if kind in _AUDIO:
        text = part.get("transcript") or at(part, kind, "transcript")
    return storable(text) if isinstance(text, str) else ""


def storable(text: str) -> str:
    """Return a text in which NUL and lone surrogates are replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def said(message: Body, kinds: frozenset[str]) -> str:
    """Return what somebody said in a message.

    Of a user, without what the client wrote; of an assistant, without thoughts.
    """
    content = message.get("content")
    if message.get("role") != "user":
        return spoken(words(content, kinds) or transcript(message))
    if isinstance(content, str):
        return own_words(storable(content))
    return "\n".join(filter(None, (own_words(_text(part, kinds)) for part in items(content))))


def transcript(message: Any) -> str:
    """Return the transcript of a message that was spoken, "" for any other."""
    text = at(message, "audio", "transcript")
    return storable(text) if isinstance(text, str) else ""


def spoken(text: str) -> str:
    """Return a reply without the thoughts in it."""
    return visible(text) if _THOUGHT.search(text) else text


def is_turn(message: Body, kinds: frozenset[str], results: tuple[str, ...] = ()) -> bool:
    """Tell whether a message is a user's turn:

    neither a client's note nor results of tools only.
    """
    if message.get("role") != "user":
        return False
    content = message.get("content")
    if not isinstance(content, list):
        return not is_note(content)
    return not content or any(
        not is_note(part.get("text")) if str(part.get("type")) in kinds
        else part.get("type") not in results
        for part in items(content)
    )  # fmt: skip


def is_note(text: Any) -> bool:
    """Tell whether a client wrote all of a text."""
    return isinstance(text, str) and bool(text.strip()) and not own_words(text)


def last_turn(
    messages: list[Body], kinds: frozenset[str], results: tuple[str, ...] = ()
) -> int | None:
    """Return the index of the last user turn, None where there is none."""
    turns = (n for n in reversed(range(len(messages))) if is_turn(messages[n], kinds, results))
    return next(turns, None)


def background(messages: list[Body], last: int | None, kinds: frozenset[str], system: Any) -> str:
    """Return the purpose of a request that the client makes by itself, "" for a user's."""
    users = [message for message in messages if message.get("role") == "user"]
    if last is None:
        return "client-note" if any(words(each.get("content"), kinds) for each in users) else ""
    head = [words(system, kinds)] + [
        words(each.get("content"), kinds)
        for each in messages
        if each.get("role") in ("system", "developer")
    ]
    text = words(messages[last].get("content"), kinds)
    purposes = (background_prompt(text, one) for one in filter(None, head or [""]))
    return next(filter(None, purposes), None) or background_prompt(text) or ""


def turn_fields(
    messages: list[Body],
    kinds: frozenset[str],
    *,
    results: tuple[str, ...] = (),
    system: Any = None,
) -> dict[str, Any]:
    """Return the fields of `ParsedRequest` that tell the last user turn and what stands around it."""
    last = last_turn(messages, kinds, results)
    purpose = background(messages, last, kinds, system)
    if last is None or purpose:
        return {"background": purpose}
    after = messages[last + 1 :]
    content = messages[last].get("content")
    return {
        "text": said(messages[last], kinds),
        "before": tuple(
            (str(each["role"]), text)
            for each in messages[:last]
            if each.get("role") in TALK and (text := said(each, kinds))
        ),
        "after": tuple(str(each.get("role") or each.get("type")) for each in after),
        "mark": mark(content, kinds),
        "later": named(*(said(each, kinds) for each in after)),
    }


def mark(content: Any, kinds: frozenset[str]) -> str:
    """Return what a content has beside text, so that two pictures without a word are two turns."""
    others = [
        {name: value for name, value in part.items() if name != "cache_control"}  # it moves on
        for part in items(content)
        if str(part.get("type")) not in kinds
    ]
    return json.dumps(others) if others else ""


def items(value: Any) -> list[Body]:
    """Return the objects of a list, whatever else it holds."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def ended(text: str, finish: Any, id: Any, cut: tuple[str, ...]) -> Answer:
    """Return an answer with why it ended; whole unless that is nothing, or one of `cut`."""
    finish = finish if isinstance(finish, str) else ""
    complete = bool(finish) and finish not in cut
    return Answer(spoken(text), finish, complete, id if isinstance(id, str) else None)


def named(*values: Any) -> tuple[str, ...]:
    """Return the values that are text and say something."""
    return tuple(value for value in values if isinstance(value, str) and value.strip())


def at(value: Any, *path: str | int) -> Any:
    """Return `value[path[0]][path[1]]...`, or None where there is no such thing."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value
