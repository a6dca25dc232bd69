"""The figures that belong to an analysis by its method."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from trialkit.present.exhibit import Figure
from trialkit.present.figures import (
    funnel_figure,
    mediation_figure,
    meta_forest_figure,
    responder_curve_figure,
    visits_figure,
    volcano_figure,
)
from trialkit.present.row_choice import FUNNEL_FROM
from trialkit.report.captions import figure_block
from trialkit.report.document import FigureBlock
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.terms import Method

FIGURES: Final[Mapping[Method, Callable[[StudyResults, AnalysisRecord], Figure]]] = {
    "mediation": mediation_figure,
    "cumulative_responders": responder_curve_figure,
    "panel": volcano_figure,
    "mmrm": visits_figure,
}


def own_figures(results: StudyResults, record: AnalysisRecord) -> Iterator[FigureBlock]:
    """Yield what an analysis shows besides its table."""
    if record.result is None:
        return
    draw = FIGURES.get(results.study.find_analysis(record.analysis).method)
    figures = [] if draw is None else [draw(results, record)]
    for figure in (*figures, *trial_figures(results, record)):
        yield figure_block(figure, record.data_status)


def trial_figures(results: StudyResults, record: AnalysisRecord) -> Iterator[Figure]:
    """Yield the forest of each contrast that trials were pooled for, and its funnel."""
    trials = record.result.select(quantity="trial_estimate") if record.result else ()
    for pair in dict.fromkeys((row.arm, row.reference_arm) for row in trials):
        yield meta_forest_figure(results, record, pair)
        if sum((row.arm, row.reference_arm) == pair for row in trials) >= FUNNEL_FROM:
            yield funnel_figure(results, record, pair)
