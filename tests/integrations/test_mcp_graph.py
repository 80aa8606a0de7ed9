"""The reference memory server's graph in a namespace's log:

equal to lists in memory, and part of everything that memory does.
"""

import io
import json
import random
import threading

import pytest

import remanence
from remanence.errors import InvalidInput
from remanence.integrations import formats, jsonl, mcp_graph, mcp_memory
from remanence.integrations import mcp_operations as operations
from remanence.integrations.mcp_graph import Graphs

NAMES = ("Wei", "wei", "小伟", "Tidewater", "", " ", "a#1", "x" * 600)
KINDS = ("person", "公司", "")
TEXTS = ("lives in Chengdu", "住在成都", "tea", "", "long " * 900, "Is tall", "line\nbreak")
TYPES = ("works_at", "喜欢", "")


class Lists:
    """The naive twin: lists, searched from end to end."""

    def __init__(self):
        self.entities, self.relations = [], []

    def create_entities(self, given):
        new = [one for one in given if one["name"] not in [e["name"] for e in self.entities]]
        self.entities += [{**one, "observations": [*one["observations"]]} for one in new]
        return new

    def create_relations(self, given):
        new = [one for one in given if one not in self.relations]
        self.relations += new
        return new

    def add_observations(self, given):
        for one in given:
            if not any(e["name"] == one["entityName"] for e in self.entities):
                raise InvalidInput(f"Entity with name {one['entityName']} not found")
        results = []
        for one in given:
            entity = next(e for e in self.entities if e["name"] == one["entityName"])
            new = [text for text in one["contents"] if text not in entity["observations"]]
            entity["observations"] += new
            results.append({"entityName": one["entityName"], "addedObservations": new})
        return results

    def delete_entities(self, names):
        self.entities = [e for e in self.entities if e["name"] not in names]
        self.relations = [
            r for r in self.relations if r["from"] not in names and r["to"] not in names
        ]

    def delete_observations(self, given):
        for one in given:
            for entity in [e for e in self.entities if e["name"] == one["entityName"]][:1]:
                kept = [o for o in entity["observations"] if o not in one["observations"]]
                entity["observations"] = kept

    def delete_relations(self, given):
        self.relations = [r for r in self.relations if r not in given]


def calls(rng, many):
    """Calls that meet: (name, what it is given)."""

    def some(pool):
        return [rng.choice(pool) for _ in range(rng.randint(0, 3))]

    def relation(_):
        keys = ("from", "to", "relationType")
        return dict(
            zip(keys, (rng.choice(NAMES), rng.choice(NAMES), rng.choice(TYPES)), strict=True)
        )

    for _ in range(many):
        name, kind = rng.choice(NAMES), rng.choice(KINDS)
        yield rng.choice(
            (
                (
                    "create_entities",
                    [
                        {"name": n, "entityType": kind, "observations": some(TEXTS)}
                        for n in some(NAMES)
                    ],
                ),
                ("create_relations", [relation(n) for n in some(NAMES)]),
                ("add_observations", [{"entityName": name, "contents": some(TEXTS)}]),
                ("delete_observations", [{"entityName": name, "observations": some(TEXTS)}]),
                ("delete_relations", [relation(n) for n in some(NAMES)]),
                ("delete_entities", some(NAMES)),
            )
        )


@pytest.fixture
def memory():
    with remanence.open(":memory:", embedder="hash:8") as opened:
        yield opened


def do(graphs, name, given, namespace="default"):
    return graphs.change(namespace, getattr(operations, name)(given))


def test_it_is_what_lists_in_memory_would_be_and_what_a_fresh_look_finds(memory):
    rng = random.Random(3)
    graphs, lists = Graphs(memory), Lists()
    for number, (name, given) in enumerate(calls(rng, 220)):
        try:
            wanted = getattr(lists, name)(given)
        except InvalidInput as error:
            with pytest.raises(InvalidInput, match="not found"):
                do(graphs, name, given)
            assert str(error).startswith("Entity with name")
            continue
        assert do(graphs, name, given) == wanted
        expected = {"entities": lists.entities, "relations": lists.relations}
        assert graphs.read("default").json() == expected
        if number % 20 == 0:
            assert Graphs(memory).read("default").json() == expected


def test_recall_and_facts_see_it_and_forgetting_reaches_it(memory):
    graphs = Graphs(memory)
    told = ["Lives in Chengdu", "喜欢喝茶"]
    do(graphs, "create_entities", [{"name": "Wei", "entityType": "person", "observations": told}])
    ends = {"from": "Wei", "to": "Tidewater", "relationType": "reports-to"}
    do(graphs, "create_relations", [ends, {**ends, "to": "小明", "relationType": "喜欢"}])
    assert memory.recall("Chengdu")[0].text == "Wei lives in Chengdu"
    assert memory.recall("茶")[0].text == "Wei: 喜欢喝茶"
    known = {(fact.relation, fact.object) for fact in memory.facts(subject="Wei")}
    assert known == {("lives_in", "Chengdu"), ("reports_to", "Tidewater"), ("likes", "小明")}
    memory.forget(namespace="default", subject="Tidewater")
    assert graphs.read("default").json()["relations"] == [
        {"from": "Wei", "to": "小明", "relationType": "喜欢"}
    ]
    memory.forget(namespace="default", everything=True)
    assert graphs.read("default").json() == {"entities": [], "relations": []}
    do(graphs, "create_entities", [{"name": "Wei", "entityType": "person", "observations": []}])
    assert [e.name for e in graphs.read("default").entities] == ["Wei"]


