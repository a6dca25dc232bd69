"""A yes or no before and after: the difference of paired proportions, McNemar's test."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pandas as pd

from trialkit.analysis.estimates import call, from_interval, with_chi_square
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_conf_level,
    require_word,
)
from trialkit.analysis.responders import response_values
from trialkit.errors import SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.paired_proportions import (
    PairedCounts,
    mcnemar,
    mcnemar_exact,
    paired_difference,
    paired_odds_ratio,
)
from trialkit.numerics.proportions import wilson
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import TableTest, allowed

TESTS: Final[Mapping[str, str]] = {
    "exact": tell("exact McNemar test"),
    "uncorrected": tell("McNemar test"),
    "corrected": tell("McNemar test with continuity correction"),
}


def paired_responders(
    frame: pd.DataFrame,
    *,
    response: str,
    baseline: str,
    arm: str | None = None,
    test: TableTest = "exact",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare the share of people who say yes after with the share before, within people.

    A change within one arm has no comparator: it is no effect of the treatment.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without either answer is left out, and ``notes`` count
        them.
    response, baseline : str
        Columns of 0, 1 or missing (or booleans): after and before.
    arm : str, optional
        Column; each arm is tested on its own.
    test : "exact", "uncorrected" or "corrected"
        McNemar's test: exact binomial, chi-square, or chi-square with continuity
        correction.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        Of each arm (or of everyone) ``proportion`` with terms "before" and "after"
        (Wilson), ``risk_difference`` with term "after - before" (Tango's score interval,
        with the test), and ``odds_ratio`` with the same term (gained over lost, exact).

    Raises
    ------
    SpecificationError
        If a column or an option does not exist, or both columns are the same.
    DataError
        If an answer is anything but 0, 1 or missing.
    NotEstimableError
        If nobody has both answers.

    References
    ----------
    McNemar Q (1947). Psychometrika 12:153-157. Tango T (1998). Stat Med 17:891-908. R:
    ``mcnemar.test``, ``PropCIs::scoreci.mp``; SAS: ``PROC FREQ; AGREE; EXACT MCNEM``.

    Examples
    --------
    >>> frame = pd.DataFrame({"before": [1, 1, 1, 0, 1, 0], "after": [0, 0, 1, 0, 0, 1]})
    >>> result = paired_responders(frame, response="after", baseline="before")
    >>> row = result.select(quantity="risk_difference")[0]
    >>> round(row.estimate, 4), row.p_value
    (-0.3333, 0.625)
    """
    require_conf_level(conf_level)
    require_word(test, allowed(TableTest), option="test")
    require_columns(frame, [response, baseline, *([arm] if arm else [])])
    if response == baseline:
        raise SpecificationError(
            f"response, baseline: expected two columns, found {response!r} twice"
        )
    values = frame.assign(**{name: response_values(frame, name) for name in (response, baseline)})
    complete = complete_cases(values, columns=[response, baseline], arm=arm)
    groups: dict[str | None, pd.DataFrame] = {None: complete.frame}
    if arm is not None:
        levels = arm_levels(complete.frame, arm, reference=None)
        text = complete.frame[arm].astype(str)
        groups = {level: complete.frame[text.eq(level)] for level in levels}
    rows = [
        row
        for level, people in groups.items()
        for row in change_rows(
            paired_counts(people, response=response, baseline=baseline),
            arm=level,
            test=test,
            conf_level=conf_level,
        )
    ]
    return AnalysisResult(
        method=tell(
            "Paired proportions, difference after - before with Tango's score interval, {test}",
            test=TESTS[test],
        ),
        estimates=tuple(rows),
        notes=complete.notes,
        provenance=call(
            "paired_responders",
            response=response,
            baseline=baseline,
            arm=arm,
            test=test,
            conf_level=conf_level,
        ),
    )


def paired_counts(people: pd.DataFrame, *, response: str, baseline: str) -> PairedCounts:
    """Return how many people gave each pair of answers."""
    before, after = people[baseline].eq(1), people[response].eq(1)
    return PairedCounts(
        both=int((before & after).sum()),
        gained=int((~before & after).sum()),
        lost=int((before & ~after).sum()),
        neither=int((~before & ~after).sum()),
    )


def change_rows(
    pairs: PairedCounts, *, arm: str | None, test: TableTest, conf_level: float
) -> list[Estimate]:
    """Return the shares before and after, their difference with its test, and the odds ratio."""
    term = tell("after - before")
    difference = from_interval(
        paired_difference(pairs, conf_level=conf_level),
        quantity="risk_difference",
        conf_level=conf_level,
        method=tell("Tango score interval, {test}", test=TESTS[test]),
        arm=arm,
        term=term,
        n_subjects=pairs.n,
    )
    if test == "exact":
        tested = replace(difference, p_value=mcnemar_exact(pairs))
    else:
        found = mcnemar(pairs, corrected=test == "corrected")
        tested = with_chi_square(difference, found)
    shares = [
        from_interval(
            wilson(counts, conf_level=conf_level),
            quantity="proportion",
            conf_level=conf_level,
            method=tell("Wilson interval"),
            arm=arm,
            term=name,
            n_subjects=pairs.n,
        )
        for name, counts in ((tell("before"), pairs.before), (tell("after"), pairs.after))
    ]
    ratio = from_interval(
        paired_odds_ratio(pairs, conf_level=conf_level),
        quantity="odds_ratio",
        conf_level=conf_level,
        method=tell("gained over lost, exact interval"),
        arm=arm,
        term=term,
        n_subjects=pairs.n,
    )
    return [*shares, tested, ratio]
