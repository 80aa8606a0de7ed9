"""Instants: RFC 3339 outside, microseconds inside."""

from datetime import UTC, datetime

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


def test_now_is_now():
    assert abs(instants.now() / 1e6 - datetime.now(UTC).timestamp()) < 5
