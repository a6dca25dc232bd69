"""Stored results to files: a report of one study, and the site that joins them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.report.build import build_document
from trialkit.report.document import Document
from trialkit.report.html import render_html
from trialkit.report.site_pages import article_document, index_document
from trialkit.report.typst import Attachment, render_pdf
from trialkit.result.study_results import ClaimVerdict, StudyResults, write_whole
from trialkit.study.article import Article

HTML_NAME: Final = "index.html"
PDF_NAME: Final = "report.pdf"
RESULTS_NAME: Final = "results.json"
FORMATS: Final = ("html", "pdf")


def render_report(
    results: StudyResults,
    folder: str | Path,
    *,
    formats: Sequence[str] = FORMATS,
    site: str | None = None,
) -> tuple[Path, ...]:
    """Write the report of one study.

    Parameters
    ----------
    results : StudyResults
        The stored results; nothing else is read, and nothing is computed.
    folder : str or Path
        Where ``index.html`` and ``report.pdf`` go; made if need be. ``results.json``
        is not written here.
    formats : sequence of str
        Some of "html" and "pdf".
    site : str, optional
        Address of the site's root as seen from ``folder``; the HTML then links to the
        index and to the pages of the articles whose claims it shows.

    Returns
    -------
    tuple of Path
        The files, each written whole or not at all.

    Raises
    ------
    SpecificationError
        If a format is none of the two, or the fonts of the PDF lack a character.

    Notes
    -----
    The same results give the same bytes. The PDF is PDF/A-3a and PDF/UA-1 and carries
    the results as an attachment.

    Examples
    --------
    >>> tk.render_report(results, "reports/licorice-sore-throat")  # doctest: +SKIP
    """
    return write_all(Path(folder), report_files(results, formats=formats, site=site))


def report_files(
    results: StudyResults, *, formats: Sequence[str] = FORMATS, site: str | None = None
) -> dict[str, bytes]:
    """Return the files of a report by name, as ``render_report`` writes them."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise SpecificationError(
            f"report formats are {' and '.join(FORMATS)}, found {', '.join(unknown)}"
        )
    document = build_document(
        results,
        navigation=site_links(results, site) if site is not None else (),
        downloads=downloads(formats) if site is not None else (),
    )
    made: dict[str, bytes] = {}
    if "html" in formats:
        made[HTML_NAME] = render_html(document).encode()
    if "pdf" in formats:
        made[PDF_NAME] = render_pdf(document, (attached_results(results),))
    return made


def write_report(
    results: StudyResults,
    folder: Path,
    formats: Sequence[str],
    *,
    optional: Sequence[str] = (),
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Make results and report, then write them; return the files and what was left out.

    A format that is ``optional`` is left out where it cannot be made. Nothing is written if
    anything is refused; should the report fail otherwise, the numbers are kept all the same.
    """
    shown = [name for name in formats if name != "json"]
    numbers = {RESULTS_NAME: results.to_json().encode()} if "json" in formats else {}
    notes: tuple[str, ...] = ()
    try:
        made = report_files(results, formats=shown)
    except SpecificationError as error:
        kept = [name for name in shown if name not in optional]
        if kept == shown:
            raise
        made = report_files(results, formats=kept)
        notes = (f"{' and '.join(optional)} left out: {error}", *earlier_files(folder, optional))
    except Exception:
        write_all(folder, numbers)
        raise
    return write_all(folder, made | numbers), notes


def earlier_files(folder: Path, formats: Sequence[str]) -> tuple[str, ...]:
    """Return a warning for each file of another run that stays where none could be made."""
    names = {"html": HTML_NAME, "pdf": PDF_NAME}
    return tuple(
        f"{folder / names[name]} is of an earlier run"
        for name in formats
        if (folder / names[name]).exists()
    )


def publish(
    results: StudyResults, reports: str | Path, *, formats: Sequence[str] = FORMATS
) -> tuple[Path, ...]:
    """Write results and report of a study to its place in a folder of reports.

    ``results.json`` and the report go to ``<reports>/<study id>/``; the report links to
    the site that ``render_site`` writes around it. All are made before any is written.

    Returns
    -------
    tuple of Path
        The files, the results first.
    """
    made = report_files(results, formats=formats, site="..")
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
        The folder of reports; studies are linked at ``<study id>/index.html``.
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
    pages = {HTML_NAME: index_document(articles, results, verdicts)}
    for article in articles:
        address = f"articles/{article.id}/{HTML_NAME}"
        pages[address] = article_document(article, results, verdicts)
    return write_all(Path(reports), {name: html_bytes(page) for name, page in pages.items()})


def html_bytes(document: Document) -> bytes:
    """Return a document as the bytes of an HTML file."""
    return render_html(document).encode()


def site_links(results: StudyResults, site: str) -> tuple[tuple[str, str], ...]:
    """Return links to the index and to the articles whose claims a report shows."""
    articles = {claim.article: claim.article_title for claim in results.claims}
    return (
        ("All studies and articles", f"{site}/{HTML_NAME}"),
        *(
            (f"Article: {title}", f"{site}/articles/{article}/{HTML_NAME}")
            for article, title in articles.items()
        ),
    )


def downloads(formats: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return links to the files beside an HTML report."""
    printed = (("PDF", PDF_NAME),) if "pdf" in formats else ()
    return (*printed, ("Results (JSON)", RESULTS_NAME))


def attached_results(results: StudyResults) -> Attachment:
    """Return the results as they travel inside the PDF."""
    return Attachment(
        name=RESULTS_NAME,
        content=results.to_json(),
        mime_type="application/json",
        description="Every number of this report, unrounded, with the plan and its provenance",
    )


def write_all(folder: Path, made: dict[str, bytes]) -> tuple[Path, ...]:
    """Write files below a folder once all of them have been made."""
    for name, content in made.items():
        write_whole(folder / name, content)
    return tuple(folder / name for name in made)
