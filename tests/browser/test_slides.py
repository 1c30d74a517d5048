"""Slides as they are projected and printed: nothing collides, nothing is cut off, all is read from the back row."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from casebook import slides
from playwright.sync_api import expect

from .test_every_page import RULES

SCREENS = [(1366, 768), (1920, 1080)]
WORDS, LETTERS, MOST = 18, 14, 45  # the smallest words and letters of charts at 1366 x 768, in pixels; words a slide
PAPER = (1032, 703)  # A4 across without its margins, in pixels
each_deck = pytest.mark.parametrize("deck", [name.rpartition("/")[2] for name in slides.DECKS])

# What is wrong with each slide that is shown. A line of words is as high as its letters, not as its line.
FAULTS = """([words, letters, most, tall]) => {
  const faults = [];
  for (const slide of document.querySelectorAll("main > section")) {
    if (!slide.checkVisibility()) continue;
    const name = slide.id + ": ", boxes = [];
    const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    let count = 0;
    for (let node; (node = walker.nextNode());) {
      const owner = node.parentElement, text = node.textContent.trim();
      if (!text || !owner.checkVisibility({visibilityProperty: true})) continue;
      const drawn = owner.closest("svg"), range = document.createRange();
      range.selectNodeContents(node);
      const scale = drawn ? owner.getScreenCTM().a : 1;
      const size = parseFloat(getComputedStyle(owner).fontSize) * scale;
      const read = !owner.closest(".speaker");
      if (read && size < (drawn ? letters : words) - 0.05) faults.push(name + size + " px: " + text);
      if (read && !owner.closest("svg, table")) count += text.split(/\\s+/).length;
      for (const box of range.getClientRects()) {
        const spare = Math.max(0, (box.height - 0.95 * size) / 2);
        boxes.push({text, owner: drawn ? owner : owner.closest("p, li, h1, h2, th, td, caption") || owner,
          left: box.left, right: box.right, top: box.top + spare, bottom: box.bottom - spare});
      }
    }
    if (count > most) faults.push(name + count + " words");
    for (const [place, one] of boxes.entries())
      for (const other of boxes.slice(place + 1))
        if (one.owner !== other.owner && Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
            && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1)
          faults.push(name + "'" + one.text + "' upon '" + other.text + "'");
    const page = slide.querySelector(".slide").getBoundingClientRect();
    if (page.height > tall + 1) faults.push(name + page.height + " px high");
    for (const box of boxes)
      if (box.left < page.left || box.right > page.right + 1
          || box.owner.closest(".slide") && (box.top < page.top || box.bottom > page.bottom))
        faults.push(name + "outside: " + box.text);
    for (const table of slide.querySelectorAll(".scroll"))
      if (table.scrollWidth > table.clientWidth + 1) faults.push(name + "a table is cut off");
  }
  return faults;
}"""
PLACES = """() => [...document.querySelectorAll("section.now :is(h1, h2, p, text)")].map(part => {
  const box = part.getBoundingClientRect();
  return [box.left, box.top, box.width].map(Math.round).join(" ");
})"""


# each state of a deck: a question, then its answer
TURNED = f"""async settings => {{
  const faults = [], turn = () => dispatchEvent(new KeyboardEvent("keydown", {{key: "PageDown"}}));
  await document.fonts.ready;
  for (let last; last !== location.hash; turn()) {{
    last = location.hash || "#/1";
    faults.push(...({FAULTS})(settings));
  }}
  return [faults, location.hash];
}}"""


@each_deck
def test_nothing_collides_or_is_too_small_on_a_wall(visit, deck):
    page = visit(f"slides/{deck}.html")
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.keyboard.press("Home")
        scale = width / SCREENS[0][0]
        limits = [WORDS, LETTERS * scale, MOST, height]
        faults, end = page.evaluate(TURNED, limits)
        assert faults == []
        assert end.startswith(f"#/{page.locator('main > section').count()}")
    assert page.faults == []


@each_deck
def test_nothing_collides_on_paper_and_each_slide_has_its_page(visit, deck):
    page = visit(f"slides/{deck}.html")
    page.set_viewport_size(dict(zip(("width", "height"), PAPER, strict=True)))
    page.emulate_media(media="print")
    # a question stands above its answer there
    assert page.evaluate(FAULTS, [13, 10, 2 * MOST, PAPER[1]]) == []
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
    assert len(pages) == page.locator("main > section").count()
    page.emulate_media(media="screen")
    page.keyboard.press("n")
    page.emulate_media(media="print")
    expect(page.locator(".speaker").first).to_be_visible()
    assert page.evaluate(FAULTS, [13, 10, 2 * MOST, PAPER[1]]) == []


def test_on_a_first_visit_no_letter_moves_when_fonts_are_slow(visit):
    page = visit("slides/uk-commissioner-led.html")
    page.context.clear_cookies()
    page.context.route("**/*.woff2", lambda route: (page.wait_for_timeout(2000), route.continue_()))
    page.goto(page.url.partition("#")[0] + "?first#/5/2", wait_until="commit")
    page.wait_for_selector("section.now svg text")
    at_once = page.evaluate(PLACES)
    assert page.evaluate(FAULTS, [0, 0, 999, 1e4]) == []
    page.wait_for_timeout(2500)
    page.evaluate("document.fonts.ready")
    assert page.evaluate(PLACES) == at_once


def shown(page) -> str:
    return page.locator("section.now .ask:visible, section.now :is(h1, h2):visible").inner_text()


def test_keys_and_a_clicker_turn_slides_and_the_question_comes_first(visit):
    page = visit("slides/kobe.html")
    last = page.locator("main > section").count()
    place = page.locator("#turn output")
    expect(place).to_have_text(f"1 / {last}")
    expect(page.locator("main > section:visible")).to_have_count(1)
    page.keyboard.press("End")
    expect(place).to_have_text(f"{last} / {last}")
    page.keyboard.press("Home")
    page.goto(page.url.partition("#")[0] + "#/6")
    assert shown(page).startswith("Three outcomes")
    expect(page.locator("section.now figure")).to_be_hidden()
    page.keyboard.press("PageDown")
    assert shown(page).startswith("The first two outcomes earned")
    expect(page.locator("section.now figure")).to_be_visible()
    assert page.url.endswith("#/6/2")
    page.reload()
    assert shown(page).startswith("The first two outcomes earned")
    page.keyboard.press("PageUp")
    assert shown(page).startswith("Three outcomes")
    page.keyboard.press("ArrowLeft")
    assert page.url.endswith("#/5")
    page.get_by_role("button", name="Next").press("Enter")
    assert page.url.endswith("#/6")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("link", name="The chapter").click()
    page.wait_for_url("**/book/cases/kobe.html")
    assert page.faults == []


def test_a_swipe_turns_slides(visit):
    page = visit("slides/kobe.html", width=390, has_touch=True)
    swipe = """([from, to]) => {
      const touch = x => new Touch({identifier: 1, target: document.body, clientX: x, clientY: 300});
      const about = {bubbles: true, changedTouches: [touch(to)]};
      document.body.dispatchEvent(new TouchEvent("touchstart", {bubbles: true, touches: [touch(from)]}));
      document.body.dispatchEvent(new TouchEvent("touchend", about));
    }"""
    page.evaluate(swipe, [300, 100])
    assert page.url.endswith("#/2")
    page.evaluate(swipe, [100, 300])
    assert page.url.endswith("#/1")


def test_notes_stand_below_or_in_a_window_that_follows(visit):
    page = visit("slides/kobe.html")
    page.goto(page.url.partition("#")[0] + "#/6/2")
    notes = page.locator("section.now .speaker")
    expect(notes).to_be_hidden()
    page.keyboard.press("n")
    expect(notes).to_be_visible()
    page.keyboard.press("n")
    expect(notes).to_be_hidden()
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    beside = popup.value
    expect(beside.get_by_text("Payment against performance")).to_be_visible()
    beside.keyboard.press("PageDown")
    expect(beside.get_by_text("7 / ")).to_be_visible()
    assert page.url.endswith("#/7")
    assert page.faults == []


def test_without_scripts_all_slides_stand_below_each_other(visit):
    page = visit("slides/npg.html", java_script_enabled=False)
    assert page.locator("main > section:visible").count() == page.locator("main > section").count()
    expect(page.locator(".ask").first).to_be_visible()
    expect(page.get_by_role("link", name="The chapter")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_slide_or_in_its_notes(visit, theme):
    page = visit("slides/kobe.html", theme=theme)
    page.keyboard.press("?")
    found = Axe().run(page, options=RULES).response["violations"]
    page.keyboard.press("Escape")
    page.evaluate("document.documentElement.className = 'with-notes'")  # all of them, as without a script
    found += Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
