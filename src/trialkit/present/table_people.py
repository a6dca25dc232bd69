"""The table of who was studied, by arm and altogether, before treatment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import (
    MISSING,
    PERCENT_DECIMALS,
    RATIO_DECIMALS,
    format_count,
    format_integer,
    format_mean_sd,
    format_median_quartiles,
    format_number,
    format_p_value,
    format_percent,
    n_equals,
)
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import (
    arm_label,
    contrast_label,
    endpoint_label,
    typeset_range,
    visit_label,
)
from trialkit.result.people import BalanceRow
from trialkit.result.study_results import CharacteristicRow, StudyResults, VisitCount
from trialkit.study.study import Study

NO_PARTICIPANTS: Final = later("No participant data are at hand: printed figures only.")
SHARES: Final = later("Shares are of the people with a value.")
UNNAMED: Final = later("Levels that fewer than three people share are not named.")
NO_TEST: Final = later("No p-value is printed: arms made by chance differ by chance.")
TESTED: Final = later(
    "p: Welch's test of means, Pearson's test of shares, as the plan asks; where chance made the "
    "arms, chance made their differences too."
)
STANDARDISED: Final = later(
    "Standardised difference of {contrast}, without its sign: the difference in means over the "
    "root of the mean of the two variances; of shares, the same for all levels together (Austin "
    "2009; Yang and Dalton 2012). A size, not a test."
)

Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """The stored lines of one variable, and how far the arms stand apart in it."""

    rows: tuple[CharacteristicRow, ...]
    balance: BalanceRow | None

    @property
    def first(self) -> CharacteristicRow:
        """Any line of it: what they share is read here."""
        return self.rows[0]

    def in_arm(self, arm: str | None, level: str | None = None) -> CharacteristicRow | None:
        """Return the line of one arm and level."""
        found = (row for row in self.rows if (row.arm, row.level) == (arm, level))
        return next(found, None)

    def missing_in(self, arm: str | None) -> int | None:
        """Return how many people of an arm have no value."""
        found = (row.n_missing for row in self.rows if row.arm == arm)
        return next(found, None)


def characteristics_table(results: StudyResults) -> Table:
    """Return who was studied: a head a variable with its lines under it, a column an arm.

    A continuous variable prints mean (SD) and median [Q1, Q3]; it declares no decimals, so
    its mean prints one (more where the SD is below 1) and its SD one more. A level of a
    categorical one prints its count and percentage. Missing values are counted where there
    are any. An arm without people is left out. No p-value is printed unless the plan asks.
    """
    rows = [row for row in results.characteristics if row.n_subjects]
    arms = ordered_arms(results, (row.arm for row in rows))
    variables = variables_of(rows, results.balance)
    sizes = {row.arm: row.n_subjects + row.n_missing for row in reversed(rows)}
    heads = [f"{arm_label(results.study, arm)} ({n_equals(sizes[arm])})" for arm in arms]
    tested = any(row.p_value is not None for row in results.balance)
    lines: list[tuple[str, ...]] = []
    inset: list[int] = []
    for variable in variables:
        head = (variable_name(results.study, variable.first), *("" for _ in arms))
        lines.append((*head, *balance_cells(results, variable, tested=tested)))
        for line in variable_lines(variable, arms):
            inset.append(len(lines))
            lines.append((*line, *("" for _ in range(bool(results.balance) + tested))))
    return Table(
        id="characteristics",
        title=say("Who was studied"),
        columns=(
            Column(label=say("Characteristic")),
            *(Column(label=head, align="right") for head in heads),
            *balance_columns(results, tested=tested),
        ),
        rows=tuple(lines),
        footnotes=characteristic_notes(results, variables, tested=tested),
        inset=tuple(inset),
    )


def variables_of(
    rows: Iterable[CharacteristicRow], balance: Iterable[BalanceRow]
) -> list[Variable]:
    """Return stored lines variable by variable, in the order in which they are stored."""
    apart: Mapping[Key, BalanceRow] = {(row.column, row.endpoint): row for row in balance}
    found: dict[Key, list[CharacteristicRow]] = {}
    for row in rows:
        found.setdefault((row.column, row.endpoint), []).append(row)
    return [Variable(rows=tuple(lines), balance=apart.get(key)) for key, lines in found.items()]


def variable_name(study: Study, row: CharacteristicRow) -> str:
    """Return what heads the lines of a variable: its name and unit, or what its counts are."""
    if row.endpoint is not None:
        return endpoint_before(study, row)
    if row.level is not None:
        return say("{label}, n\u00a0(%)", label=row.label)
    return f"{row.label}, {row.unit}" if row.unit else row.label


def endpoint_before(study: Study, row: CharacteristicRow) -> str:
    """Return the name of an endpoint's value before treatment, with its short unit."""
    label = endpoint_label(study, row.endpoint)
    unit = typeset_range(row.unit or "").partition(" (")[0]
    if row.visit is None:
        return say("{outcome} before treatment, {unit}", outcome=label, unit=unit)
    visit = mid_sentence(visit_label(study, row.visit))
    return say("{outcome}, {visit}, {unit}", outcome=label, visit=visit, unit=unit)


def variable_lines(variable: Variable, arms: Sequence[str | None]) -> list[tuple[str, ...]]:
    """Return the lines under the head of a variable: its numbers by arm, and who has none."""
    if variable.first.level is None:
        decimals = characteristic_decimals(variable.rows)
        cells = [variable.in_arm(arm) for arm in arms]
        lines = [
            (say("mean (SD)"), *(mean_cell(row, decimals) for row in cells)),
            (say("median [Q1, Q3]"), *(median_cell(row, decimals) for row in cells)),
        ]
    else:
        levels = dict.fromkeys(row.level for row in variable.rows)
        lines = [
            (level or "", *(level_cell(variable.in_arm(arm, level)) for arm in arms))
            for level in levels
        ]
    if any(row.n_missing for row in variable.rows):
        missing = (format_integer(variable.missing_in(arm)) for arm in arms)
        lines.append((say("no value, n"), *missing))
    return lines


