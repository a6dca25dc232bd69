"""What stands in a drawing: its words and where they lie, its dots, its size."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from present import sample
from trialkit.present import canvas, estimation_drawing, figure_contrast, figure_forest
from trialkit.present.exhibit import Figure
from trialkit.result.analysis_result import AnalysisResult
from trialkit.result.study_results import StudyResults

WRITERS = [
    module
    for module in (canvas, estimation_drawing, figure_contrast, figure_forest)
    if hasattr(module, "write")
]


@dataclass(frozen=True)
class Words:
    """One line of text as it was written: where it begins and ends, its base line and size."""

    text: str
    left: float
    right: float
    base: float
    size: float

    def touches(self, other: "Words") -> bool:
        """Return whether two lines of text lie over each other."""
        apart = self.right <= other.left + 0.5 or other.right <= self.left + 0.5
        below = abs(self.base - other.base) >= 0.72 * min(self.size, other.size)
        return not (apart or below)


def written(monkeypatch: Any, draw: Callable[[], Figure]) -> tuple[Figure, list[Words]]:
    """Return a figure and every line of text that was written into it."""
    lines: list[Words] = []
    write = canvas.write

    def watched(sheet: Any, x: float, y: float, text: str, **options: Any) -> None:
        size, bold = options.get("size", canvas.BODY), options.get("bold", False)
        width = canvas.text_width(text, size=size, bold=bold)
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[options.get("across", "left")]
        left = x - share * width
        if text.strip():
            lines.append(Words(text, left, left + width, y, size))
        write(sheet, x, y, text, **options)

    for module in WRITERS:
        monkeypatch.setattr(module, "write", watched)
    return draw(), lines


def collisions(lines: list[Words]) -> list[tuple[str, str]]:
    """Return the pairs of texts that lie over each other."""
    return [
        (one.text, other.text)
        for position, one in enumerate(lines)
        for other in lines[position + 1 :]
        if one.touches(other)
    ]


def outside(lines: list[Words], figure: Figure) -> list[str]:
    """Return the texts that stick out of their sheet by more than a hair."""
    width, height = size(figure)
    return [
        line.text
        for line in lines
        if line.left < -0.5
        or line.right > width + 0.5
        or line.base > height + 0.5
        or line.base - 0.7 * line.size < -0.5
    ]


def dots(figure: Figure, colour: str) -> list[tuple[float, float]]:
    """Return where the round marks of a colour stand."""
    return [
        (float(use.get("x")), float(use.get("y")))
        for use in etree.fromstring(figure.svg.encode()).iter("{*}use")
        if colour in (use.get("style") or "")
    ]


def colours(figure: Figure) -> set[str]:
    """Return every colour in a drawing."""
    return set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", figure.svg))


def size(figure: Figure) -> tuple[float, float]:
    """Return the width and height of a drawing."""
    _, _, width, height = etree.fromstring(figure.svg.encode()).get("viewBox").split()
    return float(width), float(height)


def scaled(results: StudyResults, factor: float) -> StudyResults:
    """Return results whose scores are all so many times as large, on a scale as long."""
    endpoint = results.study.endpoint[0]
    scale = endpoint.scale.model_copy(
        update={"maximum": 10 * factor, "unit": f"points (0-{10 * factor:g})"}
    )
    study = results.study.model_copy(
        update={"endpoint": (endpoint.model_copy(update={"scale": scale, "margin": None}),)}
    )

    def stretched(result: AnalysisResult) -> AnalysisResult:
        names = ("estimate", "conf_low", "conf_high")
        return result.with_estimates(
            replace(
                row,
                **{
                    name: value * factor
                    for name in names
                    if (value := getattr(row, name)) is not None
                    and row.quantity not in {"proportion", "risk_difference"}
                },
            )
            for row in result.estimates
        )

    return replace(
        results,
        study=study,
        descriptives=tuple(map(stretched, results.descriptives)),
        distributions=tuple(
            replace(item, lower=item.lower * factor, width=item.width * factor)
            for item in results.distributions
        ),
        transitions=tuple(
            replace(
                item,
                width=item.width * factor,
                cells=tuple((a * factor, b * factor, n) for a, b, n in item.cells),
            )
            for item in results.transitions
        ),
        analyses=tuple(
            record if record.result is None else replace(record, result=stretched(record.result))
            for record in results.analyses
        ),
    )


def crowded(results: StudyResults, times: int) -> StudyResults:
    """Return results in which every person is so many."""
    return replace(
        results,
        distributions=tuple(
            replace(item, counts=tuple(times * count for count in item.counts))
            for item in results.distributions
        ),
        transitions=tuple(
            replace(item, cells=tuple((a, b, times * n) for a, b, n in item.cells))
            for item in results.transitions
        ),
    )


def equal_scores() -> StudyResults:
    """Return two arms in which everybody has the same value at every visit."""
    scores = {
        arm: {visit: [5] * len(values) for visit, values in by_visit.items()}
        for arm, by_visit in sample.TWO_ARMS.items()
    }
    return sample.results_from(scores, {"mind": "Mindfulness", "breath": "Slow breathing"})


def without_arm(results: StudyResults, arm: str) -> StudyResults:
    """Return results that withhold an arm's shapes and means, as of fewer than three people."""
    return replace(
        results,
        distributions=tuple(item for item in results.distributions if item.arm != arm),
        transitions=tuple(item for item in results.transitions if item.arm != arm),
        descriptives=tuple(
            result.with_estimates(
                replace(row, estimate=None, conf_low=None, conf_high=None)
                if row.arm == arm
                else row
                for row in result.estimates
            )
            for result in results.descriptives
        ),
    )


def of_values_alone(results: StudyResults) -> StudyResults:
    """Return results of which nothing is known of the time before."""
    return replace(results, transitions=())
