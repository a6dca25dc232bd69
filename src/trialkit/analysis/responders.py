"""Proportions of people who meet a rule: risk difference, ratios, number needed to treat."""

from collections.abc import Mapping, Sequence

import pandas as pd

from trialkit.analysis.estimates import call, from_interval
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    counted_by_arm,
    require_columns,
    require_numeric,
    require_word,
)
from trialkit.analysis.proportion_rows import (
    INTERVAL_NAMES,
    PROPORTIONS,
    TEST_SENTENCES,
    Comparison,
    comparison_rows,
)
from trialkit.analysis.summaries import PRINTED_FIGURES, arm_counts, reference_first
from trialkit.design.contrasts import contrast_pairs
from trialkit.errors import DataError
from trialkit.language.told import tell, tell_count
from trialkit.numerics.proportions import Counts
from trialkit.result.analysis_result import AnalysisResult, Call
from trialkit.terms import (
    ContrastFamily,
    MissingAs,
    ProportionInterval,
    ProportionTest,
    RiskDifferenceInterval,
    allowed,
)


def responders(
    frame: pd.DataFrame,
    *,
    response: str,
    arm: str,
    reference: str | None = None,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    interval: RiskDifferenceInterval = "newcombe",
    proportion_interval: ProportionInterval = "wilson",
    test: ProportionTest = "pearson",
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
    interval : "newcombe", "miettinen_nurminen", "wald" or "agresti_caffo"
        Of the risk difference and of the number needed to treat. With
        ``miettinen_nurminen`` the ratios have score intervals too, which stay finite
        beside an empty cell; otherwise theirs are on the log scale.
    proportion_interval : "wilson" or "clopper_pearson"
        Of the proportion of each arm; the second covers at least ``conf_level``.
    test : "pearson" or "fisher"
        Pearson's chi-square without continuity correction, or Fisher's exact test
        (two-sided by the probability of tables, as in R).
    missing_as : "non_responder" or "observed"
        A person without a response counts as 0 (the default, which keeps everyone), or is
        left out. Either way ``notes`` counts them by arm.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``proportion`` of each arm, and of each contrast ``risk_difference`` (treatment
        minus reference, with the test), ``risk_ratio`` and ``odds_ratio`` (log-Wald
        intervals unless score intervals are asked for; std_error is that of the
        logarithm) and ``number_needed_to_treat`` (1 over the risk difference; where the
        interval of the difference contains 0, its limits lie either side of infinity).

    Raises
    ------
    SpecificationError
        If a column, an arm or an option does not exist.
    DataError
        If a response is anything but 0, 1 or missing.

    References
    ----------
    Newcombe RG (1998). Stat Med 17:873-890. Altman DG (1998). BMJ 317:1309-1312.
    Miettinen O, Nurminen M (1985). Stat Med 4:213-226. R: ``prop.test``, ``fisher.test``;
    SAS: ``PROC FREQ; RISKDIFF RELRISK``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "better": [0, 0, 0, 1, 1, 1, 1, 0]})
    >>> result = responders(frame, response="better", arm="arm", reference="a")
    >>> result.select(quantity="number_needed_to_treat")[0].estimate
    2.0
    """
    people, notes = people_with_response(
        frame, response=response, arm=arm, missing_as=missing_as, columns=()
    )
    levels = arm_levels(people, arm, reference=reference)
    counts = counts_by_arm(people, response=response, arm=arm, levels=levels)
    return compare_proportions(
        counts,
        reference=reference,
        contrasts=contrasts,
        comparison=Comparison(
            interval=interval,
            proportion_interval=proportion_interval,
            test=test,
            conf_level=conf_level,
        ),
        notes=notes,
        provenance=call(
            "responders",
            response=response,
            arm=arm,
            reference=reference,
            contrasts=contrasts,
            interval=interval,
            proportion_interval=proportion_interval,
            test=test,
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
    proportion_interval: ProportionInterval = "wilson",
    test: ProportionTest = "pearson",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare printed counts: as ``responders``, from events and people of each arm.

    Parameters
    ----------
    frame : DataFrame
        One row an arm; no missing values.
    arm, n, events : str
        Columns: the arm, its number of people, and how many of them responded.
    reference, contrasts, interval, proportion_interval, test, conf_level
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
        comparison=Comparison(
            interval=interval,
            proportion_interval=proportion_interval,
            test=test,
            conf_level=conf_level,
        ),
        notes=(PRINTED_FIGURES,),
        provenance=call(
            "responders_from_summary",
            arm=arm,
            n=n,
            events=events,
            reference=reference,
            contrasts=contrasts,
            interval=interval,
            proportion_interval=proportion_interval,
            test=test,
            conf_level=conf_level,
        ),
    )


def people_with_response(
    frame: pd.DataFrame, *, response: str, arm: str, missing_as: MissingAs, columns: Sequence[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the people to compare, each with 0 or 1, and the notes on the others.

    Parameters
    ----------
    columns : sequence of str
        What must be known of a person besides response and arm (a stratum).
    """
    require_word(missing_as, allowed(MissingAs), option="missing_as")
    require_columns(frame, [response, arm, *columns])
    values = frame.assign(**{response: response_values(frame, response)})
    if missing_as == "observed":
        complete = complete_cases(values, columns=[response, *columns], arm=arm)
        return complete.frame, complete.notes
    placed = complete_cases(values, columns=columns, arm=arm)
    people = placed.frame.fillna({response: 0.0})
    return people, (*placed.notes, *missing_note(placed.frame, response=response, arm=arm))


def counts_by_arm(
    people: pd.DataFrame, *, response: str, arm: str, levels: Sequence[str]
) -> dict[str, Counts]:
    """Return how many of each arm respond, in the order of ``levels``."""
    text = people[arm].astype(str)
    return {
        level: Counts(
            events=int(people.loc[text.eq(level), response].sum()), n=int(text.eq(level).sum())
        )
        for level in levels
    }


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
    note = tell_count(
        len(absent),
        "{n} person without a value counted as not meeting the rule ({by_arm})",
        "{n} people without a value counted as not meeting the rule ({by_arm})",
        by_arm=counted_by_arm(absent[arm]),
    )
    return (note,)


def compare_proportions(
    counts: Mapping[str, Counts],
    *,
    reference: str | None,
    contrasts: ContrastFamily | Sequence[str],
    comparison: Comparison,
    notes: tuple[str, ...],
    provenance: Call,
) -> AnalysisResult:
    """Return the proportion of each arm and the comparisons of each contrast."""
    pairs = (
        ()
        if reference is None
        else contrast_pairs(contrasts, arms=tuple(counts), reference=reference)
    )
    interval, name = PROPORTIONS[comparison.proportion_interval]
    proportions = [
        from_interval(
            interval(arm, conf_level=comparison.conf_level),
            quantity="proportion",
            conf_level=comparison.conf_level,
            method=name,
            arm=level,
            n_subjects=arm.n,
        )
        for level, arm in counts.items()
    ]
    comparisons = [
        row
        for treatment, other in pairs
        for row in comparison_rows(counts, treatment=treatment, other=other, comparison=comparison)
    ]
    return AnalysisResult(
        method=tell(
            "Proportions, risk difference with {interval} interval, {test}",
            interval=INTERVAL_NAMES[comparison.interval],
            test=TEST_SENTENCES[comparison.test],
        ),
        estimates=(*proportions, *comparisons),
        notes=notes,
        provenance=provenance,
    )
