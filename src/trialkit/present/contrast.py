"""What a contrast says: its null, its sides and their names, its margin, its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.format import (
    format_level,
    format_p_equation,
    format_quantity,
    format_quantity_interval,
    format_ticks,
    quantity_factor,
    round_half_away,
)
from trialkit.present.labels import (
    analysis_rule,
    arm_label,
    contrast_label,
    lower_is_better,
    quantity_words,
    responder_text,
    row_decimals,
    row_endpoint,
    short_unit,
    visit_label,
)
from trialkit.present.palette import LINE, MUTED, arm_colours, text_colour
from trialkit.present.vocabulary import (
    CONTRASTS,
    DIFFERENCES,
    PERCENTAGES,
    RESPONDER_QUANTITIES,
)
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.terms import NO_DIFFERENCE, Quantity

RATIOS: Final[frozenset[Quantity]] = frozenset({"risk_ratio", "odds_ratio"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of no difference: what it is called, and in which colour."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """An estimate as a figure shows it, in the unit it is printed in.

    ``low`` and ``high`` are None where no interval is known, and may be infinite. ``left``
    names the side below ``null``; a quantity that is no contrast has neither null nor
    sides.
    """

    quantity: Quantity
    estimate: float
    low: float | None
    high: float | None
    null: float | None
    left: Side | None
    right: Side | None
    margin: float | None
    colour: str
    title: str
    number: str
    interval: str
    level: str

    @property
    def text(self) -> str:
        """The estimate and its interval, as a table prints them."""
        return self.number if self.low is None else f"{self.number} ({self.interval})"

    @property
    def finite(self) -> list[float]:
        """Every finite number that an axis must hold."""
        numbers = [self.estimate, self.low, self.high]
        return [value for value in numbers if value is not None and abs(value) != float("inf")]


def read_contrast(results: StudyResults, record: AnalysisRecord, row: Estimate) -> Contrast:
    """Return an estimate of an analysis as a figure shows it.

    Raises
    ------
    SpecificationError
        If the row holds no estimate (a printed p-value, say).
    """
    if row.estimate is None:
        raise SpecificationError(
            f"a row of analysis {record.analysis!r} ({row.quantity}) has no estimate to draw"
        )
    endpoint = row_endpoint(results, record.analysis, row)
    decimals = row_decimals(endpoint)
    left, right = sides(results, record, row)
    return Contrast(
        quantity=row.quantity,
        estimate=in_print(row.estimate, row.quantity),
        low=None if row.conf_low is None else in_print(row.conf_low, row.quantity),
        high=None if row.conf_high is None else in_print(row.conf_high, row.quantity),
        null=null_value(row.quantity),
        left=left,
        right=right,
        margin=margin_value(results, record, row),
        colour=row_colour(results, row),
        title=contrast_title(results, record, row),
        number=format_quantity(row.estimate, row.quantity, decimals),
        interval=format_quantity_interval(row.conf_low, row.conf_high, row.quantity, decimals),
        level="" if row.conf_level is None else format_level(row.conf_level),
    )


def in_print(value: float, quantity: Quantity) -> float:
    """Return a value in the unit it is printed in: shares as percentages."""
    return quantity_factor(quantity) * value


def null_value(quantity: Quantity) -> float | None:
    """Return where a contrast shows no difference; None for what is no contrast."""
    return in_print(NO_DIFFERENCE[quantity], quantity) if quantity in CONTRASTS else None


def margin_value(results: StudyResults, record: AnalysisRecord, row: Estimate) -> float | None:
    """Return the declared margin between groups; a within-person margin is never drawn here."""
    endpoint = row_endpoint(results, record.analysis, row)
    if endpoint is None or endpoint.margin is None or row.quantity not in DIFFERENCES:
        return None
    return endpoint.margin.value if endpoint.margin.kind == "between_group" else None


def row_colour(results: StudyResults, row: Estimate) -> str:
    """Return the colour of a row's arm."""
    return arm_colours(results.study).get(row.arm or "", LINE)


def sides(
    results: StudyResults, record: AnalysisRecord, row: Estimate
) -> tuple[Side | None, Side | None]:
    """Return what lies left and right of no difference, given which values are better."""
    if null_value(row.quantity) is None:
        return None, None
    lower = lower_is_better(results, record.analysis, row)
    colours = arm_colours(results.study)
    if row.reference_arm is None:
        accent = text_colour(row_colour(results, row))
        if lower:
            return (
                Side(text=say("lower after (better)"), colour=accent),
                Side(text=say("higher after (worse)"), colour=MUTED),
            )
        return (
            Side(text=say("lower after (worse)"), colour=MUTED),
            Side(text=say("higher after (better)"), colour=accent),
        )
    treatment, reference = (
        Side(
            text=say("{arm} better", arm=arm_label(results.study, arm)),
            colour=text_colour(colours.get(arm or "", MUTED)),
        )
        for arm in (row.arm, row.reference_arm)
    )
    return (treatment, reference) if lower else (reference, treatment)


