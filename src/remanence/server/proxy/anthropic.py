"""Anthropic as a provider."""

from typing import Any

from remanence.server.proxy.anthropic_messages import AnthropicMessages
from remanence.server.proxy.dialect import MODEL
from remanence.server.proxy.provider import Provider

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}


def _error(status: int, kind: str, detail: str) -> dict[str, Any]:
    del kind
    plain = "invalid_request_error" if status < 500 else "api_error"
    return {"type": "error", "error": {"type": _KINDS.get(status, plain), "message": detail}}


_MODEL = {
    "type": "model",
    "id": MODEL,
    "display_name": "Quotes from memory",
    "created_at": "1970-01-01T00:00:00Z",
}

ANTHROPIC = Provider(
    name="anthropic",
    base="",
    dialects={"/v1/messages": AnthropicMessages()},
    credential=("x-api-key", ""),
    error=_error,
    models={"data": [_MODEL], "has_more": False, "first_id": MODEL, "last_id": MODEL},
)
