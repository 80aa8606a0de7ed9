"""200 updates and 200 near-misses: what must change does, what must not does not."""

from pathlib import Path

import pytest

import remanence
from remanence.encoding.linking import lifecycle, names
from remanence.evals import supersession

CASES = supersession.read(
    (Path(__file__).parent.parent / "data" / "updates.jsonl").read_text("utf-8")
)


def test_there_are_two_hundred_of_each():
    kinds = [case["kind"] for case in CASES]
    assert (kinds.count("update"), kinds.count("near_miss")) == (200, 200)


def test_no_near_miss_is_superseded():
    outcomes = [supersession.judge(case) for case in CASES if case["kind"] == "near_miss"]
    assert [outcome for outcome in outcomes if not outcome.right] == []


def test_updates_are_done():
    outcomes = [supersession.judge(case) for case in CASES if case["kind"] == "update"]
    assert sum(outcome.right for outcome in outcomes) >= 0.95 * len(outcomes)


def test_the_life_cycle_names_what_follows_every_state_and_event():
    assert set(lifecycle.NEXT) == {(s, e) for s in lifecycle.STATES for e in lifecycle.EVENTS}
    assert set(lifecycle.NEXT.values()) <= set(lifecycle.STATES)


@pytest.mark.parametrize("closed", sorted(lifecycle.CLOSED))
def test_what_is_closed_stays_closed(closed):
    """Only forgetting changes it; what is said anew begins a spell of its own."""
    after = {e: lifecycle.NEXT[closed, e] for e in lifecycle.EVENTS if e != lifecycle.FORGET}
    assert set(after.values()) == {closed}
    assert lifecycle.NEXT[closed, lifecycle.FORGET] == lifecycle.FORGOTTEN


def test_a_table_counts_right_outcomes_by_case():
    outcome = supersession.CaseOutcome("update", "moved", right=True, found="")
    wrong = supersession.CaseOutcome("update", "moved", right=False, found="")
    assert sorted(supersession.table([outcome, wrong])) == [
        ("update", "all", 1, 2),
        ("update", "moved", 1, 2),
    ]


def test_what_ends_by_its_own_time_is_asserted_with_that_end():
    """A plan or a visit of a week is not taken back by anybody when the week is over."""
    with remanence.open(":memory:", embedder="hash:8") as memory:
        memory.remember("I visited Lisbon last week.", speaker="Ana", at="2025-03-14")
        (fact,) = memory.facts(subject="Ana", relation="has_visited", history=True)
        assert (fact.state, fact.superseded_by) == ("asserted", None)
        assert fact.valid_until == "2025-03-10T00:00:00Z"


def statement(object, at, *, change="", confidence=0.9, episode=1):
    return lifecycle.Statement(
        episode, 0, 0, f"e{episode}", at, at, "wei", object, "works_for", confidence, False,
        change, None, None, False, "",
    )  # fmt: skip


def folded(*statements, functional=True):
    return lifecycle.fold(
        [(one, lifecycle.event(one), one.object) for one in statements],
        functional=functional,
        compatible=lambda one, other: False,
        firm=lambda name: name,
        named=names.is_part,
    )


@pytest.mark.parametrize("functional", [True, False])
def test_an_end_that_names_no_value_closes_whatever_there_was(functional):
    """ "I was laid off" ends the employer, whoever that is."""
    (spell,) = folded(
        statement("acme", 1), statement("", 2, change="end", episode=2), functional=functional
    )
    assert (spell.value, spell.state, spell.until) == ("acme", lifecycle.SUPERSEDED, 2)


@pytest.mark.parametrize(("confidence", "state"), [(0.6, "asserted"), (0.9, "superseded")])
def test_only_a_sure_statement_ends_another_value(confidence, state):
    """ "I moved to Plan B" may be read, but takes no home away."""
    old, new = folded(
        statement("acme", 1), statement("plan b", 2, confidence=confidence, episode=2)
    )
    assert (old.state, new.state) == (state, "asserted")


def test_an_end_that_is_doubtful_ends_nothing():
    (spell,) = folded(
        statement("acme", 1), statement("", 2, change="end", confidence=0.6, episode=2)
    )
    assert spell.state == lifecycle.ASSERTED
