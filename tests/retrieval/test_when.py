"""A query that names only a time is answered by that time, and by nothing that merely has its words."""

from datetime import UTC, datetime

import pytest

import remanence
from remanence.retrieval import when

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)


def days(window):
    return tuple(datetime.fromtimestamp(second, UTC).date().isoformat() for second in window)


@pytest.mark.parametrize(
    "query",
    [
        "what happened in June 2024?",
        "what did I do yesterday?",
        "what was I up to in October 2023",
        "the first week of May 2024",
        "last month?",
        "anything from November 2024?",
        "spring 2024 recap please",
        "3 months ago",
        "what was going on last summer",
        "上个月发生了什么？",
        "2024年6月",
        "去年秋天我们做了什么",
        "六月份的事",
        "上周末",
    ],
)
def test_a_query_for_a_time_alone_is_recognised(query):
    assert when.asked(query, NOW).only_time


@pytest.mark.parametrize(
    "query",
    [
        "where did we eat in July 2024",
        "who visited last weekend",
        "what did Ana cook on Sunday",
        "the rent in 2023",
        "Christmas 2023",
        "去年七月谁来过",
        "上个月的房租",
        "where do I live",
        "我住哪",
    ],
)
def test_a_query_with_another_matter_keeps_it(query):
    assert not when.asked(query, NOW).only_time


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ("what happened in June 2024?", ("2024-06-01", "2024-07-01")),
        ("what happened around 12 May 2024?", ("2024-05-08", "2024-05-17")),
        ("end of May this year", ("2025-05-21", "2025-06-01")),
        ("3 months ago", ("2025-04-01", "2025-04-11")),
        ("a year ago", ("2024-06-11", "2024-07-21")),
        ("一年前", ("2024-06-11", "2024-07-21")),
        ("去年三月", ("2024-03-01", "2024-04-01")),
    ],
)
def test_the_window_is_the_time_named(query, window):
    assert days(when.asked(query, NOW).window) == window


def test_a_query_without_a_time_has_no_window():
    assert when.asked("where is the kite", NOW).window is None


@pytest.fixture
def memory():
    with remanence.open(":memory:", embedder="hash:32") as opened:
        for month in range(1, 13):
            opened.remember(
                f"Entry number {month} about plain matters.",
                speaker="Wei",
                at=f"2024-{month:02}-10",
                id=f"m{month}",
            )
        opened.remember(
            "In June everything happened at once, what a month.",
            speaker="Wei",
            at="2024-12-01",
            id="words",
        )
        yield opened


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("what happened in June 2024?", "m6"),
        ("march 2024", "m3"),
        ("2024年9月发生了什么", "m9"),
        ("what did I do in October last year", "m10"),
    ],
)
def test_what_was_said_then_comes_before_what_has_the_words(memory, query, first):
    found = memory.recall(query, at="2025-07-01")
    assert found[0].id == first and "time" in found[0].why
    assert found[0].relevance > 0.5


def test_a_time_in_which_nothing_was_said_brings_nothing_into_a_context(memory):
    assert memory.context("what happened in June 2019?", at="2025-07-01").recollections == ()


def test_a_story_with_many_times_spans_them_all():
    text = "yesterday was fun, and last week too, and in May 2024 we met; who was there?"
    assert days(when.asked(text, NOW).window) == ("2024-05-01", "2025-07-01")
