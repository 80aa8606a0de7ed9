"""The table of relations: what holds for every row."""

import pytest

from remanence.encoding.extraction import chinese_rules, english_rules
from remanence.encoding.extraction.pattern import OLD, SWAPPED
from remanence.encoding.relations import RELATIONS

RULES = (*english_rules.RULES, *chinese_rules.RULES)


@pytest.mark.parametrize("relation", RELATIONS.values(), ids=lambda relation: relation.name)
def test_a_relation_reads_in_both_languages(relation):
    for template in (relation.english, relation.chinese):
        said = template.format(s="Wei", o="Chengdu")
        assert "Wei" in said
        assert "Chengdu" in said
    assert not relation.chinese.isascii()


def test_an_inverse_leads_back():
    for relation in RELATIONS.values():
        if relation.inverse is not None:
            back = RELATIONS[relation.inverse]
            assert back.inverse == relation.name
            assert back.functional == relation.functional
            assert (back.subject_kinds, back.object_kinds) == (
                relation.object_kinds,
                relation.subject_kinds,
            )


def test_only_what_can_hold_once_is_functional():
    functional = {name for name, relation in RELATIONS.items() if relation.functional}
    assert {
        "lives_in",
        "works_for",
        "born_on",
        "age",
        "married_to",
        "has_phone",
        "capital_of",
    } <= functional
    assert not functional & {
        "likes",
        "has_visited",
        "speaks",
        "parent_of",
        "friend_of",
        "owns",
        "stars",
    }


def test_every_slot_of_every_rule_is_a_relation():
    for rule in RULES:
        for slot in [
            name
            for name in rule.right.split("{")[1:]
            if not name.startswith((":", "0", "1", "2", "3", "4", "5"))
        ]:
            name = slot.partition(":")[0].removeprefix(OLD).removeprefix(SWAPPED)
            assert name in RELATIONS or "nothing" in rule.marked, rule
