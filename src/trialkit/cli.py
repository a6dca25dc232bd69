"""The trialkit command: one function per subcommand, each a few lines long.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from trialkit.errors import SpecificationError, TrialkitError
from trialkit.options import format_option, language_option, paper_option, quiet_option
from trialkit.terminal import AGREE, announce, console, show_differences

if TYPE_CHECKING:
    from trialkit.report.paper import PaperName
    from trialkit.result.study_results import StudyResults

REFUSED, INTERRUPTED = 2, 130
STUDIES = Path("data")
TRACEBACK_VARIABLE = "TRIALKIT_TRACEBACK"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trialkit", message="%(prog)s %(version)s")
def cli() -> None:
    """Trials from plan and data to refereed numbers, verdicts and a report.

    Exit codes: 0 fine, 1 two results differ, 2 refused.
    """


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--data",
    "data_file",
    required=True,
    type=click.Path(path_type=Path),
    help="The data file, CSV; it is copied into the folder.",
)
@quiet_option
def new(folder: Path, data_file: Path, *, quiet: bool) -> None:
    """Write a commented study.toml from a data file, for you to finish."""
    from trialkit.dataset.new_study import write_new_study

    guesses = write_new_study(folder, data_file)
    if not quiet:
        lines = [
            f"wrote {folder / 'study.toml'} and a copy of {data_file.name}",
            *(f"  guessed: {guess}" for guess in guesses),
            f"next: finish the lines marked CHECK, then `trialkit check {folder}`",
        ]
        for line in lines:
            console().print(line, highlight=False, markup=False, soft_wrap=True)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@quiet_option
def check(folder: Path, *, quiet: bool) -> None:
    """Check a study's plan and data; list every mistake at once."""
    from trialkit.run.study import run_study

    results = run_study(study_folder(folder), articles=())
    if quiet:
        return
    study, certificate = results.study, results.certificate
    lines = [f"{study.id}: {study.study.title}"]
    if certificate is not None:
        lines.append(
            f"  {certificate.n_subjects} people, {certificate.n_values} values, "
            f"{len(study.arm)} arms, {len(study.visit)} visits, {len(study.endpoint)} endpoints"
        )
        lines += [
            f"  {change.step}: {change.count} ({change.where})" for change in certificate.changes
        ]
        lines += [f"  {finding}" for finding in certificate.findings]
    lines += [f"  {note}" for note in results.notes]
    ran = sum(record.status == "ran" for record in results.analyses)
    lines.append(f"  {ran} of {len(results.analyses)} planned analyses can run")
    lines += [f"  {deviation}" for deviation in results.deviations]
    lines.append("no mistakes found")
    for line in lines:
        console().print(line, highlight=False, markup=False, soft_wrap=True)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write to.  [default: reports/STUDY]",
)
@format_option("html,pdf,docx,csv,json")
@language_option
@paper_option
@quiet_option
def run(
    folder: Path,
    output: Path | None,
    formats: tuple[str, ...],
    language: str | None,
    paper: "PaperName",
    *,
    quiet: bool,
) -> None:
    """Carry out a study's planned analyses and write results and report."""
    from trialkit.language.speech import known, speaking, spoken
    from trialkit.run.study import run_study

    told = known(language or spoken())  # refused before anything is computed
    results = run_study(study_folder(folder))
    target = output or Path("reports") / results.study.id
    with speaking(told):
        written, notes = write_files(results, target, formats, paper)
    announce(written, notes=(*results.notes, *notes), quiet=quiet)


@cli.command()
@click.argument("results_path", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write to.  [default: that of the results]",
)
@format_option("html,pdf,docx,csv")
@language_option
@paper_option
@quiet_option
def report(
    results_path: Path,
    output: Path | None,
    formats: tuple[str, ...],
    language: str | None,
    paper: "PaperName",
    *,
    quiet: bool,
) -> None:
    """Render the report of stored results (results.json, or the folder that holds it)."""
    from trialkit.language.speech import speaking, spoken
    from trialkit.result.study_results import read_results

    path = results_path / "results.json" if results_path.is_dir() else results_path
    with speaking(language or spoken()):
        results = read_results(path)
        written, notes = write_files(results, output or path.parent, formats, paper)
    announce(written, notes=notes, quiet=quiet)


@cli.command()
@click.argument("scripts", type=click.Path(path_type=Path), default=Path("analyses"))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder to write to.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Scripts at a time.")
@language_option
@paper_option
@quiet_option
def reproduce(
    scripts: Path,
    output: Path,
    jobs: int | None,
    language: str | None,
    paper: "PaperName",
    *,
    quiet: bool,
) -> None:
    """Run every analysis script and write all reports with their index."""
    from trialkit.language.speech import known, speaking, spoken
    from trialkit.reproduce import find_scripts, run_scripts, write_site

    told = known(language or spoken())
    find_scripts(scripts)  # refused before a bar of progress is drawn
    if quiet:
        run_scripts(scripts, output, jobs=jobs, language=told, paper=paper)
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console(stderr=True)) as progress:
            task = progress.add_task("analyses", total=None)

            def advance(name: str, total: int) -> None:
                progress.update(task, total=total, advance=1, description=name)

            run_scripts(scripts, output, jobs=jobs, language=told, paper=paper, on_done=advance)
    with speaking(told):
        written = write_site(output, STUDIES / "articles")
    announce(written[:1], quiet=quiet)


