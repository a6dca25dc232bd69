"""Stored results to files: a report of one study, and the site that joins them."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.report.build import build_document
from trialkit.report.document import Document
from trialkit.report.docx import render_docx
from trialkit.report.html import render_html
from trialkit.report.paper import PaperName, known_paper
from trialkit.report.site_pages import article_document, index_document
from trialkit.report.table_files import FOLDER as TABLES_FOLDER
from trialkit.report.table_files import table_files
from trialkit.report.typst import Attachment, render_pdf
from trialkit.result.study_results import ClaimVerdict, StudyResults, write_whole
from trialkit.study.article import Article

HTML_NAME: Final = "index.html"
PDF_NAME: Final = "report.pdf"
DOCX_NAME: Final = "report.docx"
RESULTS_NAME: Final = "results.json"
FORMATS: Final = ("html", "pdf", "docx", "csv")


def render_report(
    results: StudyResults,
    folder: str | Path,
    *,
    formats: Sequence[str] = FORMATS,
    site: str | None = None,
    paper: PaperName | None = None,
) -> tuple[Path, ...]:
    """Write the report of one study.

    Parameters
    ----------
    results : StudyResults
        The stored results; nothing else is read, and nothing is computed.
    folder : str or Path
        Where ``index.html``, ``report.pdf``, ``report.docx`` and ``tables/`` go; made if
        need be. ``results.json`` is not written here.
    formats : sequence of str
        Some of "html", "pdf", "docx" (Word) and "csv" (each table as ``tables/<id>.csv``).
    site : str, optional
        Address of the site's root as seen from ``folder``; the HTML then links to the
        index and to the pages of the articles whose claims it shows.
    paper : {"a4", "letter"}, optional
        The paper of PDF and Word. If not given, what the environment variable
        ``TRIALKIT_PAPER`` says, else A4.

    Returns
    -------
    tuple of Path
        The files, each written whole or not at all.

    Raises
    ------
    SpecificationError
        If a format or the paper is none of these, or a text has a character that the fonts
        of the PDF lack or a Word file cannot hold.

    Notes
    -----
    The same results give the same bytes. The PDF is PDF/A-3a and PDF/UA-1 and carries
    the results as an attachment. Cells of the CSV files that a spreadsheet would run as a
    formula begin with an apostrophe.

    Examples
    --------
    >>> tk.render_report(results, "reports/licorice-sore-throat")  # doctest: +SKIP
    """
    return write_all(Path(folder), report_files(results, formats=formats, site=site, paper=paper))


def report_files(
    results: StudyResults,
    *,
    formats: Sequence[str] = FORMATS,
    site: str | None = None,
    paper: PaperName | None = None,
) -> dict[str, bytes]:
    """Return the files of a report by name, as ``render_report`` writes them."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise SpecificationError(
            f"report formats are {', '.join(FORMATS[:-1])} and {FORMATS[-1]}, "
            f"found {', '.join(unknown)}"
        )
    sheet = known_paper(paper).name
    document = build_document(
        results,
        navigation=site_links(results, site) if site is not None else (),
        downloads=downloads(formats) if site is not None else (),
    )
    attached = (attached_results(results),)
    # The compiler of the PDF lets the other files be made meanwhile.
    with ThreadPoolExecutor(max_workers=1) as pool:
        printing = (
            pool.submit(copy_context().run, partial(render_pdf, document, attached, paper=sheet))
            if "pdf" in formats
            else None
        )
        page = {HTML_NAME: render_html(document).encode()} if "html" in formats else {}
        word = {DOCX_NAME: render_docx(document, paper=sheet)} if "docx" in formats else {}
        tables = table_files(document) if "csv" in formats else {}
        printed = {PDF_NAME: printing.result()} if printing is not None else {}
    return page | printed | word | tables


