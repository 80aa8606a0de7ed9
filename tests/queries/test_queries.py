"""Profiles, histories, timelines and neighbourhoods of a memory's own facts."""

import pytest

from remanence import queries
from remanence.errors import InvalidInput

WEI = "wei"


@pytest.fixture
def known(plain):
    for number, (subject, relation, object, begin) in enumerate(
        [
            ("小伟", "lives_in", "北京", "2019-01-01"),
            ("小伟", "lives_in", "成都", "2025-03-01"),
            ("小伟", "likes", "龙井茶", None),
            ("Lin", "friend_of", "小伟", None),
            ("成都", "located_in", "四川", None),
            ("Lin", "works_for", "Kestrel", None),
        ]
    ):
        plain.learn(subject, relation, object, valid_from=begin, id=f"f{number}", namespace=WEI)
    return plain


def test_a_profile_has_what_holds_of_an_entity_and_what_leads_to_it(known):
    found = queries.profile(known, WEI, "小伟")
    assert found.subject == "小伟"
    assert {fact.object for fact in found.facts} >= {"成都", "龙井茶"}
    assert "北京" not in {fact.object for fact in found.facts}
    assert {source for line in found.sentences for source in line.sources} >= {"f1", "f2"}
    then = queries.profile(known, WEI, "小伟", as_of="2020-01-01")
    assert "北京" in {fact.object for fact in then.facts}


@pytest.mark.parametrize("ask", [queries.profile, queries.fact_history])
def test_an_unknown_name_has_no_profile_and_no_history(known, ask):
    assert ask(known, WEI, "nobody") is None
    assert ask(known, "another", "小伟") is None
    with pytest.raises(InvalidInput):
        ask(known, WEI, "小伟", as_of="2025-13-01")


def test_a_history_is_complete_and_says_what_held_then(known):
    found = queries.fact_history(known, WEI, "小伟", as_of="2020-01-01")
    homes = [fact for fact in found.facts if fact.relation == "lives_in"]
    assert [fact.object for fact in homes] == ["北京", "成都"]
    assert homes[0].id in found.holding and homes[1].id not in found.holding


@pytest.mark.parametrize(
    ("bounds", "texts"),
    [
        ({"until": "2019-06-01"}, ["begins 北京"]),
        ({"since": "2025-03-01", "until": "2025-03-02"}, ["ends 北京", "begins 成都"]),
        ({"until": "2000-01-01"}, []),
    ],
)
def test_a_timeline_lies_between_its_bounds(known, bounds, texts):
    found = queries.timeline(known, WEI, "小伟", **bounds)
    assert [f"{event.event} {event.fact.object}" for event in found] == texts


def test_undated_facts_stand_where_their_sources_were_said_however_many(plain, monkeypatch):
    for n in range(4):
        plain.remember(
            f"I like tea{n}.", speaker="Wei", at=f"2025-01-0{n + 1}T00:00:00Z", namespace=WEI
        )
        plain.learn("Wei", "likes", f"dish {n}", at=f"2025-02-0{n + 1}", namespace=WEI)
    sought = queries.timeline(plain, WEI)
    monkeypatch.setattr("remanence.queries.timelines.SCANNED_ABOVE", 2)
    assert queries.timeline(plain, WEI) == sought
    assert [event.at[:10] for event in sought][-4:] == [f"2025-02-0{n + 1}" for n in range(4)]


@pytest.mark.parametrize(
    ("depth", "names"), [(1, {"小伟", "成都", "龙井茶", "Lin"}), (2, {"四川", "Kestrel"})]
)
def test_a_neighbourhood_grows_by_its_depth(known, depth, names):
    found = queries.neighbourhood(known, WEI, "小伟", depth=depth, most=100)
    assert names <= {node.name for node in found.nodes if node.distance <= depth}
    assert max(node.distance for node in found.nodes) == depth
    assert not found.more
    assert found.nodes[0].name == "小伟" and found.nodes[0].distance == 0


def test_bounds_of_a_neighbourhood_are_kept_and_admitted(known):
    found = queries.neighbourhood(known, WEI, "小伟", depth=2, most=2)
    assert len(found.facts) == 2 and found.more
    narrow = queries.neighbourhood(known, WEI, "小伟", depth=1, most=100, width=1)
    assert len(narrow.nodes) == 2
    with pytest.raises(InvalidInput, match="depth"):
        queries.neighbourhood(known, WEI, "小伟", depth=0, most=2)
    assert queries.neighbourhood(known, WEI, "nobody", depth=1, most=9) is None


def test_a_neighbourhood_with_history_has_what_no_longer_holds(known):
    now = queries.neighbourhood(known, WEI, "小伟", depth=1, most=100)
    ever = queries.neighbourhood(known, WEI, "小伟", depth=1, most=100, history=True)
    assert "北京" not in {node.name for node in now.nodes}
    assert "北京" in {node.name for node in ever.nodes}
    assert {f.id for f in queries.concerning(known, WEI, "小伟")} == {f.id for f in ever.facts}


def test_names_are_completed_in_alphabetical_order(known):
    assert queries.entity_names(known, WEI, "k", 5) == ["Kestrel"]
    assert (
        queries.entity_names(known, WEI, "", 2)
        == sorted(queries.entity_names(known, WEI, "", 100))[:2]
    )
    assert queries.entity_names(known, "another", "", 5) == []
