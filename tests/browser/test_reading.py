"""What a reader does: with the keyboard, on a phone, in the dark, from a folder, on paper."""

import re
import zipfile

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from .conftest import SITE, scroll_through

KOBE = "book/cases/kobe.html"


def test_a_slider_is_reached_and_moved_by_keyboard_and_the_chart_follows(visit):
    page = visit(KOBE)
    figure = page.locator(".vega-figure[data-live]").first
    scroll_through(page)
    slider = figure.locator('input[type="range"]')
    slider.scroll_into_view_if_needed()
    before, value = figure.locator("svg").inner_html(), slider.input_value()
    figure.locator("xpath=preceding::a[1]").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if slider.evaluate("slider => slider === document.activeElement"):
            break
    expect(slider).to_be_focused()
    assert slider.evaluate("slider => getComputedStyle(slider).outlineStyle") != "none"
    page.keyboard.press("ArrowRight")
    assert float(slider.input_value()) > float(value)
    expect(figure.locator("svg")).not_to_have_js_property("innerHTML", before)
    assert slider.evaluate("slider => slider.labels.length") == 1


def test_a_slider_says_its_value_as_the_text_writes_it_also_to_a_screen_reader_and_on_paper(visit):
    page = visit(KOBE)
    figure = page.locator("#figure-savings")
    scroll_through(page)
    slider, settings = figure.locator('input[type="range"]'), figure.locator(".vega-settings")
    expect(slider).to_have_accessible_name("share of progression prevented")
    expect(slider).to_have_attribute("aria-valuetext", "20 %")
    expect(settings).to_be_hidden()
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "25 %")
    page.wait_for_timeout(200)  # the library has written its own number by now
    expect(figure.locator(".vega-said")).to_have_text("25 %")
    page.emulate_media(media="print")
    expect(settings).to_be_visible()
    expect(settings).to_have_text("share of progression prevented: 25 %")


def test_a_figure_is_found_taken_along_and_cited(visit):
    page = visit(KOBE + "#figure-returns")
    figure = page.locator("#figure-returns")
    expect(figure.locator("figcaption")).to_be_in_viewport()
    figure.locator("summary").click()
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            figure.get_by_role("link", name=f"The picture as {kind}").click()
        assert download.value.suggested_filename == f"cases-kobe-returns.{kind.lower()}"
    cited = figure.locator(".vega-cite").inner_text()
    title = figure.locator("figcaption").inner_text().removesuffix("#")
    assert title.replace("\xa0", " ") in cited.replace("\xa0", " ")
    assert "Version" in cited
    assert "kobe.html#figure-returns" in cited  # where it was read, if the build knows no address
    assert page.faults == []


def test_every_stop_of_the_tab_key_shows_where_it_is(visit):
    page = visit("book/start.html")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        name, style, width = page.evaluate(
            """() => { const now = document.activeElement, style = getComputedStyle(now);
              return [now.outerHTML.slice(0, 80), style.outlineStyle, parseFloat(style.outlineWidth)]; }"""
        )
        if name.startswith("<body"):
            break
        seen.add(name)
        assert style != "none", name
        assert width >= 2, name
    assert len(seen) > 20


