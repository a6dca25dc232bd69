"""Tables of people: who was studied, how many went where, and whose values are there."""

from collections.abc import Iterable, Sequence
from math import ceil, log10
from typing import Final

from trialkit.present.exhibit import Column, Table
from trialkit.present.format import (
    MISSING,
    PERCENT_DECIMALS,
    format_count,
    format_integer,
    format_mean_sd,
    format_median_quartiles,
    format_percent,
    n_equals,
)
from trialkit.present.labels import arm_label, endpoint_label, visit_label
from trialkit.result.study_results import CharacteristicRow, FlowCount, StudyResults, VisitCount

NO_PARTICIPANTS: Final = "No participant data are at hand: printed figures only."


def characteristics_table(results: StudyResults) -> Table:
    """Return who was studied: a row a characteristic or level, a column an arm.

    A continuous characteristic prints mean (SD) and median [Q1, Q3]; it declares no
    decimals, so its mean prints one (more where the SD is below 1) and its SD one more.
    A level of a categorical one prints its count and percentage. An arm without people is left out.
    No p-value is printed: arms made by chance differ by chance.
    """
    rows = [row for row in results.characteristics if row.n_subjects]
    arms = ordered_arms(results, (row.arm for row in rows))
    sizes = {row.arm: row.n_subjects for row in reversed(rows)}
    heads = [f"{arm_label(results.study, arm)} ({n_equals(sizes[arm])})" for arm in arms]
    keys = list(dict.fromkeys((row.column, row.level) for row in rows))
    return Table(
        id="characteristics",
        title="Who was studied",
        columns=(
            Column(label="Characteristic"),
            *(Column(label=head, align="right") for head in heads),
        ),
        rows=tuple(line for key in keys for line in characteristic_lines(rows, key, arms)),
        footnotes=() if rows else ("No characteristics of the participants are stored.",),
    )


def ordered_arms(results: StudyResults, found: Iterable[str | None]) -> list[str | None]:
    """Return the arms that occur, in the order of the study, everyone last."""
    occurring = set(found)
    listed: list[str | None] = [arm.id for arm in results.study.arm]
    return [arm for arm in (*listed, None) if arm in occurring]


def characteristic_lines(
    rows: Sequence[CharacteristicRow], key: tuple[str, str | None], arms: Sequence[str | None]
) -> list[tuple[str, ...]]:
    """Return the lines of one characteristic (two) or one level (one)."""
    found = {row.arm: row for row in rows if (row.column, row.level) == key}
    cells = [found.get(arm) for arm in arms]
    first = next(iter(found.values()))
    name = f"{first.label}, {first.unit}" if first.unit else first.label
    if first.level is not None:
        return [(f"{name}: {first.level}, n (%)", *map(level_cell, cells))]
    decimals = characteristic_decimals(found.values())
    return [
        (
            f"{name}: mean (SD)",
            *(
                MISSING if row is None else format_mean_sd(row.mean, row.std_dev, decimals)
                for row in cells
            ),
        ),
        (
            f"{name}: median [Q1, Q3]",
            *(MISSING if row is None else median_cell(row, decimals) for row in cells),
        ),
    ]


def level_cell(row: CharacteristicRow | None) -> str:
    """Return the count and percentage of a level."""
    if row is None or row.count is None:
        return MISSING
    percent = format_percent(row.count, row.n_subjects, PERCENT_DECIMALS)
    return f"{format_integer(row.count)} ({percent})"


def median_cell(row: CharacteristicRow, decimals: int) -> str:
    """Return the median and quartiles of a continuous characteristic."""
    return format_median_quartiles(row.median, row.quartile_1, row.quartile_3, decimals)


def characteristic_decimals(rows: Iterable[CharacteristicRow]) -> int:
    """Return the decimals that show the spread of the least variable arm."""
    spreads = [row.std_dev for row in rows if row.std_dev]
    return max(1, 1 + ceil(-log10(min(spreads)))) if spreads else 1


def flow_table(results: StudyResults) -> Table:
    """Return how many people stood at each stage: a row a stage, a column an arm."""
    flow = results.flow
    stages = list(dict.fromkeys((count.stage, count.reason) for count in flow))
    arms = ordered_arms(results, (count.arm for count in flow))
    return Table(
        id="flow",
        title="People at each stage of the study",
        columns=(
            Column(label="Stage"),
            Column(label="Reason"),
            *(Column(label=arm_label(results.study, arm), align="right") for arm in arms),
        ),
        rows=tuple(
            (stage, reason or MISSING, *(flow_cell(flow, stage, reason, arm) for arm in arms))
            for stage, reason in stages
        ),
        footnotes=() if flow else ("No participant flow is stored.",),
    )


def flow_cell(flow: Sequence[FlowCount], stage: str, reason: str | None, arm: str | None) -> str:
    """Return the number of people of an arm at a stage."""
    for count in flow:
        if (count.stage, count.reason, count.arm) == (stage, reason, arm):
            return format_integer(count.n_subjects)
    return MISSING


def completion_table(results: StudyResults) -> Table:
    """Return whose values are there: a row an endpoint and visit, a column an arm."""
    counts = results.certificate.visits if results.certificate else ()
    arms = ordered_arms(results, (count.arm for count in counts))
    places = list(dict.fromkeys((count.endpoint, count.visit) for count in counts))
    order = {visit.id: visit.order for visit in results.study.visit}
    first = [endpoint for endpoint, _ in places]
    places.sort(key=lambda place: (first.index(place[0]), order.get(place[1], 0)))
    return Table(
        id="completion",
        title="People with a value, of all people in the arm",
        columns=(
            Column(label="Endpoint"),
            Column(label="Visit"),
            *(
                Column(label=f"{arm_label(results.study, arm)}, n/N (%)", align="right")
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
        footnotes=() if counts else (NO_PARTICIPANTS,),
    )


def completion_cell(
    counts: Sequence[VisitCount], endpoint: str, visit: str, arm: str | None
) -> str:
    """Return n with a value out of N in an arm."""
    for count in counts:
        if (count.endpoint, count.visit, count.arm) == (endpoint, visit, arm):
            return format_count(count.n_with_value, count.n_subjects)
    return MISSING
