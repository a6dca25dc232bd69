"""Two one-sided tests and the interval that says the same."""

import numpy as np
import pytest

from trialkit.errors import SpecificationError
from trialkit.numerics.equivalence import matching_level, two_one_sided_tests
from trialkit.numerics.means import Moments, welch_difference

ARMS = Moments(n=25, mean=4.3, std_dev=1.2), Moments(n=22, mean=4.1, std_dev=1.7)


def test_the_interval_touches_a_margin_where_p_is_alpha():
    difference = welch_difference(*ARMS, conf_level=matching_level(0.95))
    low, high = float(difference.conf_low[0]), float(difference.conf_high[0])

    found = two_one_sided_tests(difference, margin_low=low, margin_high=high)

    assert found.lower.p_value == pytest.approx(0.05, rel=1e-11)
    assert found.upper.p_value == pytest.approx(0.05, rel=1e-11)


@pytest.mark.parametrize(("low", "high", "side"), [(-0.3, 5.0, "lower"), (-5.0, 0.3, "upper")])
def test_the_nearer_margin_decides(low: float, high: float, side: str):
    difference = welch_difference(*ARMS, conf_level=0.9)

    found = two_one_sided_tests(difference, margin_low=low, margin_high=high)

    assert found.decisive == getattr(found, side)


def test_a_far_tail_keeps_its_digits():
    difference = welch_difference(*ARMS, conf_level=0.9)

    found = two_one_sided_tests(difference, margin_low=-1e4, margin_high=1e4)

    assert 0 < found.decisive.p_value < 1e-60


@pytest.mark.parametrize(("low", "high"), [(1, -1), (0.5, 0.5), (-np.inf, 1), (0, np.nan)])
def test_margins_out_of_order_are_refused(low: float, high: float):
    with pytest.raises(SpecificationError, match="finite margin_low below margin_high"):
        two_one_sided_tests(
            welch_difference(*ARMS, conf_level=0.9), margin_low=low, margin_high=high
        )


def test_the_level_of_the_interval_is_exact():
    assert matching_level(0.95) == 0.9
    for level in (0.5, 1.0, 0.2):
        with pytest.raises(SpecificationError, match=r"\(0.5, 1\)"):
            matching_level(level)
