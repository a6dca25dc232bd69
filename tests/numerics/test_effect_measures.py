"""Effect measures: exact corrections, empty cells, and what cannot be estimated."""

import numpy as np
import pytest
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.numerics.effect_measures import (
    ArmMeans,
    Tables,
    arcsine_difference,
    gamma_correction,
    mean_difference,
    odds_ratio,
    risk_difference,
    risk_ratio,
    standardised_mean_difference,
)


def arm(n: float, mean: float, std_dev: float) -> ArmMeans:
    return ArmMeans(n=np.array([n]), mean=np.array([mean]), std_dev=np.array([std_dev]))


def table(a: float, b: float, c: float, d: float) -> Tables:
    return Tables(a=np.array([a]), b=np.array([b]), c=np.array([c]), d=np.array([d]))


# mpmath, 40 digits: gamma(m / 2) / (sqrt(m / 2) * gamma((m - 1) / 2))
EXACT = [
    pytest.param(2.0, 0.56418958354775629, id="smallest"),
    pytest.param(10.0, 0.92274560805214265, id="small"),
    pytest.param(100.0, 0.992478054981444867, id="usual"),
    pytest.param(1e6, 0.99999924999978125, id="large"),
]


@pytest.mark.parametrize(("m", "expected"), EXACT)
def test_the_correction_keeps_its_digits(m: float, expected: float):
    assert gamma_correction(np.array([m]))[0] == pytest.approx(expected, rel=1e-14)


def test_the_correction_is_the_ratio_of_gammas():
    m = np.array([7.0])

    ratio = special.gamma(m / 2) / (np.sqrt(m / 2) * special.gamma((m - 1) / 2))

    assert gamma_correction(m) == pytest.approx(ratio, rel=1e-14)


def test_a_mean_difference_and_its_variance():
    effects = mean_difference(arm(10, 3.0, 2.0), arm(20, 5.0, 1.0))

    assert effects.estimate[0] == -2.0
    assert effects.variance[0] == pytest.approx(4 / 10 + 1 / 20)


def test_g_is_corrected_d():
    effects = standardised_mean_difference(arm(6, 3.0, 1.0), arm(6, 4.0, 1.0))

    g = -0.92274560805214265
    assert effects.estimate[0] == pytest.approx(g, rel=1e-12)
    assert effects.variance[0] == pytest.approx(1 / 3 + g**2 / 24, rel=1e-12)


@pytest.mark.parametrize("measure", [risk_ratio, odds_ratio, risk_difference])
def test_one_half_is_added_where_a_cell_is_empty_and_nowhere_else(measure):
    both = Tables(
        a=np.array([0.0, 3.0]),
        b=np.array([10.0, 7.0]),
        c=np.array([2.0, 5.0]),
        d=np.array([9.0, 6.0]),
    )

    effects = measure(both)

    added, plain = measure(table(0.5, 10.5, 2.5, 9.5)), measure(table(3, 7, 5, 6))
    assert effects.estimate.tolist() == [added.estimate[0], plain.estimate[0]]
    assert effects.variance.tolist() == [added.variance[0], plain.variance[0]]


def test_the_arcsine_needs_no_addition():
    effects = arcsine_difference(table(0, 10, 2, 9))

    assert effects.estimate[0] == pytest.approx(-np.arcsin(np.sqrt(2 / 11)))
    assert effects.variance[0] == pytest.approx(1 / 40 + 1 / 44)


def test_what_does_not_vary_has_no_standardised_difference():
    with pytest.raises(NotEstimableError, match="neither arm of a trial varies"):
        standardised_mean_difference(arm(5, 1.0, 0.0), arm(5, 2.0, 0.0))
    with pytest.raises(NotEstimableError, match="four people"):
        standardised_mean_difference(arm(1, 1.0, 0.0), arm(2, 2.0, 1.0))
    with pytest.raises(NotEstimableError, match="no people"):
        risk_ratio(table(0, 0, 3, 4))