def test_what_is_deleted_is_in_no_file(tmp_path):
    path = tmp_path / "memory.db"
    with remanence.open(str(path), embedder="hash:8") as memory:
        graphs = Graphs(memory)
        entity = {"name": "Wei", "entityType": "p", "observations": ["seldomword", "stays"]}
        do(graphs, "create_entities", [entity])
        do(graphs, "delete_observations", [{"entityName": "Wei", "observations": ["seldomword"]}])
        files = b"".join(file.read_bytes() for file in tmp_path.glob("memory.db*"))
        assert b"seldomword" not in files
        assert b"stays" in files
    with remanence.open(str(path)) as memory:
        assert Graphs(memory).read("default").json()["entities"][0]["observations"] == ["stays"]


def test_an_imported_file_is_the_graph_and_a_deletion_of_all_that_was_observed_leaves_the_entity(
    memory,
):
    lines = [
        {
            "type": "entity",
            "name": "小伟",
            "entityType": "person",
            "observations": ["住在成都", "x " * 2_000],
        },
        {"type": "entity", "name": "Tidewater", "entityType": "company", "observations": []},
        {"type": "relation", "from": "小伟", "to": "Tidewater", "relationType": "works_at"},
    ]
    file = "".join(json.dumps(line) + "\n" for line in lines).encode()
    formats.load(memory, io.BytesIO(file))
    graphs = Graphs(memory)
    found = graphs.read("default").json()
    assert found["entities"] == [
        {k: v for k, v in line.items() if k != "type"} for line in lines[:2]
    ]
    gone = lines[0]["observations"]
    do(graphs, "delete_observations", [{"entityName": "小伟", "observations": gone}])
    left = graphs.read("default").json()["entities"]
    assert [(e["name"], e["observations"]) for e in left] == [("小伟", []), ("Tidewater", [])]
    before = list(jsonl.lines(memory))
    do(graphs, "create_relations", [{k: v for k, v in lines[2].items() if k != "type"}])
    assert list(jsonl.lines(memory)) == before


def test_a_long_observation_of_which_a_part_is_forgotten_is_no_part_of_the_graph(memory):
    graphs = Graphs(memory)
    entity = {"name": "Wei", "entityType": "p", "observations": ["word " * 1_500]}
    do(graphs, "create_entities", [entity])
    long = next(e for e in memory.recall("word") if "#" in e.id)
    memory.forget(namespace="default", id=long.id)
    for look in (graphs, Graphs(memory)):
        assert look.read("default").json()["entities"][0]["observations"] == []


@pytest.mark.parametrize(
    "about",
    [
        "text",
        3,
        {"type": "entity"},
        {"type": "relation", "from": 1},
        {"type": ["entity"]},
        {"type": "entity", "name": "a", "entityType": "b", "twin": "c"},
    ],
)
def test_what_somebody_else_keeps_under_the_same_key_is_no_part_of_the_graph(memory, about):
    memory.remember("something", metadata={mcp_memory.KEY: about})
    assert Graphs(memory).read("default").json() == {"entities": [], "relations": []}


def test_writers_at_the_same_time_lose_nothing(memory):
    """Two sets of threads with a `Graphs` of their own, as two processes have."""
    several = [Graphs(memory), Graphs(memory)]

    def work(number):
        entity = {"name": f"e{number % 8}", "entityType": "p", "observations": []}
        do(several[number % 2], "create_entities", [entity])
        told = [{"entityName": f"e{number % 8}", "contents": [f"o{number}"]}]
        do(several[number % 2], "add_observations", told)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = several[0].read("default").json()["entities"]
    assert sorted(entity["name"] for entity in found) == [f"e{number}" for number in range(8)]
    assert sum(len(entity["observations"]) for entity in found) == 16


def test_a_change_that_is_always_overtaken_says_so_and_writes_nothing(memory, monkeypatch):
    monkeypatch.setattr(mcp_graph, "TRIES", 3)
    graphs, other = Graphs(memory), Graphs(memory)
    tries = []

    def plan(graph):
        tries.append(graph)
        entity = {"name": f"n{len(tries)}", "entityType": "", "observations": []}
        other.change("default", operations.create_entities([entity]))
        return operations.create_entities([{**entity, "name": "mine"}])(graph)

    with pytest.raises(remanence.errors.StoreBusy, match="3 times"):
        graphs.change("default", plan)
    assert [e.name for e in graphs.read("default").entities] == ["n1", "n2", "n3"]


def test_a_namespace_that_is_forgotten_and_used_again_meanwhile_is_looked_at_anew(memory):
    graphs = Graphs(memory)
    do(graphs, "create_entities", [{"name": "Wei", "entityType": "p", "observations": []}])
    tries = []

    def plan(graph):
        tries.append([entity.name for entity in graph.entities])
        if len(tries) == 1:
            memory.forget(namespace="default", everything=True)
            memory.remember("something else")
        return operations.add_observations([{"entityName": "Wei", "contents": ["tea"]}])(graph)

    with pytest.raises(InvalidInput, match="Wei not found"):
        graphs.change("default", plan)
    assert tries == [["Wei"], []]
