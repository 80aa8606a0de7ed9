"""Several workers count as one: rates, and what is owed to a namespace, over a table in a file."""

import sys
import threading
import time

import anyio
import pytest

from remanence.server import rates, shared
from remanence.server.logs import Log
from remanence.server.metrics import Metrics
from remanence.server.proxy import remembering
from remanence.server.proxy.remembering import Remembering, SharedDebts
from remanence.server.rates import Rates, SharedRates
from remanence.server.shared import SharedTable
from remanence.types import Turn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")


@pytest.fixture
def workers():
    """Two workers' views of one table."""
    path = shared.create()
    opened = [SharedTable(path), SharedTable(path)]
    yield opened
    for each in opened:
        each.close()
    path.unlink()


def plus_one(value, _):
    return value + 1


def test_a_number_that_one_worker_changes_is_the_others_too(workers):
    one, other = workers
    assert one.change("a", plus_one) == 1
    assert other.change("a", plus_one) == 2
    assert other.change("小伟", lambda *_: None) == 0
    assert one.change("a", lambda *_: None) == 2


def test_changes_at_once_are_all_counted(workers):
    def many(table):
        for _ in range(500):
            table.change("a", plus_one)

    threads = [threading.Thread(target=many, args=(each,)) for each in workers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert workers[0].change("a", lambda *_: None) == 1_000


def test_where_all_places_are_taken_the_one_unchanged_longest_gives_way(workers, monkeypatch):
    monkeypatch.setattr(shared, "ROWS", shared.PROBES)
    for number in range(shared.PROBES):
        workers[0].change(f"name {number}", plus_one)
    workers[0].change("name 0", plus_one)
    workers[0].change("one more", plus_one)
    assert workers[1].change("one more", lambda *_: None) == 1
    assert workers[1].change("name 0", lambda *_: None) == 2
    assert workers[1].change("name 1", lambda *_: None) == 0


def test_a_shared_limit_says_what_one_workers_own_says(workers, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("remanence.server.rates.time.monotonic", lambda: now[0])
    own, together = Rates(2.0, 3), SharedRates(workers[0], "key", 2.0, 3)
    for step in (0.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.0, 1.0, 0.0, 0.0, 1_000.0, 0.0, 0.0, 0.0, 0.0):
        now[0] += step
        assert together.wait("a") == pytest.approx(own.wait("a"))


def test_a_key_spends_one_bucket_at_all_workers(workers):
    limits = [rates.limit(0.001, 4, "key", each) for each in workers]
    waits = [limits[number % 2].wait("k1") for number in range(6)]
    assert waits[:4] == [0, 0, 0, 0] and min(waits[4:]) > 100
    assert rates.limit(0.001, 4, "address", workers[0]).wait("k1") == 0
    assert rates.limit(0.0, 4, "key", workers[0]).wait("k1") == 0


class Slow:
    """A memory that remembers once it is let."""

    def __init__(self):
        self.go, self.kept = threading.Event(), []

    def remember(self, turns, *, namespace):
        self.go.wait(20)
        self.kept += turns


def test_a_chat_at_one_worker_waits_for_what_another_has_yet_to_remember(workers):
    memory = Slow()
    here, there = (Remembering(memory, Metrics(), Log(None), each) for each in workers)

    async def run():
        async with anyio.create_task_group() as group:
            owed = here.owe("wei")
            group.start_soon(here.remember, "wei", [Turn("茶")], owed)
            with anyio.move_on_after(0.05) as late:
                await there.settled("wei")
            assert late.cancelled_caught
            await there.settled("bo")
            memory.go.set()
            await there.settled("wei")
            assert [turn.text for turn in memory.kept] == ["茶"]

    anyio.run(run)


def test_what_a_dead_worker_owed_is_not_waited_for_for_ever(workers, monkeypatch):
    dead, alive = map(SharedDebts, workers)
    dead.add("wei")
    assert alive.owes("wei")
    began = time.monotonic()
    monkeypatch.setattr(remembering.time, "monotonic", lambda: began + remembering.STALE + 1)
    assert not alive.owes("wei")
    alive.add("wei")
    assert alive.owes("wei")
    alive.take("wei")
    assert not alive.owes("wei")
