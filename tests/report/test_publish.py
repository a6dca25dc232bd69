"""What is written where: reports whole, a site whose links all lead somewhere."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from present import sample
from report import variants
from trialkit.errors import SpecificationError
from trialkit.report.publish import publish, render_report, render_site, write_report
from trialkit.result.study_results import read_results


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    results = variants.real()
    publish(results, folder, formats=("html",))
    render_site(folder, [variants.article()], [results], variants.verdicts())
    return folder


def links(path: Path) -> list[str]:
    return html.fromstring(path.read_text(encoding="utf-8")).xpath("//a/@href")


def anchors(path: Path) -> list[str]:
    return html.fromstring(path.read_text(encoding="utf-8")).xpath("//@id")


def text_of(path: Path) -> str:
    return " ".join(html.fromstring(path.read_text(encoding="utf-8")).text_content().split())


def test_the_formats_asked_for_are_written(tmp_path: Path):
    results = variants.real()

    written = render_report(results, tmp_path / "deep" / "folder", formats=("html",))
    assert written == (tmp_path / "deep" / "folder" / "index.html",)
    assert sorted(path.name for path in written[0].parent.iterdir()) == ["index.html"]

    written = render_report(results, tmp_path / "all")
    names = [path.relative_to(tmp_path / "all").as_posix() for path in written]
    assert names[:3] == ["index.html", "report.pdf", "report.docx"]
    assert "tables/analysis-primary.csv" in names[3:]
    assert {Path(name).parent.name for name in names[3:]} == {"tables"}
    assert render_report(results, tmp_path / "none", formats=()) == ()


def test_an_unknown_format_is_refused(tmp_path: Path):
    with pytest.raises(SpecificationError, match="html, pdf, docx and csv, found doc, json"):
        render_report(variants.real(), tmp_path, formats=("html", "doc", "json"))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_if_a_format_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr("trialkit.report.publish.render_pdf", broken)
    with pytest.raises(RuntimeError):
        render_report(variants.real(), tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_a_report_from_stored_results_is_the_same(tmp_path: Path):
    results = variants.real()
    stored = read_results(results.write(tmp_path / "results.json"))

    first = render_report(results, tmp_path / "a", formats=("html",))[0].read_bytes()
    assert render_report(stored, tmp_path / "b", formats=("html",))[0].read_bytes() == first


def test_a_report_alone_links_to_no_file(tmp_path: Path):
    (path,) = render_report(variants.real(), tmp_path, formats=("html",))

    assert [address for address in links(path) if not address.startswith(("#", "https://"))] == []


def test_a_published_report_lies_beside_its_results(site: Path):
    assert sorted(path.name for path in (site / "sample").iterdir()) == [
        "index.html",
        "results.json",
    ]
    assert read_results(site / "sample" / "results.json") == variants.real()


def test_every_link_of_the_site_leads_somewhere(site: Path):
    pages = sorted(site.rglob("*.html"))

    assert len(pages) == 3
    for page in pages:
        for address in links(page):
            if address.startswith("https://"):
                continue
            name, _, anchor = address.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.is_file(), f"{page}: {address}"
            assert not anchor or anchor in anchors(target), f"{page}: {address}"


def test_study_and_article_link_to_each_other(site: Path):
    assert "../articles/post/index.html" in links(site / "sample" / "index.html")
    assert "../../sample/index.html" in links(site / "articles" / "post" / "index.html")


def test_the_index_lists_studies_articles_and_claims(site: Path):
    text = text_of(site / "index.html")

    assert "Does mindfulness ease pain?" in text
    assert "1.55 points lower with mindfulness than with slow breathing" in text
    assert "real data" in text
    assert "A. Writer, MD, 21 October 2025. Read the article." in text
    assert "2 claims: 1 supported, 1 not testable here." in text


def test_the_index_lists_real_studies_before_simulated_ones(tmp_path: Path):
    simulated = sample.two_arms()
    (path,) = render_site(tmp_path, [], [simulated, variants.real()], [])

    text = text_of(path)
    assert text.index("Does mindfulness ease pain?") < text.index("SIMULATED")


def test_an_article_shows_its_own_claims_with_numbers_and_reasons(site: Path):
    text = text_of(site / "articles" / "post" / "index.html")

    assert "It says that mindfulness eases pain." in text
    assert "Someone 2025. doi:10.1000/1" in text
    assert "Supported. The interval lies wholly on the claimed side of no difference." in text
    assert "−1.55 points (95 % interval −2.48 to −0.62; p = 0.0019). Supported." in text
    assert "Caveat: the sham is not paced breathing." in text
    assert "Flag. A flag." in text
    assert "Other 2021 found nothing of the kind" in text
    assert "Another post" not in text


def test_a_study_that_is_not_at_hand_is_named_and_not_linked(site: Path):
    page = site / "articles" / "post" / "index.html"

    assert "Elsewhere" in text_of(page)
    assert not any("elsewhere" in address for address in links(page))


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc"])
def test_only_addresses_of_the_web_become_links(tmp_path: Path, address: str):
    article = variants.article(address=address)

    render_site(tmp_path, [article], [], variants.verdicts())

    page = tmp_path / "articles" / "post" / "index.html"
    assert not any(link.startswith(address) for link in links(page))
    assert "Read the article" not in text_of(page)


def test_a_site_without_studies_or_articles_is_a_page(tmp_path: Path):
    (path,) = render_site(tmp_path, [], [], [])

    assert "Studies, articles and claims" in text_of(path)


def test_numbers_are_kept_if_the_report_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr("trialkit.report.publish.render_html", broken)
    with pytest.raises(RuntimeError):
        write_report(variants.real(), tmp_path / "report", ("html", "json"))
    assert [path.name for path in (tmp_path / "report").iterdir()] == ["results.json"]


def test_a_report_that_cannot_be_made_whole_leaves_the_last_one(tmp_path: Path):
    results = variants.real()
    before = {path: path.read_bytes() for path in publish(results, tmp_path)}
    header = results.study.study.model_copy(update={"title": "冥想", "question": "冥想"})
    other = replace(results, study=results.study.model_copy(update={"study": header}))

    with pytest.raises(SpecificationError):
        publish(other, tmp_path)

    folder = tmp_path / results.study.id
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_file_of_an_earlier_run_is_named_where_no_new_one_could_be_made(tmp_path: Path):
    results = variants.real()
    write_report(results, tmp_path, ("html", "pdf", "json"))
    header = results.study.study.model_copy(update={"title": "冥想", "question": "冥想"})
    other = replace(results, study=results.study.model_copy(update={"study": header}))

    _, notes = write_report(other, tmp_path, ("html", "pdf", "json"), optional=("pdf",))

    assert any("report.pdf is of an earlier run" in note for note in notes)


def test_word_is_written_where_a_pdf_cannot_be(tmp_path: Path):
    results = variants.with_header(variants.real(), title="冥想", question="冥想")

    written, notes = write_report(results, tmp_path, ("pdf", "docx"), optional=("pdf", "docx"))

    assert written == (tmp_path / "report.docx",)
    assert [note.partition(" left out")[0] for note in notes] == ["pdf"]


def test_a_word_file_that_cannot_be_made_is_left_out_and_said(tmp_path: Path):
    results = variants.with_header(variants.real(), question="Does it \x0b help?")

    written, notes = write_report(results, tmp_path, ("html", "docx"), optional=("pdf", "docx"))

    assert written == (tmp_path / "index.html",)
    assert [note.partition(" left out")[0] for note in notes] == ["docx"]
    with pytest.raises(SpecificationError, match=r"U\+000B"):
        write_report(results, tmp_path, ("html", "docx"))


def test_tables_are_named_by_their_folder_and_those_of_an_earlier_run_one_by_one(tmp_path: Path):
    written, notes = write_report(variants.real(), tmp_path, ("csv",))
    assert (written, notes) == ((tmp_path / "tables",), ())
    (tmp_path / "tables" / "gone.csv").write_text("1")

    _, notes = write_report(variants.real(), tmp_path, ("csv",))

    assert notes == (f"of an earlier run in {tmp_path / 'tables'}: gone.csv",)


def test_the_index_links_to_the_files_that_are_there(tmp_path: Path):
    results = variants.real()
    publish(results, tmp_path, formats=("html", "docx"))

    (path,) = render_site(tmp_path, [], [results], [])

    addresses = links(path)
    assert "sample/report.docx" in addresses
    assert "sample/report.pdf" not in addresses
    assert "report.docx" in links(tmp_path / "sample" / "index.html")
