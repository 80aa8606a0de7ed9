"""Facts as GraphML, Turtle and JSON lines, and as a picture:

well-formed and complete, whatever the names.
"""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remanence.integrations.graphs import FORMATS, graphml, picture, turtle
from remanence.queries import wording
from remanence.queries.wording import Sentence
from remanence.types import Fact, as_json

WEI = Fact(
    id="fact:1",
    subject="Wei",
    relation="lives_in",
    object="Chengdu",
    namespace="default",
    state="asserted",
    confidence=0.9,
    support=2,
    sources=("m1", "m2"),
    recorded_at="2025-03-20T09:00:00Z",
    valid_from="2025-03-01T00:00:00Z",
)
LEFT = replace(
    WEI, id="fact:2", object="北京", state="superseded", valid_until=WEI.valid_from,
    valid_from=None, superseded_by="fact:1", sources=("m0",),
)  # fmt: skip
BORN = replace(WEI, id="fact:3", relation="born_on", object="1990-05-01", valid_from=None)
LIKES = replace(WEI, id="fact:4", subject="小伟", relation="likes", object="龙井茶")

HOSTILE = st.text(st.characters(), min_size=1, max_size=30) | st.sampled_from(
    [
        '"',
        "'''",
        "\\",
        "\n\r\t",
        "]]>",
        "<script>alert(1)</script>",
        "&amp;",
        "a\0b",
        "\ud800",
        "\u202eevil\u202c",
        "👩‍👩‍👧‍👦",
        "e\u0301" * 9,
        "名" * 5_000,
        " ",
        "\ufffe",
        "-->",
        "<!--",
        "%41",
        "2025-02-30",
    ]
)
FACTS = st.lists(
    st.builds(
        Fact,
        id=st.uuids().map(str) | HOSTILE,
        subject=HOSTILE,
        relation=st.sampled_from(["lives_in", "born_on", "age", "likes"]) | HOSTILE,
        object=HOSTILE,
        namespace=HOSTILE,
        state=st.sampled_from(["asserted", "superseded", "retracted"]),
        confidence=st.floats(0, 1),
        support=st.integers(1, 9),
        sources=st.lists(HOSTILE, max_size=3).map(tuple),
        recorded_at=st.just("2025-03-20T09:00:00Z"),
        valid_from=st.none() | st.just("2025-03-01T00:00:00Z"),
        superseded_by=st.none() | HOSTILE,
    ),
    max_size=6,
    unique_by=lambda fact: (fact.namespace, fact.id),
)
NODE = "{http://graphml.graphdrawing.org/xmlns}node"
EDGE = "{http://graphml.graphdrawing.org/xmlns}edge"
SVG = "{http://www.w3.org/2000/svg}"
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(format, facts):
    return "".join(FORMATS[format](facts))


def parsed(format, facts):
    """The document as a reader of bytes sees it."""
    return ET.fromstring(text(format, facts).encode())  # noqa: S314


def data(element):
    return {child.get("key").split("_", 1)[1]: child.text for child in element}


# -- GraphML --------------------------------------------------------------------------------------


def test_an_edge_of_graphml_carries_the_whole_fact():
    (edge,) = parsed("graphml", [LEFT]).iter(EDGE)
    assert data(edge) == {
        "fact": "fact:2",
        "relation": "lives_in",
        "state": "superseded",
        "confidence": "0.9",
        "support": "2",
        "valid_until": "2025-03-01T00:00:00Z",
        "recorded_at": "2025-03-20T09:00:00Z",
        "superseded_by": "fact:1",
        "sources": '["m0"]',
    }


def test_nodes_of_graphml_are_entities_with_their_kinds():
    nodes = [data(node) for node in parsed("graphml", [WEI, LEFT, LIKES]).iter(NODE)]
    assert [(node["name"], node.get("kind")) for node in nodes] == [
        ("Wei", "person"),
        ("Chengdu", "place"),
        ("北京", "place"),
        ("小伟", "person"),
        ("龙井茶", None),
    ]


def test_the_same_name_in_two_namespaces_is_two_nodes():
    elsewhere = replace(WEI, namespace="other")
    assert len(list(parsed("graphml", [WEI, elsewhere]).iter(NODE))) == 4


