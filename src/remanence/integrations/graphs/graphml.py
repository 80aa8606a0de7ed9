"""Facts as GraphML, for Gephi, yEd, Cytoscape, networkx: entities are nodes, facts are directed
edges.

A node's id stays the same from export to export, so two files can be merged. `sources` is a JSON
list. Superseded and retracted facts are edges like the others; `state` tells them apart. Format:
http://graphml.graphdrawing.org/specification.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from remanence.integrations.graphs import entities
from remanence.types import Fact

_NODE = {"name": "string", "namespace": "string", "kind": "string"}
_EDGE = {
    "fact": "string",
    "relation": "string",
    "state": "string",
    "confidence": "double",
    "support": "int",
    "valid_from": "string",
    "valid_until": "string",
    "recorded_at": "string",
    "superseded_by": "string",
    "sources": "string",
}
# A parser turns a bare carriage return into a newline, and newlines in attributes into spaces.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\r": "&#13;"}
_ESCAPED = str.maketrans(_ESCAPES | {"\n": "&#10;", "\t": "&#9;"})


def pieces(facts: Iterable[Fact]) -> Iterator[str]:
    """The document in pieces; encoded as UTF-8 it is a GraphML file."""
    found = list(facts)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
        'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
    )
    for kind, keys in (("node", _NODE), ("edge", _EDGE)):
        for name, type_ in keys.items():
            yield (
                f'  <key id="{kind}_{name}" for="{kind}" attr.name="{name}" attr.type="{type_}"/>\n'
            )
    yield '  <graph id="remanence" edgedefault="directed">\n'
    for entity, kind in entities.kinds(found).items():
        yield f'    <node id="{_node(entity)}">\n'
        yield from _data("node", {"name": entity.name, "namespace": entity.namespace, "kind": kind})
        yield "    </node>\n"
    for fact in found:
        source, target = _node(entities.subject(fact)), _node(entities.object(fact))
        id = entities.digest(fact.namespace, fact.id)
        yield f'    <edge id="e{id}" source="{source}" target="{target}">\n'
        yield from _data("edge", _values(fact))
        yield "    </edge>\n"
    yield "  </graph>\n</graphml>\n"


def escape(text: str) -> str:
    """`text` for an XML attribute or element; what XML cannot carry becomes U+FFFD."""
    return entities.fit(text).translate(_ESCAPED)


def _node(entity: entities.Entity) -> str:
    return f"n{entities.digest(*entity)}"


def _values(fact: Fact) -> dict[str, str | None]:
    values = {name: getattr(fact, name, None) for name in _EDGE}
    return {
        **values,
        "fact": fact.id,
        "confidence": repr(float(fact.confidence)),
        "support": str(fact.support),
        "sources": json.dumps(fact.sources, ensure_ascii=False),
    }


def _data(kind: str, values: Mapping[str, str | None]) -> Iterator[str]:
    for name, value in values.items():
        if value:
            yield f'      <data key="{kind}_{name}">{escape(value)}</data>\n'
