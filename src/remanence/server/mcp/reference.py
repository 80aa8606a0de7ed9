"""The reference memory server's nine tools and its resource, as its clients know them: the same
schemas, answers and error texts.

What they do is `integrations.mcp_operations`'s business, and how it is kept `mcp_graph`'s. It knows
no transport.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mcp_types as types

from remanence.errors import InvalidInput
from remanence.integrations import mcp_operations as operations
from remanence.integrations.mcp_graph import Graphs
from remanence.server.mcp.offer import Seen, Tool, ToolCall, failed
from remanence.server.mcp.resources import contents

URI = "memory://knowledge-graph"
_DRAFT = "http://json-schema.org/draft-07/schema#"
Kind = Mapping[str, Any]


def _text(description: str | None = None) -> dict[str, Any]:
    return {"type": "string", **({"description": description} if description else {})}


def _several(items: Kind, description: str | None = None) -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {"type": "array", "items": items, **told}


def _object(properties: Kind) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _closed(kind: Any) -> Any:
    """A schema of answers: objects have no further properties."""
    if isinstance(kind, list):
        return [_closed(one) for one in kind]
    if not isinstance(kind, Mapping):
        return kind
    made = {key: _closed(value) for key, value in kind.items()}
    return {**made, "additionalProperties": False} if made.get("type") == "object" else made


_ENTITY = _object(
    {
        "name": _text("The name of the entity"),
        "entityType": _text("The type of the entity"),
        "observations": _several(
            _text(), "An array of observation contents associated with the entity"
        ),
    }
)
_RELATION = _object(
    {
        "from": _text("The name of the entity where the relation starts"),
        "to": _text("The name of the entity where the relation ends"),
        "relationType": _text("The type of the relation"),
    }
)
_GRAPH = _object({"entities": _several(_ENTITY), "relations": _several(_RELATION)})
_SUCCESS = _object({"success": {"type": "boolean"}, "message": _text()})
_ADDED = _object({"entityName": _text(), "addedObservations": _several(_text())})

Answer = tuple[Any, dict[str, Any]]  # what the text says, and the structured content
Work = Callable[[Graphs, str, Mapping[str, Any]], Answer]


def _create_entities(graphs: Graphs, namespace: str, given: Mapping[str, Any]) -> Answer:
    made = graphs.change(namespace, operations.create_entities(given["entities"]))
    return made, {"entities": made}


def _create_relations(graphs: Graphs, namespace: str, given: Mapping[str, Any]) -> Answer:
    made = graphs.change(namespace, operations.create_relations(given["relations"]))
    return made, {"relations": made}


def _add_observations(graphs: Graphs, namespace: str, given: Mapping[str, Any]) -> Answer:
    made = graphs.change(namespace, operations.add_observations(given["observations"]))
    return made, {"results": made}


def _deleting(plan: Callable[[Any], Any], argument: str, what: str) -> Work:
    def work(graphs: Graphs, namespace: str, given: Mapping[str, Any]) -> Answer:
        graphs.change(namespace, plan(given[argument]))
        message = f"{what} deleted successfully"
        return message, {"success": True, "message": message}

    return work


def _read_graph(graphs: Graphs, namespace: str, _: Mapping[str, Any]) -> Answer:
    made = graphs.read(namespace).json()
    return made, made


def _search_nodes(graphs: Graphs, namespace: str, given: Mapping[str, Any]) -> Answer:
    made = operations.search_nodes(graphs.read(namespace), given["query"])
    return made, made


def _open_nodes(graphs: Graphs, namespace: str, given: Mapping[str, Any]) -> Answer:
    made = operations.open_nodes(graphs.read(namespace), given["names"])
    return made, made


_DELETIONS = _object(
    {
        "entityName": _text("The name of the entity containing the observations"),
        "observations": _several(_text(), "An array of observations to delete"),
    }
)
_OBSERVATIONS = _object(
    {
        "entityName": _text("The name of the entity to add the observations to"),
        "contents": _several(_text(), "An array of observation contents to add"),
    }
)
_QUERY = _text("The search query to match against entity names, types, and observation content")
_OPEN = _several(_text(), "An array of entity names to retrieve")
_GONE = _several(_text(), "An array of entity names to delete")
_CUT = _several(_RELATION, "An array of relations to delete")

# name | what it needs | description | arguments | answer | work
_TABLE: tuple[tuple[str, str, str, Kind, Kind, Work], ...] = (
    (
        "create_entities",
        "write",
        "Create multiple new entities in the knowledge graph",
        {"entities": _several(_ENTITY)},
        _object({"entities": _several(_ENTITY)}),
        _create_entities,
    ),
    (
        "create_relations",
        "write",
        (
            "Create multiple new relations between entities in the knowledge graph. Relations "
            "should "
            "be in active voice"
        ),
        {"relations": _several(_RELATION)},
        _object({"relations": _several(_RELATION)}),
        _create_relations,
    ),
    (
        "add_observations",
        "write",
        "Add new observations to existing entities in the knowledge graph",
        {"observations": _several(_OBSERVATIONS)},
        _object({"results": _several(_ADDED)}),
        _add_observations,
    ),
    (
        "delete_entities",
        "delete",
        "Delete multiple entities and their associated relations from the knowledge graph",
        {"entityNames": _GONE},
        _SUCCESS,
        _deleting(operations.delete_entities, "entityNames", "Entities"),
    ),
    (
        "delete_observations",
        "delete",
        "Delete specific observations from entities in the knowledge graph",
        {"deletions": _several(_DELETIONS)},
        _SUCCESS,
        _deleting(operations.delete_observations, "deletions", "Observations"),
    ),
    (
        "delete_relations",
        "delete",
        "Delete multiple relations from the knowledge graph",
        {"relations": _CUT},
        _SUCCESS,
        _deleting(operations.delete_relations, "relations", "Relations"),
    ),
    ("read_graph", "read", "Read the entire knowledge graph", {}, _GRAPH, _read_graph),
    (
        "search_nodes",
        "read",
        "Search for nodes in the knowledge graph based on a query",
        {"query": _QUERY},
        _GRAPH,
        _search_nodes,
    ),
    (
        "open_nodes",
        "read",
        "Open specific nodes in the knowledge graph by their names",
        {"names": _OPEN},
        _GRAPH,
        _open_nodes,
    ),
)


def tools(graphs: Graphs) -> dict[str, Tool]:
    """The nine tools by name."""
    return {row[0]: _tool(graphs, *row) for row in _TABLE}


def _tool(
    graphs: Graphs,
    name: str,
    scope: str,
    description: str,
    arguments: Kind,
    answer: Kind,
    work: Work,
) -> Tool:
    schema = {"$schema": _DRAFT, **_object(arguments)}
    if not arguments:
        del schema["required"]
    shown = types.Tool(
        name=name,
        title=name.replace("_", " ").title(),
        description=description,
        input_schema=schema,
        output_schema={"$schema": _DRAFT, **_closed(answer)},
        annotations=types.ToolAnnotations(
            read_only_hint=scope == "read",
            destructive_hint=scope == "delete",
            idempotent_hint=scope != "write",
            open_world_hint=False,
        ),
    )
    served = _serving(graphs, name, schema, work)
    return Tool(shown, scope, served, () if scope == "read" else (URI,))


def _serving(graphs: Graphs, name: str, schema: Kind, work: Work) -> Callable[..., Any]:
    def called(seen: Seen, raw: Mapping[str, Any]) -> types.CallToolResult:
        if wrong := list(mistakes(schema, raw)):
            return failed(
                f"MCP error -32602: Input validation error: Invalid arguments for tool {name}: "
                + "\n".join(wrong)
            )
        told, structured = work(graphs, seen.namespace, raw)
        text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, indent=2)
        return types.CallToolResult(
            content=[types.TextContent(text=text)], structured_content=structured
        )

    async def serve(asked: ToolCall[types.CallToolRequestParams]) -> types.CallToolResult:
        given = asked.params.arguments or {}
        made: types.CallToolResult = await asked.run(called, asked.seen, given)
        return made

    return serve


def missing(name: str) -> types.CallToolResult:
    """Return the answer for an unknown tool."""
    return failed(f"MCP error -32602: Tool {name} not found")


_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array"}
_TYPES: dict[str, type] = {"string": str, "array": list, "object": dict}


def mistakes(schema: Kind, value: object, at: str = "") -> list[str]:
    """Return the errors of arguments, in the words of the original; `schema` knows objects, arrays
    and strings.

    >>> mistakes(_object({"names": _several(_text())}), {"names": ["Wei", 3]})
    ['Invalid input: expected string, received number at names[1]']
    """
    wanted = schema["type"]
    if not isinstance(value, _TYPES[wanted]):
        received = _ABSENT if value is _ABSENT else _received(value)
        return [f"Invalid input: expected {wanted}, received {received} at {at}"]
    if wanted == "array" and isinstance(value, list):
        found = [mistakes(schema["items"], one, f"{at}[{n}]") for n, one in enumerate(value)]
    elif isinstance(value, dict):
        inner = schema["properties"].items()
        found = [
            mistakes(kind, value.get(key, _ABSENT), f"{at}.{key}" if at else key)
            for key, kind in inner
        ]
    else:
        return []
    return [one for several in found for one in several]


class _Absent:
    def __str__(self) -> str:
        return "undefined"


_ABSENT = _Absent()


def _received(value: object) -> str:
    return "null" if value is None else _NAMES.get(type(value), "object")


class KnowledgeGraph:
    """The provider with the one resource that the original has."""

    def __init__(self, graphs: Graphs) -> None:
        self._graphs = graphs

    def templates(self) -> Sequence[types.ResourceTemplate]:
        return []

    def page(self, _: Seen, cursor: int | None) -> tuple[Sequence[types.Resource], int | None]:
        if cursor is not None:
            raise InvalidInput("this list has one page; ask without a cursor")
        return [_RESOURCE], None

    def read(self, seen: Seen, uri: str) -> Sequence[types.TextResourceContents] | None:
        return contents(uri, self._graphs.read(seen.namespace).json()) if uri == URI else None


_RESOURCE = types.Resource(
    uri=URI,
    name="knowledge-graph",
    title="Knowledge Graph",
    description="The full knowledge graph with all entities and relations",
    mime_type="application/json",
)
