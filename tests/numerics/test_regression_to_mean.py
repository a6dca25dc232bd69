"""Selection on a varying value changes the next one as theory and arithmetic say."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.regression_to_mean import expected_selection, truncated_normal

POPULATION = {"mean": 4.0, "std_dev": 2.0, "correlation": 0.6}

# mpmath, 40 digits: -(1 - 0.6) * 2 * npdf(z) / (erfc(z / sqrt(2)) / 2), z = (cut - 4) / 2
REFERENCE = [
    pytest.param(-20, -1.7171069885304485e-32, id="no selection to speak of"),
    pytest.param(0, -0.044198290143191966, id="most enter"),
    pytest.param(4, -0.6383076486422923, id="half enter"),
    pytest.param(9, -2.258195838131126, id="few enter"),
    pytest.param(30, -10.460830848483184, id="one in 10^38"),
]


@pytest.mark.parametrize(("cut", "change"), REFERENCE)
def test_agrees_with_multiple_precision(cut, change):
    found = expected_selection(**POPULATION, low=cut)

    assert found.change == pytest.approx(change, rel=1e-12)


def test_agrees_with_davis_for_the_mean_of_several_values():
    # Davis 1976, equation for n values averaged: C(z) s_w^2 / n / sqrt(s_b^2 + s_w^2 / n).
    within, between, n, cut = 1.6, 2.4, 3, 5.0
    spread = np.sqrt(between + within / n)
    z = (cut - 4.0) / spread
    expected = within / n / spread * stats.norm.pdf(z) / stats.norm.sf(z)

    found = expected_selection(**POPULATION, low=cut, measurements=n)

    assert found.change == pytest.approx(-expected, rel=1e-12)


def test_a_rule_with_two_ends_agrees_with_the_truncated_normal():
    found = expected_selection(**POPULATION, low=5, high=8)
    truncated = stats.truncnorm(0.5, 2.0, loc=4, scale=2)

    assert found.entry_mean == pytest.approx(truncated.mean(), rel=1e-12)
    assert found.entry_std_dev == pytest.approx(truncated.std(), rel=1e-10)
    assert found.share == pytest.approx(stats.norm.cdf(2.0) - stats.norm.cdf(0.5), rel=1e-12)
    assert found.later_mean == pytest.approx(4 + 0.6 * (truncated.mean() - 4), rel=1e-12)


def test_low_values_come_back_up_as_high_ones_come_down():
    high = expected_selection(**POPULATION, low=5)
    low = expected_selection(**POPULATION, high=3)

    assert low.change == pytest.approx(-high.change, rel=1e-14)
    assert low.share == pytest.approx(high.share, rel=1e-14)


def test_values_that_never_vary_within_people_do_not_regress():
    found = expected_selection(mean=4, std_dev=2, correlation=1, low=6)

    assert found.change == 0
    assert found.later_mean == found.entry_mean > 6


def test_values_that_share_nothing_come_back_to_the_mean():
    assert expected_selection(mean=4, std_dev=2, correlation=0, low=6).later_mean == 4


def test_averaging_more_values_leaves_less_to_expect():
    changes = [
        expected_selection(**POPULATION, low=5, measurements=count).change
        for count in (1, 2, 7, 28)
    ]

    assert changes == sorted(changes)


def test_a_simulation_agrees():
    rng = np.random.default_rng(20250101)
    person = 4 + rng.normal(0, np.sqrt(0.6) * 2, 400_000)
    entry, later = (person + rng.normal(0, np.sqrt(0.4) * 2, person.size) for _ in range(2))
    entered = entry >= 5

    found = expected_selection(**POPULATION, low=5)

    error = (later - entry)[entered].std() / np.sqrt(entered.sum())
    assert abs((later - entry)[entered].mean() - found.change) < 4 * error


def test_a_rule_that_nobody_meets_is_refused():
    with pytest.raises(NotEstimableError, match="nobody of a population with mean 4"):
        expected_selection(**POPULATION, low=200)


def test_without_limits_nothing_is_selected():
    assert truncated_normal(-np.inf, np.inf) == (1.0, 0.0, 1.0)
