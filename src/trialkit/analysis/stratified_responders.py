"""Proportions compared within strata: Cochran-Mantel-Haenszel and Mantel-Haenszel estimates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from trialkit.analysis.estimates import call, from_interval, with_chi_square
from trialkit.analysis.frames import arm_levels, require_conf_level, require_word
from trialkit.analysis.options import column_list
from trialkit.analysis.responders import counts_by_arm, people_with_response
from trialkit.design.contrasts import contrast_pairs
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_count, tell_list
from trialkit.numerics.exact_tables import exact_p_value
from trialkit.numerics.proportions import Counts, Interval
from trialkit.numerics.stratified import (
    breslow_day,
    cochran_mantel_haenszel,
    common_odds_ratio,
    common_risk_difference,
    common_risk_difference_score,
    common_risk_ratio,
)
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import ContrastFamily, MissingAs, StratifiedInterval, TableTest, allowed

Tables = dict[tuple[str, ...], tuple[Counts, Counts]]
DIFFERENCES: Final[Mapping[str, tuple[Callable[..., Interval], str]]] = {
    "miettinen_nurminen": (common_risk_difference_score, tell("Miettinen-Nurminen interval")),
    "wald": (common_risk_difference, tell("Wald interval (Sato)")),
}
TESTS: Final[Mapping[str, str]] = {
    "uncorrected": tell("Cochran-Mantel-Haenszel test"),
    "corrected": tell("Cochran-Mantel-Haenszel test with continuity correction"),
    "exact": tell("exact conditional test"),
}


def stratified_responders(
    frame: pd.DataFrame,
    *,
    response: str,
    arm: str,
    reference: str,
    strata: str | Sequence[str],
    interval: StratifiedInterval = "miettinen_nurminen",
    test: TableTest = "uncorrected",
    missing_as: MissingAs = "non_responder",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare the proportions of people who respond, within strata.

    Parameters
    ----------
    frame : DataFrame
        One row per subject.
    response, arm : str
        Columns; the response is 0, 1 or missing (or a boolean).
    reference : str
        The arm that the others are compared with.
    strata : str or list of str
        Columns (site, sex, ...) whose combinations are the strata. A person without a
        stratum is left out; a stratum without both arms tells nothing and is left out of
        that contrast. ``notes`` count both.
    interval : "miettinen_nurminen" or "wald"
        Of the Mantel-Haenszel risk difference: stratified score, or Wald with Sato's
        standard error.
    test : "uncorrected", "corrected" or "exact"
        Cochran-Mantel-Haenszel without or with continuity correction, or the exact
        conditional test.
    missing_as : "non_responder" or "observed"
        As in ``responders``.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which comparisons.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        Of each contrast ``risk_difference`` (Mantel-Haenszel, with the test),
        ``risk_ratio`` and ``odds_ratio`` (Mantel-Haenszel; std_error is that of the
        logarithm), and ``assumption_test`` with term "homogeneity of odds ratios"
        (Breslow-Day, Tarone's form) where it exists.

    Raises
    ------
    SpecificationError
        If a column, an arm or an option does not exist.
    DataError
        If a response is anything but 0, 1 or missing.
    NotEstimableError
        If no stratum has people in both arms of a contrast.

    References
    ----------
    Mantel N, Haenszel W (1959). J Natl Cancer Inst 22:719-748. Greenland S, Robins JM
    (1985). Biometrics 41:55-68. R: ``mantelhaen.test``, ``metafor::rma.mh``; SAS:
    ``PROC FREQ; TABLES stratum*arm*response / CMH COMMONRISKDIFF``.

    Examples
    --------
    >>> frame = pd.DataFrame({"site": list("xxxxyyyy"), "arm": list("aabbaabb"),
    ...                       "better": [0, 0, 1, 0, 1, 0, 1, 1]})
    >>> result = stratified_responders(frame, response="better", arm="arm", reference="a",
    ...                                strata="site")
    >>> result.select(quantity="risk_difference")[0].estimate
    0.5
    """
    require_conf_level(conf_level)
    require_word(interval, allowed(StratifiedInterval), option="interval")
    require_word(test, allowed(TableTest), option="test")
    columns = column_list(strata, option="strata")
    people, notes = people_with_response(
        frame, response=response, arm=arm, missing_as=missing_as, columns=columns
    )
    levels = arm_levels(people, arm, reference=reference)
    rows: list[Estimate] = []
    for treatment, other in contrast_pairs(contrasts, arms=levels, reference=reference):
        tables, left_out = stratum_tables(
            people, response=response, arm=arm, columns=columns, pair=(treatment, other)
        )
        notes += left_out
        rows += contrast_rows(
            list(tables.values()),
            interval=interval,
            test=test,
            conf_level=conf_level,
            arm=treatment,
            reference_arm=other,
        )
    return AnalysisResult(
        method=tell(
            "Proportions within strata of {columns}: Mantel-Haenszel risk difference with "
            "{interval}, {test}",
            columns=tell_list(columns),
            interval=DIFFERENCES[interval][1],
            test=TESTS[test],
        ),
        estimates=tuple(rows),
        notes=notes,
        provenance=call(
            "stratified_responders",
            response=response,
            arm=arm,
            reference=reference,
            strata=strata,
            interval=interval,
            test=test,
            missing_as=missing_as,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def stratum_tables(
    people: pd.DataFrame, *, response: str, arm: str, columns: list[str], pair: tuple[str, str]
) -> tuple[Tables, tuple[str, ...]]:
    """Return the two arms' counts of each stratum that has both, and a note on the others.

    A stratum is the texts of its values in each column, so 1 and "1" are one stratum, while
    ("a, b", "c") and ("a", "b, c") are two.
    """
    compared = people[people[arm].astype(str).isin(pair)]
    tables: Tables = {}
    alone: list[tuple[tuple[str, ...], int]] = []
    texts = [compared[column].astype(str).to_numpy(dtype=object) for column in columns]
    strata = pd.Series(list(zip(*texts, strict=True)), index=compared.index, dtype=object)
    for key in sorted(set(strata)):
        group = compared[[stratum == key for stratum in strata]]
        counts = counts_by_arm(group, response=response, arm=arm, levels=pair)
        treatment, other = counts[pair[0]], counts[pair[1]]
        if treatment.n and other.n:
            tables[key] = (treatment, other)
        else:
            alone.append((key, len(group)))
    if not tables:
        raise NotEstimableError(
            tell(
                "no stratum has people in both {arm} and {reference}",
                arm=pair[0],
                reference=pair[1],
            )
        )
    if not alone:
        return tables, ()
    return tables, (alone_note(alone, pair),)


def alone_note(alone: Sequence[tuple[tuple[str, ...], int]], pair: tuple[str, str]) -> str:
    """Return the note that counts the people of strata with one arm only."""
    return tell_count(
        sum(count for _, count in alone),
        "{arm} - {reference}: {n} person is in a stratum without the other arm and tells nothing "
        "({strata})",
        "{arm} - {reference}: {n} people are in strata without the other arm and tell nothing "
        "({strata})",
        arm=pair[0],
        reference=pair[1],
        strata=tell_list(
            [tell("{stratum}: {n}", stratum=tell_list(key), n=count) for key, count in alone],
            "; ",
        ),
    )


def contrast_rows(
    tables: Sequence[tuple[Counts, Counts]],
    *,
    interval: StratifiedInterval,
    test: TableTest,
    conf_level: float,
    arm: str,
    reference_arm: str,
) -> list[Estimate]:
    """Return the common risk difference with its test, the common ratios, the homogeneity."""
    labels: dict[str, Any] = {
        "arm": arm,
        "reference_arm": reference_arm,
        "n_subjects": sum(one.n + zero.n for one, zero in tables),
    }
    estimator, name = DIFFERENCES[interval]
    difference = from_interval(
        estimator(tables, conf_level=conf_level),
        quantity="risk_difference",
        conf_level=conf_level,
        method=tell("Mantel-Haenszel, {interval}; {test}", interval=name, test=TESTS[test]),
        **labels,
    )
    if test == "exact":
        tested = replace(difference, p_value=exact_p_value(tables))
    else:
        found = cochran_mantel_haenszel(tables, corrected=test == "corrected")
        tested = with_chi_square(difference, found)
    ratios = [
        from_interval(
            common_risk_ratio(tables, conf_level=conf_level),
            quantity="risk_ratio",
            conf_level=conf_level,
            method=tell("Mantel-Haenszel, log-Wald interval (Greenland-Robins)"),
            **labels,
        ),
        from_interval(
            common_odds_ratio(tables, conf_level=conf_level),
            quantity="odds_ratio",
            conf_level=conf_level,
            method=tell("Mantel-Haenszel, log-Wald interval (Robins-Breslow-Greenland)"),
            **labels,
        ),
    ]
    return [tested, *ratios, *homogeneity_row(tables, labels)]


def homogeneity_row(
    tables: Sequence[tuple[Counts, Counts]], labels: Mapping[str, Any]
) -> list[Estimate]:
    """Return the test of one common odds ratio, or nothing where there is none."""
    try:
        found = breslow_day(tables)
    except NotEstimableError:
        return []
    return [
        Estimate(
            quantity="assumption_test",
            term=tell("homogeneity of odds ratios"),
            statistic=found.statistic,
            df=float(found.df),
            p_value=found.p_value,
            method=tell("Breslow-Day test, Tarone's form"),
            **labels,
        )
    ]