def mean_cell(row: CharacteristicRow | None, decimals: int) -> str:
    """Return the mean and standard deviation of a continuous variable."""
    return MISSING if row is None else format_mean_sd(row.mean, row.std_dev, decimals)


def median_cell(row: CharacteristicRow | None, decimals: int) -> str:
    """Return the median and quartiles of a continuous variable."""
    if row is None:
        return MISSING
    return format_median_quartiles(row.median, row.quartile_1, row.quartile_3, decimals)


def level_cell(row: CharacteristicRow | None) -> str:
    """Return the count and percentage of a level."""
    if row is None or row.count is None:
        return MISSING
    percent = format_percent(row.count, row.n_subjects, PERCENT_DECIMALS)
    return f"{format_integer(row.count)} ({percent})"


def characteristic_decimals(rows: Iterable[CharacteristicRow]) -> int:
    """Return the decimals that show the spread of the least variable arm."""
    spreads = [row.std_dev for row in rows if row.std_dev]
    return max(1, 1 + ceil(-log10(min(spreads)))) if spreads else 1


def balance_columns(results: StudyResults, *, tested: bool) -> tuple[Column, ...]:
    """Return the columns of how far the arms stand apart, where that is stored."""
    if not results.balance:
        return ()
    size = Column(label=say("Standardised difference"), align="decimal")
    return (size, *(Column(label="p", align="decimal") for _ in range(tested)))


def balance_cells(results: StudyResults, variable: Variable, *, tested: bool) -> tuple[str, ...]:
    """Return how far the arms stand apart in one variable."""
    if not results.balance:
        return ()
    row = variable.balance
    size = None if row is None else row.standardised_difference
    p_value = None if row is None else row.p_value
    return (
        format_number(size, RATIO_DECIMALS),
        *(format_p_value(p_value) for _ in range(tested)),
    )


def characteristic_notes(
    results: StudyResults, variables: Sequence[Variable], *, tested: bool
) -> tuple[str, ...]:
    """Return whose table it is, and how to read its lines."""
    if not variables:
        return (say("No characteristics of the participants are stored."),)
    study = results.study
    notes = [say("People: {population}.", population=mid_sentence(main_population(study)))]
    if any(variable.first.level is not None for variable in variables):
        notes.append(say(SHARES))
    if any(map(has_unnamed_levels, variables)):
        notes.append(say(UNNAMED))
    if results.balance:
        row = results.balance[0]
        contrast = contrast_label(study, row.arm, row.reference_arm)
        notes.append(say(STANDARDISED, contrast=contrast))
    if tested:
        notes.append(say(TESTED))
    elif study.study.randomised and len(study.arm) > 1:
        notes.append(say(NO_TEST))
    return tuple(notes)


def main_population(study: Study) -> str:
    """Return the people whom summaries speak of: the population of the main analysis."""
    for analysis in study.main_analyses:
        if analysis.data == "participants":
            return study.find_population(study.find_estimand(analysis.estimand).population).label
    return study.population[0].label


def has_unnamed_levels(variable: Variable) -> bool:
    """Return whether people of a categorical variable are at levels that are not shown."""
    whole = [row for row in variable.rows if row.count is not None]
    arms = dict.fromkeys(row.arm for row in whole)
    return any(
        sum(row.count or 0 for row in whole if row.arm == arm)
        < next(row.n_subjects for row in whole if row.arm == arm)
        for arm in arms
    )


def ordered_arms(results: StudyResults, found: Iterable[str | None]) -> list[str | None]:
    """Return the arms that occur, in the order of the study, everyone last."""
    occurring = set(found)
    listed: list[str | None] = [arm.id for arm in results.study.arm]
    return [arm for arm in (*listed, None) if arm in occurring]


def completion_table(results: StudyResults) -> Table:
    """Return whose values are there: a row an endpoint and visit, a column an arm.

    Endpoints of main questions have tables of their own, with reasons, and are left out.
    """
    shown = {count.endpoint for count in results.missing}
    stored = results.certificate.visits if results.certificate else ()
    counts = [count for count in stored if count.endpoint not in shown]
    arms = ordered_arms(results, (count.arm for count in counts))
    places = list(dict.fromkeys((count.endpoint, count.visit) for count in counts))
    order = {visit.id: visit.order for visit in results.study.visit}
    first = [endpoint for endpoint, _ in places]
    places.sort(key=lambda place: (first.index(place[0]), order.get(place[1], 0)))
    return Table(
        id="completion",
        title=say("People with a value, of all people in the arm"),
        columns=(
            Column(label=say("Endpoint")),
            Column(label=say("Visit")),
            *(
                Column(
                    label=say("{arm}, n/N (%)", arm=arm_label(results.study, arm)), align="right"
                )
                for arm in arms
            ),
        ),
        rows=tuple(
            (
                endpoint_label(results.study, endpoint),
                visit_label(results.study, visit),
                *(completion_cell(counts, endpoint, visit, arm) for arm in arms),
            )
            for endpoint, visit in places
        ),
        footnotes=() if stored else (say(NO_PARTICIPANTS),),
    )


def completion_cell(
    counts: Sequence[VisitCount], endpoint: str, visit: str, arm: str | None
) -> str:
    """Return n with a value out of N in an arm."""
    for count in counts:
        if (count.endpoint, count.visit, count.arm) == (endpoint, visit, arm):
            return format_count(count.n_with_value, count.n_subjects)
    return MISSING
