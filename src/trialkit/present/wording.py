"""Sentences by rule: what an estimate says, in words a clinician reads aloud.

Every sentence follows from the numbers and the design. Words are the scale's own
("0.75 points lower"); the interval stands before the p-value; an interval that contains no
difference leaves the question open ("cannot tell"), it never shows that there is none; a
study without a comparator has a change, not an effect.
"""

from collections.abc import Mapping, Sequence
from math import isinf
from typing import Final, Literal

from trialkit.language.speech import later, say
from trialkit.present.format import (
    MISSING,
    NO_BREAK,
    format_level,
    format_p_equation,
    format_quantity,
    format_ticks,
    is_zero,
    span,
)
from trialkit.present.grammar import (
    lower_or_higher,
    mid_sentence,
    more_or_fewer,
    unit_for,
)
from trialkit.present.labels import (
    analysis_label,
    analysis_rule,
    arm_label,
    endpoint_label,
    responder_text,
    typeset_range,
    visit_label,
)
from trialkit.present.word_choice import (
    CANNOT_TELL,
    MARGINS,
    WITHIN_PERSON,
    MarginFinding,
    agreement,
    open_words,
)
from trialkit.result.analysis_result import Estimate
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import AnalysisRecord
from trialkit.study.method_rules import RULES
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import NO_DIFFERENCE, Quantity

Side = Literal["lower", "higher", "unclear"]

# A word joiner behind the dash: no line ends inside "0–10".
UNBROKEN_DASH: Final = "–\N{WORD JOINER}"
DIFFERENCES: Final[frozenset[Quantity]] = frozenset(
    {
        "change",
        "mean_difference",
        "median_difference",
        "ls_mean_difference",
        "total_effect",
        "direct_effect",
        "indirect_effect",
    }
)
SHARES: Final[frozenset[Quantity]] = frozenset(
    {"proportion", "risk_difference", "risk_ratio", "odds_ratio", "number_needed_to_treat"}
)
TRAILING: Final[Mapping[Quantity, str]] = {
    "proportion": later("{size} in 100"),
    "probability_of_superiority": later("{size} of 100 pairs"),
    "risk_ratio": later("{size} times as many"),
    "odds_ratio": later("{size} times the odds"),
    "effect_size": later("{size} standard deviations"),
    "pooled_estimate": "{size}",
    "bayes_factor": "{size}",
}


def side_of(estimate: Estimate, *, alpha: float | None = None) -> Side:
    """Return the side of no difference on which an estimate lies as a whole.

    Parameters
    ----------
    estimate : Estimate
        A difference, a change or a risk ratio.
    alpha : float, optional
        Level of the multiplicity family. An adjusted p-value above it leaves the side
        open, however the unadjusted interval lies.

    Examples
    --------
    >>> side_of(Estimate(quantity="change", conf_low=-1.5, conf_high=-0.1, method="m"))
    'lower'
    >>> side_of(Estimate(quantity="change", conf_low=-1.5, conf_high=0.1, method="m"))
    'unclear'
    """
    low, high, null = estimate.conf_low, estimate.conf_high, NO_DIFFERENCE.get(estimate.quantity)
    if low is None or high is None or null is None or low <= null <= high:
        return "unclear"
    if alpha is not None and estimate.p_adjusted is not None and estimate.p_adjusted > alpha:
        return "unclear"
    return "lower" if high < null else "higher"


def headline(study: Study, estimate: Estimate, *, alpha: float | None = None) -> str:
    """Return the few words that stand large on page one.

    An estimate whose side is open has no direction to show: it reads "Cannot tell".
    """
    if estimate.quantity in NO_DIFFERENCE and side_of(estimate, alpha=alpha) == "unclear":
        return say(CANNOT_TELL)
    return amount(study, estimate)


def amount(study: Study, estimate: Estimate) -> str:
    """Return an estimate in the words of its scale: "0.75 points lower", "3.1 points"."""
    value, quantity = estimate.estimate, estimate.quantity
    if value is None:
        return MISSING
    size = shown(study, estimate, abs(value))
    if quantity in DIFFERENCES or quantity in {"risk_difference", "percent_change"}:
        # Two numbers that print alike may still differ: "0.00 points apart" claims too much.
        return side_words(study, estimate, value) if not is_zero(size) else say("close to 0")
    if quantity == "number_needed_to_treat":
        if value > 0:
            return say("one more for every {size} people treated", size=size)
        return say("one fewer for every {size} people treated", size=size)
    if quantity == "probability_of_superiority":
        share = shown(study, estimate, value)
        return say("a higher value in {share} of 100 pairs", share=share)
    if quantity == "p_value":
        return format_p_equation(value)
    return with_unit(study, estimate, shown(study, estimate, value), size)


