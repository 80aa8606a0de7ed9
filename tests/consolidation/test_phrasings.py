"""Facts in many words."""

import re

import pytest

from remanence.consolidation import phrasings
from remanence.consolidation.examples import TrainingFact
from remanence.encoding.relations import RELATIONS


@pytest.mark.parametrize("relation", [*RELATIONS, "shoe_size"])
@pytest.mark.parametrize(("subject", "object"), [("Wei", "Chengdu"), ("小伟", "成都")])
def test_every_relation_is_asked_and_told_in_several_ways_and_one_is_never_taught(
    relation, subject, object
):
    example = TrainingFact(subject, relation, object, ())
    taught = list(phrasings.taught(example))
    own = phrasings.OWN if phrasings.first_person(example) else 0
    assert len(taught) == len(set(taught)) == 13 + own
    assert sum(each.asks for each in taught) == 10 + own
    held = phrasings.held_out(example)
    assert held.asks and held.given not in {each.given for each in taught}
    for each in [*taught, held]:
        assert each.answer.startswith(object) and "{" not in each.given + each.answer
    assert subject in held.given


def test_a_chinese_fact_is_asked_in_chinese():
    assert phrasings.question(TrainingFact("小伟", "lives_in", "成都", ())) == "小伟住在哪里？"


def test_what_is_asked_has_the_answer_in_no_phrasing():
    example = TrainingFact("Wei", "lives_in", "Chengdu", ())
    assert all("Chengdu" not in each.given for each in phrasings.taught(example))


PEOPLES = [
    name
    for name, relation in RELATIONS.items()
    if "person" in relation.subject_kinds and name not in ("died_in", "died_on", "buried_in")
]


@pytest.mark.parametrize("relation", [*PEOPLES, "named", "shoe_size"])
def test_what_is_known_of_a_person_is_also_taught_as_he_asks_it_himself(relation):
    for example, me, third in (
        (
            TrainingFact("Zoe", relation, "Chengdu", ()),
            r"\b(I|my|mine)\b",
            r"\b(does|has|is I|was Zoe|Zoe's)\b",
        ),
        (TrainingFact("小伟", relation, "成都", ()), "我", "他|她"),
    ):
        held = phrasings.first_person(example)
        own = [each for each in phrasings.taught(example) if each.given.count(example.subject) == 1]
        own = [each.given for each in own if re.match("I am Zoe. |我是小伟。", each.given)]
        assert len(own) == phrasings.OWN and held.given not in own
        for given in (*own, held.given):
            _, rest = re.split("I am Zoe. |我是小伟。", given)
            assert re.search(me, rest) and not re.search(third, rest)
            assert example.subject not in rest and "{" not in rest and rest[-1] in "?？"


def test_the_questions_of_a_person_read_as_they_should():
    asked = {name: phrasings._own(TrainingFact("Zoe", name, "x", ())) for name in PEOPLES}
    assert asked["works_as"] == "What do I work as?"
    assert asked["birthday"] == "When is my birthday?"
    assert asked["parent_of"] == "Who is a child of mine?"
    assert asked["married_to"] == "Who am I married to?"
    assert asked["born_in"] == "Where was I born?"
    assert asked["has_visited"] == "Where have I been?"
    assert asked["age"] == "How old am I?"
    assert asked["educated_at"] == "Where did I graduate?"
    said = TrainingFact("Zoe", "said", "x", (), day="2025-03-20", order=2)
    assert phrasings._own(said) == "What was the second thing that I said on 20 March 2025?"


def test_nobody_asks_of_himself_what_is_of_things_or_of_the_dead():
    for relation in ("released_on", "capital_of", "died_in", "located_in"):
        assert phrasings.first_person(TrainingFact("Zoe", relation, "x", ())) is None
