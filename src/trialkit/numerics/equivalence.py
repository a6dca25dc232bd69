"""Two one-sided tests of a difference against a lower and an upper margin."""

from dataclasses import dataclass
from numbers import Real

import numpy as np

from trialkit.errors import SpecificationError
from trialkit.numerics.contrast import Inference
from trialkit.numerics.tails import t_p_value


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTest:
    """Student's t of a difference less a margin, one-sided; the estimate is that distance."""

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """Both one-sided tests; equivalence is claimed at the larger of the p-values."""

    lower: MarginTest
    upper: MarginTest

    @property
    def decisive(self) -> MarginTest:
        """Return the test with the larger p-value."""
        return max(self.lower, self.upper, key=lambda test: test.p_value)


def matching_level(conf_level: float) -> float:
    """Return 1 - 2 alpha, the level of the interval that lies inside the margins.

    Raises
    ------
    SpecificationError
        If alpha = 1 - ``conf_level`` is not below one half.
    """
    if not isinstance(conf_level, Real) or not 0.5 < conf_level < 1:
        raise SpecificationError(
            "conf_level: expected a number in (0.5, 1), for two tests at 1 - conf_level each, "
            f"found {conf_level!r}"
        )
    # Rounded so that 0.95 gives 0.90 and not 0.8999999999999999.
    return round(2 * conf_level - 1, 15)


def two_one_sided_tests(
    difference: Inference, *, margin_low: float, margin_high: float
) -> Equivalence:
    """Test that a difference lies above the lower margin and below the upper one.

    Parameters
    ----------
    difference : Inference
        One estimate with standard error and degrees of freedom; shape (1,).
    margin_low, margin_high : float
        In the unit of the outcome; they need not be symmetric.

    References
    ----------
    Schuirmann DJ (1987). J Pharmacokinet Biopharm 15:657-680. R: ``TOSTER::tsum_TOST``;
    SAS: ``PROC TTEST; TOST(low, high)``.
    """
    if not -np.inf < margin_low < margin_high < np.inf:
        raise SpecificationError(
            "margins: expected finite margin_low below margin_high, "
            f"found {margin_low!r} and {margin_high!r}"
        )
    return Equivalence(
        lower=margin_test(difference, margin_low, alternative="greater"),
        upper=margin_test(difference, margin_high, alternative="less"),
    )


def margin_test(difference: Inference, margin: float, *, alternative: str) -> MarginTest:
    """Return the one-sided test of a difference against one margin."""
    estimate = difference.estimate - margin
    statistic = estimate / difference.std_error
    return MarginTest(
        estimate=float(estimate[0]),
        std_error=float(difference.std_error[0]),
        df=float(difference.df[0]),
        statistic=float(statistic[0]),
        p_value=float(t_p_value(statistic, difference.df, alternative=alternative)[0]),
    )
