"""Answers quoted from evidence: what is said, cited; and that nothing is, where nothing is."""

from dataclasses import replace

import pytest

from remanence.retrieval import answering
from remanence.types import Fact, Recollection


def said(id, text, speaker="Wei"):
    return Recollection(id, text, 5.0, speaker, None, "2025-04-02T00:00:00Z", {})


def fact(subject, relation, object, source):
    return Fact(
        source,
        subject,
        relation,
        object,
        "n",
        "asserted",
        1.0,
        1,
        (source,),
        "2025-04-02T00:00:00Z",
    )


MOVED = said("m1", "I moved to Chengdu in March. The flat is small.")
PEANUTS = said("m2", "我对花生过敏，别忘了。今天天气不错。")


def test_the_sentence_that_answers_is_quoted_and_cited():
    found = answering.answer("When did Wei move to Chengdu?", [PEANUTS, MOVED])
    assert found.known and found.citations == ("m1",)
    assert "I moved to Chengdu in March." in found.text and "flat" not in found.text


def test_a_chinese_question_gets_the_chinese_sentence():
    found = answering.answer("我对什么过敏？", [MOVED, PEANUTS])
    assert found.citations == ("m2",) and "我对花生过敏" in found.text and "天气" not in found.text


@pytest.mark.parametrize(
    ("question", "words"),
    [("What is the capital of France?", "I do not know"), ("我的生日是哪一天？", "我不知道")],
)
def test_it_says_that_it_does_not_know_in_the_language_of_the_question(question, words):
    found = answering.answer(question, [MOVED, PEANUTS])
    assert not found.known and found.citations == () and found.text.startswith(words)
    assert answering.admits(found.text)


def test_a_fact_whose_relation_is_asked_for_comes_before_quotations():
    known = [
        (fact("Wei", "lives_in", "Chengdu", "m1"), "Wei lives in Chengdu."),
        (fact("Wei", "likes", "tea", "m3"), "Wei likes tea."),
    ]
    found = answering.answer("Where does Wei live?", [MOVED], known)
    assert (found.text, found.citations) == ("Wei lives in Chengdu. [m1]", ("m1",))


def test_a_name_in_the_question_is_not_yet_a_fact_asked_for():
    known = [(fact("Wei", "likes", "tea", "m3"), "Wei likes tea.")]
    assert not answering.answer("Where was Wei born?", [], known).known


def test_what_is_told_is_noted_rather_than_answered():
    assert answering.answer("I bought a boat.", [MOVED]).text == answering.NOTED["latin"]
    assert answering.answer("我买了一条船。", [MOVED]).text == answering.NOTED["han"]


def test_a_question_is_no_answer_to_itself():
    asked = said("q1", "Where is the red bicycle?")
    found = answering.answer("Where is the red bicycle?", [asked])
    assert not found.known


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Where do I live?", True),
        ("tell me about Chengdu", True),
        ("你知道她住哪里吗", True),
        ("I live here.", False),
        ("我住在成都。", False),
    ],
)
def test_asking_is_told_from_telling(text, asks):
    assert answering.asks(text) is asks


def test_no_evidence_at_all_is_not_known():
    assert not answering.answer("Where do I live?", []).known


def test_what_a_model_said_once_is_not_quoted_as_evidence():
    reply = replace(said("r1", "You moved to Chengdu in March."), metadata={"role": "assistant"})
    assert answering.answer("When did Wei move to Chengdu?", [reply, MOVED]).citations == ("m1",)
    assert not answering.answer("When did Wei move to Chengdu?", [reply]).known


@pytest.mark.parametrize(
    ("text", "metadata", "nothing"),
    [
        ("Where do I live?", {"role": "user"}, True),
        ("我住在哪里？", {"role": "user"}, True),
        ("I live here. Do you?", {"role": "user"}, False),
        ("I do not know.", {"role": "assistant", "known": False}, True),
        ("Where do I live?", {}, False),
    ],
)
def test_questions_and_replies_that_did_not_know_say_nothing(text, metadata, nothing):
    assert answering.says_nothing(replace(said("x", text), metadata=metadata)) is nothing


