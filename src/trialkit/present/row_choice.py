"""Which rows of a result which table prints; everything else stands in results.json."""

import re
from collections.abc import Sequence
from typing import Final

from trialkit.language.speech import say
from trialkit.present.format import format_integer
from trialkit.result.analysis_result import Estimate

MOST_ROWS: Final = 120
# What a forest shows line by line, and what restates a row that is printed.
IN_THE_FOREST: Final = frozenset({"trial_estimate"})
RESTATED: Final = frozenset({"tau", "H_squared", "egger_mixed"})
THRESHOLD: Final = re.compile(r"at least (\d+) %")
# Below ten trials a lopsided funnel cannot be told from chance.
FUNNEL_FROM: Final = 10
USUAL: Final = (30, 50)  # benchmarks of relief within a person
WHOLE_CURVE: Final = 21  # more thresholds than this are a curve, and a figure shows it


def model_tests(rows: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Return the joint tests of a model with several terms; none where there is one test."""
    tests = tuple(
        row
        for row in rows
        if row.quantity == "joint_test" and row.arm is None and row.term not in {None, "Intercept"}
    )
    return tests if len(tests) > 1 else ()


def printed_rows(rows: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Return the rows that the table of an analysis prints.

    The tests of a model's terms have a table of their own, with their effect sizes; trials
    stand in the forest; coefficients behind adjusted means are left out; of a curve the two
    usual thresholds are printed, and of very many rows those with the smallest p-values.
    """
    terms = {row.term for row in model_tests(rows)}
    means = any(row.quantity == "ls_mean" for row in rows)
    curve = sum(THRESHOLD.fullmatch(row.term or "") is not None for row in rows) > WHOLE_CURVE
    kept = [
        row
        for row in rows
        if not (row.term in terms and row.quantity in {"joint_test", "effect_size"})
        and not (row.quantity == "joint_test" and row.term == "Intercept")
        and not (row.term in terms and row.quantity == "assumption_test")
        and row.quantity not in IN_THE_FOREST
        and row.term not in RESTATED
        and not (row.quantity == "asymmetry_test" and few_trials(rows))
        and not (curve and left_to_the_curve(row))
        and not (row.quantity == "proportion_mediated" and row.estimate is None)
        and not (row.quantity == "coefficient" and means)
    ]
    return smallest(kept)


def few_trials(rows: Sequence[Estimate]) -> bool:
    """Return whether too few trials were pooled to tell a lopsided funnel from chance."""
    pairs = [(row.arm, row.reference_arm) for row in rows if row.quantity == "trial_estimate"]
    return max((pairs.count(pair) for pair in set(pairs)), default=0) < FUNNEL_FROM


def left_to_the_curve(row: Estimate) -> bool:
    """Return whether a row is of a curve's threshold that a table leaves to the figure."""
    threshold = THRESHOLD.fullmatch(row.term or "")
    if threshold is None:
        return False
    return int(threshold[1]) not in USUAL or row.method.startswith("simultaneous")


def smallest(rows: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Return all rows, or of very many those with the smallest p-values, smallest first."""
    if len(rows) <= MOST_ROWS:
        return tuple(rows)
    tested = [row for row in rows if row.p_value is not None]
    if not tested:
        return tuple(rows[:MOST_ROWS])
    return tuple(sorted(tested, key=lambda row: row.p_value or 0.0)[:MOST_ROWS])


def left_out_note(rows: Sequence[Estimate]) -> str | None:
    """Return which rows stand in no table; None where all are printed."""
    shown = len(printed_rows(rows))
    if len(rows) > MOST_ROWS and shown == MOST_ROWS:
        return say(
            "The {shown} smallest p-values of {total} rows; all of them are in results.json.",
            shown=format_integer(shown),
            total=format_integer(len(rows)),
        )
    return None
