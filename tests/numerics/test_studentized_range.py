"""The studentised range keeps its digits from the centre to the far tail."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import SpecificationError
from trialkit.numerics.max_t import max_t_sf
from trialkit.numerics.studentized_range import studentized_range_bound, studentized_range_sf

EVERY_DF = [1, 2, 3.7, 20, 105, 1e5, np.inf]
# All pairs of three arms of one size.
THREE_PAIRS = np.array([[1, 0.5, -0.5], [0.5, 1, 0.5], [-0.5, 0.5, 1]])


@pytest.mark.parametrize("df", EVERY_DF)
@pytest.mark.parametrize("t", [0.01, 0.7, 2.0, 6.0, 30.0])
def test_two_means_are_a_t_test(t: float, df: float):
    actual = studentized_range_sf(t * np.sqrt(2), 2, df)

    assert actual == pytest.approx(2 * stats.t.sf(t, df), rel=1e-12)


@pytest.mark.parametrize("df", EVERY_DF)
@pytest.mark.parametrize("t", [0.1, 1.0, 2.3, 6.0, 15.0])
def test_three_means_agree_with_the_largest_of_three_correlated_t(t: float, df: float):
    actual = studentized_range_sf(t * np.sqrt(2), 3, df)

    assert actual == pytest.approx(max_t_sf(t, THREE_PAIRS, df), rel=1e-12)


@pytest.mark.parametrize(("q", "means", "df"), [(2.5, 4, 12), (3.9, 6, 40), (4.6, 8, 200)])
def test_agrees_with_scipy_in_the_centre(q: float, means: int, df: float):
    # scipy integrates to about 1e-11 absolute and subtracts from 1.
    expected = stats.studentized_range.sf(q, means, df)

    assert studentized_range_sf(q, means, df) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("means", [2, 3, 8, 40])
@pytest.mark.parametrize("df", EVERY_DF)
@pytest.mark.parametrize("probability", [0.5, 0.05, 1e-6])
def test_the_bound_inverts_the_tail(probability: float, means: int, df: float):
    q = studentized_range_bound(probability, means, df)

    assert studentized_range_sf(q, means, df) == pytest.approx(probability, rel=1e-9)


def test_no_range_is_certain_to_be_passed():
    assert studentized_range_sf(0.0, 5, 10) == pytest.approx(1, rel=1e-13)


def test_one_mean_has_no_range():
    with pytest.raises(SpecificationError, match="at least two means, found 1"):
        studentized_range_sf(1.0, 1, 10)
