"""Tables where there is little room: no number or word in two, no column of one word a line, no end out of sight."""

import pytest

from .conftest import SITE

PAGES = sorted(
    path.relative_to(SITE).as_posix() for path in SITE.glob("book/**/*.html") if "<article>" in path.read_text("utf-8")
)
FAULTS = """() => {
  const WORD = /[\\p{Script=Latin}\\d][\\p{Script=Latin}\\d.,]+/gu;
  const faults = [], shown = cell => cell.checkVisibility({ contentVisibilityAuto: true });
  const lines = range => new Set([...range.getClientRects()].filter(r => r.width).map(r => Math.round(r.top / 5))).size;
  for (const table of document.querySelectorAll("main table")) {
    if (!shown(table)) continue;
    const name = table.caption.textContent, box = table.parentElement, first = table.tBodies[0].rows[0].cells[0];
    const drawn = getComputedStyle(table).display, cards = drawn === "block" && table.matches(".cards, .deck");
    if (drawn !== "table" && !cards) faults.push([`drawn as ${drawn}`, name]);
    if (!cards && table.rows[1].offsetWidth < 0.9 * table.offsetWidth) faults.push(["rows narrower than it", name]);
    for (const cell of table.querySelectorAll("th, td")) {
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(WORD)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].length);
        if (lines(range) > 1) faults.push(["split", name, word[0]]);
      }
    }
    for (const row of table.tBodies[0].rows) {
      const range = document.createRange(), words = row.cells[0].textContent.trim().split(/\\s+/).length;
      range.selectNodeContents(row.cells[0]);
      if (words > 2 && lines(range) >= words) faults.push(["a word a line", name, row.cells[0].textContent]);
    }
    if (box.scrollWidth > box.clientWidth + 1) {
      if (!getComputedStyle(box).backgroundImage.includes("gradient")) faults.push(["no cue", name]);
      if (getComputedStyle(first).position !== "sticky") faults.push(["first column scrolls away", name]);
      if (table.matches(".cards") && innerWidth < 544) faults.push(["cards that scroll", name]);
      if (first.offsetWidth > 0.6 * box.clientWidth) faults.push(["no room beside its first column", name]);
    }
  }
  return faults;
}"""


@pytest.mark.parametrize(("width", "media"), [(320, "screen"), (390, "screen"), (1280, "screen"), (658, "print")])
def test_tables_keep_words_and_numbers_whole_and_their_ends_in_sight(visit, site, width, media):
    page = visit(PAGES[0], width=width)
    page.emulate_media(media=media)
    faults = []
    for address in PAGES:
        page.goto(f"{site}/{address}")
        faults += [(address, *fault) for fault in page.evaluate(FAULTS)]
    if media == "print":
        faults = [fault for fault in faults if fault[1] in ("split", "a word a line")]
    assert faults == []


def test_on_a_phone_a_row_of_words_is_a_card_whose_cells_say_what_they_are(visit):
    page = visit("book/cases/kobe.html", width=390)
    table = page.locator("table.cards").first
    row = table.locator("tbody tr").first
    assert not table.locator("thead").is_visible()
    tops = row.locator("th, td").evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))
    said = row.locator("td").evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
    assert said[-1].startswith('"Confidence')
    page.set_viewport_size({"width": 1280, "height": 900})
    assert table.locator("thead").is_visible()


def test_a_filter_hides_rows_that_are_cards(visit):
    page = visit("book/reference/facts.html", width=390)
    page.locator("#facts-words").fill("dialysis")
    assert 0 < page.locator("#table-facts tbody tr:visible").count() < 20
