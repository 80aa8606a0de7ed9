"""A language model behind HTTP: any service that speaks OpenAI's chat completions.

Needs the `openai` package (extra `llm`).

The SDK retries what may pass (no connection, 408, 409, 429, 5xx) before the first piece; what goes
wrong afterwards is said, and never made up for: half an answer is no answer.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

from remanence.errors import ConfigError, ModelCutShort, ModelError, ModelRefused
from remanence.llm.chat_model import Call, Message, Piece, Request, Usage, without_thoughts
from remanence.text import tokens
from remanence.text.thinking import text_of, visible

TIMEOUT: Final = 60.0  # seconds without a sign from the service
RETRIES: Final = 2
LARGEST: Final = 4 << 20
"""Characters of one answer: a service that goes on beyond is not answering."""
OTHERWISE: Final = {
    "max_tokens": "max_completion_tokens",
    "temperature": None,
    "stream_options": None,
}
"""Parameter that some models refuse -> its replacement; None: leave it out."""


class ServiceModel:
    """A `ChatModel` over HTTP, safe to use from many threads.

    `url` is a base such as http://localhost:11434/v1; of a host alone, its /v1.

    Raises `ConfigError` without the openai package.
    """

    window = None

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
    ) -> None:
        try:
            import openai
        except ImportError as error:
            raise ConfigError(
                f"the model at {url!r:.200} needs the package openai, which cannot be imported "
                f"({error}); "
                'run: pip install "remanence[llm]"'
            ) from error
        self.name = model
        self._refused: frozenset[str] = frozenset()
        self._place = f"the model {model!r:.80} at {url.rpartition('@')[2]:.200}"
        self._sdk = openai
        # The SDK refuses to start without a key, and local services ask for none.
        self._client = openai.OpenAI(
            base_url=_base(url), api_key=key or "none", timeout=timeout, max_retries=retries
        )

    def count(self, text: str) -> int:
        """An estimate: which tokenizer the service has, nobody says."""
        return tokens.count(text)

    def stream(self, request: Request) -> Iterator[Piece]:
        return without_thoughts(self._pieces(request))

    def _pieces(self, request: Request) -> Iterator[Piece]:
        with self._meaning(), self._begun(request) as chunks:
            reading = _ReplyReading()
            try:
                yield from reading.pieces(chunks)
            except (self._sdk.APIError, ValueError) as error:
                if isinstance(error, self._sdk.APIStatusError) or not reading.begun:
                    raise
                raise ModelCutShort(
                    f"{self._place} broke off in the middle of its answer ({_brief(error)}); "
                    "try again",
                    partial=visible(reading.text),
                ) from error
            if not reading.ended:
                what = "answered nothing"
                if reading.begun:
                    what = "broke off in the middle of its answer"
                raise ModelCutShort(
                    f"{self._place} {what}; try again", partial=visible(reading.text)
                )

    def _begun(self, request: Request) -> Any:
        """Return the chunks of an answer, as a context.

        A parameter that the model refuses by its name is replaced or left out, from then on.
        """
        create = self._client.chat.completions.with_raw_response.create
        while True:
            payload = self._payload(request)
            try:
                response = create(**payload)
            except (self._sdk.BadRequestError, self._sdk.UnprocessableEntityError) as error:
                refused = _refused_parameter(error, payload.keys() & OTHERWISE.keys())
                if refused is None:
                    raise
                self._refused |= {refused}
                continue
            if "event-stream" in response.headers.get("content-type", "event-stream"):
                return response.parse()
            return nullcontext([self._whole(response.http_response)])

    def _whole(self, response: Any) -> Any:
        """Return an answer that came as one document instead of a stream, as its only chunk.

        Raises `ModelError` for an error within it, and for anything that is no completion.
        """
        text = response.read().decode("utf-8", errors="replace")
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        error = document.get("error") if isinstance(document, dict) else None
        if error:
            message = error.get("message") if isinstance(error, dict) else error
            raise ModelError(f"{self._place} refused: {message!s:.200}; nothing was answered")
        if not isinstance(document, dict) or not document.get("choices"):
            raise ModelError(
                f"{self._place} answered no chat completion ({text[:60]!r}); "
                "check that the URL is an OpenAI-compatible /v1 address"
            )
        return _chunk(self._sdk.types.chat.ChatCompletion.construct(**document))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _payload(self, request: Request) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "model": self.name,
            "messages": [_message(each) for each in request.messages],
            "temperature": request.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.most is not None:
            payload["max_tokens"] = request.most
        if request.stop:
            payload["stop"] = list(request.stop)
        if request.tools:
            payload["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": tool.name,
                        "description": tool.description,
                        "parameters": dict(tool.parameters),
                    },
                }
                for tool in request.tools
            ]
        if request.schema is not None:
            payload["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "reply", "strict": True, "schema": dict(request.schema)},
            }
        for name in self._refused & payload.keys():
            value, other = payload.pop(name), OTHERWISE[name]
            payload |= {} if other is None else {other: value}
        return payload

    @contextmanager
    def _meaning(self) -> Iterator[None]:
        """Raise the SDK's errors as ours."""
        sdk = self._sdk
        try:
            yield
        except sdk.APITimeoutError as error:
            raise ModelError(
                f"{self._place} did not answer in time; is it overloaded? A longer timeout may help"
            ) from error
        except sdk.APIConnectionError as error:
            raise ModelError(
                f"{self._place} cannot be reached ({_brief(error.__cause__ or error)}); "
                "check that the service runs and the URL is right"
            ) from error
        except sdk.APIStatusError as error:
            said = f"HTTP {error.status_code}: {_brief(error)}"
            kind = ModelError if error.status_code >= 500 else ModelRefused
            advice = (
                "try again later"
                if error.status_code >= 500 or error.status_code == 429
                else "check the URL, the model's name and its key"
            )
            raise kind(f"{self._place} refused: {said}; {advice}") from error
        except (sdk.APIError, ValueError, AttributeError, TypeError) as error:
            raise ModelError(
                f"{self._place} answered no chat completion ({_brief(error)}); "
                "check that the URL is an OpenAI-compatible /v1 address"
            ) from error


