"""The asynchronous face: the same verbs, values and errors, and no blocked event loop."""

import asyncio
import inspect

import pytest

import remanence
from remanence import aio, queries
from remanence.errors import InvalidInput, StoreClosed
from remanence.memory import Memory

OPTIONS = {"embedder": "hash:64"}


def in_loop(work):
    async def opened():
        async with aio.open(":memory:", **OPTIONS) as memory:
            return await work(memory)

    return asyncio.run(opened())


def test_what_is_remembered_is_recalled_edited_and_forgotten():
    async def work(memory):
        await memory.remember("小伟搬到了成都。", id="m1")
        found = await memory.recall("成都")
        edited = await memory.edit("m1", "小伟搬到了重庆。")
        receipt = await memory.forget(namespace="default", id="m1")
        return found[0].id, edited.version, receipt.versions, await memory.get("m1")

    assert in_loop(work) == ("m1", 2, 2, None)


def test_it_answers_as_the_memory_itself_does(tmp_path):
    async def work(memory):
        await memory.learn("Wei", "lives_in", "Chengdu")
        await memory.remember([f"Parcel {n} arrived." for n in range(20)])
        same = memory.memory
        recalled = await memory.recall("parcel") == same.recall("parcel")
        told = (await memory.context("parcel")).text == same.context("parcel").text
        listed = await memory.run(queries.page, "default", most=5)
        return recalled, told, await memory.facts() == same.facts(), len(listed.episodes)

    assert in_loop(work) == (True, True, True, 5)


def test_many_tasks_share_one_memory():
    async def work(memory):
        await asyncio.gather(*(memory.remember(f"note {n}", id=f"n{n}") for n in range(30)))
        found = await asyncio.gather(*(memory.recall(f"note {n}", k=1) for n in range(30)))
        return [recall[0].id for recall in found]

    assert in_loop(work) == [f"n{n}" for n in range(30)]


def test_errors_are_those_of_the_memory():
    async def work(memory):
        with pytest.raises(InvalidInput):
            await memory.recall("")
        await memory.close()
        await memory.close()
        with pytest.raises(StoreClosed):
            await memory.recall("anything")

    in_loop(work)


def test_a_call_that_is_cancelled_leaves_its_write_whole(tmp_path):
    path = tmp_path / "m.db"

    async def opened():
        async with aio.open(path, **OPTIONS) as memory:
            task = asyncio.create_task(memory.remember(["one", "two", "three"]))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(opened())
    with remanence.open(path, **OPTIONS) as memory:
        assert len(memory.page().episodes) in (0, 3)


@pytest.mark.parametrize(
    "name",
    ["remember", "recall", "context", "facts", "forget", "learn", "edit", "get", "consolidate"],
)
def test_a_verb_has_the_arguments_that_stand_before_the_options(name):
    told = inspect.signature(getattr(aio.AsyncMemory, name)).parameters.values()
    own = list(inspect.signature(getattr(Memory, name)).parameters.values())
    positional = [each.name for each in told if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert positional == [each.name for each in own if each.kind is each.POSITIONAL_OR_KEYWORD]
