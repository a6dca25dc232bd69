"""Tail probabilities hold their digits far out, and quantiles are their inverse."""

import numpy as np
import pytest
from scipy import stats

from trialkit.numerics.tails import chi_square_p_value, t_quantile, two_sided_p_value

# mpmath, 50 digits: p = betainc(df / 2, 1 / 2, 0, df / (df + t**2), regularized=True)
STUDENT = [
    pytest.param(0.5, 3, 0.65144796484815099, id="centre"),
    pytest.param(2.0, 10, 0.073388034770740366, id="conventional"),
    pytest.param(8.5, 200, 4.3590892028831799e-15, id="far tail"),
    pytest.param(40.0, 12, 3.8512295807720338e-14, id="few df"),
    pytest.param(9.0, 1e6, 2.2609730334928604e-19, id="below machine epsilon"),
]
# mpmath, 50 digits: p = erfc(z / sqrt(2))
NORMAL = [
    pytest.param(1.959963984540054, 0.050000000000000028, id="conventional"),
    pytest.param(9.0, 2.2571768119076813e-19, id="where 1 - cdf is 0"),
]


@pytest.mark.parametrize(("statistic", "df", "p"), STUDENT)
def test_student_agrees_with_multiple_precision(statistic: float, df: float, p: float):
    actual = two_sided_p_value(np.array([-statistic, statistic]), np.array([df, df]))

    np.testing.assert_allclose(actual, [p, p], rtol=1e-12)


@pytest.mark.parametrize(("statistic", "p"), NORMAL)
def test_infinite_df_is_the_normal(statistic: float, p: float):
    actual = two_sided_p_value(np.array([statistic]), np.array([np.inf]))

    np.testing.assert_allclose(actual, [p], rtol=1e-12)


def test_a_missing_statistic_has_no_p_value():
    assert np.isnan(two_sided_p_value(np.array([np.nan]), np.array([5.0])))[0]


@pytest.mark.parametrize("df", [1, 3.7, 88, np.inf])
@pytest.mark.parametrize("conf_level", [0.5, 0.9, 0.95, 0.999])
def test_a_quantile_leaves_the_rest_in_the_tails(conf_level: float, df: float):
    quantile = t_quantile(conf_level, np.array([df]))

    np.testing.assert_allclose(
        two_sided_p_value(quantile, np.array([df])), 1 - conf_level, rtol=1e-10
    )


@pytest.mark.parametrize("z", [0.3, 1.96, 6.0])
def test_chi_square_on_one_df_is_the_squared_normal(z: float):
    assert chi_square_p_value(z**2, 1) == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
