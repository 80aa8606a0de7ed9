"""The index in memory: kept up row by row, it equals one built at once."""

import random
import tracemalloc

import numpy as np
import pytest

import remanence
from remanence.embed.port import identity
from remanence.retrieval.dense import Dense
from remanence.retrieval.index import NONE, Index, IndexProjection
from remanence.storage import episodes
from remanence.storage.replicas import Replicas, fresh


def projection(memory):
    embedder = memory.embedder
    return IndexProjection(lambda: Dense(embedder.dim, embedder.centre), identity(embedder))


def loaded(memory, namespace):
    with memory.namespace(namespace).reading() as (rows, number):
        return fresh(projection(memory), rows, number)


def sight(index):
    """What recall can tell of an index: each live row, by id, with its neighbours' ids."""
    ids = index.column("id")

    def name(row):
        return None if row == NONE else int(ids[row])

    return {
        int(ids[row]): (
            int(index.column("at")[row]),
            int(index.column("shape")[row]),
            name(index.column("previous")[row]),
            name(index.column("next")[row]),
            float(index.lexical.lengths[row]),
        )
        for row in np.flatnonzero(index.column("alive"))
    }


def as_the_log_has_it(memory, namespace, session):
    with memory.namespace(namespace).reading() as (rows, number):
        return [
            episode
            for episode in episodes.log(rows, number, namespace, history=False)
            if episode.session == session
        ][::-1]


def read_still(memory, numbers):
    with memory.store.reading() as rows:
        return list(episodes.still(rows, "n", numbers))


@pytest.mark.parametrize("turns", [0, 1, 39, 40, 41, 90])  # pages hold forty
def test_the_latest_of_a_session_are_those_of_the_log(plain, turns):
    plain.remember("elsewhere", session="other", namespace="n")
    said = [{"text": f"turn {n}", "id": str(n), "session": "s"} for n in range(turns)]
    plain.remember(said, namespace="n")
    for n in range(0, turns, 15):  # a new version, one that moves to another session, one forgotten
        plain.remember(f"turn {n}, better", id=str(n), session="s", namespace="n")
        plain.remember(f"turn {n + 1}, elsewhere", id=str(n + 1), session="other", namespace="n")
        plain.forget(namespace="n", id=str(n + 2))
    numbers = loaded(plain, "n").latest("s")
    expected = as_the_log_has_it(plain, "n", "s")
    assert read_still(plain, numbers) == expected
    plain.forget(namespace="n", id="0")  # since the index was looked at
    assert read_still(plain, numbers) == [each for each in expected if each.id != "0"]


@pytest.mark.parametrize("seed", range(5))
def test_following_the_log_equals_loading_it(plain, seed):
    """Random turns, new versions and forgettings, looked at now and then."""
    rng = random.Random(seed)
    plain.remember("the first", id="0", session="s0", namespace="n")
    replicas = Replicas(projection(plain), plain.store.engine, 10**9)
    for _ in range(60):
        for _ in range(rng.randint(1, 4)):
            action = rng.random()
            id = str(rng.randint(0, 40))
            if action < 0.75:
                text = " ".join(
                    rng.choices(["alpha", "beta", "gamma", "delta"], k=rng.randint(1, 6))
                )
                session = rng.choice([None, "s0", "s1", "s2"])
                plain.remember(text, id=id, session=session, namespace="n")
            elif action < 0.95:
                plain.forget(namespace="n", id=id)
            else:
                plain.remember("sentence here. " * 400, id=id, namespace="n")
        if rng.random() < 0.5:
            with replicas.opened("n") as replica:
                followed = replica.held
            assert sight(followed) == sight(loaded(plain, "n"))
            terms = [(term, 1.0) for term in (1, 2)]
            assert followed.live == loaded(plain, "n").live
            assert followed.lexical.mean_length == pytest.approx(
                loaded(plain, "n").lexical.mean_length
            )
            assert terms


def test_a_new_version_stands_where_the_old_one_stood(plain):
    for number in range(3):
        plain.remember(f"turn {number}", id=str(number), session="s", namespace="n")
    plain.remember("turn one, mended", id="1", session="s", namespace="n")
    index = loaded(plain, "n")
    ids = index.column("id").tolist()
    mended = ids.index(4)
    assert ids[index.column("previous")[mended]] == 1
    assert ids[index.column("next")[mended]] == 3


def test_the_longest_unused_index_is_dropped(plain):
    for namespace in ("a", "b", "c"):
        plain.remember("something", namespace=namespace)
        plain.recall("something", namespace=namespace)
    assert list(plain.indexes.single._replicas) == ["a", "b", "c"]
    plain.indexes.single._limit = 1
    plain.remember("more", namespace="c")
    plain.recall("more", namespace="c")
    assert list(plain.indexes.single._replicas) == ["c"]
    assert [r.text for r in plain.recall("something", namespace="a")] == ["something"]


