"""What is answered, and from which rows."""

import pytest

import remanence
from remanence.apps.ask import Asker, Operation, Plan, load
from remanence.errors import InvalidInput

AT = "2024-05-01"


def ids(answer):
    return [line.id for line in answer.citations]


@pytest.mark.parametrize(
    ("question", "number", "rows"),
    [
        ("How many times did I go swimming in January 2024?", 2, ["d1", "d2"]),
        ("How often did I swim with Tom?", 1, ["d2"]),
        ("How many times did I visit Lyon?", 1, ["d6"]),
        ("How many melons did I buy?", 2, ["d5"]),
        ("How many places did I visit in Lyon?", 1, ["d7"]),
        ("How many days did I talk to my sister?", 2, ["d10", "d12"]),
        ("How long did I talk to my sister?", 30, ["d10", "d12"]),
        ("How much money did I spend on a novel?", 30, ["d9"]),
        ("How many times did I swim with Zoe?", 0, []),
        ("我四月跑步跑了几次？", 1, ["c6"]),  # 昨天 of 1 April was in March
        ("我跑步跑了几次？", 2, ["c1", "c6"]),
        ("我一共跑了多少公里？", 8, ["c1", "c6"]),
        ("我和小李一起跑了几次步？", 1, ["c1"]),
        ("我游了几次泳？", 2, ["c7"]),
        ("我四月在超市花了多少钱？", 60, ["c4"]),
    ],
)
def test_a_number_comes_with_the_rows_that_give_it(asker, question, number, rows):
    answer = asker.ask(question, at=AT)
    assert (answer.known, answer.number, ids(answer)) == (True, number, rows)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("Which fruit did I buy in January 2024?", ("apples", "melons")),
        ("What toiletries did I buy?", ("toothbrush",)),
        ("Who did I swim with the most?", ("Ana",)),
        ("Who did I talk to the most?", ("Ana",)),  # longest, although the sister was oftener
        ("Where did I go with Tom in February 2024?", ("Lyon, France", "Croix-Rousse")),
        ("What did I eat in Lyon?", ("onion soup",)),
        ("When did I last go swimming?", ("2024-01-10",)),
        ("When was the first time I went swimming?", ("2024-01-03",)),
        ("In which month did I swim the most?", ("2024-01",)),
        ("What did I eat on the day I visited the Croix-Rousse?", ("onion soup",)),
        ("我和谁一起跑过步？", ("小李", "王芳")),
        ("我买了哪些水果？", ("apples", "melons", "香蕉")),
        ("我最后一次跑步是什么时候？", ("2024-04-10",)),
        ("我在成都吃过什么？", ("火锅",)),
        ("我和谁看过电影？", ("小李",)),
    ],
)
def test_names_things_and_dates_are_listed(asker, question, values):
    assert asker.ask(question, at=AT).values == values


@pytest.mark.parametrize(
    ("question", "yes"),
    [
        ("Did I visit Lyon in 2024?", True),
        ("Did I visit Lyon in 2023?", False),
        ("Did I go swimming on 2024-01-11?", False),  # denied that day
        ("我去年去过成都吗？", False),
        ("我今年去过成都吗？", True),
    ],
)
def test_yes_and_no(asker, question, yes):
    answer = asker.ask(question, at=AT)
    assert answer.known
    assert bool(answer.number) is yes


@pytest.mark.parametrize(
    "question",
    [
        "How many times did I play tennis?",  # nothing names it: another word may
        "How many times did I take the kids swimming?",
        "How long did I swim with Zoe?",
        "How much did I spend on flights?",
        "我打了几次网球？",
    ],
)
def test_no_number_is_guessed(asker, question):
    answer = asker.ask(question, at=AT)
    assert (answer.known, answer.number) == (False, None)


@pytest.mark.parametrize("text", ["I dream of swimming.", "Swim!", "I will swim.", "I might swim."])
def test_what_did_not_happen_is_not_counted(empty, text):
    empty.remember([{"text": "I swam.", "at": "2024-01-01"}, {"text": text, "at": "2024-01-02"}])
    assert Asker(empty).ask("How many times did I swim?", at=AT).number == (
        2 if text == "Swim!" else 1
    )


def test_whoever_speaks_is_told_apart_where_he_is_named(empty):
    empty.remember("I went skiing.", speaker="Ana", at="2024-01-01", id="a")
    empty.remember("I went skiing twice.", speaker="Tom", at="2024-01-02", id="b")
    asker = Asker(empty)
    assert asker.ask("How many times did I go skiing?", at=AT).number == 3
    assert asker.ask("How many times did I go skiing?", speaker="Ana", at=AT).number == 1
    assert asker.ask("How many times did Tom go skiing?", at=AT).number == 2


def test_what_an_assistant_says_is_no_event(empty):
    empty.remember(
        [
            {"role": "user", "content": "I ran today."},
            {"role": "assistant", "content": "I ran too."},
        ]
    )
    assert Asker(empty).ask("How many times did I run?").number == 1


def test_the_plan_and_what_was_searched_are_shown(asker):
    answer = asker.ask("How many times did I see the dentist?", at=AT)
    assert answer.plan["things"] == ("dentist",) or answer.plan["actions"] == ("see",)
    told = asker.ask("How many times did I swim with Tom in January 2024?", at=AT)
    assert "did swim" in told.why[0]
    assert told.why[1] == "searched 3 events on 3 days; 1 of them match"


