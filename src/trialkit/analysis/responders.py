"""Proportions of people who meet a rule: risk difference, risk ratio, number needed to treat."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from trialkit.analysis.estimates import call, from_interval
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_conf_level,
    require_numeric,
    require_word,
)
from trialkit.analysis.summaries import PRINTED_FIGURES, arm_counts, reference_first
from trialkit.design.contrasts import contrast_pairs
from trialkit.errors import DataError
from trialkit.numerics.proportions import (
    Counts,
    Interval,
    number_needed_to_treat,
    pearson_chi_square,
    risk_difference_newcombe,
    risk_difference_wald,
    risk_ratio,
    wilson,
)
from trialkit.result.analysis_result import AnalysisResult, Call, Estimate
from trialkit.terms import ContrastFamily, MissingAs, RiskDifferenceInterval, allowed

RISK_DIFFERENCES: Mapping[str, Callable[..., Interval]] = {
    "newcombe": risk_difference_newcombe,
    "wald": risk_difference_wald,
}


def responders(
    frame: pd.DataFrame,
    *,
    response: str,
    arm: str,
    reference: str | None = None,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    interval: RiskDifferenceInterval = "newcombe",
    missing_as: MissingAs = "non_responder",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare the proportions of people who respond.

    Parameters
    ----------
    frame : DataFrame
        One row per subject.
    response, arm : str
        Columns; the response is 0, 1 or missing (or a boolean).
    reference : str, optional
        The arm that the others are compared with; without it only proportions are given.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which comparisons.
    interval : "newcombe" or "wald"
        Of the risk difference and of the number needed to treat.
    missing_as : "non_responder" or "observed"
        A person without a response counts as 0 (the default, which keeps everyone), or is
        left out. Either way ``notes`` counts them by arm.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``proportion`` of each arm (Wilson interval), and of each contrast
        ``risk_difference`` (treatment minus reference, with Pearson's chi-square as test,
        no continuity correction), ``risk_ratio`` (log-Wald interval; its std_error is
        that of the logarithm) and ``number_needed_to_treat`` (1 over the risk difference;
        where the interval of the difference contains 0, its limits lie either side of
        infinity).

    Raises
    ------
    SpecificationError
        If a column, an arm or an option does not exist.
    DataError
        If a response is anything but 0, 1 or missing.

    References
    ----------
    Newcombe RG (1998). Stat Med 17:873-890. Altman DG (1998). BMJ 317:1309-1312.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "better": [0, 0, 0, 1, 1, 1, 1, 0]})
    >>> result = responders(frame, response="better", arm="arm", reference="a")
    >>> result.select(quantity="number_needed_to_treat")[0].estimate
    2.0
    """
    require_word(missing_as, allowed(MissingAs), option="missing_as")
    require_columns(frame, [response, arm])
    values = frame.assign(**{response: response_values(frame, response)})
    complete = complete_cases(values, columns=[response], arm=arm)
    notes = complete.notes
    people = complete.frame
    if missing_as == "non_responder":
        in_an_arm = complete_cases(values, columns=[], arm=arm)
        people = in_an_arm.frame.fillna({response: 0.0})
        notes = (*in_an_arm.notes, *missing_note(in_an_arm.frame, response=response, arm=arm))
    levels = arm_levels(people, arm, reference=reference)
    text = people[arm].astype(str)
    counts = {
        level: Counts(
            events=int(people.loc[text.eq(level), response].sum()), n=int(text.eq(level).sum())
        )
        for level in levels
    }
    return compare_proportions(
        counts,
        reference=reference,
        contrasts=contrasts,
        interval=interval,
        conf_level=conf_level,
        notes=notes,
        provenance=call(
            "responders",
            response=response,
            arm=arm,
            reference=reference,
            contrasts=contrasts,
            interval=interval,
            missing_as=missing_as,
            conf_level=conf_level,
        ),
    )


