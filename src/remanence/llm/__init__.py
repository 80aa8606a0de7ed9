"""Language models that answer: the port `ChatModel`, and `load`, which turns a spec string into
one.

| spec | what it is |
|---|---|
| `http://HOST/v1#MODEL`, `https://...` | any service that speaks OpenAI's chat completions; key in REMANENCE_LLM_KEY (extra `llm`) |
| `openai:MODEL` | OpenAI's own service, or `$OPENAI_BASE_URL`; key in OPENAI_API_KEY (extra `llm`) |
| `hf:PATH` | a model of transformers in a folder or the local cache: causal or encoder-decoder (extra `neural`) |
| `hf:PATH#plain` | the same, for a model without a chat template: messages are written as lines `user: ...` |
| `hf:PATH#4bit` | the same, its weights packed into four bits each (extra `quantized`); also `#plain,4bit` |
| `scripted:TEXT` | says TEXT; for tests and dry runs |

Nothing here knows what is asked. Implementations are imported when asked for. None downloads
anything.
"""

import os
from collections.abc import Callable
from typing import Final

from remanence import config
from remanence.errors import ConfigError
from remanence.llm.chat_model import (
    Call,
    ChatModel,
    Message,
    Piece,
    Reply,
    Request,
    Tool,
    Usage,
    ask,
    gathered,
)

__all__ = [
    "LOADERS",
    "Call",
    "ChatModel",
    "Message",
    "Piece",
    "Reply",
    "Request",
    "Tool",
    "Usage",
    "ask",
    "gathered",
    "load",
]


def _service(scheme: str) -> Callable[[str], ChatModel]:
    def loader(rest: str) -> ChatModel:
        from remanence.llm.service import ServiceModel

        url, _, model = f"{scheme}:{rest}".partition("#")
        if not rest.startswith("//") or not rest[2:].partition("#")[0] or not model:
            raise ConfigError(
                f"'{scheme}:{rest:.200}' is not URL#MODEL; "
                "write for example 'http://localhost:11434/v1#qwen3'"
            )
        return ServiceModel(url, model, key=config.setting(config.LLM_KEY))

    return loader


def _openai(rest: str) -> ChatModel:
    from remanence.llm.service import ServiceModel

    if not rest:
        raise ConfigError("'openai:' names no model; write for example 'openai:gpt-5.4-mini'")
    key = os.environ.get("OPENAI_API_KEY")
    if not key:
        raise ConfigError(f"'openai:{rest:.80}' needs a key; set OPENAI_API_KEY")
    url = os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    return ServiceModel(url, rest, key=key)


def _local(rest: str) -> ChatModel:
    from remanence.llm.local import load_local

    path, _, form = rest.partition("#")
    forms = set(form.split(",")) if form else set()
    if not path or forms - {"plain", "4bit"}:
        raise ConfigError(
            f"'hf:{rest:.200}' is not hf:PATH, hf:PATH#plain, hf:PATH#4bit or hf:PATH#plain,4bit; "
            "give the folder of a model"
        )
    return load_local(path, plain="plain" in forms, four_bits="4bit" in forms)


def _scripted(rest: str) -> ChatModel:
    from remanence.llm.scripted import ScriptedModel

    if not rest:
        raise ConfigError("'scripted:' has nothing to say; write for example 'scripted:Yes.'")
    return ScriptedModel(rest)


LOADERS: dict[str, Callable[[str], ChatModel]] = {
    "http": _service("http"),
    "https": _service("https"),
    "openai": _openai,
    "hf": _local,
    "scripted": _scripted,
}
"""Scheme -> loader of what follows the first colon of a spec. Add an entry to add a model."""


UNHELD: Final = frozenset({"hf"})
"""Schemes of models that cannot be held to a schema."""


def load(spec: str, *, structured: bool = False) -> ChatModel:
    """The model that `spec` names; the table above lists the specs.

    structured: it is going to be asked for replies of a schema.

    Raises `ConfigError` for a spec that cannot be read, a key or an extra that is missing, and
    before anything is loaded for a model that cannot be held to a schema where it has to be;
    `ModelError` for a model that cannot be loaded.
    """
    scheme, colon, rest = spec.partition(":")
    loader = LOADERS.get(scheme)
    if loader is None or not colon:
        known = ", ".join(f"{name}:" for name in LOADERS)
        raise ConfigError(
            f"unknown model {spec!r:.200}; a spec begins with one of {known} as in 'hf:PATH' or "
            "'http://localhost:11434/v1#qwen3'"
        )
    if structured and scheme in UNHELD:
        raise ConfigError(
            f"{spec!r:.200} runs here and cannot be held to a schema; name a service, such as "
            "'http://localhost:11434/v1#qwen3'"
        )
    return loader(rest)