def test_an_average_says_over_which_days(asker):
    answer = asker.ask("How many times a week did I swim in January 2024 on average?", at=AT)
    assert answer.number == pytest.approx(2 / (31 / 7))
    assert "over 2024-01-01/2024-01-31" in answer.why


def test_a_bare_number_is_read_in_the_unit_of_the_others_and_said_so(empty):
    empty.remember(
        [
            {"text": "I spent 30 minutes drawing.", "at": "2024-01-01"},
            {"text": "I spent 20 drawing.", "at": "2024-01-02"},
        ]
    )
    answer = Asker(empty).ask("How long did I draw?", at=AT)
    assert answer.number == 50
    assert any("1 say no unit" in line for line in answer.why)


def test_kids_might_be_anybody_who_is_named(empty):
    asker = Asker(empty)
    question = "How many times did I take my kids to the dentist?"
    empty.remember("I went to the dentist.", at="2024-01-01")
    assert asker.ask(question, at=AT).number == 0
    empty.remember("I took Mia to the dentist.", at="2024-01-02")
    assert asker.ask(question, at=AT).number is None


def test_a_question_without_a_plan_is_quoted(asker):
    answer = asker.ask("onion soup recipe", at=AT)
    assert answer.plan is None
    assert answer.number is None


def test_an_empty_namespace_knows_nothing(empty):
    answer = Asker(empty).ask("How many times did I swim?", namespace="nobody")
    assert (answer.known, answer.number, answer.citations) == (False, None, ())


def test_nothing_crosses_a_namespace(empty):
    empty.remember("I went skiing.", namespace="a")
    asker = Asker(empty)
    assert asker.ask("How many times did I go skiing?", namespace="a").number == 1
    assert not asker.ask("How many times did I go skiing?", namespace="b").known


def test_what_is_forgotten_is_counted_no_more(empty):
    empty.remember("I went skiing with Zoe.", id="z", at="2024-01-01")
    empty.remember("I went skiing.", id="y", at="2024-01-02")
    asker = Asker(empty)
    assert asker.ask("How many times did I go skiing?", at=AT).number == 2
    empty.forget(namespace="default", id="z")
    assert asker.ask("How many times did I go skiing?", at=AT).number == 1
    assert asker.ask("Who did I go skiing with?", at=AT).values == ()


def test_a_newer_version_counts_in_the_place_of_the_older(empty):
    empty.remember("I went skiing with Zoe.", id="z", at="2024-01-01")
    asker = Asker(empty)
    assert asker.ask("Who did I go skiing with?", at=AT).values == ("Zoe",)
    empty.remember("I went skiing with Kim.", id="z", at="2024-01-01")
    assert asker.ask("Who did I go skiing with?", at=AT).values == ("Kim",)
    assert asker.ask("How many times did I go skiing?", at=AT).number == 1


def test_events_survive_a_restart_and_a_rebuild(tmp_path):
    from remanence import doctor

    path = str(tmp_path / "m.db")
    with remanence.open(path, embedder="hash:64") as memory:
        memory.remember("I went skiing.", at="2024-01-01")
        assert Asker(memory).ask("How many times did I ski?", at=AT).number == 1
    doctor.rebuild(path)
    with remanence.open(path) as memory:
        memory.remember("I went skiing again.", at="2024-01-02")
        assert Asker(memory).ask("How many times did I ski?", at=AT).number == 2


def test_no_file_of_the_store_holds_a_forgotten_word(tmp_path):
    path = tmp_path / "m.db"
    with remanence.open(str(path), embedder="hash:64") as memory:
        memory.remember("I met Quetzalcoatl in Xanthippolis.", id="q")
        assert Asker(memory).ask("Who did I meet?").values == ("Quetzalcoatl",)
        memory.forget(namespace="default", id="q")
        left = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"uetzalcoatl" not in left
    assert b"anthippolis" not in left


def test_a_planner_may_be_anything_that_makes_plans(diary):
    asker = Asker(diary, lambda question, at: load({"operation": "count", "actions": ["swim"]}))
    assert asker.ask("Schwimmen?", at=AT).number == 2


@pytest.mark.parametrize(
    "raw",
    [
        {"operation": "guess"},
        {"operation": "count", "target": "soul"},
        {"operation": "count", "sql": "DROP TABLE episode"},
        {"operation": "count", "things": "swim"},
        {"operation": "count", "per": "decade"},
        {"operation": "count", "kind": 3},
    ],
)
def test_a_plan_that_is_none_is_refused(raw):
    with pytest.raises(InvalidInput):
        load(raw)


def test_a_plan_is_read_back_as_it_was_written():
    inner = Plan(Operation.LIST, actions=("visit",), goals=("Lyon",))
    plan = Plan(
        Operation.COUNT, things=("soup",), since="2024-01-01T00:00:00+00:00", on_days_of=inner
    )
    assert load(plan.as_json()) == plan


def test_what_changed_is_told_by_the_facts(empty):
    empty.remember("I live in Leeds.", speaker="Ana", at="2024-01-05", id="a")
    empty.remember("I moved to Porto.", speaker="Ana", at="2024-06-05", id="b")
    answer = Asker(empty).ask("What changed since May 2024?", at="2024-12-01")
    assert answer.known
    assert [value[:10] for value in answer.values] == ["2024-06-05", "2024-06-05"]
    assert {line.id for line in answer.citations} == {"a", "b"}
