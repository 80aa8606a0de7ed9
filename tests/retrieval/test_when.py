"""The time that a query asks about, table by table, and recall by time alone."""

from datetime import UTC, datetime

import pytest

import remanence
from remanence.retrieval import when

NOW = datetime(2024, 9, 18, 10, tzinfo=UTC)


def days(period):
    """A window as two dates, its last moment counted in."""
    first, last = (datetime.fromtimestamp(each, UTC) for each in period.window)
    return first.date().isoformat(), last.date().isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "What happened in March 2023?",
        "what did we do last weekend",
        "April 2024",
        "anything going on around Easter 2024?",
        "recap of the summer of 2023 please",
        "2023年3月发生了什么？",
        "上周末我干了什么",
        "去年国庆",
    ],
)
def test_a_query_of_a_time_and_nothing_else_is_known(text):
    assert when.read(text, NOW).alone


@pytest.mark.parametrize(
    "text",
    [
        "Which film did we see in March 2023?",
        "who came to dinner last weekend",
        "how was the concert",
        "2023年3月买了什么书？",
        "上周末谁来吃饭了",
    ],
)
def test_a_query_with_a_matter_is_not_of_a_time_alone(text):
    assert not when.read(text, NOW).alone


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what happened in March 2023?", "2023-03-01", "2023-04-01"),
        ("around Halloween 2023", "2023-10-26", "2023-11-06"),
        ("the end of May last year", "2023-05-21", "2023-06-01"),
        ("Halloween the year before last", "2022-10-31", "2022-11-01"),
        ("what happened a year ago", "2023-09-12", "2023-09-26"),
        ("5 months ago", "2024-04-11", "2024-04-25"),
        ("2023年中秋前后", "2023-09-24", "2023-10-05"),
        ("一年前", "2023-09-12", "2023-09-26"),
    ],
)
def test_windows(text, first, last):
    assert days(when.read(text, NOW)) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what did I do in the week before the surgery?", "2024-02-23", "2024-03-01"),
        ("the two weeks after the surgery", "2024-03-01", "2024-03-15"),
        ("the month the surgery was", "2024-03-01", "2024-04-01"),
        ("what happened before the surgery", "0001-01-01", "2024-03-01"),
        ("手术后两周", "2024-03-01", "2024-03-15"),
        ("做手术之前的三天", "2024-02-27", "2024-03-01"),
    ],
)
def test_windows_counted_from_an_event(text, first, last):
    surgery = datetime(2024, 3, 1, tzinfo=UTC).timestamp()
    found = {"the surgery": surgery, "the surgery was": surgery, "手术": surgery, "做手术": surgery}
    assert days(when.read(text, NOW, found.get)) == (first, last)


def test_an_event_that_nobody_mentioned_names_no_window():
    assert when.read("the week before the coronation", NOW, lambda _: None).window is None


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("When did I last go skiing?", 1),
        ("the last time we saw Noor", 1),
        ("上次去体检是什么时候", 1),
        ("the first time I met Noor", -1),
        ("第一次滑雪是什么时候", -1),
        ("where did I go last night", 0),
        ("when did I go skiing", 0),
    ],
)
def test_the_last_and_the_first_time(text, turn):
    assert when.read(text, NOW).turn == turn


@pytest.fixture
def diary():
    """A year of one speaker, in English and Chinese."""
    said = [
        ("2023-10-07", "repainted the hallway sage green"),
        ("2023-12-26", "christmas at Noor's, far too much trifle"),
        ("2024-01-14", "skied for the first time, fell eleven times"),
        ("2024-02-18", "second ski weekend, only two falls"),
        ("2024-03-01", "knee surgery went fine"),
        ("2024-03-09", "walked to the bakery and back on crutches"),
        ("2024-05-19", "the choir sang in the cathedral"),
        ("2024-06-02", "今天去爬了香山，累坏了"),
        ("2024-07-11", "What did I do in March 2024?"),
        ("2024-08-20", "planted leeks and winter kale"),
    ]
    with remanence.open(":memory:") as memory:
        for number, (at, text) in enumerate(said):
            memory.remember(text, speaker="Ana", at=f"{at}T18:00:00", id=f"d{number}")
        yield memory


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What happened in May 2024?", "the choir sang in the cathedral"),
        ("anything from October 2023?", "repainted the hallway sage green"),
        ("what did I do over Christmas 2023", "christmas at Noor's, far too much trifle"),
        ("2024年6月我干了什么？", "今天去爬了香山，累坏了"),
        ("the two weeks after the knee surgery", "walked to the bakery and back on crutches"),
        ("when did I last ski?", "second ski weekend, only two falls"),
        ("When was the first time I skied?", "skied for the first time, fell eleven times"),
    ],
)
def test_a_time_is_answered_by_that_time(diary, question, first):
    assert diary.recall(question, at="2024-09-01")[0].text == first


def test_rows_of_the_time_asked_for_are_relevant_and_others_are_not(diary):
    found = {each.text: each.relevance for each in diary.recall("May 2024?", at="2024-09-01")}
    assert found.pop("the choir sang in the cathedral") > 0.8
    assert max(found.values()) < 0.3


@pytest.fixture
def year():
    """Twelve entries whose words say nothing of their month, and one that has the words alone."""
    with remanence.open(":memory:", embedder="hash:32") as opened:
        for month in range(1, 13):
            opened.remember(
                f"Entry number {month} about plain matters.",
                speaker="Wei",
                at=f"2024-{month:02}-10",
                id=f"m{month}",
            )
        text = "In June everything happened at once, what a month."
        opened.remember(text, speaker="Wei", at="2024-12-01", id="words")
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
def test_what_was_said_then_comes_before_what_has_the_words(year, query, first):
    found = year.recall(query, at="2025-07-01")
    assert found[0].id == first and "time" in found[0].why
    assert found[0].relevance > 0.5


def test_a_time_in_which_nothing_was_said_brings_nothing_into_a_context(year):
    assert year.context("what happened in June 2019?", at="2025-07-01").recollections == ()


def test_a_story_with_many_times_spans_them_all():
    text = "yesterday was fun, and last week too, and in May 2024 we met; who was there?"
    assert days(when.read(text, NOW)) == ("2024-05-01", "2024-09-18")


@pytest.mark.parametrize("part", ["q", "从", "字", "before ", "the week ", "a."])
def test_a_long_text_without_end_is_read_in_steps_that_grow_with_its_length(part):
    """The expressions that look ahead are bounded: twenty thousand characters are no burden."""
    text = (part * 20_000)[:20_000]
    assert when.read(text, NOW, lambda event: None).window is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what happened at the end of 2022", "2022-12-01", "2023-01-01"),
        ("2022年底", "2022-12-01", "2023-01-01"),
        ("what happened in winter 21/22", "2021-12-01", "2022-03-01"),
        ("what did I do a year ago", "2023-09-12", "2023-09-26"),
    ],
)
def test_loose_periods(text, first, last):
    start, end = when.read(text, NOW).window
    assert f"{datetime.fromtimestamp(start, UTC):%Y-%m-%d}" == first
    assert f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d}" == last


def test_a_turn_that_asks_for_something_tells_least_of_its_day():
    with remanence.open(":memory:") as memory:
        for n, text in enumerate(["give me five names for a boat", "sanded the boat", "good soup"]):
            memory.remember(text, speaker="Ida", at=f"2024-05-{10 + n}", id=f"e{n}")
        order = [one.id for one in memory.recall("what happened in May 2024?", at="2024-09-01")]
    assert order.index("e0") > order.index("e1")