@given(FACTS)
@settings(max_examples=60, deadline=None)
def test_graphml_is_well_formed_and_keeps_every_character_that_xml_can_carry(facts):
    root = parsed("graphml", facts)
    ids = {node.get("id"): data(node)["name"] for node in root.iter(NODE)}
    edges = list(root.iter(EDGE))
    assert len(edges) == len(facts) == len({edge.get("id") for edge in edges})
    for fact, edge in zip(facts, edges, strict=True):
        assert ids[edge.get("source")] == UNFIT.sub("\ufffd", fact.subject)
        assert ids[edge.get("target")] == UNFIT.sub("\ufffd", fact.object)
        assert data(edge)["relation"] == UNFIT.sub("\ufffd", fact.relation)
        assert all(re.fullmatch(r"[\w.:-]+", id) for id in (*ids, edge.get("id")))


def test_networkx_reads_graphml(tmp_path):
    networkx = pytest.importorskip("networkx")
    path = tmp_path / "facts.graphml"
    path.write_text(text("graphml", [WEI, LEFT, BORN, LIKES]), encoding="utf-8")
    graph = networkx.read_graphml(path)
    names = networkx.get_node_attributes(graph, "name")
    edges = [
        (names[a], d["relation"], names[b], d["support"]) for a, b, d in graph.edges(data=True)
    ]
    assert ("Wei", "lives_in", "北京", 2) in edges
    assert (len(names), len(edges)) == (6, 4)


# -- Turtle ---------------------------------------------------------------------------------------


def test_turtle_says_what_holds_and_describes_what_does_not():
    found = text("turtle", [WEI, LEFT])
    wei, here = "<urn:remanence:entity:default:Wei>", "<urn:remanence:entity:default:Chengdu>"
    assert f"\n{wei} rel:lives_in {here} .\n" in found
    assert (
        f"\n{wei} rel:lives_in <urn:remanence:entity:default:%E5%8C%97%E4%BA%AC> .\n" not in found
    )
    assert "dct:isReplacedBy <urn:remanence:fact:default:fact%3A1>" in found
    assert 'schema:validThrough "2025-03-01T00:00:00Z"^^xsd:dateTime' in found


@pytest.mark.parametrize(
    ("relation", "value", "expected"),
    [
        ("born_on", "1990-05-01", '"1990-05-01"^^xsd:date'),
        ("born_on", "1990-05", '"1990-05"^^xsd:gYearMonth'),
        ("born_on", "1990", '"1990"^^xsd:gYear'),
        ("born_on", "1990-02-30", '"1990-02-30"'),
        ("born_on", "early May", '"early May"'),
        ("age", "34", '"34"^^xsd:integer'),
        ("age", "three", '"three"'),
        ("has_phone", "13800138000", '"13800138000"'),
        ("named", 'Wei "the\nboss"\\', '"Wei \\"the\\nboss\\"\\\\"'),
        ("shoe_size", "42.5", '"42.5"^^xsd:decimal'),
    ],
)
def test_values_are_literals_with_the_datatype_they_have(relation, value, expected):
    found = text("turtle", [replace(WEI, relation=relation, object=value)])
    assert f"\n<urn:remanence:entity:default:Wei> rel:{relation} {expected} .\n" in found


def test_long_names_have_short_iris_that_differ():
    long = [replace(WEI, object="名" * 5_000 + end) for end in "ab"]
    iris = {re.search(r"rdf:object (<\S+>)", text("turtle", [fact]))[1] for fact in long}
    assert len(iris) == 2
    assert max(map(len, iris)) < 1_200


@given(FACTS)
@settings(max_examples=40, deadline=None)
def test_rdflib_reads_turtle_and_finds_every_fact(facts):
    rdflib = pytest.importorskip("rdflib")
    graph = rdflib.Graph().parse(data=text("turtle", facts).encode(), format="turtle")
    statements = set(graph.subjects(rdflib.RDF.type, rdflib.RDF.Statement))
    assert len(statements) == len(facts)
    for statement in statements:
        triple = [
            graph.value(statement, p)
            for p in (rdflib.RDF.subject, rdflib.RDF.predicate, rdflib.RDF.object)
        ]
        asserted = (
            str(graph.value(statement, rdflib.URIRef("urn:remanence:term:state"))) == "asserted"
        )
        if asserted:
            assert tuple(triple) in graph
    labels = {str(label) for label in graph.objects(None, rdflib.RDFS.label)}
    assert {re.sub("[\ud800-\udfff]", "\ufffd", fact.subject) for fact in facts} <= labels


