"""Export and import: what comes back is what went out."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remanence
from remanence.integrations import formats, incoming, jsonl
from remanence.types import Turn

# Any character that a store takes, those that break careless formats more often than others.
CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    st.sampled_from("\n\r\t\"'\\{}[],:#\u2028\u2029\u200f\u202e\ufeff\u3000龙井茶，。𠮷é "),
)
TEXTS = st.text(CHARACTERS, min_size=1, max_size=40).filter(lambda text: not text.isspace())
LONG = st.builds(
    lambda text, more: f"{text}。{text}\n\n" * (4_000 // (2 * len(text) + 3) + more),
    TEXTS,
    st.integers(1, 100),
)
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12
).filter(str.strip)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS, max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(CHARACTERS, max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
TURNS = st.builds(
    Turn,
    text=TEXTS | TEXTS | TEXTS | LONG,
    speaker=st.none() | NAMES,
    session=st.none() | st.sampled_from(["s1", "会话#2"]),
    at=st.none() | st.datetimes(timezones=st.timezones()),
    id=st.none() | st.sampled_from(["a", "a#1", "b", "文档"]),  # few, so that versions arise
    metadata=st.none() | st.dictionaries(st.text(CHARACTERS, max_size=8), JSON, max_size=3),
)
LOG = st.lists(st.tuples(st.sampled_from(["wei", "名字 空间"]), TURNS), max_size=12)


def opened():
    return remanence.open(":memory:", embedder="hash:8")


def exported(memory, *drop, history=False):
    rows = [json.loads(line) for line in jsonl.lines(memory, history=history)]
    return [json.dumps({k: v for k, v in row.items() if k not in drop}) for row in rows]


def load(memory, lines, **options):
    data = "".join(f"{line}\n" for line in lines).encode()
    return formats.load(memory, io.BytesIO(data), **options)


@settings(deadline=None, max_examples=40)
@given(LOG)
def test_a_history_comes_back_byte_for_byte(log):
    with opened() as first, opened() as second:
        for namespace, turn in log:
            first.remember(turn, namespace=namespace)
        lines = list(jsonl.lines(first, history=True))
        assert len(lines) == jsonl.total(first, history=True)
        load(second, lines)
        assert exported(second, "recorded_at", history=True) == exported(
            first, "recorded_at", history=True
        )


@settings(deadline=None, max_examples=40)
@given(LOG)
def test_what_is_current_comes_back_as_a_first_version(log):
    """Older versions stay behind, so the second store counts anew; nothing else differs."""
    with opened() as first, opened() as second:
        for namespace, turn in log:
            first.remember(turn, namespace=namespace)
        lines = list(jsonl.lines(first))
        assert len(lines) == jsonl.total(first)
        load(second, lines)
        assert exported(second, "recorded_at", "version") == exported(
            first, "recorded_at", "version"
        )


@settings(deadline=None, max_examples=40)
@given(LOG, st.booleans())
def test_an_import_into_the_same_store_changes_nothing(log, history):
    with opened() as memory:
        for namespace, turn in log:
            memory.remember(turn, namespace=namespace)
        before = exported(memory, history=True)
        report = load(memory, list(jsonl.lines(memory, history=history)))
        assert exported(memory, history=True) == before
        assert report.new == 0


def test_a_batch_boundary_changes_nothing(monkeypatch):
    monkeypatch.setattr(incoming, "BATCH", 3)
    with opened() as first, opened() as second:
        first.remember([Turn(f"text {n}", id=f"m{n % 7}") for n in range(20)])
        first.remember("第一段。\n\n" * 2_000, id="long")
        load(second, jsonl.lines(first, history=True))
        assert exported(second, "recorded_at", history=True) == exported(
            first, "recorded_at", history=True
        )


def test_the_parts_of_a_document_are_joined():
    text = "段落一。Paragraph one.\n\n" * 400
    with opened() as memory:
        pieces = memory.remember(text, id="book")
        lines = list(jsonl.lines(memory))
    assert [json.loads(line)["part"] for line in lines] == list(range(1, len(pieces) + 1))
    (item,) = jsonl.read(line.encode() for line in lines)
    assert (item.turn.text, item.turn.id) == (text, "book")


def test_a_document_with_a_forgotten_part_is_not_sewn_together():
    text = "".join(f"Sentence {n} of a book. " for n in range(400))
    with opened() as first, opened() as second:
        pieces = [piece.text for piece in first.remember(text, id="book")]
        first.forget(namespace="default", id="book#2")
        load(second, jsonl.lines(first))
        held = {}
        for row in map(json.loads, jsonl.lines(second)):
            held[row["id"]] = held.get(row["id"], "") + row["text"]
    assert held == {"book": pieces[0], "book#3": "".join(pieces[2:])}


def test_a_minimal_line_is_enough():
    with opened() as memory:
        report = load(memory, ['{"text":"茶"}', "", '{"text":"tea"}'])
        assert (report.turns, report.new) == (2, 2)
        assert memory.recall("茶")[0].text == "茶"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"tea", "is not JSON"),
        (b'["tea"]', "one JSON object a line"),
        (b'{"text":"caf\xe9"}', "is not UTF-8 (invalid continuation byte at byte 12)"),
        (b"{}", "has no text"),
        (b'{"text":" "}', "text is empty"),
        (b'{"text":"\\u0000"}', "NUL"),
        (b'{"text":"\\ud800"}', "lone surrogate"),
        (b'{"text":"tea","content":1}', "unknown field 'content'"),
        (b'{"text":"tea","part":-1}', "part=-1"),
        (b'{"text":"tea","part":true}', "part=True"),
        (b'{"text":"tea","version":0}', "version=0"),
        (b'{"text":"tea","namespace":7}', "namespace is int"),
        (b'{"text":"tea","namespace":" "}', "namespace is empty"),
        (b'{"text":"tea","at":"soon"}', "at='soon'"),
        (b'{"text":"tea","at":"0001-01-01T00:00:00+08:00"}', "years 1 to 9999"),
        (b'{"text":"tea","at":1742461200}', "at=1742461200"),
        (b'{"text":"tea","speaker":"a\\nb"}', "one line of text"),
        (b'{"text":"tea","metadata":[1]}', "metadata is list"),
        (b'{"text":"tea","metadata":{"a":NaN}}', "cannot be kept as JSON"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_a_bad_line_is_named_with_its_problem(line, problem):
    (bad,) = jsonl.read([line])
    assert bad.place == "line 1"
    assert problem in bad.problem


def test_a_bad_line_stops_the_import_after_what_stands_before_it():
    with opened() as memory:
        with pytest.raises(remanence.InvalidInput, match=r"line 3: .*now remembered: 2"):
            load(memory, ['{"text":"a"}', '{"text":"b"}', "{}", '{"text":"c"}'])
        assert [json.loads(line)["text"] for line in jsonl.lines(memory)] == ["a", "b"]


def test_an_export_of_an_unknown_namespace_is_refused():
    with opened() as memory, pytest.raises(remanence.InvalidInput, match="holds nothing"):
        list(jsonl.lines(memory, ["nobody"]))


@pytest.mark.slow
def test_an_import_holds_no_more_than_a_batch():
    """A stream that never ends is remembered batch by batch, without waiting for its end."""
    with opened() as memory:

        def endless():
            for number in range(10 * incoming.BATCH):
                assert number - remembered(memory) <= incoming.BATCH
                yield f'{{"text":"tea {number}"}}'.encode()

        incoming.remember(memory, jsonl.read(endless()), format="jsonl")


def remembered(memory):
    with memory.store.reading() as connection:
        return connection.one("SELECT count(*) FROM episode")[0]
