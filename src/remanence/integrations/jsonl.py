"""Remanence's own format: one JSON object a line, UTF-8, in order of arrival.

    {"namespace":"wei","id":"m1","part":0,"text":"I moved to Chengdu.","speaker":"Wei","session":"s1",
     "at":"2025-03-20T09:00:00Z","recorded_at":"2025-03-20T09:00:01Z","version":1,"metadata":{}}

Only `text` is needed on the way in. The parts of a long document stand one a line, `part` 1, 2,
...; on the way in they are joined to the document they were cut from. `recorded_at` is for the
reader: a store notes for itself when it recorded something. What a file says of versions is kept
where the older versions stand before the newer ones (`--history`).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from remanence.errors import InvalidInput
from remanence.integrations.incoming import Bad, Incoming, make
from remanence.memory import Memory
from remanence.storage import episodes
from remanence.storage.store import list_namespaces
from remanence.types import Episode

FIELDS = (
    "namespace", "id", "part", "text", "speaker", "session", "at", "recorded_at", "version", "metadata",
)  # fmt: skip


CARRIED = ("namespace", "version", "speaker", "session", "at", "metadata")


def lines(
    memory: Memory, namespaces: Sequence[str] = (), *, history: bool = False
) -> Iterator[str]:
    """Every current episode of `namespaces` (all, when none is named) as lines without their
    newline.

    With `history`, older versions too. All lines come from one snapshot. Raises `InvalidInput` when
    a named namespace holds nothing.
    """
    with memory.store.reading() as snapshot:
        known = {name: number for number, name in list_namespaces(snapshot)}
        for name in namespaces or known:
            if name not in known:
                raise InvalidInput(
                    f"namespace {name!r} holds nothing; the store has {sorted(known) or 'none'}"
                )
            for episode in episodes.log(snapshot, known[name], name, history=history):
                yield line(episode)


def total(memory: Memory, namespaces: Sequence[str] = (), *, history: bool = False) -> int:
    """How many lines `lines` gives."""
    with memory.store.reading() as snapshot:
        counts = [
            episodes.summary(snapshot, number)[:2]  # current, all versions
            for number, name in list_namespaces(snapshot)
            if name in namespaces or not namespaces
        ]
    return sum(versions if history else current for current, versions in counts)


def line(episode: Episode) -> str:
    """One episode as one line, without its newline."""
    part = episode.id[len(episode.source) + 1 :]
    values = (
        episode.namespace,
        episode.source,
        int(part) if part else 0,
        episode.text,
        episode.speaker,
        episode.session,
        episode.at,
        episode.recorded_at,
        episode.version,
        dict(episode.metadata),
    )
    return json.dumps(
        dict(zip(FIELDS, values, strict=True)), ensure_ascii=False, separators=(",", ":")
    )


def read(source: Iterable[bytes]) -> Iterator[Incoming | Bad]:
    """The turns of a file's lines."""
    parts: list[dict[str, Any]] = []
    where = ""
    for number, raw in enumerate(source, start=1):
        place = f"line {number:,}"
        record = decode(raw, place)
        if record is None:
            continue
        if isinstance(record, dict):
            record = _checked(record, place)
        if parts and not (isinstance(record, dict) and _continues(parts[-1], record)):
            yield _incoming(parts, where)
            parts = []
        if isinstance(record, Bad):
            yield record
        else:
            where = where if parts else place
            parts.append(record)
    if parts:
        yield _incoming(parts, where)


def decode(raw: bytes, place: str) -> dict[str, Any] | Bad | None:
    """The object on a line; None for an empty line."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Bad(place, f"is not UTF-8 ({error.reason} at byte {error.start})")
    if not text.strip():
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Bad(place, f"is not JSON ({error}): {text.strip()[:60]!r}")
    if not isinstance(record, dict):
        return Bad(
            place,
            f"is {type(record).__name__}, not an object: {text.strip()[:60]!r}; "
            "this form has one JSON object a line",
        )
    return record


def _checked(record: dict[str, Any], place: str) -> dict[str, Any] | Bad:
    if unknown := sorted(set(record) - set(FIELDS)):
        return Bad(place, f"has the unknown field {unknown[0]!r}; known are {', '.join(FIELDS)}")
    if "text" not in record:
        return Bad(place, "has no text")
    for name, least in (("part", 0), ("version", 1)):
        value = record.get(name, least)
        if type(value) is not int or value < least:
            return Bad(place, f"{name}={value!r:.80} is not a whole number of at least {least}")
    made = _incoming([record], place)
    return made if isinstance(made, Bad) else record


def _continues(before: dict[str, Any], record: dict[str, Any]) -> bool:
    """Return whether a line is the next part of the document on the line before it."""
    same = all(before.get(name) == record.get(name) for name in ("namespace", "id", "version"))
    return same and before.get("part", 0) > 0 and record.get("part", 0) == before["part"] + 1


def _incoming(parts: list[dict[str, Any]], place: str) -> Incoming | Bad:
    """The document that parts make.

    After a gap (a part was forgotten) what follows stands for itself.
    """
    first = parts[0]
    id = first.get("id")
    if first.get("part", 0) > 1 and isinstance(id, str):
        id = episodes.episode_id(id, first["part"])
    return make(
        place,
        first["text"] if len(parts) == 1 else "".join(part["text"] for part in parts),
        id=id,
        **{name: first.get(name) for name in CARRIED},
    )
