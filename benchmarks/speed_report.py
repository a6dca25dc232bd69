"""Seconds and memory of a report: 200 tables and 60 figures, and a study as it comes.

Results are made first and stored; each rendering then has a process of its own, which reads
them and writes the files. Imports are timed apart. Run with ``OMP_NUM_THREADS=1``.

    python benchmarks/speed_report.py [results.json ...]

renders stored results too; without any, those of data/licorice-sore-throat.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "data" / "licorice-sore-throat"
ENDPOINTS, PEOPLE, SEED = 16, 120, 20261123
TABLES, FIGURES, SECONDS, MEGABYTES, STUDY_SECONDS = 200, 60, 30.0, 1000.0, 3.0
WAYS = ("html", "pdf", "docx", "csv", "html,pdf,docx,csv")
HEAD = """
[study]
id = "large"
title = "A synthetic study with a large report"
design = "parallel"
data_status = "simulated"
randomised = true

[data]
file = "participants.csv"
subject = "id"
arm = "arm"
missing = [""]

[[arm]]
id = "breathing"
label = "Slow breathing"
role = "active_comparator"

[[arm]]
id = "mindfulness"
label = "Mindfulness"
role = "experimental"

[[visit]]
id = "before"
label = "Before"
order = 0
baseline = true

[[visit]]
id = "after"
label = "After"
order = 1

[[population]]
id = "itt"
label = "Everyone randomised"
"""
ENDPOINT = """
[[endpoint]]
id = "e{n}"
label = "Symptom {n}"
columns = {{ before = "e{n}_0", after = "e{n}_1" }}
scale = {{ minimum = 0, maximum = 10, unit = "points (0-10)" }}
better = "lower"
decimals = 1
responder = [{{ percent_reduction = 30 }}]

[[estimand]]
id = "e{n}"
population = "itt"
treatment = "mindfulness"
reference = "breathing"
endpoint = "e{n}"
visit = "after"
summary = "difference in means"
"""
ANALYSIS = """
[[analysis]]
id = "{method}-{n}"
estimand = "e{n}"
method = "{key}"
{more}
"""
METHODS = {
    "ancova": 'role = "main"',
    "welch": 'role = "sensitivity"',
    "student": 'role = "sensitivity"',
    "rank_sum": 'role = "sensitivity"',
    "model_terms": "",
    "model_coefficients": 'covariates = "BASE"',
    "responders": "",
    "effect_size": "",
    "paired_change": "",
    "assumption_checks": "",
}


def plan() -> str:
    """Return the plan: every endpoint analysed by every method."""
    endpoints = [ENDPOINT.format(n=n) for n in range(ENDPOINTS)]
    analyses = [
        ANALYSIS.format(method=method.replace("_", "-"), key=method, n=n, more=more)
        for n in range(ENDPOINTS)
        for method, more in METHODS.items()
    ]
    return HEAD + "".join(endpoints) + "".join(analyses)


def people() -> str:
    """Return invented people with a score before and after on every endpoint."""
    rng = np.random.default_rng(SEED)
    columns = [f"e{n}_{visit}" for n in range(ENDPOINTS) for visit in (0, 1)]
    lines = [",".join(["id", "arm", *columns])]
    for person in range(PEOPLE):
        arm = ("breathing", "mindfulness")[person % 2]
        before = rng.integers(4, 11, ENDPOINTS)
        change = rng.normal(1 + person % 2, 1.5, ENDPOINTS).round().astype(int)
        after = np.clip(before - change, 0, 10)
        scores = np.column_stack([before, after]).ravel()
        lines.append(",".join([f"p{person}", arm, *map(str, scores)]))
    return "\n".join(lines) + "\n"


def make(folder: Path) -> list[tuple[str, Path]]:
    """Carry out the large study and the ordinary one, and store their results."""
    from trialkit.run.study import run_study  # noqa: PLC0415 (not in the processes that render)

    (folder / "large").mkdir()
    (folder / "large" / "study.toml").write_text(plan(), encoding="utf-8")
    (folder / "large" / "participants.csv").write_text(people(), encoding="utf-8")
    large = run_study(folder / "large", articles=()).write(folder / "large.json")
    stored = [Path(text) for text in sys.argv[1:]]
    ordinary = stored or [run_study(STUDY).write(folder / "licorice-sore-throat.json")]
    return [("large", large), *((path.stem, path) for path in ordinary)]


def render(path: Path, formats: str, folder: Path) -> dict[str, float]:
    """Render stored results; return seconds, peak memory in MB, and what the report holds."""
    started = time.perf_counter()
    from trialkit.report.build import build_document  # noqa: PLC0415 (its time is taken)
    from trialkit.report.document import FigureBlock, TableBlock, every_block  # noqa: PLC0415
    from trialkit.report.publish import render_report  # noqa: PLC0415
    from trialkit.result.study_results import read_results  # noqa: PLC0415

    imported = time.perf_counter()
    worked = -time.process_time()
    results = read_results(path)
    render_report(results, folder, formats=formats.split(","))
    done = time.perf_counter()
    worked += time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    document = build_document(results)
    built = time.perf_counter()
    blocks = list(every_block((*document.front, *document.parts)))
    return {
        "imports": imported - started,
        "seconds": done - imported,
        "processor": worked,
        "building": built - done,
        "MB": peak / (1024 if sys.platform != "darwin" else 1024**2),
        "tables": sum(isinstance(block, TableBlock) for block in blocks),
        "figures": sum(isinstance(block, FigureBlock) for block in blocks),
    }


def measured(path: Path, formats: str, folder: Path) -> dict[str, float]:
    """Return what a process of its own measures."""
    command = [sys.executable, __file__, "--render", str(path), formats, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def main() -> int:
    """Print a line a report and way of rendering it; fail where a promise is not kept."""
    broken = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        heads = f"{'seconds':>9}{'processor':>11}{'imports':>9}{'MB':>7}  tables figures"
        print(f"{'report':24}{'formats':20}{heads}")
        for report, path in make(folder):
            for way in WAYS:
                found = measured(path, way, folder / f"{report}-{way}")
                label = "all" if "," in way else way
                print(
                    f"{report[:23]:24}{label:20}{found['seconds']:9.2f}{found['processor']:11.2f}{found['imports']:9.2f}"
                    f"{found['MB']:7.0f}{found['tables']:8.0f}{found['figures']:8.0f}"
                )
                large = report == "large"
                if large and (found["tables"] < TABLES or found["figures"] < FIGURES):
                    broken.append("the large report holds too little")
                if found["seconds"] > (SECONDS if large else STUDY_SECONDS):
                    broken.append(f"{report}, {label}: {found['seconds']:.1f} s")
                if large and found["MB"] > MEGABYTES:
                    broken.append(f"{report}, {label}: {found['MB']:.0f} MB")
            print(f"{report[:23]:24}{'the document alone':20}{found['building']:9.2f}")
    print("kept" if not broken else "not kept: " + "; ".join(broken))
    return bool(broken)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--render"]:
        print(json.dumps(render(Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))))
    else:
        sys.exit(main())
