"""Percent change of the mean within people."""

import pandas as pd

from trialkit.analysis.estimates import call, in_arm, number
from trialkit.analysis.frames import require_conf_level
from trialkit.analysis.samples import paired_samples
from trialkit.language.told import tell, tell_count
from trialkit.numerics.effect_sizes import paired_moments
from trialkit.numerics.percent_change import percent_change_of_means
from trialkit.result.analysis_result import AnalysisResult, Estimate

METHOD = tell("percent change of the mean, paired t test, Fieller's interval")


def percent_change(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Estimate by how many percent the mean changed from baseline, by arm if one is named.

    It is the change of the mean over the mean before, not the mean of everybody's own
    percent change, so a person whose baseline is 0 counts like any other. A change within
    one arm is no comparison: time, regression to the mean and expectation are in it as much
    as the treatment.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without outcome or baseline is left out and counted in
        ``notes``.
    outcome, baseline : str
        Numeric columns in the same unit, on a scale whose 0 means none.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    conf_level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``percent_change`` of each arm, in percent, negative where the mean fell; its test is
        the paired t test, with which the interval agrees. ``std_error`` is by the delta
        method. Where the mean before is not clear of zero at ``conf_level``, no finite
        interval exists: the limits are empty and a note says so. Values below zero are
        counted in a note.

    Raises
    ------
    SpecificationError
        If a column does not exist.
    NotEstimableError
        If the mean before is not above zero, an arm has fewer than two complete people, or
        all changed by the same amount.

    References
    ----------
    Fieller EC (1954). J R Stat Soc B 16:175-185.

    Examples
    --------
    >>> frame = pd.DataFrame({"before": [5.0, 6, 7, 6], "after": [3.0, 5, 4, 3]})
    >>> result = percent_change(frame, outcome="after", baseline="before")
    >>> result.estimates[0].estimate
    -37.5
    """
    require_conf_level(conf_level)
    samples = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm)
    rows, notes = [], list(samples.notes)
    for people in samples.arms:
        where = in_arm(people.arm)
        found = percent_change_of_means(
            paired_moments(people.before, people.after), conf_level=conf_level
        )
        rows.append(
            Estimate(
                quantity="percent_change",
                arm=people.arm,
                n_subjects=int(people.before.size),
                estimate=found.estimate,
                std_error=found.std_error,
                df=found.df,
                statistic=found.statistic,
                p_value=found.p_value,
                conf_low=number(found.conf_low),
                conf_high=number(found.conf_high),
                conf_level=conf_level,
                method=METHOD,
            )
        )
        below = int(((people.before < 0) | (people.after < 0)).sum())
        if below:
            notes.append(
                tell_count(
                    below,
                    "{n} person{where} has a value below zero; is 0 none on this scale?",
                    "{n} people{where} have a value below zero; is 0 none on this scale?",
                    where=where,
                )
            )
        if number(found.conf_low) is None:
            notes.append(
                tell("no interval{where}: the mean before is not clear of zero", where=where)
            )
    return AnalysisResult(
        method=tell("Percent change of the mean, paired t test, Fieller's interval"),
        estimates=tuple(rows),
        notes=tuple(notes),
        provenance=call(
            "percent_change", outcome=outcome, baseline=baseline, arm=arm, conf_level=conf_level
        ),
    )
