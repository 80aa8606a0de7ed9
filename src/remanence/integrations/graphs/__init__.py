"""Facts as other programs read them: GraphML, RDF Turtle, JSON lines, and a picture. Pure functions
of facts; nothing here knows a store.

`FORMATS` maps a format's name to the function that gives its pieces of text; joined, they are the
file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from remanence.integrations.graphs import graphml, jsonl, turtle
from remanence.types import Fact

FORMATS: Mapping[str, Callable[[Iterable[Fact]], Iterator[str]]] = {
    "graphml": graphml.pieces,
    "turtle": turtle.pieces,
    "jsonl": jsonl.pieces,
}
