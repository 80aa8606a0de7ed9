"""Episodes: remember, leaf through, read one, write one anew, forget one;

their versions; their sessions.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from remanence import queries
from remanence.server.problems import Problem, absent
from remanence.server.rest.calls import Call, Route, answer, every, named, plain, question
from remanence.server.rest.once import Once, gone
from remanence.server.rest.shapes import (
    EpisodePage,
    Episodes,
    EpisodesAsked,
    NamespaceQuery,
    Outline,
    OutlineAsked,
    Paged,
    PutIn,
    ReceiptOut,
    RememberIn,
    SessionPage,
    TurnIn,
    Versions,
)
from remanence.server.telemetry import Deed
from remanence.storage import paging
from remanence.types import Episode, Turn

router = APIRouter(prefix="/v1", tags=["episodes"], route_class=Route)


@router.post("/episodes", response_model=Episodes, operation_id="remember")
async def remember(request: Request, body: RememberIn) -> Response:
    """Remember a turn, or several in one commit; durable when this answers."""
    call = Call(request, "write")
    namespace = call.namespace(body.namespace)
    call.audited("remember", namespace, body.id)
    given: Sequence[TurnIn | RememberIn] = body.turns or [body]
    call.most(len(given), "turns", call.settings.max_items)
    call.most(max(len(each.text or "") for each in given), "text", call.settings.max_string)
    once = Once(call, await request.body(), "remember")
    turns = [
        Turn(
            each.text or "",
            each.speaker,
            each.session,
            each.at,
            each.id or once.id(number),
            each.metadata,
        )
        for number, each in enumerate(given)
    ]
    options: dict[str, Any] = {} if body.turns is None else {
        "speaker": body.speaker, "session": body.session, "at": body.at, "metadata": body.metadata,
    }  # fmt: skip
    with once.alone():
        verb = partial(call.memory.remember, turns, namespace=namespace, **options)
        written = await call.run(Deed.create, namespace, _once, call, once, namespace, verb)
    call.metrics.count("remembered", len(written))
    return answer({"episodes": every(written)})


def _once(
    call: Call, once: Once, namespace: str, verb: Callable[[], list[Episode]]
) -> list[Episode]:
    """The episodes that a verb writes, or wrote when it was asked the same before."""
    before = once.before()
    if before is not None:
        with call.memory.namespace(namespace).reading() as (snapshot, number):
            found = paging.numbered(snapshot, number, namespace, before["episodes"])
        held = [episode for episode in found if episode is not None]
        if len(held) < len(found):
            raise gone()
        return held
    written = verb()
    if once.key is not None:
        with call.memory.namespace(namespace).reading() as (snapshot, number):
            numbers = [
                paging.number_of(snapshot, number, each.id, each.version) for each in written
            ]
        once.keep({"episodes": numbers})
    return written


@router.get("/episodes", response_model=EpisodePage, operation_id="episodes")
async def page(request: Request, asked: Annotated[EpisodesAsked, Query()]) -> Response:
    """The episodes of a namespace, by order of arrival:

    what comes in meanwhile moves nothing between pages.
    """
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    filters = (asked.session, asked.speaker, asked.since, asked.until)
    about = question("episodes", namespace, asked.order, *filters)
    found = await call.run(
        Deed.search, namespace, queries.page, call.memory, namespace,
        beyond=call.opened(asked.cursor, about),
        most=call.most(asked.limit, "limit", call.settings.max_items),
        oldest_first=asked.order == "oldest",
        session=asked.session, speaker=asked.speaker, since=asked.since, until=asked.until,
    )  # fmt: skip
    last = found.items[-1][0] if found.more else None
    return answer(
        {"episodes": every(each for _, each in found.items), "next": call.sealed(last, about)}
    )


@router.get("/outline", response_model=Outline, operation_id="outline")
async def outline(request: Request, asked: Annotated[OutlineAsked, Query()]) -> Response:
    """Return how many episodes there are, and a cursor for every page of them:

    a list that is scrolled needs only the pages that are looked at.
    """
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    limit = call.most(asked.limit, "limit", call.settings.max_items)
    filters = (asked.session, asked.speaker, asked.since, asked.until)
    about = question("episodes", namespace, asked.order, *filters)
    total, numbers = await call.run(
        Deed.search, namespace, queries.outline, call.memory, namespace,
        step=limit, oldest_first=asked.order == "oldest",
        session=asked.session, speaker=asked.speaker, since=asked.since, until=asked.until,
    )  # fmt: skip
    cursors = [call.sealed(number, about) for number in numbers]
    return answer({"total": total, "limit": limit, "cursors": cursors})


@router.get("/episodes/{id}", response_model=Episode, operation_id="episode")
async def get(request: Request, id: str, asked: Annotated[NamespaceQuery, Query()]) -> Response:
    """A memory as it is now, a long document whole, with its ETag."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    found = await call.run(Deed.search, namespace, queries.get, call.memory, namespace, named(id))
    if found is None:
        raise absent()
    tag = f'"{queries.tag(found)}"'
    if tag in _tags(request.headers.get("if-none-match")):
        return Response(None, 304, {"ETag": tag})
    return answer(plain(found), headers={"ETag": tag})


