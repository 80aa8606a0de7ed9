"""Facts as RDF 1.1 Turtle, in the vocabularies of RDF, RDFS, PROV, Dublin Core and schema.org.

What is asserted is a triple of its own. Every fact, also one that is superseded or retracted, is in
addition a `rdf:Statement` with its validity (`schema:validFrom`, `schema:validThrough`), its
sources (`prov:wasDerivedFrom`), when it was recorded (`prov:generatedAtTime`) and what replaced it
(`dct:isReplacedBy`); state, confidence and support have no standard term and stand under
`urn:remanence:term:`.

Names are IRIs under `urn:remanence:`, the same at every export. Objects of relations that take
dates, quantities or texts are literals. Grammar: https://www.w3.org/TR/turtle/
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import quote

from remanence.encoding.relations import RELATIONS
from remanence.integrations.graphs import entities
from remanence.types import Fact

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "schema": "http://schema.org/",
    "rel": "urn:remanence:relation:",
    "term": "urn:remanence:term:",
}
CLASSES = {
    "person": "schema:Person",
    "place": "schema:Place",
    "organisation": "schema:Organization",
    "work": "schema:CreativeWork",
    "thing": "schema:Thing",
}
LONGEST = 120  # characters of a name that its IRI spells out; of a longer one it has a digest
_SHAPES = (  # of what is written down, and its datatype
    (re.compile(r"-?(0|[1-9][0-9]{0,17})"), "xsd:integer"),
    (re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}"), "xsd:decimal"),
    (re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"), "xsd:gYearMonth"),
)
_YEAR = re.compile(r"[0-9]{4}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SIMPLE = re.compile(r"[a-z][a-z0-9_]*")  # what may follow a prefix as it is
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CONTROL = {code: f"\\u{code:04X}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
_ESCAPED = str.maketrans(_CONTROL | {ord(char): text for char, text in _ESCAPES.items()})


def pieces(facts: Iterable[Fact]) -> Iterator[str]:
    """The document in pieces; encoded as UTF-8 it is a Turtle file."""
    found = list(facts)
    for prefix, iri in PREFIXES.items():
        yield f"@prefix {prefix}: <{iri}> .\n"
    relations = dict.fromkeys(fact.relation for fact in found)
    for name in relations:
        yield f"\n{_relation(name)} a rdf:Property ; rdfs:label {text(name.replace('_', ' '))} .\n"
    things = dict.fromkeys(entities.subject(fact) for fact in found)
    things |= dict.fromkeys(entities.object(fact) for fact in found if not _is_literal(fact))
    kinds = entities.kinds(found)
    for entity in things:
        class_ = CLASSES.get(kinds[entity], "rdfs:Resource")
        yield f"\n{_entity(entity)} a {class_} ; rdfs:label {text(entity.name)} .\n"
    for fact in found:
        yield from _statement(fact)


def _statement(fact: Fact) -> Iterator[str]:
    who, relation = _entity(entities.subject(fact)), _relation(fact.relation)
    what = literal(fact) if _is_literal(fact) else _entity(entities.object(fact))
    if fact.state == "asserted":
        yield f"\n{who} {relation} {what} .\n"
    described = [
        ("rdf:subject", who),
        ("rdf:predicate", relation),
        ("rdf:object", what),
        ("term:namespace", text(fact.namespace)),
        ("term:state", text(fact.state)),
        ("term:confidence", f'"{fact.confidence:.4f}"^^xsd:decimal'),
        ("term:support", str(fact.support)),
        ("prov:generatedAtTime", _instant(fact.recorded_at)),
        *(
            (name, _instant(time))
            for name, time in (
                ("schema:validFrom", fact.valid_from),
                ("schema:validThrough", fact.valid_until),
            )
            if time is not None
        ),
        *(("prov:wasDerivedFrom", _iri("episode", fact.namespace, id)) for id in fact.sources),
    ]
    if fact.superseded_by is not None:
        described.append(("dct:isReplacedBy", _iri("fact", fact.namespace, fact.superseded_by)))
    lines = "".join(f" ;\n  {name} {value}" for name, value in described)
    yield f"\n{_iri('fact', fact.namespace, fact.id)} a rdf:Statement{lines} .\n"


def literal(fact: Fact) -> str:
    """The object as a literal: with a datatype where it has the shape of one, as text otherwise."""
    value = fact.object.strip()
    datatype = _datatype(fact.relation, value)
    return f"{text(value)}^^{datatype}" if datatype else text(fact.object)


def _is_literal(fact: Fact) -> bool:
    """Of a relation that nobody described, the object is a literal where it looks like one."""
    return entities.is_value(fact.relation) or (
        fact.relation not in RELATIONS and _datatype(fact.relation, fact.object.strip()) is not None
    )


def _datatype(relation: str, value: str) -> str | None:
    known = RELATIONS.get(relation)
    if known is not None and "text" in known.object_kinds:
        return None  # a telephone number is no quantity
    if known is not None and "date" in known.object_kinds and _YEAR.fullmatch(value):
        return "xsd:gYear"
    if _DAY.fullmatch(value):
        return "xsd:date" if _in_calendar(value) else None
    return next((name for shape, name in _SHAPES if shape.fullmatch(value)), None)


def _in_calendar(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def text(value: str) -> str:
    """A string literal; what UTF-8 cannot carry becomes U+FFFD."""
    whole = _SURROGATE.sub("\ufffd", value)
    return f'"{whole.translate(_ESCAPED)}"'


def _instant(time: str) -> str:
    return f"{text(time)}^^xsd:dateTime"


def _relation(name: str) -> str:
    return f"rel:{name}" if _SIMPLE.fullmatch(name) else f"<{PREFIXES['rel']}{_spelt(name)}>"


def _entity(entity: entities.Entity) -> str:
    return _iri("entity", *entity)


def _iri(kind: str, namespace: str, name: str) -> str:
    return f"<urn:remanence:{kind}:{_spelt(namespace)}:{_spelt(name)}>"


def _spelt(name: str) -> str:
    """A name in the characters that every reader of IRIs accepts: percent-encoded UTF-8."""
    if len(name) > LONGEST:
        name = f"{name[:LONGEST]}~{entities.digest(name)}"
    return quote(name, safe="", errors="surrogatepass")