def talked(*texts, session="s1", role="user"):
    """Turns of one session, a second apart."""
    return [
        Recollection(
            f"t{n}",
            text,
            1.0,
            "Wei",
            session,
            f"2025-04-02T00:00:{n:02}Z",
            {},
            metadata={"role": role},
        )
        for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("texts", "question", "words"),
    [
        (["bought a kite for Ben", "it's under the stairs"], "where is the kite", "stairs"),
        (["my coach is Ines", "she's on holiday till May"], "when is my coach back", "May"),
        (["booked the ferry", "leaves at 7:40"], "when does the ferry leave", "7:40"),
        (["the vet looked at the rabbit", "cost 45"], "how much was the vet", "45"),
        (["外公在苏州", "他下周三过来"], "外公什么时候来", "周三"),
        (["相机买了", "放在书房的柜子里"], "相机放在哪", "书房"),
    ],
)
def test_a_message_that_goes_on_in_the_next_is_quoted_with_it(texts, question, words):
    found = answering.answer(question, talked(*texts))
    assert found.known and words in found.text


def test_a_turn_of_another_session_is_no_continuation():
    first, second = talked("bought a kite for Ben", "it's under the stairs")
    elsewhere = replace(second, session="s2")
    assert "stairs" not in answering.answer("where is the kite", [first, elsewhere]).text


@pytest.mark.parametrize(
    "text",
    [
        "gym code",
        "router password",
        "landlord phone",
        "门禁密码",
        "车牌号",
        "房东电话",
        "hotel address",
    ],
)
def test_a_search_for_a_detail_is_a_question(text):
    assert answering.asks_by_keywords(text)


@pytest.mark.parametrize(
    "text",
    ["gym code 2291", "also batteries", "need milk", "my code", "门禁密码是 4412", "我换了手机"],
)
def test_a_detail_that_is_told_is_no_question(text):
    assert not answering.asks_by_keywords(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("My dentist is Dr. Farrow. I like her.", "My dentist is Dr. Farrow."),
        (
            "Mrs. Delgado lives on St. James Rd. near us. It rains.",
            "Mrs. Delgado lives on St. James Rd. near us.",
        ),
        ("We met Prof. Okoro at 3. Lunch was good.", "We met Prof. Okoro at 3."),
    ],
)
def test_an_abbreviation_does_not_end_a_sentence(text, sentence):
    assert answering._told(text)[0] == sentence


@pytest.mark.parametrize(
    "text",
    [
        "where do i work",
        "what's my cat called",
        "do i eat fish",
        "我住哪",
        "会议几点",
        "我能吃花生吗",
    ],
)
def test_a_question_without_its_mark_tells_nothing(text):
    assert answering.only_asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "when i was ten we moved",
        "what a lovely day, the roses are out",
        "我几年前去过青岛，很喜欢",
        "how nice of Ana, she baked",
    ],
)
def test_a_statement_that_begins_like_a_question_tells_something(text):
    assert not answering.only_asks(text)


def test_what_a_model_said_is_no_evidence():
    (item,) = talked("The kite is in Delft.", role="assistant")
    assert not answering.answer("where is the kite", [item]).known


@pytest.mark.parametrize(
    "question", ["what's my blood type", "who is my accountant", "我的血型", "我住几楼"]
)
def test_what_was_never_said_is_not_known(question):
    found = talked("the kite is under the stairs", "my coach is Ines", "相机放在书房")
    assert not answering.answer(question, found).known


FORMS = [
    ("what dose", ["my gp gave me losartan", "still 50 mg"], "50 mg"),
    ("剂量多少", ["晚上吃钙片，两片"], "两片"),
    ("航班号", ["我坐MU5137", "下午到"], "MU5137"),
    ("email address", ["write to nadia@otter.example"], "nadia@otter.example"),
    ("我在哪上班", ["上个月入职了海燕报社"], "海燕报社"),
]


@pytest.mark.parametrize(("question", "texts", "expected"), FORMS)
def test_a_question_of_a_kind_is_answered_by_its_form(question, texts, expected):
    assert expected in answering.answer(question, talked(*texts)).text


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("what dose of aspirin", ["still 50 mg of losartan"]),
        ("what is the clinic's phone number", ["mine is 0131 496 0701"]),
        ("我在哪上班", ["昨天去公园散步了"]),
    ],
)
def test_a_form_answers_no_question_of_something_else(question, texts):
    assert not answering.answer(question, talked(*texts)).known


def test_what_was_before_is_left_out_of_what_is_now():
    texts = ["choir moved to thursdays at 5", "before it was mondays"]
    assert "mondays" not in answering.answer("when is choir", talked(*texts)).text
