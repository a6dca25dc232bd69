"""Every page of the site, as axe-core, a phone, a dark room and a cut cable find it."""

from pathlib import Path

import pytest
from lxml import html

from browser.visiting import Visit, site_pages
from trialkit.present import palette

WIDE = {"viewport": {"width": 2560, "height": 900}, "bypass_csp": True}
PHONE = {"viewport": {"width": 320, "height": 640}, "bypass_csp": True}
DARK = WIDE | {"color_scheme": "dark"}
# What lies outside a region that scrolls has no measurable paper; shown whole, it has.
UNROLLED = """
.scroll, .drawing {overflow: visible !important}
.scroll th {position: static !important}
.columns, .key {display: block !important}
main {max-width: none !important}
"""

every_page = pytest.mark.parametrize("address", site_pages())
wide = pytest.mark.parametrize("visit", [WIDE], indirect=True, ids=["wide"])
phone = pytest.mark.parametrize("visit", [PHONE], indirect=True, ids=["320px"])
dark = pytest.mark.parametrize("visit", [DARK], indirect=True, ids=["dark"])


def said(found: list[dict[str, object]]) -> list[str]:
    """Return each finding of axe-core as a line: the rule, how often, where first."""
    return [f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html']}" for rule in found]


def undecided(found: list[dict[str, object]]) -> list[str]:
    """Return what axe-core could not decide and a reader could.

    It measures no lone "∞" or "–", which is set in the colour of the cells beside it, and
    knows no head of a group of rows.
    """
    return [
        f"{rule['id']}: {node['html']}"
        for rule in found
        if rule["id"] != "th-has-data-cells"
        for node in rule["nodes"]
        if message(node) not in {"shortTextContent", "nonBmp"}
    ]


def message(node: dict[str, object]) -> object:
    """Return the key of axe-core's first remark on a node, if it has one."""
    data = node["any"][0]["data"] if node["any"] else None
    return data.get("messageKey") if isinstance(data, dict) else None


def test_the_site_has_all_its_pages_and_no_others(site: Path):
    found = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}

    assert found == set(site_pages())


def test_every_link_leads_to_a_place_that_exists(site: Path):
    pages = {path: html.fromstring(path.read_bytes()) for path in site.rglob("*.html")}
    places = {path.resolve(): set(page.xpath("//@id")) for path, page in pages.items()}

    followed = 0
    for path, page in pages.items():
        for address in page.xpath("//a/@href"):
            if address.startswith("https://"):
                continue
            name, _, anchor = address.partition("#")
            target = (path.parent / name).resolve() if name else path.resolve()
            assert target.is_file(), f"{path}: {address}"
            assert not anchor or anchor in places[target], f"{path}: {address}"
            followed += bool(name and anchor)
    assert followed > 20


@wide
@every_page
def test_axe_finds_nothing_on_a_desk(visit: Visit, address: str):
    visit.open(address).add_style_tag(content=UNROLLED)

    found = visit.axe()

    assert said(found["violations"]) == []
    assert undecided(found["incomplete"]) == []
    assert len(found["passes"]) > 20


@phone
@every_page
def test_axe_finds_nothing_on_a_phone(visit: Visit, address: str):
    visit.open(address)

    assert said(visit.axe()["violations"]) == []


@dark
@every_page
def test_words_stand_out_in_the_dark(visit: Visit, address: str):
    page = visit.open(address)
    page.add_style_tag(content=UNROLLED)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = [int(palette.DARK[palette.PAPER][place : place + 2], 16) for place in (1, 3, 5)]

    found = visit.axe("color-contrast")

    assert paper == f"rgb({', '.join(map(str, channels))})"
    assert said(found["violations"]) == []
    assert undecided(found["incomplete"]) == []
    assert [rule["id"] for rule in found["passes"]] == ["color-contrast"]


@wide
def test_axe_would_find_a_fault(visit: Visit):
    page = visit.open("index.html")
    page.evaluate("document.querySelector('h1').style.color = 'var(--rule)'")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")

    assert {rule["id"] for rule in visit.axe()["violations"]} >= {"color-contrast", "image-alt"}


@phone
@every_page
def test_nothing_scrolls_sideways_on_a_phone(visit: Visit, address: str):
    page = visit.open(address)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    outside = page.evaluate(
        """[...document.querySelectorAll('body *')].filter(node =>
            !node.closest('.scroll, .drawing, pre, .skip, thead') && !node.matches('.skip')
            && node.getBoundingClientRect().right > 321).map(node => node.outerHTML.slice(0, 99))"""
    )
    assert outside == []


@every_page
def test_nothing_is_asked_of_the_world(visit: Visit, address: str):
    visit.open(address)

    assert visit.requests
    own = visit.site.as_uri() + "/"
    assert [url for url in visit.requests if not url.startswith((own, "data:"))] == []


def test_a_request_to_the_world_would_be_seen(visit: Visit):
    visit.page.set_content('<img src="https://example.org/picture.png">', wait_until="commit")

    visit.page.wait_for_function("document.images[0].complete")

    assert visit.requests == ["https://example.org/picture.png"]


@every_page
def test_a_printed_page_is_dark_on_white(visit: Visit, address: str):
    visit.page.emulate_media(media="print", color_scheme="dark")

    page = visit.open(address)

    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 42, 48)"
    assert not page.locator("header nav").is_visible()
