"""The public names: what they are, that each exists, and that loading none is free."""

import ast
import subprocess
import sys
from pathlib import Path

import trialkit as tk

PUBLIC = [
    *("AnalysisResult", "AuditFinding", "ConvergenceError", "DataError"),
    *("DataUnavailableError", "Dataset"),
    *("Estimate", "NotEstimableError", "SpecificationError", "Study", "StudyResults"),
    *("TrialkitError", "adjust_p_values", "ancova", "assumption_checks"),
    *("audit_change_std_dev", "audit_correlation", "audit_difference"),
    *("audit_effect_size", "audit_interval", "audit_p_value", "audit_percentage"),
    *("audit_std_dev", "audit_std_error", "audit_sum", "baseline_balance"),
    *("bayes_factor", "bootstrap_change", "bootstrap_difference", "brunner_munzel"),
    *("compare_results", "correlation", "cumulative_responders", "describe"),
    *("effect_size", "effect_size_from_summary", "equivalence"),
    *("equivalence_from_summary", "expected_regression_to_mean", "fetch_sources"),
    *("friedman", "grim", "judge_articles", "kruskal_wallis", "leave_one_out"),
    *("logistic", "mean_difference", "mean_difference_from_summary", "mediation"),
    *("meta_analysis", "meta_analysis_from_summary", "mixed_model", "mmrm"),
    "model_coefficients",
    *("model_diagnostics", "model_terms", "multiple_comparisons", "one_way"),
    *("paired_bayes_factor", "paired_change", "paired_change_from_summary"),
    *("paired_effect_size", "paired_equivalence", "paired_responders", "panel"),
    *("percent_change", "permutation_test", "pooled_trials", "proportional_odds"),
    *("publish", "rank_sum", "read_article", "read_articles", "read_dataset"),
    *("read_results", "read_study", "render_report", "render_site"),
    *("repeated_measures_anova", "responders", "responders_from_summary", "run_study"),
    *("sign_flip", "sign_test", "signed_rank", "speaking"),
    *("stratified_responders", "trim_and_fill"),
]
HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "pydantic", "typst", "formulaic")


def test_the_public_names_are_these():
    assert sorted(tk.__all__) == sorted(tk.MODULES) == PUBLIC


def test_every_public_name_exists():
    assert [name for name in PUBLIC if getattr(tk, name, None) is None] == []


def test_a_type_checker_sees_the_same_names():
    tree = ast.parse(Path(tk.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trialkit.")
        for alias in node.names
    }

    assert seen == {name: f"trialkit.{module}" for name, module in tk.MODULES.items()}


def test_the_package_itself_loads_nothing_heavy():
    program = f"import sys, trialkit; print([name for name in {HEAVY} if name in sys.modules])"

    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert output.strip() == "[]"
