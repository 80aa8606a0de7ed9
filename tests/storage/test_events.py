"""Events as rows: every engine gives the same answers, and forgetting takes them."""

import pytest

import remanence
from remanence.apps.ask import Asker
from remanence.memory import Memory
from remanence.storage import event_queries, events
from remanence.storage.engines import open_engine
from remanence.storage.event_queries import EventSelection, Grain, PhraseCondition
from remanence.storage.events import Mark, Role
from remanence.text.words import hash32

ENGINES = {
    "sqlite": lambda request: ":memory:",
    "postgresql": lambda request: request.getfixturevalue("postgres"),
}
TOLD = [
    {"id": "a", "at": "2024-01-01", "text": "I cycled 20 km with Ana because the bus was late."},
    {"id": "b", "at": "2024-01-08", "text": "I cycled 10 km with Tom and Ana."},
    {"id": "c", "at": "2024-02-01", "text": "I bought two pears and a kettle."},
]


@pytest.fixture(params=ENGINES)
def memory(request):
    engine = open_engine(ENGINES[request.param](request))
    with Memory(engine, remanence.embed.load("hash:16")) as made:
        made.remember(TOLD)
        yield made


def test_every_engine_counts_ranks_sums_and_tells_why(memory):
    asker = Asker(memory)
    assert asker.ask("How many times did I cycle?").number == 2
    assert asker.ask("How far did I cycle in January 2024?").number == 30
    assert asker.ask("Who did I cycle with the most?").values == ("Ana",)
    assert asker.ask("In which month did I cycle the most?").values == ("2024-01",)
    assert asker.ask("Which fruit did I buy?").values == ("pears",)
    assert asker.ask("Why did I cycle?").values == ("the bus was late",)
    memory.forget(namespace="default", id="a")
    assert asker.ask("How many times did I cycle?").number == 1
    assert not asker.ask("Why did I cycle?").known


def test_forgetting_leaves_no_row_of_an_episode(memory):
    Asker(memory).ask("How many times did I cycle?")
    memory.forget(namespace="default", everything=True)
    with memory.store.reading() as rows:
        for table in ("event", "event_part", "event_term", "event_mark"):
            assert rows.one(f"SELECT count(*) FROM {table}") == (0,)


def test_two_readers_of_the_same_episodes_write_them_once(memory):
    handle = memory.namespace("default")
    handle.writing(lambda view: events.restart(view.rows, view.number, 7))
    first = handle.writing(lambda view: events.append(view.rows, view.number, Mark(7, 0), 3, []))
    second = handle.writing(lambda view: events.append(view.rows, view.number, Mark(7, 0), 3, []))
    assert (first, second) == (True, False)


def test_the_queries_agree_with_counting_in_python(memory):
    Asker(memory).ask("How many times did I cycle?")
    condition = PhraseCondition(((hash32("cycl"),),), (Role.ACTION,))
    with memory.namespace("default").reading() as (rows, number):
        chosen = EventSelection((condition,))
        found = event_queries.matching(rows, number, chosen, 10)
        totals = event_queries.totals(rows, number, chosen)
        assert totals.events == len(found) == 2
        assert totals.days == len({row[2] for row in found})
        by_month = event_queries.by_time(rows, number, chosen, Grain.MONTH)
        assert by_month == [(12 * 2024, 2, 2.0)]
        people = event_queries.by_phrase(rows, number, chosen, (Role.PERSON,))
        assert [row[1] for row in people] == [2, 1]
