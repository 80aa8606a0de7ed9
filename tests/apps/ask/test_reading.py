"""How sentences and questions are read, table by table."""

from datetime import UTC, datetime

import pytest

from remanence.apps.ask import chinese, english, events, parse
from remanence.apps.ask.english_amounts import number
from remanence.apps.ask.evaluation import scored
from remanence.apps.ask.lexicon import lexicon
from remanence.storage.events import Role
from remanence.text import times

NOW = datetime(2024, 5, 1, tzinfo=UTC)
ACTION, THING, PERSON, GOAL, SETTING, OTHER = (
    Role.ACTION,
    Role.THING,
    Role.PERSON,
    Role.GOAL,
    Role.SETTING,
    Role.OTHER,
)


def phrases(text, reader):
    hidden = [span.at for span in times.spans(text, NOW)]
    return [
        (each.role, each.text)
        for each in reader.read(text, hidden).phrases
        if each.role is not Role.QUANTITY
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I met Ana at the library.", [(ACTION, "met"), (PERSON, "Ana"), (SETTING, "library")]),
        (
            "Ana, Tom and I went to Riga, Latvia together.",
            [(PERSON, "Ana"), (PERSON, "Tom"), (ACTION, "went"), (GOAL, "Riga, Latvia")],
        ),
        (
            "I bought bread, figs and a lamp.",
            [(ACTION, "bought"), (THING, "bread"), (THING, "figs"), (THING, "lamp")],
        ),
        (
            "I had macaroni and cheese for lunch.",
            [(ACTION, "had"), (THING, "macaroni and cheese"), (OTHER, "lunch")],
        ),
        (
            "I was grilling trout with fennel on Sunday with Bea.",
            [(ACTION, "grilling"), (THING, "trout with fennel"), (PERSON, "Bea")],
        ),
        (
            "I really enjoyed painting yesterday.",
            [(ACTION, "enjoyed"), (ACTION, "painting"), (THING, "painting")],
        ),
        (
            "I visited the Tate Modern with my mum.",
            [(ACTION, "visited"), (GOAL, "Tate Modern"), (PERSON, "mum")],
        ),
        (
            "I took my nephew to the zoo and then bought ice cream online.",
            [
                (ACTION, "took"),
                (PERSON, "nephew"),
                (GOAL, "zoo"),
                (ACTION, "bought"),
                (THING, "ice cream"),
                (OTHER, "online"),
            ],
        ),
        (
            "I talked to Ines, Ravi and Mo.",
            [(ACTION, "talked"), (PERSON, "Ines"), (PERSON, "Ravi"), (PERSON, "Mo")],
        ),
    ],
)
def test_an_english_sentence_is_cut_into_phrases(text, found):
    assert phrases(text, english) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "昨天和小李、王芳一起在公园跑了步",
            [(PERSON, "小李"), (PERSON, "王芳"), (SETTING, "公园"), (ACTION, "跑步")],
        ),
        (
            "买了苹果、香蕉和牛奶",
            [(ACTION, "买"), (THING, "苹果"), (THING, "香蕉"), (THING, "牛奶")],
        ),
        ("去年去成都出差", [(GOAL, "成都"), (ACTION, "去"), (ACTION, "出差")]),
        ("晚上给爸爸打电话", [(PERSON, "爸爸"), (ACTION, "打电话")]),
        ("我去了健身房", [(GOAL, "健身房"), (ACTION, "去")]),
    ],
)
def test_a_chinese_sentence_is_cut_into_phrases(text, found):
    assert phrases(text, chinese) == found


@pytest.mark.parametrize(
    ("text", "amount", "unit", "times_"),
    [
        ("Ran 5 km.", 5, "kilometre", 1),
        ("Walked for an hour.", 60, "minute", 1),
        ("I read for 2 hours.", 120, "minute", 1),
        ("Paid $1,200 for a sofa.", 1200, "dollar", 1),
        ("I spent 40 talking to Ana.", 40, "", 1),
        ("Slept half an hour.", 30, "minute", 1),
        ("I swam three times and did 20 laps.", 20, "lap", 3),
        ("跑了5公里", 5, "kilometre", 1),
        ("聊了半小时", 30, "minute", 1),
        ("花了四十块钱", 40, "yuan", 1),
        ("读了三次，一共两个小时", 120, "minute", 3),
    ],
)
def test_amounts_have_their_unit(text, amount, unit, times_):
    reading = events.readers(text).read(text)
    (quantity,) = [each for each in reading.phrases if each.role is Role.QUANTITY]
    assert (quantity.amount, quantity.unit, reading.times) == (amount, unit, times_)