def _tags(header: str | None) -> list[str]:
    return [] if header is None else [tag.strip().removeprefix("W/") for tag in header.split(",")]


@router.put(
    "/episodes/{id}",
    response_model=Episode,
    operation_id="replace",
    responses={201: {"model": Episode, "description": "There was none; there is now."}},
)
async def put(request: Request, id: str, body: PutIn) -> Response:
    """Write a memory anew, as its next version, over the one whose ETag is in If-Match;

    with `If-None-Match: *`, only where there is none.
    """
    call = Call(request, "write")
    namespace = call.namespace(body.namespace)
    call.audited("replace", namespace, named(id))
    call.most(len(body.text), "text", call.settings.max_string)
    turn = Turn(body.text, body.speaker, body.session, body.at, named(id), body.metadata)
    check = _precondition(request.headers.get("if-match"), request.headers.get("if-none-match"))
    written = await call.run(
        Deed.update, namespace, queries.put, call.memory, namespace, turn, check
    )
    call.metrics.count("remembered")
    status = 201 if written.version == 1 else 200
    return answer(plain(written), status, {"ETag": f'"{queries.tag(written)}"'})


def _precondition(match: str | None, none_match: str | None) -> Callable[[Episode | None], None]:
    """Return the check of a write's precondition.

    Raises `Problem` 428 where the request says nothing of it.
    """
    if match is None and none_match is None:
        raise Problem(
            428,
            "precondition",
            "send If-Match with the ETag that you have read, or If-None-Match: *",
        )

    def check(before: Episode | None) -> None:
        tag = None if before is None else f'"{queries.tag(before)}"'
        wanted, unwanted = _tags(match), _tags(none_match)
        if match is not None and (tag is None or not {"*", tag} & {*wanted}):
            raise Problem(412, "changed", "it is not what you have read; read it again")
        if tag is not None and {"*", tag} & {*unwanted}:
            raise Problem(412, "exists", "there is one of that id already")

    return check


@router.delete("/episodes/{id}", response_model=ReceiptOut, operation_id="forget_one")
async def delete(request: Request, id: str, asked: Annotated[NamespaceQuery, Query()]) -> Response:
    """Forget a memory: every version, in every layer."""
    call = Call(request, "delete")
    namespace = call.namespace(asked.namespace)
    call.audited("forget", namespace, named(id), now=True)
    receipt = await call.run(
        Deed.delete, namespace, call.memory.forget, namespace=namespace, id=named(id)
    )
    if not receipt.versions:
        raise absent()
    call.metrics.count("forgotten", receipt.episodes)
    return answer({"receipt": plain(receipt)})


@router.get("/episodes/{id}/versions", response_model=Versions, operation_id="versions")
async def versions(
    request: Request, id: str, asked: Annotated[NamespaceQuery, Query()]
) -> Response:
    """Every version of a memory, newest first, the redacted ones too."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    found = await call.run(
        Deed.search, namespace, queries.versions, call.memory, namespace, named(id)
    )
    if not found:
        raise absent()
    return answer({"versions": every(found)})


@router.delete(
    "/episodes/{id}/versions/{version}", response_model=ReceiptOut, operation_id="redact"
)
async def redact(
    request: Request, id: str, version: int, asked: Annotated[NamespaceQuery, Query()]
) -> Response:
    """Redact an older version: what it says goes from every layer, its row stays."""
    call = Call(request, "delete")
    namespace = call.namespace(asked.namespace)
    call.audited("redact", namespace, named(id), now=True)
    if not 1 <= version < 2**31:
        raise absent()
    receipt = await call.run(
        Deed.delete, namespace, queries.redact, call.memory, namespace, named(id), version
    )
    if receipt is None:
        raise absent()
    return answer({"receipt": plain(receipt)})


@router.get("/sessions", response_model=SessionPage, operation_id="sessions")
async def sessions(request: Request, asked: Annotated[Paged, Query()]) -> Response:
    """The sessions of a namespace, the latest begun first."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    about = question("sessions", namespace)
    found, beyond = await call.run(
        Deed.search, namespace, queries.sessions, call.memory, namespace,
        beyond=call.opened(asked.cursor, about),
        most=call.most(asked.limit, "limit", call.settings.max_items),
    )  # fmt: skip
    return answer({"sessions": every(found), "next": call.sealed(beyond, about)})
