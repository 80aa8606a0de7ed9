"""The OpenAPI 3.1 document: what FastAPI makes of the routes, with this service's limits, its
problems and its keys told.

It knows routes and settings; no verb.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from remanence.server.rest.shapes import ProblemOut
from remanence.server.settings import Settings

PATH = "/openapi.json"
_PROBLEMS = {
    "400": "The request cannot be read: not UTF-8, not JSON, nested too deeply, a parameter twice.",
    "401": "No valid key.",
    "403": "The key may not do that.",
    "404": "No such thing within the key's reach.",
    "413": "The body is too large.",
    "415": "The body is of another media type.",
    "422": "A value cannot be used.",
    "429": "Too many requests; see Retry-After.",
    "503": "The store cannot do it now; see Retry-After.",
    "507": "The disk is full.",
}
_MORE = {  # operation -> further answers
    "remember": {"409": "The same request is under way.", "410": "What it wrote is forgotten."},
    "learn": {"409": "The same request is under way.", "410": "What it wrote is forgotten."},
    "forget": {"409": "The same request is under way."},
    "episode": {"304": "It is what If-None-Match names."},
    "replace": {
        "412": "It is not what If-Match names.",
        "428": "Neither If-Match nor If-None-Match.",
    },
    "facts": {"410": "The fact that the cursor stands for is gone."},
}
_ONCE = ("remember", "learn", "forget")


def publish(app: FastAPI, settings: Settings) -> None:
    """Have the application tell its document at `PATH`."""

    @cache
    def body() -> bytes:
        return json.dumps(document(app, settings), ensure_ascii=False).encode()

    async def openapi(request: Request) -> Response:  # noqa: ARG001 - as routes are called
        return Response(body(), media_type="application/json")

    app.add_route(PATH, openapi, methods=["GET"], include_in_schema=False)


def document(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """The document."""
    told: dict[str, Any] = app.openapi()
    schemas = told["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    shape = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(shape.pop("$defs"))
    schemas["Problem"] = shape
    told["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A key: rmn_..."},
        "header": {"type": "apiKey", "in": "header", "name": "X-Remanence-Key"},
    }
    told["security"] = [{"bearer": []}, {"header": []}]
    for operation in _operations(told):
        _complete(operation)
    _limit(told, settings)
    return told


def _operations(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in told["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    """Tell of an operation's problems and headers."""
    id = operation["operationId"]
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for status, told in {**_PROBLEMS, **_MORE.get(id, {})}.items():
        content = {} if status == "304" else {"content": {"application/problem+json": reference}}
        operation["responses"][status] = {"description": told, **content}
    parameters = operation.setdefault("parameters", [])
    if id in _ONCE:
        parameters.append(_header("Idempotency-Key", pattern="^[!-~]{1,255}$"))
    if id == "episode":
        parameters.append(_header("If-None-Match"))
    if id == "replace":
        parameters.extend((_header("If-Match"), _header("If-None-Match")))
    for parameter in parameters:
        if parameter["in"] == "path" and parameter["schema"].get("type") == "string":
            parameter["schema"].update(minLength=1, maxLength=512)


def _header(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string", **schema}}


def _limit(told: Any, settings: Settings) -> None:
    """Write the settings' limits where they hold: the schemas do not know them."""
    most = {
        "k": ("maximum", settings.max_k),
        "budget": ("maximum", settings.max_budget),
        "limit": ("maximum", settings.max_items),
        "text": ("maxLength", settings.max_string),
        "query": ("maxLength", settings.max_string),
        "turns": ("maxItems", settings.max_items),
    }
    kinds = {"maximum": "integer", "maxLength": "string", "maxItems": "array"}

    def put(name: str, schema: Any) -> None:
        keyword, value = most[name]
        for each in (schema, *schema.get("anyOf", ())):
            if each.get("type") == kinds[keyword] and "const" not in each:
                each[keyword] = value

    for name, schema in _inputs(told):
        if name in most:
            put(name, schema)


def _inputs(told: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and the schema of every field of a body and every parameter of a query."""
    for name, schema in told["components"]["schemas"].items():
        if name.endswith("In"):
            yield from schema.get("properties", {}).items()
    for operation in _operations(told):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                yield parameter["name"], parameter["schema"]