@cli.command()
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=1e-9,
    show_default=True,
    help="Largest relative difference of two numbers that counts as none.",
)
@quiet_option
def compare(ours: Path, theirs: Path, tolerance: float, *, quiet: bool) -> int:
    """List every number that differs between two results files (exit 1 if any does)."""
    from trialkit.result.compare import compare_results

    return show_differences(
        compare_results(ours, theirs, tolerance=tolerance),
        title=f"{ours} and {theirs}",
        quiet=quiet,
    )


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("stored", required=False, type=click.Path(path_type=Path))
@click.option("--tolerance", type=click.FloatRange(min=0), default=1e-9, show_default=True)
@quiet_option
def verify(folder: Path, stored: Path | None, tolerance: float, *, quiet: bool) -> int:
    """Run a study again and compare with its stored results (exit 1 if any differ).

    STORED is a results.json; by default that of reports/STUDY.
    """
    from trialkit.result.compare import compare_results
    from trialkit.result.study_results import read_results
    from trialkit.run.study import run_study

    results = run_study(study_folder(folder))
    path = stored or Path("reports") / results.study.id / "results.json"
    path = path / "results.json" if path.is_dir() else path
    return show_differences(
        compare_results(results, read_results(path), tolerance=tolerance),
        title=f"{results.study.id} run again and {path}",
        quiet=quiet,
    )


@cli.command()
@click.argument("study")
@quiet_option
def fetch(study: str, *, quiet: bool) -> None:
    """Bring a study's public data files into the cache, proved by their sha256.

    STUDY is a folder, or the id of a study in data/.
    """
    from trialkit.dataset.files import fetch_sources
    from trialkit.study.read import read_study

    found = read_study(study_folder(Path(study)))
    paths = fetch_sources(found)
    if not quiet and not paths:
        console().print(f"{found.id} has no public source to fetch", markup=False)
    announce(paths, verb="have", quiet=quiet)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=STUDIES / "articles")
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Where the results are that the verdicts rest on.",
)
def articles(folder: Path, reports: Path) -> None:
    """List every claim of the articles with its verdict from the results at hand."""
    from rich.markup import escape
    from rich.table import Table

    from trialkit.evidence.verdicts import judge_articles
    from trialkit.reproduce import results_below
    from trialkit.study.read import read_articles

    if not folder.is_dir():
        raise SpecificationError(f"there is no folder {folder}")
    if reports.exists() and not reports.is_dir():
        raise SpecificationError(f"--reports: expected a folder, found the file {reports}")
    found = read_articles(folder)
    if not found:
        raise SpecificationError(f"no article (*.toml) in {folder}")
    verdicts = judge_articles(found, results_below(reports))
    for article in found:
        table = Table(title=escape(article.article.title), title_justify="left", expand=True)
        for head in ("claim", "verdict", "because"):
            table.add_column(head)
        for verdict in verdicts:
            if verdict.article == article.id:
                because = "\n".join([verdict.because, *verdict.flags])
                table.add_row(*map(escape, (verdict.text, verdict.verdict, because)))
        console().print(table)


def write_files(
    results: "StudyResults", folder: Path, formats: tuple[str, ...], paper: "PaperName"
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write results and report; PDF and Word may be left out where nobody asked for them."""
    from trialkit.report.publish import write_report

    source = click.get_current_context().get_parameter_source("formats")
    optional = ("pdf", "docx") if source is ParameterSource.DEFAULT else ()
    return write_report(results, folder, formats, optional=optional, paper=paper)


def study_folder(folder: Path) -> Path:
    """Return a study's folder, given as a path or as the id of a study in data/."""
    if not folder.exists() and (STUDIES / folder).is_dir():
        return STUDIES / folder
    if not folder.exists():
        raise SpecificationError(f"there is no study folder {folder}")
    return folder


def main() -> None:
    """Run one subcommand; every refusal is one message on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a narrow terminal is no failure
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(REFUSED)
    except (TrialkitError, OSError) as error:
        click.echo(f"trialkit: {error}", err=True)
        sys.exit(REFUSED)
    except Exception as error:  # a fault of ours: still one message, no traceback
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        click.echo(
            f"trialkit: a fault in trialkit itself ({type(error).__name__}: {error}); "
            f"{TRACEBACK_VARIABLE}=1 shows where, please report it",
            err=True,
        )
        sys.exit(REFUSED)
    sys.exit(code if isinstance(code, int) else AGREE)
