"""How long a reader waits for Python in a page, beside JupyterLite with the same chapter, and what each loads.

    python benchmarks/live_pages.py [runs] [chapter ...]

The clock starts when the reader presses: on *Run this page* here; for JupyterLite on a link to the notebook,
and its *Run All Cells* is chosen as soon as there is a menu. (Its row *from Run All* starts the clock there
instead, with the kernel by then half loaded: the kindest reading.) It stops at the first output of a cell that
imports `sibmodels`, and at the first chart: drawn, here; there, when the output that would draw it has come,
because Altair's own renderer asks another host for Vega, and the network is cut. *Cold* is a browser that has
never been here, *warm* the same one once more. Medians of runs taken in turn, and bytes as the server sent
them; nothing is asserted.

Needs the built site and Playwright (tests/browser/requirements.txt).
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
    sites = {live: serve(ROOT / "_build/html"), lite: serve(jupyterlite.site(ROOT / "_build/jupyterlite"))}
    with sync_playwright() as driver:
        for chapter in chapters or ("cases/kobe", "across/governance"):
            found = measure(driver, runs, chapter, sites)
            print(f"{chapter}, medians of {runs}")
            for kind in ("cold", "warm"):
                show(kind, found[live, kind], found[lite, kind])


def show(kind: str, here: list[float], there: list[float]) -> None:
    pressed, *there = there
    table = {"in the page": here[1:], "JupyterLite, from the link": there}
    table["JupyterLite, from Run All"] = [there[0] - pressed, there[1] - pressed, there[2]]
    print(f"{kind:28}{'first output, s':>22}{'first chart, s':>18}{'MB':>10}")
    for name, (first, chart, size) in table.items():
        print(f"  {name:35}{first:13.1f}{chart:18.1f}{size:10.1f}")
    for name, times in list(table.items())[1:]:
        first, chart, size = (mine / theirs for mine, theirs in zip(here[1:], times, strict=True))
        print(f"  ratio to {name:26.26}{first:13.2f}{chart:18.2f}{size:10.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
