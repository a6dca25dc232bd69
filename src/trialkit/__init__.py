"""trialkit: from a trial's plan and data to refereed numbers, verdicts and a report.

The names below are the public API. They are imported when first used, so that the command
line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.analysis.ancova import ancova
    from trialkit.analysis.assumptions import assumption_checks
    from trialkit.analysis.baseline_balance import baseline_balance
    from trialkit.analysis.bayes_factor import bayes_factor, paired_bayes_factor
    from trialkit.analysis.before_after import paired_change, paired_change_from_summary
    from trialkit.analysis.before_after_ranks import sign_test, signed_rank
    from trialkit.analysis.bootstrap import bootstrap_change, bootstrap_difference
    from trialkit.analysis.correlation import correlation
    from trialkit.analysis.cumulative_responders import cumulative_responders
    from trialkit.analysis.descriptive import describe
    from trialkit.analysis.effect_sizes import (
        effect_size,
        effect_size_from_summary,
        paired_effect_size,
    )
    from trialkit.analysis.equivalence import (
        equivalence,
        equivalence_from_summary,
        paired_equivalence,
    )
    from trialkit.analysis.logistic import logistic
    from trialkit.analysis.mediation import mediation
    from trialkit.analysis.meta_analysis import meta_analysis
    from trialkit.analysis.meta_from_summary import meta_analysis_from_summary
    from trialkit.analysis.meta_sensitivity import leave_one_out, trim_and_fill
    from trialkit.analysis.mixed_model import mixed_model
    from trialkit.analysis.mmrm import mmrm
    from trialkit.analysis.model_coefficients import model_coefficients, model_diagnostics
    from trialkit.analysis.model_terms import model_terms
    from trialkit.analysis.multiple_comparisons import multiple_comparisons
    from trialkit.analysis.multiplicity import adjust_p_values
    from trialkit.analysis.one_way import one_way
    from trialkit.analysis.ordinal import proportional_odds
    from trialkit.analysis.paired_responders import paired_responders
    from trialkit.analysis.panel import panel
    from trialkit.analysis.percent_change import percent_change
    from trialkit.analysis.permutation import permutation_test, sign_flip
    from trialkit.analysis.pooled_trials import pooled_trials
    from trialkit.analysis.rank_k import friedman, kruskal_wallis
    from trialkit.analysis.ranks import rank_sum
    from trialkit.analysis.regression_to_mean import expected_regression_to_mean
    from trialkit.analysis.repeated_measures import repeated_measures_anova
    from trialkit.analysis.responders import responders, responders_from_summary
    from trialkit.analysis.stratified_responders import stratified_responders
    from trialkit.analysis.superiority import brunner_munzel
    from trialkit.analysis.two_arms import mean_difference, mean_difference_from_summary
    from trialkit.dataset.dataset import Dataset, read_dataset
    from trialkit.dataset.files import fetch_sources
    from trialkit.errors import (
        ConvergenceError,
        DataError,
        DataUnavailableError,
        NotEstimableError,
        SpecificationError,
        TrialkitError,
    )
    from trialkit.evidence.audit import (
        audit_change_std_dev,
        audit_correlation,
        audit_interval,
        audit_std_dev,
        audit_std_error,
    )
    from trialkit.evidence.audit_counts import audit_percentage, audit_sum, grim
    from trialkit.evidence.audit_effects import audit_effect_size
    from trialkit.evidence.audit_finding import AuditFinding
    from trialkit.evidence.audit_statistics import audit_difference, audit_p_value
    from trialkit.evidence.verdicts import judge_articles
    from trialkit.language.speech import speaking
    from trialkit.report.publish import publish, render_report, render_site
    from trialkit.result.analysis_result import AnalysisResult, Estimate
    from trialkit.result.compare import compare_results
    from trialkit.result.study_results import StudyResults, read_results
    from trialkit.run.study import run_study
    from trialkit.study.read import read_article, read_articles, read_study
    from trialkit.study.study import Study

MODULES = {
    "AnalysisResult": "result.analysis_result",
    "AuditFinding": "evidence.audit_finding",
    "ConvergenceError": "errors",
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
    "assumption_checks": "analysis.assumptions",
    "audit_change_std_dev": "evidence.audit",
    "audit_correlation": "evidence.audit",
    "audit_difference": "evidence.audit_statistics",
    "audit_effect_size": "evidence.audit_effects",
    "audit_interval": "evidence.audit",
    "audit_p_value": "evidence.audit_statistics",
    "audit_percentage": "evidence.audit_counts",
    "audit_std_dev": "evidence.audit",
    "audit_std_error": "evidence.audit",
    "audit_sum": "evidence.audit_counts",
    "baseline_balance": "analysis.baseline_balance",
    "bayes_factor": "analysis.bayes_factor",
    "bootstrap_change": "analysis.bootstrap",
    "bootstrap_difference": "analysis.bootstrap",
    "brunner_munzel": "analysis.superiority",
    "compare_results": "result.compare",
    "correlation": "analysis.correlation",
    "cumulative_responders": "analysis.cumulative_responders",
    "describe": "analysis.descriptive",
    "effect_size": "analysis.effect_sizes",
    "effect_size_from_summary": "analysis.effect_sizes",
    "equivalence": "analysis.equivalence",
    "equivalence_from_summary": "analysis.equivalence",
    "expected_regression_to_mean": "analysis.regression_to_mean",
    "fetch_sources": "dataset.files",
    "friedman": "analysis.rank_k",
    "grim": "evidence.audit_counts",
    "judge_articles": "evidence.verdicts",
    "kruskal_wallis": "analysis.rank_k",
    "leave_one_out": "analysis.meta_sensitivity",
    "logistic": "analysis.logistic",
    "mean_difference": "analysis.two_arms",
    "mean_difference_from_summary": "analysis.two_arms",
    "mediation": "analysis.mediation",
    "meta_analysis": "analysis.meta_analysis",
    "meta_analysis_from_summary": "analysis.meta_from_summary",
    "mixed_model": "analysis.mixed_model",
    "mmrm": "analysis.mmrm",
    "model_coefficients": "analysis.model_coefficients",
    "model_diagnostics": "analysis.model_coefficients",
    "model_terms": "analysis.model_terms",
    "multiple_comparisons": "analysis.multiple_comparisons",
    "one_way": "analysis.one_way",
    "paired_bayes_factor": "analysis.bayes_factor",
    "paired_change": "analysis.before_after",
    "paired_change_from_summary": "analysis.before_after",
    "paired_effect_size": "analysis.effect_sizes",
    "paired_equivalence": "analysis.equivalence",
    "paired_responders": "analysis.paired_responders",
    "panel": "analysis.panel",
    "percent_change": "analysis.percent_change",
    "permutation_test": "analysis.permutation",
    "pooled_trials": "analysis.pooled_trials",
    "proportional_odds": "analysis.ordinal",
    "publish": "report.publish",
    "rank_sum": "analysis.ranks",
    "read_article": "study.read",
    "read_articles": "study.read",
    "read_dataset": "dataset.dataset",
    "read_results": "result.study_results",
    "read_study": "study.read",
    "render_report": "report.publish",
    "render_site": "report.publish",
    "repeated_measures_anova": "analysis.repeated_measures",
    "responders": "analysis.responders",
    "responders_from_summary": "analysis.responders",
    "run_study": "run.study",
    "sign_flip": "analysis.permutation",
    "sign_test": "analysis.before_after_ranks",
    "signed_rank": "analysis.before_after_ranks",
    "speaking": "language.speech",
    "stratified_responders": "analysis.stratified_responders",
    "trim_and_fill": "analysis.meta_sensitivity",
}
__all__ = [
    "AnalysisResult",
    "AuditFinding",
    "ConvergenceError",
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
    "assumption_checks",
    "audit_change_std_dev",
    "audit_correlation",
    "audit_difference",
    "audit_effect_size",
    "audit_interval",
    "audit_p_value",
    "audit_percentage",
    "audit_std_dev",
    "audit_std_error",
    "audit_sum",
    "baseline_balance",
    "bayes_factor",
    "bootstrap_change",
    "bootstrap_difference",
    "brunner_munzel",
    "compare_results",
    "correlation",
    "cumulative_responders",
    "describe",
    "effect_size",
    "effect_size_from_summary",
    "equivalence",
    "equivalence_from_summary",
    "expected_regression_to_mean",
    "fetch_sources",
    "friedman",
    "grim",
    "judge_articles",
    "kruskal_wallis",
    "leave_one_out",
    "logistic",
    "mean_difference",
    "mean_difference_from_summary",
    "mediation",
    "meta_analysis",
    "meta_analysis_from_summary",
    "mixed_model",
    "mmrm",
    "model_coefficients",
    "model_diagnostics",
    "model_terms",
    "multiple_comparisons",
    "one_way",
    "paired_bayes_factor",
    "paired_change",
    "paired_change_from_summary",
    "paired_effect_size",
    "paired_equivalence",
    "paired_responders",
    "panel",
    "percent_change",
    "permutation_test",
    "pooled_trials",
    "proportional_odds",
    "publish",
    "rank_sum",
    "read_article",
    "read_articles",
    "read_dataset",
    "read_results",
    "read_study",
    "render_report",
    "render_site",
    "repeated_measures_anova",
    "responders",
    "responders_from_summary",
    "run_study",
    "sign_flip",
    "sign_test",
    "signed_rank",
    "speaking",
    "stratified_responders",
    "trim_and_fill",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in MODULES:
        raise AttributeError(f"module 'trialkit' has no attribute {name!r}")
    return getattr(import_module(f"trialkit.{MODULES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(MODULES)