def interval_words(study: Study, estimate: Estimate) -> str:
    """Return an interval in the words of its scale.

    "0.02 to 1.48 points lower" where both limits lie on one side, the nearer first;
    "1.42 points lower to 0.33 points higher" where no difference lies between them.
    """
    low, high = estimate.conf_low, estimate.conf_high
    if low is None or high is None:
        return say("not given")
    if estimate.quantity == "number_needed_to_treat":
        return needed_interval(study, estimate, low, high)
    if estimate.quantity not in DIFFERENCES | {"risk_difference", "percent_change"}:
        upper = shown(study, estimate, high)
        return with_unit(study, estimate, span(shown(study, estimate, low), upper), upper)
    if isinf(low) and isinf(high):
        return say("no limit on either side")
    if isinf(low):
        end = side_words(study, estimate, high)
        return say("{end} or further down (one-sided)", end=end)
    if isinf(high):
        return say("{end} or further up (one-sided)", end=side_words(study, estimate, low))
    if low < 0 < high:
        return span(side_words(study, estimate, low), side_words(study, estimate, high))
    near, far = sorted((low, high), key=abs)
    return span(shown(study, estimate, abs(near)), side_words(study, estimate, far))


def side_words(study: Study, estimate: Estimate, value: float) -> str:
    """Return a difference, or a limit of one, with its unit and direction."""
    size = shown(study, estimate, abs(value))
    if estimate.quantity == "risk_difference":
        return more_or_fewer(size, value)
    if estimate.quantity == "percent_change":
        return lower_or_higher(f"{size}{NO_BREAK}%", value)
    return lower_or_higher(f"{size} {unit_words(study, estimate.parameter, size)}", value)


def with_unit(study: Study, estimate: Estimate, size: str, last: str) -> str:
    """Return a mean, a share, a ratio or a range of them with its unit.

    ``last`` is the number that the unit follows.
    """
    if estimate.quantity in TRAILING:
        return say(TRAILING[estimate.quantity], size=size)
    return f"{size} {unit_words(study, estimate.parameter, last)}"


def needed_interval(study: Study, estimate: Estimate, low: float, high: float) -> str:
    """Return the interval of a number needed to treat; it may pass through infinity."""
    if low * high > 0 and float("inf") not in (abs(low), abs(high)):
        near, far = sorted((abs(low), abs(high)))
        return span(shown(study, estimate, near), shown(study, estimate, far))
    return say("without limit, since no difference lies inside it")


def evidence(study: Study, estimate: Estimate) -> str:
    """Return interval, then p-value, as they stand in brackets behind an estimate.

    A p-value adjusted for its family follows the raw one.
    """
    parts = []
    if estimate.conf_low is not None and estimate.conf_high is not None:
        limits = interval_words(study, estimate)
        if estimate.conf_level:
            level = format_level(estimate.conf_level)
            parts.append(say("{level} interval {limits}", level=level, limits=limits))
        else:
            parts.append(say("interval {limits}", limits=limits))
    if estimate.p_value is not None and estimate.quantity != "p_value":
        parts.append(format_p_equation(estimate.p_value))
    if estimate.p_adjusted is not None:
        parts.append(say("adjusted {p}", p=format_p_equation(estimate.p_adjusted)))
    return "; ".join(parts)


def sentence(study: Study, record: AnalysisRecord, estimate: Estimate) -> str:
    """Return one sentence on one estimate of an analysis.

    ``record`` lends the responder rule, and the level that adjusted p-values are held
    against.
    """
    what = outcome_words(study, record, estimate)
    known = evidence(study, estimate)
    brackets = f" ({known})" if known else ""
    if estimate.quantity not in NO_DIFFERENCE:
        arm = "" if estimate.reference_arm is not None else with_arm(study, estimate)
        return f"{what}{arm}: {amount(study, estimate)}{brackets}."
    said = f"{amount(study, estimate)} {comparison(study, estimate)}{brackets}"
    if side_of(estimate, alpha=record.alpha) == "unclear":
        return open_words(what, said)
    return f"{what}: {said}."


def outcome_words(study: Study, record: AnalysisRecord, estimate: Estimate) -> str:
    """Return the outcome of an estimate and when it was seen: "Throat pain, 30 min"."""
    name = endpoint_label(study, estimate.parameter) or analysis_label(study, record.analysis)
    if estimate.quantity not in SHARES | {"change"} and compares_changes(study, record):
        name = say("Change in {outcome}", outcome=mid_sentence(name))
    rule = analysis_rule(study, record.analysis) if estimate.quantity in SHARES else None
    visit = visit_label(study, estimate.visit)
    of_all = visit and sees_visits(study, record)
    model = say("estimated from all visits together") if of_all else ""
    parts = [name, responder_text(rule) if rule else "", visit, model]
    return ", ".join([part if part is name else mid_sentence(part) for part in parts if part])


def sees_visits(study: Study, record: AnalysisRecord) -> bool:
    """Return whether an analysis is a model of several visits with a difference at each."""
    planned = [item for item in study.analysis if item.id == record.analysis]
    return bool(planned) and RULES[planned[0].method].compares == "arms_by_visit"


