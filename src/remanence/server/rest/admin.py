"""Namespaces, for whoever reaches them;

keys, for whoever may make them. A key makes none that may do more, or reaches further, than itself.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from remanence import __version__
from remanence.memory import DEFAULT_NAMESPACE, Memory
from remanence.server.caller import Caller, Refused
from remanence.server.keys import Info
from remanence.server.problems import absent
from remanence.server.rest.calls import Call, Route, answer, every, plain, question
from remanence.server.rest.shapes import CallerOut, KeyIn, KeyOut, Keys, NamespacePage, PageAsked
from remanence.storage import episodes
from remanence.storage.store import list_namespaces

router = APIRouter(prefix="/v1", tags=["administration"], route_class=Route)


@router.get("/namespaces", response_model=NamespacePage, operation_id="namespaces")
async def namespaces(request: Request, asked: Annotated[PageAsked, Query()]) -> Response:
    """The namespaces within the key's reach that hold something, in order of first use."""
    call = Call(request, "read")
    about = question("namespaces", call.caller.key)
    limit = call.most(asked.limit, "limit", call.settings.max_items)
    beyond = call.opened(asked.cursor, about) or 0
    found = await call.service.run(_reached, call.memory, call.caller, beyond, limit + 1)
    shown = [{"namespace": name, "episodes": count} for _, name, count in found[:limit]]
    last = found[limit - 1][0] if len(found) > limit else None
    return answer({"namespaces": shown, "next": call.sealed(last, about)})


def _reached(memory: Memory, caller: Caller, beyond: int, most: int) -> list[tuple[int, str, int]]:
    with memory.store.reading() as snapshot:
        reached = [
            (number, name)
            for number, name in list_namespaces(snapshot)
            if number > beyond and caller.reaches(name)
        ]
        return [(number, name, episodes.count(snapshot, number)) for number, name in reached[:most]]


@router.get("/caller", response_model=CallerOut, operation_id="caller")
async def caller(request: Request) -> Response:
    """Return what the key of this request may do, and where;

    the service's version and upstreams.
    """
    call = Call(request, "read")
    known, settings = call.caller, call.settings
    reached = known.home or (DEFAULT_NAMESPACE if known.reaches(DEFAULT_NAMESPACE) else None)
    upstreams = {"openai": settings.openai_url, "anthropic": settings.anthropic_url}
    return answer(
        {
            "key": known.key,
            "scopes": sorted(known.scopes),
            "namespaces": list(known.grants),
            "default_namespace": reached,
            "version": __version__,
            "upstreams": [name for name, url in upstreams.items() if url],
        }
    )


@router.get("/keys", response_model=Keys, operation_id="keys")
async def keys(request: Request) -> Response:
    """The keys within this key's reach, oldest first, the revoked ones too."""
    call = Call(request, "admin")
    found: list[Info] = await call.service.run(call.service.keys.every)
    return answer({"keys": every(info for info in found if _governs(call.caller, info))})


def _governs(caller: Caller, info: Info) -> bool:
    """Return whether a key is one that the caller could have made;

    one that reaches nothing any more is for who reaches all.
    """
    grants = info.namespaces or ("*",)
    return all(map(caller.covers, grants)) and caller.scopes.issuperset(info.scopes)


@router.post("/keys", response_model=KeyOut, status_code=201, operation_id="create_key")
async def create(request: Request, body: KeyIn) -> Response:
    """Make a key. It is told in this answer and never again: only a hash is kept."""
    call = Call(request, "admin")
    call.audited("create key", now=True)
    if beyond := sorted(set(body.scopes) - call.caller.scopes):
        raise Refused(f"this key may not {beyond[0]}, so it makes no key that may")
    if not all(map(call.caller.covers, body.namespaces)):
        raise absent()
    made, info = await call.service.run(
        call.service.keys.create,
        body.scopes,
        body.namespaces,
        label=body.label,
        expires=body.expires,
    )
    call.audited("create key", None, info.id, now=True)
    return answer({"key": made, "info": plain(info)}, 201)


@router.delete("/keys/{id}", status_code=204, operation_id="revoke_key")
async def revoke(request: Request, id: str) -> Response:
    """End a key, at once."""
    call = Call(request, "admin")
    call.audited("revoke key", None, id, now=True)
    found: list[Info] = await call.service.run(call.service.keys.every)
    known = any(
        info.id == id and not info.revoked and _governs(call.caller, info) for info in found
    )
    if not known or not await call.service.run(call.service.keys.revoke, id):
        raise absent()
    return Response(None, 204)