def write_report(
    results: StudyResults,
    folder: Path,
    formats: Sequence[str],
    *,
    optional: Sequence[str] = (),
    paper: PaperName | None = None,
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Make results and report, then write them; return what was written and what was not.

    A format that is ``optional`` is left out where it cannot be made. Nothing is written if
    anything is refused; should the report fail otherwise, the numbers are kept all the same.
    Tables are named by their folder, which has many.
    """
    shown = [name for name in formats if name != "json"]
    numbers = {RESULTS_NAME: results.to_json().encode()} if "json" in formats else {}
    try:
        made, left_out = files_at_hand(results, shown, optional, paper)
    except SpecificationError:
        raise
    except Exception:
        write_all(folder, numbers)
        raise
    notes = [f"{name} left out: {reason}" for name, reason in left_out.items()]
    notes += earlier_files(folder, tuple(left_out))
    notes += earlier_tables(folder, made)
    written = write_all(folder, made | numbers)
    tables = folder / TABLES_FOLDER
    named = (tables if tables in path.parents else path for path in written)
    return tuple(dict.fromkeys(named)), tuple(notes)


def files_at_hand(
    results: StudyResults,
    formats: Sequence[str],
    optional: Sequence[str],
    paper: PaperName | None,
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files of a report, and why each optional format is not among them."""
    try:
        return report_files(results, formats=formats, paper=paper), {}
    except SpecificationError:
        kept = [name for name in formats if name not in optional]
        if kept == list(formats):
            raise
    made, left_out = report_files(results, formats=kept, paper=paper), {}
    for name in formats:
        if name in optional:
            try:
                made |= report_files(results, formats=(name,), paper=paper)
            except SpecificationError as error:
                left_out[name] = str(error)
    return made, left_out


def earlier_files(folder: Path, formats: Sequence[str]) -> tuple[str, ...]:
    """Return a warning for each file of another run that stays where none could be made."""
    names = {"html": HTML_NAME, "pdf": PDF_NAME, "docx": DOCX_NAME}
    return tuple(
        f"{folder / names[name]} is of an earlier run"
        for name in formats
        if name in names and (folder / names[name]).exists()
    )


def earlier_tables(folder: Path, made: Iterable[str]) -> tuple[str, ...]:
    """Return a warning if the folder of tables holds some that this report does not have."""
    tables = folder / TABLES_FOLDER
    known = {Path(name).name for name in made if name.startswith(f"{TABLES_FOLDER}/")}
    old = sorted(path.name for path in tables.glob("*.csv") if path.name not in known)
    if not known or not old:
        return ()
    return (f"of an earlier run in {tables}: {', '.join(old)}",)


def publish(
    results: StudyResults,
    reports: str | Path,
    *,
    formats: Sequence[str] = FORMATS,
    paper: PaperName | None = None,
) -> tuple[Path, ...]:
    """Write results and report of a study to its place in a folder of reports.

    ``results.json`` and the report go to ``<reports>/<study id>/``; the report links to
    the site that ``render_site`` writes around it. All are made before any is written.
    ``paper`` is as for ``render_report``.

    Returns
    -------
    tuple of Path
        The files, the results first.
    """
    made = report_files(results, formats=formats, site="..", paper=paper)
    numbers = {RESULTS_NAME: results.to_json().encode()}
    return write_all(Path(reports) / results.study.id, numbers | made)


def render_site(
    reports: str | Path,
    articles: Sequence[Article],
    results: Sequence[StudyResults],
    verdicts: Sequence[ClaimVerdict],
) -> tuple[Path, ...]:
    """Write the index of all reports and a page for every article.

    Parameters
    ----------
    reports : str or Path
        The folder of reports; studies are linked at ``<study id>/index.html``, and those
        of their PDF and Word files that are there.
    articles : sequence of Article
        Each gets ``articles/<id>/index.html``.
    results : sequence of StudyResults
        The studies that the index lists.
    verdicts : sequence of ClaimVerdict
        What the results do to the claims, as ``judge_articles`` returns them.

    Returns
    -------
    tuple of Path
        The files, the index first.
    """
    files = {item.study.id: files_beside(Path(reports), item.study.id) for item in results}
    pages = {HTML_NAME: index_document(articles, results, verdicts, files=files)}
    for article in articles:
        address = f"articles/{article.id}/{HTML_NAME}"
        pages[address] = article_document(article, results, verdicts)
    return write_all(Path(reports), {name: html_bytes(page) for name, page in pages.items()})


def files_beside(reports: Path, study: str) -> tuple[tuple[str, str], ...]:
    """Return the names and addresses of the files of a study that are there."""
    names = (
        ("HTML", HTML_NAME),
        ("PDF", PDF_NAME),
        ("Word", DOCX_NAME),
        (say("Results (JSON)"), RESULTS_NAME),
    )
    return tuple(
        (text, f"{study}/{name}") for text, name in names if (reports / study / name).is_file()
    )


def html_bytes(document: Document) -> bytes:
    """Return a document as the bytes of an HTML file."""
    return render_html(document).encode()


def site_links(results: StudyResults, site: str) -> tuple[tuple[str, str], ...]:
    """Return links to the index and to the articles whose claims a report shows."""
    articles = {claim.article: claim.article_title for claim in results.claims}
    return (
        (say("All studies and articles"), f"{site}/{HTML_NAME}"),
        *(
            (say("Article: {title}", title=title), f"{site}/articles/{article}/{HTML_NAME}")
            for article, title in articles.items()
        ),
    )


def downloads(formats: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return links to the files beside an HTML report."""
    printed = (("PDF", PDF_NAME),) if "pdf" in formats else ()
    edited = (("Word", DOCX_NAME),) if "docx" in formats else ()
    return (*printed, *edited, (say("Results (JSON)"), RESULTS_NAME))


def attached_results(results: StudyResults) -> Attachment:
    """Return the results as they travel inside the PDF."""
    return Attachment(
        name=RESULTS_NAME,
        content=results.to_json(),
        mime_type="application/json",
        description=say("Every number of this report, unrounded, with the plan and its provenance"),
    )


def write_all(folder: Path, made: dict[str, bytes]) -> tuple[Path, ...]:
    """Write files below a folder once all of them have been made."""
    for name, content in made.items():
        write_whole(folder / name, content)
    return tuple(folder / name for name in made)
