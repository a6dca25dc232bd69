"""The noncentral t keeps its digits in both tails and can be inverted anywhere."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.noncentral_t import (
    noncentral_t_tails,
    noncentrality_limits,
    t_test_power,
)


@pytest.mark.parametrize("df", [1, 2, 7.5, 60, 2000])
@pytest.mark.parametrize("statistic", [-3.0, 0.0, 0.4, 5.0])
def test_without_a_centre_it_is_students_t(statistic: float, df: float):
    below, above = noncentral_t_tails(statistic, df, 0.0)

    assert below == pytest.approx(stats.t.cdf(statistic, df), rel=1e-11)
    assert above == pytest.approx(stats.t.sf(statistic, df), rel=1e-11)


@pytest.mark.parametrize(("statistic", "df", "centre"), [(2.0, 8, 1.3), (-1, 20, 2.5), (9, 58, 4)])
def test_agrees_with_scipy_in_the_middle(statistic: float, df: float, centre: float):
    below, above = noncentral_t_tails(statistic, df, centre)

    assert below == pytest.approx(stats.nct.cdf(statistic, df, centre), rel=1e-9)
    assert below + above == pytest.approx(1.0, rel=1e-13)


@pytest.mark.parametrize("conf_level", [0.5, 0.95, 0.999, 0.9999999])
@pytest.mark.parametrize(("statistic", "df"), [(0.0, 3), (-2.5, 22), (300.0, 4), (1e6, 58)])
def test_the_limits_have_the_tails_that_they_are_defined_by(statistic, df, conf_level):
    low, high = noncentrality_limits(statistic, df, conf_level=conf_level)

    tail = (1 - conf_level) / 2
    assert noncentral_t_tails(statistic, df, low)[1] == pytest.approx(tail, rel=1e-8)
    assert noncentral_t_tails(statistic, df, high)[0] == pytest.approx(tail, rel=1e-8)


def test_the_limits_of_the_opposite_are_the_mirror_image():
    low, high = noncentrality_limits(2.7, 15, conf_level=0.9)

    assert noncentrality_limits(-2.7, 15, conf_level=0.9) == (-high, -low)


@pytest.mark.parametrize(("statistic", "df"), [(np.inf, 5), (np.nan, 5), (2.0, 0.0)])
def test_what_has_no_limits_is_refused(statistic: float, df: float):
    with pytest.raises(NotEstimableError, match="finite t on at least 1 degree of freedom"):
        noncentrality_limits(statistic, df, conf_level=0.95)


def test_power_at_no_effect_is_the_level():
    assert t_test_power(0.0, 11, alpha=0.05) == pytest.approx(0.05, rel=1e-11)
    # R 4.2.2: power.t.test(20, 0.5, 1, type = "paired", strict = TRUE)
    assert t_test_power(0.5 * np.sqrt(20), 19, alpha=0.05) == pytest.approx(
        0.564504418439084, rel=1e-10
    )
