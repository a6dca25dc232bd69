"""From the index to a study, to an article and back, by mouse and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from browser.visiting import Visit, site_pages

STUDY = "mindfulness-vs-breathing/index.html"
ARTICLE = "articles/meditation-vs-slow-breathing/index.html"
QUESTION = "Does mindfulness meditation ease pain more than slow breathing?"
TITLE = "Meditation is better than slow breathing exercise in reducing pain"
INDEX = "Studies, articles and claims"
MOST_STOPS = 150
every_page = pytest.mark.parametrize("address", site_pages())

FOCUS = """() => {
    const node = document.activeElement;
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    return {
        text: node.innerText.trim(), href: node.getAttribute('href'), tag: node.tagName,
        outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0,
    };
}"""


def tab_to(visit: Visit, address: str) -> None:
    """Press Tab until a link is reached; every stop on the way must be visible."""
    for _ in range(MOST_STOPS):
        visit.page.keyboard.press("Tab")
        stop = visit.page.evaluate(FOCUS)
        assert stop["outline"] >= 2, stop
        assert stop["seen"], stop
        if stop["href"] == address:
            return
    pytest.fail(f"{address} is not reached with {MOST_STOPS} presses of Tab")


def expect_page(visit: Visit, place: str, heading: str) -> None:
    """Hold the open page against its address, its title and its first heading."""
    expect(visit.page).to_have_title(heading)
    expect(visit.page.locator("h1")).to_have_text(heading)
    assert visit.place == place


def test_by_mouse_to_a_study_to_an_article_and_back(visit: Visit):
    page = visit.open("index.html")
    page.get_by_role("link", name=QUESTION).click()
    expect_page(visit, STUDY, QUESTION)

    page.get_by_role("navigation", name="Site").get_by_role("link", name=TITLE).click()
    expect_page(visit, ARTICLE, TITLE)

    page.get_by_role("navigation", name="Site").get_by_role("link").first.click()
    expect_page(visit, "index.html", INDEX)


def test_by_keyboard_to_a_study_to_an_article_and_back(visit: Visit):
    page = visit.open("index.html")
    tab_to(visit, STUDY)
    page.keyboard.press("Enter")
    expect_page(visit, STUDY, QUESTION)

    tab_to(visit, f"../{ARTICLE}")
    page.keyboard.press("Enter")
    expect_page(visit, ARTICLE, TITLE)

    tab_to(visit, "../../index.html")
    page.keyboard.press("Enter")
    expect_page(visit, "index.html", INDEX)


def test_a_claim_leads_to_its_article_and_to_its_study(visit: Visit):
    page = visit.open("index.html")
    table = page.get_by_role("table", name="Claims about mindfulness meditation")
    row = table.get_by_role("row").filter(has_text="Mindfulness eased heat pain")
    text = row.get_by_role("rowheader").get_by_role("link").inner_text()
    row.get_by_role("rowheader").get_by_role("link").click()

    assert visit.place.startswith(f"{ARTICLE}#claim-")
    expect(page.locator(":target")).to_have_text(text)
    expect(page.locator(":target")).to_be_in_viewport()

    page.go_back()
    row.get_by_role("cell").get_by_role("link", name="pain unpleasantness").click()

    assert visit.place == f"{STUDY}#endpoint-unpleasantness"
    expect(page.locator(":target")).to_have_text("Pain unpleasantness")
    expect(page.locator(":target")).to_be_in_viewport()


def test_the_first_stop_skips_to_the_report(visit: Visit):
    page = visit.open(STUDY)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["href"] == "#main"
    expect(page.get_by_role("link", name="Skip to the report")).to_be_in_viewport()

    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_the_numbers_of_a_drawing_unfold_by_keyboard(visit: Visit):
    page = visit.open(STUDY)
    summary = page.locator("summary").first
    table = page.locator("details table").first
    expect(table).to_be_hidden()

    summary.focus()
    page.keyboard.press("Enter")

    expect(table).to_be_visible()


@every_page
def test_the_contents_list_leads_to_its_sections(visit: Visit, address: str):
    page = visit.open(address)
    links = page.get_by_role("navigation", name="Contents").get_by_role("link")

    sections = page.locator("h2.section").count()
    assert links.count() >= sections if sections > 2 else links.count() == 0
    for position in range(links.count()):
        link = links.nth(position)
        link.click()
        expect(page.locator(":target")).to_have_text(link.inner_text())
        expect(page.locator(":target")).to_be_in_viewport()


def test_a_wide_page_keeps_its_contents_list_in_view(visit: Visit):
    page = visit.open(STUDY)
    contents = page.get_by_role("navigation", name="Contents")

    page.get_by_role("heading", name="Provenance, and how to rerun").scroll_into_view_if_needed()

    expect(contents.get_by_role("link").first).to_be_in_viewport()
    box, main = contents.bounding_box(), page.locator(".front").bounding_box()
    assert box["x"] + box["width"] <= main["x"]
    assert main["width"] <= 46 * 17


@pytest.mark.parametrize("visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_a_table_that_is_too_wide_scrolls_by_keyboard_and_keeps_its_first_column(visit: Visit):
    page = visit.open(STUDY)
    region = page.locator(".table .scroll").first
    assert region.evaluate("node => node.scrollWidth > node.clientWidth")
    head = region.locator("thead th").first
    before = head.bounding_box()["x"]

    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("node => node.scrollLeft > 0", arg=region.element_handle())

    assert head.bounding_box()["x"] == before
