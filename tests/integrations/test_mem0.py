"""Memories of mem0, in each shape in which they are handed out."""

import io
import json

import pytest

import remanence
from remanence.integrations import formats, mem0, scan
from remanence.integrations.incoming import Bad

ALEX = {
    "id": "f38b689d-6b24-45b7-bced-17fbb4d8bac7",
    "memory": "Alex is a vegetarian and allergic to nuts",
    "hash": "62bc074f56d1f909f1b4c2b639f56f6a",
    "metadata": {"topic": "food"},
    "created_at": "2024-07-25T23:57:00.108347-07:00",
    "updated_at": "2024-07-26T01:00:00-07:00",
    "user_id": "alex",
    "agent_id": "chef",
    "run_id": "r1",
}
WEI = {
    "id": "w1",
    "memory": "小伟住在成都",
    "hash": "0",
    "metadata": None,
    "created_at": None,
    "user_id": "wei",
}
PAGE = {"count": 2, "next": None, "previous": None, "results": [ALEX, WEI], "relations": []}

SHAPES = {
    "results": json.dumps(PAGE),
    "a page, indented": json.dumps(PAGE, indent=2, ensure_ascii=False),
    "a list": json.dumps([ALEX, WEI]),
    "a structured export": json.dumps({"memories": [ALEX, WEI]}),
    "a memory a line": f"{json.dumps(ALEX)}\n{json.dumps(WEI)}\n",
}


def read(text):
    return list(mem0.read(io.BytesIO(text.encode())))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_the_same(shape):
    assert formats.detect(SHAPES[shape].encode()[: formats.LOOK]) == "mem0"
    assert [(item.turn, item.namespace) for item in read(SHAPES[shape])] == [
        (item.turn, item.namespace) for item in read(SHAPES["a list"])
    ]


def test_fields_find_their_places_and_nothing_is_lost():
    item, _ = read(SHAPES["results"])
    assert item.namespace == "alex"
    turn = item.turn
    assert (turn.id, turn.text) == (ALEX["id"], ALEX["memory"])
    assert (turn.speaker, turn.session, turn.at) == ("chef", "r1", ALEX["updated_at"])
    kept = {name: value for name, value in ALEX.items() if name not in ("memory", "metadata")}
    assert turn.metadata == {"topic": "food", "mem0": kept}


@pytest.mark.parametrize(
    ("given", "speaker"),
    [({"role": "user"}, "user"), ({"role": "user", "actor_id": "小林"}, "小林"), ({}, None)],
)
def test_the_speaker_is_the_most_precise_that_is_there(given, speaker):
    (item,) = read(json.dumps([{"memory": "tea", **given}]))
    assert item.turn.speaker == speaker


def test_a_second_import_changes_nothing():
    anonymous = json.dumps([{"memory": "no id here", "user_id": "wei"}, ALEX])
    with remanence.open(":memory:", embedder="hash:8") as memory:
        reports = [formats.load(memory, io.BytesIO(anonymous.encode())) for _ in range(2)]
        assert [(report.new, report.known) for report in reports] == [(2, 0), (0, 2)]
        assert reports[0].namespaces == ("wei", "alex")
        assert memory.recall("vegetarian", namespace="alex")[0].source == ALEX["id"]


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"id": "1"}, "has none of memory, text, content"),
        ({"memory": 7}, "text is int"),
        ({"memory": "tea", "metadata": "x"}, "metadata is str"),
        ({"memory": "tea", "user_id": 7}, "namespace is int, not str: 7"),
        ({"memory": "tea", "created_at": 1747623093939}, "is not text"),
        ("tea", "is str, not an object"),
    ],
)
def test_a_bad_memory_is_named_with_its_line(record, problem):
    good, bad, after = read(
        "[\n" + json.dumps(ALEX) + ",\n" + json.dumps(record) + ",\n" + json.dumps(WEI) + "]"
    )
    assert bad.place == "memory 2 (line 3)"
    assert problem in bad.problem
    assert not bad.fatal
    assert (good.turn.id, after.turn.id) == (ALEX["id"], "w1")


@pytest.mark.parametrize(
    "cut", [1, 40, 200, len(SHAPES["results"]) - 20, len(SHAPES["results"]) - 1]
)
def test_a_file_that_is_cut_off_says_so_after_what_could_be_read(cut):
    *before, last = read(SHAPES["results"][:cut])
    assert isinstance(last, Bad)
    assert last.fatal
    assert all(not isinstance(item, Bad) for item in before)


def test_skip_bad_does_not_hide_a_file_that_is_cut_off():
    source = io.BytesIO(SHAPES["results"][:-20].encode())
    with (
        remanence.open(":memory:", embedder="hash:8") as memory,
        pytest.raises(remanence.InvalidInput, match="now remembered: 1"),
    ):
        formats.load(memory, source, skip_bad=True)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_size_of_a_chunk_changes_nothing(monkeypatch, shape, chunk):
    whole = read(SHAPES[shape])
    monkeypatch.setattr(scan, "CHUNK", chunk)
    assert read(SHAPES[shape]) == whole


def test_a_number_is_not_ended_by_the_end_of_a_chunk(monkeypatch):
    monkeypatch.setattr(scan, "CHUNK", 1)
    scanner = scan.Scanner(
        io.BytesIO(b' [1, 234, -5.75e2, true, [6, {}], {"a": [7]}, "\xe8\x8c\xb6"] ')
    )
    assert list(scanner.items()) == [1, 234, -575.0, True, [6, {}], {"a": [7]}, "茶"]
    assert scanner.peek() == ""
