"""Fieller's interval is the paired t test turned inside out."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.effect_sizes import paired_moments
from trialkit.numerics.percent_change import percent_change_of_means

BEFORE = np.array([5.0, 7, 6, 8, 4, 9, 6, 5])
AFTER = np.array([3.0, 6, 4, 7, 4, 5, 6, 2])


@pytest.mark.parametrize("conf_level", [0.5, 0.95, 0.999])
def test_the_limits_are_the_ratios_just_not_rejected(conf_level: float):
    found = percent_change_of_means(paired_moments(BEFORE, AFTER), conf_level=conf_level)

    for limit in (found.conf_low, found.conf_high):
        ratio = 1 + limit / 100
        test = stats.ttest_1samp(AFTER - ratio * BEFORE, 0.0)
        assert test.pvalue == pytest.approx(1 - conf_level, rel=1e-9)
    assert found.conf_low < found.estimate < found.conf_high


def test_it_is_the_change_of_the_mean():
    found = percent_change_of_means(paired_moments(BEFORE, AFTER), conf_level=0.95)

    assert found.estimate == pytest.approx(100 * (AFTER.mean() / BEFORE.mean() - 1), rel=1e-13)
    assert found.p_value == pytest.approx(stats.ttest_rel(AFTER, BEFORE).pvalue, rel=1e-11)


def test_the_interval_holds_nought_where_the_test_does_not_reject():
    found = percent_change_of_means(paired_moments(BEFORE, AFTER), conf_level=0.95)
    at_p = percent_change_of_means(paired_moments(BEFORE, AFTER), conf_level=1 - found.p_value)

    assert at_p.conf_high == pytest.approx(0.0, abs=1e-9)


def test_a_mean_before_that_may_be_zero_has_no_interval():
    before = np.array([-3.0, 4.0, 1.0, -1.0, 2.0])

    found = percent_change_of_means(
        paired_moments(before, np.array([1.0, 0, 2, 1, 0])), conf_level=0.95
    )

    assert np.isnan([found.conf_low, found.conf_high]).all()


@pytest.mark.parametrize("before", [[0.0, 0, 0], [-1.0, -2, 0]])
def test_a_mean_before_not_above_zero_is_refused(before: list[float]):
    with pytest.raises(NotEstimableError, match="needs one above zero"):
        percent_change_of_means(
            paired_moments(np.array(before), np.array([1.0, 2, 4])), conf_level=0.95
        )
