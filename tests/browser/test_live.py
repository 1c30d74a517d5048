"""Cells that run in the page: every cell of every chapter, and what a reader or a bad day does to them."""

import re
import threading
from functools import partial
from http.server import ThreadingHTTPServer

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import SITE, Quiet
from .test_every_page import RULES

ROOT = SITE.parents[1]
KOBE = "book/cases/kobe.html"
SHORT = "book/across/promised-and-paid.html"  # few cells
BOOKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "book").glob("**/*.ipynb"))
LONG = 240_000

# what the page shows of each cell that has code, charts left out: their data are compared by other tests
OUTPUTS = """() => {
  const row = row => [...(row.cells || [row])].map(cell => cell.textContent.trim()).join(" | ");
  const read = box => box.matches(".vega-figure, :has(.vega-figure)")
    ? "(chart) " + box.querySelector("figcaption").textContent
    : [...box.querySelectorAll("caption, tr")].map(row).join("\\n")
      || (box.querySelector("pre") || box).textContent.trim();
  return [...document.querySelectorAll("div.cell:has(.cell_input pre)")]
    .map(cell => [...cell.querySelectorAll(".cell_output > *")].map(read));
}"""


def control(page):
    return page.locator(".live-go")


def run_page(page) -> None:
    page.get_by_role("button", name="Run this page").click()
    settled(page)


def settled(page) -> None:
    expect(control(page)).to_have_attribute("aria-disabled", "false", timeout=LONG)


def said(page):
    return page.locator('.live-bar [role="status"]')


def editor(page, number: int):
    return page.get_by_role("textbox", name=f"Code of cell {number}", exact=True)


def cell(page, number: int):
    return page.locator("div.cell", has=page.locator(".cell_input")).nth(number - 1)


def write(page, number: int, code: str) -> None:
    editor(page, number).fill(code)


def run_cell(page, number: int) -> None:
    page.get_by_role("button", name=f"Run cell {number}", exact=True).click()
    settled(page)


def codes(path: str) -> list:
    """The code cells that a page shows."""
    hidden = {"remove-input", "remove-cell"}
    cells = nbformat.read(ROOT / path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code" and not hidden & set(cell.metadata.get("tags", []))]


def chapters() -> list[str]:
    return [path.replace(".ipynb", ".html") for path in BOOKS if codes(path)]


@pytest.mark.parametrize("address", chapters())
def test_every_cell_gives_in_the_page_what_was_published(visit, address):
    page = visit(address)
    published = page.evaluate(OUTPUTS)
    run_page(page)
    assert page.locator(".live-error").all_inner_texts() == []
    states = page.evaluate("[...document.querySelectorAll('div.cell[data-live]')].map(cell => cell.dataset.live)")
    assert states == ["ok"] * len(codes(address.replace(".html", ".ipynb")))
    assert page.evaluate(OUTPUTS) == published
    assert sum(map(len, published)) >= 4
    for figure in page.locator(".cell .vega-figure").all():
        expect(figure).to_have_attribute("data-ready", "true", timeout=20_000)
    assert page.faults == []


def test_nothing_is_loaded_before_the_click(visit):
    page = visit(KOBE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload(wait_until="networkidle")
    assert [url for url in asked if "/live/" in url or "editor" in url] == []
    expect(control(page)).to_have_accessible_name("Run this page")


def test_a_changed_assumption_moves_what_follows_and_reset_brings_the_page_back(visit):
    page = visit(KOBE)
    published = page.evaluate(OUTPUTS)
    run_page(page)
    number = next(i for i, texts in enumerate(published, 1) if texts and "What was paid in all." in texts[0])
    code = editor(page, number).inner_text()
    write(page, number, code.replace("contract.total(achieved)", 'contract.total(achieved | {"renal": 0.8})'))
    run_cell(page, number)
    assert "34.06" in cell(page, number).locator(".cell_output").inner_text()
    expect(cell(page, number)).to_have_attribute("data-live", "ok")
    page.get_by_role("button", name="Reset the page").click()
    assert page.evaluate(OUTPUTS) == published
    assert page.locator("[data-live='ok'].cell").count() == 0
    assert page.faults == []


def test_edits_survive_a_reload_until_reset(visit):
    page = visit(SHORT)
    run_page(page)
    write(page, 2, "print('mine')")
    page.reload()
    expect(page.locator(".live-help")).to_contain_text("1 cell")
    run_page(page)
    expect(cell(page, 2).locator(".cell_output")).to_have_text("mine\n")
    page.get_by_role("button", name="Reset cell 2", exact=True).click()
    page.reload()
    run_page(page)
    assert "mine" not in cell(page, 2).inner_text()


def test_stop_ends_a_loop_without_an_end_and_python_starts_afresh(visit):
    page = visit(SHORT)
    run_page(page)
    write(page, 1, "while True:\n    pass")
    page.get_by_role("button", name="Run cell 1", exact=True).click()
    expect(cell(page, 1)).to_have_attribute("data-running", "true")
    page.get_by_role("button", name="Stop").click()
    expect(said(page)).to_contain_text("Stopped", timeout=1_000)
    expect(cell(page, 1)).not_to_have_attribute("data-running", "true", timeout=1_000)
    expect(control(page)).to_be_focused()
    write(page, 1, "1 + 1")
    run_cell(page, 1)
    expect(cell(page, 1).locator(".cell_output")).to_have_text("2\n")
    assert page.faults == []


def test_code_opens_where_it_runs_and_the_page_says_how_far_it_is(visit):
    page = visit(SHORT)
    run_page(page)
    assert page.locator("details.folded:not([open])").count() == 0
    write(page, 2, "while True:\n    pass")
    control(page).click()
    expect(page.locator(".live-progress")).to_have_text(f"Cell 2 of {page.locator('.live-run').count()}")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".live-progress")).to_be_hidden()
    page.get_by_role("button", name="Run cell 2", exact=True).click()
    expect(said(page)).to_have_text("Running cell 2.")
    page.get_by_role("button", name="Stop").click()


