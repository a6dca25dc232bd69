"""One test of the means of several arms: whether they differ at all."""

import pandas as pd

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import require_conf_level, require_two_arms, require_word
from trialkit.analysis.sample_rows import mean_rows
from trialkit.analysis.samples import arm_samples
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import Moments, sample_moments
from trialkit.numerics.one_way import OneWayTest, classic_one_way, welch_one_way
from trialkit.numerics.variance_explained import (
    VarianceShare,
    epsilon_squared,
    eta_squared,
    omega_squared,
)
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import Variances, allowed

SHARES = {
    "eta_squared": eta_squared,
    "omega_squared": omega_squared,
    "epsilon_squared": epsilon_squared,
}


def one_way(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    variances: Variances = "equal",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test whether the mean outcome is the same in all arms.

    The test says that arms differ, not which: ``multiple_comparisons`` compares them.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    variances : "equal" or "unequal"
        Fisher's classical test, or Welch's. The choice never depends on the data.
    conf_level : float
        Coverage of the intervals of the means, and of the lower limits of the effect sizes.

    Returns
    -------
    AnalysisResult
        ``mean`` of each arm; ``joint_test`` with F, ``df_num``, ``df`` and p; and, under
        equal variances, ``effect_size`` rows with the methods eta_squared, omega_squared
        and epsilon_squared: shares of variance whose interval runs from its one-sided lower
        limit to 1, above 0 exactly where p < 1 - conf_level. ``glance()`` has the sums of
        squares of the classical test.

    Raises
    ------
    SpecificationError
        If a column or the word does not exist.
    NotEstimableError
        If only one arm has records, or nothing varies within arms (Welch's test: within
        one of them).

    References
    ----------
    Welch BL (1951). Biometrika 38:330-336. R: ``oneway.test``, ``effectsize``; SAS: ``PROC
    GLM; MEANS arm / WELCH``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbbccc"), "pain": [5.0, 6, 7, 2, 3, 4, 4, 5, 6]})
    >>> (test,) = tk.one_way(frame, outcome="pain", arm="arm").select(quantity="joint_test")
    >>> round(test.statistic, 6), test.df_num, test.df, round(test.p_value, 4)
    (7.0, 2.0, 6.0, 0.027)
    """
    require_conf_level(conf_level)
    require_word(variances, allowed(Variances), option="variances")
    people = arm_samples(frame, outcome=outcome, arm=arm, reference=None)
    values = people.outcomes
    require_two_arms(tuple(values))
    samples = {level: sample_moments(sample) for level, sample in values.items()}
    tested, figures = joint_rows(values, samples, variances=variances, conf_level=conf_level)
    name = tell("Welch" if variances == "unequal" else "classical")
    return AnalysisResult(
        method=tell(
            "One-way analysis of variance of {outcome}, {test}", outcome=outcome, test=name
        ),
        estimates=(*mean_rows(samples, conf_level=conf_level), *tested),
        fit=statistics({"n_subjects": sum(sample.n for sample in samples.values()), **figures}),
        notes=people.notes,
        provenance=call(
            "one_way", outcome=outcome, arm=arm, variances=variances, conf_level=conf_level
        ),
    )


def joint_rows(
    values: dict[str, FloatArray],
    samples: dict[str, Moments],
    *,
    variances: Variances,
    conf_level: float,
) -> tuple[tuple[Estimate, ...], dict[str, float | int | str | None]]:
    """Return the test, its effect sizes, and figures of the fit."""
    people = sum(sample.n for sample in samples.values())
    if variances == "unequal":
        test = welch_one_way(list(samples.values()))
        method = tell("one-way analysis of variance, Welch")
        return (joint_test_row(test, people, method=method),), {}
    table = classic_one_way(list(values.values()))
    test = table.test
    shares = tuple(
        share_row(
            share(test.F, test.df_num, test.df, conf_level=conf_level),
            people=people,
            method=measure,
            conf_level=conf_level,
        )
        for measure, share in SHARES.items()
    )
    figures: dict[str, float | int | str | None] = {
        "sum_of_squares_between": table.between,
        "sum_of_squares_within": table.within,
        "residual_df": table.df_within,
        "residual_std_dev": (table.within / table.df_within) ** 0.5,
    }
    row = joint_test_row(test, people, method=tell("one-way analysis of variance"))
    return (row, *shares), figures


def joint_test_row(test: OneWayTest, people: int, *, method: str) -> Estimate:
    """Return an F test as a row."""
    return Estimate(
        quantity="joint_test",
        n_subjects=people,
        df_num=float(test.df_num),
        df=float(test.df),
        statistic=test.F,
        p_value=test.p_value,
        method=method,
    )


def share_row(
    share: VarianceShare,
    *,
    people: int,
    method: str,
    conf_level: float,
    term: str | None = None,
) -> Estimate:
    """Return a share of variance as a row; its test is the F test's."""
    return Estimate(
        quantity="effect_size",
        term=term,
        n_subjects=people,
        estimate=share.estimate,
        conf_low=share.conf_low,
        conf_high=share.conf_high,
        conf_level=conf_level,
        method=method,
    )
