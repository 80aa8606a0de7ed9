"""Places and given names by their spelling."""

import pytest

from remanence.text.gazetteer import gender, is_given, lies_in, place, same_place


@pytest.mark.parametrize("name", ["Lyon", "oslo", "NYC", "the Netherlands", "Bavaria", "Texas"])
def test_places_are_known_in_any_case(name):
    assert place(name)


@pytest.mark.parametrize("name", ["Slack", "Notion", "Linux", "Jira", "Plan B", "", "vegan"])
def test_products_and_words_are_no_places(name):
    assert place(name) is None


@pytest.mark.parametrize(
    ("inner", "outer"),
    [("Lyon", "France"), ("Shenzhen", "Guangdong"), ("Oakland", "California"), ("nyc", "USA")],
)
def test_a_city_lies_in_its_region_and_country_and_not_the_reverse(inner, outer):
    assert lies_in(inner, outer)
    assert not lies_in(outer, inner)


def test_two_spellings_are_one_place():
    assert same_place("NYC", "New York City")
    assert not same_place("Lyon", "Lille")
    assert not same_place("Slack", "Slack")


def test_given_names_have_a_usual_gender():
    assert is_given("amanda")
    assert not is_given("vegan")
    assert (gender("Amanda"), gender("Robert")) == ("f", "m")
