"""Every example in the tables of rules, and what holds for any text at all."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remanence.text.times import Span, spans
from remanence.text.times.almanac import add, feast
from remanence.text.times.chinese import WORDS as CHINESE
from remanence.text.times.english import WORDS as ENGLISH
from remanence.text.times.rules import LEVELS

NOW = datetime(2023, 6, 14, 10, 0, tzinfo=UTC)  # a Wednesday
EXAMPLES = [line for level in LEVELS for rule in level for line in rule.examples]
WORDS = st.sampled_from([*ENGLISH, *CHINESE, "5", "31", "2023", "2023-02-30", "三天", "5月", "7日"])
DENSE = st.text(
    "零〇一二两三十百几半好数个多月年天日号周星期礼拜末第最后上下本这世纪代点时分刻前初底0123:/-. apm",
    max_size=9,
)
CASES = st.sampled_from([str.lower, str.upper, str.title])
PROSE = st.lists(WORDS | st.text(max_size=3) | st.sampled_from(",. \n-"), max_size=14)
REFERENCES = st.datetimes(timezones=st.just(UTC))


def _edges(when: str) -> tuple[datetime, datetime]:
    """The interval an example's "2023", "2023-05", "2023-05-07" or "a/b" stands for."""
    if "/" in when:
        start, end = when.split("/")
        first = datetime.min if start == ".." else datetime.fromisoformat(start)
        last = datetime.max if end == ".." else datetime.fromisoformat(end)
        return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
    unit = {4: "year", 7: "month", 10: "day"}[len(when)]
    start_ = datetime.fromisoformat(
        when + "-01-01"[: 10 - len(when)] if len(when) > 4 else when + "-01-01"
    )
    return start_.replace(tzinfo=UTC), add(start_, 1, unit).replace(tzinfo=UTC)


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_of_the_tables_is_read_as_it_says(line: str) -> None:
    marked, _, expected = line.partition("=>")
    marked, text = marked.strip(), re.sub(r"[\[\]]", "", marked).strip()
    found = spans(text, NOW)
    if not expected.strip():
        assert found == ()
        return
    grain, when = expected.split()
    start = marked.index("[")
    words = marked[start + 1 : marked.index("]")]
    assert found == (
        Span(*_edges(when), words, (start, start + len(words)), grain.rstrip("!"), "!" in grain),
    )


def test_every_rule_has_examples_and_half_of_all_are_chinese() -> None:
    chinese = sum(any("\u3400" < c < "\u9fff" for c in line) for line in EXAMPLES)
    assert all(rule.examples for level in LEVELS for rule in level)
    assert len(EXAMPLES) >= 300 and chinese >= 130


@settings(max_examples=400, deadline=None)
@given(st.text() | DENSE | PROSE.map(" ".join) | PROSE.map("".join), REFERENCES, CASES)
@example("0个第0个天 第0周", NOW, str.lower)
@example("9999-12-31 in 200 decades", datetime(1, 1, 1, tzinfo=UTC), str.title)
@example("next year 999年前 before 0001-01-01", datetime(9999, 12, 31, tzinfo=UTC), str.upper)
@example("May Ⅷ ſeven dayſ ago, Ka weeK ago İ in 5 DAYS", NOW, str.lower)
def test_spans_of_any_text_lie_in_it_in_order_and_are_not_empty(
    text: str, now: datetime, case: Callable[[str], str]
) -> None:
    """Never raises, whatever the text and the reference; and says the same twice."""
    text = case(text)
    found = spans(text, now)
    assert found == spans(text, now)
    end = 0
    for span in found:
        assert span.start < span.end and span.start.tzinfo is UTC and span.end.tzinfo is UTC
        assert text[span.at[0] : span.at[1]] == span.text != ""
        assert span.at[0] >= end
        end = span.at[1]


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), REFERENCES)
def test_a_full_date_reads_the_same_in_every_form_from_any_reference(
    day: date, now: datetime
) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    forms = [
        day.isoformat(), f"{day:%B} {day.day}, {day.year}", f"{day.day} {day:%b} {day.year}",
        f"{day.year}年{day.month}月{day.day}日", f"{day.year}/{day.month}/{day.day}",
        f"{day.month}/{day.day}/{day.year}",
    ]  # fmt: skip
    for form in forms:
        (span,) = spans(f"on {form}.", now)
        assert (span.start, span.end, span.grain, span.explicit) == (
            start, start + timedelta(days=1), "day", True,
        ), form  # fmt: skip


@given(
    st.dates(date(1999, 1, 1), date(2090, 12, 31)),
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),
)
def test_a_date_without_its_year_is_the_latest_not_after_the_reference(
    day: date, now: datetime
) -> None:
    """The naive twin walks back day by day from the reference."""
    expected = datetime(now.year, now.month, now.day)
    while (expected.month, expected.day) != (day.month, day.day):
        expected -= timedelta(days=1)
    if now.year - expected.year <= 7:
        for form in (f"{day:%B} {day.day}", f"{day.month}月{day.day}号"):
            (span,) = spans(form, now)
            assert span.start == expected.replace(tzinfo=UTC) and not span.explicit


@given(st.integers(1, 90), st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))
def test_days_ago_counts_days_in_both_languages(count: int, now: datetime) -> None:
    expected = (now - timedelta(days=count)).date()
    for text in (f"{count} days ago", f"{count}天前"):
        (span,) = spans(text, now)
        assert span.start.date() == expected and span.grain == "day"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))
def test_a_bare_weekday_is_within_the_last_seven_days(now: datetime) -> None:
    for day, (english, chinese) in enumerate(
        zip(
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            "一二三四五六日",
            strict=True,
        )
    ):
        (a,), (b,) = spans(f"on {english}", now), spans(f"周{chinese}", now)
        assert a.start == b.start and a.start.weekday() == day
        assert timedelta(0) <= now.replace(tzinfo=UTC) - a.start < timedelta(days=7)


def test_days_are_those_of_the_references_zone() -> None:
    now = datetime(2023, 6, 14, 1, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # still the 13th in UTC
    (span,) = spans("昨天", now)
    assert span.start == datetime(2023, 6, 12, 16, tzinfo=UTC)
    assert spans("2023-06-14T01:00+08:00", now)[0].start == datetime(2023, 6, 13, 17, tzinfo=UTC)


def test_mixed_text_gives_every_expression_in_order() -> None:
    found = spans("上周五的 meeting on June 3，以及 2022年5月 and last May", NOW)
    assert [span.text for span in found] == ["上周五", "June 3", "2022年5月", "last May"]


def test_every_feast_has_a_date_in_every_year_of_the_table() -> None:
    for kind, _, name in [*ENGLISH.values(), *CHINESE.values()]:
        if kind == "c":
            for year in range(1990, 2041):
                assert feast(year, name).start.year in {year, year - 1}


@pytest.mark.parametrize(
    "piece", ["a few words on May 5, ", "三天前的五月，", "1-", "二", "May ", "a' ", "前"]
)
def test_a_long_text_takes_time_in_proportion(piece: str) -> None:
    """Four times the text may take at most some ten times as long; quadratic would take sixteen."""
    spans(piece, NOW)

    def best(length: int) -> float:
        text = (piece * length)[:length]
        times = []
        for _ in range(3):
            begin = perf_counter()
            spans(text, NOW)
            times.append(perf_counter() - begin)
        return min(times)

    assert best(40_000) < 10 * best(10_000) + 0.01