ERRORS = {
    "a syntax error": ("x = 1\nif x\n    print(x)", "SyntaxError", 2),
    "an error in a function": ("def f(x):\n    return 1 / x\n\nf(0)", "ZeroDivisionError", 2),
    "an error of the models": (
        "from sibmodels import PaymentSchedule\nPaymentSchedule.proportional(target=-1, payment=1)", "ValueError", 2),
    "a missing package": ("\n\nimport sklearn", "ModuleNotFoundError", 3),
    "a name that is not there": ("nothing", "NameError", 1),
    "an exit": ("import sys\nsys.exit(3)", "SystemExit", 2),
    "a command of Jupyter": ("%pip install x", "SyntaxError", 1),
    "endless recursion": ("def f():\n    return f()\nf()", "RecursionError", 2),
}  # fmt: skip


def test_errors_say_what_and_where_and_the_page_goes_on(visit):
    page = visit(SHORT)
    run_page(page)
    for what, (code, name, line) in ERRORS.items():
        write(page, 1, code)
        run_cell(page, 1)
        expect(cell(page, 1)).to_have_attribute("data-live", "error")
        error = cell(page, 1).locator(".live-error")
        assert error.locator("strong").inner_text() == name, what
        assert error.locator("p").nth(1).inner_text().startswith(f"Line {line} of this cell"), what
        assert page.locator(".live-fault").count() == 1, what
        expect(said(page)).to_contain_text(name)
    write(page, 1, "display(1)\n'and on'")
    run_cell(page, 1)
    assert cell(page, 1).locator(".cell_output").inner_text().split("\n")[0] == "1"
    expect(cell(page, 1)).to_have_attribute("data-live", "ok")
    assert page.locator(".live-fault").count() == 0
    assert page.faults == []


def test_too_much_text_is_cut_with_a_word(visit):
    page = visit(SHORT)
    run_page(page)
    write(page, 1, "for i in range(50):\n    print('x' * 1_000_000)\n'y' * 50_000_000")
    run_cell(page, 1)
    expect(cell(page, 1)).to_have_attribute("data-live", "ok")
    output = cell(page, 1).locator(".cell_output")
    expect(output.locator(".live-note")).to_contain_text("more characters were printed")
    assert len(output.inner_text()) < 500_000
    write(page, 1, "import pandas as pd\npd.DataFrame({'a': ['x' * 100] * 60}).style.set_caption('z' * 3_000_000)")
    run_cell(page, 1)
    assert len(output.inner_text()) < 500_000


