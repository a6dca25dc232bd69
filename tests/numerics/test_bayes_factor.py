"""Bayes factors hold together: halves make the whole, and size is no obstacle."""

from math import exp, inf, isfinite, log

import numpy as np
import pytest
from scipy import integrate, stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.bayes_factor import MEDIUM, BayesFactor, jzs_bayes_factor


@pytest.mark.parametrize("t", [-6.0, -1.2, 0.0, 0.3, 4.0])
@pytest.mark.parametrize(("df", "size"), [(1, 2), (18, 5), (200, 51)])
def test_the_two_directions_average_to_both(t: float, df: int, size: float):
    both, less, greater = (
        jzs_bayes_factor(t, df=df, size=size, alternative=word).bf10
        for word in ("two_sided", "less", "greater")
    )

    assert (less + greater) / 2 == pytest.approx(both, rel=1e-12)


@pytest.mark.parametrize(("t", "df", "size", "r"), [(2.1, 14, 15, 1.0), (-0.4, 38, 9.5, MEDIUM)])
def test_agrees_with_the_integral_over_the_difference(t: float, df: int, size: float, r: float):
    def integrand(d: float) -> float:
        return stats.cauchy.pdf(d, scale=r) * stats.nct.pdf(t, df, d * np.sqrt(size))

    pieces = [integrate.quad(integrand, a, b)[0] for a, b in ((-8, -1), (-1, 0), (0, 1), (1, 8))]

    factor = jzs_bayes_factor(t, df=df, size=size, prior_scale=r)
    assert factor.bf10 == pytest.approx(sum(pieces) / stats.t.pdf(t, df), rel=1e-6)
    assert factor.relative_error < 1e-11


def test_the_sign_of_t_swaps_the_directions():
    assert (
        jzs_bayes_factor(2.5, df=20, size=5, alternative="less").log_bf10
        == jzs_bayes_factor(-2.5, df=20, size=5, alternative="greater").log_bf10
    )


def test_a_huge_t_has_its_logarithm():
    factor = jzs_bayes_factor(100.0, df=3000, size=750)

    assert factor.bf10 == inf
    assert isfinite(factor.log_bf10)
    # The likelihood ratio at its best, (1 + t^2 / df)^((df + 1) / 2), bounds the factor.
    assert factor.log_bf10 < 1500.5 * log(1 + 1e4 / 3000)


def test_the_largest_double_is_still_a_number():
    assert BayesFactor(log_bf10=708.0, relative_error=0.0).bf10 == pytest.approx(exp(708.0))


@pytest.mark.parametrize(("t", "df"), [(np.nan, 5), (np.inf, 5), (1.0, 0)])
def test_without_a_t_there_is_no_factor(t: float, df: float):
    with pytest.raises(NotEstimableError, match="no Bayes factor"):
        jzs_bayes_factor(t, df=df, size=5)
