"""Days of the speaker: what is said in the evening of the 10th is of the 10th, wherever UTC is."""

import pytest

import remanence
from remanence.encoding import clocks


@pytest.mark.parametrize(
    ("at", "text", "value", "day"),
    [
        ("2025-06-10T21:00:00-05:00", "I moved to Oslo today.", "Oslo", "2025-06-10"),
        ("2025-06-10T21:00:00-05:00", "I moved to Oslo yesterday.", "Oslo", "2025-06-09"),
        ("2025-06-30T20:30:00-07:00", "I moved to Oslo this month.", "Oslo", "2025-06-01"),
        ("2025-06-12T20:30:00-07:00", "I moved to Oslo on Friday.", "Oslo", "2025-06-06"),
        ("2025-06-11T07:30:00+08:00", "我昨天搬到苏州了。", "苏州", "2025-06-10"),
        ("2025-06-11T07:30:00+08:00", "我今天搬到苏州了。", "苏州", "2025-06-11"),
        ("2025-06-11T00:30:00+05:30", "I moved to Pune today.", "Pune", "2025-06-11"),
        ("2025-06-11T07:30:00Z", "I moved to Oslo yesterday.", "Oslo", "2025-06-10"),
        ("2025-06-11T07:30:00", "I moved to Oslo yesterday.", "Oslo", "2025-06-10"),
    ],
)
def test_a_fact_begins_on_the_speakers_day(at, text, value, day):
    with remanence.open(":memory:") as memory:
        memory.remember(text, speaker="Wei", at=at)
        (fact,) = [f for f in memory.facts(as_of="2025-08-01") if f.relation == "lives_in"]
    assert fact.object == value
    assert fact.valid_from.startswith(f"{day}T00:00:00")


def test_a_fact_of_today_holds_at_once():
    with remanence.open(":memory:") as memory:
        memory.remember("我今天搬到苏州了。", speaker="Wei", at="2025-06-11T07:30:00+08:00")
        (fact,) = memory.facts(as_of="2025-06-11T07:31:00+08:00", relation="lives_in")
    assert fact.object == "苏州"


def test_a_timezone_in_the_metadata_is_the_clock_of_a_turn():
    with remanence.open(":memory:") as memory:
        memory.remember(
            "I moved to Oslo today.",
            speaker="Wei",
            at="2025-06-11T02:00:00Z",
            metadata={"timezone": "America/Chicago"},
        )
        (fact,) = memory.facts(as_of="2025-08-01", relation="lives_in")
    assert fact.valid_from == "2025-06-10T00:00:00-05:00"


@pytest.mark.parametrize(
    ("metadata", "at", "stamped"),
    [
        (None, "2025-06-10T21:00:00-05:00", {"utc_offset": "-05:00"}),
        ({"a": 1}, "2025-06-10T21:00:00+05:45", {"a": 1, "utc_offset": "+05:45"}),
        (
            {"timezone": "Asia/Tokyo"},
            "2025-06-10T21:00:00-05:00",
            {"timezone": "Asia/Tokyo"},
        ),
        ({"a": 1}, "2025-06-10T21:00:00Z", {"a": 1}),
        (None, "2025-06-10", None),
        (None, None, None),
    ],
)
def test_an_offset_is_kept_with_the_episode(metadata, at, stamped):
    assert clocks.stamped(metadata, at) == stamped


@pytest.mark.parametrize(
    ("stated", "zone", "minutes"),
    [
        ("+08:00", None, 480),
        ("-03:30", None, -210),
        ("east", None, 0),
        (None, "Europe/Berlin", 60),
        (None, "Middle/Earth", 0),
        (None, "", 0),
        (None, "../etc/passwd", 0),
        ("+02:00", "Asia/Tokyo", 120),
        (None, None, 0),
    ],
)
def test_a_clock_is_an_offset_or_a_zone(stated, zone, minutes):
    assert clocks.offset(stated, zone, 0) == minutes
