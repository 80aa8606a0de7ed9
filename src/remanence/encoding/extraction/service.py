"""A language model behind HTTP: any service with OpenAI's `POST /v1/chat/completions`. It knows how to ask; it does not know what is asked.

Retries what may pass (no connection, time-outs, 429, 5xx) and raises RemanenceError for the rest. Needs httpx, imported when one is made.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from remanence.errors import ConfigError, RemanenceError

TIMEOUT: Final = 60.0
ATTEMPTS: Final = 3
LONGEST_PAUSE: Final = 20.0
"""Seconds: `Retry-After` is honoured up to this."""
LARGEST: Final = 1 << 20
"""Characters of an answer; what is longer is no answer to what was asked."""


class Ask(Protocol):
    """A model: messages ({"role", "content"}) and the JSON schema of the reply to the reply's text. Raises RemanenceError."""

    def __call__(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> str: ...


class ChatService:
    """An `Ask` over HTTP. Thread-safe."""

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Ask `url` for `model`; `pause` waits that many seconds between attempts. Raises ConfigError without httpx."""
        try:
            import httpx
        except ImportError as error:
            raise ConfigError(
                f"the model at {url!r} needs 'httpx', which cannot be imported ({error}); "
                'run: pip install "remanence[http]"'
            ) from error
        self._endpoint = _endpoint(url)
        self._place = f"the model {model!r} at {self._endpoint.rpartition('@')[2]}"
        self._model = model
        self._pause = pause
        self._passing = httpx.TransportError
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=TIMEOUT)

    def __call__(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> str:
        """The reply's text."""
        answer = self._post(
            {
                "model": self._model,
                "messages": list(messages),
                "temperature": 0,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "facts", "strict": True, "schema": schema},
                },
            }
        )
        try:
            text = answer["choices"][0]["message"]["content"]
        except (TypeError, KeyError, IndexError) as error:
            text = error
        if not isinstance(text, str):
            raise RemanenceError(
                f"{self._place} answered no chat completion ({text!r:.80}); check that the URL is an OpenAI-compatible /v1 address"
            )
        return text

    def _post(self, payload: dict[str, Any]) -> Any:
        problem = ""
        for attempt in range(ATTEMPTS):
            wait = 0.5 * 2**attempt
            try:
                answer = self._client.post(self._endpoint, json=payload)
            except self._passing as error:
                problem = f"{type(error).__name__}: {error}"
            else:
                if answer.is_success:
                    return self._read(answer)
                problem = f"HTTP {answer.status_code}: {answer.text[:200]}"
                if answer.status_code != 429 and answer.status_code < 500:
                    raise RemanenceError(
                        f"{self._place} refused: {problem}; check the URL, the model's name and its key"
                    )
                after = answer.headers.get("Retry-After", "")
                wait = float(after) if after.isdigit() else wait
            if attempt + 1 < ATTEMPTS:
                self._pause(min(wait, LONGEST_PAUSE))
        raise RemanenceError(
            f"{self._place} gave no answer in {ATTEMPTS} attempts, last: {problem}; check that the service runs and is reachable"
        )

    def _read(self, answer: Any) -> Any:
        if len(answer.content) > 4 * LARGEST:
            raise RemanenceError(
                f"{self._place} answered {len(answer.content)} bytes, more than any list of facts; check the model"
            )
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:
            raise RemanenceError(
                f"{self._place} answered what is no JSON ({error!s:.80}); check the URL"
            ) from error


def load(spec: str, key: str | None = None) -> ChatService:
    """The model that "URL#MODEL" names. Raises ConfigError."""
    url, _, model = spec.partition("#")
    if not url.startswith(("http://", "https://")) or not urlsplit(url).netloc or not model:
        raise ConfigError(
            f"{spec!r} is not URL#MODEL; write for example 'http://localhost:11434/v1#qwen3'"
        )
    return ChatService(url, model, key=key)


def _endpoint(url: str) -> str:
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/chat/completions"):
        return url
    return url.rstrip("/") + ("/chat/completions" if path else "/v1/chat/completions")