class _ReplyReading:
    """One answer as its chunks come in."""

    def __init__(self) -> None:
        self.begun = self.ended = False
        self._said: list[str] = []
        self._length = 0
        self._calls: dict[int, dict[str, str]] = {}

    @property
    def text(self) -> str:
        return "".join(self._said)

    def _take(self, delta: Any) -> str:
        """Add what a choice brings, calls of tools too; return its text."""
        text = text_of(delta.content) if delta else ""
        for part in (delta and delta.tool_calls) or ():
            self._call(part)
        self.begun = self.begun or bool(text or self._calls)
        self._grow(text)
        self._said.append(text)
        return text

    def pieces(self, chunks: Any) -> Iterator[Piece]:
        for chunk in chunks:
            usage = chunk.usage and Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in (chunk.choices or ())[:1]:
                text = self._take(choice.delta)
                if choice.finish_reason:
                    self.ended = True
                    yield Piece(text, self._whole_calls(), str(choice.finish_reason))
                elif text:
                    yield Piece(text)
            if usage:
                yield Piece(usage=usage)

    def _grow(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"{text!r:.80} is no text")
        self._length += len(text)
        if self._length > LARGEST:
            raise ValueError(f"more than {LARGEST:,} characters, without an end")

    def _call(self, part: Any) -> None:
        kept = self._calls.setdefault(part.index, {"id": "", "name": "", "arguments": ""})
        kept["id"] = part.id or kept["id"]
        if part.function:
            kept["name"] = part.function.name or kept["name"]
            kept["arguments"] += part.function.arguments or ""
            self._grow(part.function.arguments or "")

    def _whole_calls(self) -> tuple[Call, ...]:
        return tuple(Call(**kept) for _, kept in sorted(self._calls.items()))


def _chunk(completion: Any) -> Any:
    """Return a whole completion in the form of a stream's chunk."""
    choice = completion.choices[0]
    calls = [
        SimpleNamespace(index=number, id=each.id, function=each.function)
        for number, each in enumerate(choice.message.tool_calls or ())
    ]
    delta = SimpleNamespace(content=choice.message.content, tool_calls=calls)
    end = SimpleNamespace(delta=delta, finish_reason=choice.finish_reason or "stop")
    return SimpleNamespace(choices=[end], usage=completion.usage)


def _refused_parameter(error: Any, candidates: Collection[str]) -> str | None:
    """Return the parameter that a service refuses, by name, place or message; None for another."""
    if error.param in candidates:
        return str(error.param)
    said = f"{error.message} {error.body}"
    named = [name for name in candidates if re.search(rf"\b{name}\b", said)]
    return min(named, key=said.index) if named else None


def _base(url: str) -> str:
    """Return the base URL: append /v1 to a bare host, strip a trailing /chat/completions."""
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/chat/completions"):
        return url.rstrip("/").removesuffix("/chat/completions")
    return url if path else url.rstrip("/") + "/v1"


def _message(message: Message) -> Mapping[str, Any]:
    written: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.calls:
        written["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.calls
        ]
    if message.answers is not None:
        written["tool_call_id"] = message.answers
    return written


def _brief(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200]
