"""The verbs of mem0's hosted interface over one namespace of a memory, without a model.

Messages are remembered as they were said; nothing is inferred, merged or rewritten. Entities
(`user_id`, `agent_id`, `app_id`, `run_id`) stand in the metadata, and filters are conditions on
them (`retrieval.where`), so that one namespace holds all users of a tenant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from remanence import checks, instants, queries, records
from remanence.errors import InvalidInput
from remanence.memory import Memory
from remanence.records import Record
from remanence.types import Turn

ENTITIES: Final = ("user_id", "agent_id", "app_id", "run_id")
MOST: Final = 10_000  # memories that one call looks through
_OWN: Final = (*ENTITIES, "created_at", "updated_at", "expiration_date", "categories")
_OPERATORS: Final = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "contains")
_FOLD: Final = {"icontains": "contains"}


def condition(filters: Any) -> dict[str, Any]:
    """Return mem0's filters as a condition on our metadata. Raises `InvalidInput`."""
    if not isinstance(filters, Mapping):
        raise InvalidInput(f"filters={filters!r:.80} is no object")
    return {"$and": [part for name, value in filters.items() for part in _part(name, value)]}


def _part(name: str, value: Any) -> Iterator[dict[str, Any]]:
    if name in ("AND", "OR", "NOT"):
        parts = [condition(each) for each in (value if isinstance(value, list) else [value])]
        yield {"$not": {"$or": parts}} if name == "NOT" else {f"${name.lower()}": parts}
    elif name == "metadata" and isinstance(value, Mapping):
        for key, wanted in value.items():
            yield {f"metadata.{key}": _test(wanted)}
    else:
        yield {name if name in _OWN else f"metadata.{name}": _test(value)}


def _test(wanted: Any) -> Any:
    """Return one test: "*" is any value, a list any of it, an object of operators these."""
    if wanted == "*":
        return {"$exists": True}
    if isinstance(wanted, list):
        return {"$in": wanted}
    if not isinstance(wanted, Mapping):
        return {"$eq": wanted}
    found = {_FOLD.get(name, name): value for name, value in wanted.items()}
    if not set(found) <= set(_OPERATORS):
        raise InvalidInput(f"{sorted(wanted)} are no operators; there are {', '.join(_OPERATORS)}")
    return {f"${name}": value for name, value in found.items()}


def add(memory: Memory, namespace: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Remember messages; return what became of each."""
    messages = given.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidInput("messages is no list of messages")
    told = {**(given.get("filters") or {}), **given}
    entities = {name: str(told[name]) for name in ENTITIES if told.get(name) is not None}
    if not entities:
        raise InvalidInput(f"name one of {', '.join(ENTITIES)}")
    now = instants.render(instants.now())
    due = given.get("expiration_date")
    turns = []
    for message in messages:
        text = message.get("content") if isinstance(message, Mapping) else None
        if not isinstance(text, str) or not text.strip() or message.get("role") == "system":
            continue
        role = "assistant" if message.get("role") == "assistant" else "user"
        name = entities.get("user_id" if role == "user" else "agent_id", role)
        metadata = {
            **entities,
            "role": role,
            "metadata": given.get("metadata") or {},
            "created_at": now,
            "updated_at": now,
            **({"expiration_date": due} if due else {}),
        }
        session = entities.get("run_id")
        turns.append(Turn(text, speaker=name, session=session, metadata=metadata, expires=due))
    written = memory.remember(turns, namespace=namespace) if turns else []
    return [
        {"id": each.source, "memory": each.text, "data": {"memory": each.text}, "event": "ADD"}
        for each in written
    ]


def shown(record: Record) -> dict[str, Any]:
    """Return a memory as mem0 shows it."""
    told, episode = record.episode.metadata, record.episode
    return {
        "id": episode.source,
        "memory": episode.text,
        "hash": queries.tag(episode),
        "metadata": told.get("metadata") or {},
        "categories": told.get("categories") or [],
        "created_at": record.created_at,
        "updated_at": episode.recorded_at,
        "expiration_date": told.get("expiration_date"),
        **{name: told.get(name) for name in ENTITIES},
    }


def get(memory: Memory, namespace: str, id: str) -> dict[str, Any] | None:
    """Return a memory; None where there is none of that id."""
    (record,) = records.get(memory, namespace, [id])
    return None if record is None else shown(record)


def matching(memory: Memory, namespace: str, filters: Any) -> list[Record]:
    """Return the memories that filters choose, newest first, at most `MOST`."""
    page = records.page(memory, namespace, metadata=condition(filters or {}), most=MOST)
    return list(page.items)


def search(memory: Memory, namespace: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what answers a query among what the filters choose, best first."""
    most = given.get("top_k") or given.get("limit") or 10
    found = memory.recall(
        checks.text(given.get("query"), "query"),
        namespace=namespace,
        k=checks.count(most, "top_k"),
        metadata=condition(given.get("filters") or {}),
    )
    least = given.get("threshold") or 0.0
    scores = {hit.source: hit.similarity for hit in found if hit.similarity >= least}
    told = records.get(memory, namespace, list(scores))
    return [
        {**shown(each), "score": scores[each.episode.source]} for each in told if each is not None
    ]


def update(
    memory: Memory, namespace: str, id: str, given: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Write a memory anew as its next version; None where there is none of that id."""
    (record,) = records.get(memory, namespace, [id])
    if record is None:
        return None
    before = record.episode
    metadata: dict[str, Any] = {
        **before.metadata,
        "updated_at": instants.render(instants.now()),
        **{key: given[key] for key in ("metadata", "expiration_date") if given.get(key)},
    }
    turn = Turn(
        given.get("text") or given.get("data") or before.text,
        speaker=before.speaker,
        session=before.session,
        id=id,
        metadata=metadata,
        expires=metadata.get("expiration_date"),
    )
    queries.put(memory, namespace, turn, lambda _: None)
    return get(memory, namespace, id)


def history(memory: Memory, namespace: str, id: str) -> list[dict[str, Any]]:
    """Return the versions of a memory as events, oldest first."""
    versions = queries.versions(memory, namespace, id)[::-1]
    before: list[str | None] = [None, *(each.text for each in versions)]
    return [
        {
            "id": f"{id}-{each.version}",
            "memory_id": id,
            "old_memory": old,
            "new_memory": each.text,
            "event": "ADD" if old is None else "UPDATE",
            "created_at": versions[0].recorded_at,
            "updated_at": each.recorded_at,
        }
        for old, each in zip(before, versions, strict=False)
    ]


def forget(memory: Memory, namespace: str, ids: Sequence[str]) -> int:
    """Forget memories by id; return how many there were."""
    return memory.forget(namespace=namespace, id=list(ids)).episodes if ids else 0


def entities(memory: Memory, namespace: str) -> list[dict[str, Any]]:
    """Return the users, agents, apps and runs that memories name, with how many name each."""
    counted: Counter[tuple[str, str]] = Counter()
    for record in matching(memory, namespace, {}):
        told = record.episode.metadata
        counted.update((name, told[name]) for name in ENTITIES if told.get(name))
    return [
        {"id": name, "name": name, "type": kind.removesuffix("_id"), "total_memories": number}
        for (kind, name), number in sorted(counted.items())
    ]
