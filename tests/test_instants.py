"""Instants: RFC 3339 outside, microseconds inside."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence import instants
from remanence.errors import InvalidInput


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_rendered_parses_to_the_same_instant(moment):
    instant = instants.parse(moment)
    assert instants.parse(instants.render(instant)) == instant
    assert instants.moment(instant) == moment


def test_a_naive_time_is_utc():
    assert instants.parse("2025-03-20T09:00:00") == instants.parse("2025-03-20T09:00:00Z")


@pytest.mark.parametrize(
    "bad", ["", "soon", "2025-13-01", "2025-02-30", "25:00", None, 3.5, b"2025-01-01"]
)
def test_what_is_no_time_is_named(bad):
    with pytest.raises(InvalidInput, match="since=.*no date or time"):
        instants.parse(bad, "since")


@pytest.mark.parametrize(
    "beyond",
    [
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        datetime.min.replace(tzinfo=timezone(timedelta(hours=8))),
        datetime.max.replace(tzinfo=timezone(-timedelta(minutes=1))),
    ],
)
def test_what_lies_beyond_the_ends_of_time_is_named(beyond):
    with pytest.raises(InvalidInput, match="since=.*years 1 to 9999"):
        instants.parse(beyond, "since")


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_ends_of_time_are_instants(edge):
    assert instants.render(instants.parse(edge)) == edge


def test_now_is_now():
    assert abs(instants.now() / 1e6 - datetime.now(UTC).timestamp()) < 5
