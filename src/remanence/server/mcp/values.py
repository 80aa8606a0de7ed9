"""The value types as JSON Schema, and as text that a model reads as data.

It knows the values, no verb.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

from remanence.encoding import assertions
from remanence.queries import TimelineEvent
from remanence.retrieval.context import line
from remanence.text import fence
from remanence.types import Episode, Fact, Recollection

NOTHING = "Nothing was found."


def schema(value: Any) -> dict[str, Any]:
    """The JSON Schema of a value type as `as_json` writes it;

    every field is there, none without being named here.
    """
    made = TypeAdapter(value).json_schema(mode="serialization")
    for part in (made, *made.get("$defs", {}).values()):
        if "properties" in part:
            part["required"] = list(part["properties"])
            part["additionalProperties"] = False
    untitled: dict[str, Any] = _untitled(made)
    return untitled


def listing(name: str, value: Any, **more: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with one list of values, and what else stands beside it."""
    inner = schema(value)
    definitions = {**inner.pop("$defs", {}), value.__name__: inner}
    held = {"type": "array", "items": {"$ref": f"#/$defs/{value.__name__}"}}
    properties = {name: held, **more}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        "$defs": definitions,
    }


def arguments(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments."""
    untitled: dict[str, Any] = _untitled(model.model_json_schema())
    return untitled


def _untitled(made: Any) -> Any:
    """Without the titles that pydantic makes of names:

    they tell a model nothing, and cost it tokens.
    """
    if isinstance(made, list):
        return [_untitled(item) for item in made]
    if not isinstance(made, dict):
        return made
    return {
        key: {name: _untitled(one) for name, one in value.items()}
        if key in ("properties", "$defs")
        else _untitled(value)
        for key, value in made.items()
        if key != "title" or not isinstance(value, str)
    }


def cited(items: Sequence[Recollection | Episode], degraded: Sequence[str] = ()) -> str:
    """Recollections or episodes, a cited line each, between marks."""
    told = fence.fenced("\n".join(map(line, items))) if items else NOTHING
    return "\n".join([told, *(f"Not consulted: {reason}" for reason in degraded)])


def stated(facts: Sequence[Fact], total: int) -> str:
    """Facts as sentences with their sources, between marks."""
    if not facts:
        return NOTHING
    lines = [
        f"- {assertions.verbalise(fact)} [{fact.state}; {', '.join(fact.sources[-3:])}]"
        for fact in facts
    ]
    return fence.fenced("\n".join(lines)) + _rest(len(facts), total)


def sentence(fact: Fact) -> str:
    """A fact in words, with its dates."""
    return assertions.verbalise(fact)


def happened(events: Sequence[TimelineEvent], total: int) -> str:
    """Events, a line each, between marks."""
    if not events:
        return NOTHING
    lines = [f"{event.at[:10]} {event.event}: {event.text}" for event in events]
    return fence.fenced("\n".join(lines)) + _rest(len(events), total)


def _rest(shown: int, total: int) -> str:
    return "" if shown == total else f"\nThese are {shown} of {total}; ask for fewer or for more."