def responders_from_summary(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    n: str = "n",
    events: str = "events",
    reference: str | None = None,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    interval: RiskDifferenceInterval = "newcombe",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare printed counts: as ``responders``, from events and people of each arm.

    Parameters
    ----------
    frame : DataFrame
        One row an arm; no missing values.
    arm, n, events : str
        Columns: the arm, its number of people, and how many of them responded.
    reference, contrasts, interval, conf_level
        As in ``responders``.

    Returns
    -------
    AnalysisResult
        As ``responders``.

    Raises
    ------
    SpecificationError, DataError
        If a column, an arm or an option does not exist, or a count is impossible.

    Examples
    --------
    >>> table = pd.DataFrame({"arm": ["control", "acupuncture"], "n": [140, 161],
    ...                       "events": [45, 87]})
    >>> result = responders_from_summary(table, reference="control", interval="wald")
    >>> round(result.select(quantity="number_needed_to_treat")[0].estimate, 2)
    4.57
    """
    counts = arm_counts(frame, arm=arm, n=n, events=events)
    return compare_proportions(
        counts if reference is None else reference_first(counts, reference),
        reference=reference,
        contrasts=contrasts,
        interval=interval,
        conf_level=conf_level,
        notes=(PRINTED_FIGURES,),
        provenance=call(
            "responders_from_summary",
            arm=arm,
            n=n,
            events=events,
            reference=reference,
            contrasts=contrasts,
            interval=interval,
            conf_level=conf_level,
        ),
    )


def response_values(frame: pd.DataFrame, response: str) -> pd.Series:
    """Return a response as 0, 1 or missing, or refuse what is neither."""
    column = frame[response]
    if pd.api.types.is_bool_dtype(column):
        return column.astype("float64")
    require_numeric(frame, response)
    wrong = frame[column.notna() & ~column.isin([0, 1])]
    if len(wrong):
        raise DataError(
            f"{response}: expected 0, 1 or missing, found {len(wrong)} other values", records=wrong
        )
    return column.astype("float64")


def missing_note(frame: pd.DataFrame, *, response: str, arm: str) -> tuple[str, ...]:
    """Return the note that counts people without a response as non-responders, by arm."""
    absent = frame[frame[response].isna()]
    if absent.empty:
        return ()
    counts = absent[arm].astype("object").value_counts().sort_index()
    by_arm = "; ".join(f"{count} in {level}" for level, count in counts.items())
    return (f"{len(absent)} people without a value counted as not meeting the rule ({by_arm})",)


def compare_proportions(
    counts: Mapping[str, Counts],
    *,
    reference: str | None,
    contrasts: ContrastFamily | Sequence[str],
    interval: RiskDifferenceInterval,
    conf_level: float,
    notes: tuple[str, ...],
    provenance: Call,
) -> AnalysisResult:
    """Return the proportion of each arm and the comparisons of each contrast."""
    require_conf_level(conf_level)
    require_word(interval, allowed(RiskDifferenceInterval), option="interval")
    pairs = (
        ()
        if reference is None
        else contrast_pairs(contrasts, arms=tuple(counts), reference=reference)
    )
    proportions = [
        from_interval(
            wilson(arm, conf_level=conf_level),
            quantity="proportion",
            conf_level=conf_level,
            method="Wilson interval",
            arm=level,
            n_subjects=arm.n,
        )
        for level, arm in counts.items()
    ]
    comparisons = [
        row
        for treatment, other in pairs
        for row in comparison_rows(
            counts, treatment=treatment, other=other, interval=interval, conf_level=conf_level
        )
    ]
    return AnalysisResult(
        method=f"Proportions, risk difference with {interval.capitalize()} interval, "
        "Pearson chi-square without continuity correction",
        estimates=(*proportions, *comparisons),
        notes=notes,
        provenance=provenance,
    )


def comparison_rows(
    counts: Mapping[str, Counts],
    *,
    treatment: str,
    other: str,
    interval: RiskDifferenceInterval,
    conf_level: float,
) -> tuple[Estimate, ...]:
    """Return risk difference, risk ratio and number needed to treat of two arms."""
    arms = counts[treatment], counts[other]
    difference = RISK_DIFFERENCES[interval](*arms, conf_level=conf_level)
    statistic, p_value = pearson_chi_square(*arms)
    labels: dict[str, Any] = {
        "arm": treatment,
        "reference_arm": other,
        "n_subjects": arms[0].n + arms[1].n,
        "conf_level": conf_level,
    }
    name = interval.capitalize()
    tested = replace(
        from_interval(
            difference,
            quantity="risk_difference",
            method=f"{name} interval, Pearson chi-square",
            **labels,
        ),
        df=1.0,
        statistic=statistic,
        p_value=p_value,
    )
    return (
        tested,
        from_interval(
            risk_ratio(*arms, conf_level=conf_level),
            quantity="risk_ratio",
            method="log-Wald interval",
            **labels,
        ),
        from_interval(
            number_needed_to_treat(difference),
            quantity="number_needed_to_treat",
            method=f"1 / risk difference, {name} limits",
            **labels,
        ),
    )
