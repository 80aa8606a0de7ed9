"""An embedder behind HTTP: any service with OpenAI's `POST /v1/embeddings`.

Retries what may pass (no connection, time-outs, 429, 5xx) and raises EmbedderError for the rest.
Needs httpx, imported when one is made. Knows no provider by name.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from remanence.embed.port import Kind
from remanence.errors import ConfigError, EmbedderError

BATCH = 64
TIMEOUT = 30.0
ATTEMPTS = 4
LONGEST_PAUSE = 20.0
"""Seconds: `Retry-After` is honoured up to this."""


def _endpoint(url: str) -> str:
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/embeddings"):
        return url
    return url.rstrip("/") + ("/embeddings" if path else "/v1/embeddings")


class ServiceEmbedder:
    """A model of an OpenAI-compatible service. Thread-safe. Blank text is not sent: a zero row."""

    version = "1"
    scripts = frozenset({"*"})
    centre: NDArray[np.float32] | None = None

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Ask `url` for `model`; `pause` waits that many seconds between attempts.

        Raises ConfigError without httpx. The service is first called by `embed` or `dim`.
        """
        try:
            import httpx
        except ImportError as error:
            raise ConfigError(
                f"the embedder {url!r} needs 'httpx', which cannot be imported ({error}); "
                'run: pip install "remanence[http]"'
            ) from error
        # The model is the identity: the same model behind another address is the same embedder.
        self.name = model
        self._endpoint = _endpoint(url)
        self._place = f"the model {model!r} at {_endpoint(url).rpartition('@')[2]}"
        self._model = model
        self._pause = pause
        self._passing = httpx.TransportError
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=TIMEOUT)
        self._dim = 0

    @property
    def dim(self) -> int:
        """Learned from the first answer; asks for one when there is none yet."""
        return self._dim or len(self._ask(["dimension"])[0])

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:  # noqa: ARG002
        """One row a text, shape (len(texts), dim), L2-normalised; zero for blank text."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        said = [i for i, text in enumerate(texts) if text.strip()]
        for start in range(0, len(said), BATCH):
            batch = said[start : start + BATCH]
            rows[batch] = self._ask([texts[i].encode("utf-8", "replace").decode() for i in batch])
        return rows

    def _ask(self, texts: list[str]) -> NDArray[np.float32]:
        payload = {"model": self._model, "input": texts, "encoding_format": "float"}
        rows = self._read(self._post(payload), len(texts))
        if self._dim and rows.shape[1] != self._dim:
            raise EmbedderError(
                f"{self._place} answered {rows.shape[1]} dimensions after {self._dim}; "
                "the model behind it changed: give it another name and rebuild"
            )
        self._dim = rows.shape[1]
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, norms, out=rows, where=norms > 0)
        return rows

    def _post(self, payload: dict[str, Any]) -> Any:
        """The answer's JSON. Raises EmbedderError for a refusal, or after ATTEMPTS failures."""
        for attempt in range(ATTEMPTS):
            wait = 0.5 * 2**attempt
            try:
                answer = self._client.post(self._endpoint, json=payload)
            except self._passing as error:
                problem = f"{type(error).__name__}: {error}"
            else:
                if answer.is_success:
                    return answer.json() if _is_json(answer) else None
                problem = f"HTTP {answer.status_code}: {answer.text[:200]}"
                if answer.status_code != 429 and answer.status_code < 500:
                    raise EmbedderError(
                        f"{self._place} refused: {problem}; check the URL, the model's name and "
                        "REMANENCE_EMBED_KEY"
                    )
                after = answer.headers.get("Retry-After", "")
                wait = float(after) if after.isdigit() else wait
            if attempt + 1 < ATTEMPTS:
                self._pause(min(wait, LONGEST_PAUSE))
        raise EmbedderError(
            f"{self._place} gave no embedding in {ATTEMPTS} attempts, last: {problem}; "
            "check that the service runs and is reachable"
        )

    def _read(self, answer: Any, count: int) -> NDArray[np.float32]:
        try:
            data = sorted(answer["data"], key=lambda entry: entry["index"])
            rows = np.array([entry["embedding"] for entry in data], np.float32)
        except (TypeError, KeyError, ValueError) as error:
            raise EmbedderError(
                f"{self._place} answered something that is no list of embeddings ({error!r}); "
                "check that the URL is an OpenAI-compatible /v1 address"
            ) from error
        if rows.ndim != 2 or len(rows) != count or not rows.size or not np.isfinite(rows).all():
            raise EmbedderError(
                f"{self._place} answered embeddings of shape {rows.shape} for {count} texts, or "
                "numbers that are not finite; check the model"
            )
        return rows


def _is_json(answer: Any) -> bool:
    return "json" in answer.headers.get("Content-Type", "")
