"""A SIB of one's own in the page: typed in as people do, checked beside the fields, with the command's own report."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from sibmodels import casefile, reports
from sibmodels.casefile import form
from tests.casefiles import HARBOUR

from .test_every_page import RULES

OWN = "book/practice/your-own.html"
CASE = casefile.loads(HARBOUR)
LONG = 240_000


def field(page, at: str):
    return page.locator(f'[id="own.{at}"]')


def fill(page, at: str, text: str) -> None:
    """Type into a field and leave it."""
    field(page, at).fill(text)
    field(page, at).blur()


def said(page):
    return page.locator(".own-status")


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def make(page) -> None:
    button(page, "Make the report").click()
    expect(said(page)).to_have_text("The report is ready, below the form.", timeout=LONG)


def report(page):
    return page.frame_locator(".own-report iframe").locator("main")


def told(html: str) -> list[str]:
    """Every sentence and every cell of a report."""
    main = BeautifulSoup(html, "html.parser")
    return [tag.get_text() for tag in main.select("h2, p, li, caption, th, td, figcaption")]


def type_in(page, typed: dict) -> None:
    """A whole case, field by field."""
    page.evaluate("document.querySelectorAll('.own details').forEach(fold => { fold.open = true; })")
    for section, part in typed.items():
        for number, item in enumerate(part, start=1) if isinstance(part, list) else [(0, part)]:
            at = f"{section}.{number}" if number else section
            if number and not field(page, at).count():
                page.locator(f'[data-section="{section}"] .own-add').click()
            # the way to pay first: it decides which other fields there are
            for key, entry in sorted(item.items(), key=lambda pair: pair[0] != "schedule"):
                type_entry(page, f"{at}.{key}", entry)


def type_entry(page, at: str, entry) -> None:
    here = field(page, at)
    if isinstance(entry, dict):
        box = page.locator(".own-field", has=here)
        if len(entry) > 1 and not box.locator("[data-open]").count():
            box.get_by_role("button", name="Give a range").click()
        for part, text in entry.items():
            fill(page, at if part == "value" else f"{at}.{part}", text)
    elif isinstance(entry, list):
        box = page.locator(".own-field", has=here)
        for number, row in enumerate(entry):
            if number:
                box.locator(".own-row-add").click()
            for place, text in enumerate(row):
                box.locator(".own-row").nth(number).locator("input").nth(place).fill(text)
    elif here.evaluate("box => box.tagName") == "SELECT":
        here.select_option(entry)
    else:
        fill(page, at, entry)


def test_the_report_of_what_is_typed_is_the_command_s_number_by_number(visit):
    page = visit(OWN)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    button(page, "Start empty").click()
    type_in(page, form.entries(casefile.raw(CASE)))
    make(page)
    html = report(page).inner_html()
    native = BeautifulSoup(reports.html(CASE), "html.parser").main
    assert told(html) == told(str(native))
    assert html.count("<svg") == str(native).count("<svg") > 4
    expect(report(page).locator("svg:visible")).to_have_count(str(native).count("<svg") // 2)  # each for its width
    assert not [url for url in asked if "openpyxl" in url]  # fetched when a workbook is asked for
    for name, ending in (("Save the case file", ".toml"), ("Save the workbook (Excel)", ".xlsx")):
        with page.expect_download(timeout=LONG) as download:
            button(page, name).click()
        assert download.value.suggested_filename == f"harbour-town-back-to-work-invented{ending}"
        kept = Path(download.value.path()).with_suffix(ending)
        download.value.save_as(kept)
        assert casefile.read(kept) == CASE
    with page.expect_download() as download:
        button(page, "Save the report").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert told(str(BeautifulSoup(saved, "html.parser").main)) == told(str(native))
    assert "data-picture" not in saved
    # another file from the disk, and its report
    text = casefile.dumps(casefile.example("kobe"))
    page.locator("#own-file").set_input_files({"name": "k.toml", "mimeType": "", "buffer": text.encode()})
    expect(said(page)).to_have_text("Checked: nothing is wrong. The report can be made.", timeout=LONG)
    expect(page.locator(".own-stale")).to_be_visible()
    make(page)
    assert told(report(page).inner_html()) == told(
        str(BeautifulSoup(reports.html(casefile.example("kobe")), "html.parser").main)
    )
    button(page, "Take that back").click()
    expect(field(page, "case.name")).to_have_value(CASE.about.name)
    looked_at(page, 1280)
    assert page.faults == []


def error(page, at: str):
    return page.locator(f'[id="own.{at}-error"]')


TYPED = [  # what a field shows when it is left
    ("investment.amount", "£350,000", "350000"),
    ("contract.cap", "1 500 000", "1500000"),
    ("timing.start", "April 2027", "2027-04"),
    ("outcome.1.measured", "04/2028, March 2029", "2028-04, 2029-03"),
    ("investment.wanted", "5 %", "0.05"),
]


def test_what_is_wrong_is_said_at_its_field_and_the_summary_leads_there(visit):
    page = visit(OWN)
    page.route("**/live/numbers*", lambda route: route.abort())  # what needs no Python is said without it
    for at, text, read in TYPED:
        fill(page, at, text)
        expect(field(page, at)).to_have_value(read)
        expect(error(page, at)).to_be_empty()
    fill(page, "timing.start", "2018-13")
    expect(error(page, "timing.start")).to_have_text(
        "First month: “2018-13” is no month; write year-month, as 2027-04."
    )
    fill(page, "investment.wanted", "5")
    expect(error(page, "investment.wanted")).to_contain_text("for 5 % write 0.05")
    expect(said(page)).to_contain_text("connection was lost", timeout=60_000)
    page.unroute("**/live/numbers*")
    button(page, "Remove outcome 2").click()
    field(page, "outcome.1.unit").select_option("people")
    fill(page, "outcome.1.floor", "")
    fill(page, "outcome.1.target", "5000")
    expect(error(page, "outcome.1.target")).to_have_text(
        "Target: 5000 cannot be reached; 200 are measured: lower it, or raise “Measured on”.", timeout=LONG
    )
    expect(field(page, "outcome.1.target")).to_have_attribute("aria-invalid", "true")
    expect(said(page)).to_have_text("3 things to mend.", timeout=LONG)
    button(page, "Make the report").click()
    expect(page.locator(".own-summary")).to_be_focused(timeout=LONG)
    links = page.locator(".own-summary a")
    expect(links).to_have_count(3)
    links.first.click()
    expect(field(page, "outcome.1.target")).to_be_focused()
    fill(page, "outcome.1.target", "40 %")
    expect(error(page, "outcome.1.target")).to_contain_text("0.4 is less than one; write how many: 80", timeout=LONG)
    fill(page, "outcome.1.target", "80")
    fill(page, "timing.start", "2027-04")
    fill(page, "investment.wanted", "5 %")
    expect(field(page, "investment.wanted")).to_have_value("0.05")
    expect(said(page)).to_have_text("Checked: nothing is wrong. The report can be made.", timeout=LONG)
    assert page.locator("[aria-invalid]").count() == 0
    assert "Traceback" not in page.locator("main").inner_text()


def test_nothing_is_lost_when_python_stops_or_the_page_is_loaded_anew(visit):
    page = visit(OWN)
    fill(page, "case.name", "Better mornings")
    button(page, "Make the report").click()
    button(page, "Stop").click()
    expect(said(page)).to_contain_text("Python stopped. Your entries are kept.")
    expect(field(page, "case.name")).to_have_value("Better mornings")
    page.locator('[data-section="cost"] .own-add').click()
    fill(page, "cost.3.name", "Rent")
    fill(page, "cost.3.amount", "1000")
    page.reload()
    expect(said(page)).to_contain_text("Your entries of last time are here")
    expect(field(page, "cost.3.amount")).to_have_value("1000")
    make(page)
    expect(report(page).get_by_role("rowheader", name="Cost: Rent", exact=True)).to_have_count(1)
    button(page, "Forget my entries").click()
    expect(field(page, "case.name")).to_have_value("Harbour Town back to work (invented)")
    page.reload()
    expect(field(page, "case.name")).to_have_value("Harbour Town back to work (invented)")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('own'))") == []
    assert page.faults == []


INSIDE = """frame => {
  const inside = frame.contentDocument, root = inside.documentElement;
  return {
    wide: root.scrollWidth - frame.clientWidth, high: root.scrollHeight - frame.clientHeight,
    paper: getComputedStyle(inside.body).backgroundColor,
  };
}"""


def looked_at(page, width: int) -> None:
    """What axe finds, with everything open, and what runs out of the page."""
    page.evaluate("document.querySelectorAll('.own details').forEach(fold => { fold.open = true; })")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_form_faults_and_report_suit_a_phone_in_the_dark_and_a_screen_reader(visit):
    page = visit(OWN, theme="dark", width=320)
    make(page)
    fill(page, "timing.end", "2018-13")
    expect(page.locator(".own-summary")).to_be_visible(timeout=LONG)
    looked_at(page, 320)
    inside = page.locator(".own-report iframe").evaluate(INSIDE)  # the page's dark, and no scroll bar of its own
    assert inside == {"wide": 0, "high": 0, "paper": "rgb(22, 24, 27)"}


def test_without_scripts_the_page_says_what_to_do(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{OWN}")
    expect(page.locator(".own noscript p")).to_contain_text("python -m sibmodels report")
    assert page.locator(".own input:visible").count() == 0
    for link in page.locator(".own noscript a").all():
        assert page.request.get(f"{site}/book/practice/{link.get_attribute('href')}").ok
    context.close()