@given(st.text(st.characters()))
@example('"\\\r\n\0\u2028\ud800')
def test_a_turtle_string_stays_on_its_line_and_ends_where_it_should(value):
    literal = turtle.text(value)
    assert re.fullmatch(r'"(?:[^"\\\x00-\x1f\ud800-\udfff]|\\["\\nrt]|\\u[0-9A-F]{4})*"', literal)


# -- JSON lines -----------------------------------------------------------------------------------


@given(FACTS)
def test_each_json_line_is_the_fact(facts):
    lines = "".join(FORMATS["jsonl"](facts)).split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [
        json.loads(json.dumps(as_json(fact))) for fact in facts
    ]


@pytest.mark.parametrize("format", ["graphml", "turtle", "jsonl"])
def test_no_facts_are_an_empty_document(format):
    assert "Wei" not in text(format, [])
    if format == "graphml":
        assert list(parsed(format, []).iter(NODE)) == []


def test_an_export_is_the_same_every_time():
    assert graphml.escape("<&>\"'") == "&lt;&amp;&gt;&quot;&#39;"
    for format in FORMATS:
        assert text(format, iter([WEI, LEFT])) == text(format, [WEI, LEFT])


# -- picture --------------------------------------------------------------------------------------


def drawn(facts, subject="Wei", **options):
    return ET.fromstring(picture.svg(facts, subject, **options).encode())  # noqa: S314


