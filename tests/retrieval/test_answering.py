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
