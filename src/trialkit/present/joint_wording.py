"""Sentences on results without a side: joint tests, equivalence, Bayes factors.

As in ``wording``, a test above its level leaves the question open; it never shows that
nothing differs.
"""

from dataclasses import replace
from typing import Final

from trialkit.present.format import (
    format_degrees_of_freedom,
    format_integer,
    format_interval,
    format_level,
    format_number,
    format_p_equation,
    format_quantity_interval,
)
from trialkit.present.grammar import lower_or_higher, mid_sentence
from trialkit.present.labels import (
    arm_label,
    row_decimals,
    term_label,
)
from trialkit.present.vocabulary import (
    EFFECT_SIZES,
)
from trialkit.present.wording import (
    amount,
    comparison,
    declared_endpoint,
    evidence,
    outcome_words,
    sentence,
    side_of,
    unit_words,
    with_arm,
)
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord
from trialkit.study.method_rules import RULES
from trialkit.study.plan import Analysis
from trialkit.study.study import Study
from trialkit.terms import Quantity

LEVEL: Final = 0.05
FILLED: Final = "filled "  # a trial that trim and fill added
ALL_MEDIATORS: Final = "all mediators"
STANDARDISED: Final = frozenset(
    {
        "cohen_d_s",
        "hedges_g_s",
        "glass_delta",
        "cohen_d_z",
        "hedges_g_z",
        "cohen_d_av",
        "cohen_d_rm",
    }
)


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
        elif row.quantity == "indirect_effect" and row.term != ALL_MEDIATORS:
            said.append(passage_sentence(study, record, row))
        elif row.quantity == "effect_size" and row.method in STANDARDISED:
            said.append(effect_size_sentence(study, record, row))
        elif row.quantity == "pooled_estimate" and row.term is None:
            said.append(pooled_sentence(study, record, row))
        elif row.quantity == "percent_change" and row.estimate is not None:
            said.append(sentence(study, record, row))
    return tuple(said)


def joint_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return what a test of several differences at once says."""
    level = LEVEL if record.alpha is None else record.alpha
    p_value = row.p_value if row.p_adjusted is None else row.p_adjusted
    what = outcome_words(study, record, row)
    asked = question(study, record, row)
    known = f"({statistic_words(row)})"
    if p_value is not None and p_value <= level:
        return f"{what}: {asked} {known}."
    return f"{what}: this study cannot tell whether {asked} {known}."


def passage_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return how much of a difference goes through one mediator."""
    through = mid_sentence(term_label(study, row.term))
    what = f"{outcome_words(study, record, row)}, the part that goes through {through}"
    known = f"({evidence(study, row)})"
    said = f"{amount(study, row)} {comparison(study, row)}"
    if side_of(row, alpha=record.alpha) == "unclear":
        return f"{what}: this study cannot tell. The estimate is {said} {known}."
    return f"{what}: {said} {known}."


def pooled_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return the average of several trials in the words of its measure."""
    planned = next((item for item in study.analysis if item.id == record.analysis), None)
    measure = planned.measure if planned is not None else None
    rows = record.result.estimates if record.result else ()
    if measure == "standardised_mean_difference":
        said = effect_size_sentence(study, record, replace(row, method="hedges_g_s"))
    elif measure in {"risk_ratio", "odds_ratio"}:
        # The average is of logarithms; the row beside it has the ratio, without the test.
        ratios = [
            item
            for item in rows
            if (item.quantity, item.term, item.arm) == (measure, None, row.arm)
            and item.reference_arm == row.reference_arm
        ]
        if not ratios:
            return (
                f"{outcome_words(study, record, row)}: the average stands in the table, as a log."
            )
        said = sentence(study, record, replace(ratios[0], p_value=row.p_value))
    else:
        kind: Quantity = "risk_difference" if measure == "risk_difference" else "mean_difference"
        said = sentence(study, record, replace(row, quantity=kind))
    trials = sum(
        item.quantity == "trial_estimate"
        and not (item.term or "").startswith(FILLED)
        and (item.arm, item.reference_arm) == (row.arm, row.reference_arm)
        for item in rows
    )
    return f"Average of {format_integer(trials)} trials: {mid_sentence(said)}" if trials else said


def effect_size_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return a difference in standard deviations."""
    what = outcome_words(study, record, row)
    if row.estimate is None:
        return f"{what}: no effect size can be given."
    size = format_number(abs(row.estimate), 2)
    level = f"{format_level(row.conf_level)} interval " if row.conf_level is not None else ""
    limits = sided_interval(row)
    said = f"{size} standard deviations {lower_or_higher(row.estimate)} {comparison(study, row)}"
    known = f"({EFFECT_SIZES[row.method]}; {level}{limits})"
    if row.conf_low is None or row.conf_high is None or row.conf_low <= 0 <= row.conf_high:
        return f"{what}: this study cannot tell. The estimate is {said} {known}."
    return f"{what}: {said} {known}."


def sided_interval(row: Estimate) -> str:
    """Return an interval in words: "0.25 to 0.94 lower", "0.22 lower to 0.75 higher"."""
    low, high = row.conf_low, row.conf_high
    if low is None or high is None:
        return "not given"
    if low < 0 < high:
        return f"{format_number(-low, 2)} lower to {format_number(high, 2)} higher"
    near, far = sorted((low, high), key=abs)
    return f"{format_interval(abs(near), abs(far), 2)} {lower_or_higher(far)}"


def question(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return what a joint test asks, as a clause that can be told or left open."""
    planned = next((item for item in study.analysis if item.id == record.analysis), None)
    over_visits = planned is not None and RULES[planned.method].over_visits
    if row.arm is not None:
        arms = (mid_sentence(arm_label(study, name)) for name in (row.arm, row.reference_arm))
        return f"{' and '.join(arms)} differ"
    if row.term == "visit" or (row.term is None and over_visits):
        return "the visits differ"
    if row.term in {None, "arm"}:
        return "the arms differ"
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
    between = pair_words(study, row)
    if p_value is not None and p_value <= level:
        return f"{what}: the {between} lies inside {margins} {known}."
    return f"{what}: this study cannot tell whether the {between} lies inside {margins} {known}."


def pair_words(study: Study, row: Estimate) -> str:
    """Return what is compared, as a noun: two arms, or after with before."""
    if row.reference_arm is None:
        return f"change{with_arm(study, row)}".replace(", with", " with")
    arms = (mid_sentence(arm_label(study, name)) for name in (row.arm, row.reference_arm))
    return f"difference between {' and '.join(arms)}"


def bayes_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return how much likelier a Bayes factor makes the data under one of two hypotheses."""
    factor = row.estimate or 0.0
    times = format_number(factor if factor >= 1 else 1 / factor if factor else None, 1)
    return (
        f"{outcome_words(study, record, row)}: these data are {times} times as likely under "
        f"a {pair_words(study, row)} as under none."
        if factor >= 1
        else f"{outcome_words(study, record, row)}: these data are {times} times as likely under "
        f"no {pair_words(study, row)} as under one."
    )
