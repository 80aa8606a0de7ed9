"""The table of relations: what holds for every row."""

import pytest

from remanence.encoding import relations
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


@pytest.mark.parametrize("relation", RELATIONS.values(), ids=lambda relation: relation.name)
def test_a_record_is_whole(relation):
    assert "{s}" in relation.question
    assert relation.question.endswith("?")
    assert "{s}" in relation.question_chinese
    assert relation.question_chinese.endswith("？")
    assert relation.time in relations.TIMES
    assert set(relation.subject_kinds) | set(relation.object_kinds) <= set(relations.KINDS)
    assert relation.preference in (-1, 0, 1)
    assert {*relation.ends, *relation.contradicts} <= RELATIONS.keys() - {relation.name}
    assert not set(relation.synonyms) & RELATIONS.keys()


def test_what_contradicts_is_contradicted():
    for relation in RELATIONS.values():
        for other in relation.contradicts:
            assert relation.name in RELATIONS[other].contradicts


@pytest.mark.parametrize(
    ("relation", "found"),
    [
        ("likes", {"dislikes"}),
        ("lives_in", {"moved_from"}),
        ("studies_at", {"educated_at"}),
        ("engaged_to", {"married_to"}),
        ("age", set()),
        ("shoe_size", set()),
    ],
)
def test_contraries_come_from_both_sides(relation, found):
    assert relations.contraries(relation) == found


def test_an_unknown_field_is_an_error():
    row = '[owes]\nenglish = "{s} owes {o}"\nchinese = "{s}欠{o}"\ncolour = "red"'
    with pytest.raises(TypeError, match="colour"):
        relations.read(row)
