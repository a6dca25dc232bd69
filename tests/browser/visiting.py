"""A visitor of the site: the pages there must be, and a browser's view of one of them."""

from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).parents[2]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")


def site_pages() -> list[str]:
    """Return the addresses of all pages that the site must have."""
    studies = sorted(path.parent.name for path in (ROOT / "data").glob("*/study.toml"))
    articles = sorted(path.stem for path in (ROOT / "data" / "articles").glob("*.toml"))
    return [
        "index.html",
        *(f"{study}/index.html" for study in studies),
        *(f"articles/{article}/index.html" for article in articles),
    ]


@dataclass
class Visit:
    """A page of the site in a fresh browser profile, and every request that it made."""

    context: BrowserContext
    page: Page
    site: Path
    requests: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Open a page of the site by its address."""
        self.page.goto((self.site / address).as_uri())
        return self.page

    @property
    def place(self) -> str:
        """The address of the open page within the site, with its anchor."""
        return self.page.url.removeprefix(self.site.as_uri() + "/")

    def axe(self, *rules: str) -> dict[str, list[dict[str, object]]]:
        """Return what axe-core finds on the open page, every drawing's numbers unfolded.

        All its rules are held against the page unless some are named. What passes is told
        once a rule: to list every node of it takes most of the time.
        """
        self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        self.page.evaluate(AXE)
        options = {"resultTypes": ["violations", "incomplete"]}
        return self.page.evaluate(
            "options => axe.run(document, options)",
            options | ({"runOnly": list(rules)} if rules else {}),
        )
