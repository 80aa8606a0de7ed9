"""Memories of mem0: what `get_all()` returns (`{"results": [...]}`, a bare list, a page with
`next`), a structured export (`{"memories": [...]}`), or one memory a line.

    {"id": "f38b...", "memory": "Alex is a vegetarian", "hash": "...", "metadata": {...}, "created_at": "2024-07-25T23:57:00-07:00",
     "updated_at": "...", "user_id": "alex", "agent_id": null, "run_id": null, "actor_id": null, "role": "user"}

`user_id` becomes the namespace, `run_id` the session, the time of the last change `at`, and who
said it the speaker. Everything else stays, unchanged, under `metadata["mem0"]`. The file may be
larger than memory: one item is held at a time.
"""

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, BinaryIO

from remanence.integrations.incoming import Bad, Incoming, make
from remanence.integrations.scan import Broken, Scanner

LISTS = ("results", "memories")  # where the memories stand in an object
TEXTS = ("memory", "text", "content")
SPEAKERS = ("actor_id", "agent_id", "role")  # who said it: the most precise that is there
TIMES = ("updated_at", "created_at")


def read(source: BinaryIO) -> Iterator[Incoming | Bad]:
    """The memories of a file, in its order."""
    scanner = Scanner(source)
    number = 0
    try:
        for record in _records(scanner):
            number += 1
            yield _incoming(record, f"memory {number:,} (line {scanner.line:,})")
    except Broken as error:
        yield Bad(f"line {scanner.line:,}", str(error), fatal=True)


def _records(scanner: Scanner) -> Iterator[Any]:
    """Every memory: of an array, of the array in an object, or of objects one after another."""
    while scanner.peek():
        if scanner.peek() == "[":
            yield from scanner.items()
        elif scanner.peek() == "{":
            yield from _object(scanner)
        else:
            raise Broken(f"neither an object nor an array begins with {scanner.peek()!r}")


def _object(scanner: Scanner) -> Iterator[Any]:
    record: dict[str, Any] = {}
    wrapped = False
    for key in scanner.members():
        if key in LISTS and scanner.peek() == "[":
            wrapped = True
            yield from scanner.items()
        else:
            record[key] = scanner.value()
    if not wrapped:
        yield record


def _other_fields(record: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a record beside its text and metadata, without empty ones."""
    return {
        name: value
        for name, value in record.items()
        if name not in ("metadata", *TEXTS) and value not in (None, [], {})
    }


def _incoming(record: Any, place: str) -> Incoming | Bad:
    if not isinstance(record, dict):
        return Bad(place, f"is {type(record).__name__}, not an object: {record!r:.60}")
    text = _first(record, TEXTS)
    if text is None:
        return Bad(place, f"has none of {', '.join(TEXTS)}: {sorted(record)}")
    own = record.get("metadata")
    if own is not None and not isinstance(own, dict):
        return Bad(place, f"metadata is {type(own).__name__}, not an object")
    rest = _other_fields(record)
    return make(
        place,
        text,
        namespace=record.get("user_id") or None,
        id=record.get("id") or _id(record, text),
        speaker=_first(record, SPEAKERS),
        session=record.get("run_id"),
        at=_first(record, TIMES),
        metadata={**(own or {}), "mem0": rest} if rest else own,
    )


def _first(record: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name)), None)


def _id(record: dict[str, Any], text: object) -> str:
    """An id for a memory that has none:

    the same for the same memory, so that a rerun is harmless.
    """
    told = json.dumps([text, record.get("user_id"), record.get("created_at")], ensure_ascii=True)
    return f"mem0:{blake2b(told.encode(), digest_size=8).hexdigest()}"
