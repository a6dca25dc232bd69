"""What a diagram of mediation says: its numbers, its words, its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trialkit.language.speech import say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import (
    format_number,
    format_p_value,
    format_quantity,
    format_quantity_interval,
)
from trialkit.present.labels import (
    arm_label,
    contrast_label,
    endpoint_label,
    row_decimals,
    row_endpoint,
    short_unit,
)
from trialkit.present.palette import LINE, arm_colours
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.study import Study

SHOWN: Final = (
    "total_effect",
    "direct_effect",
    "indirect_effect",
    "proportion_mediated",
    "path",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """An estimate as it is printed, and whether its interval leaves out zero."""

    estimate: str
    interval: str
    is_apart: bool

    @property
    def text(self) -> str:
        """The estimate with its interval."""
        return f"{self.estimate} ({self.interval})" if self.interval else self.estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One mediator of a panel: its label and unit, both arrows, and their product."""

    label: str
    unit: str
    a: Number
    b: Number
    through: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One arm against the reference."""

    arm: str
    reference: str
    compared: str
    outcome: str
    unit: str
    is_change: bool
    colour: str
    total: Number
    direct: Number
    passages: tuple[Passage, ...]

    def measured_in(self, unit: str) -> str:
        """Return a unit as a box says it: of values after, or of changes."""
        return ", ".join(filter(None, (say("change") if self.is_change else "", unit)))


def read_panel(results: StudyResults, record: AnalysisRecord, total: Estimate) -> Panel:
    """Return what one arm's panel shows."""
    study, rows = results.study, record.result.estimates if record.result else ()
    own = [row for row in rows if row.arm == total.arm]
    endpoint = row_endpoint(results, record.analysis, total)
    decimals = row_decimals(endpoint)
    direct = next(row for row in own if row.quantity == "direct_effect")
    paths = {row.term: row for row in rows if row.quantity == "path" and row.arm is None}
    paths |= {row.term: row for row in own if row.quantity == "path"}
    mediators = [term.removeprefix("b: ") for term in paths if term and term.startswith("b: ")]
    through = {row.term: row for row in own if row.quantity == "indirect_effect"}
    return Panel(
        arm=arm_label(study, total.arm),
        reference=arm_label(study, total.reference_arm),
        compared=contrast_label(study, total.arm, total.reference_arm),
        outcome=endpoint.label if endpoint else say("Outcome"),
        unit=short_unit(endpoint) if endpoint else "",
        is_change=any(
            plan.id == record.analysis and plan.outcome == "change" for plan in study.analysis
        ),
        colour=arm_colours(study).get(total.arm or "", LINE),
        total=printed(total, decimals),
        direct=printed(direct, decimals),
        passages=tuple(
            Passage(
                label=endpoint_label(study, mediator),
                unit=mediator_unit(study, mediator),
                a=printed(paths[f"a: {mediator}"], decimals),
                b=printed(paths[f"b: {mediator}"], decimals),
                through=printed(through[mediator], decimals),
            )
            for mediator in mediators
        ),
    )


def printed(row: Estimate, decimals: int) -> Number:
    """Return a row as it is printed."""
    known = row.conf_low is not None and row.conf_high is not None
    return Number(
        estimate=format_quantity(row.estimate, row.quantity, decimals),
        interval=format_quantity_interval(row.conf_low, row.conf_high, row.quantity, decimals)
        if known
        else "",
        is_apart=known and not (row.conf_low or 0.0) <= 0.0 <= (row.conf_high or 0.0),
    )


def mediator_unit(study: Study, mediator: str) -> str:
    """Return the unit of a mediator that is an endpoint of the study."""
    return next((short_unit(item) for item in study.endpoint if item.id == mediator), "")


def panel_sentence(panel: Panel, level: str) -> str:
    """Return in words what a panel shows."""
    unit = f" {panel.unit}" if panel.unit else ""
    parts = "; ".join(
        say(
            "through {mediator} {through}, from {a} in the mediator and {b} per unit of it",
            mediator=passage.label,
            through=passage.through.text,
            a=passage.a.text,
            b=passage.b.text,
        )
        for passage in panel.passages
    )
    return say(
        "{compared}, {outcome}: whole difference {total} ({level} interval {limits}); {parts}; "
        "not through the mediators {direct}.",
        compared=panel.compared,
        outcome=panel.outcome,
        total=f"{panel.total.estimate}{unit}",
        level=level,
        limits=panel.total.interval,
        parts=parts,
        direct=panel.direct.text,
    )


def robustness(study: Study, rows: Sequence[Estimate], outcome: str) -> tuple[str, ...]:
    """Return how strong an unmeasured common cause would have to be, mediator by mediator."""
    found = [
        f"{endpoint_label(study, row.term.removeprefix('rho: '))} {format_number(row.estimate, 2)}"
        for row in rows
        if row.quantity == "sensitivity" and row.term and row.term.startswith("rho: ")
    ]
    if not found:
        return ()
    text = say(
        "Nobody was randomised to a mediator. An unmeasured common cause would leave nothing of a "
        "part if it correlated the errors of mediator and {outcome} by: {found}.",
        outcome=outcome,
        found=", ".join(found),
    )
    return (text,)


def mediation_table(
    results: StudyResults, record: AnalysisRecord, figure_id: str, level: str
) -> Table:
    """Return the numbers of the diagram."""
    rows = record.result.estimates if record.result else ()
    shown = [row for row in rows if row.quantity in SHOWN]
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=say("Effect")),
            Column(label=say("Estimate"), align="decimal"),
            Column(label=say("{level} interval", level=level).strip(), align="right"),
            Column(label="p", align="decimal"),
        ),
        rows=tuple(table_row(results, record, row) for row in shown),
    )


def table_row(
    results: StudyResults, record: AnalysisRecord, row: Estimate
) -> tuple[str, str, str, str]:
    """Return one line of the table."""
    number = printed(row, row_decimals(row_endpoint(results, record.analysis, row)))
    unit = "\u00a0%" if row.quantity == "proportion_mediated" and row.estimate is not None else ""
    p_value = format_p_value(row.p_value)
    return row_name(results.study, row), number.estimate + unit, number.interval, p_value


def row_name(study: Study, row: Estimate) -> str:
    """Return what a line of the table is about."""
    compared = contrast_label(study, row.arm, row.reference_arm) if row.arm else ""
    term = row.term or ""
    mediator = endpoint_label(study, term.removeprefix("a: ").removeprefix("b: "))
    words = {
        "total_effect": say("whole difference"),
        "direct_effect": say("not through the mediators"),
        "indirect_effect": say("through {mediator}", mediator=mediator),
        "proportion_mediated": say("share through {mediator}", mediator=mediator),
    }
    if row.quantity == "path":
        if compared:
            return f"{compared}: {mediator}"
        return say("Outcome per unit of {mediator}", mediator=mediator)
    return f"{compared}: {words[row.quantity]}"
