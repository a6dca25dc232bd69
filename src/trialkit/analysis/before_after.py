"""Change within people, from participants or from printed n, mean and SD of the changes."""

import pandas as pd

from trialkit.analysis.estimates import call, from_inference
from trialkit.analysis.frames import require_conf_level
from trialkit.analysis.sample_rows import before_after_rows
from trialkit.analysis.samples import paired_samples
from trialkit.analysis.summaries import ONE_GROUP, PRINTED_FIGURES, arm_moments
from trialkit.language.told import tell
from trialkit.numerics.means import Moments, change_moments, mean_inference
from trialkit.result.analysis_result import AnalysisResult, Estimate

PAIRED_T = tell("paired t test")
CHANGE_BY_T = tell("Change within people, paired t test")


def paired_change(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Estimate the mean change from baseline within people, by arm if one is named.

    A change within one arm is no comparison: time, regression to the mean and expectation
    are in it as much as the treatment.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without outcome or baseline is left out and counted in
        ``notes``.
    outcome, baseline : str
        Numeric columns in the same unit.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    conf_level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``mean`` of baseline and outcome, and ``change`` (outcome minus baseline) of each
        arm with its paired t test on n - 1 degrees of freedom.

    Raises
    ------
    SpecificationError
        If a column does not exist.
    NotEstimableError
        If an arm has fewer than two complete people, or all changed by the same amount.

    References
    ----------
    Student (1908). Biometrika 6:1-25. R: ``t.test(paired = TRUE)``; SAS: ``PROC TTEST;
    PAIRED``.

    Examples
    --------
    >>> frame = pd.DataFrame({"before": [5.0, 6, 7], "after": [3.0, 5, 4]})
    >>> paired_change(frame, outcome="after", baseline="before").estimates[-1].estimate
    -2.0
    """
    samples = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm)
    rows: list[Estimate] = []
    for people in samples.arms:
        changes = change_moments(people.before, people.after)
        rows += before_after_rows([people], statistic="mean")
        rows.append(change_row(changes, arm=people.arm, conf_level=conf_level))
    return AnalysisResult(
        method=CHANGE_BY_T,
        estimates=tuple(rows),
        notes=samples.notes,
        provenance=call(
            "paired_change", outcome=outcome, baseline=baseline, arm=arm, conf_level=conf_level
        ),
    )


def paired_change_from_summary(
    frame: pd.DataFrame,
    *,
    arm: str | None = None,
    n: str = "n",
    mean: str = "mean",
    std_dev: str = "std_dev",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test printed mean changes: as ``paired_change``, from n, mean and SD of the changes.

    Parameters
    ----------
    frame : DataFrame
        One row an arm; no missing values.
    arm, n, mean, std_dev : str
        Columns: the arm, its number of people, mean and standard deviation of their
        *changes* (not of their values), in the unit of the outcome.
    conf_level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``change`` of each arm.

    Raises
    ------
    SpecificationError, DataError, NotEstimableError
        As ``paired_change``; DataError also if an arm has two rows or a figure is absent.

    Examples
    --------
    >>> table = pd.DataFrame({"n": [17], "mean": [-1.241], "std_dev": [1.474]})
    >>> result = paired_change_from_summary(table)
    >>> round(result.estimates[0].statistic, 2)
    -3.47
    """
    samples = arm_moments(frame, arm=arm, n=n, mean=mean, std_dev=std_dev)
    return AnalysisResult(
        method=CHANGE_BY_T,
        estimates=tuple(
            change_row(sample, arm=None if level == ONE_GROUP else level, conf_level=conf_level)
            for level, sample in samples.items()
        ),
        notes=(PRINTED_FIGURES,),
        provenance=call(
            "paired_change_from_summary",
            arm=arm,
            n=n,
            mean=mean,
            std_dev=std_dev,
            conf_level=conf_level,
        ),
    )


def change_row(changes: Moments, *, arm: str | None, conf_level: float) -> Estimate:
    """Return the row of one arm's mean change."""
    require_conf_level(conf_level)
    return from_inference(
        mean_inference(changes, conf_level=conf_level),
        0,
        quantity="change",
        conf_level=conf_level,
        method=PAIRED_T,
        arm=arm,
        n_subjects=changes.n,
    )
