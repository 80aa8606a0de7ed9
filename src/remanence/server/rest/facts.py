"""Facts: learn, ask, and look at somebody: profile, timeline, neighbourhood; and forget."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from remanence import instants, queries
from remanence.encoding import assertions
from remanence.encoding.linking import notation
from remanence.server.problems import Problem, absent
from remanence.server.rest.calls import Call, Route, answer, every, plain, question
from remanence.server.rest.once import Once, gone
from remanence.server.rest.shapes import (
    EntityAsked,
    FactPage,
    FactsAsked,
    ForgetIn,
    ForgetOut,
    GraphAsked,
    GraphOut,
    LearnIn,
    ProfileOut,
    TimelineOut,
)
from remanence.server.telemetry import Deed
from remanence.storage import paging
from remanence.storage.facts import learned_body
from remanence.storage.forgetting import Blanked
from remanence.types import Fact, Receipt

router = APIRouter(prefix="/v1", tags=["facts"], route_class=Route)


@router.post("/facts", response_model=Fact, operation_id="learn")
async def learn(request: Request, body: LearnIn) -> Response:
    """Learn one fact; it comes back as it stands after everything else that is known."""
    call = Call(request, "write")
    namespace = call.namespace(body.namespace)
    call.audited("learn", namespace, body.id)
    once = Once(call, await request.body(), "learn")
    with once.alone():
        fact = await call.run(Deed.create, namespace, _learnt, call, once, namespace, body)
    return answer(plain(fact))


def _learnt(call: Call, once: Once, namespace: str, body: LearnIn) -> Fact:
    before = once.before()
    if before is not None:
        return _learnt_before(call, namespace, int(before["episode"]))
    id = body.id or once.id(0)
    fact: Fact = call.memory.learn(
        body.subject, body.relation, body.object, namespace=namespace, id=id,
        valid_from=body.valid_from, valid_until=body.valid_until, speaker=body.speaker, at=body.at,
    )  # fmt: skip
    if once.key is not None and id is not None:
        with call.memory.namespace(namespace).reading() as (snapshot, number):
            newest = paging.versions(snapshot, number, namespace, id)[0]
            written = paging.number_of(snapshot, number, id, newest.version)
        once.keep({"episode": written})
    return fact


def _learnt_before(call: Call, namespace: str, written: int) -> Fact:
    """The fact that an earlier request learnt, as it stands now."""
    with call.memory.namespace(namespace).reading() as (snapshot, number):
        (episode,) = paging.numbered(snapshot, number, namespace, [written])
        body = learned_body(snapshot, written)
    if episode is None or body is None:
        raise gone()
    return call.memory.semantic.learned(namespace, episode, notation.load(body)[0])


@router.get("/facts", response_model=FactPage, operation_id="facts")
async def facts(request: Request, asked: Annotated[FactsAsked, Query()]) -> Response:
    """List the facts that hold, newest first:

    now or `as_of` a time, as `known_at` a time; with `history`, what was so as well.
    """
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    wanted = asked.model_dump(exclude={"namespace", "limit", "cursor"})
    found: Sequence[Fact] = await call.run(
        Deed.search, namespace, call.memory.facts, namespace=namespace, **wanted
    )
    limit = call.most(asked.limit, "limit", call.settings.max_items)
    about = question("facts", namespace, *wanted.values())
    beyond = call.opened(asked.cursor, about)
    start = 0 if beyond is None else _after(found, beyond)
    shown, rest = found[start : start + limit], found[start + limit :]
    last = _number(shown[-1]) if rest else None
    return answer({"facts": every(shown), "next": call.sealed(last, about)})


def _number(fact: Fact) -> int:
    """A fact's id as a number of 64 bits."""
    return int(fact.id.rpartition(":")[2], 16)


def _after(found: Sequence[Fact], number: int) -> int:
    """Behind the fact with that number. Raises `Problem` 410 where it is no longer among them."""
    for place, fact in enumerate(found):
        if _number(fact) == number:
            return place + 1
    raise Problem(410, "cursor", "the fact that the last page ended with is gone; begin again")


