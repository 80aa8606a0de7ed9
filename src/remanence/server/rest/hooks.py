"""Hooks of coding agents over HTTP: what `remanence hook` does, without starting a process."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from remanence.integrations.agents import clients, hooks
from remanence.memory import DEFAULT_NAMESPACE
from remanence.server.rest.calls import Call, Route, answer
from remanence.server.telemetry import Deed

router = APIRouter(tags=["hooks"], route_class=Route)


@router.post("/hooks/{client}", operation_id="hook")
async def hook(request: Request, client: str, body: dict[str, Any]) -> Response:
    """Answer one call of a coding agent's hook, as the client hands it over.

    A prompt is remembered in its project's namespace and answered with what bears on it, from there
    and from the default namespace where the key reaches that. A key that is bound to one namespace
    has its projects in that.
    """
    call = Call(request, "write")
    call.caller.need("read")
    event = clients.read(client, body)
    where = _spaces(call, event)
    call.audited("hook", where.project)
    if not event.kind:
        return answer({})
    return answer(
        await call.run(Deed.create, where.project, hooks.answer, call.memory, client, event, where)
    )


def _spaces(call: Call, event: clients.Event) -> hooks.Spaces:
    """Return the namespaces of a call, none beyond the key's reach."""
    if call.caller.home is not None:
        return hooks.Spaces(call.caller.home)
    where = hooks.spaces(event)
    project = call.caller.namespace(where.project)
    shared = call.caller.reaches(DEFAULT_NAMESPACE)
    return where if shared else hooks.Spaces(project)
