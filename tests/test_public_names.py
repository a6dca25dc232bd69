"""The public names: what they are, that each exists, and that loading none is free."""

import ast
import subprocess
import sys
from pathlib import Path

import trialkit as tk

PUBLIC = [
    *("AnalysisResult", "DataError", "DataUnavailableError", "Dataset", "Estimate"),
    *("NotEstimableError", "SpecificationError", "Study", "StudyResults", "TrialkitError"),
    *("adjust_p_values", "ancova", "compare_results", "describe", "fetch_sources"),
    *("judge_articles", "mean_difference", "mean_difference_from_summary", "paired_change"),
    *("paired_change_from_summary", "publish", "read_article", "read_articles"),
    *("read_dataset", "read_results", "read_study", "render_report", "render_site"),
    *("responders", "responders_from_summary", "run_study"),
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
