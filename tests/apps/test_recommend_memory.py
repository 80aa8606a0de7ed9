"""Recommendation from what a memory holds: facts become interactions, dislikes and knowledge."""

import pytest

from remanence.errors import InvalidInput

pytest.importorskip("torch")

from remanence.apps import recommend


def taught(memory, facts, namespace="club"):
    for fact in facts:
        memory.learn(*fact, namespace=namespace)
    return memory


SHELF = [
    ("三体", "genre", "科幻"),
    ("流浪地球", "genre", "科幻"),
    ("红楼梦", "genre", "古典小说"),
    ("小红", "likes", "红楼梦"),
    ("小明", "likes", "三体"),
    ("小刚", "likes", "流浪地球"),
]


def test_a_profile_comes_from_the_facts_of_a_memory(plain):
    taught(plain, [*SHELF, ("小明", "lives_in", "成都")])
    made = recommend.from_memory(plain, "club")
    profile = made.profile("小明")
    assert profile.items == ("三体",)
    assert ("lives_in", "成都") in profile.facts
    assert profile.tastes == (("genre", "科幻", 1.0),)
    best = made.recommend("小明", k=1)[0]
    assert best.item == "流浪地球"
    assert best.reasons == ("小明喜欢三体，三体的类型是科幻，流浪地球的类型是科幻",)


def test_what_a_memory_says_somebody_dislikes_is_not_recommended(plain):
    taught(plain, [*SHELF, ("小明", "dislikes", "流浪地球")])
    made = recommend.from_memory(plain, "club")
    assert "流浪地球" not in [each.item for each in made.recommend("小明")]
    assert made.profile("小明").dislikes == ("流浪地球",)


def test_somebody_known_by_facts_alone_is_recommended_to(plain):
    taught(
        plain,
        [
            ("Ana", "likes", "hiking"),
            ("Ana", "lives_in", "Oslo"),
            ("Tom", "likes", "chess"),
            ("Lin", "lives_in", "Oslo"),
        ],
    )
    made = recommend.from_memory(plain, "club")
    assert made.recommend("Lin", k=1)[0].item == "hiking"


def test_nothing_crosses_a_namespace(plain):
    taught(plain, SHELF)
    taught(plain, [("Wei", "likes", "jazz")], namespace="other")
    assert "jazz" not in recommend.from_memory(plain, "club").items


def test_relations_of_ones_own_can_say_what_is_wanted(plain):
    taught(
        plain,
        [
            ("Wei", "subscribes_to", "Nature"),
            ("Ana", "subscribes_to", "Nature"),
            ("Ana", "subscribes_to", "Science"),
        ],
    )
    with pytest.raises(InvalidInput, match="wants="):
        recommend.from_memory(plain, "club")
    made = recommend.from_memory(plain, "club", wants=["subscribes_to"])
    assert [each.item for each in made.recommend("Wei")] == ["Science"]


def test_a_relation_cannot_be_wanted_and_refused(plain):
    taught(plain, SHELF)
    with pytest.raises(InvalidInput, match="likes"):
        recommend.from_memory(plain, "club", refuses=["likes"])
