"""What a pooled result says to a figure: trials, subgroups, average, prediction, spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, inf
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import later, say, say_count
from trialkit.present.contrast import Side
from trialkit.present.format import (
    format_degrees_of_freedom,
    format_integer,
    format_interval,
    format_level,
    format_number,
    format_p_equation,
    quantity_decimals,
    span,
)
from trialkit.present.labels import (
    OF_PEOPLE,
    arm_label,
    contrast_label,
    endpoint_label,
    lower_is_better,
    row_decimals,
    row_endpoint,
    short_unit,
)
from trialkit.present.palette import MUTED, TEAL, arm_colours, text_colour
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

MEASURES: Final = {
    "mean_difference": later("difference in means"),
    "standardised_mean_difference": later("standardised mean difference"),
    "risk_ratio": later("risk ratio"),
    "odds_ratio": later("odds ratio"),
    "risk_difference": later("risk difference"),
}
RATIOS: Final = frozenset({"risk_ratio", "odds_ratio"})
# Terms of the trials that trim and fill adds.
FILLED: Final = "filled "
LARGEST_RATIO: Final = 1000
SMALLEST_RATIO: Final = 0.01
LARGEST_LOGARITHM: Final = 709.0  # the largest whose power of e a float holds
WITHOUT_UNIT: Final = frozenset({"standardised_mean_difference", *OF_PEOPLE})

Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledRow:
    """One line of a forest in the unit it is printed in; ``weight`` is in percent."""

    label: str
    estimate: float
    low: float
    high: float
    number: str
    interval: str
    n: str = ""
    weight: float | None = None

    @property
    def filled(self) -> bool:
        """Whether trim and fill made this trial up."""
        return self.label.startswith(FILLED)

    @property
    def text(self) -> str:
        """The estimate and its interval."""
        return f"{self.number} ({self.interval})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The trials of a subgroup and their average; all trials have no name."""

    name: str | None
    trials: tuple[PooledRow, ...]
    average: PooledRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledReading:
    """A pooled comparison as its figures show it.

    ``with_filled`` is the average that counts the trials that trim and fill added.
    """

    groups: tuple[Group, ...]
    average: PooledRow
    with_filled: PooledRow | None
    prediction: PooledRow | None
    spread: str
    title: str
    axis: str
    level: str
    p_value: str
    ratio: bool
    left: Side
    right: Side
    colour: str

    @property
    def trials(self) -> tuple[PooledRow, ...]:
        """Every trial, in the order of the groups."""
        return tuple(row for group in self.groups for row in group.trials)

    @property
    def null(self) -> float:
        """Where there is no difference."""
        return 1.0 if self.ratio else 0.0


def read_pooled(
    results: StudyResults, record: AnalysisRecord, pair: Pair | None = None
) -> PooledReading:
    """Return a pooled comparison of an analysis: the one of ``pair``, or its first.

    Raises
    ------
    SpecificationError
        If the analysis holds no pooled estimate of that pair.
    """
    average = pooled_average(record, pair)
    figures = Figures(result=whole_result(record), pair=(average.arm, average.reference_arm))
    measure = str(figures.fit("measure") or "")
    write = writer(results, record, average, measure)
    rows = tuple(
        write(row, str(row.term), weight=figures.weight(row.term))
        for row in figures.rows("trial_estimate")
    )
    prediction = next(iter(figures.rows("prediction")), None)
    added = any(row.filled for row in rows)
    with_filled = figures.row("pooled_estimate", FILLED.strip()) if added else None
    compared = contrast_label(results.study, average.arm, average.reference_arm)
    count = sum(not row.filled for row in rows)
    left, right = pooled_sides(results, record, average, measure)
    return PooledReading(
        groups=grouped(figures, rows, write),
        average=write(average, say_count(count, "Average of {n} trial", "Average of {n} trials")),
        with_filled=write(with_filled, say("Average with filled trials")) if with_filled else None,
        prediction=write(prediction, say("Further trial (prediction)")) if prediction else None,
        spread=spread_text(figures),
        title=", ".join(
            filter(
                None,
                (
                    compared if average.arm else "",
                    say_count(count, "{n} trial pooled", "{n} trials pooled"),
                ),
            )
        ),
        axis=axis_title(results, record, average, measure),
        level="" if average.conf_level is None else format_level(average.conf_level),
        p_value=format_p_equation(average.p_value),
        ratio=measure in RATIOS,
        left=left,
        right=right,
        colour=arm_colours(results.study).get(average.arm or "", TEAL),
    )


