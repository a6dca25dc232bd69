"""Correlation of two columns."""

import pandas as pd

from trialkit.analysis.estimates import call, in_arm, number
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.samples import paired_samples
from trialkit.language.told import tell
from trialkit.numerics.correlation import Correlation, pearson, spearman
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import CorrelationMethod, allowed

METHODS = {
    "pearson": (pearson, tell("Pearson's correlation, t test, Fisher's interval")),
    "spearman": (
        spearman,
        tell("Spearman's rank correlation, t approximation, interval of Bonett and Wright"),
    ),
}


def correlation(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    method: CorrelationMethod = "pearson",
    arm: str | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Correlate two columns, by arm if one is named.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without either value is left out and counted in ``notes``.
    x, y : str
        Numeric columns.
    method : "pearson" or "spearman"
        The product-moment correlation, or that of the midranks. The p-value of the latter
        is the t approximation, not an exact one.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    conf_level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``correlation`` of each arm, with t on n - 2 degrees of freedom and limits on
        Fisher's scale. Values on one straight line have neither test nor interval, and
        three pairs no interval; a note says so.

    Raises
    ------
    SpecificationError
        If a column or the method does not exist.
    NotEstimableError
        If an arm has fewer than three complete pairs, or one side does not vary.

    References
    ----------
    Fisher RA (1921). Metron 1:3-32. Bonett DG, Wright TA (2000). Psychometrika 65:23-28.
    R: ``cor.test``; SAS: ``PROC CORR FISHER``.

    Examples
    --------
    >>> frame = pd.DataFrame({"pain": [5.0, 6, 7, 2, 3], "anxiety": [41.0, 44, 50, 33, 30]})
    >>> result = correlation(frame, x="pain", y="anxiety")
    >>> round(result.estimates[0].estimate, 3)
    0.951
    """
    require_word(method, allowed(CorrelationMethod), option="method")
    require_conf_level(conf_level)
    compute, name = METHODS[method]
    samples = paired_samples(frame, outcome=y, baseline=x, arm=arm)
    rows, notes = [], list(samples.notes)
    for people in samples.arms:
        found = compute(people.before, people.after, conf_level=conf_level)
        rows.append(correlation_row(found, arm=people.arm, conf_level=conf_level, method=name))
        notes += missing_notes(found, arm=people.arm)
    return AnalysisResult(
        method=name,
        estimates=tuple(rows),
        notes=tuple(notes),
        provenance=call("correlation", x=x, y=y, method=method, arm=arm, conf_level=conf_level),
    )


def correlation_row(
    found: Correlation, *, arm: str | None, conf_level: float, method: str
) -> Estimate:
    """Return one correlation as a row; what does not exist is None."""
    return Estimate(
        quantity="correlation",
        arm=arm,
        n_subjects=found.n,
        estimate=found.estimate,
        df=found.df,
        statistic=number(found.statistic),
        p_value=number(found.p_value),
        conf_low=number(found.conf_low),
        conf_high=number(found.conf_high),
        conf_level=conf_level,
        method=method,
    )


def missing_notes(found: Correlation, *, arm: str | None) -> list[str]:
    """Return why a correlation has no test or no interval."""
    where = in_arm(arm)
    if number(found.p_value) is None:
        return [
            tell("the pairs{where} lie on one line: neither a test nor an interval", where=where)
        ]
    if number(found.conf_low) is None:
        return [tell("three pairs{where}: no interval on Fisher's scale", where=where)]
    return []
