"""The memory file of the reference MCP memory server: entities with observations, and relations,
one a line.

    {"type":"entity","name":"Wei","entityType":"person","observations":["lives in Chengdu","is allergic to peanuts"]}
    {"type":"relation","from":"Wei","to":"Acme","relationType":"works_at"}

Each observation and each relation becomes an episode that reads as a sentence; `metadata["mcp"]`
keeps its structure. Ids are made from what is said, so that a file imported twice is remembered
once. The file says no times: `at` is that of the import. `mcp_graph` keeps the same rows while
tools change them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

from remanence.encoding.relations import RELATIONS
from remanence.integrations.incoming import Bad, Incoming, make
from remanence.integrations.jsonl import decode

KEY = "mcp"  # of metadata
# characters above which an observation stands in the text alone, and not in the metadata again
LONG = 1_000
# How the table of relations begins its sentences: "lives", "works", "is". What so begins is read as
# a sentence about its entity.
_VERBS = frozenset(
    relation.english.split()[1]
    for relation in RELATIONS.values()
    if relation.english.startswith("{s} ")
)
_FIRST = re.compile(r"([A-Za-z]+) ")


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
    if not observations:
        yield _episode(place, headed(name, kind), [name], entity(name, kind))
    for observation in observations:
        text, about = observed(name, kind, observation)
        yield _episode(place, text, [name, observation], about)


def _relation(record: dict[str, Any], place: str) -> Iterator[Incoming | Bad]:
    ends = [record.get(key) for key in ("from", "relationType", "to")]
    if not _texts(ends):
        yield Bad(place, "a relation has from, to and relationType, all text")
        return
    subject, kind, object_ = map(str, ends)
    text, about = related(subject, kind, object_)
    yield _episode(place, text, ["relation", *ends], about)


_KINDS = {"entity": _entity, "relation": _relation}


def _episode(
    place: str, text: str, identity: list[Any], structure: Mapping[str, Any]
) -> Incoming | Bad:
    return make(place, text, id=named(identity), metadata={KEY: dict(structure)})


def named(identity: list[Any]) -> str:
    """The id of the episode that says this."""
    told = json.dumps(identity, ensure_ascii=True).encode()
    return f"mcp:{blake2b(told, digest_size=8).hexdigest()}"


def entity(name: str, kind: str) -> dict[str, Any]:
    """Return the metadata kept of an entity."""
    return {"type": "entity", "name": name, "entityType": kind}


def headed(name: str, kind: str) -> str:
    """An entity without observations, in words.

    >>> headed("Wei", "person")
    'Wei (person)'
    """
    return f"{name} ({kind})" if kind or not name or name.isspace() else name


def observed(name: str, kind: str, observation: str) -> tuple[str, dict[str, Any]]:
    """An observation in words, and what the metadata keep of it.

    >>> observed("Wei", "person", "Lives in Chengdu")[0], observed("Wei", "person", "green tea")[0]
    ('Wei lives in Chengdu', 'Wei: green tea')
    """
    about = entity(name, kind)
    if len(observation) > LONG:
        text = f"{name}: {observation}"
        return text, {**about, "from": len(name) + 2, "length": len(text)}
    about["observation"] = observation
    first = _FIRST.match(observation)
    if first is not None and first[1].lower() in _VERBS and name and not name.isspace():
        return f"{name} {first[1].lower()}{observation[len(first[1]) :]}", about
    return f"{name}: {observation}", about


def related(subject: str, kind: str, object_: str) -> tuple[str, dict[str, Any]]:
    """A relation in words, and what the metadata keep of it.

    >>> related("Wei", "works_at", "Acme")[0]
    'Wei works at Acme'
    """
    text = f"{subject} {kind.replace('_', ' ')} {object_}"
    about = {"type": "relation", "from": subject, "to": object_, "relationType": kind}
    return (f"({text})" if text.isspace() else text), about


def _texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
