"""The report that a case file makes, opened from the disk as whoever gets it opens it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from sibmodels import casefile, reports
from tests.casefiles import HARBOUR

from .test_every_page import RULES

LONG = HARBOUR.replace('end = "2030-03"', 'end = "2039-03"\nperiod = "month"').replace("Coaching", "Coaching " * 9)
CASES = {"harbour": casefile.loads(HARBOUR), "long": casefile.loads(LONG)}
CASES |= {name: casefile.example(name) for name in ("kobe", "yokohama", "uk-commissioner-led")}


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for name, case in CASES.items():
        (folder / f"{name}.html").write_text(reports.html(case), encoding="utf-8")
    return folder


@pytest.fixture
def read(browser, reported):
    """Open a report, without scripts and with no file but its own."""
    contexts = []

    def read(name: str, width: int, theme: str = "light", scripts: bool = False):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((reported / f"{name}.html").as_uri())
        return page

    yield read
    for context in contexts:
        context.close()


# with the browser's scripts on, so that the page can be asked; it has none of its own (tests/test_reports.py)
OUTSIDE = """() => [...document.querySelectorAll("svg text")].filter(text => {
  const edge = text.getBoundingClientRect();
  return edge.width && (edge.left < -1 || edge.right > innerWidth + 1);
}).map(text => text.textContent)"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll("svg text")].map(text => {
  const shape = text.getScreenCTM();  // labels may be turned
  const size = parseFloat(getComputedStyle(text).fontSize);
  return text.getBoundingClientRect().width ? size * Math.hypot(shape.a, shape.b) : Infinity;
}))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", list(CASES))
def test_axe_finds_nothing_and_nothing_else_is_asked_for(read, name, width, theme):
    page = read(name, width, theme, scripts=True)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    assert len(page.asked) == 1


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("name", list(CASES))
def test_charts_are_whole_and_legible_and_the_page_does_not_scroll_sideways(read, name, width):
    page = read(name, width, scripts=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if CASES[name].paid:
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(SMALLEST) > 10


@pytest.mark.parametrize("width", [390, 1280])
def test_each_chart_is_shown_once_and_each_table_has_caption_and_headers(read, width):
    page = read("harbour", width)
    for figure in page.locator("figure").all():
        assert figure.locator("svg:visible").count() == 1
        assert len(figure.locator("[role=img]").get_attribute("aria-label")) > 20
    for table in page.locator("table").all():
        assert table.locator("caption").inner_text()
        assert table.locator("thead th[scope=col]").count() > 1
        assert table.locator("tbody tr").count() == table.locator("tbody th[scope=row]").count()
    assert [page.locator(tag).count() for tag in ("h1", "main", "header", "nav", "footer")] == [1] * 5


def test_a_table_wider_than_the_phone_keeps_its_caption_and_the_names_of_its_rows_in_sight(read):
    page = read("harbour", 390, scripts=True)
    box = page.get_by_role("region", name="Who pays whom")
    box.evaluate("box => { box.scrollLeft = 1000; }")
    assert box.evaluate("box => box.scrollLeft") > 50
    for part in ("caption", "tbody th >> nth=0"):
        place = box.locator(part).bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 390


@pytest.mark.parametrize("name", ["harbour", "long", "kobe"])
def test_on_paper_nothing_is_cut_off(read, name):
    page = read(name, 718, "dark", scripts=True)  # A4 with a browser's own margins
    page.emulate_media(media="print")
    cut = """() => [...document.querySelectorAll("table, svg")].filter(
      item => item.getBoundingClientRect().right > innerWidth + 1.5).map(item => item.outerHTML.slice(0, 200))"""
    assert page.evaluate(cut) == []
    assert page.locator("nav:visible").count() == 0
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (ink, paper) == ("rgb(31, 35, 40)", "rgb(253, 252, 250)")  # light, whatever the screen was
