"""The cards of citations and terms: by mouse, by keyboard, by finger, without a script, on paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_every_page import RULES

KOBE = "book/cases/kobe.html"
SOURCE, TERM = "main a[aria-describedby^='said-sources']", "main a[aria-describedby^='said-term']"


def test_a_card_opens_under_the_mouse_which_can_move_onto_it(visit):
    page = visit(KOBE)
    card = page.locator(".note:popover-open")
    page.locator(SOURCE).first.hover()
    expect(card).to_contain_text("Interest")
    box = card.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 20, steps=5)
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.mouse.move(2, 2)
    expect(card).to_be_hidden()


def test_a_card_opens_on_focus_leads_on_and_closes_on_escape(visit):
    page = visit(KOBE)
    card, term = page.locator(".note:popover-open"), page.locator(TERM).first
    page.keyboard.press("Tab")  # a reader who uses keys
    term.focus()
    expect(card).to_contain_text("cashable saving.")
    expect(term).to_have_accessible_description(card.locator("p").first.inner_text())
    page.keyboard.press("Tab")
    expect(card.get_by_role("link", name="In the glossary")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    term.press("Enter")
    page.wait_for_url("**/glossary.html#term-cashable-saving")


@pytest.mark.parametrize("width", [320, 390])
def test_a_tap_opens_the_card_and_not_the_link(visit, width):
    page = visit(KOBE, width=width, has_touch=True, is_mobile=True)
    card = page.locator(".note:popover-open")
    for link in (page.locator(SOURCE).nth(8), page.locator(TERM).last):
        link.scroll_into_view_if_needed()
        link.tap()
        expect(card).to_be_visible()
        box = card.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.url.endswith("kobe.html")
        page.touchscreen.tap(width - 4, 4)
        expect(card).to_be_hidden()
    link.tap()
    card.get_by_role("link").first.tap()
    page.wait_for_url("**/reference/**")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_open_card_passes_axe(visit, theme):
    page = visit(KOBE, theme=theme)
    page.locator(SOURCE).first.hover()
    expect(page.locator(".note:popover-open")).to_be_visible()
    found = Axe().run(page, context=".notes", options=RULES).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []


def test_without_scripts_a_citation_leads_to_its_entry(visit):
    page = visit(KOBE, java_script_enabled=False)
    expect(page.locator(".note").first).to_be_hidden()
    page.locator("article a[href*='bibliography.html#']").first.click()
    assert "bibliography.html#id" in page.url


def test_on_paper_the_sources_cited_are_listed(visit):
    page = visit(KOBE)
    page.emulate_media(media="print")
    expect(page.locator(".notes h2")).to_be_visible()
    expect(page.locator(".note.sources").first).to_contain_text("Seen")
    expect(page.locator(".note.sources .more").first).to_be_hidden()
    expect(page.locator(".note.term").first).to_be_hidden()
