"""A store copied into another, of either engine: everything comes, under its number."""

import pytest

import remanence
from remanence import Turn
from remanence.errors import InvalidInput
from remanence.integrations import jsonl
from remanence.storage import audit, copying, keys
from remanence.storage.engines import open_engine
from remanence.storage.store import list_namespaces


def fill(address):
    """Remember, change, learn, forget, keep: something in every table."""
    with remanence.open(address, embedder="hash:16") as memory:
        memory.remember([Turn(f"Note {n} 成都.", id=f"n{n}", session="s") for n in range(30)])
        memory.remember("Wei lives in Chengdu.", id="w", speaker="Ana", metadata={"k": [1, "é"]})
        memory.remember("Wei lives in Bergen.", id="w", speaker="Ana")
        memory.learn("Wei", "likes", "tea", namespace="other")
        memory.learn("Ana", "likes", "rice", namespace="other")
        memory.forget(namespace="default", id="n3")
        memory.forget(namespace="other", subject="Ana")
        states = memory.states("other")
        states.save("talk", b"\0state", states.open("talk").token)
        engine = memory.store.engine
        engine.write(lambda rows: (keys.seal(rows), audit.append(rows, ENTRIES))[0])


ENTRIES = [audit.Entry(1, "k", "route", 200, b"\1" * 12), audit.Entry(2, "k", "route", 404)]


def exported(address):
    with remanence.open(address) as memory, memory.store.reading() as rows:
        return [jsonl.line(each) for each in _episodes(rows)]


def _episodes(rows):
    from remanence.storage import episodes

    for number, name in list_namespaces(rows):
        yield from episodes.log(rows, number, name, history=True)


def content(address):
    """Every row of every table, but the notes on files."""
    engine = open_engine(address)
    with engine.read() as rows:
        found = {
            table: sorted(rows.all(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in copying.TABLES.items()
        }
    engine.close()
    found["meta"] = [row for row in found["meta"] if row[0] not in copying.OF_FILES]
    return found


def copied(source, target):
    before, after = open_engine(source, readonly=True), open_engine(target)
    try:
        return copying.copy(before, after, lambda done, total: None)
    finally:
        before.close()
        after.close()


def test_a_copy_of_a_file_and_the_copy_of_that_are_equal_to_it(postgres, tmp_path):
    first, last = str(tmp_path / "first.db"), str(tmp_path / "last.db")
    fill(first)
    assert copied(first, postgres) == copied(postgres, last)
    assert content(first) == content(postgres) == content(last)
    assert exported(first) == exported(postgres) == exported(last)


def test_a_copy_goes_on_where_the_original_was(postgres, tmp_path):
    source = str(tmp_path / "source.db")
    fill(source)
    copied(source, postgres)
    told = []
    for address in (source, postgres):
        with remanence.open(address) as memory:
            memory.remember("Wei lives in Xi'an.", id="w", speaker="Ana")
            memory.learn("Wei", "likes", "coffee", namespace="other")
            held = [(fact.relation, fact.object) for fact in memory.facts(namespace="other")]
            told.append((memory.recall("Where does Wei live?")[0].text, sorted(held)))
            with memory.store.reading() as rows:
                assert audit.verify(rows).problem is None
    assert told[0] == told[1] == ("Wei lives in Xi'an.", [("likes", "coffee"), ("likes", "tea")])


@pytest.mark.parametrize("engine", ["file", "postgresql"])
def test_only_an_empty_store_is_copied_into(request, tmp_path, engine):
    source = str(tmp_path / "source.db")
    target = str(tmp_path / "t.db") if engine == "file" else request.getfixturevalue("postgres")
    for address in (source, target):
        with remanence.open(address, embedder="hash:16") as memory:
            memory.remember("here already")
    before = content(target)
    with pytest.raises(InvalidInput, match="no empty store"):
        copied(source, target)
    assert content(target) == before
