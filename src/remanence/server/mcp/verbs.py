"""The tools over a memory: remember, recall, facts, learn, forget, timeline, context, why, ask.

Arguments in, one verb of the library, its value out as `types.as_json` has it, and the same as text
for models whose client shows them only that. What was stored reaches the text between marks
(`text.fence`): it is data. It knows no transport, and no other protocol.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import mcp_types as types
from pydantic import BaseModel, ValidationError

from remanence import queries
from remanence.apps.ask import Answer, Asker
from remanence.errors import InvalidInput
from remanence.server.mcp import arguments, values
from remanence.server.mcp.offer import Seen, Tool, ToolCall
from remanence.text import fence
from remanence.types import Context as Evidence
from remanence.types import Episode, Fact, Recall, Receipt, Recollection, Turn, as_json

GRAPH = "memory://graph"
SHOWN = 20  # episodes that `why` quotes
A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a verb: as JSON, and as text."""

    value: dict[str, Any]
    text: str

    def result(self) -> types.CallToolResult:
        annotated = types.Annotations(audience=["assistant"])
        text = types.TextContent(text=self.text, annotations=annotated)
        return types.CallToolResult(content=[text], structured_content=self.value)


def _at_most(value: int, most: int, name: str) -> int:
    if value > most:
        raise InvalidInput(f"{name}={value} is more than {most:,}, the most that is served")
    return value


def remember(seen: Seen, given: arguments.Remember) -> Done:
    """Remember: see `arguments.Remember`."""
    if (given.text is None) == (given.turns is None):
        raise InvalidInput("give either text or turns")
    turns = given.turns if given.turns is not None else [arguments.Said(text=str(given.text))]
    _at_most(len(turns), seen.limits.max_items, "the number of turns")
    for turn in turns:
        _at_most(len(turn.text), seen.limits.max_string, "the length of a text")
    if given.turns is not None and given.id is not None:
        raise InvalidInput("id cannot name several turns; give each turn its own id")
    written = seen.memory.remember(
        [Turn(**turn.model_dump()) for turn in turns] if given.turns is not None else turns[0].text,
        speaker=given.speaker,
        session=given.session,
        at=given.at,
        id=given.id,
        metadata=given.metadata,
        namespace=seen.namespace,
    )
    ids = ", ".join(episode.id for episode in written[:SHOWN])
    more = f" and {len(written) - SHOWN} more" if len(written) > SHOWN else ""
    return Done({"episodes": as_json(written)}, f"Remembered as {ids}{more}.")


def recall(seen: Seen, given: arguments.Recall) -> Done:
    """Recall: see `given.Recall`."""
    found = _recalled(seen, given)
    return Done(as_json(found), values.cited(found, found.degraded))


def _recalled(seen: Seen, given: arguments.Recall) -> Recall:
    wanted = given.model_dump()
    _at_most(len(given.query), seen.limits.max_string, "the length of the query")
    wanted["k"] = _at_most(given.k, seen.limits.max_k, "k")
    return seen.memory.recall(namespace=seen.namespace, **wanted)


def facts(seen: Seen, given: arguments.Facts) -> Done:
    """Facts: see `given.Facts`."""
    wanted = given.model_dump(exclude={"limit"})
    found = seen.memory.facts(namespace=seen.namespace, **wanted)
    some = found[: _at_most(given.limit, seen.limits.max_items, "limit")]
    return Done({"facts": as_json(some), "total": len(found)}, values.stated(some, len(found)))


def learn(seen: Seen, given: arguments.Learn) -> Done:
    """Learn: see `given.Learn`."""
    fact = seen.memory.learn(namespace=seen.namespace, **given.model_dump())
    return Done(as_json(fact), f"Learned [{fact.state}]: {fence.harmless(values.sentence(fact))}")


def forget(seen: Seen, given: arguments.Forget) -> Done:
    """Forget: see `given.Forget`."""
    wanted = given.model_dump(exclude={"dry_run"})
    if given.dry_run:
        tried = queries.preview(seen.memory, seen.namespace, **wanted)
        ids = ", ".join(tried.ids[:SHOWN])
        return Done(
            as_json(tried.receipt),
            fence.harmless(f"Nothing is forgotten yet. {_gone(tried.receipt)}: {ids}"),
        )
    receipt = seen.memory.forget(namespace=seen.namespace, **wanted)
    pending = "; another process still reads the log, which is emptied next"
    return Done(
        as_json(receipt),
        f"Forgotten. {_gone(receipt)}{pending if receipt.wal == 'pending' else ''}.",
    )


def _gone(receipt: Receipt) -> str:
    return f"{receipt.episodes} episodes, {receipt.versions} versions, {receipt.facts} facts"


def timeline(seen: Seen, given: arguments.Timeline) -> Done:
    """Timeline: see `given.Timeline`."""
    found = queries.timeline(
        seen.memory, seen.namespace, given.subject, since=given.since, until=given.until
    )
    some = found[-_at_most(given.limit, seen.limits.max_items, "limit") :]
    return Done({"events": as_json(some), "total": len(found)}, values.happened(some, len(found)))


def context(seen: Seen, given: arguments.Context) -> Done:
    """Context: see `given.Context`."""
    wanted = given.model_dump()
    _at_most(len(given.query), seen.limits.max_string, "the length of the query")
    wanted["budget"] = _at_most(given.budget, seen.limits.max_budget, "budget")
    made = seen.memory.context(namespace=seen.namespace, **wanted)
    return Done(as_json(made), fence.fenced(made.text) if made.text else values.NOTHING)


