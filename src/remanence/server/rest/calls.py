"""One call: who calls, in which namespace, and the answer as JSON.

What every route of REST does before and after its verb. It knows no verb.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from remanence.errors import InvalidInput
from remanence.memory import DEFAULT_NAMESPACE
from remanence.server import bodies, cursors, headers
from remanence.server.caller import Caller
from remanence.server.problems import Problem
from remanence.server.service import Service
from remanence.server.telemetry import Deed, span

NAMED = "x-remanence-namespace"
SLASH = "\0"  # stands in a decoded path for a slash that is part of a name
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class _Request(Request):
    """A request whose JSON is read strictly, once."""

    async def json(self) -> Any:
        body = await self.body()
        return await bodies.off_loop(body, partial(bodies.parse, body))


class Route(APIRoute):
    """A route that takes JSON and nothing else as its body, and a query only where it says so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes, asks = self.body_field is not None, bool(self.dependant.query_params)

        async def strict(request: Request) -> Response:
            if takes:
                kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind != "application/json":
                    raise Problem(415, "media-type", "send the body as application/json")
            if not asks and request.scope["remanence.query"]:
                raise InvalidInput("this route takes no query; its parameters stand in the body")
            return await handle(_Request(request.scope, request.receive))

        return strict


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


class Call:
    """One request that has been admitted, and needs a scope.

    Raises `Refused`, `OutOfReach`, `InvalidInput`.
    """

    def __init__(self, request: Request, scope: str) -> None:
        self.service = service_of(request)
        self.settings, self.memory = self.service.settings, self.service.memory
        self.metrics = self.service.metrics
        self.request = request
        self.caller: Caller = request.scope["state"]["caller"]
        self.caller.need(scope)

    def namespace(self, wanted: str | None) -> str:
        """Return the namespace that is meant: the one in the request, else the header's, else the
        key's own, else the default.
        """
        named = self.header_namespace if wanted is None else wanted
        return self.caller.namespace(named, DEFAULT_NAMESPACE)

    @property
    def header_namespace(self) -> str | None:
        """Return what the header `X-Remanence-Namespace` names."""
        return headers.one(self.request.scope["headers"], NAMED)

    def audited(
        self,
        action: str,
        namespace: str | None = None,
        target: str | None = None,
        *,
        now: bool = False,
    ) -> None:
        """Have what is done noted; `now`: before it is answered."""
        self.request.scope["state"]["audited"] = (action, namespace, target, now)

    def most(self, value: int, name: str, limit: int) -> int:
        """`value`, which may not be more than `limit`."""
        if value > limit:
            raise InvalidInput(f"{name}={value} is more than {limit:,}, this service's limit")
        return value

    async def run(
        self, deed: Deed, namespace: str, verb: Callable[..., Any], /, *args: Any, **options: Any
    ) -> Any:
        """Call a verb in a worker thread, inside a span."""
        with span(deed, self.service.seal, namespace):
            return await self.service.run(verb, *args, **options)

    def opened(self, cursor: str | None, question: str) -> int | None:
        """The number in a cursor, where there is one."""
        return None if cursor is None else cursors.unseal(self.service.seal, cursor, question)

    def sealed(self, number: int | None, question: str) -> str | None:
        """A cursor, where there is a next page."""
        return None if number is None else cursors.seal(self.service.seal, number, question)


def named(id: str) -> str:
    """An id as it stands in a path, with its slashes."""
    return id.replace(SLASH, "/")


def question(*parts: object) -> str:
    """Return the question that a cursor is bound to."""
    return json.dumps(parts, ensure_ascii=True)


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


def every(values: Any) -> list[dict[str, Any]]:
    """`plain` of each."""
    return [plain(value) for value in values]
