"""Adjusted p-values and simultaneous limits of one family say the same."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.contrast import Inference, infer
from trialkit.numerics.simultaneous import (
    PROCEDURES,
    Family,
    correlation_of,
    simultaneous,
    step_down_max_t,
)

PEOPLE = np.array([12.0, 30.0, 21.0, 9.0])
L = np.array([[-1.0, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]])
FAMILY = Family(correlation=correlation_of(L, np.diag(1 / PEOPLE)), arms=4)
every_procedure = pytest.mark.parametrize("procedure", PROCEDURES)


def three_differences(df: float = 68.0, conf_level: float = 0.95) -> Inference:
    std_error = np.sqrt(np.abs(L) @ (1 / PEOPLE))
    return infer(np.array([-0.9, 0.3, 0.8]), std_error, np.full(3, df), conf_level=conf_level)


@every_procedure
@pytest.mark.parametrize("df", [2.0, 68.0, 1e5, np.inf])
def test_a_family_is_never_more_certain_than_one_contrast(procedure: str, df: float):
    alone = three_differences(df)

    result = simultaneous(alone, FAMILY, procedure=procedure, conf_level=0.95)

    assert np.all(result.p_adjusted >= alone.p_value)
    assert np.all(result.conf_low < alone.conf_low)
    assert np.all(result.conf_high > alone.conf_high)


@every_procedure
def test_a_limit_touches_zero_where_p_is_the_level(procedure: str):
    alone = three_differences()
    p = simultaneous(alone, FAMILY, procedure=procedure, conf_level=0.95).p_adjusted[0]

    touching = simultaneous(alone, FAMILY, procedure=procedure, conf_level=1 - p)

    assert touching.conf_high[0] == pytest.approx(0, abs=1e-9)


def test_stepping_down_is_never_less_powerful():
    alone = three_differences()
    single = simultaneous(alone, FAMILY, procedure="dunnett", conf_level=0.95).p_adjusted

    stepped = step_down_max_t(alone, FAMILY.correlation)

    assert np.all(stepped <= single + 1e-15)
    assert np.all(stepped >= alone.p_value - 1e-15)


def test_an_unknown_procedure_lists_the_known_ones():
    with pytest.raises(SpecificationError, match="tukey_kramer, dunnett, scheffe"):
        simultaneous(three_differences(), FAMILY, procedure="duncan", conf_level=0.95)


def test_dunnett_needs_one_variance():
    alone = infer(np.ones(3), np.ones(3), np.array([5.0, 6, 7]), conf_level=0.95)

    with pytest.raises(NotEstimableError, match="degrees of freedom from 5 to 7"):
        simultaneous(alone, FAMILY, procedure="dunnett", conf_level=0.95)


def test_a_difference_without_variance_has_no_correlation():
    with pytest.raises(NotEstimableError, match="no correlation"):
        correlation_of(np.array([[1.0, -1.0]]), np.ones((2, 2)))