def test_a_reader_process_sees_what_another_committed(tmp_path):
    """Two memories on one file, as two processes have them:

    each sees the other's writes at once.
    """
    path = str(tmp_path / "shared.db")
    with remanence.open(path, embedder="hash:64") as one, remanence.open(path) as other:
        one.remember("the cat sat", id="cat", namespace="n")
        assert [r.id for r in other.recall("cat", namespace="n")] == ["cat"]
        other.remember("the cat left", id="cat", namespace="n")
        assert [r.text for r in one.recall("cat", namespace="n")] == ["the cat left"]
        one.forget(namespace="n", id="cat")
        assert other.recall("cat", namespace="n") == []
        one.remember("the cat is back", id="cat", namespace="n")
        assert [r.text for r in other.recall("cat", namespace="n")] == ["the cat is back"]


def test_forgetting_very_much_is_followed_too(tmp_path, monkeypatch):
    monkeypatch.setattr("remanence.storage.feed.LISTED", 10)
    path = str(tmp_path / "shared.db")
    with remanence.open(path, embedder="hash:64") as one, remanence.open(path) as other:
        one.remember([f"number {n}" for n in range(50)], session="s", namespace="n")
        one.remember("number last", id="last", namespace="n")
        assert len(other.recall("number", namespace="n", k=100)) == 51
        one.forget(namespace="n", session="s")
        assert [r.id for r in other.recall("number", namespace="n", k=100)] == ["last"]


def test_a_reader_that_slept_through_the_retired_list_loads_anew(tmp_path, monkeypatch):
    monkeypatch.setattr("remanence.storage.feed.KEPT_RETIRED", 3)
    path = str(tmp_path / "shared.db")
    with remanence.open(path, embedder="hash:64") as one, remanence.open(path) as other:
        one.remember([remanence.Turn(f"number {n}", id=str(n)) for n in range(20)], namespace="n")
        assert len(other.recall("number", namespace="n", k=100)) == 20
        for n in range(10):
            one.forget(namespace="n", id=str(n))
        assert len(other.recall("number", namespace="n", k=100)) == 10


def test_what_was_trimmed_for_another_namespace_is_not_believed_any_more(tmp_path, monkeypatch):
    """The only notice of a forgetting in `n` is trimmed by forgettings in `o`;

    a reader still follows.
    """
    monkeypatch.setattr("remanence.storage.feed.KEPT_RETIRED", 3)
    path = str(tmp_path / "shared.db")
    with remanence.open(path, embedder="hash:64") as one, remanence.open(path) as other:
        one.remember("I live in Chengdu.", speaker="Wei", id="w", namespace="n")
        one.remember("kept", id="k", namespace="n")
        assert len(other.recall("Chengdu kept", namespace="n")) == 2
        assert len(other.facts(namespace="n")) == 1
        one.forget(namespace="n", id="w")
        one.remember([remanence.Turn(f"number {n}", id=str(n)) for n in range(9)], namespace="o")
        for n in range(9):
            one.forget(namespace="o", id=str(n))
        assert [r.id for r in other.recall("Chengdu kept", namespace="n")] == ["k"]
        assert other.facts(namespace="n") == []


def test_an_interrupted_load_starts_again(plain, monkeypatch):
    monkeypatch.setattr("remanence.retrieval.index._LOAD", 10)
    plain.remember([f"number {n}" for n in range(30)], namespace="n")
    append, calls = Index.append, []

    def failing(self, block):
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError
        append(self, block)

    monkeypatch.setattr(Index, "append", failing)
    with pytest.raises(MemoryError):
        plain.recall("number", namespace="n", k=100)
    found = plain.recall("number", namespace="n", k=100)
    assert len(found) == len({item.id for item in found}) == 30


def test_a_namespace_that_is_not_there_leaves_no_index_behind(plain):
    with plain.indexes.single.opened("nobody") as replica:
        assert replica.number == 0
        assert len(replica.held) == 0
    assert not plain.indexes.single._replicas


def test_rows_of_forgotten_episodes_are_dropped_once_they_are_the_most(plain, monkeypatch):
    monkeypatch.setattr("remanence.retrieval.index._DEAD", 8)
    plain.remember([remanence.Turn(f"kept {n}", id=f"k{n}") for n in range(4)], namespace="n")
    for n in range(40):
        plain.remember(f"passing {n}", id="p", namespace="n")
        plain.recall("passing", namespace="n")
        plain.forget(namespace="n", id="p")
        with plain.indexes.single.opened("n") as replica:
            assert len(replica.held) <= 4 + 1 + 8 + 1
    assert sight(replica.held) == sight(loaded(plain, "n"))
    assert {r.id for r in plain.recall("kept", namespace="n")} == {"k0", "k1", "k2", "k3"}


def test_an_index_of_a_thousand_rows_is_settled_and_counts_what_it_holds(plain):
    said = [f"turn {n} about word{n % 97} and word{n % 31}" for n in range(1_000)]
    plain.remember(said, session="s", speaker="Wei", namespace="n")
    index = loaded(plain, "n")
    assert not index.lexical._tail and not index.graph._mentioned._tail
    before = index.nbytes
    tracemalloc.start()
    try:
        again = loaded(plain, "n")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert again.nbytes == before == pytest.approx(held, rel=0.2)


def test_the_rows_since_the_load_are_counted_too(plain):
    plain.remember([f"turn {n}" for n in range(50)], namespace="n")
    plain.recall("turn", namespace="n")
    before = plain.indexes.single.total
    plain.remember([f"one new word{n}" for n in range(50)], namespace="n")
    plain.recall("turn", namespace="n")
    assert plain.indexes.single.total > before + 50 * 300
