"""Printed figures of a study: aggregate numbers, each with where it was read."""

import csv
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from trialkit.errors import Finding, SpecificationError
from trialkit.study.specification import Frozen, Text
from trialkit.terms import FigureOrigin, FigureQuantity

Blank = BeforeValidator(lambda value: None if value == "" else value)
Number = Annotated[Annotated[float, Field(strict=False)] | None, Blank]
Count = Annotated[Annotated[int, Field(strict=False, ge=0)] | None, Blank]
Word = Annotated[str | None, Blank]


class PublishedFigure(Frozen):
    """One printed (or, from public data, recomputed) aggregate figure.

    ``mean`` and ``change`` rows give the mean of an arm, with n and SD where they are
    printed; ``responders`` rows give events out of n under the rule named in ``responder``;
    ``mean_difference`` rows give an estimate of arm minus reference arm with its standard
    error or limits; ``p_value`` rows give a printed p-value and nothing else. Every figure
    has the digits that were printed.
    """

    quantity: FigureQuantity
    endpoint: Text
    visit: Text
    population: Text
    arm: Word = None
    reference_arm: Word = None
    responder: Word = None
    n_subjects: Count = None
    events: Count = None
    estimate: Number = None
    std_dev: Number = None
    std_error: Number = None
    conf_low: Number = None
    conf_high: Number = None
    conf_level: Number = None
    p_value: Number = None
    origin: FigureOrigin
    source: Text


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
        If a column is unknown or a row lacks what its quantity needs; every mistake is
        listed with its line.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        header = tuple(reader.fieldnames or ())
        unknown = [name for name in header if name not in COLUMNS]
        if unknown or not header:
            raise SpecificationError(
                f"{path.name} cannot be read",
                [
                    Finding(
                        where=f"{path.name} header",
                        expected="known columns",
                        allowed=COLUMNS,
                        found=", ".join(unknown) or "an empty file",
                    )
                ],
            )
        rows = list(reader)
    figures: list[PublishedFigure] = []
    findings: list[Finding] = []
    for line, row in enumerate(rows, start=2):
        try:
            figure = ROW.validate_python(row)
        except ValidationError as error:
            findings += [
                Finding(
                    where=f"{path.name} line {line}, {'.'.join(map(str, item['loc']))}",
                    expected=item["msg"],
                    found=repr(item["input"]),
                )
                for item in error.errors()
            ]
            continue
        lacking = [name for name in REQUIRED[figure.quantity] if getattr(figure, name) is None]
        if lacking:
            findings.append(
                Finding(
                    where=f"{path.name} line {line}",
                    expected=f"{', '.join(lacking)} for quantity {figure.quantity}",
                    found="nothing",
                )
            )
        figures.append(figure)
    if findings:
        raise SpecificationError(f"{path.name} has {len(findings)} mistakes", findings)
    return tuple(figures)
