"""Facts in many words."""

import pytest

from remanence.consolidation import phrasings
from remanence.consolidation.lessons import Lesson
from remanence.encoding.relations import RELATIONS


@pytest.mark.parametrize("relation", [*RELATIONS, "shoe_size"])
@pytest.mark.parametrize(("subject", "object"), [("Wei", "Chengdu"), ("小伟", "成都")])
def test_every_relation_is_asked_and_told_in_several_ways_and_one_is_never_taught(
    relation, subject, object
):
    lesson = Lesson(subject, relation, object, ())
    taught = list(phrasings.taught(lesson))
    assert len(taught) == len(set(taught)) == 13
    assert sum(each.asks for each in taught) == 10
    held = phrasings.held_out(lesson)
    assert held.asks and held.given not in {each.given for each in taught}
    for each in [*taught, held]:
        assert each.answer.startswith(object) and "{" not in each.given + each.answer
    assert subject in held.given


def test_a_chinese_fact_is_asked_in_chinese():
    assert phrasings.question(Lesson("小伟", "lives_in", "成都", ())) == "小伟住在哪里？"


def test_what_is_asked_has_the_answer_in_no_phrasing():
    lesson = Lesson("Wei", "lives_in", "Chengdu", ())
    assert all("Chengdu" not in each.given for each in phrasings.taught(lesson))
