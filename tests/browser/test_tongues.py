"""The Japanese edition as its readers use it: the switch, the search, a page that runs, a report of one's own."""

import re

import pytest
from playwright.sync_api import expect

KOBE = "book/cases/kobe.html"
LONG = 240_000
JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")


def test_the_switch_keeps_the_place_there_and_back(visit):
    page = visit(f"{KOBE}#exercises")
    for name, language, address in (("日本語", "ja", f"ja/{KOBE}"), ("English", "en", KOBE)):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(f"**/{address}#exercises")
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("#exercises").evaluate("part => Math.abs(part.getBoundingClientRect().top)") < 100
    assert page.faults == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("腎機能", "cases/kobe.html"),
        ("横浜", "cases/yokohama.html"),
        ("支払条件", "glossary.html#term-payment-schedule"),
        ("成果指標", "glossary.html#term-metric"),
        ("SIBとは", "glossary.html#term-social-impact-bond"),
        ("デッドウェイトの意味", "glossary.html#term-deadweight"),
    ],
)
def test_a_japanese_question_finds_its_page_first(visit, asked, found):
    page = visit(f"ja/search.html?q={asked}")
    expect(page.locator("#search-results a").first).to_have_attribute("href", re.compile(re.escape(found) + "$"))
    assert page.faults == []


def test_cells_that_run_in_the_page_say_what_is_stored_and_mark_what_differs_in_japanese(visit):
    page = visit(f"ja/{KOBE}")
    tables = "main .output table:not(.vega-data table)"
    before = page.locator(tables).all_inner_texts()
    page.get_by_role("button", name="このページを実行").first.click()
    expect(page.locator('.live-bar [role="status"]')).to_contain_text("セルを実行した", timeout=LONG)
    assert page.locator(tables).all_inner_texts() == before != []
    titles = page.locator("main figure svg text").all_text_contents()
    assert "支払額（円）" in titles
    panel = page.locator("#assume")
    if not panel.locator("details").evaluate("fold => fold.open"):
        panel.locator("summary").click()
    slider = page.get_by_label("効果の続く年数", exact=True)
    slider.focus()
    slider.press("ArrowRight")
    expect(panel.locator(".assume-row", has=slider).locator(".assume-value")).to_have_text("6年")
    mark = page.locator("main td .was").first
    expect(mark).to_be_attached(timeout=LONG)
    assert JAPANESE.search(mark.inner_text())
    assert page.faults == []


def test_the_form_makes_its_report_in_japanese(visit):
    page = visit("ja/book/practice/your-own.html")
    page.get_by_role("button", name="例示を入れる", exact=True).click()
    page.get_by_role("button", name="レポートを作る", exact=True).click()
    report = page.frame_locator(".own-report iframe").locator("main")
    expect(report.locator("h2").first).to_have_text("要点", timeout=LONG)
    for head in [*report.locator("h2").all_inner_texts(), *report.locator("caption").all_inner_texts()]:
        assert JAPANESE.search(head), head
    with page.expect_download(timeout=LONG) as download:
        page.get_by_role("button", name="ケースファイルを保存").click()
    assert 'language = "ja"' in download.value.path().read_text(encoding="utf-8")
    assert page.faults == []
