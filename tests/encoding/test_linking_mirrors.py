"""Symmetric and inverse relations are one fact, whichever side states or ends it;

places overlap.
"""

import pytest

from remanence.encoding.candidate import Candidate
from remanence.encoding.linking.containment import Containment
from remanence.encoding.linking.entities import Entities
from remanence.encoding.linking.graph import Graph, Origin
from remanence.encoding.relations import RELATIONS
from remanence.semantic import FactQuery, select


def graph_of(*stated):
    """A graph of (subject, relation, object, change or "not"), one episode each, a day apart."""
    graph = Graph(RELATIONS)
    for number, (subject, relation, value, change) in enumerate(stated, start=1):
        at = number * 86_400_000_000
        origin = Origin(number, 2, f"e{number}", None, at, at)
        negated = change == "not"
        said = Candidate(
            subject,
            relation,
            value,
            confidence=0.9,
            start=0,
            end=1,
            negated=negated,
            change="" if negated else change,
        )
        graph.add(origin, [said])
    graph.settle()
    return graph


def holding(graph, **asked):
    found = select(graph, "n", FactQuery(**asked))
    return sorted((fact.subject, fact.relation, fact.object) for fact in found)


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        (  # stated from both sides: one fact
            [("Wei", "married_to", "Lena", ""), ("Lena", "married_to", "Wei", "")],
            [("Wei", "married_to", "Lena")],
        ),
        ([("Wei", "married_to", "Lena", ""), ("Lena", "married_to", "Wei", "end")], []),
        ([("Wei", "married_to", "Lena", ""), ("Lena", "married_to", "Wei", "not")], []),
        ([("Wei", "married_to", "Lena", ""), ("Wei", "married_to", "", "end")], []),
        ([("Lena", "married_to", "Wei", ""), ("Wei", "married_to", "", "end")], []),
        (
            [("Lena", "married_to", "Wei", ""), ("Olga", "married_to", "Wei", "begin")],
            [("Olga", "married_to", "Wei")],
        ),
        (
            [("李红", "married_to", "周明", ""), ("周明", "married_to", "李红", "end")],
            [],
        ),
        (  # a friendship is not exclusive
            [("Wei", "friend_of", "Ana", ""), ("Bo", "friend_of", "Wei", "")],
            [("Bo", "friend_of", "Wei"), ("Wei", "friend_of", "Ana")],
        ),
        (
            [("Wei", "parent_of", "Mia", ""), ("Mia", "child_of", "Wei", "")],
            [("Wei", "parent_of", "Mia")],
        ),
        ([("Wei", "parent_of", "Mia", ""), ("Mia", "child_of", "Wei", "not")], []),
        (
            [("Wei", "engaged_to", "Lena", ""), ("Wei", "married_to", "Lena", "begin")],
            [("Wei", "married_to", "Lena")],
        ),
        (
            [("Wei", "studies_at", "MIT", ""), ("Wei", "educated_at", "MIT", "")],
            [("Wei", "educated_at", "MIT")],
        ),
        (
            [("Wei", "habit", "smoking", ""), ("Wei", "quit", "smoking", "")],
            [("Wei", "quit", "smoking")],
        ),
    ],
)
def test_a_fact_is_one_from_either_side(stated, held):
    assert holding(graph_of(*stated)) == held


def test_a_fact_is_found_from_its_object_under_the_same_id():
    graph = graph_of(("Wei", "parent_of", "Mia", ""), ("Wei", "married_to", "Lena", ""))
    assert holding(graph, subject="Mia") == [("Mia", "child_of", "Wei")]
    assert holding(graph, subject="Lena") == [("Lena", "married_to", "Wei")]
    (from_wei,) = select(graph, "n", FactQuery(subject="Wei", relation="parent_of"))
    (from_mia,) = select(graph, "n", FactQuery(subject="Mia"))
    assert from_wei.id == from_mia.id
    assert from_wei.sources == from_mia.sources


def test_evidence_counts_from_both_sides():
    graph = graph_of(("Wei", "sibling_of", "Lin", ""), ("Lin", "sibling_of", "Wei", ""))
    (fact,) = select(graph, "n", FactQuery())
    assert (fact.support, fact.sources) == (2, ("e1", "e2"))


