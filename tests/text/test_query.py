"""Reading a query: whom it names, what it wants, which sentences it has."""

import pytest

from remanence.text import query as asking
from remanence.text.query import analyse


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("What did melanie paint?", ("Melanie",)),
        ("What did Mel paint?", ("Melanie",)),
        ("Mel's kids", ("Melanie",)),
        ("a melon", ()),
        ("Where did she hike in May?", ()),
        ("Will it take time?", ()),
        ("Did Tim Reed call?", ("Tim Reed",)),
        ("赵志强在哪个单位上班", ("赵志强",)),
        ("志强住在哪里", ("赵志强",)),
        ("Where do I live?", ("user",)),
        ("What did you advise?", ("assistant",)),
    ],
)
def test_a_query_names_the_speakers_it_speaks_of(query, named):
    speakers = ["Melanie", "Maya", "Tim Reed", "Willow", "赵志强", "user", "assistant"]
    assert analyse(query, speakers).named == named


@pytest.mark.parametrize(
    "text",
    ["Where do I live?", "Will it take time?", "ｗｈｅｎ did Mel go", "你几岁？", "Use it.", ""],
)
def test_one_part_of_a_reading_is_that_of_the_whole(text):
    for speakers in (("user",), ("Mel", "User", "志强")):
        assert asking.named(text, speakers) == analyse(text, speakers).named
    assert asking.asks(text) == analyse(text).asks


def test_terms_that_only_name_a_speaker_are_marked():
    query = analyse("When did Melanie paint?", ["Melanie"])
    assert dict(zip(query.terms, query.names, strict=True)) == {"melani": True, "paint": False}


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("When did he leave?", "WHEN"),
        ("活动是什么时候？", "WHEN"),
        ("Where is it?", "WHERE"),
        ("他住在哪里", "WHERE"),
        ("Who came?", "WHO"),
        ("谁更大？", "WHO"),
        ("How many kids?", "HOW_MANY"),
        ("有几个人？", "HOW_MANY"),
        ("Did he go?", "YES_NO"),
        ("他去了吗？", "YES_NO"),
        ("Which books did he read?", "LIST"),
        ("他去过哪些城市", "LIST"),
    ],
)
def test_a_query_tells_what_kind_of_answer_it_wants(query, kind):
    assert analyse(query).asks & getattr(asking, kind)


def test_a_dialogue_is_read_sentence_by_sentence():
    query = analyse("I like v1.2 music. Nice! 你还记得圣诞晚会吗？另外，地点在哪？")
    assert query.parts == ("I like v1.2 music.", "Nice!", "你还记得圣诞晚会吗?", "另外,地点在哪?")
    assert query.terms[query.members[1][0]] == "nice"


def test_one_sentence_has_no_parts():
    assert analyse("Where is v1.2?").parts == ()


def test_a_very_long_query_keeps_its_end():
    query = analyse(" ".join(f"word{i}" for i in range(500)))
    assert len(query.terms) <= 96
    assert query.terms[-1].endswith("499")
