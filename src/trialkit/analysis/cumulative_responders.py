"""The cumulative responder curve: how many people improve by at least x %, for every x."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, from_interval
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    counted_by_arm,
    require_columns,
    require_conf_level,
    require_numeric,
    require_word,
    values_by_arm,
)
from trialkit.analysis.options import finite_number
from trialkit.design.contrasts import contrast_pairs
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_count
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.distribution_band import band_limits, largest_gap
from trialkit.numerics.proportions import Counts, risk_difference_newcombe, wilson
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import Better, ContrastFamily, MissingAs, allowed

# Decimals of a percentage that are not rounding: 30 % of 0.1 counts as 30 %, and a threshold of
# 100 / 3 % as one third.
DECIMALS: Final = 7
BAND: Final = tell(
    "simultaneous band (Clopper-Pearson limits that hold at every percentage at once)"
)
POINTWISE: Final = tell("Wilson interval, pointwise")
WHOLE_CURVE: Final = tell("whole curve")
MOST_THRESHOLDS: Final = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """The improvements of each arm, in percent of the baseline; unknown ones are -inf."""

    improvements: dict[str, FloatArray]
    conf_level: float

    def counts(self, arm: str, threshold: float) -> Counts:
        """Return how many of an arm improve by at least a threshold."""
        values = self.improvements[arm]
        return Counts(events=int(np.sum(values >= threshold)), n=len(values))


def cumulative_responders(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str,
    reference: str | None = None,
    better: Better = "lower",
    missing_as: MissingAs = "non_responder",
    step: float = 5.0,
    thresholds: Sequence[float] | None = None,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Give, by arm, the share of people who improve by at least x % for a range of x.

    Parameters
    ----------
    frame : DataFrame
        One row per subject.
    outcome, baseline, arm : str
        Columns; outcome and baseline are numbers on one scale with a true zero.
    reference : str, optional
        The arm that the others are compared with; without it curves only.
    better : "lower" or "higher"
        Which way an improvement goes.
    missing_as : "non_responder" or "observed"
        A person without a percent change (a value is missing, or the baseline is 0)
        counts as not improving by any percentage, or is left out. ``notes`` count them
        either way, those with a baseline of 0 apart.
    step : float
        Distance of the thresholds from 0 to 100 %.
    thresholds : list of float, optional
        Other thresholds, in percent, instead of ``step``; they count to seven decimals.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which comparisons.
    conf_level : float
        Coverage, in (0, 1): of each pointwise interval, and of each arm's whole band.

    Returns
    -------
    AnalysisResult
        ``proportion`` of each arm at each threshold (term "at least 30 %"), once with a
        band that holds over the whole curve at once and once with Wilson's pointwise
        interval (their ``method`` begins with these words); of each contrast
        ``risk_difference`` at each threshold (pointwise Newcombe interval, not tested)
        and ``joint_test`` with term "whole curve": the largest vertical distance of the
        two curves over all percentages, worsening included, with the exact p-value of
        Kolmogorov and Smirnov given the ties.

    Raises
    ------
    SpecificationError
        If a column, an arm or an option does not exist.
    DataError
        If a value is not a finite number.
    NotEstimableError
        If nobody has a percent change.

    References
    ----------
    Farrar JT, Dworkin RH, Max MB (2006). J Pain Symptom Manage 31:369-377. Owen AB (1995).
    J Am Statist Assoc 90:516-521. R: ``ks.test(exact = TRUE)`` for the test.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "before": [8, 6, 5, 4, 8, 6, 5, 4],
    ...                       "after": [8, 5, 4, 4, 4, 2, 2, 3]})
    >>> result = cumulative_responders(frame, outcome="after", baseline="before", arm="arm",
    ...                                reference="a", thresholds=[30, 50])
    >>> [row.estimate for row in result.select(quantity="risk_difference")]
    [0.75, 0.75]
    """
    require_conf_level(conf_level)
    require_word(better, allowed(Better), option="better")
    require_word(missing_as, allowed(MissingAs), option="missing_as")
    grid = threshold_grid(step, thresholds)
    people, notes = people_with_improvement(
        frame, outcome=outcome, baseline=baseline, arm=arm, better=better, missing_as=missing_as
    )
    levels = arm_levels(people, arm, reference=reference)
    pairs = (
        contrast_pairs(contrasts, arms=levels, reference=reference) if reference is not None else ()
    )
    curves = Curves(
        improvements=values_by_arm(people, outcome=improvement_column(arm), arm=arm, levels=levels),
        conf_level=conf_level,
    )
    return AnalysisResult(
        method=tell(
            "Share of people whose {outcome} improves by at least x % of {baseline}, with "
            "{level:g} % simultaneous bands; largest distance of the curves tested exactly "
            "(Kolmogorov-Smirnov)",
            outcome=outcome,
            baseline=baseline,
            level=100 * conf_level,
        ),
        estimates=(
            *(row for level in levels for row in curve_rows(curves, level, grid)),
            *(row for pair in pairs for row in contrast_rows(curves, pair, grid)),
        ),
        notes=notes,
        provenance=call(
            "cumulative_responders",
            outcome=outcome,
            baseline=baseline,
            arm=arm,
            reference=reference,
            better=better,
            missing_as=missing_as,
            step=step if thresholds is None else None,
            thresholds=thresholds,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def threshold_grid(step: float, thresholds: Sequence[float] | None) -> list[float]:
    """Return the thresholds in percent, rising, or refuse what is no grid."""
    if thresholds is None:
        if not 100 / (MOST_THRESHOLDS - 1) <= finite_number(step, option="step") <= 100:
            raise SpecificationError(f"step: expected 0.1 to 100 percent, found {step!r}")
        whole = int(np.floor(100 / step + 1e-9))
        return [round(position * step, DECIMALS) for position in range(whole + 1)]
    if isinstance(thresholds, str) or not isinstance(thresholds, Iterable):
        raise SpecificationError(
            f"thresholds: expected a list of percentages such as [30, 50], found {thresholds!r}"
        )
    given = [finite_number(value, option="thresholds") for value in thresholds]
    grid = sorted({round(value, DECIMALS) + 0.0 for value in given})
    if not grid or grid[-1] > 100 or len(grid) > MOST_THRESHOLDS:
        raise SpecificationError(
            f"thresholds: expected 1 to {MOST_THRESHOLDS} percentages of at most 100, found "
            f"{given!r}"
        )
    return grid


def people_with_improvement(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str,
    better: Better,
    missing_as: MissingAs,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the people with their improvement in percent, and the notes on the others."""
    improvement = improvement_column(arm)
    require_columns(frame, [outcome, baseline, arm])
    for column in (outcome, baseline):
        require_numeric(frame, column)
    placed = complete_cases(frame, columns=[], arm=arm)
    people = placed.frame[[arm]].assign(
        **{improvement: improvements(placed.frame, outcome, baseline, better=better)}
    )
    unknown = people[improvement].isna()
    if unknown.all():
        raise NotEstimableError(
            tell(
                "nobody has a percent change from {baseline} to {outcome}",
                baseline=baseline,
                outcome=outcome,
            )
        )
    zero = placed.frame[baseline].eq(0)
    how = tell("counted as not improving" if missing_as == "non_responder" else "left out")
    at_zero = tell("a baseline of 0 and so no percent change: {how}", how=how)
    missing = tell("a value missing, no percent change: {how}", how=how)
    notes = (
        *placed.notes,
        *people_note(people[zero], arm, at_zero),
        *people_note(people[unknown & ~zero], arm, missing),
    )
    if missing_as == "observed":
        return people[~unknown], notes
    return people.fillna({improvement: -np.inf}), notes


def improvement_column(arm: str) -> str:
    """Return a name for the improvements that the column of the arm cannot have."""
    return f"improvement by {arm}"


def improvements(frame: pd.DataFrame, outcome: str, baseline: str, *, better: Better) -> pd.Series:
    """Return the change towards better in percent of the baseline's size; missing at 0."""
    after = frame[outcome].astype("float64")
    before = frame[baseline].astype("float64")
    change = before - after if better == "lower" else after - before
    size = before.abs().where(before.ne(0))
    return (100 * (change / size)).round(DECIMALS)


def people_note(people: pd.DataFrame, arm: str, what: str) -> tuple[str, ...]:
    """Return a note that counts people by arm, or none where there are none."""
    if people.empty:
        return ()
    note = tell_count(
        len(people),
        "{n} person has {what} ({by_arm})",
        "{n} people have {what} ({by_arm})",
        what=what,
        by_arm=counted_by_arm(people[arm]),
    )
    return (note,)


def term_of(threshold: float) -> str:
    """Return the words of a threshold.

    >>> term_of(30.0), term_of(12.5), term_of(30.0000001)
    ('at least 30 %', 'at least 12.5 %', 'at least 30.0000001 %')
    """
    return tell("at least {threshold:.15g} %", threshold=threshold)


def curve_rows(curves: Curves, level: str, grid: Sequence[float]) -> list[Estimate]:
    """Return the curve of one arm: with its band, then with pointwise intervals."""
    rows = []
    for limits, method in ((band_limits, BAND), (wilson, POINTWISE)):
        for threshold in grid:
            counts = curves.counts(level, threshold)
            rows.append(
                from_interval(
                    limits(counts, conf_level=curves.conf_level),
                    quantity="proportion",
                    conf_level=curves.conf_level,
                    method=method,
                    arm=level,
                    term=term_of(threshold),
                    n_subjects=counts.n,
                )
            )
    return rows


def contrast_rows(curves: Curves, pair: tuple[str, str], grid: Sequence[float]) -> list[Estimate]:
    """Return the difference of two curves at each threshold, and the one test of them."""
    treatment, other = pair
    arms = curves.improvements[treatment], curves.improvements[other]
    labels: dict[str, Any] = {
        "arm": treatment,
        "reference_arm": other,
        "n_subjects": sum(map(len, arms)),
    }
    differences = [
        from_interval(
            risk_difference_newcombe(
                curves.counts(treatment, threshold),
                curves.counts(other, threshold),
                conf_level=curves.conf_level,
            ),
            quantity="risk_difference",
            conf_level=curves.conf_level,
            method=tell("Newcombe interval, pointwise"),
            term=term_of(threshold),
            **labels,
        )
        for threshold in grid
    ]
    distance, p_value = largest_gap(*arms)
    test = Estimate(
        quantity="joint_test",
        estimate=distance,
        method=tell("largest distance of the curves, exact Kolmogorov-Smirnov test given the ties"),
        term=WHOLE_CURVE,
        **labels,
    )
    return [*differences, replace(test, statistic=distance, p_value=p_value)]
