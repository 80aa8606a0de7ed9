"""Conditions on metadata: read from plain dicts, and tested on one episode.

    {"kind": "note", "stars": {"$gte": 4}, "$not": {"tags": {"$contains": "draft"}}}

Every key must hold, as in a plain equality; `$and`, `$or` take lists of conditions, `$not` one. A
key "a.b" is that key, or else "b" inside of "a". Numbers compare with numbers, text with text; what
is of another kind, or absent, does not compare. `$ne`, `$nin` and `$not` hold where the key is
absent. `fields` answers the same questions from columns; `matches` is its plain twin.
"""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from remanence.errors import InvalidInput
from remanence.types import Metadata

MAX_DEPTH: Final = 16
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Term:
    """A test of one key."""

    key: str
    """The key of the metadata, perhaps a path "a.b"."""
    operator: str
    """One of `OPERATORS`."""
    operand: Any
    """What the value is compared with."""


@dataclass(frozen=True, slots=True)
class Every:
    """All of some conditions; true of everything where there are none."""

    parts: tuple["Condition", ...]
    """The conditions."""


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of some conditions; true of nothing where there are none."""

    parts: tuple["Condition", ...]
    """The conditions."""


@dataclass(frozen=True, slots=True)
class Negation:
    """All but what a condition holds of."""

    part: "Condition"
    """The condition."""


Condition = Term | Every | Either | Negation


def of(metadata: Metadata | None) -> Condition | None:
    """Return the condition in a `metadata` argument; None where it asks for nothing."""
    return None if metadata is None or metadata == {} else read(metadata)


def read(given: Mapping[str, Any], depth: int = 0) -> Condition:
    """Return the condition that a mapping writes. Raises `InvalidInput`."""
    if not isinstance(given, Mapping):
        raise InvalidInput(f"metadata={given!r:.80} is not a mapping")
    if depth > MAX_DEPTH:
        raise InvalidInput(f"a condition on metadata is nested deeper than {MAX_DEPTH}; flatten it")
    parts = [_read_key(key, value, depth) for key, value in given.items()]
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _read_key(key: object, value: Any, depth: int) -> Condition:
    if not isinstance(key, str):
        raise InvalidInput(f"the key {key!r:.80} of a condition on metadata is not text")
    if key in ("$and", "$or"):
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise InvalidInput(f"{key} takes a list of conditions, not {value!r:.80}")
        parts = tuple(read(each, depth + 1) for each in value)
        return Every(parts) if key == "$and" else Either(parts)
    if key == "$not":
        return Negation(read(value, depth + 1))
    if key.startswith("$"):
        raise InvalidInput(f"{key!r:.80} is no operator of conditions; there are $and, $or, $not")
    if isinstance(value, Mapping) and any(str(name).startswith("$") for name in value):
        terms = tuple(_term(key, name, operand) for name, operand in value.items())
        return terms[0] if len(terms) == 1 else Every(terms)
    return _term(key, "$eq", value)


def _term(key: str, operator: Any, operand: Any) -> Term:
    if operator not in OPERATORS:
        raise InvalidInput(
            f"{operator!r:.80} is no operator on metadata; there are {', '.join(OPERATORS)}"
        )
    if operator in ("$in", "$nin") and (
        not isinstance(operand, Sequence) or isinstance(operand, str)
    ):
        raise InvalidInput(f"{operator} takes a list of values, not {operand!r:.80}")
    if operator == "$exists" and not isinstance(operand, bool):
        raise InvalidInput(f"$exists takes true or false, not {operand!r:.80}")
    if operator in ("$gt", "$gte", "$lt", "$lte") and order_of(operand) is None:
        raise InvalidInput(f"{operator} takes a number or a text, not {operand!r:.80}")
    try:
        identity(list(operand) if operator in ("$in", "$nin") else operand)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{operator} of {key!r:.80} is not JSON: {error}") from None
    return Term(key, operator, operand)


def identity(value: Any) -> Hashable:
    """Return what two values share exactly where JSON says the same: 1 and 1.0, not 1 and true."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", value)
    return ("json", json.dumps(_plain(value), sort_keys=True, allow_nan=False))


def _plain(value: Any) -> Any:
    """Return a value with whole floats as integers, so that equal JSON reads the same."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def order_of(value: Any) -> str | None:
    """Return the kind within which a value compares: "number", "text", or None for neither."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    return None


def _compares(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda held, wanted: (
        held is not _ABSENT and order_of(held) == order_of(wanted) and test(held, wanted)
    )


def _equal(held: Any, wanted: Any) -> bool:
    return held is not _ABSENT and identity(held) == identity(wanted)


def _among(held: Any, wanted: Sequence[Any]) -> bool:
    return any(_equal(held, each) for each in wanted)


def _contains(held: Any, wanted: Any) -> bool:
    if isinstance(held, str):
        return isinstance(wanted, str) and wanted in held
    return isinstance(held, (list, tuple)) and _among(wanted, held)


OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$eq": _equal,
    "$ne": lambda held, wanted: not _equal(held, wanted),
    "$gt": _compares(lambda held, wanted: bool(held > wanted)),
    "$gte": _compares(lambda held, wanted: bool(held >= wanted)),
    "$lt": _compares(lambda held, wanted: bool(held < wanted)),
    "$lte": _compares(lambda held, wanted: bool(held <= wanted)),
    "$in": _among,
    "$nin": lambda held, wanted: not _among(held, wanted),
    "$exists": lambda held, wanted: (held is not _ABSENT) is wanted,
    "$contains": _contains,
}
"""Operator -> its test of a held value against an operand."""


def matches(condition: Condition, metadata: Mapping[str, Any]) -> bool:
    """Return whether a condition holds of one episode's metadata."""
    if isinstance(condition, Every):
        return all(matches(part, metadata) for part in condition.parts)
    if isinstance(condition, Either):
        return any(matches(part, metadata) for part in condition.parts)
    if isinstance(condition, Negation):
        return not matches(condition.part, metadata)
    held = _value(metadata, condition.key)
    return OPERATORS[condition.operator](held, condition.operand)


def _value(metadata: Mapping[str, Any], key: str) -> Any:
    if key in metadata:
        return metadata[key]
    held: Any = metadata
    for step in key.split("."):
        if not isinstance(held, Mapping) or step not in held:
            return _ABSENT
        held = held[step]
    return held
