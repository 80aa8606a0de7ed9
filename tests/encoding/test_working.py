"""Working memory: the latest turns that fit, without a hole."""

from remanence.encoding.working import last_turns
from remanence.types import Episode


def turn(n, size):
    return Episode(f"t{n}", "w " * size, None, "s", "2025-01-01", "n", "2025-01-01")


def kept(sizes, budget):
    newest_first = (turn(n, size) for n, size in reversed(list(enumerate(sizes))))
    return [t.id for t in last_turns(newest_first, budget, lambda t: len(t.text.split()))]


def test_the_latest_turns_that_fit_are_kept_oldest_first():
    assert kept([5, 5, 5, 5], 12) == ["t2", "t3"]


def test_a_turn_that_does_not_fit_ends_the_run():
    assert kept([1, 50, 1, 1], 10) == ["t2", "t3"]


def test_no_budget_keeps_nothing():
    assert kept([1, 1], 0) == []
