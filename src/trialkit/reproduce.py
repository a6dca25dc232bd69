"""Every analysis script to its report, and all reports to one site."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from trialkit.errors import SpecificationError, TrialkitError
from trialkit.evidence.verdicts import judge_articles
from trialkit.language.speech import ENGLISH, LANGUAGE_VARIABLE
from trialkit.report.paper import DEFAULT, PAPER_VARIABLE, PaperName
from trialkit.report.publish import render_site
from trialkit.result.study_results import StudyResults, read_results
from trialkit.study.read import read_articles

# Where the scripts write; each reads it with "reports" as its default.
REPORTS_VARIABLE: Final = "TRIALKIT_REPORTS"


def run_scripts(
    scripts: Path,
    output: Path,
    *,
    jobs: int | None = None,
    language: str = ENGLISH,
    paper: PaperName = DEFAULT,
    on_done: Callable[[str, int], None] | None = None,
) -> tuple[Path, ...]:
    """Run every Python script of a folder, each in a process of its own.

    Parameters
    ----------
    scripts : Path
        Folder of ``*.py``, or one script; they run in the folder above.
    output : Path
        Folder that they write to, handed on as ``TRIALKIT_REPORTS``.
    jobs : int, optional
        Scripts at a time; as many as there are processors if not given.
    language : str
        The language of the reports, handed on as ``TRIALKIT_LANGUAGE``.
    paper : {"a4", "letter"}
        The paper of PDF and Word, handed on as ``TRIALKIT_PAPER``.
    on_done : callable, optional
        Called with a script's name and the number of scripts when it has finished.

    Returns
    -------
    tuple of Path
        The scripts, in order of their names.

    Raises
    ------
    SpecificationError
        If there is no script.
    TrialkitError
        If scripts fail: each with the last line it printed; the others are finished first.
    """
    found = find_scripts(scripts)
    failures: dict[Path, str] = {}
    with ThreadPoolExecutor(max_workers=jobs or os.cpu_count()) as pool:
        told = {
            REPORTS_VARIABLE: str(output.resolve()),
            LANGUAGE_VARIABLE: language,
            PAPER_VARIABLE: paper,
        }
        running = {pool.submit(run_script, path, told): path for path in found}
        for finished in as_completed(running):
            path = running[finished]
            if finished.result():
                failures[path] = finished.result()
            if on_done is not None:
                on_done(path.stem, len(found))
    if failures:
        listed = "\n".join(f"  - {path}: {failures[path]}" for path in sorted(failures))
        raise TrialkitError(f"{len(failures)} of {len(found)} analysis scripts failed\n{listed}")
    return found


def find_scripts(scripts: Path) -> tuple[Path, ...]:
    """Return one script, or those of a folder by name; refuse where there is none."""
    found = (scripts,) if scripts.is_file() else tuple(sorted(scripts.glob("*.py")))
    if not found:
        raise SpecificationError(f"no analysis script (*.py) in {scripts}")
    return found


def run_script(path: Path, told: Mapping[str, str]) -> str:
    """Run one script with variables of its environment; return the last line of its failure.

    Nothing is returned if it went well.
    """
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, str(path.resolve())],
        cwd=path.resolve().parent.parent,
        env={**os.environ, **threads, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def results_below(reports: Path) -> tuple[StudyResults, ...]:
    """Return the stored results of every report below a folder, by study id."""
    return tuple(read_results(path) for path in sorted(reports.glob("*/results.json")))


def write_site(reports: Path, articles: Path) -> Sequence[Path]:
    """Write the index of all reports and a page for every article.

    The verdicts of the article pages rest on all results below ``reports`` together.
    """
    results = results_below(reports)
    found = read_articles(articles)
    return render_site(reports, found, results, judge_articles(found, results))
