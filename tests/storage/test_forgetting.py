"""A forgotten word is in no file of the store, byte for byte."""

import random
import re
from pathlib import Path

import pytest

import remanence
from remanence.errors import InvalidInput

MARK = re.compile(rb"zq[0-9]{6}qz")


def word(number):
    """A word that occurs nowhere else and in no other word."""
    return f"zq{number:06d}qz"


def on_disk(path):
    """The marked words in every file of the store."""
    files = Path(path).parent.glob(Path(path).name + "*")
    return {found.decode() for file in files for found in MARK.findall(file.read_bytes())}


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_no_forgotten_word_is_left_after_any_history(tmp_path, seed, monkeypatch):
    """Random writes, new versions and forgettings, long and short, then a look at the bytes.

    The same histories leave words behind when rows are deleted instead of blanked: SQLite's
    secure_delete does not reach copies that page rebalancing left.
    """
    monkeypatch.setattr("remanence.storage.forgetting.SPARSE", 10**9)  # blanking alone must do
    rng = random.Random(seed)
    path = str(tmp_path / "store.db")
    live: dict[str, set[str]] = {}
    made = 0
    with remanence.open(path, embedder="hash:32") as memory:
        for _ in range(25):
            turns = []
            for _ in range(rng.randint(1, 120)):
                made += 1
                id = f"id{rng.randint(0, 900)}"
                text = f"{word(made)} " * rng.choice([1, 1, 2, 8, 40, 500])
                turns.append(remanence.Turn(text, id=id, speaker=word(made), session=word(made)))
                live.setdefault(id, set()).add(word(made))
            memory.remember(turns, namespace="n")
            for id in rng.sample(sorted(live), min(len(live), rng.randint(0, 60))):
                receipt = memory.forget(namespace="n", id=id)
                assert receipt.wal == "emptied"
                del live[id]
        kept = set().union(*live.values())
        assert on_disk(path) == kept
    assert on_disk(path) == kept


def test_words_in_ids_metadata_and_namespaces_go_too(tmp_path):
    path = str(tmp_path / "store.db")
    with remanence.open(path, embedder="hash:32") as memory:
        memory.remember(
            "something", id=word(1), session=word(2), metadata={word(3): word(4)}, namespace=word(5)
        )
        assert on_disk(path) == {word(n) for n in range(1, 6)}
        memory.forget(namespace=word(5), everything=True)
        assert on_disk(path) == set()
        memory.remember("again", namespace=word(5))
        assert [r.text for r in memory.recall("again", namespace=word(5))] == ["again"]


@pytest.mark.slow
def test_a_large_forgetting_gives_the_room_back(tmp_path, monkeypatch):
    monkeypatch.setattr("remanence.storage.forgetting.SPARSE", 100)
    path = tmp_path / "store.db"
    with remanence.open(str(path), embedder="hash:32") as memory:
        memory.remember([f"{word(n)} {'x ' * 200}" for n in range(3000)], namespace="gone")
        memory.remember("what stays", namespace="kept", id="stay")
        before = memory.store.engine.size()
        memory.forget(namespace="gone", everything=True)
        assert path.stat().st_size < before / 10
        assert on_disk(path) == set()
        assert [r.id for r in memory.recall("stays", namespace="kept")] == ["stay"]
        memory.remember("new", namespace="kept", id="new")
        assert [r.id for r in memory.recall("new", namespace="kept", k=1)] == ["new"]


def test_the_receipt_counts_every_layer(plain):
    plain.remember("one two three", id="a", namespace="n")
    plain.remember("one two four", id="a", namespace="n")
    plain.remember("one", id="b", namespace="n")
    receipt = plain.forget(namespace="n", id="a")
    assert (receipt.episodes, receipt.versions, receipt.vectors) == (1, 2, 2)
    assert receipt.terms == 6  # three index entries for each version
    assert receipt.selector == {"id": "a"}
    assert [r.id for r in plain.recall("one two", namespace="n")] == ["b"]


