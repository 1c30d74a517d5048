"""A browser that can reach this machine and nothing else, and the site that `make book` built."""

import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[2] / "_build/html"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]  # the network, cut


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def chromium(driver) -> str:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or driver.chromium.executable_path


def pytest_sessionstart(session):
    """Before any test, and once: what is missing, and what to do."""
    if not (SITE / "index.html").is_file():
        pytest.exit("there is no built site: run `make book` first (`make test-browser` does)", 3)
    with sync_playwright() as driver:
        if not shutil.which(chromium(driver)):
            pytest.exit(
                "no Chromium: install Debian's `chromium`, or name one: CHROMIUM=/path/to/chromium make test-browser", 3
            )


@pytest.fixture(scope="session")
def site():
    """The address of the built site, below a path of its own, as on a project's GitHub Pages."""

    class Below(Quiet):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/below"))

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Below, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/below"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(driver), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, site):
    """Open a page and collect what it asks of others, what is missing, and what it complains of."""
    contexts = []

    def visit(address: str, width: int = 1280, theme: str = "light", root: str = "", fonts: bool = True, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, **options)
        if not fonts:  # as on a slow first visit: the reader's own are wider
            context.route("**/*.woff2", lambda route: route.fulfill(status=204))
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        home = root or site

        def asked(request):
            if not request.url.startswith((home, "data:", "blob:")):
                page.faults.append(f"asks another host: {request.url}")

        page.on("request", asked)
        page.on(
            "response", lambda answer: answer.status >= 400 and page.faults.append(f"{answer.status}: {answer.url}")
        )
        # what a browser itself gives up when it goes to another page is no fault of the page
        left = {"net::ERR_ABORTED"}
        page.on(
            "requestfailed",
            lambda request: request.failure in left or page.faults.append(f"failed: {request.url}: {request.failure}"),
        )
        page.on("console", lambda line: line.type == "error" and page.faults.append(f"console: {line.text}"))
        page.on("pageerror", lambda error: page.faults.append(f"error: {error}"))
        page.goto(f"{home}/{address}")
        return page

    yield visit
    for context in contexts:
        context.close()


SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += 600) {
    scrollTo(0, y);
    await new Promise(done => setTimeout(done, 40));
  }
  scrollTo(0, 0);
}"""


def unfold(page) -> None:
    """Open what a class is to find by itself, so that it is looked at like everything else."""
    page.evaluate("() => document.querySelectorAll('details.answers').forEach(fold => { fold.open = true; })")


def scroll_through(page) -> None:
    """As a reader does, so that all that waits to be seen is loaded."""
    unfold(page)
    page.evaluate(SCROLL)
    charts = page.locator(".vega-figure[data-live]")
    for i in range(charts.count()):
        if charts.nth(i).get_attribute("data-ready") != "true":  # a busy machine draws no frame while it passes by
            charts.nth(i).scroll_into_view_if_needed()
        charts.nth(i).and_(page.locator('[data-ready="true"]')).wait_for(timeout=20_000)
    page.evaluate("scrollTo(0, 0)")