@pytest.mark.parametrize(
    ("before", "after", "both"),
    [
        ("NYC", "New York City", True),
        ("Shenzhen", "Guangdong", True),
        ("Lyon", "France", True),
        ("Chengdu, Sichuan", "Chengdu", True),
        ("四川成都", "成都", True),
        ("Lyon", "Marseille", False),
        ("Lyon", "Spain", False),
        ("成都", "上海", False),
    ],
)
def test_a_move_is_between_two_places(before, after, both):
    graph = graph_of(("Wei", "lives_in", before, ""), ("Wei", "lives_in", after, ""))
    assert len(holding(graph)) == (2 if both else 1)


@pytest.mark.parametrize(
    ("stated", "one", "other", "overlap"),
    [
        ([("a", "b")], "a", "b", True),
        ([("a", "b")], "b", "a", True),
        ([("a", "b"), ("b", "c")], "a", "c", True),
        ([("a", "b"), ("b", "a")], "a", "c", False),
        ([("a", "b"), ("c", "b")], "a", "c", False),
        ([("a", str(n)) for n in range(65)], "a", "3", False),
    ],
)
def test_what_lies_in_what_is_followed_outward(stated, one, other, overlap):
    containment = Containment(Entities())
    for inner, outer in stated:
        containment.note(inner, outer, 1)
    assert containment.overlap(one, other, places=False) == overlap


def test_containment_taken_back_is_gone():
    containment = Containment(Entities())
    containment.note("a", "b", 1)
    assert "a" in containment
    containment.note("a", "b", -1)
    assert "a" not in containment
    assert not containment.overlap("a", "b", places=True)


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        (  # the part of a name that is left names the only one
            [("Wei", "owns", "blue Trek bike", ""), ("Wei", "owns", "bike", "end")],
            [],
        ),
        ([("韩雪", "owns", "老捷达", ""), ("韩雪", "owns", "捷达", "end")], []),
        (  # two fit: neither is meant
            [
                ("Wei", "owns", "blue bike", ""),
                ("Wei", "owns", "red bike", ""),
                ("Wei", "owns", "bike", "end"),
            ],
            [("Wei", "owns", "blue bike"), ("Wei", "owns", "red bike")],
        ),
        (  # another thing
            [("Wei", "owns", "new bike", ""), ("Wei", "owns", "old bike", "end")],
            [("Wei", "owns", "new bike")],
        ),
        (  # a denial of a part denies nothing else
            [("Wei", "likes", "green tea", ""), ("Wei", "likes", "tea", "not")],
            [("Wei", "likes", "green tea")],
        ),
        (
            [("Wei", "work_status", "laid off", ""), ("Wei", "works_for", "Acme", "begin")],
            [("Wei", "works_for", "Acme")],
        ),
        (  # where somebody works is no beginning
            [("Wei", "work_status", "part time", ""), ("Wei", "works_for", "Acme", "")],
            [("Wei", "work_status", "part time"), ("Wei", "works_for", "Acme")],
        ),
        (
            [("许诺", "relationship_status", "单身", ""), ("许诺", "dating", "沈骁", "begin")],
            [("许诺", "dating", "沈骁")],
        ),
        (
            [("Wei", "favourite_author", "Le Guin", ""), ("Wei", "favourite_author", "Lem", "")],
            [("Wei", "favourite_author", "Lem")],
        ),
    ],
)
def test_an_end_reaches_what_it_means(stated, held):
    assert holding(graph_of(*stated)) == held


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ("Siemens", "Ana", ["Ana", "Siemens"]),  # a person is no employer, and ends none
        ("Ana", "Siemens", ["Ana", "Siemens"]),
        ("Siemens", "Oracle", ["Oracle"]),
    ],
)
def test_a_value_of_the_wrong_kind_ends_nothing(before, after, held):
    graph = graph_of(("Wei", "works_for", before, ""), ("Wei", "works_for", after, ""))
    assert [value for _, _, value in holding(graph)] == held


def test_a_book_may_bear_a_given_name():
    graph = graph_of(
        ("Wei", "favourite_book", "Emma", ""), ("Wei", "favourite_book", "Ulysses", "")
    )
    assert holding(graph) == [("Wei", "favourite_book", "Ulysses")]