def whole_result(record: AnalysisRecord) -> AnalysisResult:
    """Return the result of an analysis that ran."""
    if record.result is None:
        raise SpecificationError(f"analysis {record.analysis!r} was not run: {record.reason}")
    return record.result


def pooled_average(record: AnalysisRecord, pair: Pair | None) -> Estimate:
    """Return the pooled estimate of a pair of arms, or the first of the analysis."""
    for row in whole_result(record).select(quantity="pooled_estimate", term=None):
        if row.estimate is not None and pair in {None, (row.arm, row.reference_arm)}:
            return row
    raise SpecificationError(f"analysis {record.analysis!r} holds no pooled estimate to draw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The rows and the fit of one comparison of a result."""

    result: AnalysisResult
    pair: Pair

    def rows(self, quantity: str) -> list[Estimate]:
        """Return the rows of a quantity that are of this comparison."""
        return [
            row
            for row in self.result.select(quantity=quantity)
            if (row.arm, row.reference_arm) == self.pair
        ]

    def row(self, quantity: str, term: str) -> Estimate | None:
        """Return one row, or None."""
        return next((row for row in self.rows(quantity) if row.term == term), None)

    def fit(self, name: str) -> float | int | str | None:
        """Return a figure of the fit; with several comparisons it is named after its own."""
        known = {item.name: item.value for item in self.result.fit}
        return known.get(f"{name} ({self.pair[0]} - {self.pair[1]})", known.get(name))

    def weight(self, trial: str | None) -> float | None:
        """Return a trial's weight in percent, or None."""
        value = self.fit(f"weight {trial}")
        return float(value) if isinstance(value, int | float) else None


Writer = Callable[..., PooledRow]


def writer(
    results: StudyResults, record: AnalysisRecord, average: Estimate, measure: str
) -> Writer:
    """Return how a row is put in print: a logarithm as its ratio, a risk as percentage."""
    plain = row_decimals(row_endpoint(results, record.analysis, average))
    decimals = 2 if measure == "standardised_mean_difference" else plain + 1
    factor = 1.0
    if measure == "risk_difference":
        decimals, factor = quantity_decimals("risk_difference", plain), 100.0

    def printed(value: float | None) -> float:
        number = float("nan") if value is None else value
        if measure not in RATIOS:
            return factor * number
        return exp(number) if number < LARGEST_LOGARITHM else inf

    def in_words(value: float) -> str:
        return format_ratio(value) if measure in RATIOS else format_number(value, decimals)

    def write(row: Estimate, label: str, *, weight: float | None = None) -> PooledRow:
        estimate, low, high = map(printed, (row.estimate, row.conf_low, row.conf_high))
        return PooledRow(
            label=label,
            estimate=estimate,
            low=low,
            high=high,
            number=in_words(estimate),
            interval=span(in_words(low), in_words(high)),
            n="" if row.n_subjects is None else format_integer(row.n_subjects),
            weight=weight,
        )

    return write


def format_ratio(value: float) -> str:
    """Write a ratio with two decimals; beyond what two decimals can tell, by a bound.

    >>> format_ratio(0.4894), format_ratio(0.0012), format_ratio(4321.0)
    ('0.49', '<0.01', '>1000')
    """
    if value > LARGEST_RATIO:
        return f">{LARGEST_RATIO}"
    return (
        f"<{format_number(SMALLEST_RATIO, 2)}"
        if value < SMALLEST_RATIO / 2
        else format_number(value, 2)
    )


def grouped(figures: Figures, rows: Sequence[PooledRow], write: Writer) -> tuple[Group, ...]:
    """Return the trials by subgroup with each average; without subgroups one group."""
    names = {row.label: figures.fit(f"subgroup {row.label}") for row in rows}
    if not any(names.values()):
        return (Group(name=None, trials=tuple(rows)),)
    groups = []
    for name in dict.fromkeys(sorted(map(str, names.values()))):
        members = tuple(row for row in rows if str(names[row.label]) == name)
        average = figures.row("pooled_estimate", name)
        label = say("Average of {n}", n=len(members))
        groups.append(
            Group(name=name, trials=members, average=write(average, label) if average else None)
        )
    return tuple(groups)


def spread_text(figures: Figures) -> str:
    """Return the heterogeneity in words: tau squared, I squared, Q, and between subgroups."""
    tau, share, q, between = (
        figures.row("heterogeneity", term)
        for term in ("tau_squared", "I_squared", "Q", "between_subgroups")
    )
    parts = []
    if tau is not None and tau.estimate is not None:
        decimals = 2 if tau.estimate >= 1 else 3
        number = format_number(tau.estimate, decimals)
        limits = format_interval(tau.conf_low, tau.conf_high, decimals)
        parts.append(f"τ² = {number} ({limits})")
    if share is not None and share.estimate is not None:
        parts.append(f"I² = {format_number(share.estimate, 0)}\u00a0%")
    if q is not None and q.statistic is not None:
        parts.append(f"Q = {chi_square_text(q)}")
    said = [say("Between trials: {figures}.", figures=", ".join(parts))] if parts else []
    if between is not None:
        sign = "Q" if between.df_num is None else "F"
        statistic = f"{sign} = {chi_square_text(between)}"
        said.append(say("Between subgroups: {statistic}.", statistic=statistic))
    return " ".join(said)


def chi_square_text(row: Estimate) -> str:
    """Return a chi-square or F statistic with its degrees of freedom and p-value."""
    df = format_degrees_of_freedom(row.df)
    if row.df_num is not None:
        df = say("{numerator} and {df}", numerator=format_degrees_of_freedom(row.df_num), df=df)
    return say(
        "{statistic} on {df} df, {p}",
        statistic=format_number(row.statistic, 1),
        df=df,
        p=format_p_equation(row.p_value),
    )


def axis_title(
    results: StudyResults, record: AnalysisRecord, average: Estimate, measure: str
) -> str:
    """Return what the axis says: outcome, measure and unit."""
    endpoint = row_endpoint(results, record.analysis, average)
    unit = "" if endpoint is None or measure in WITHOUT_UNIT else short_unit(endpoint)
    unit = say("percentage points") if measure == "risk_difference" else unit
    words = say(MEASURES.get(measure, later("difference")))
    outcome = endpoint_label(results.study, average.parameter)
    if not outcome and endpoint is not None:
        outcome = endpoint.label
    named = f"{outcome}: {words}" if outcome else words
    title = ", ".join(filter(None, (named, unit)))
    return say("{title} (logarithmic axis)", title=title) if measure in RATIOS else title


def pooled_sides(
    results: StudyResults, record: AnalysisRecord, average: Estimate, measure: str
) -> tuple[Side, Side]:
    """Return what lies left and right of no difference; without arms they have no names."""
    if average.arm is None or average.reference_arm is None:
        return Side(text="", colour=MUTED), Side(text="", colour=MUTED)
    asked = replace(average, quantity="risk_ratio") if measure in OF_PEOPLE else average
    pair = (average.arm, average.reference_arm)
    if not lower_is_better(results, record.analysis, asked):
        pair = (average.reference_arm, average.arm)
    colours = arm_colours(results.study)
    left, right = (
        Side(
            text=say("{arm} better", arm=arm_label(results.study, arm)),
            colour=text_colour(colours.get(arm, MUTED)),
        )
        for arm in pair
    )
    return left, right
