"""Sentences on results without a side: joint tests, equivalence, Bayes factors.

As in ``wording``, a test above its level leaves the question open; it never shows that
nothing differs.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from trialkit.language.speech import later, say, say_count
from trialkit.present.format import (
    format_degrees_of_freedom,
    format_integer,
    format_interval,
    format_level,
    format_number,
    format_p_equation,
    format_quantity_interval,
    span,
)
from trialkit.present.grammar import lower_or_higher, mid_sentence
from trialkit.present.labels import (
    arm_label,
    effect_size_words,
    row_decimals,
    term_label,
)
from trialkit.present.word_choice import open_words
from trialkit.present.wording import (
    amount,
    comparison,
    declared_endpoint,
    evidence,
    outcome_words,
    sentence,
    side_of,
    unit_words,
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
Differs = Literal["arms", "change with an arm", "change"]
# What is shown of margins, and what is said where the question stays open.
INSIDE: Final[Mapping[Differs, tuple[str, str]]] = {
    "arms": (
        later(
            "{what}: the difference between {arm} and {other} lies inside the margins {margins} "
            "{known}."
        ),
        later(
            "{what}: this study cannot tell whether the difference between {arm} and {other} lies "
            "inside the margins {margins} {known}."
        ),
    ),
    "change with an arm": (
        later("{what}: the change with {arm} lies inside the margins {margins} {known}."),
        later(
            "{what}: this study cannot tell whether the change with {arm} lies inside the margins "
            "{margins} {known}."
        ),
    ),
    "change": (
        later("{what}: the change lies inside the margins {margins} {known}."),
        later(
            "{what}: this study cannot tell whether the change lies inside the margins {margins} "
            "{known}."
        ),
    ),
}
# What a Bayes factor says where it favours that something differs, and where that nothing does.
LIKELIER: Final[Mapping[Differs, tuple[str, str]]] = {
    "arms": (
        later(
            "{what}: these data are {times} times as likely under a difference between {arm} and "
            "{other} as under none."
        ),
        later(
            "{what}: these data are {times} times as likely under no difference between {arm} and "
            "{other} as under one."
        ),
    ),
    "change with an arm": (
        later(
            "{what}: these data are {times} times as likely under a change with {arm} as under "
            "none."
        ),
        later(
            "{what}: these data are {times} times as likely under no change with {arm} as under "
            "one."
        ),
    ),
    "change": (
        later("{what}: these data are {times} times as likely under a change as under none."),
        later("{what}: these data are {times} times as likely under no change as under one."),
    ),
}


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
    asked, told = hypothesis(study, record, row)
    known = f"({statistic_words(row)})"
    if p_value is not None and p_value <= level:
        return f"{what}: {told} {known}."
    return say(
        "{what}: this study cannot tell {asked} {known}.", what=what, asked=asked, known=known
    )


def passage_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return how much of a difference goes through one mediator."""
    through = mid_sentence(term_label(study, row.term))
    outcome = outcome_words(study, record, row)
    what = say(
        "{outcome}, the part that goes through {mediator}", outcome=outcome, mediator=through
    )
    said = f"{amount(study, row)} {comparison(study, row)} ({evidence(study, row)})"
    if side_of(row, alpha=record.alpha) == "unclear":
        return open_words(what, said)
    return f"{what}: {said}."


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
            return say(
                "{outcome}: the average stands in the table, as a log.",
                outcome=outcome_words(study, record, row),
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
    if not trials:
        return said
    return say_count(
        trials,
        "Average of {n} trial: {said}",
        "Average of {n} trials: {said}",
        n=format_integer(trials),
        said=mid_sentence(said),
    )


def effect_size_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return a difference in standard deviations."""
    what = outcome_words(study, record, row)
    if row.estimate is None:
        return say("{what}: no effect size can be given.", what=what)
    size = say("{size} standard deviations", size=format_number(abs(row.estimate), 2))
    limits = sided_interval(row)
    if row.conf_level is not None:
        level = format_level(row.conf_level)
        limits = say("{level} interval {limits}", level=level, limits=limits)
    known = f"({effect_size_words(row.method)}; {limits})"
    said = f"{lower_or_higher(size, row.estimate)} {comparison(study, row)} {known}"
    if row.conf_low is None or row.conf_high is None or row.conf_low <= 0 <= row.conf_high:
        return open_words(what, said)
    return f"{what}: {said}."


def sided_interval(row: Estimate) -> str:
    """Return an interval in words: "0.25 to 0.94 lower", "0.22 lower to 0.75 higher"."""
    low, high = row.conf_low, row.conf_high
    if low is None or high is None:
        return say("not given")
    if low < 0 < high:
        below, above = (lower_or_higher(format_number(abs(v), 2), v) for v in (low, high))
        return span(below, above)
    near, far = sorted((low, high), key=abs)
    return lower_or_higher(format_interval(abs(near), abs(far), 2), far)


def hypothesis(study: Study, record: AnalysisRecord, row: Estimate) -> tuple[str, str]:
    """Return what a joint test asks: as a question left open, and as a sentence told."""
    planned = next((item for item in study.analysis if item.id == record.analysis), None)
    over_visits = planned is not None and RULES[planned.method].over_visits
    if row.arm is not None:
        arm, other = (mid_sentence(arm_label(study, name)) for name in (row.arm, row.reference_arm))
        return (
            say("whether {arm} and {other} differ", arm=arm, other=other),
            say("{arm} and {other} differ", arm=arm, other=other),
        )
    if row.term == "visit" or (row.term is None and over_visits):
        return say("whether the visits differ"), say("the visits differ")
    if row.term in {None, "arm"}:
        return say("whether the arms differ"), say("the arms differ")
    if row.term == "arm:visit":
        return (
            say("whether the arms change differently from visit to visit"),
            say("the arms change differently from visit to visit"),
        )
    term = term_label(study, row.term)
    return (
        say("whether the outcome depends on {term} beside the other terms", term=term),
        say("the outcome depends on {term} beside the other terms", term=term),
    )


def statistic_words(row: Estimate) -> str:
    """Return a statistic with its degrees of freedom and p-values."""
    parts = []
    if row.statistic is not None and row.df is not None:
        degrees = format_degrees_of_freedom(row.df, row.df_num)
        name = "χ²" if row.df_num is None else "F"
        parts.append(f"{name}({degrees}) = {format_number(row.statistic, 2)}")
    parts.append(format_p_equation(row.p_value))
    if row.p_adjusted is not None:
        parts.append(say("adjusted {p}", p=format_p_equation(row.p_adjusted)))
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
    interval = format_quantity_interval(
        row.conf_low, row.conf_high, "mean_difference", row_decimals(endpoint)
    )
    shown, open_still = INSIDE[what_differs(study, row)]
    return say(
        shown if p_value is not None and p_value <= level else open_still,
        what=outcome_words(study, record, row),
        margins=f"{limits} {unit_words(study, row.parameter, '2')}",
        known=f"({say('interval {limits}', limits=interval)}; {format_p_equation(row.p_value)})",
        **names_of_arms(study, row),
    )


def what_differs(study: Study, row: Estimate) -> Differs:
    """Return what a row is about: two arms, the change with one of several, or the change."""
    if row.reference_arm is not None:
        return "arms"
    return "change" if row.arm is None or study.is_single_arm else "change with an arm"


def names_of_arms(study: Study, row: Estimate) -> dict[str, str]:
    """Return the labels of a row's arms, as they stand inside a sentence."""
    ids = {"arm": row.arm, "other": row.reference_arm}
    return {
        name: mid_sentence(arm_label(study, arm)) for name, arm in ids.items() if arm is not None
    }


def bayes_sentence(study: Study, record: AnalysisRecord, row: Estimate) -> str:
    """Return how much likelier a Bayes factor makes the data under one of two hypotheses."""
    factor = row.estimate or 0.0
    times = format_number(factor if factor >= 1 else 1 / factor if factor else None, 1)
    with_it, without_it = LIKELIER[what_differs(study, row)]
    return say(
        with_it if factor >= 1 else without_it,
        what=outcome_words(study, record, row),
        times=times,
        **names_of_arms(study, row),
    )
