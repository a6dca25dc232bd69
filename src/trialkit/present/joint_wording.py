"""Sentences on results without a side: joint tests, equivalence, Bayes factors.

As in ``wording``, a test above its level leaves the question open; it never shows that
nothing differs.
"""

from typing import Final

from trialkit.present.format import (
    format_degrees_of_freedom,
    format_number,
    format_p_equation,
    format_quantity_interval,
)
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import arm_label, endpoint_label, row_decimals, term_label, visit_label
from trialkit.present.wording import (
    comparison,
    declared_endpoint,
    outcome_words,
    unit_words,
)
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord
from trialkit.study.plan import Analysis
from trialkit.study.study import Study

LEVEL: Final = 0.05


def sentences_without_side(study: Study, record: AnalysisRecord) -> tuple[str, ...]:
    """Return a sentence for each row that a reader would ask about and that has no side."""
    rows = record.result.estimates if record.result else ()
    planned = next((item for item in study.analysis if item.id == record.analysis), None)
    said = []
    for row in rows:
        if row.quantity == "joint_test" and row.p_value is not None:
            said.append(joint_sentence(study, record, row))
        elif row.quantity == "equivalence" and planned is not None:
            said.append(equivalence_sentence(study, record, row, planned))
        elif row.quantity == "bayes_factor" and row.estimate is not None:
            said.append(bayes_sentence(study, record, row))
    return tuple(said)


def joint_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return what a test of several differences at once says."""
    level = LEVEL if record.alpha is None else record.alpha
    p_value = row.p_value if row.p_adjusted is None else row.p_adjusted
    what = endpoint_label(study, row.parameter)
    asked = question(study, row)
    known = f"({statistic_words(row)})"
    if p_value is not None and p_value <= level:
        return f"{what}: {asked} {known}."
    return f"{what}: this study cannot tell whether {asked} {known}."


def question(study: Study, row: Estimate) -> str:
    """Return what a joint test asks, as a clause that can be told or left open."""
    if row.arm is not None:
        arms = (mid_sentence(arm_label(study, name)) for name in (row.arm, row.reference_arm))
        return f"{' and '.join(arms)} differ"
    if row.term in {None, "arm"}:
        return "the arms differ"
    if row.term == "visit":
        return "the visits differ"
    if row.term == "arm:visit":
        return "the arms change differently from visit to visit"
    return f"the outcome depends on {term_label(study, row.term)} beside the other terms"


def statistic_words(row: Estimate) -> str:
    """Return a statistic with its degrees of freedom and p-values."""
    parts = []
    if row.statistic is not None and row.df is not None:
        degrees = format_degrees_of_freedom(row.df, row.df_num)
        name = "χ²" if row.df_num is None else "F"
        parts.append(f"{name}({degrees}) = {format_number(row.statistic, 2)}")
    parts.append(format_p_equation(row.p_value))
    if row.p_adjusted is not None:
        parts.append(f"adjusted {format_p_equation(row.p_adjusted)}")
    return ", ".join(parts)


def equivalence_sentence(
    study: Study, record: AnalysisRecord, row: Estimate, planned: Analysis
) -> str:
    """Return whether a difference is shown to lie inside its margins."""
    level = LEVEL if record.alpha is None else record.alpha
    p_value = row.p_value if row.p_adjusted is None else row.p_adjusted
    endpoint = declared_endpoint(study, row.parameter)
    limits = format_quantity_interval(
        planned.margin_low, planned.margin_high, "mean_difference", row_decimals(endpoint)
    )
    margins = f"the margins {limits} {unit_words(study, row.parameter, '2')}"
    interval = format_quantity_interval(
        row.conf_low, row.conf_high, "mean_difference", row_decimals(endpoint)
    )
    known = f"(interval {interval}; {format_p_equation(row.p_value)})"
    what = outcome_words(study, record, row)
    than = comparison(study, row).removeprefix("than ")
    if p_value is not None and p_value <= level:
        return f"{what}: the difference {than} lies inside {margins} {known}."
    return (
        f"{what}: this study cannot tell whether the difference {than} lies inside {margins} "
        f"{known}."
    )


def bayes_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return how much likelier a Bayes factor makes the data under one of two hypotheses."""
    factor = row.estimate or 0.0
    favours = "a difference" if factor >= 1 else "no difference"
    other = "none" if factor >= 1 else "one"
    times = format_number(factor if factor >= 1 else 1 / factor if factor else None, 1)
    compared = (
        f"{mid_sentence(arm_label(study, row.arm))} and "
        f"{mid_sentence(arm_label(study, row.reference_arm))}"
        if row.reference_arm is not None
        else f"before and {visit_label(study, row.visit).lower() or 'after'}"
    )
    return (
        f"{outcome_words(study, record, row)}: these data are {times} times as likely under "
        f"{favours} between {compared} as under {other}."
    )