def why(seen: Seen, given: arguments.Why) -> Done:
    """Why: see `given.Why`."""
    if (given.query is None) == (given.subject is None and given.object is None):
        raise InvalidInput("give either query, or subject or object")
    if given.query is not None:
        found = _recalled(seen, arguments.Recall(query=given.query, k=given.k))
        shares = "\n".join(
            f"{item.id} {item.score:.2f} = "
            + " ".join(f"{arm}:{share:.2f}" for arm, share in item.why.items())
            for item in found
        )
        text = "\n".join([values.cited(found, found.degraded), fence.harmless(shares)])
        return Done({**as_json(found), "facts": [], "episodes": []}, text)
    about = seen.memory.facts(
        namespace=seen.namespace,
        subject=given.subject,
        relation=given.relation,
        object=given.object,
        history=True,
    )[: _at_most(given.k, seen.limits.max_k, "k")]
    sources = list(dict.fromkeys(source for fact in about for source in fact.sources))
    quoted = queries.named(seen.memory, seen.namespace, sources[-SHOWN:])
    text = f"{values.stated(about, len(about))}\n{values.cited(quoted)}"
    told = {"facts": as_json(about), "episodes": as_json(quoted)}
    return Done({"recollections": [], "degraded": [], **told}, text)


def ask(seen: Seen, given: arguments.Ask) -> Done:
    """Ask: see `arguments.Ask`."""
    _at_most(len(given.question), seen.limits.max_string, "the length of the question")
    found = Asker(seen.memory).ask(namespace=seen.namespace, **given.model_dump())
    cited = "\n".join(f"[{one.id} {one.at[:10]}] {one.text}" for one in found.citations)
    lines = [found.text, *(["known: no"] if not found.known else []), cited, *found.why]
    return Done(as_json(found), fence.fenced("\n".join(filter(None, lines))))


_EVENT = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "description": "RFC 3339, UTC"},
        "event": {"type": "string", "enum": ["begins", "ends", "denied", "said"]},
        "text": {"type": "string"},
        "fact": {"$ref": "#/$defs/Fact"},
    },
    "required": ["at", "event", "text", "fact"],
    "additionalProperties": False,
}
_TOTAL = {"type": "integer", "description": "how many there are, shown or not"}
_REASONS = {"type": "array", "items": {"type": "string"}}


def _why_schema() -> dict[str, Any]:
    made = values.listing("recollections", Recollection, degraded=_REASONS)
    for name, kind in (("facts", Fact), ("episodes", Episode)):
        part = values.listing(name, kind)
        made["properties"] |= part["properties"]
        made["$defs"] |= part["$defs"]
    made["required"] = list(made["properties"])
    return made


def _timeline_schema() -> dict[str, Any]:
    made = values.listing("facts", Fact)
    made["properties"] = {"events": {"type": "array", "items": _EVENT}, "total": _TOTAL}
    return {**made, "required": ["events", "total"]}


def serving(model: type[A], verb: Callable[[Seen, A], Done], name: str) -> Callable[..., Any]:
    """Serves a tool: its arguments checked, its verb called in a worker thread."""

    def work(seen: Seen, raw: Mapping[str, Any]) -> types.CallToolResult:
        try:
            given = model.model_validate(raw)
        except ValidationError as error:
            raise InvalidInput(_mistaken(name, error)) from None
        return verb(seen, given).result()

    async def serve(asked: ToolCall[types.CallToolRequestParams]) -> types.CallToolResult:
        given = asked.params.arguments or {}
        result: types.CallToolResult = await asked.run(work, asked.seen, given)
        return result

    return serve


def _mistaken(name: str, error: ValidationError) -> str:
    """Return the errors of arguments, a clause each."""
    told = [
        f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}"
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    more = f"; and {len(told) - 5} more" if len(told) > 5 else ""
    return f"{name} cannot use these arguments: {'; '.join(told[:5])}{more}"


def _hints(title: str, *, reads: bool, destroys: bool, again: bool) -> types.ToolAnnotations:
    return types.ToolAnnotations(
        title=title,
        read_only_hint=reads,
        destructive_hint=destroys,
        idempotent_hint=again,
        open_world_hint=False,
    )


def tools() -> dict[str, Tool]:
    """The tools by name."""
    reads = partial(_hints, reads=True, destroys=False, again=True)
    rows: tuple[tuple[Any, ...], ...] = (
        (remember, arguments.Remember, "write", _hints("Remember", reads=False, destroys=False, again=False), values.listing("episodes", Episode)),
        (recall, arguments.Recall, "read", reads("Recall"), values.listing("recollections", Recollection, degraded=_REASONS)),
        (facts, arguments.Facts, "read", reads("Facts"), values.listing("facts", Fact, total=_TOTAL)),
        (learn, arguments.Learn, "write", _hints("Learn a fact", reads=False, destroys=False, again=False), values.schema(Fact)),
        (forget, arguments.Forget, "delete", _hints("Forget", reads=False, destroys=True, again=True), values.schema(Receipt)),
        (timeline, arguments.Timeline, "read", reads("Timeline"), _timeline_schema()),
        (context, arguments.Context, "read", reads("Context"), values.schema(Evidence)),
        (why, arguments.Why, "read", reads("Why"), _why_schema()),
        (ask, arguments.Ask, "read", reads("Ask"), values.schema(Answer)),
    )  # fmt: skip
    made = {}
    for verb, model, scope, hints, output in rows:
        shown = types.Tool(
            name=verb.__name__,
            title=hints.title,
            description=" ".join(str(model.__doc__).split()),
            input_schema=values.arguments(model),
            output_schema=output,
            annotations=hints,
        )
        serve = serving(model, verb, verb.__name__)
        changes = () if scope == "read" else (GRAPH,)
        made[verb.__name__] = Tool(shown, scope, serve, changes)
    return made
