"""Every page, in a real browser with the network cut."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import SITE, scroll_through, unfold

# index.html and genindex.html, and pages that have moved, only lead on
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.glob("**/*.html")
    if path.parent != SITE and 'http-equiv="refresh"' not in path.read_text(encoding="utf-8").lower()
)
PAGES += ["search.html", "404.html"]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 100);
})"""


def test_there_are_pages():
    assert len(PAGES) > 15


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_nothing_comes_from_outside_nothing_is_missing_and_axe_finds_nothing(visit, address, theme):
    page = visit(address, theme=theme)
    scroll_through(page)
    # the tables under charts are all made alike, and long: one a page
    page.evaluate(
        """() => {
          document.querySelectorAll("details").forEach(fold => { fold.open = true; });
          [...document.querySelectorAll(".vega-figure details")].slice(1).forEach(fold => { fold.open = false; });
        }"""
    )
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    assert page.faults == []
    stacked = """() => [...document.querySelectorAll("thead tr")].filter(row => row.offsetHeight && new Set(
      [...row.cells].map(cell => Math.round(cell.getBoundingClientRect().top))).size > 1).length"""
    assert page.evaluate(stacked) == 0


@pytest.mark.parametrize("address", PAGES)
def test_a_narrow_page_does_not_scroll_sideways_and_nothing_jumps(visit, address):
    page = visit(address, width=320)
    scroll_through(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(SHIFTS) < 0.1  # Web Vitals' "good": on a busy machine fonts come late, and move a word
    assert page.faults == []


@pytest.mark.parametrize("address", PAGES)
def test_without_scripts_the_page_reads(visit, address):
    page = visit(address, java_script_enabled=False)
    unfold(page)
    assert len(page.locator("main").inner_text()) > (50 if address.startswith("ja/") else 100)
    assert page.locator("h1").count() == 1
    assert page.locator("nav#contents a").first.is_visible()
    for figure in page.locator(".vega-figure").all():
        assert figure.locator("svg.vega-wide").is_visible()
        assert not figure.locator("svg.vega-narrow").is_visible()
    assert page.faults == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("address", PAGES)
def test_charts_are_drawn_whole(visit, address, width):
    """No label beyond the edge of its picture, before or after the live chart takes its place."""
    page = visit(address, width=width, fonts=width > 390)
    unfold(page)
    outside = """() => [...document.querySelectorAll(".vega-view svg")].filter(svg => svg.clientWidth).flatMap(svg => {
      const view = svg.closest(".vega-view"), clips = getComputedStyle(view).overflowX !== "visible";
      const box = clips ? view.getBoundingClientRect() : { left: 0, right: innerWidth };
      return [...svg.querySelectorAll("text")].filter(text => {
        const edge = text.getBoundingClientRect();
        return edge.width && (edge.left < box.left - 1 || edge.right > box.right + 1);
      }).map(text => text.textContent);
    })"""
    assert page.evaluate(outside) == []
    for figure in page.locator(".vega-figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".vega-view").dispatch_event("pointerenter")
        figure.and_(page.locator('[data-ready="true"]')).wait_for(timeout=20_000)
    assert page.evaluate(outside) == []
    assert page.faults == []


@pytest.mark.parametrize("address", PAGES)
def test_on_paper_nothing_is_cut_off(visit, address):
    page = visit(address, width=658)  # what the margins leave of A4
    scroll_through(page)
    page.emulate_media(media="print")
    cut = page.evaluate(
        """() => {
          const main = document.querySelector("main").getBoundingClientRect();
          return [...document.querySelectorAll("main :is(table, pre, svg, math)")].filter(
            item => item.getBoundingClientRect().right > main.right + 1.5).map(item => item.outerHTML.slice(0, 200));
        }"""
    )
    assert cut == []
    assert not page.locator("header.masthead").is_visible()
    assert page.locator("main button:visible").count() == 0
    folds = "details.solution, details.findings, details.caveat, details.answers, details.coding-evidence"
    assert page.locator("summary:visible").count() == page.locator(folds).count()
