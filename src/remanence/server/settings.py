"""Settings of a service: from arguments, then the environment, then defaults.

Each field is also an environment variable, `REMANENCE_` and its name in capitals.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from dataclasses import field as declared
from typing import Any
from urllib.parse import urlsplit

from remanence.errors import ConfigError
from remanence.server.keys import PREFIX as KEY

PREFIX = "REMANENCE_"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ELSEWHERE = {  # what the SDKs of others read, where ours is not set
    "openai_url": "OPENAI_BASE_URL",
    "openai_key": "OPENAI_API_KEY",
    "anthropic_url": "ANTHROPIC_BASE_URL",
    "anthropic_key": "ANTHROPIC_API_KEY",
}
_BASES = {"openai_url": "/v1", "anthropic_url": ""}
"""Setting of an upstream -> the path of its base URL where only a host is given."""
_REQUEST = re.compile(r"/(?:chat/completions|completions|responses|messages|models|embeddings)$")
_MAY_BE_ZERO = frozenset({"rate", "port", "memory_ms", "memory_tokens"})
_AUDITS = ("changes", "all")
_LOGS = ("json", "off")


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes in bytes or characters, times in the unit that the name says, "" for none."""

    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1  # processes over the one file
    threads: int = 4  # of each process, for the memory's verbs
    allowed_hosts: tuple[str, ...] = ()  # beside loopback and `host`; "*" is any
    allowed_origins: tuple[str, ...] = ()  # web pages that may call, like "https://example.org"
    max_body: int = 4 * 1024 * 1024  # of a request to /v1 or /mcp; a line of an import
    max_proxy_body: int = 64 * 1024 * 1024  # of a request to a proxy: images stand in chats
    max_import: int = 4 * 1024**3  # of an import in all
    max_depth: int = 64  # lists and objects in one another
    max_string: int = 1_000_000  # characters of a text
    max_items: int = 1_000  # turns in a request, rows on a page
    max_k: int = 200  # recollections
    max_budget: int = 100_000  # tokens of a context
    body_seconds: float = 30.0  # for a request's body to arrive
    waiting: int = 512  # requests at the same time; more are told to come back
    key_waiting: int = 256  # of them for one key
    key_sessions: int = 256  # of MCP that one key may have open
    rate: float = 1_000.0  # requests a second for each key; 0: no limit
    burst: int = 2_000  # requests that a key may save up
    idempotency_hours: float = 24.0
    audit: str = "changes"  # or "all": reads too
    log: str = "json"  # a line for each request on stderr; or "off"
    openai_url: str = ""  # upstream of /openai/v1, like https://api.openai.com/v1
    openai_key: str = declared(default="", repr=False)
    anthropic_url: str = ""  # upstream of /anthropic, like https://api.anthropic.com
    anthropic_key: str = declared(default="", repr=False)
    upstream_seconds: float = 600.0  # without a byte from upstream
    memory_ms: float = 150.0  # that a chat waits for memory
    memory_tokens: int = 800  # of memory beside a chat
    default_namespace: str = "default"  # of a chat whose user is not known; "" for none
    user_headers: tuple[str, ...] = (  # of front ends, that name the user
        "x-openwebui-user-id",
        "x-librechat-user-id",
        "x-openwebui-user-email",
    )
    session_headers: tuple[str, ...] = (  # of clients, that name the conversation
        "x-openwebui-chat-id",
        "x-librechat-conversation-id",
        "x-claude-code-session-id",
        "x-session-affinity",
        "session_id",
        "conversation_id",
    )

    @property
    def loopback(self) -> bool:
        """Return whether only this machine can reach it."""
        return self.host in LOOPBACK

    @property
    def hosts(self) -> frozenset[str]:
        """Names that a request's Host header may have, in lower case."""
        own = () if self.host in ("0.0.0.0", "::") else (self.host,)  # noqa: S104 - compared, not bound
        return frozenset(
            name.lower().strip("[]") for name in (*LOOPBACK, *own, *self.allowed_hosts)
        )


