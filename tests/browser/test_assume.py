"""The sliders of a chapter's assumptions, in a real browser: what follows, what is marked, and bad days."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_every_page import RULES
from .test_live import KOBE, LONG, OUTPUTS, settled

QUICK = "book/countries/building-blocks.html"  # few cells, a slider each
SWEPT = {QUICK: 2, "book/framing/between-organisations.html": 2, "book/cases/yokohama.html": 1}  # sliders a page
INVESTOR = "return that investors expect"


def panel(page):
    return page.get_by_role("region", name="Assumptions", exact=True)


def slider(page, label: str):
    return panel(page).get_by_role("slider", name=re.compile(label))


def said(page):
    return panel(page).locator(".assume-said")


def move(page, label: str, value: float) -> None:
    """As a hand does: the slider goes there, and is let go."""
    slider(page, label).evaluate(
        """(range, value) => {
          range.value = value;
          for (const what of ["input", "change"]) range.dispatchEvent(new Event(what, { bubbles: true }));
        }""",
        str(value),
    )


def follow(page) -> None:
    expect(said(page)).to_have_text(re.compile(r"print\.|anew\.|opened\.|moves by this\.|as published\."), timeout=LONG)
    settled(page)


def test_before_the_first_touch_there_are_sliders_and_nothing_is_loaded(visit):
    page = visit(KOBE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload(wait_until="networkidle")
    assert [url for url in asked if "/live/" in url] == []
    first = slider(page, "Progression prevented")
    expect(first).to_have_attribute("aria-valuetext", "20 %, as published")
    expect(first).to_have_accessible_description(re.compile(r"0 % to 80 %\. Assumption of this book"))
    expect(panel(page)).to_contain_text("Sentences, titles and descriptions keep to the published values.")


def test_a_slider_moves_what_rests_on_it_says_what_is_in_print_and_goes_back(visit):
    page = visit(QUICK)
    published = page.evaluate(OUTPUTS)
    move(page, INVESTOR, 0.15)
    follow(page)
    expect(said(page)).to_have_text(re.compile(r"^\d+ numbers? differs? from print"))
    cells = page.locator("td.moved")
    assert cells.count() > 0
    shown = cells.first.inner_text().split("in print")
    assert len(shown) == 2
    assert shown[0].strip() != shown[1].strip()
    assert page.locator("details.folded[open]").count() == 0  # no code needs to be read
    expect(slider(page, INVESTOR)).to_have_attribute("aria-valuetext", "15 %, published 5 %")
    assert "assume=general.investor_rate:0.15" in page.url
    panel(page).get_by_role("button", name="Published: 5 %").click()
    follow(page)
    expect(said(page)).to_have_text("Everything is as published.")
    expect(slider(page, INVESTOR)).to_be_focused()
    assert page.evaluate(OUTPUTS) == published
    assert page.locator(".moved, .was, .live-stale").count() == 0
    page.wait_for_function("!location.search")
    assert page.faults == []


@pytest.mark.parametrize("address", SWEPT)
def test_sliders_at_both_ends_give_what_the_whole_page_gives(visit, address):
    """What followed a slider is what *Run this page* gives at the same values; nothing fails."""
    page = visit(address)
    published = page.evaluate(OUTPUTS)
    ranges = panel(page).get_by_role("slider")
    chosen = [0, ranges.count() - 1][: SWEPT[address]]
    for place in chosen:
        for end in ("min", "max"):
            ranges.nth(place).evaluate(
                """(range, end) => {
                  range.value = range[end];
                  for (const what of ["input", "change"]) range.dispatchEvent(new Event(what, { bubbles: true }));
                }""",
                end,
            )
            follow(page)
        mine = page.evaluate(OUTPUTS)
        assert page.locator(".live-error, .live-none").count() == 0
    page.get_by_role("button", name=re.compile("^Run (this page|all)$")).click()
    settled(page)
    whole = page.evaluate(OUTPUTS)
    closed = page.evaluate(
        "[...document.querySelectorAll('div.cell:has(.cell_input pre)')].map(c => !!c.closest('details:not([open])')"
        " || !!c.querySelector('.cell_output')?.closest('details:not([open])'))"
    )
    assert [one for one, shut in zip(mine, closed, strict=True) if not shut] == [
        one for one, shut in zip(whole, closed, strict=True) if not shut
    ]
    panel(page).get_by_role("button", name="All as published").click()
    follow(page)
    assert page.evaluate(OUTPUTS) == published
    assert page.faults == []


def test_an_address_sets_sliders_and_says_in_a_line_what_it_cannot(visit):
    good = "general.investor_rate:0.15"
    bad = "general.investor_rat:0.1,general.capital_years:99,kobe.rho:0.5,general.capital_years:,x"
    page = visit(f"{QUICK}?assume={good},{bad}#sources-and-further-reading")
    expect(slider(page, INVESTOR)).to_have_value("0.15")
    expect(said(page)).to_have_text(
        "This address moves 1 assumption. Left out, because this chapter does not have it or it is out of range: "
        + bad.replace(",", ", ") + "."
    )  # fmt: skip
    assert page.evaluate("performance.getEntriesByType('resource').filter(e => e.name.includes('/live/')).length") == 0
    panel(page).get_by_role("button", name="Show what follows").click()
    follow(page)
    assert page.locator("td.moved").count() > 0
    move(page, INVESTOR, 0.1)
    follow(page)
    page.wait_for_function("location.search === '?assume=general.investor_rate:0.1'")
    assert page.url.endswith("#sources-and-further-reading")
    assert page.faults == []


def test_arrows_move_a_slider_and_one_moved_while_cells_run_has_the_last_word(visit):
    page = visit(QUICK)
    slider(page, INVESTOR).focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    move(page, INVESTOR, 0.12)
    follow(page)
    mine = page.evaluate(OUTPUTS)
    again = visit(f"{QUICK}?assume=general.investor_rate:0.12")
    panel(again).get_by_role("button", name="Show what follows").click()
    follow(again)
    assert again.evaluate(OUTPUTS) == mine


def test_stop_and_reset_leave_a_page_that_can_be_moved_again(visit):
    page = visit(QUICK)
    published = page.evaluate(OUTPUTS)
    move(page, INVESTOR, 0.15)
    page.get_by_role("button", name="Stop").click()
    expect(said(page)).to_contain_text("Stopped.")
    assert page.evaluate(OUTPUTS) == published
    expect(slider(page, INVESTOR)).to_have_value("0.15")
    move(page, INVESTOR, 0.1)
    follow(page)
    assert page.locator("td.moved").count() > 0
    page.get_by_role("button", name="Reset the page").click()
    assert page.evaluate(OUTPUTS) == published
    expect(slider(page, INVESTOR)).to_have_value("0.05")
    assert page.locator(".moved, .live-stale").count() == 0
    move(page, INVESTOR, 0.15)
    follow(page)
    assert page.locator("td.moved").count() > 0
    assert page.faults == []


def test_a_lost_connection_is_said_and_the_next_touch_tries_again(visit):
    page = visit(QUICK)
    page.route("**/live/numbers*", lambda route: route.abort())
    move(page, INVESTOR, 0.15)
    expect(said(page)).to_contain_text("connection was lost", timeout=60_000)
    page.unroute("**/live/numbers*")
    move(page, INVESTOR, 0.1)
    follow(page)
    assert page.locator("td.moved").count() > 0


def test_on_a_phone_only_the_slider_that_is_touched_stands_over_the_text(visit):
    page = visit(QUICK, width=390)
    expect(slider(page, INVESTOR)).to_be_hidden()
    panel(page).locator("summary").click()
    whole = panel(page).bounding_box()["height"]
    move(page, INVESTOR, 0.15)
    follow(page)
    assert panel(page).get_by_role("slider").count() == 1
    assert panel(page).bounding_box()["height"] < min(whole, 260)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    panel(page).get_by_role("button", name=re.compile("^All \\d+$")).click()
    assert panel(page).get_by_role("slider").count() > 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_where_numbers_have_moved(visit, theme):
    page = visit(QUICK, theme=theme)
    move(page, INVESTOR, 0.15)
    follow(page)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