def test_memory_that_runs_out_is_an_error_like_others(visit):
    page = visit(SHORT)
    run_page(page)
    write(page, 1, "kept = []\nwhile True:\n    kept.append(bytearray(300_000_000))")
    page.get_by_role("button", name="Run cell 1", exact=True).click()
    settled(page)
    assert re.search("memory|MemoryError", page.locator("main").inner_text())
    write(page, 1, "kept = None\n'still here'")
    run_cell(page, 1)
    expect(cell(page, 1).locator(".cell_output")).to_contain_text("still here")


def test_a_lost_connection_leaves_the_page_and_another_try_works(visit):
    page = visit(SHORT)
    published = page.evaluate(OUTPUTS)
    page.route("**/live/numbers*", lambda route: route.abort())
    page.get_by_role("button", name="Run this page").click()
    expect(said(page)).to_contain_text("connection was lost", timeout=60_000)
    assert page.evaluate(OUTPUTS) == published
    page.unroute("**/live/numbers*")
    run_page(page)
    assert page.locator(".live-error").count() == 0
    assert page.locator("[data-live=ok]").count() > 3


def test_a_file_that_comes_in_part_is_not_kept(visit):
    page = visit(SHORT)
    page.route("**/live/numbers*", lambda route: route.fulfill(body=b"short"))
    page.get_by_role("button", name="Run this page").click()
    expect(said(page)).to_contain_text("connection was lost", timeout=60_000)
    page.unroute("**/live/numbers*")
    run_page(page)
    assert page.locator(".live-error").count() == 0


@pytest.mark.parametrize("gone", ["WebAssembly", "DecompressionStream", "Worker"])
def test_a_browser_that_cannot_run_python_is_told_so(visit, gone):
    page = visit("book/start.html")
    page.context.add_init_script(f"delete globalThis.{gone}")
    page.goto(page.url.replace("book/start.html", SHORT))
    page.faults.clear()  # what the page before was still asking for
    page.get_by_role("button", name="Run this page").click()
    expect(said(page)).to_contain_text("browser")
    assert page.locator(".live-editor").count() == 0
    assert page.faults == []


def test_a_double_click_starts_python_once(visit):
    page = visit(SHORT)
    workers = []
    page.on("worker", lambda worker: workers.append(worker))
    page.get_by_role("button", name="Run this page").dblclick()
    settled(page)
    assert len(workers) == 1
    assert page.locator("div.cell .live-editor").count() == page.locator(".cell_input").count()
    assert page.locator(".live-error").count() == 0


def test_all_of_it_by_keyboard(visit):
    page = visit(SHORT)
    go = control(page)
    go.focus()
    page.keyboard.press("Enter")
    settled(page)
    expect(go).to_be_focused()
    first = editor(page, 1)
    for _ in range(12):
        page.keyboard.press("Tab")
        if first.evaluate("box => box === document.activeElement"):
            break
    expect(first).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("if True:")
    page.keyboard.press("Enter")
    page.keyboard.type("print('by hand')")
    assert "\n    print" in first.inner_text()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, 1).locator(".cell_output")).to_contain_text("by hand")
    settled(page)
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Run cell 1", exact=True)).to_be_focused()
    outline = "button => getComputedStyle(button).outlineStyle"
    assert page.get_by_role("button", name="Run cell 1", exact=True).evaluate(outline) != "none"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_live_page_has_no_fault_that_axe_finds_and_fits_a_phone(visit, theme):
    page = visit(SHORT, theme=theme, width=320)
    run_page(page)
    write(page, 1, "1 / 0")
    run_cell(page, 1)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_second_visit_asks_for_nothing(visit):
    page = visit(SHORT)
    run_page(page)
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.reload()
    run_page(page)
    assert [url for url in asked if url.endswith(".bin")] == []
    assert page.locator("[data-live=ok]").count() > 3


def test_from_a_folder_the_control_says_what_to_do(visit):
    page = visit(SHORT, root=SITE.as_uri())
    page.get_by_role("button", name="Run this page").click()
    expect(said(page)).to_contain_text("python3 -m http.server")


def test_the_site_runs_at_the_root_of_a_server_too(visit):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = visit(SHORT, root=f"http://127.0.0.1:{server.server_port}")
    run_page(page)
    assert page.locator(".live-error").count() == 0
    server.shutdown()