def test_each_selector_reaches_what_it_names_and_nothing_else(plain):
    def ids():
        return {r.id for r in plain.recall("note", namespace="n", k=50)}

    for number, (speaker, session, at) in enumerate(
        [("Wei", "s1", "2025-01-01"), ("Wei", "s2", "2025-02-01"), ("Ana", "s1", "2025-03-01")]
    ):
        plain.remember(
            f"note {number}", id=str(number), speaker=speaker, session=session, at=at, namespace="n"
        )
    plain.remember("note 3", id="3", namespace="n", at="2025-12-01")
    plain.remember("note other", id="0", namespace="other", speaker="Wei", session="s1")
    plain.forget(namespace="n", speaker="Wei", session="s1")
    assert ids() == {"1", "2", "3"}
    plain.forget(namespace="n", before="2025-02-15")
    assert ids() == {"2", "3"}
    plain.forget(namespace="n", session="s1")
    assert ids() == {"3"}
    plain.forget(namespace="n", everything=True)
    assert ids() == set()
    assert len(plain.recall("note", namespace="other")) == 1


def test_a_part_of_a_document_can_go_alone(plain):
    text = "".join(f"Paragraph {n} about topic{n}. " + "filler words here. " * 60 for n in range(8))
    parts = plain.remember(text, id="report", namespace="n")
    assert len(parts) > 3
    assert plain.forget(namespace="n", id="report#2").versions == 1
    left = [r.id for r in plain.recall("topic", namespace="n", k=50)]
    assert "report#2" not in left
    assert "report#1" in left
    assert plain.forget(namespace="n", id="report").versions == len(parts) - 1


def test_a_name_that_looks_like_a_part_means_what_was_named_so(plain):
    text = "".join(f"Paragraph {n}. " + "filler words here. " * 60 for n in range(8))
    parts = plain.remember(text, id="report", namespace="n")
    plain.remember("a note of my own", id="report#2", namespace="n")
    plain.remember("report#2 elsewhere", id="report#2", namespace="other")
    assert plain.forget(namespace="n", id="report#2").versions == 1
    left = [r.text for r in plain.recall("paragraph note", namespace="n", k=50)]
    assert sorted(left) == sorted(part.text for part in parts)
    assert plain.forget(namespace="n", id="report#2").versions == 1, "now the part is meant"


@pytest.mark.parametrize("id", ["report#99999999999999999999", "report#\u0663", "report#²", "#3"])
def test_what_only_resembles_a_part_forgets_none(plain, id):
    plain.remember("filler words here. " * 1000, id="report", namespace="n")
    assert plain.forget(namespace="n", id=id).versions == 0


def test_what_is_not_there_is_forgotten_without_fuss(plain):
    receipt = plain.forget(namespace="never", id="none")
    assert (receipt.episodes, receipt.versions, receipt.terms, receipt.vectors) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "needs to know what"),
        ({"id": "a", "everything": True}, "contradict"),
        ({"before": "soon"}, "no date or time"),
        ({"id": ""}, "empty"),
        ({"subject": "🐈"}, "no letter or digit"),
        ({"subject": "!!!"}, "no letter or digit"),
        ({"subject": "明"}, "one character"),
        ({"subject": "김"}, "one character"),
        ({"before": "0001-01-01T00:00:00+08:00"}, "before=.*years 1 to 9999"),
    ],
)
def test_an_unclear_wish_forgets_nothing(plain, given, says):
    plain.remember("kept", namespace="n")
    with pytest.raises(InvalidInput, match=says):
        plain.forget(namespace="n", **given)
    assert len(plain.recall("kept", namespace="n")) == 1


def test_forgetting_requires_a_namespace(plain):
    with pytest.raises(TypeError, match="namespace"):
        plain.forget(everything=True)


def test_older_versions_go_with_the_newest(tmp_path):
    """A version that the selector does not name would otherwise lie hidden behind nothing."""
    path = str(tmp_path / "store.db")
    with remanence.open(path, embedder="hash:32") as memory:
        memory.remember(word(1), id="v", session="x", namespace="n")
        memory.remember(word(2), id="v", session="y", namespace="n")
        assert memory.forget(namespace="n", session="y").versions == 2
        assert on_disk(path) == set()


def test_a_debt_is_paid_by_whoever_comes_next(tmp_path):
    """The process that forgot could not empty the log; the next opening, of any process, does."""
    path = str(tmp_path / "store.db")
    with remanence.open(path, embedder="hash:32") as memory:
        memory.remember(word(1), id="a", namespace="n")
        with memory.store.reading() as reader:
            list(reader.all("SELECT count(*) FROM episode"))
            memory.remember(word(2), id="b", namespace="n")
            assert memory.forget(namespace="n", id="a").wal == "pending"
            assert word(1) in on_disk(path)
        with remanence.open(path):
            assert on_disk(path) == {word(2)}
