"""200 updates and 200 near-misses: what must change does, what must not does not."""

from pathlib import Path

import pytest

from remanence.encoding.linking import lifecycle
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
    outcome = supersession.Outcome("update", "moved", right=True, found="")
    wrong = supersession.Outcome("update", "moved", right=False, found="")
    assert sorted(supersession.table([outcome, wrong])) == [
        ("update", "all", 1, 2),
        ("update", "moved", 1, 2),
    ]