def frames(root):
    """(left, top, right, bottom) of every box of the picture: names, then labels."""
    found = []
    for group in root.iter(f"{SVG}g"):
        given = group.find(f"{SVG}rect").attrib
        x, y, width, height = (float(given[name]) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def neighbourhood(size, names, relations):
    """A connected graph: each name is joined to an earlier one, some to two."""
    named = [f"{names[n % len(names)]} {n}" for n in range(size)]
    joined = [(n, n * 7 // 16) for n in range(1, size)]
    joined += [(n, n // 3 + 1) for n in range(8, size, 5)]
    return [
        replace(
            WEI,
            id=f"fact:{number}",
            subject=named[min(pair)],
            relation=relations[number % len(relations)],
            object=named[max(pair)],
            state=("asserted", "superseded")[number % 4 == 3],
            valid_from=(None, WEI.valid_from)[number % 3 == 0],
        )
        for number, pair in enumerate(joined)
    ], named[0]


@pytest.mark.parametrize("size", [1, 2, 5, 12, 40])
@pytest.mark.parametrize("shape", ["tree", "star"])
@pytest.mark.parametrize(
    ("names", "relations"),
    [
        (["Wei", "Chengdu", "Lantern Robotics", "a cat named Mochi"], ["lives_in", "works_for"]),
        (["小伟", "成都", "清华大学物理系荣誉退休教授", "龙井茶"], ["lives_in", "friend_of"]),
    ],
)
def test_no_box_lies_over_another_and_all_lie_within_the_view(size, shape, names, relations):
    facts, subject = neighbourhood(size, names, relations)
    if shape == "star":
        facts = [replace(fact, subject=subject) for fact in facts if fact.object != subject]
    root = drawn(facts, subject, depth=9)
    boxes = frames(root)
    assert len(boxes) >= size
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = (
                one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
            )
            assert apart
    x, y, width, height = map(float, root.get("viewBox").split())
    assert x < min(box[0] for box in boxes)
    assert y < min(box[1] for box in boxes)
    assert x + width > max(box[2] for box in boxes)
    assert y + height > max(box[3] for box in boxes)


def test_a_picture_shows_the_facts_and_dashes_what_ended():
    root = drawn([WEI, LEFT, LIKES])
    shown = [element.text for element in root.iter(f"{SVG}text")]
    for word in ("Wei", "Chengdu", "lives in", "since 2025-03", "北京", "住在", "至 2025-03"):
        assert word in shown
    assert "小伟" not in shown
    dashed = [e for e in root.iter(f"{SVG}path") if e.get("stroke-dasharray")]
    assert len(dashed) == 2  # one fact, and the legend
    assert "holds no longer, or was denied" in shown


def test_a_long_name_is_cut_and_whole_in_its_tooltip():
    root = drawn([replace(WEI, object="名" * 5_000)])
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert max(map(len, texts)) < 80
    assert "名" * 5_000 in [element.text for element in root.iter(f"{SVG}title")]


def test_names_are_text_never_markup():
    hostile = "</title><script>alert(1)</script><a href='x' onload=\"y\">"
    root = drawn([replace(WEI, object=hostile, relation=hostile)])
    assert {element.tag for element in root.iter()} <= {
        SVG + name for name in ("svg", "title", "style", "rect", "path", "g", "text")
    }
    assert not [
        key for e in root.iter() for key in e.attrib if key.startswith("on") or "href" in key
    ]


def test_a_label_turns_no_text_around():
    (shown,) = {
        e.text
        for e in drawn([replace(WEI, object="\u202eevil\u202c")]).iter(f"{SVG}text")
        if e.text == "evil"
    }
    assert shown == "evil"


def test_depth_and_limit_bound_what_is_drawn_and_the_rest_is_counted():
    facts, subject = neighbourhood(40, ["Wei"], ["friend_of"])
    near = drawn(facts, subject, depth=1)
    names = {e.text for e in near.iter(f"{SVG}title")}
    assert "Wei 39" not in names
    few = [e.text for e in drawn(facts, subject, depth=9, limit=10).iter(f"{SVG}text")]
    assert sum(text.startswith("Wei ") for text in few) == 10
    assert any(re.fullmatch(r"\d+ more names within reach, not drawn", text) for text in few)


def test_a_clique_is_drawn_as_far_as_it_can_be_read():
    names = [f"N{number}" for number in range(20)]
    pairs = [(one, other) for one in names for other in names if one < other]
    facts = [replace(WEI, id=f"{a}{b}", subject=a, relation="likes", object=b) for a, b in pairs]
    root = drawn(facts, "N0", limit=20)
    assert len(frames(root)) == 20 + 30
    assert {e.text for e in root.iter(f"{SVG}text")} >= {
        *names,
        "160 more facts within reach, not drawn",
    }


def test_what_says_the_same_twice_is_drawn_once():
    wed = replace(WEI, relation="married_to", object="Lin")
    back = replace(wed, id="fact:9", subject="Lin", object="Wei")
    assert len(frames(drawn([wed, back]))) == 3
    parent = replace(wed, relation="parent_of")
    assert len(frames(drawn([parent, replace(back, relation="child_of")]))) == 3


def test_a_picture_is_the_same_every_time():
    facts, subject = neighbourhood(12, ["Wei"], ["friend_of"])
    assert picture.svg(facts, subject) == picture.svg(iter(facts), subject)


@given(FACTS, HOSTILE)
@settings(max_examples=40, deadline=None)
def test_a_picture_of_anything_is_well_formed(facts, other):
    subject = facts[0].subject if facts else other
    assert frames(drawn(facts, subject))


# -- words ----------------------------------------------------------------------------------------


def test_a_profile_joins_what_is_of_one_kind_and_keeps_the_sources():
    tea = replace(WEI, relation="likes", object="tea", valid_from=None, sources=("m3",))
    jazz = replace(tea, id="fact:8", object="jazz", sources=("m4", "m3"))
    assert wording.profile_lines([tea, jazz, WEI]) == [
        Sentence("Wei lives in Chengdu (from 2025-03-01).", ("m1", "m2")),
        Sentence("Wei likes tea and jazz.", ("m3", "m4")),
    ]
    both = [LIKES, replace(LIKES, id="fact:7", object="爵士乐")]
    both = [replace(fact, valid_from=None) for fact in both]
    assert wording.profile_lines(both)[0].text == "小伟喜欢龙井茶、爵士乐。"


def test_a_fact_known_by_its_end_only_has_no_beginning_on_the_timeline():
    ended = replace(LEFT, object="Beijing", sources=("m0",))
    said = {"m0": ended.valid_until}
    assert [event.event for event in wording.timeline_events([ended], said)] == ["ends"]
    denied = replace(ended, state="retracted")
    assert [event.event for event in wording.timeline_events([denied], said)] == ["denied"]
    before = {"m0": "2024-01-01T00:00:00Z"}
    assert [event.event for event in wording.timeline_events([ended], before)] == ["said", "ends"]
