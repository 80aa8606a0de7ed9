"""The memory file of the reference MCP memory server."""

import io
import json

import pytest

import remanence
from remanence.integrations import formats, jsonl, mcp_memory

LINES = [
    {
        "type": "entity",
        "name": "小伟",
        "entityType": "person",
        "observations": ["住在成都", "is allergic to peanuts"],
    },
    {"type": "entity", "name": "Tidewater", "entityType": "company", "observations": []},
    {"type": "relation", "from": "小伟", "to": "Tidewater", "relationType": "works_at"},
]


def source(lines=LINES):
    return io.BytesIO(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    )


def test_every_observation_and_relation_reads_as_a_sentence():
    assert [item.turn.text for item in mcp_memory.read(source())] == [
        "小伟: 住在成都",
        "小伟 is allergic to peanuts",
        "Tidewater (company)",
        "小伟 works at Tidewater",
    ]


def test_the_graph_can_be_made_again_from_the_metadata():
    told = [item.turn.metadata["mcp"] for item in mcp_memory.read(source())]
    entities = {}
    for each in told:
        if each["type"] == "entity":
            observations = entities.setdefault((each["name"], each["entityType"]), [])
            observations += [each["observation"]] if "observation" in each else []
    relations = [each for each in told if each["type"] == "relation"]
    made = [
        {"type": "entity", "name": name, "entityType": kind, "observations": observations}
        for (name, kind), observations in entities.items()
    ]
    assert [*made, *relations] == LINES


def test_recall_finds_what_was_observed_and_a_second_import_changes_nothing():
    with remanence.open(":memory:", embedder="hash:8") as memory:
        assert formats.load(memory, source()).new == 4
        before = list(jsonl.lines(memory))
        again = formats.load(memory, source())
        assert (again.format, again.new, again.known) == ("mcp", 0, 4)
        assert list(jsonl.lines(memory)) == before
        assert memory.recall("peanuts")[0].text == "小伟 is allergic to peanuts"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"type": "entity", "name": "Wei", "observations": "tea"}, "an entity has"),
        ({"type": "entity", "name": "Wei", "observations": [1]}, "an entity has"),
        ({"type": "entity", "entityType": "person"}, "an entity has"),
        ({"type": "relation", "from": "a", "to": "b"}, "a relation has"),
        ({"type": ["entity"]}, "neither 'entity' nor 'relation'"),
        ({"name": "Wei"}, "neither 'entity' nor 'relation'"),
        ({"type": "entity", "name": "Wei", "observations": ["\0"]}, "NUL"),
    ],
)
def test_a_bad_line_is_named(line, problem):
    *_, bad = mcp_memory.read(source([LINES[0], line]))
    assert bad.place == "line 2"
    assert problem in bad.problem
