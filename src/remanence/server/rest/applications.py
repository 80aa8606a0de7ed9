"""Applications over a memory: questions answered by plans (`apps.ask`)."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from remanence.apps.ask import Answer, Asker
from remanence.server.rest.calls import Call, Route, answer
from remanence.server.rest.shapes import In, Instant, Label
from remanence.server.telemetry import Deed
from remanence.types import as_json

router = APIRouter(prefix="/v1", tags=["applications"], route_class=Route)


class AskIn(In):
    """A question, and who asks it when."""

    question: Annotated[str, Field(min_length=1)]
    speaker: Label | None = Field(None, description='Who says "I" in the question.')
    at: Instant | None = Field(None, description='What "last week" is relative to; absent, now.')


@router.post("/ask", response_model=Answer, operation_id="ask")
async def ask(request: Request, body: AskIn) -> Response:
    """The answer to a question: a number, names or dates that a plan over what happened gives, a
    stated cause, or a quotation; with the lines that it rests on. Never a guess.
    """
    call = Call(request, "read")
    call.most(len(body.question), "question", call.settings.max_string)
    namespace = call.namespace(body.namespace)
    found = await call.run(
        Deed.search, namespace, Asker(call.memory).ask, body.question, namespace=namespace,
        speaker=body.speaker, at=body.at,
    )  # fmt: skip
    return answer(as_json(found))
