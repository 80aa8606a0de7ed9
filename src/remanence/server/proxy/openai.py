"""OpenAI, and every service with its interface, as a provider."""

from typing import Any

from remanence.server.proxy.dialect import MODEL
from remanence.server.proxy.openai_chat import OpenAIChat
from remanence.server.proxy.openai_responses import OpenAIResponses
from remanence.server.proxy.provider import Provider


def _error(status: int, kind: str, detail: str) -> dict[str, Any]:
    group = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": detail, "type": group, "param": None, "code": kind}}


_MODEL = {"id": MODEL, "object": "model", "created": 0, "owned_by": "remanence"}

OPENAI = Provider(
    name="openai",
    base="/v1",
    dialects={"/v1/chat/completions": OpenAIChat(), "/v1/responses": OpenAIResponses()},
    credential=("authorization", "Bearer "),
    error=_error,
    models={"object": "list", "data": [_MODEL]},
)
