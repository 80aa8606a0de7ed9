"""Episodes: remember."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from remanence.server.rest.calls import Call, Route, answer, plain
from remanence.server.rest.shapes import Episodes, RememberIn, TurnIn
from remanence.types import Turn

router = APIRouter(prefix="/v1", tags=["episodes"], route_class=Route)


@router.post("/episodes", response_model=Episodes, operation_id="remember")
async def remember(request: Request, body: RememberIn) -> Response:
    """Remember a turn, or several in one commit; durable when this answers."""
    call = Call(request, "write")
    namespace = call.namespace(body.namespace)
    call.audited("remember", namespace, body.id)
    settings = call.service.settings
    given: Sequence[TurnIn | RememberIn] = body.turns or [body]
    call.most(len(given), "turns", settings.max_items)
    call.most(max(len(turn.text or "") for turn in given), "text", settings.max_string)
    turns = [
        Turn(turn.text or "", turn.speaker, turn.session, turn.at, turn.id, turn.metadata)
        for turn in given
    ]
    written = await call.service.run(
        call.service.memory.remember,
        turns,
        namespace=namespace,
        speaker=body.speaker,
        session=body.session,
        at=body.at,
        metadata=body.metadata,
    )
    call.service.metrics.count("remembered", len(written))
    return answer({"episodes": [plain(episode) for episode in written]})
