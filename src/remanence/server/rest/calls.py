"""One call: who calls, in which namespace, and the answer as JSON.

What every route of REST does before and after its verb. It knows no verb.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import fields
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from remanence.errors import InvalidInput
from remanence.memory import DEFAULT_NAMESPACE
from remanence.server import bodies
from remanence.server.caller import Caller
from remanence.server.problems import Problem
from remanence.server.service import Service

SLASH = "\0"  # stands in a decoded path for a slash that is part of a name
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class _Request(Request):
    """A request whose JSON is read strictly, once."""

    async def json(self) -> Any:
        return bodies.parse(await self.body())


class Route(APIRoute):
    """A route that takes JSON and nothing else as its body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes = self.body_field is not None

        async def strict(request: Request) -> Response:
            if takes:
                kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind != "application/json":
                    raise Problem(415, "media-type", "send the body as application/json")
            return await handle(_Request(request.scope, request.receive))

        return strict


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


class Call:
    """One request that has been admitted, and needs a scope. Raises `Refused`, `OutOfReach`, `InvalidInput`."""

    def __init__(self, request: Request, scope: str, takes: frozenset[str] = frozenset()) -> None:
        self.service = service_of(request)
        self.request = request
        self.caller: Caller = request.scope["state"]["caller"]
        self.query: Mapping[str, str] = request.scope["remanence.query"]
        self.caller.need(scope)
        if unknown := self.query.keys() - takes:
            raise InvalidInput(
                f"unknown parameter {min(unknown)!r:.80}; known are {', '.join(sorted(takes)) or 'none'}"
            )

    def namespace(self, wanted: str | None) -> str:
        """The namespace that is meant."""
        return self.caller.namespace(wanted, DEFAULT_NAMESPACE)

    def audited(
        self, action: str, namespace: str | None, target: str | None = None, *, now: bool = False
    ) -> None:
        """Have what is done noted; `now`: before it is answered."""
        self.request.scope["state"]["audited"] = (action, namespace, target, now)

    def most(self, value: int, name: str, limit: int) -> int:
        """`value`, which may not be more than `limit`."""
        if value > limit:
            raise InvalidInput(f"{name}={value} is more than {limit:,}, this service's limit")
        return value


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as it is sent."""
    return Response(_ENCODE(value).encode(), status, headers, "application/json")


def plain(value: Any) -> dict[str, Any]:
    """A flat value type as a dict for JSON: `types.as_json` without copying what it holds."""
    kind = type(value)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in fields(kind))
    return {name: getattr(value, name) for name in names}


_NAMES: dict[type, tuple[str, ...]] = {}
