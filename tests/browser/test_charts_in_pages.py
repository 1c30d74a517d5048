"""Every chart as it stands in its page: wide and on phones, light and dark, before and after it is live, with the
book's fonts and without. A load a page: sizes, colours and fonts change in it."""

import pytest

from .conftest import SITE
from .pictures import CHECK

PAGES = [
    path.relative_to(SITE).as_posix()
    for path in sorted((SITE / "book").glob("**/*.html"))
    if 'class="vega-figure"' in path.read_text(encoding="utf-8")
]
WIDTHS = (1280, 820, 390, 320)
OTHER = (1280, 320)  # widths at which the book's own letters are away, too

# the book's own letters leave, as where they have not come yet, and come back
FONTS = """on => {
  if (!window.casebookFaces) window.casebookFaces = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
    .filter(rule => rule instanceof CSSFontFaceRule && /url\\(/.test(rule.cssText))
    .map(rule => ({ sheet: rule.parentStyleSheet, text: rule.cssText }));
  window.casebookFaces.forEach(face => {
    if (on) face.sheet.insertRule(face.text, 0);
    else for (let i = face.sheet.cssRules.length - 1; i >= 0; i--)
      if (face.sheet.cssRules[i].cssText === face.text) face.sheet.deleteRule(i);
  });
  document.body.offsetHeight;
  return on ? document.fonts.load('400 16px "Casebook Sans"').then(() => true) : true;
}"""
# the library anew: it remembers how wide words were
AFRESH = """() => new Promise(done => {
  const script = document.createElement("script");
  script.src = document.querySelector("script[data-bundle]").dataset.bundle;
  script.onload = () => done(true);
  document.head.append(script);
})"""
LIVE = """async on => {
  const figures = [...document.querySelectorAll(".vega-figure")];
  for (const figure of figures) {
    const view = figure.querySelector(".vega-view");
    figure.kept = figure.kept || [...view.childNodes];
    view.replaceChildren(...figure.kept);
    delete figure.dataset.ready;
    if (on) window.casebookFigure.show(figure);
  }
  const end = Date.now() + 20000;
  while (on && figures.some(figure => figure.dataset.ready !== "true") && Date.now() < end)
    await new Promise(done => setTimeout(done, 30));
  return figures.filter(figure => on && figure.dataset.ready !== "true").map(figure => figure.id);
}"""


@pytest.mark.parametrize("address", PAGES)
def test_charts_can_be_read(visit, address):
    page = visit(address)
    page.evaluate("document.querySelectorAll('details:has(.vega-figure)').forEach(fold => { fold.open = true; })")
    page.evaluate("document.querySelectorAll('.vega-figure').forEach(figure => delete figure.dataset.live)")
    found = []

    def check(*said):
        found.extend((*said, fault) for fault in page.evaluate(CHECK))

    for fonts, widths in ((True, WIDTHS), (False, OTHER)):
        page.evaluate(FONTS, fonts)
        page.evaluate(AFRESH)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            for live in (False, True):
                assert page.evaluate(LIVE, live) == []
                check(width, "live" if live else "picture", "own fonts" if fonts else "other fonts")
    page.emulate_media(color_scheme="dark")  # colours do not hang on the width
    check("live, dark")
    page.evaluate(LIVE, False)
    check("picture, dark")
    assert found == []


@pytest.mark.parametrize("address", PAGES)
def test_on_paper_lines_are_dark_enough(visit, address):
    page = visit(address, width=658)
    page.emulate_media(media="print")
    assert [fault for fault in page.evaluate(CHECK) if "faint" in fault] == []


def chart(inner: str) -> str:
    return (
        '<body style="background:#fdfcfa"><figure class="vega-figure" id="figure-x"><div class="vega-view">'
        '<svg width="200" height="100" viewBox="0 0 200 100"><g class="mark-group role-frame">'
        f'<path class="background" d="M0,0h200v100h-200Z" fill="none" />{inner}</g></svg></div></figure>'
    )


@pytest.mark.parametrize(
    ("inner", "fault"),
    [
        ('<text x="50" y="50">one</text><text x="60" y="52">two</text>', "text on text: one | two"),
        ('<text x="-70" y="50">cut off</text>', "cut at the side: cut off"),
        ('<text x="50" y="1">too high</text>', "cut above or below: too high"),
        ('<text x="50" y="50">-0.92</text>', "hyphen for a minus"),
        (
            '<g class="mark-text role-axis-label"><text x="50" y="90">18M</text><text x="78" y="90">19M</text></g>',
            "text on text: 18M | 19M",
        ),
        ('<g class="mark-symbol role-mark"><path d="M220,50h9v9h-9Z" fill="#000" /></g>', "outside the view"),
        ('<g class="mark-symbol role-mark"><path d="M-4,50h8v8h-8Z" fill="#000" /></g>', "a mark on the rim"),
        ('<g class="mark-line"><path d="M9,9L99,99" stroke="#ccc" fill="none" /></g>', "faint"),
        ('<g class="mark-line"><path d="M9,9L99,99" stroke="#555" opacity="0.4" fill="none" /></g>', "faint"),
    ],
)
def test_the_check_finds_what_is_planted(browser, inner, fault):
    page = browser.new_page()
    page.set_content(
        chart('<text x="50" y="20">plain</text><g class="mark-line"><path d="M9,9L9,99" stroke="#555" /></g>')
    )
    assert page.evaluate(CHECK) == []
    page.set_content(chart(inner))
    assert any(fault in said for said in page.evaluate(CHECK)), page.evaluate(CHECK)
    page.close()


def test_the_check_sees_letters_that_are_wider_than_the_book_s(visit):
    """The fonts do leave: else nothing would have been looked at twice."""
    page = visit("book/cases/kobe.html")
    width = "document.querySelector('.vega-view svg text').getBoundingClientRect().width"
    page.evaluate("document.fonts.ready.then(() => true)")
    own = page.evaluate(width)
    page.evaluate(FONTS, False)
    assert page.evaluate(width) != own
    page.evaluate(FONTS, True)
    assert abs(page.evaluate(width) - own) < 0.1
