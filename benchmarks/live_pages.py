"""How long a reader waits from the press of *Run this page* to a first output and to a chart, and what it loads.

    python benchmarks/live_pages.py [runs] [page]

Needs the built site and Playwright (tests/browser/requirements.txt). *Cold* is a browser that has never been
here; *warm* is the same browser once more. Medians, and bytes as the server sent them; nothing is asserted.
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
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import pdf  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
sent = {"bytes": 0}


class Counting(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def copyfile(self, source, target):
        content = source.read()
        sent["bytes"] += len(content)
        target.write(content)


def visit(context, address: str) -> tuple[float, float, float]:
    """Seconds to the first output and to the first chart, and megabytes after the press."""
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    sent["bytes"], start = 0, time.perf_counter()
    page.get_by_role("button", name="Run this page").click()
    page.wait_for_selector("div.cell[data-live]", state="attached", timeout=120_000)
    first = time.perf_counter() - start
    page.wait_for_selector("div.cell[data-live] .vega-live svg", state="attached", timeout=120_000)
    chart = time.perf_counter() - start
    page.close()
    return first, chart, sent["bytes"] / 1e6


def main(runs: int = 3, page: str = "book/cases/kobe.html") -> None:
    handler = functools.partial(Counting, directory=str(ROOT / "_build/html"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/{page}"
    rows = {"cold": [], "warm": []}
    with sync_playwright() as driver:
        for _ in range(runs):
            browser = driver.chromium.launch(executable_path=pdf.chromium(), args=FLAGS)
            context = browser.new_context()
            for kind in rows:
                rows[kind].append(visit(context, address))
            browser.close()
    for kind, found in rows.items():
        first, chart, size = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{kind}: first output {first:.1f} s, chart {chart:.1f} s, {size:.1f} MB ({page}, median of {runs})")


if __name__ == "__main__":
    main(*(kind(value) for kind, value in zip((int, str), sys.argv[1:], strict=False)))