@router.get("/profile", response_model=ProfileOut, operation_id="profile")
async def profile(request: Request, asked: Annotated[EntityAsked, Query()]) -> Response:
    """Return the facts of an entity, now or `as_of` a time."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    found = await call.run(
        Deed.search, namespace, queries.profile, call.memory, namespace, asked.subject,
        as_of=asked.as_of, known_at=asked.known_at,
    )  # fmt: skip
    if found is None:
        raise absent()
    entity = {"name": found.subject, "kind": found.kind, "names": found.names}
    return answer({"entity": entity, "facts": every(found.facts)})


@router.get("/timeline", response_model=TimelineOut, operation_id="timeline")
async def timeline(request: Request, asked: Annotated[EntityAsked, Query()]) -> Response:
    """All that was ever said to be so of somebody, oldest first, and which of it held at `as_of`,
    else now.
    """
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    found = await call.run(
        Deed.search, namespace, queries.fact_history, call.memory, namespace, asked.subject,
        as_of=asked.as_of, known_at=asked.known_at,
    )  # fmt: skip
    if found is None:
        raise absent()
    return answer(
        {
            "entity": plain(found.entity),
            "facts": every(found.facts),
            "holding": found.holding,
            "sentences": [assertions.verbalise(fact) for fact in found.facts],
        }
    )


@router.get("/graph", response_model=GraphOut, operation_id="graph")
async def graph(request: Request, asked: Annotated[GraphAsked, Query()]) -> Response:
    """The neighbourhood of an entity: whom facts join it to, in up to `depth` steps."""
    call = Call(request, "read")
    namespace = call.namespace(asked.namespace)
    most = call.most(asked.limit, "limit", call.settings.max_items)
    found = await call.run(
        Deed.search, namespace, queries.neighbourhood, call.memory, namespace, asked.subject,
        depth=asked.depth, most=most, as_of=asked.as_of, known_at=asked.known_at,
    )  # fmt: skip
    if found is None:
        raise absent()
    nodes = [plain(node) for node in found.nodes]
    return answer({"nodes": nodes, "facts": every(found.facts), "more": found.more})


@router.post("/forget", response_model=ForgetOut, operation_id="forget")
async def forget(request: Request, body: ForgetIn) -> Response:
    """Forget what matches every given selector, in every layer and version;

    with `dry_run`, tell what would go.
    """
    call = Call(request, "delete")
    namespace = call.namespace(body.namespace)
    selectors = body.model_dump(exclude={"namespace", "dry_run"})
    if body.dry_run:
        tried = await call.run(
            Deed.search, namespace, queries.preview, call.memory, namespace, **selectors
        )
        return answer({"receipt": plain(tried.receipt), "dry_run": True, "ids": tried.ids})
    call.audited("forget", namespace, body.id, now=True)
    once = Once(call, await request.body(), "forget")
    with once.alone():
        receipt = await call.run(Deed.delete, namespace, _forgot, call, once, namespace, selectors)
    call.service.traffic.forget(namespace)
    call.metrics.count("forgotten", receipt.episodes)
    return answer({"receipt": plain(receipt), "dry_run": False, "ids": []})


_COUNTED = tuple(field.name for field in fields(Blanked))
_WAL = ("none", "emptied", "pending", "kept")


def _forgot(call: Call, once: Once, namespace: str, selectors: dict[str, Any]) -> Receipt:
    before = once.before()
    if before is not None:
        # The selector is made from the request again: a name that was forgotten is kept nowhere.
        plan = queries.plan(**selectors).shown
        counts = dict(zip(_COUNTED, before["counts"], strict=False))  # an older version's are fewer
        wal, at = _WAL[before["wal"]], instants.render(before["at"])
        return Receipt(namespace=namespace, selector=plan, wal=wal, at=at, **counts)
    receipt: Receipt = call.memory.forget(namespace=namespace, **selectors)
    once.keep(
        {
            "counts": [getattr(receipt, name) for name in _COUNTED],
            "wal": _WAL.index(receipt.wal),
            "at": instants.parse(receipt.at),
        }
    )
    return receipt
