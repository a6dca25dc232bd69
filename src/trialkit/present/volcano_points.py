"""What a volcano figure is made of: a point an endpoint, and the line that decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

from trialkit.errors import SpecificationError
from trialkit.present.labels import short_unit
from trialkit.present.p_value_panel import step_thresholds
from trialkit.present.table_plan import family_size
from trialkit.present.vocabulary import (
    PROCEDURES,
)
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.specification import Endpoint
from trialkit.terms import Procedure, Quantity

# A change, a mean change over the standard deviation of changes, or t between arms.
Across = Literal["change", "d_z", "t"]
PANEL_QUANTITIES: Final[tuple[Quantity, ...]] = ("change", "mean_difference")
DEFAULT_LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One endpoint of a panel: where it lies, and whether its test stands."""

    label: str
    row: Estimate
    x: float
    p_value: float
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Volcano:
    """All points of a panel, smallest p first.

    ``limit`` is the largest p-value that would stand in this family, None where its
    procedure has no such line. ``across`` says what ``x`` is; ``unit`` is that of changes,
    empty where they share none that is declared.
    """

    points: tuple[Point, ...]
    limit: float | None
    alpha: float
    procedure: Procedure | None
    across: Across
    unit: str

    @property
    def standing(self) -> tuple[Point, ...]:
        """The points whose tests stand."""
        return tuple(point for point in self.points if point.stands)


def volcano_points(
    results: StudyResults, record: AnalysisRecord, *, standardise: bool | None = None
) -> Volcano:
    """Return the points of a panel's record.

    The horizontal axis is the change, or standardised: d_z, the mean change over the standard
    deviation of the changes, or t between arms. Unless told, it is the change where every
    endpoint is declared with the same unit.

    Raises
    ------
    SpecificationError
        If the record holds no tested change of an endpoint.
    """
    rows = changes_with_test(record)
    if not rows:
        raise SpecificationError(f"analysis {record.analysis!r}: no tested change to draw")
    alpha = DEFAULT_LEVEL if record.alpha is None else record.alpha
    procedure = procedure_of(record)
    endpoints = {endpoint.id: endpoint for endpoint in results.study.endpoint}
    unit = common_unit(rows, endpoints)
    free = unit is None if standardise is None else standardise
    points = [
        Point(
            label=endpoint_name(row, endpoints),
            row=row,
            x=standardised(row) if free else row.estimate or 0.0,
            p_value=row.p_value or 0.0,
            stands=stands(row, alpha),
        )
        for row in rows
    ]
    points.sort(key=lambda point: (point.p_value, point.label))
    return Volcano(
        points=tuple(points),
        limit=decision_line(results, record, points, alpha=alpha, procedure=procedure),
        alpha=alpha,
        procedure=procedure,
        across=across_of(rows[0]) if free else "change",
        unit=unit or "",
    )


def changes_with_test(record: AnalysisRecord) -> list[Estimate]:
    """Return the rows of a record that carry a test of a change."""
    estimates = () if record.result is None else record.result.estimates
    return [
        row
        for row in estimates
        if row.quantity in PANEL_QUANTITIES
        and row.p_value is not None
        and row.statistic is not None
    ]


def endpoint_name(row: Estimate, endpoints: dict[str, Endpoint]) -> str:
    """Return the label of a row's endpoint, or its id where the study has no such endpoint."""
    if row.parameter in endpoints:
        return endpoints[row.parameter].label
    return "" if row.parameter is None else str(row.parameter)


def common_unit(rows: Iterable[Estimate], endpoints: dict[str, Endpoint]) -> str | None:
    """Return the unit that all endpoints share, or None."""
    units = {
        short_unit(endpoints[row.parameter]) if row.parameter in endpoints else None for row in rows
    }
    return units.pop() if len(units) == 1 else None


def across_of(row: Estimate) -> Across:
    """Return what a standardised change of a row is."""
    return "d_z" if row.quantity == "change" else "t"


def standardised(row: Estimate) -> float:
    """Return a change on a scale without a unit: d_z of a paired change, t between arms."""
    statistic = row.statistic or 0.0
    if row.quantity == "change" and row.n_subjects:
        return statistic / sqrt(row.n_subjects)
    return statistic


def stands(row: Estimate, alpha: float) -> bool:
    """Return whether a test is within its level after adjustment, if it has one."""
    p = row.p_value if row.p_adjusted is None else row.p_adjusted
    return p is not None and p <= alpha


def procedure_of(record: AnalysisRecord) -> Procedure | None:
    """Return the adjustment of a record: its family's, else the panel's own."""
    named: str | None = record.procedure
    if named is None and record.result is not None:
        own = [item.value for item in record.result.fit if item.name == "procedure"]
        named = str(own[0]) if own else None
    return next((word for word in PROCEDURES if word == named), None)


def decision_line(
    results: StudyResults,
    record: AnalysisRecord,
    points: Sequence[Point],
    *,
    alpha: float,
    procedure: Procedure | None,
) -> float | None:
    """Return the line between p-values that stand and the others.

    With k of m standing it is the threshold of the k-th smallest p, of Holm's procedure that
    of the first which fails; None where other analyses belong to the family too, or the
    procedure has no line.
    """
    if procedure is None or not whole_family(results, record, len(points)):
        return None
    steps = step_thresholds(len(points), alpha=alpha, procedure=procedure)
    count = sum(point.stands for point in points)
    place = count if procedure == "holm" else count - 1
    return steps[min(max(place, 0), len(steps) - 1)]


def whole_family(results: StudyResults, record: AnalysisRecord, count: int) -> bool:
    """Return whether the points are all tests of their family."""
    planned = [item for item in results.study.analysis if item.id == record.analysis]
    if not planned or planned[0].family is None:
        return True
    return family_size(results, planned[0].family) == count
