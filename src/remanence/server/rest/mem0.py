"""The routes of mem0's hosted interface below /mem0, for its clients as they are.

All that needs a model there (inference, summaries, profiles, exports to a schema) is not offered:
messages are remembered as they were said. A key of one namespace has its memories there, any other
in the namespace "mem0".
"""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from remanence.errors import InvalidInput
from remanence.integrations import mem0_verbs as verbs
from remanence.server import bodies
from remanence.server.problems import Problem, absent
from remanence.server.rest.calls import Call, answer, named
from remanence.server.telemetry import Deed

NAMESPACE: Final = "mem0"
_DONE: Final = {"message": "Memory deleted successfully!"}

router = APIRouter(prefix="/mem0", include_in_schema=False)


class _Asked:
    """One request: its call, its namespace, its body and its query."""

    def __init__(self, request: Request, scope: str, body: Mapping[str, Any]) -> None:
        self.call = Call(request, scope)
        self.namespace = self.call.namespace(self.call.caller.home or NAMESPACE)
        self.body = body
        self.query: Mapping[str, str] = request.scope["remanence.query"]

    async def run(self, deed: Deed, verb: Any, *args: Any) -> Any:
        """Call a verb on the memory and the namespace."""
        call = self.call
        return await call.run(deed, self.namespace, verb, call.memory, self.namespace, *args)


async def _asked(request: Request, scope: str) -> _Asked:
    raw = await request.body()
    body = bodies.parse(raw) if raw else {}
    if not isinstance(body, dict):
        raise InvalidInput("the body is no JSON object")
    return _Asked(request, scope, body)


def _found(value: Any) -> Any:
    if value is None:
        raise absent()
    return value


@router.get("/v1/ping/")
async def ping(request: Request) -> Response:
    """Say that the key is valid."""
    Call(request, "read")
    return answer({"status": "ok", "org_id": "local", "project_id": "local", "user_email": None})


@router.post("/v3/memories/add/")
@router.post("/v1/memories/")
async def add(request: Request) -> Response:
    """Remember messages."""
    asked = await _asked(request, "write")
    asked.call.audited("mem0 add", asked.namespace)
    return answer({"results": await asked.run(Deed.create, verbs.add, asked.body)})


@router.post("/v3/memories/search/")
@router.post("/v2/memories/search/")
async def search(request: Request) -> Response:
    """Find memories by meaning and filters."""
    asked = await _asked(request, "read")
    return answer({"results": await asked.run(Deed.search, verbs.search, asked.body)})


@router.post("/v3/memories/")
@router.post("/v2/memories/")
async def every(request: Request) -> Response:
    """List memories by filters, page by page."""
    asked = await _asked(request, "read")
    found = await asked.run(Deed.search, verbs.matching, asked.body.get("filters"))
    page, size = (_number(asked, name, least) for name, least in (("page", 1), ("page_size", 100)))
    start = (page - 1) * size
    return answer(
        {
            "count": len(found),
            "next": f"?page={page + 1}&page_size={size}" if len(found) > start + size else None,
            "previous": f"?page={page - 1}&page_size={size}" if page > 1 else None,
            "results": [verbs.shown(each) for each in found[start : start + size]],
        }
    )


def _number(asked: _Asked, name: str, otherwise: int) -> int:
    value = str(asked.query.get(name, asked.body.get(name, otherwise)))
    if not value.isascii() or not value.isdigit() or not int(value[:9]) > 0:
        raise InvalidInput(f"{name}={value!r:.40} is no whole number of at least 1")
    return int(value[:9])


@router.delete("/v1/memories/")
async def delete_all(request: Request) -> Response:
    """Forget the memories of the entities that the query names; all, where it names none."""
    asked = await _asked(request, "delete")
    asked.call.audited("mem0 delete", asked.namespace, now=True)
    chosen = {name: asked.query[name] for name in verbs.ENTITIES if name in asked.query}
    await _forget_matching(asked, chosen)
    return answer({"message": "Memories deleted successfully!"})


async def _forget_matching(asked: _Asked, filters: Mapping[str, Any]) -> None:
    while found := await asked.run(Deed.search, verbs.matching, filters):
        ids = list(dict.fromkeys(each.episode.source for each in found))
        await asked.run(Deed.delete, verbs.forget, ids)


@router.get("/v1/memories/{id}/")
async def get(request: Request, id: str) -> Response:
    """Read a memory."""
    asked = await _asked(request, "read")
    return answer(_found(await asked.run(Deed.search, verbs.get, named(id))))


@router.put("/v1/memories/{id}/")
async def update(request: Request, id: str) -> Response:
    """Write a memory anew."""
    asked = await _asked(request, "write")
    asked.call.audited("mem0 update", asked.namespace, named(id))
    return answer(_found(await asked.run(Deed.update, verbs.update, named(id), asked.body)))


@router.delete("/v1/memories/{id}/")
async def delete(request: Request, id: str) -> Response:
    """Forget a memory."""
    asked = await _asked(request, "delete")
    asked.call.audited("mem0 delete", asked.namespace, named(id), now=True)
    if not await asked.run(Deed.delete, verbs.forget, [named(id)]):
        raise absent()
    return answer(_DONE)


@router.get("/v1/memories/{id}/history/")
async def history(request: Request, id: str) -> Response:
    """List the versions of a memory."""
    asked = await _asked(request, "read")
    return answer(await asked.run(Deed.search, verbs.history, named(id)))


@router.get("/v1/entities/")
async def entities(request: Request) -> Response:
    """List users, agents, apps and runs."""
    asked = await _asked(request, "read")
    found = await asked.run(Deed.search, verbs.entities)
    return answer({"count": len(found), "next": None, "previous": None, "results": found})


@router.delete("/v2/entities/{kind}/{name}/")
async def delete_entity(request: Request, kind: str, name: str) -> Response:
    """Forget all that names an entity."""
    asked = await _asked(request, "delete")
    if f"{kind}_id" not in verbs.ENTITIES:
        raise absent()
    asked.call.audited("mem0 delete", asked.namespace, now=True)
    await _forget_matching(asked, {f"{kind}_id": named(name)})
    return answer({"message": "Entity deleted successfully!"})


@router.put("/v1/batch/")
async def batch_update(request: Request) -> Response:
    """Write several memories anew."""
    asked = await _asked(request, "write")
    asked.call.audited("mem0 update", asked.namespace)
    for each in _memories(asked):
        _found(await asked.run(Deed.update, verbs.update, str(each.get("memory_id")), each))
    return answer({"message": f"Successfully updated {len(_memories(asked))} memories"})


@router.delete("/v1/batch/")
async def batch_delete(request: Request) -> Response:
    """Forget several memories."""
    asked = await _asked(request, "delete")
    asked.call.audited("mem0 delete", asked.namespace, now=True)
    ids = [str(each.get("memory_id")) for each in _memories(asked)]
    gone = await asked.run(Deed.delete, verbs.forget, ids)
    return answer({"message": f"Successfully deleted {gone} memories"})


def _memories(asked: _Asked) -> list[dict[str, Any]]:
    given = asked.body.get("memories")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise InvalidInput("memories is no list of objects with memory_id")
    return given


@router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
async def others(request: Request, path: str) -> Response:  # noqa: ARG001 - as routes are called
    """Refuse what needs a model or a hosted account."""
    Call(request, "read")
    raise Problem(
        501, "not-offered", "this part of mem0's service needs its models or its accounts"
    )
