"""Printed figures of a study: aggregate numbers, each with where it was read."""

import csv
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from trialkit.errors import Finding, SpecificationError
from trialkit.study.specification import Frozen, Text
from trialkit.terms import FigureOrigin, FigureQuantity

Blank = BeforeValidator(lambda value: None if value == "" else value)
Number = Annotated[Annotated[float, Field(strict=False)] | None, Blank]
Spread = Annotated[Annotated[float, Field(strict=False, ge=0)] | None, Blank]
Probability = Annotated[Annotated[float, Field(strict=False, ge=0, le=1)] | None, Blank]
Level = Annotated[Annotated[float, Field(strict=False, ge=0.5, lt=1)] | None, Blank]
Count = Annotated[Annotated[int, Field(strict=False, ge=0)] | None, Blank]
Word = Annotated[str | None, Blank]


class PublishedFigure(Frozen):
    """One printed (or, from public data, recomputed) aggregate figure.

    ``mean`` and ``change`` rows give the mean of an arm, with n and SD where they are
    printed; ``responders`` rows give events out of n under the rule named in ``responder``;
    ``mean_difference`` rows give an estimate of arm minus reference arm with its standard
    error or limits; ``p_value`` rows give a printed p-value and nothing else. ``trial``
    tells the rows of several trials apart, ``subgroup`` says of what kind a trial is. Every
    figure has the digits that were printed.
    """

    quantity: FigureQuantity
    endpoint: Text
    visit: Text
    population: Text
    arm: Word = None
    reference_arm: Word = None
    trial: Word = None
    subgroup: Word = None
    responder: Word = None
    n_subjects: Count = None
    events: Count = None
    estimate: Number = None
    std_dev: Spread = None
    std_error: Spread = None
    conf_low: Number = None
    conf_high: Number = None
    conf_level: Level = None
    p_value: Probability = None
    origin: FigureOrigin
    source: Text

    @model_validator(mode="after")
    def _figures_agree(self) -> "PublishedFigure":
        if None not in (self.events, self.n_subjects) and self.events > self.n_subjects:  # type: ignore[operator]
            raise ValueError(f"{self.events} events among {self.n_subjects} people")
        ordered = [self.conf_low, self.estimate, self.conf_high]
        known = [value for value in ordered if value is not None]
        if known != sorted(known):
            raise ValueError("conf_low, estimate and conf_high are not in order")
        return self


COLUMNS = tuple(PublishedFigure.model_fields)
REQUIRED = {
    "mean": ("arm", "estimate"),
    "change": ("arm", "estimate"),
    "responders": ("arm", "n_subjects", "events"),
    "mean_difference": ("arm", "reference_arm", "estimate"),
    "p_value": ("p_value",),
}
ROW = TypeAdapter(PublishedFigure)


def read_published_figures(path: Path) -> tuple[PublishedFigure, ...]:
    """Read a table of printed figures.

    Raises
    ------
    SpecificationError
        If the file is no table, a column is unknown, a figure is impossible, or a row
        lacks what its quantity needs; every mistake is listed with its line.
    """
    header, *rows = table_rows(path)
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        where, found = f"{path.name} header", ", ".join(unknown)
        raise SpecificationError(
            f"{path.name} cannot be read",
            [Finding(where=where, expected="known columns", allowed=COLUMNS, found=found)],
        )
    figures: list[PublishedFigure] = []
    findings: list[Finding] = []
    for line, row in enumerate(rows, start=2):
        figure, wrong = read_figure(
            dict(zip(header, row, strict=False)), f"{path.name} line {line}"
        )
        if len(row) != len(header):
            expected, found = f"{len(header)} fields", str(len(row))
            wrong = [Finding(where=f"{path.name} line {line}", expected=expected, found=found)]
        findings += wrong
        figures += [figure] if figure is not None else []
    if findings:
        raise SpecificationError(f"{path.name} has {len(findings)} mistakes", findings)
    return tuple(figures)


def table_rows(path: Path) -> list[list[str]]:
    """Return head and rows of a CSV file, blank lines left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream, strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SpecificationError(f"{path.name} is not a CSV file in UTF-8: {error}") from error
    if not rows:
        raise SpecificationError(f"{path.name}: expected a table with a head, found an empty file")
    return rows


def read_figure(row: dict[str, str], where: str) -> tuple[PublishedFigure | None, list[Finding]]:
    """Return one figure, or what is wrong with its row."""
    try:
        figure = ROW.validate_python(row)
    except ValidationError as error:
        return None, [
            Finding(
                where=", ".join([where, *map(str, item["loc"])]),
                expected=item["msg"].removeprefix("Value error, "),
                found=repr(item["input"]) if item["loc"] else "this row",
            )
            for item in error.errors()
        ]
    lacking = [name for name in REQUIRED[figure.quantity] if getattr(figure, name) is None]
    if not lacking:
        return figure, []
    expected = f"{', '.join(lacking)} for quantity {figure.quantity}"
    return figure, [Finding(where=where, expected=expected, found="nothing")]
