"""Resources over a memory: episodes, profiles, the graph of what holds. It knows their addresses,
not who asks.

    memory://episode/{id}      an episode, verbatim; a long text whole
    memory://profile/{name}    what is known of someone or something: names, sentences, facts
    memory://graph             the facts that hold now, newest first
    memory://graph/{name}      those that have this one at either end, superseded ones too

Names in an address are percent-encoded UTF-8; plain Chinese is understood as well.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import mcp_types as types

from remanence import checks, queries
from remanence.errors import InvalidInput
from remanence.server.mcp.offer import Seen
from remanence.types import Episode, as_json

ROOT = "memory://"
GRAPH = f"{ROOT}graph"
FACTS = 1_000  # in one resource
PAGE = 50  # episodes on a page of the list
JSON = "application/json"
_TITLE = 60  # characters of an episode in a list


def contents(uri: str, value: Any) -> list[types.TextResourceContents]:
    """A value as the one content of a resource."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return [types.TextResourceContents(uri=uri, mime_type=JSON, text=text)]


class Memories:
    """The provider of a memory's resources;

    a page of it lists the graph, then episodes, newest first.
    """

    def templates(self) -> Sequence[types.ResourceTemplate]:
        told = (
            ("episode", "id", "An episode, verbatim, with its time, speaker, version and metadata"),
            ("profile", "name", "What is known of someone or something"),
            ("graph", "name", "The facts around someone or something, superseded ones too"),
        )
        return [
            types.ResourceTemplate(
                uri_template=f"{ROOT}{kind}/{{{variable}}}",
                name=kind,
                title=kind.capitalize(),
                description=description,
                mime_type=JSON,
            )
            for kind, variable, description in told
        ]

    def page(self, seen: Seen, cursor: int | None) -> tuple[Sequence[types.Resource], int | None]:
        found = queries.page(seen.memory, seen.namespace, beyond=cursor, most=PAGE)
        listed = [_listed(episode) for _, episode in found.items]
        first = [_GRAPH] if cursor is None else []
        return [*first, *listed], found.next

    def read(self, seen: Seen, uri: str) -> Sequence[types.TextResourceContents] | None:
        if uri == GRAPH:
            return contents(uri, _holding(seen))
        kind, slash, rest = uri.removeprefix(ROOT).partition("/")
        reader = _READERS.get(kind)
        if reader is None or not slash or not uri.startswith(ROOT):
            return None
        return reader(seen, uri, checks.label(_decoded(rest), kind))


def _decoded(encoded: str) -> str:
    try:
        return unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise InvalidInput(f"{encoded!r:.80} is no percent-encoded UTF-8") from None


_GRAPH = types.Resource(
    uri=GRAPH,
    name="graph",
    title="What holds now",
    description="The facts that hold now, newest first, with their sources",
    mime_type=JSON,
)


def _listed(episode: Episode) -> types.Resource:
    start = " ".join(episode.text[: _TITLE + 1].split())
    title = start if len(start) <= _TITLE else f"{start[:_TITLE]}..."
    said = f" by {episode.speaker}" if episode.speaker else ""
    return types.Resource(
        uri=f"{ROOT}episode/{quote(episode.id, safe='')}",
        name=episode.id,
        title=title,
        description=f"Said{said} at {episode.at}",
        mime_type=JSON,
        annotations=types.Annotations(audience=["assistant"], last_modified=episode.recorded_at),
    )


def _holding(seen: Seen) -> dict[str, Any]:
    found = seen.memory.facts(namespace=seen.namespace)
    return {"facts": as_json(found[:FACTS]), "total": len(found)}


def _episode(seen: Seen, uri: str, id: str) -> list[types.TextResourceContents] | None:
    found = queries.get(seen.memory, seen.namespace, id)
    return None if found is None else contents(uri, as_json(found))


def _profile(seen: Seen, uri: str, name: str) -> list[types.TextResourceContents] | None:
    found = queries.profile(seen.memory, seen.namespace, name)
    if found is None:
        return None
    told = {
        "subject": found.subject,
        "kind": found.kind,
        "names": list(found.names),
        "sentences": as_json(found.sentences),
        "facts": as_json((found.facts + found.mentions)[:FACTS]),
    }
    return contents(uri, told)


def _around(seen: Seen, uri: str, name: str) -> list[types.TextResourceContents] | None:
    found = queries.concerning(seen.memory, seen.namespace, name)
    told = {"facts": as_json(found[:FACTS]), "total": len(found)}
    return contents(uri, told) if found else None


_READERS: dict[str, Callable[[Seen, str, str], list[types.TextResourceContents] | None]] = {
    "episode": _episode,
    "profile": _profile,
    "graph": _around,
}