@pytest.mark.parametrize(
    "text",
    [
        "I did not swim.",
        "I never went.",
        "Did I swim?",
        "I will swim.",
        "I want to swim.",
        "If I swim, I rest.",
        "I should swim.",
        "I usually swim.",
        "Please swim.",
        "I planned to swim.",
        "I forgot to swim.",
        "没去爬山",
        "我想去爬山",
        "去爬山了吗？",
        "我打算爬山",
        "我经常爬山",
        "别去爬山",
        "我可能去爬山",
        "取消了爬山",
    ],
)
def test_what_did_not_happen_is_known(text):
    assert not events.readers(text).read(text).happened


@pytest.mark.parametrize(
    "text",
    [
        "I went in May.",
        "It was not bad.",
        "昨天开会了",
        "去爬山了",
        "差不多走了五公里",
        "主要看了书",
    ],
)
def test_what_happened_is_known(text):
    reading = events.readers(text).read(text, [span.at for span in times.spans(text, NOW)])
    assert reading.happened is (text != "It was not bad.")


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        (
            "How many times did I visit Oslo in 2023?",
            "count event: did visit; to Oslo; since 2023-01-01; until 2024-01-01",
        ),
        (
            "How many books have I read since 2022?",
            "count thing: did read; named books; since 2022-01-01",
        ),
        (
            "How long do I read on average each day?",
            "total quantity per day: did read; in unit minute",
        ),
        ("How far did I run with Bea?", "total quantity: did run; with Bea; in unit kilometre"),
        ("What fruit do I eat the most often?", "most thing of kind fruit: did eat"),
        (
            "What was my favourite sport in 2023?",
            "most thing of kind exercise: since 2023-01-01; until 2024-01-01",
        ),
        ("Which month did I ski the least?", "least month: did ski"),
        ("What are my top 3 destinations?", "most place of kind destination: anything"),
        (
            "Who did I have lunch with on 2024-02-03?",
            "list person: named lunch; since 2024-02-03; until 2024-02-04",
        ),
        ("What was my longest walk?", "largest quantity: did walk; in unit minute"),
        ("When did I last see Bea?", "last day: did see; with Bea"),
        (
            "List all the films that I watched in Riga.",
            "list thing: did watched; named films; in Riga",
        ),
        ("Have I ever been to Lyon?", "exists event: to Lyon"),
        ("我去年去了几次北京？", "count event: to 北京; since 2023-01-01; until 2024-01-01"),
        ("我平均每周跑多少公里？", "total quantity per week: did 跑; in unit kilometre"),
        ("我最常做什么运动？", "most thing of kind exercise: anything"),
        ("我第一次去广州是什么时候？", "first day: to 广州"),
        ("我和小王在咖啡馆聊过几次天？", "count event: did 聊天; with 小王; in 咖啡馆"),
        (
            "上个月我花了多少钱？",
            "total quantity: since 2024-04-01; until 2024-05-01; in unit money",
        ),
        ("我哪一年爬山最多？", "most year: did 爬山"),
    ],
)
def test_a_question_is_a_plan(question, plan):
    made = parse(question, NOW)
    assert made is not None
    assert made.text() == plan


@pytest.mark.parametrize(
    "question", ["Swimming pool.", "How are you?", "What is love?", "你好", "说说看"]
)
def test_what_cannot_be_computed_has_no_plan(question):
    assert parse(question, NOW) is None


@pytest.mark.parametrize(
    ("phrase", "kinds"),
    [
        ("ripe mangos", ("fruit",)),
        ("mango juice", ("drink",)),
        ("绿茶", ("drink",)),
        ("a lamp", ()),
        ("went swimming", ("exercise",)),
    ],
)
def test_the_kind_of_a_thing_is_that_of_its_head(phrase, kinds):
    assert lexicon().kinds_of(phrase) == kinds


def test_a_numeral_is_read_in_digits_and_words():
    assert [number(each) for each in ("7", "1,250", "$3.50", "twelve", "moon")] == [
        7,
        1250,
        3.5,
        12,
        None,
    ]
    assert [chinese.number(each) for each in ("三", "十二", "一百二十", "半", "猫")] == [
        3,
        12,
        120,
        0.5,
        None,
    ]


@pytest.mark.parametrize(
    ("kind", "gold", "score"),
    [
        ("count", [["3"]], 0.0),
        ("argmax", [["Ana", "4"]], 1.0),
        ("list", [["Ana"], ["Tom"]], 2 / 3),
        ("atomic", "Ana", 1.0),
    ],
)
def test_an_answer_is_scored(kind, gold, score):
    from remanence.apps.ask import Answer

    answer = Answer("Ana", known=True, values=("Ana",))
    assert scored({"answer": gold, "type": kind}, answer) == pytest.approx(score)
