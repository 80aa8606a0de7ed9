"""Scores as probabilities:

the curve that made the cases is found, a prior is Bayes' rule, and little evidence is no evidence.
"""

import numpy as np
import pytest

from remanence.kge.calibration import Calibration, error, fit, reliability


def cases(slope, offset, count=20_000, low=-12.0, high=0.0, seed=0):
    """Evidence, and what was confirmed with the probability that the curve gives it."""
    random = np.random.default_rng(seed)
    evidence = random.uniform(low, high, count)
    probability = 1 / (1 + np.exp(-(slope * evidence + offset)))
    return evidence, random.random(count) < probability, np.ones(count)


@pytest.mark.parametrize(
    ("slope", "offset"), [(1.0, 2.0), (0.5, -1.0), (2.0, 10.0), (3.0, 1.0), (0.1, 0.5)]
)
def test_the_curve_that_made_the_cases_is_found(slope, offset):
    found = fit(*cases(slope, offset))
    assert found.slope == pytest.approx(slope, rel=0.15, abs=0.02)
    assert found.offset == pytest.approx(offset, rel=0.15, abs=0.15)


def test_base_and_cases_are_those_of_the_cases():
    evidence, confirmed, weight = cases(1.0, 2.0, 1000)
    found = fit(evidence, confirmed, weight)
    assert found.cases == confirmed.sum()
    assert found.base == pytest.approx(confirmed.mean())


def test_what_was_probable_was_confirmed_as_often():
    evidence, confirmed, weight = cases(1.0, 3.0)
    found = fit(evidence, confirmed, weight)
    fresh = cases(1.0, 3.0, seed=1)
    assert error(reliability(found.probability(fresh[0]), fresh[1], fresh[2])) < 0.02


def test_a_case_that_stands_for_many_is_worth_as_much():
    """The unconfirmed sampled one in ten, each with weight ten, give nearly the curve of all."""
    evidence, confirmed, weight = cases(1.0, 1.0)
    whole = fit(evidence, confirmed, weight)
    kept = confirmed | (np.random.default_rng(2).random(len(evidence)) < 0.1)
    sampled = fit(evidence[kept], confirmed[kept], np.where(confirmed, 1.0, 10.0)[kept])
    assert sampled.slope == pytest.approx(whole.slope, rel=0.1)
    assert sampled.offset == pytest.approx(whole.offset, abs=0.3)


def test_rare_confirmation_among_very_many_is_still_fitted():
    """As for a graph of 100,000 entities:

    one candidate of thousands is confirmed, and stands far out.
    """
    random = np.random.default_rng(0)
    evidence = np.concatenate([random.normal(-3, 2, 300), random.normal(-14, 2, 20_000)])
    confirmed = np.arange(len(evidence)) < 300
    weight = np.where(confirmed, 1.0, 500.0)
    found = fit(evidence, confirmed, weight)
    assert found.slope > 0.3
    likely, rare = found.probability(np.array([-1.0, -14.0]))
    assert likely > 0.5
    assert rare < 1e-4
    mean = np.average(found.probability(evidence), weights=weight)
    assert mean == pytest.approx(found.base, rel=0.2)


def test_evidence_that_parts_the_cases_has_a_curve_that_ends():
    evidence = np.concatenate([np.full(50, -0.1), np.full(5000, -20.0)])
    found = fit(evidence, np.arange(5050) < 50, np.ones(5050))
    assert np.isfinite([found.slope, found.offset]).all()
    likely, rare = found.probability(np.array([-0.1, -20.0]))
    assert likely > 0.9
    assert rare < 0.01


@pytest.mark.parametrize("scale", [1e-4, 30.0])
def test_the_scale_of_the_evidence_does_not_matter(scale):
    """Models differ in how far apart their scores are."""
    evidence, confirmed, weight = cases(1.0, 2.0, 2000)
    plain, scaled = (fit(x, confirmed, weight) for x in (evidence, evidence * scale - 3))
    np.testing.assert_allclose(
        scaled.probability(evidence * scale - 3), plain.probability(evidence), rtol=1e-4
    )


def test_evidence_that_is_all_the_same_says_nothing():
    found = fit(np.full(100, -3.0), np.arange(100) < 20, np.ones(100))
    assert found.probability(np.array([-3.0])) == pytest.approx([0.2], rel=0.1)


def test_evidence_that_says_the_contrary_is_not_heard():
    """The slope is never negative: what is then left is the base, for everything."""
    evidence, confirmed, weight = cases(-1.0, -6.0)
    found = fit(evidence, confirmed, weight)
    assert found.slope == 0
    assert found.probability(np.array([-12.0, 0.0])) == pytest.approx([found.base] * 2, rel=0.05)


@pytest.mark.parametrize("prior", [0.001, 0.2, 0.5, 0.99])
def test_a_prior_is_bayes_rule_on_the_odds(prior):
    calibration = Calibration(slope=1.0, offset=0.5, base=0.1, cases=100)
    evidence = np.array([-5.0, -1.0, 0.0])
    plain, moved = calibration.probability(evidence), calibration.probability(evidence, prior)
    factor = (moved / (1 - moved)) / (plain / (1 - plain))
    assert factor == pytest.approx((prior / (1 - prior)) / (0.1 / 0.9))


def test_the_base_as_prior_changes_nothing():
    calibration = Calibration(slope=1.0, offset=0.5, base=0.1, cases=100)
    evidence = np.array([-5.0, -1.0, 0.0])
    np.testing.assert_allclose(
        calibration.probability(evidence, 0.1), calibration.probability(evidence)
    )


def test_probability_is_monotone_and_never_out_of_range():
    calibration = Calibration(slope=2.0, offset=1.0, base=0.1, cases=100)
    found = calibration.probability(np.array([-1e9, -100.0, -1.0, 0.0, 1e9]), 0.5)
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_too_few_cases_have_no_curve():
    evidence = np.linspace(-10, 0, 100)
    assert fit(evidence, np.arange(100) >= 91, np.ones(100)) is None
    assert fit(evidence, np.arange(100) >= 90, np.ones(100)) is not None
    assert fit(evidence, np.ones(100, bool), np.ones(100)) is None


def test_reliability_by_hand():
    probability = np.array([0.05, 0.07, 0.5, 0.55, 1.0])
    confirmed = np.array([False, True, False, True, True])
    weight = np.array([1.0, 3.0, 1.0, 1.0, 2.0])
    rows = reliability(probability, confirmed, weight)
    wanted = [(0.065, 0.75, 4.0), (0.525, 0.5, 2.0), (1.0, 1.0, 2.0)]
    np.testing.assert_allclose(rows, wanted)
    assert error(rows) == pytest.approx((4 * 0.685 + 2 * 0.025) / 8)


def test_no_cases_have_no_error():
    assert error(reliability(np.empty(0), np.empty(0, bool), np.empty(0))) == 0
