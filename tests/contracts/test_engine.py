"""What every engine of a store must do. A second engine is one more row of `ENGINES`."""

import threading

import pytest

import remanence
from remanence.errors import StorageError, StoreClosed
from remanence.memory import Memory
from remanence.storage import feed, notes
from remanence.storage.engine import Erasure
from remanence.storage.engines import open_engine
from remanence.storage.replicas import NOTHING
from remanence.storage.store import UNKNOWN, Store

ENGINES = {
    "sqlite in a file": lambda request: str(request.getfixturevalue("tmp_path") / "store.db"),
    "sqlite in memory": lambda request: ":memory:",
    "postgresql": lambda request: request.getfixturevalue("postgres"),
}
# Engines that two processes may have open at once.
SHARED = ("sqlite in a file", "postgresql")


@pytest.fixture(params=ENGINES)
def address(request):
    return ENGINES[request.param](request)


@pytest.fixture(params=SHARED)
def shared(request):
    return ENGINES[request.param](request)


@pytest.fixture
def engine(address):
    opened = open_engine(address)
    yield opened
    opened.close()


@pytest.fixture
def memory(engine):
    return Memory(engine, remanence.embed.load("hash:16"))


def put(key, value="x"):
    return lambda rows: notes.renote(rows, {key: value})


def noted(engine):
    with engine.read() as rows:
        return notes.notes(rows)


class TestRows:
    def test_values_are_bound_by_name_wherever_and_however_often_it_stands(self, engine):
        with engine.read() as rows:
            query = "SELECT :b AS first, :a AS second, :b AS third"
            assert rows.one(query, a=1, b="it's") == ("it's", 1, "it's")

    @pytest.mark.parametrize(
        "value", [0, -(2**62), 1.5, "", "\u5c0f\u96e8 \U0001f600", b"\0\xff", None]
    )
    def test_a_value_comes_back_as_it_went_in(self, engine, value):
        with engine.read() as rows:
            assert rows.one("SELECT :value", value=value) == (value,)

    def test_a_query_without_an_answer_has_no_first_row(self, engine):
        with engine.read() as rows:
            assert rows.one("SELECT key FROM meta WHERE key = :key", key="none") is None
            assert rows.all("SELECT key FROM meta WHERE key = :key", key="none") == []

    def test_many_takes_values_in_the_order_in_which_names_first_stand(self, engine):
        sql = "INSERT INTO meta (value, key) VALUES (:value, :key)"
        engine.write(lambda rows: rows.many(sql, [("one", "k1"), ("two", "k2")]))
        assert noted(engine) == {"k1": "one", "k2": "two"}

    def test_run_says_how_many_rows_it_changed(self, engine):
        for key in "abc":
            engine.write(put(key))
        change = "UPDATE meta SET value = :value WHERE key <> :key"
        assert engine.write(lambda rows: rows.run(change, value="y", key="a")) == 2

    def test_each_yields_what_all_returns(self, engine):
        engine.write(lambda rows: notes.note(rows, {f"k{n}": str(n) for n in range(300)}))
        with engine.read() as rows:
            query = "SELECT key, value FROM meta ORDER BY key"
            assert list(rows.each(query)) == rows.all(query)

    def test_an_error_of_the_engine_is_a_storage_error(self, engine):
        with engine.read() as rows, pytest.raises(StorageError):
            rows.all("SELECT nothing FROM nowhere")