def test_the_first_tab_leads_past_the_contents(visit):
    page = visit(KOBE)
    page.keyboard.press("Tab")
    expect(page.locator("a.skip").first).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_light_and_dark_follow_the_system_until_a_reader_chooses(visit):
    page = visit(KOBE, theme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    button = page.locator("button#theme")
    button.click()
    light = page.evaluate(paper)
    assert light != dark
    expect(button).to_have_accessible_name("Colours: light")
    page.goto(page.url.replace("kobe", "yokohama"))
    assert page.evaluate(paper) == light
    button.click()
    assert page.evaluate(paper) == dark
    button.click()
    page.emulate_media(color_scheme="light")
    assert page.evaluate(paper) == light


def test_on_a_phone_the_contents_open_and_close(visit):
    page = visit(KOBE, width=390)
    contents = page.locator("nav#contents")
    expect(contents).to_be_hidden()
    page.get_by_role("button", name="Contents").press("Enter")
    expect(contents).to_be_visible()
    page.keyboard.press("Escape")
    expect(contents).to_be_hidden()
    page.get_by_role("button", name="On this page").click()
    page.locator("nav#places").get_by_role("link", name="Exercises").click()
    assert page.url.endswith("#exercises")
    expect(page.locator("nav#places")).to_be_hidden()


def test_charts_wait_until_a_reader_reaches_for_them(visit):
    page = visit("book/index.html")
    scroll_through(page)
    figure = page.locator(".vega-figure").first
    assert page.evaluate("typeof window.vegaEmbed") == "undefined"
    figure.locator(".vega-view").hover()
    figure.and_(page.locator('[data-ready="true"]')).wait_for()
    figure.locator(".vega-live .mark-rect path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_be_visible()


def test_a_chart_s_data_are_a_click_away_as_a_table_and_as_csv(visit):
    page = visit("book/index.html")
    page.locator(".vega-figure summary").first.click()
    expect(page.locator(".vega-data table").first).to_be_visible()
    with page.expect_download() as download:
        page.locator(".vega-figure a[download]").first.click()
    text = download.value.path().read_text(encoding="utf-8")
    assert "," in text.splitlines()[0]
    assert len(text.splitlines()) == page.locator(".vega-data").first.locator("tr").count()


def test_search_finds_a_chapter(visit):
    page = visit(KOBE)
    page.locator("#q").fill("dialysis")
    page.locator("#q").press("Enter")
    result = page.locator("#search-results a", has_text="Kobe").first
    expect(result).to_be_visible()
    expect(page.locator("#search-results .context").first).not_to_be_empty()
    assert page.faults == []
    result.click()
    assert "kobe.html" in page.url


def test_moving_is_left_out_for_those_who_ask(visit):
    page = visit(KOBE, reduced_motion="reduce")
    moves = "e => parseFloat(getComputedStyle(e).transitionDuration) > 0"
    assert page.evaluate(f"[...document.querySelectorAll('*')].filter({moves}).length") == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The whole book as a reader unpacks it."""
    target = tmp_path_factory.mktemp("stick")
    with zipfile.ZipFile(SITE / "downloads/casebook.zip") as archive:
        archive.extractall(target)
    return (target / "casebook").as_uri()


def test_the_zip_opens_from_a_folder(visit, folder):
    page = visit("index.html", root=folder)
    page.wait_for_url("**/book/index.html")
    page.locator("nav#contents a[href$='cases/kobe.html']").click()
    scroll_through(page)
    expect(page.locator('.vega-figure input[type="range"]').first).to_be_visible()
    page.locator("#q").fill("dialysis")
    page.get_by_role("option", name=re.compile("^Kobe")).wait_for()
    page.locator("#q").press("Enter")
    expect(page.locator("#search-results a", has_text="Kobe").first).to_be_visible()
    assert page.faults == []


def test_the_book_as_a_pdf_has_contents_with_the_right_page_numbers():
    reader = PdfReader(SITE / "downloads/casebook.pdf")
    assert len(reader.pages) > 100
    lines = reader.pages[1].extract_text().splitlines()
    entries = [re.fullmatch(r"(.+?)\s*(\d+)", line.strip()) for line in lines]
    chapters = [(match[1], int(match[2])) for match in entries if match and len(match[1]) > 5]
    assert len(chapters) >= 17
    for title, number in chapters:
        text = reader.pages[number - 1].extract_text()
        assert re.sub(r"[^A-Za-z0-9]", "", title) in re.sub(r"[^A-Za-z0-9]", "", text), (title, number)
        assert str(number) in text.splitlines()  # the page says its own number
    links = [link.get_object().get("/Dest") for page in reader.pages for link in page.get("/Annots") or []]
    inside = {place for place in links if isinstance(place, str)}
    assert len(inside) > 100
    assert inside <= set(reader.named_destinations)
