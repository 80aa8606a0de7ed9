"""Reading: recall."""

import time

from fastapi import APIRouter, Request
from starlette.responses import Response

from remanence.server.rest.calls import Call, Route, answer, plain
from remanence.server.rest.shapes import RecallIn, RecallOut

router = APIRouter(prefix="/v1", tags=["reading"], route_class=Route)


@router.post("/recall", response_model=RecallOut, operation_id="recall")
async def recall(request: Request, body: RecallIn) -> Response:
    """The episodes that answer a question, best first, each with what every arm gave to its score."""
    call = Call(request, "read")
    settings, metrics = call.service.settings, call.service.metrics
    began = time.perf_counter()
    found = await call.service.run(
        call.service.memory.recall,
        body.query,
        namespace=call.namespace(body.namespace),
        k=call.most(body.k, "k", settings.max_k),
        speaker=body.speaker,
        session=body.session,
        since=body.since,
        until=body.until,
        metadata=body.metadata,
        at=body.at,
    )
    metrics.observe("recall_seconds", time.perf_counter() - began)
    metrics.count("recollections", len(found))
    if found.degraded:
        metrics.count("degraded")
    return answer(
        {"recollections": [plain(item) for item in found], "degraded": list(found.degraded)}
    )
