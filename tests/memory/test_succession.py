"""Succession: of a few episodes, those whose facts are over, and which of the others ended them."""

import pytest

import remanence
from remanence import instants, succession
from remanence.encoding.candidate import Candidate
from remanence.encoding.linking.graph import Origin

NOW = instants.parse("2025-06-01T00:00:00Z")


@pytest.fixture(scope="module")
def memory():
    with remanence.open(":memory:") as opened:
        yield opened


def over(memory, namespace, instant=NOW):
    """Ids of what is over, and of what ended it."""
    with memory.store.engine.read() as rows:
        found = rows.all(
            "SELECT e.id, e.source FROM episode e JOIN namespace n ON n.id = e.namespace "
            "WHERE n.name = :name ORDER BY e.id",
            name=namespace,
        )
        names = dict(found)
        (number,) = rows.one("SELECT id FROM namespace WHERE name = :name", name=namespace)
        ended = succession.replaced(rows, number, list(names), instant)
    return {names[old]: {names[one] for one in new} for old, new in ended.items()}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("lives_in", "Turin"), ("lives_in", "Graz"), {"old": {"new"}}),
        (("works_for", "Ostara"), ("works_for", "Lumen"), {"old": {"new"}}),
        (("likes", "figs"), ("likes", "plums"), {}),
        (("lives_in", "Turin"), ("works_at", "Lumen"), {}),
    ],
)
def test_a_later_value_of_a_functional_relation_ends_the_earlier(memory, first, second, expected):
    space = f"{first}{second}"
    memory.learn("Ida", *first, at="2025-01-01", id="old", namespace=space)
    memory.learn("Ida", *second, at="2025-03-01", id="new", namespace=space)
    assert over(memory, space) == expected


def test_nothing_is_over_before_it_ended(memory):
    memory.learn("Ida", "lives_in", "Turin", at="2025-01-01", id="old", namespace="when")
    memory.learn("Ida", "lives_in", "Graz", at="2025-03-01", id="new", namespace="when")
    assert over(memory, "when", instants.parse("2025-02-01T00:00:00Z")) == {}


def test_facts_of_others_end_nothing(memory):
    memory.learn("Ida", "lives_in", "Turin", at="2025-01-01", id="old", namespace="others")
    memory.learn("Bo", "lives_in", "Graz", at="2025-03-01", id="new", namespace="others")
    assert over(memory, "others") == {}


def says(subject, relation, value, **more):
    return Candidate(subject, relation, value, 0.9, 0, 0, **more)


def stated(episode, *candidates):
    return Origin(episode, 2, str(episode), "Ida", 0, 0), list(candidates)


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (says("Ida", "lives_in", "Graz"), says("ida", "lives_in", "Turin"), True),
        (says("Ida", "likes", "plums"), says("Ida", "likes", "figs"), False),
        (
            says("Ida", "likes", "figs", negated=True),
            says("Ida", "likes", "figs"),
            True,
        ),
        (says("Bo", "lives_in", "Graz"), says("Ida", "lives_in", "Turin"), False),
    ],
)
def test_relations_tell_what_may_end_what(new, old, expected):
    assert succession.may_end(stated(2, new), stated(1, old)) is expected
    assert not succession.may_end(stated(1, new), stated(1, old))


def test_recall_puts_the_fact_that_holds_first_unless_the_past_is_asked_for(memory):
    memory.learn("Ida", "lives_in", "Turin", at="2025-01-01", id="old", namespace="recall")
    memory.learn("Ida", "lives_in", "Graz", at="2025-03-01", id="new", namespace="recall")
    asked = {"namespace": "recall", "at": "2025-06-01"}
    assert memory.recall("Where in Turin does Ida live?", **asked)[0].id == "new"
    assert memory.recall("Where in Turin did Ida live before?", **asked)[0].id == "old"
