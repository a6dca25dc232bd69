"""The trialkit command: one function per subcommand, each a few lines long.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from trialkit.errors import SpecificationError, TrialkitError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from trialkit.result.study_results import StudyResults

Command = TypeVar("Command", bound=Callable[..., Any])

AGREE, DIFFER, REFUSED, INTERRUPTED = 0, 1, 2, 130
FORMATS = ("html", "pdf", "json")
STUDIES = Path("data")
TRACEBACK_VARIABLE = "TRIALKIT_TRACEBACK"

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing unless it fails.")


class Formats(click.ParamType[tuple[str, ...]]):
    """A comma-separated list of output formats."""

    name = "html,pdf,json"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the formats, each once, or refuse what is none."""
        if isinstance(value, tuple):
            return value
        formats = tuple(
            dict.fromkeys(part.strip() for part in str(value).split(",") if part.strip())
        )
        unknown = [part for part in formats if part not in FORMATS]
        if unknown or not formats:
            self.fail(f"expected some of {', '.join(FORMATS)}, found {value!r}", param, ctx)
        return formats


def format_option(default: str) -> Callable[[Command], Command]:
    """Return the --format option with its default."""
    return click.option(
        "--format",
        "formats",
        type=Formats(),
        default=default,
        show_default=True,
        help="What to write, separated by commas.",
    )


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
@format_option("html,pdf,json")
@quiet_option
def run(folder: Path, output: Path | None, formats: tuple[str, ...], *, quiet: bool) -> None:
    """Carry out a study's planned analyses and write results and report."""
    from trialkit.run.study import run_study

    results = run_study(study_folder(folder))
    target = output or Path("reports") / results.study.id
    written, notes = write_files(results, target, formats)
    announce(written, notes=(*results.notes, *notes), quiet=quiet)


@cli.command()
@click.argument("results_path", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write to.  [default: that of the results]",
)
@format_option("html,pdf")
@quiet_option
def report(
    results_path: Path, output: Path | None, formats: tuple[str, ...], *, quiet: bool
) -> None:
    """Render the report of stored results (results.json, or the folder that holds it)."""
    from trialkit.result.study_results import read_results

    path = results_path / "results.json" if results_path.is_dir() else results_path
    written, notes = write_files(read_results(path), output or path.parent, formats)
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
@quiet_option
def reproduce(scripts: Path, output: Path, jobs: int | None, *, quiet: bool) -> None:
    """Run every analysis script and write all reports with their index."""
    from trialkit.reproduce import find_scripts, run_scripts, write_site

    find_scripts(scripts)  # refused before a bar of progress is drawn
    if quiet:
        run_scripts(scripts, output, jobs=jobs)
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console(stderr=True)) as progress:
            task = progress.add_task("analyses", total=None)

            def advance(name: str, total: int) -> None:
                progress.update(task, total=total, advance=1, description=name)

            run_scripts(scripts, output, jobs=jobs, on_done=advance)
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
    results: "StudyResults", folder: Path, formats: tuple[str, ...]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write results and report; a PDF that nobody asked for by name may be left out."""
    from trialkit.report.publish import write_report

    source = click.get_current_context().get_parameter_source("formats")
    optional = ("pdf",) if source is ParameterSource.DEFAULT else ()
    return write_report(results, folder, formats, optional=optional)


def study_folder(folder: Path) -> Path:
    """Return a study's folder, given as a path or as the id of a study in data/."""
    if not folder.exists() and (STUDIES / folder).is_dir():
        return STUDIES / folder
    if not folder.exists():
        raise SpecificationError(f"there is no study folder {folder}")
    return folder


def show_differences(differences: tuple[Any, ...], *, title: str, quiet: bool) -> int:
    """Print what differs and return the exit code."""
    if not differences:
        if not quiet:
            console().print(f"agree: {title}", highlight=False, markup=False, soft_wrap=True)
        return AGREE
    if not quiet:
        console().print(difference_table(differences, title=title))
    return DIFFER


def difference_table(differences: tuple[Any, ...], *, title: str) -> "Table":
    """Return the terminal table of differences, every digit shown."""
    from rich.markup import escape
    from rich.table import Table

    heading = escape(f"{len(differences)} differences: {title}")
    table = Table(title=heading, title_justify="left")
    for head in ("where", "ours", "theirs"):
        table.add_column(head, overflow="fold")
    for item in differences:
        table.add_row(*map(escape, (item.where, repr(item.ours), repr(item.theirs))))
    return table


def announce(
    written: Any, *, notes: tuple[str, ...] = (), verb: str = "wrote", quiet: bool
) -> None:
    """Name the files that were written, and what a reader should know of them."""
    if quiet:
        return
    for note in notes:
        console().print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
    for path in written:
        console().print(f"{verb} {path}", highlight=False, markup=False, soft_wrap=True)


def console(*, stderr: bool = False) -> "Console":
    """Return a terminal to print on."""
    from rich.console import Console

    return Console(stderr=stderr)


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