def contrast_title(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return what the axis of a contrast says: outcome, visit, quantity and unit."""
    endpoint = row_endpoint(results, record.analysis, row)
    words = quantity_words(results.study, record.analysis, row)
    if row.quantity in RATIOS:
        where = where_text(results, record, row)
        return say("{where}: {words} (1: no difference)", where=where, words=words)
    unit = contrast_unit(results, record, row).strip()
    unit = short_unit(endpoint) if endpoint is not None and not unit else unit
    return ", ".join(filter(None, (f"{where_text(results, record, row)}: {words}", unit)))


def where_text(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return the outcome and visit of a row in words; of responders, their rule."""
    endpoint = row_endpoint(results, record.analysis, row)
    outcome = "" if endpoint is None else endpoint.label
    rule = analysis_rule(results.study, record.analysis)
    if rule is not None and row.quantity in RESPONDER_QUANTITIES:
        outcome = rule.label or f"{outcome} {responder_text(rule)}"
    return ", ".join(filter(None, (outcome, visit_label(results.study, row.visit))))


def contrast_sentence(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return in words what a picture of the contrast shows, numbers and side included."""
    shown = read_contrast(results, record, row)
    compared = contrast_label(results.study, row.arm, row.reference_arm)
    words = quantity_words(results.study, record.analysis, row)
    unit = contrast_unit(results, record, row)
    interval = interval_text(shown)
    p_value = "" if row.p_value is None else f", {format_p_equation(row.p_value)}"
    return (
        f"{compared}, {where_text(results, record, row)}: {words} "
        f"{shown.number}{unit}, {interval}{p_value}. {side_sentence(shown)}"
    ).strip()


def interval_text(shown: Contrast) -> str:
    """Return the interval of a contrast in words."""
    if shown.low is None:
        return say("no interval is given")
    if not shown.level:
        return say("interval {limits}", limits=shown.interval)
    return say("{level} interval {limits}", level=shown.level, limits=shown.interval)


def contrast_unit(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return the unit that follows a number in a sentence, with its space."""
    if row.quantity in PERCENTAGES:
        unit = say(PERCENTAGES[row.quantity])
        return f"\u00a0{unit}" if unit == "%" else f" {unit}"
    endpoint = row_endpoint(results, record.analysis, row)
    return "" if endpoint is None or row.quantity in RATIOS else f" {short_unit(endpoint)}"


def side_sentence(shown: Contrast) -> str:
    """Return on which side of no difference an interval lies, by the names in the picture."""
    if shown.null is None or shown.left is None or shown.right is None:
        return ""
    if shown.low is None or shown.high is None:
        side = shown.left if shown.estimate < shown.null else shown.right
        return say("The estimate lies on the side “{side}”.", side=side.text)
    if shown.high < shown.null:
        return say("The interval lies wholly on the side “{side}”.", side=shown.left.text)
    if shown.low > shown.null:
        return say("The interval lies wholly on the side “{side}”.", side=shown.right.text)
    return say("The interval contains no difference.")


def margin_sentence(shown: Contrast) -> str:
    """Return the declared margin in words; empty without one."""
    if shown.margin is None:
        return ""
    margin = format_ticks([shown.margin])[0]
    return say("The declared margin between groups is {margin}.", margin=margin)


def symmetric_limit(contrasts: Sequence[Contrast]) -> float:
    """Return how far an axis reaches to both sides of zero to hold contrasts and margins."""
    numbers = [abs(value) for item in contrasts for value in item.finite]
    margins = [item.margin for item in contrasts if item.margin is not None]
    reach = max([*numbers, *margins], default=1.0) or 1.0
    return reach * 1.12


def ratio_limit(contrasts: Sequence[Contrast]) -> float:
    """Return how far a logarithmic axis reaches to both sides of one, as a factor."""
    numbers = [value for item in contrasts for value in item.finite if value > 0]
    return max([2.0, *(max(value, 1 / value) for value in numbers)]) * 1.15


def ratio_ticks(limit: float) -> list[float]:
    """Return the ticks of a ratio axis that reaches to a factor on both sides of one.

    >>> ratio_ticks(4.4)
    [0.25, 0.5, 1.0, 2.0, 4.0]
    """
    steps = [value for value in (2.0, 4.0, 10.0, 100.0, 1000.0) if value <= limit]
    chosen = steps if limit < 10 else [value for value in steps if value != 4.0]
    return [
        *(float(round_half_away(1 / value, 3)) for value in reversed(chosen)),
        1.0,
        *chosen,
    ]
