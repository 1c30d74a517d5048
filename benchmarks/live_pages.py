"""How long a reader waits for Python in a page, beside JupyterLite with the same chapter, and what each loads.

    python benchmarks/live_pages.py [runs] [chapter ...]

The clock starts when the reader presses: on *Run this page* here; for JupyterLite on a link to the notebook,
and its *Run All Cells* is chosen as soon as there is a menu. (Its row *from Run All* starts the clock there
instead, with the kernel by then half loaded: the kindest reading.) It stops at the first output of a cell that
imports `sibmodels`, and at the first chart: drawn, here; there, when the output that would draw it has come,
because Altair's own renderer asks another host for Vega, and the network is cut. *Cold* is a browser that has
never been here, *warm* the same one once more. Medians of runs taken in turn, and bytes as the server sent
them; nothing is asserted.

Needs the built site and Playwright (requirements/browser.txt).
"""

from __future__ import annotations

import functools
import statistics
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "book/_ext"), str(ROOT / "benchmarks")]

import jupyterlite  # noqa: E402
import table  # noqa: E402
from casebook import chapters as sources  # noqa: E402
from casebook import pdf  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
WAIT = 180_000  # milliseconds
sent = {"bytes": 0}


class Counting(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *args):
        pass

    def copyfile(self, source, target):
        content = source.read()
        sent["bytes"] += len(content)
        target.write(content)


def serve(folder: Path) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Counting, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def live(page, site: str, chapter: str) -> tuple[float, float, float]:
    page.goto(f"{site}/book/{chapter}.html", wait_until="networkidle")
    sent["bytes"], start = 0, time.perf_counter()
    page.get_by_role("button", name="Run this page").click()
    return 0.0, *_seen(page, start, "div.cell[data-live]", "div.cell[data-live] .vega-live svg")


def lite(page, site: str, chapter: str) -> tuple[float, float, float]:
    sent["bytes"], start = 0, time.perf_counter()
    page.goto(f"{site}/notebooks/index.html?path={chapter.rpartition('/')[2]}.ipynb")
    page.get_by_role("menuitem", name="Run", exact=True).click(timeout=WAIT)
    page.get_by_text("Run All Cells", exact=True).click()
    pressed = time.perf_counter() - start
    return pressed, *_seen(page, start, ".jp-OutputArea-output", ".jp-OutputArea-output [id^=altair-viz]")


def _seen(page, start: float, *selectors: str) -> list[float]:
    times = []
    for selector in selectors:
        page.wait_for_selector(selector, state="attached", timeout=WAIT)
        times.append(time.perf_counter() - start)
    return times


def measure(driver, runs: int, chapter: str, sites: dict) -> dict:
    """The medians of a chapter: seconds until the press, to the first output, to the first chart; megabytes."""
    rows: dict = {(visit, kind): [] for kind in ("cold", "warm") for visit in sites}
    for _ in range(runs):
        for visit, site in sites.items():
            browser = driver.chromium.launch(executable_path=pdf.chromium(), args=FLAGS)
            context = browser.new_context()
            for kind in ("cold", "warm"):
                page = context.new_page()
                times = visit(page, site, chapter)
                page.wait_for_timeout(1000)
                rows[visit, kind].append((*times, sent["bytes"] / 1e6))
                page.close()
            browser.close()
    return {key: [statistics.median(part) for part in zip(*found, strict=True)] for key, found in rows.items()}


def main(runs: int = 3, *chapters: str) -> None:
    chapters = chapters or ("cases/kobe", "across/governance")
    for chapter in chapters:
        try:
            sources.find(chapter)
        except sources.ChapterError as error:
            sys.exit(str(error))
    if not pdf.chromium():
        sys.exit("no Chromium: install Debian's chromium, or name one: CHROMIUM=/path/to/chromium")
    if not (ROOT / "_build/html/live").is_dir():
        sys.exit("there is no built site with Python for its pages: run `make book` first, with a network")
    sites = {live: serve(ROOT / "_build/html"), lite: serve(jupyterlite.site(ROOT / "_build/jupyterlite"))}
    print(table.HEAD)
    with sync_playwright() as driver:
        for chapter in chapters:
            found = measure(driver, runs, chapter, sites)
            for kind in ("cold", "warm"):
                show(f"{chapter}, {kind}", found[live, kind], found[lite, kind])


def show(what: str, here: list[float], there: list[float]) -> None:
    pressed, *there = there
    for place, until in enumerate(("first output", "first chart")):
        rows = [("in the page", here[1 + place]), ("JupyterLite, from the link", there[place])]
        rows.append(("JupyterLite, from Run All", there[place] - pressed))
        print(*table.lines(f"{what}: press to {until}", [(*row, "page") for row in rows]), sep="\n")
    print(f"{what}: {here[3]:.1f} MB in the page, {there[2]:.1f} MB JupyterLite")


if __name__ == "__main__":
    number = sys.argv[1:2] if sys.argv[1:2] and sys.argv[1].isdigit() else []
    main(*map(int, number or [3]), *sys.argv[1 + len(number) :])