def compares_changes(study: Study, record: AnalysisRecord) -> bool:
    """Return whether an analysis takes each person's change, not the value, as its outcome."""
    planned = [item for item in study.analysis if item.id == record.analysis]
    return bool(planned) and (
        planned[0].outcome == "change"
        or study.find_estimand(planned[0].estimand).summary == "difference in mean changes"
    )


def comparison(study: Study, estimate: Estimate) -> str:
    """Return what an estimate is compared with: another arm, or the time before."""
    if estimate.reference_arm is not None:
        arm, reference = (
            mid_sentence(arm_label(study, name)) for name in (estimate.arm, estimate.reference_arm)
        )
        if estimate.quantity in {"risk_ratio", "odds_ratio"}:
            return say("with {arm} as with {reference}", arm=arm, reference=reference)
        return say("with {arm} than with {reference}", arm=arm, reference=reference)
    before = study.baseline_visit
    if before is None:
        return say("than before") + with_arm(study, estimate)
    return say("than at the visit “{visit}”", visit=before.label) + with_arm(study, estimate)


def with_arm(study: Study, estimate: Estimate) -> str:
    """Return ", with ARM" for an estimate of one arm of several, else nothing."""
    if estimate.arm is None or study.is_single_arm:
        return ""
    return say(", with {arm}", arm=mid_sentence(arm_label(study, estimate.arm)))


def firmness(study: Study, records: Sequence[AnalysisRecord], main: Estimate) -> str | None:
    """Return how many other analyses of a question agree with its main one; None if none.

    Agreement is counted from the stored intervals: same side as the main estimate, and
    whether the interval stays clear of no difference.
    """
    others = [
        estimate
        for record in records
        for estimate in at_asked_visit(study, record)
        if same_question(estimate, main)
    ]
    if not others or main.estimate is None:
        return None
    same = [item for item in others if (item.estimate or 0) * main.estimate > 0]
    clear = sum(side_of(item) != "unclear" for item in same)
    return agreement(
        len(same),
        len(others),
        clear,
        certain=side_of(others[0]) != "unclear",
        single_arm=study.is_single_arm,
    )


def same_question(estimate: Estimate, main: Estimate) -> bool:
    """Return whether two estimates compare the same arms on the same outcome and visit."""
    return estimate.quantity in DIFFERENCES and (
        (estimate.parameter, estimate.visit, estimate.arm, estimate.reference_arm)
        == (main.parameter, main.visit, main.arm, main.reference_arm)
    )


def margin_words(study: Study, estimate: Estimate) -> str | None:
    """Return what the declared margin says of an estimate; None where none is declared.

    A within-person benchmark is quoted for orientation only: it is no threshold for a
    difference between the means of two arms.
    """
    endpoint = declared_endpoint(study, estimate.parameter)
    if endpoint is None or endpoint.margin is None or estimate.quantity not in DIFFERENCES:
        return None
    margin = endpoint.margin
    size = format_ticks([margin.value])[0]
    named = f"{size} {unit_words(study, endpoint.id, size)} ({margin.source})"
    if margin.kind == "within_person" and estimate.reference_arm is not None:
        return say(WITHIN_PERSON, margin=named)
    return say(MARGINS[held_against(estimate, margin.value)], margin=named)


def held_against(estimate: Estimate, margin: float) -> MarginFinding:
    """Return how an interval lies against a margin."""
    low, high = estimate.conf_low, estimate.conf_high
    if low is None or high is None:
        return "no interval"
    if max(abs(low), abs(high)) < margin:
        return "smaller"
    if low * high > 0 and min(abs(low), abs(high)) >= margin:
        return "at least"
    return "open"


def better_words(endpoint: Endpoint) -> str:
    """Return which way an outcome is good."""
    return say("lower is better") if endpoint.better == "lower" else say("higher is better")


def scale_words(endpoint: Endpoint) -> str:
    """Return a scale's limits and good direction: "on a 0–10 scale, lower is better"."""
    minimum, maximum = endpoint.scale.minimum, endpoint.scale.maximum
    better = better_words(endpoint)
    if minimum is None or maximum is None:
        return better
    limits = UNBROKEN_DASH.join(format_ticks([minimum, maximum]))
    return say("on a {limits} scale, {better}", limits=limits, better=better)


def shown(study: Study, estimate: Estimate, value: float) -> str:
    """Return a value with the decimals of its quantity and endpoint."""
    endpoint = declared_endpoint(study, estimate.parameter)
    return format_quantity(value, estimate.quantity, endpoint.decimals if endpoint else 2)


def unit_words(study: Study, parameter: str | None, size: str) -> str:
    """Return the unit of an endpoint without its remarks, singular for exactly 1."""
    endpoint = declared_endpoint(study, parameter)
    return unit_for(typeset_range(endpoint.scale.unit) if endpoint else say("units"), size)


def declared_endpoint(study: Study, endpoint: str | None) -> Endpoint | None:
    """Return an endpoint by id; None for a result that names none of the study's."""
    return next((item for item in study.endpoint if item.id == endpoint), None)
