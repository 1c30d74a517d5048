"""How long a reader waits for what rests on a slider, chapter by chapter, in Chromium; and what the panel weighs.

    python benchmarks/sliders.py [chapter ...]

Each slider of a chapter moves once to the farther end of its range, as if let go there, with the outputs that rest
on it in view. The clock starts at the move and stops at the first output that changed, at the last one in view,
and when everything has followed. Medians and the slowest of the chapter's sliders, in milliseconds; the first touch,
which starts Python and runs what the page needs, stands alone, in seconds. Nothing is asserted.

Needs the built site and Playwright (requirements/browser.txt).
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book/_ext"), str(ROOT / "benchmarks")]

import live_pages  # noqa: E402
from casebook import chapters as sources  # noqa: E402
from casebook import pdf  # noqa: E402

HEAD = f"{'chapter':40}{'sliders':>8}{'touch, s':>10}{'first':>14}{'in view':>14}{'all':>14}{'page, kB':>10}"
WATCH = """() => {
  window.changes = [];
  new MutationObserver(list => list.forEach(({ target, addedNodes }) => {
    const output = target.closest && target.closest(".cell_output");
    if (output && addedNodes.length) window.changes.push([performance.now() - window.began, output]);
  })).observe(document.querySelector("article"), { childList: true, subtree: true });
}"""
MOVE = """range => {
  window.changes.length = 0;
  window.began = performance.now();
  const up = range.max - range.defaultValue > range.defaultValue - range.min;
  range.value = range.value === range.defaultValue ? (up ? range.max : range.min) : range.defaultValue;
  for (const what of ["input", "change"]) range.dispatchEvent(new Event(what, { bubbles: true }));
}"""
DONE = "document.querySelector('.live-go').getAttribute('aria-disabled') === 'false'"
TIMES = """() => {
  const seen = box => { const { top, bottom } = box.getBoundingClientRect(); return bottom > 0 && top < innerHeight; };
  const at = window.changes.map(([time]) => time), view = window.changes.filter(([, box]) => seen(box));
  return [at[0], view.length ? view[view.length - 1][0] : null, performance.now() - window.began];
}"""
SHOW = "() => window.changes.length && window.changes[0][1].scrollIntoView({ block: 'center' })"


def follow(page, slider) -> list[float | None]:
    """Milliseconds until the first change, the last in view, and the end."""
    slider.evaluate(MOVE)
    page.wait_for_timeout(20)
    page.wait_for_function(DONE, timeout=live_pages.WAIT)
    return page.evaluate(TIMES)


def measure(page, site: str, chapter: str) -> tuple[int, float, list[list[float | None]], float]:
    page.goto(f"{site}/book/{chapter}.html", wait_until="networkidle")
    page.evaluate(WATCH)
    sliders = page.locator("#assume input[type=range]")
    touch = follow(page, sliders.nth(0))[2] / 1000
    times = []
    for place in range(sliders.count()):
        follow(page, sliders.nth(place))  # there, or for the first one back
        page.evaluate(SHOW)
        times.append(follow(page, sliders.nth(place)))
    weight = len(page.evaluate("document.getElementById('assume').outerHTML").encode()) / 1000
    return sliders.count(), touch, times, weight


def written(times: list[float | None]) -> str:
    known = [time for time in times if time is not None]
    return f"{statistics.median(known):.0f} / {max(known):.0f}" if known else "nothing"


def main(*chapters: str) -> None:
    if not pdf.chromium() or not (ROOT / "_build/html/live").is_dir():
        sys.exit("there is no Chromium, or no built site with Python for its pages: run `make book` first")
    pages = sorted((ROOT / "_build/html/book").rglob("*.html"))
    having = [path for path in pages if 'id="assume"' in path.read_text(encoding="utf-8")]
    known = [path.relative_to(ROOT / "_build/html/book").with_suffix("").as_posix() for path in having]
    for chapter in chapters:
        try:
            sources.find(chapter)
        except sources.ChapterError as error:
            sys.exit(str(error))
    site = live_pages.serve(ROOT / "_build/html")
    script = (ROOT / "_build/html/_static/assume.js").stat().st_size / 1000
    print(f"{HEAD}\n{'':40}{'':18}{'ms: median / slowest slider':>42}   beside {script:.1f} kB of script")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=pdf.chromium(), args=live_pages.FLAGS)
        for chapter in chapters or known:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            count, touch, times, weight = measure(page, site, chapter)
            first, view, whole = (written(list(part)) for part in zip(*times, strict=True))
            print(f"{chapter:40}{count:8}{touch:10.1f}{first:>14}{view:>14}{whole:>14}{weight:10.1f}", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
