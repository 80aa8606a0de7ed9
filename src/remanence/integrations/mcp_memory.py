"""The memory file of the reference MCP memory server: entities with observations, and relations, one a line.

    {"type":"entity","name":"Wei","entityType":"person","observations":["lives in Chengdu","is allergic to peanuts"]}
    {"type":"relation","from":"Wei","to":"Acme","relationType":"works_at"}

Each observation and each relation becomes an episode that reads as a sentence; `metadata["mcp"]` keeps its structure. Ids are
made from what is said, so that a file imported twice is remembered once. The file says no times: `at` is that of the import.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from remanence.integrations.incoming import Bad, Incoming, make
from remanence.integrations.jsonl import decode


def read(source: Iterable[bytes]) -> Iterator[Incoming | Bad]:
    """Every observation and relation of a file's lines."""
    for number, raw in enumerate(source, start=1):
        place = f"line {number:,}"
        record = decode(raw, place)
        if isinstance(record, Bad):
            yield record
        elif record is not None:
            kind = record.get("type")
            reader = _KINDS.get(kind) if isinstance(kind, str) else None
            if reader is None:
                yield Bad(place, f"type={kind!r:.60} is neither 'entity' nor 'relation'")
            else:
                yield from reader(record, place)


def _entity(record: dict[str, Any], place: str) -> Iterator[Incoming | Bad]:
    name, kind = record.get("name"), record.get("entityType", "")
    observations = record.get("observations", [])
    if not (isinstance(name, str) and isinstance(kind, str) and _texts(observations)):
        yield Bad(place, "an entity has a name, an entityType and a list of observations, all text")
        return
    about = {"type": "entity", "name": name, "entityType": kind}
    if not observations:
        yield _episode(place, f"{name} ({kind})" if kind else name, [name], about)
    for observation in observations:
        told = {**about, "observation": observation}
        yield _episode(place, f"{name}: {observation}", [name, observation], told)


def _relation(record: dict[str, Any], place: str) -> Iterator[Incoming | Bad]:
    ends = [record.get(key) for key in ("from", "relationType", "to")]
    if not _texts(ends):
        yield Bad(place, "a relation has from, to and relationType, all text")
        return
    subject, relation, object_ = ends
    about = {"type": "relation", "from": subject, "to": object_, "relationType": relation}
    sentence = f"{subject} {str(relation).replace('_', ' ')} {object_}"
    yield _episode(place, sentence, ["relation", *ends], about)


_KINDS = {"entity": _entity, "relation": _relation}


def _episode(
    place: str, text: str, identity: list[Any], structure: dict[str, Any]
) -> Incoming | Bad:
    told = json.dumps(identity, ensure_ascii=True).encode()
    return make(
        place,
        text,
        id=f"mcp:{blake2b(told, digest_size=8).hexdigest()}",
        metadata={"mcp": structure},
    )


def _texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
