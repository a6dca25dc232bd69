"""The table of an endpoint's values: by arm and visit."""

from collections.abc import Sequence

from trialkit.language.speech import say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import (
    MISSING,
    format_integer,
    format_level,
    format_mean_sd,
    format_median_quartiles,
    format_quantity_interval,
)
from trialkit.present.labels import arm_label, axis_text, short_unit, visit_label
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import StudyResults
from trialkit.terms import Quantity


def descriptive_rows(
    results: StudyResults, endpoint_id: str
) -> dict[tuple[str | None, str | None], dict[Quantity, Estimate]]:
    """Return the stored descriptive figures of an endpoint by (arm, visit), in study order."""
    study = results.study
    found: dict[tuple[str | None, str | None], dict[Quantity, Estimate]] = {}
    for result in results.descriptives:
        for row in result.select(parameter=endpoint_id):
            found.setdefault((row.arm, row.visit), {})[row.quantity] = row
    arms = {arm.id: position for position, arm in enumerate(study.arm)}
    visits = {visit.id: visit.order for visit in study.visit}
    keys = sorted(found, key=lambda key: (arms.get(key[0] or "", 99), visits.get(key[1] or "", 99)))
    return {key: found[key] for key in keys}


def descriptives_table(results: StudyResults, endpoint_id: str) -> Table:
    """Return an endpoint by arm and visit: n, mean (SD), median [Q1, Q3], interval.

    Means, medians, quartiles and limits print the decimals of the endpoint, the SD one
    more.
    """
    endpoint = results.study.find_endpoint(endpoint_id)
    found = descriptive_rows(results, endpoint_id)
    unit = short_unit(endpoint)
    level = interval_head([rows["mean"] for rows in found.values() if "mean" in rows])
    return Table(
        id=f"descriptives-{endpoint_id}",
        title=say("{outcome}: by arm and visit", outcome=axis_text(endpoint)),
        columns=(
            Column(label=say("Arm")),
            Column(label=say("Visit")),
            Column(label="n", align="right"),
            Column(label=say("Mean (SD), {unit}", unit=unit), align="right"),
            Column(label=say("Median [Q1, Q3], {unit}", unit=unit), align="right"),
            Column(
                label=say("{interval} of the mean, {unit}", interval=level, unit=unit),
                align="right",
            ),
        ),
        rows=tuple(
            (
                arm_label(results.study, arm),
                visit_label(results.study, visit),
                *descriptive_cells(rows, endpoint.decimals),
            )
            for (arm, visit), rows in found.items()
        ),
        footnotes=() if found else (say("No descriptive statistics of it are stored."),),
    )


def descriptive_cells(rows: dict[Quantity, Estimate], decimals: int) -> tuple[str, ...]:
    """Return the four cells that describe an arm at a visit."""
    value = {quantity: row.estimate for quantity, row in rows.items()}
    mean = rows.get("mean")
    return (
        format_integer(next(iter(rows.values())).n_subjects),
        format_mean_sd(value.get("mean"), value.get("std_dev"), decimals),
        format_median_quartiles(
            value.get("median"), value.get("quartile_1"), value.get("quartile_3"), decimals
        ),
        MISSING
        if mean is None
        else format_quantity_interval(mean.conf_low, mean.conf_high, "mean", decimals),
    )


def interval_head(rows: Sequence[Estimate]) -> str:
    """Return the head of an interval column: its level, where all rows share one."""
    levels = {row.conf_level for row in rows if row.conf_level is not None}
    if len(levels) != 1:
        return say("Interval")
    return say("{level} interval", level=format_level(levels.pop()))