class TestTransactions:
    def test_a_job_that_raises_leaves_nothing_and_its_error_is_raised(self, engine):
        def job(rows):
            put("half")(rows)
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            engine.write(job)
        assert noted(engine) == {}

    def test_jobs_at_the_same_time_are_each_kept_or_each_undone(self, engine):
        errors = []

        def write(number):
            def job(rows):
                put(f"k{number}")(rows)
                if number % 5 == 0:
                    raise ValueError(number)

            try:
                engine.write(job, namespace="n")
            except ValueError as error:
                errors.append(error.args[0])

        threads = [threading.Thread(target=write, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(noted(engine)) == {f"k{n}" for n in range(40) if n % 5}
        assert sorted(errors) == list(range(0, 40, 5))

    def test_a_snapshot_sees_no_later_write(self, shared):
        engine = open_engine(shared)
        with engine.read() as rows:
            before = notes.notes(rows)
            engine.write(put("later"))
            assert notes.notes(rows) == before == {}
        assert noted(engine) == {"later": "x"}
        engine.close()

    def test_two_that_have_one_store_open_see_each_others_writes(self, shared):
        one, other = open_engine(shared), open_engine(shared)
        one.write(put("a"))
        other.write(put("b"))
        assert noted(one) == noted(other) == {"a": "x", "b": "x"}
        one.close()
        other.close()

    def test_erasing_waits_for_no_reader_beyond_its_time(self, shared):
        engine = open_engine(shared)
        engine.write(put("a"))
        with engine.read() as rows:
            notes.notes(rows)
            engine.write(put("b"))
            assert engine.erase(wait=0.02) in (Erasure.PENDING, Erasure.KEPT)
        assert engine.erase() in (Erasure.EMPTIED, Erasure.KEPT)
        engine.close()

    def test_a_closed_engine_says_so_and_closes_again(self, engine):
        engine.close()
        engine.close()
        with pytest.raises(StoreClosed):
            engine.write(put("a"))

    def test_a_rewrite_keeps_what_is_there(self, engine):
        engine.write(put("a"))
        engine.rewrite()
        assert noted(engine) == {"a": "x"}


class TestNamespaces:
    def test_reading_one_that_is_not_there_finds_nothing_and_makes_none(self, engine):
        store = Store(engine)
        with store.namespace("wei").reading() as (rows, number):
            assert number == UNKNOWN
            assert feed.version(rows, number) == NOTHING
        assert store.namespaces() == []

    def test_writing_makes_one_unless_told_otherwise(self, engine):
        store = Store(engine)
        assert store.namespace("wei").writing(lambda view: view.number, make=False) == UNKNOWN
        made = store.namespace("wei").writing(lambda view: view.number)
        assert made != UNKNOWN
        assert store.namespace("wei").writing(lambda view: view.number) == made
        assert store.namespaces() == ["wei"]


class TestFeed:
    def test_changes_are_numbered_by_namespace_without_gaps(self, memory):
        for namespace in ("a", "b", "a"):
            for text in ("one", "two"):
                memory.remember(f"{text} {namespace}", id="x", namespace=namespace)
        for namespace, newest in (("a", 3), ("b", 1)):
            with memory.namespace(namespace).reading() as (rows, number):
                state = feed.version(rows, number)
                assert (state.floor, state.retired) == (1, newest)
                assert len(feed.retirements(rows, number, 0)) == newest

    def test_a_change_in_one_namespace_is_none_in_another(self, memory):
        memory.remember("one", id="x", namespace="a")
        memory.remember("one", id="x", namespace="b")
        with memory.namespace("a").reading() as (rows, number):
            before = feed.version(rows, number)
        memory.remember("two", id="x", namespace="b")
        memory.forget(namespace="b", id="x")
        with memory.namespace("a").reading() as (rows, number):
            assert feed.since(rows, number, before) is None

    def test_what_is_no_longer_listed_says_that_it_is_broken(self, memory, monkeypatch):
        monkeypatch.setattr(feed, "KEPT_RETIRED", 2)
        memory.remember([remanence.Turn(f"n {n}", id=str(n)) for n in range(6)], namespace="a")
        with memory.namespace("a").reading() as (rows, number):
            before = feed.version(rows, number)
        for n in range(5):
            memory.forget(namespace="a", id=str(n))
        with memory.namespace("a").reading() as (rows, number):
            assert feed.since(rows, number, before).broken
