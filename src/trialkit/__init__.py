"""trialkit: from a trial's plan and data to refereed numbers, verdicts and a report.

The names below are the public API. They are imported when first used, so that the command
line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.analysis.ancova import ancova
    from trialkit.analysis.before_after import paired_change, paired_change_from_summary
    from trialkit.analysis.descriptive import describe
    from trialkit.analysis.multiplicity import adjust_p_values
    from trialkit.analysis.responders import responders, responders_from_summary
    from trialkit.analysis.two_arms import mean_difference, mean_difference_from_summary
    from trialkit.dataset.dataset import Dataset, read_dataset
    from trialkit.dataset.files import fetch_sources
    from trialkit.errors import (
        DataError,
        DataUnavailableError,
        NotEstimableError,
        SpecificationError,
        TrialkitError,
    )
    from trialkit.evidence.verdicts import judge_articles
    from trialkit.report.publish import publish, render_report, render_site
    from trialkit.result.analysis_result import AnalysisResult, Estimate
    from trialkit.result.compare import compare_results
    from trialkit.result.study_results import StudyResults, read_results
    from trialkit.run.study import run_study
    from trialkit.study.read import read_article, read_articles, read_study
    from trialkit.study.study import Study

MODULES = {
    "AnalysisResult": "result.analysis_result",
    "DataError": "errors",
    "DataUnavailableError": "errors",
    "Dataset": "dataset.dataset",
    "Estimate": "result.analysis_result",
    "NotEstimableError": "errors",
    "SpecificationError": "errors",
    "Study": "study.study",
    "StudyResults": "result.study_results",
    "TrialkitError": "errors",
    "adjust_p_values": "analysis.multiplicity",
    "ancova": "analysis.ancova",
    "compare_results": "result.compare",
    "describe": "analysis.descriptive",
    "fetch_sources": "dataset.files",
    "judge_articles": "evidence.verdicts",
    "mean_difference": "analysis.two_arms",
    "mean_difference_from_summary": "analysis.two_arms",
    "paired_change": "analysis.before_after",
    "paired_change_from_summary": "analysis.before_after",
    "publish": "report.publish",
    "read_article": "study.read",
    "read_articles": "study.read",
    "read_dataset": "dataset.dataset",
    "read_results": "result.study_results",
    "read_study": "study.read",
    "render_report": "report.publish",
    "render_site": "report.publish",
    "responders": "analysis.responders",
    "responders_from_summary": "analysis.responders",
    "run_study": "run.study",
}
__all__ = [
    "AnalysisResult",
    "DataError",
    "DataUnavailableError",
    "Dataset",
    "Estimate",
    "NotEstimableError",
    "SpecificationError",
    "Study",
    "StudyResults",
    "TrialkitError",
    "adjust_p_values",
    "ancova",
    "compare_results",
    "describe",
    "fetch_sources",
    "judge_articles",
    "mean_difference",
    "mean_difference_from_summary",
    "paired_change",
    "paired_change_from_summary",
    "publish",
    "read_article",
    "read_articles",
    "read_dataset",
    "read_results",
    "read_study",
    "render_report",
    "render_site",
    "responders",
    "responders_from_summary",
    "run_study",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in MODULES:
        raise AttributeError(f"module 'trialkit' has no attribute {name!r}")
    return getattr(import_module(f"trialkit.{MODULES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(MODULES)