def load(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Return settings from `given` (None: not given), else `environ`, else defaults.

    Raises `ConfigError` that names every wrong value, not the first alone.
    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field in fields(Settings):
        name, default = field.name, field.default
        value = given.get(name)
        if value is None:
            variable = PREFIX + name.upper()
            text = environ.get(variable) or environ.get(_ELSEWHERE.get(name, ""), "")
            if not text:
                continue
            try:
                value = _read(variable, text, default)
            except ConfigError as error:
                wrong.append(str(error))
                continue
        values[name] = tuple(value) if isinstance(default, tuple) else value
    for name, end in _BASES.items():
        if name in values:
            values[name] = _mended(values[name], end)
    settings = Settings(**values)
    wrong += [*_wrong_numbers(settings), *_wrong_words(settings), *_wrong_upstreams(settings)]
    if wrong:
        raise ConfigError("; ".join(wrong))
    return settings


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables from which `load` makes the same settings, for worker processes."""
    return {
        PREFIX + field.name.upper(): ",".join(value) if isinstance(value, tuple) else str(value)
        for field in fields(Settings)
        if (value := getattr(settings, field.name)) != field.default
    }


def _read(variable: str, text: str, default: Any) -> Any:
    if isinstance(default, tuple):
        return [item.strip() for item in text.split(",") if item.strip()]
    try:
        return type(default)(text)
    except ValueError:
        raise ConfigError(
            f"${variable}={text!r:.80} is no {type(default).__name__}; the default is {default!r}"
        ) from None


def _mended(url: str, end: str) -> str:
    """Return an upstream's base URL of an address that names a request below it, or a bare host.

    Others read the same variables, and people paste what the provider's page shows.
    """
    parts = urlsplit(url)
    path = _REQUEST.sub("", parts.path.rstrip("/"))
    if end:
        path = path or end
    else:
        path = path.removesuffix("/v1")
    return parts._replace(path=path).geturl() if parts.scheme in ("http", "https") else url


def _wrong_numbers(settings: Settings) -> Iterator[str]:
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if not isinstance(field.default, int | float):
            continue
        if not isinstance(value, int | float) or not 0 <= value < 2**53:  # also what is no number
            yield f"{field.name}={value!r:.80} is out of range; the default is {field.default}"
            continue
        least = 0 if field.name in _MAY_BE_ZERO else 1
        if isinstance(field.default, int) and value < least:
            yield f"{field.name}={value!r} is less than {least}"
    if settings.port > 65_535:
        yield f"port={settings.port} is not between 0 and 65,535; 0 is any free one"


def _wrong_words(settings: Settings) -> Iterator[str]:
    for name, known in (("audit", _AUDITS), ("log", _LOGS)):
        if getattr(settings, name) not in known:
            yield f"{name}={getattr(settings, name)!r:.80} is none of {', '.join(known)}"


def _wrong_upstreams(settings: Settings) -> Iterator[str]:
    for name in _BASES:
        url = getattr(settings, name)
        instead = (
            f"set ${PREFIX}{name.upper()} to the provider's, "
            f"or unset ${_ELSEWHERE[name]}, which is for clients"
        )
        if url and not _reachable(url):
            yield f"{name}={url!r:.80} is no http(s) URL"
        elif url and (urlsplit(url).query or urlsplit(url).fragment):
            yield f"{name}={url!r:.80} has a query; give the base URL alone"
        elif url and _own(settings, url):
            yield f"{name}={url!r:.80} is this service itself; {instead}"
    for name in ("openai_key", "anthropic_key"):
        if getattr(settings, name).startswith(KEY):
            yield (
                f"{name} is a key of this service, which no provider may see; "
                f"set ${PREFIX}{name.upper()} to the provider's, or unset ${_ELSEWHERE[name]}, "
                "which is for clients"
            )


def _reachable(url: str) -> bool:
    parts = urlsplit(url)
    try:
        parts.port  # noqa: B018 - raises for what is no number, or too large
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _own(settings: Settings, url: str) -> bool:
    """Tell whether a request to an upstream would come back here, and go round for ever."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return settings.port == port and (parts.hostname or "").lower() in settings.hosts
