"""Overviews: who is known in a namespace, and what the proxies did lately."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from remanence import queries
from remanence.server.rest.calls import Call, Route, answer, every
from remanence.server.rest.shapes import Label, NamespaceQuery
from remanence.server.telemetry import Deed
from remanence.server.traffic import ProxyExchange

router = APIRouter(prefix="/v1", tags=["overviews"], route_class=Route)


class EntitiesAsked(NamespaceQuery):
    """How the names begin, and how many of them."""

    prefix: Label | None = None
    limit: Annotated[int, Field(ge=1)] = 100


class Entities(BaseModel):
    """Preferred names of entities, in alphabetical order; `more` where the limit left some out."""

    names: list[str]
    more: bool


class TrafficAsked(NamespaceQuery):
    """How many exchanges."""

    limit: Annotated[int, Field(ge=1)] = 100


class TrafficOut(BaseModel):
    """Exchanges of the proxies, newest first."""

    exchanges: list[ProxyExchange]


@router.get("/entities", response_model=Entities, operation_id="entities")
async def entities(request: Request, asked: Annotated[EntitiesAsked, Query()]) -> Response:
    """Return the names of those of whom something is known."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    limit = call.most(asked.limit, "limit", call.settings.max_items)
    found = await call.run(
        Deed.search, namespace, queries.entity_names, call.memory, namespace,
        asked.prefix or "", limit + 1,
    )  # fmt: skip
    return answer({"names": found[:limit], "more": len(found) > limit})


@router.get("/traffic", response_model=TrafficOut, operation_id="traffic")
async def traffic(request: Request, asked: Annotated[TrafficAsked, Query()]) -> Response:
    """Return the last chats through the proxies of this process: where and how, never what."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    limit = call.most(asked.limit, "limit", call.settings.max_items)
    found = call.service.traffic.latest(limit, lambda name: name == namespace)
    return answer({"exchanges": every(found)})
