"""LangGraph's conformance suite over the checkpointer, and the store. Skipped without the extra."""

import asyncio
import os

import pytest

pytest.importorskip("langgraph.checkpoint.base", reason="the extra `langgraph` is not installed")
from remanence import records
from remanence.integrations.langgraph_checkpoint import RemanenceSaver
from remanence.integrations.langgraph_store import RemanenceStore


@pytest.mark.slow
def test_the_checkpointer_conforms_in_all_eight_capabilities(plain):
    suite = pytest.importorskip(
        "langgraph.checkpoint.conformance", reason="langgraph-checkpoint-conformance is absent"
    )

    @suite.checkpointer_test(name="Remanence")
    async def made():
        yield RemanenceSaver(plain, root=os.urandom(4).hex())

    report = asyncio.run(suite.validate(made))
    results = {name: (each.tests_passed, each.failures) for name, each in report.results.items()}
    assert sum(passed for passed, _ in results.values()) >= 81
    assert not [failures for _, failures in results.values() if failures]


def checkpoint(id, values):
    return {
        "v": 1, "id": id, "ts": "2026-01-01T00:00:00+00:00", "channel_values": values,
        "channel_versions": {}, "versions_seen": {},
    }  # fmt: skip


def thread(name):
    return {"configurable": {"thread_id": name, "checkpoint_ns": ""}}


def test_a_checkpoint_of_many_megabytes_comes_back(plain):
    saver, body = RemanenceSaver(plain), os.urandom(1 << 20) * 20
    saver.put(thread("t"), checkpoint("1", {"body": body}), {}, {})
    assert saver.get_tuple(thread("t")).checkpoint["channel_values"]["body"] == body


def test_a_deleted_thread_leaves_nothing(plain):
    saver = RemanenceSaver(plain)
    config = thread("t")
    for number in range(20):
        config = saver.put(config, checkpoint(f"{number:03}", {"word": "zeppelin"}), {}, {})
        saver.put_writes(config, [("channel", "zeppelin")], "task")
    saver.put(thread("other"), checkpoint("1", {"word": "kept"}), {}, {})
    saver.delete_thread("t")
    assert saver.get_tuple(thread("t")) is None
    assert [each.config["configurable"]["thread_id"] for each in saver.list(None)] == ["other"]
    assert records.namespaces(plain) == ["threads/other"]


@pytest.fixture
def items(memory):
    return RemanenceStore(memory)


@pytest.mark.parametrize("key", ["k", "a/b", "明", "", "50%", "*", "x|y"])
def test_an_item_comes_back_under_any_key(items, key):
    items.put(("users", "we*i"), key, {"text": "tea"})
    item = items.get(("users", "we*i"), key)
    assert (item.key, item.namespace, item.value) == (key, ("users", "we*i"), {"text": "tea"})


def test_a_prefix_is_labels_and_not_letters(items):
    items.put(("users",), "a", {"text": "tea"})
    items.put(("users", "wei"), "b", {"text": "tea"})
    items.put(("users2",), "c", {"text": "tea"})
    assert {item.key for item in items.search(("users",), query="tea")} == {"a", "b"}
    assert {item.key for item in items.search(("users",))} == {"a", "b"}


def test_what_is_not_indexed_is_found_by_filters_alone(items):
    items.put(("n",), "hidden", {"text": "kettle"}, index=False)
    items.put(("n",), "seen", {"text": "kettle"})
    assert [item.key for item in items.search(("n",), query="kettle")] == ["seen"]
    assert len(items.search(("n",), filter={"text": "kettle"})) == 2


def test_a_value_replaced_is_an_update(items):
    items.put(("n",), "k", {"text": "one"})
    items.put(("n",), "k", {"text": "two"})
    item = items.get(("n",), "k")
    assert item.value == {"text": "two"}
    assert item.created_at < item.updated_at


def test_time_to_live_is_minutes_and_counted_anew_by_a_read(items):
    items.put(("n",), "gone", {"text": "tea"}, ttl=-1)
    items.put(("n",), "kept", {"text": "tea"}, ttl=5)
    assert items.get(("n",), "gone") is None
    before = records.get(items._memory, "store/n", ["kept"])[0].expires
    items.get(("n",), "kept", refresh_ttl=True)
    assert records.get(items._memory, "store/n", ["kept"])[0].expires > before


def test_coroutines_do_the_same(items):
    async def both():
        await items.aput(("n",), "k", {"text": "tea"})
        return await items.aget(("n",), "k")

    assert asyncio.run(both()).value == {"text": "tea"}


def test_the_namespaces_are_listed_by_their_ends(items):
    for labels in (("a", "x"), ("b", "x"), ("b", "y", "z")):
        items.put(labels, "k", {"t": 1})
    assert items.list_namespaces(suffix=("x",)) == [("a", "x"), ("b", "x")]
    assert items.list_namespaces(prefix=("b",), max_depth=2) == [("b", "x"), ("b", "y")]
