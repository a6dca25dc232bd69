"""Tail probabilities hold their digits far out, and quantiles are their inverse."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy import stats

from trialkit.numerics.tails import (
    chi_square_p_value,
    even_chance_p_value,
    normal_p_value,
    normal_quantile,
    t_quantile,
    two_sided_p_value,
    variance_ratio_p_value,
)

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


@pytest.mark.parametrize("z", [-7.0, -0.4, 0.0, 2.2])
def test_one_sided_normal_tails_add_up_and_keep_their_digits(z: float):
    less, greater = (normal_p_value(z, alternative=side) for side in ("less", "greater"))

    assert less + greater == pytest.approx(1.0, rel=1e-14)
    assert min(less, greater) == pytest.approx(normal_p_value(z) / 2, rel=1e-14)


def test_the_normal_quantile_is_the_inverse_of_its_p_value():
    assert normal_p_value(normal_quantile(0.9)) == pytest.approx(0.1, rel=1e-14)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (5, 0), (3, 7), (200, 800), (3, 897)])
def test_an_even_chance_is_counted_out(first: int, second: int):
    n, fewer = first + second, min(first, second)
    exact = Fraction(2 * sum(comb(n, k) for k in range(fewer + 1)), 2**n)

    assert even_chance_p_value(first, second) == pytest.approx(float(exact), rel=1e-14)


def test_an_even_count_is_certain():
    assert even_chance_p_value(0, 0) == even_chance_p_value(4, 4) == 1.0


@pytest.mark.parametrize("ratio", [0.02, 0.9, 1.4, 50.0])
def test_a_ratio_of_variances_may_fall_either_way(ratio: float):
    p = variance_ratio_p_value(ratio, 7.0, 12.0)

    assert p == pytest.approx(variance_ratio_p_value(1 / ratio, 12.0, 7.0), rel=1e-12)
    assert p == pytest.approx(
        2 * min(stats.f.sf(ratio, 7, 12), stats.f.sf(1 / ratio, 12, 7)), rel=1e-12
    )
