"""The whole site, built once, and a headless Chromium that can reach nothing else."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

import trialkit as tk
from browser.visiting import ROOT, Visit

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
BUILD_SECONDS = 600
PAGE_MILLISECONDS = 60_000


def build_site(folder: Path) -> None:
    """Carry out every study of the repository and write its pages and the site around them."""
    articles = tk.read_articles(ROOT / "data" / "articles")
    results = []
    for plan in sorted((ROOT / "data").glob("*/study.toml")):
        results.append(tk.run_study(tk.read_study(plan.parent), articles=articles))
        tk.publish(results[-1], folder, formats=("html", "pdf"))
    tk.render_site(folder, articles, results, tk.judge_articles(articles, results))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site: the one that ``TRIALKIT_SITE`` names, else built once for all workers."""
    if named := os.environ.get("TRIALKIT_SITE"):
        return Path(named).resolve()
    root = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent
    folder, claimed = root / "site", root / "site-claimed"
    try:
        claimed.mkdir()
    except FileExistsError:
        wait_for(folder, root / "site-failed")
        return folder
    unfinished = tmp_path_factory.mktemp("site")
    try:
        build_site(unfinished)
    except BaseException:
        (root / "site-failed").touch()
        raise
    unfinished.rename(folder)
    return folder


def wait_for(folder: Path, failed: Path) -> None:
    """Wait until another worker has built the site."""
    end = time.monotonic() + BUILD_SECONDS
    while not folder.is_dir():
        if failed.exists() or time.monotonic() > end:
            pytest.fail("another worker could not build the site")
        time.sleep(0.2)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; without it a test is skipped, in continuous integration it fails."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        reason = f"no browser here: expected one of {', '.join(PROGRAMS)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


# Of the module, not of the session: the driver holds the thread's event loop until it stops.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless browser to which no name resolves."""
    options = ["--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND", "--no-proxy-server"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium, args=options)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser, site: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visitor; indirect parameters are those of the browser's profile."""
    profile = {"viewport": {"width": 1280, "height": 900}} | getattr(request, "param", {})
    with browser.new_context(offline=True, **profile) as context:
        context.set_default_timeout(PAGE_MILLISECONDS)
        visitor = Visit(context, context.new_page(), site)
        context.on("request", lambda asked: visitor.requests.append(asked.url))
        yield visitor
