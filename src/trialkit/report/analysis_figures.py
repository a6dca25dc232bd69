"""The figure that belongs to an analysis by its method."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from trialkit.present.exhibit import Figure
from trialkit.present.figures import (
    mediation_figure,
    responder_curve_figure,
    volcano_figure,
)
from trialkit.report.captions import figure_block
from trialkit.report.document import FigureBlock
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.terms import Method

Draw = Callable[[StudyResults, AnalysisRecord], Figure]

FIGURES: Final[Mapping[Method, tuple[Draw, ...]]] = {
    "mediation": (mediation_figure,),
    "panel": (volcano_figure,),
    "cumulative_responders": (responder_curve_figure,),
}


def own_figures(results: StudyResults, record: AnalysisRecord) -> Iterator[FigureBlock]:
    """Yield what an analysis shows besides its table."""
    if record.result is None:
        return
    method = results.study.find_analysis(record.analysis).method
    for draw in FIGURES.get(method, ()):
        yield figure_block(draw(results, record), record.data_status)
