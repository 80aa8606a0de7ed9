"""The statement that holds now stands above the one it replaced; near misses keep their place."""

import pytest

import remanence
from remanence.retrieval import standing, updates
from remanence.types import Recollection

UPDATES = [
    ("Where do I live?", "I live in Utrecht", "moved to Ghent last spring, love it"),
    ("who is my accountant", "my accountant is Mr Pell", "switched accountants, it's Dana Fox now"),
    ("how much is the gym", "gym is 35 a month", "the gym raised it to 42"),
    ("when is choir practice", "choir practice on mondays", "choir practice is on thursdays now"),
    ("do I still have the kayak", "we keep a kayak in the garage", "sold the kayak to a student"),
    ("what do I drive", "I drive a grey Fiat", "traded the Fiat for a Skoda"),
    ("which bank are we with", "our bank is Ostara", "ditched Ostara, our bank is Lumen now"),
    ("我住在哪里", "我住在苏州", "我搬到厦门了"),
    ("孩子的课是星期几", "孩子的画画课在周三", "孩子的画画课改到周五了"),
    ("我用哪个浏览器", "我用的是火狐浏览器", "不用火狐浏览器了，换成了夸克"),
    ("停车费多少", "停车费三百五十", "停车费涨到四百二十了"),
    ("where is the recital", "recital's in the chapel", "the recital is in the barn"),
    (
        "what's the boat called",
        "thinking of naming the boat Ada",
        "the boat's called Juno, not Ada",
    ),
    ("who has the parrot", "our parrot talks all day", "handed over the parrot to my aunt"),
    ("外婆住在哪", "外婆住在乡下", "把外婆接来城里住了"),
    ("小船叫什么", "小船打算叫海燕", "证书上是白鹭，小船不叫海燕了"),
]
NEAR_MISSES = [
    ("Where do I live?", "I live in Utrecht", "my cousin moved to Ghent last spring"),
    ("Where do I live?", "I live in Utrecht", "visiting Ghent all next week"),
    ("what do I drive", "I drive a grey Fiat", "borrowed a Skoda to move a wardrobe"),
    ("what do I drive", "I drive a grey Fiat", "thinking about getting a Skoda maybe"),
    ("when is choir practice", "choir practice on mondays", "dreamt choir practice was cancelled"),
    ("do I have a dog", "I have a dog called Pim", "the neighbours were loud again"),
    ("我住在哪里", "我住在苏州", "我表弟搬到厦门去了"),
    ("我开什么车", "我开的是红旗", "差点买了辆吉利"),
    ("我住在哪里", "我住在苏州", "下周去厦门出差"),
]


def said(*texts, speaker="Ida", ids="abcdef"):
    """Recollections in the order of their score, said one day after another."""
    return [
        Recollection(
            id=ids[n], text=text, score=5.0 - n, speaker=speaker, session=None,
            at=f"2024-03-0{n + 1}T10:00:00Z", why={}, source=ids[n], metadata={}, via=None,
            relevance=0.8 - n / 10, similarity=0.5,
        )
        for n, text in enumerate(texts)
    ]  # fmt: skip


def ids(items):
    return "".join(item.id for item in items)


@pytest.mark.parametrize(("question", "old", "new"), UPDATES)
def test_an_update_stands_above_what_it_replaced(question, old, new):
    assert ids(standing.order(question, said(old, new))) == "ba"


@pytest.mark.parametrize(("question", "old", "new"), NEAR_MISSES)
def test_a_near_miss_keeps_its_place(question, old, new):
    assert ids(standing.order(question, said(old, new))) == "ab"


@pytest.mark.parametrize(
    "question",
    [
        "Where did I live before?",
        "where was I living in 2023",
        "what was my old address",
        "我以前住在哪里",
        "我原来住哪",
    ],
)
def test_a_question_about_the_past_changes_nothing(question):
    found = said("I live in Utrecht", "moved to Ghent last spring, love it")
    assert standing.order(question, found) == found


def test_what_another_speaker_says_replaces_nothing():
    old, new = said("I live in Utrecht"), said("moved to Ghent", speaker="Bo", ids="xyz")
    assert ids(standing.order("Where do I live?", old + new)) == "ax"


def test_an_earlier_statement_never_rises():
    found = list(reversed(said("moved to Ghent last spring", "I live in Utrecht for good now")))
    assert ids(standing.order("Where do I live?", found)) == "ba"


def test_three_statements_stand_latest_first():
    texts = ("gym is 35 a month", "the gym raised it to 42", "the gym put it up to 49 now")
    assert ids(standing.order("how much is the gym", said(*texts))) == "cba"


def test_scores_stay_sorted_and_say_what_rose():
    found = standing.order(*UPDATES[0][:1], said(*UPDATES[0][1:]))
    assert found[0].score >= found[1].score
    assert found[0].why["standing"] == pytest.approx(1.0)
    assert found[0].relevance >= found[1].relevance


def test_nothing_found_stays_nothing():
    assert standing.order("Where do I live?", []) == []


@pytest.mark.parametrize(
    ("question", "old", "new"), [UPDATES[1], UPDATES[4], UPDATES[6], UPDATES[8]]
)
def test_recall_brings_what_holds_now_first_among_much_else(question, old, new):
    with remanence.open(":memory:") as memory:
        for n, text in enumerate(["planted leeks", "fed the hens", "今天下雨", "吃了火锅"] * 3):
            memory.remember(text, speaker="Ida", at=f"2024-01-{n + 1:02}", id=f"e{n}")
        memory.remember(old, speaker="Ida", at="2024-02-01", id="old")
        memory.remember(new, speaker="Ida", at="2024-05-01", id="new")
        order = [each.id for each in memory.recall(question, at="2024-06-01")]
    assert order.index("new") < order.index("old")


PASSING = [
    ("what do I drive", "borrowed a van to move a wardrobe", "I drive a grey Fiat"),
    ("我几月去挪威", "我爸妈九月也要去挪威", "六月份要去挪威"),
    ("我会什么乐器", "差点买了架钢琴", "我会拉二胡"),
]


@pytest.mark.parametrize(("question", "above", "below"), PASSING)
def test_what_happened_once_or_to_others_gives_way_to_what_lasts(question, above, below):
    assert ids(standing.order(question, list(said(above, below)))) == "ba"


def test_a_question_about_somebody_else_keeps_what_is_said_of_him():
    found = said("my brother drives a grey Fiat", "I drive a red Skoda")
    assert ids(standing.order("what does my brother drive", found)) == "ab"


def test_what_facts_say_is_over_stands_below_what_ended_it_however_far():
    found = said("born in Oslo", "tea at four", "likes rain", "two cats", "one hat", "a Fiat")
    over = {"a": frozenset("f"), "c": frozenset("z")}
    assert ids(standing.order("which car", found, replaced=over)) == "fabcde"
    assert ids(standing.order("which car was it before", found, replaced=over)) == "abcdef"


TEXTS = [*(row[1:] for row in UPDATES), *(row[1:] for row in NEAR_MISSES)]


@pytest.mark.parametrize("signals", [updates.TOPIC, updates.SIGNALS])
@pytest.mark.parametrize("enough", [-1.0, 0.6, 2.0, 2.9])
def test_a_sum_cut_short_decides_as_the_whole_sum_does(signals, enough):
    for old, new in TEXTS:
        pair = updates.Pair(*map(updates.read, ("what now", old, new)), 0.3)
        expected = updates.total(signals, pair) >= enough
        assert updates.reaches(signals, pair, enough) == expected
