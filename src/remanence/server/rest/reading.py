"""Reading: recall, and evidence within a budget."""

import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from remanence.server.rest.calls import Call, Route, answer, every, plain
from remanence.server.rest.shapes import ContextIn, ContextOut, RecallIn, RecallOut
from remanence.server.telemetry import Deed

router = APIRouter(prefix="/v1", tags=["reading"], route_class=Route)


@router.post("/recall", response_model=RecallOut, operation_id="recall")
async def recall(request: Request, body: RecallIn) -> Response:
    """The episodes that answer a question, best first, each with what every arm gave to its score
    (`why`).
    """
    call = Call(request, "read")
    k = call.most(body.k, "k", call.settings.max_k)
    found = await _timed(call, call.memory.recall, body, k=k)
    _told(call, len(found), found.degraded)
    return answer({"recollections": every(found), "degraded": list(found.degraded)})


@router.post("/context", response_model=ContextOut, operation_id="context")
async def context(request: Request, body: ContextIn) -> Response:
    """Evidence for a question as text within a budget of tokens, each line cited."""
    call = Call(request, "read")
    budget = call.most(body.budget, "budget", call.settings.max_budget)
    found = await _timed(call, call.memory.context, body, budget=budget, facts=body.facts)
    _told(call, len(found.recollections), found.degraded)
    lists = ("recollections", "turns", "facts")
    return answer({**plain(found), **{name: every(getattr(found, name)) for name in lists}})


async def _timed(call: Call, verb: Any, body: RecallIn | ContextIn, **more: Any) -> Any:
    call.most(len(body.query), "query", call.settings.max_string)
    namespace = call.namespace(body.namespace)
    began = time.perf_counter()
    found = await call.run(
        Deed.search, namespace, verb, body.query, namespace=namespace,
        speaker=body.speaker, session=body.session, since=body.since, until=body.until,
        metadata=body.metadata, at=body.at, **more,
    )  # fmt: skip
    call.metrics.observe("recall_seconds", time.perf_counter() - began)
    return found


def _told(call: Call, count: int, degraded: tuple[str, ...]) -> None:
    call.metrics.count("recollections", count)
    if degraded:
        call.metrics.count("degraded")
