"""The page people come in by: a contract to play with, the way back, and what stays when something is missing."""

import re
import threading
from functools import partial
from http.server import ThreadingHTTPServer

import pytest
from casebook import addresses
from casebook.plays import contract as play
from casebook.words import word
from playwright.sync_api import expect

from .conftest import SITE, Quiet
from .test_every_page import SHIFTS

ROOT = SITE.parents[1]
LANDING = "book/index.html"
KOBE = "book/cases/kobe.html"


def started() -> dict[str, float]:
    return {name: term.start for name, term in play.TERMS.items()}


def shown(page) -> tuple[str, str]:
    said = page.locator(".play output")
    return said.locator("strong").inner_text(), said.locator("span").inner_text()


def set_to(page, name: str, value: float) -> None:
    page.locator(f"#play-contract-{name}").evaluate(
        """(slider, value) => { slider.value = value;
          for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, { bubbles: true })); }""",
        value,
    )


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_has_a_contract_to_play_with_and_nothing_jumps(visit, width, height):
    page = visit(LANDING, width=width)
    page.set_viewport_size({"width": width, "height": height})
    slider, said = page.get_by_label("Result reached"), page.locator(".play output")
    for part in (slider, said, page.locator(".play-dot")):
        box = part.bounding_box()
        assert box["y"] + box["height"] < height
    picture = page.locator(".play-picture")
    before, place = picture.inner_html(), page.locator(".play-terms").bounding_box()
    slider.focus()
    page.keyboard.press("End")
    assert shown(page) == play.said("proportional", started() | {"result": 100})
    assert picture.inner_html() != before
    set_to(page, "share", 33)
    assert shown(page) == play.said("proportional", started() | {"result": 100, "share": 33})
    assert page.locator(".play-terms").bounding_box() == place
    assert page.evaluate(SHIFTS) < 0.01
    assert page.faults == []


def test_every_term_is_labelled_and_every_rule_can_be_chosen(visit):
    page = visit(LANDING)
    for rule in play.RULES:
        page.get_by_label("Results are paid").select_option(rule)
        assert shown(page) == play.said(rule, started())
        seen = {slider.get_attribute("name") for slider in page.locator(".play input:visible").all()}
        assert seen == {name for name, term in play.TERMS.items() if rule in (term.only or play.RULES)}
    for name, term in play.TERMS.items():
        slider = page.locator(f"#play-contract-{name}")
        assert slider.evaluate("slider => slider.labels[0].textContent") == word(f"play.contract.{name}")
        assert slider.get_attribute("aria-valuetext") == f"{term.start:g}{term.unit}"


def test_the_picture_is_the_same_from_the_build_and_from_the_script(visit):
    shape = "() => [...document.querySelectorAll('.play-picture [points]')].map(line => line.getAttribute('points'))"
    lines = [visit(LANDING, java_script_enabled=scripts).evaluate(shape) for scripts in (False, True)]
    built, drawn = ([float(n) for n in re.split("[ ,]", " ".join(texts))] for texts in lines)
    assert built == pytest.approx(drawn, abs=0.11)


def test_terms_are_kept_in_the_address_and_a_bad_one_is_left_out_with_a_word(visit):
    page = visit(LANDING)
    set_to(page, "target", 60)
    page.get_by_label("Results are paid").select_option("threshold")
    assert page.url.endswith("#rule=threshold&target=60")
    again = visit(f"{LANDING}#rule=threshold&target=60")
    assert shown(again) == shown(page) == play.said("threshold", started() | {"target": 60})
    bad = visit(f"{LANDING}#rule=tiers&target=<b>&most=1e9&fixed=-1&result=&nobody=3&share=40")
    assert shown(bad) == play.said("proportional", started() | {"share": 40})
    note = bad.locator(".play-note")
    for name in ("rule=tiers", "target=<b>", "most=1e9", "fixed=-1", "result=", "nobody=3"):
        expect(note).to_contain_text(name)
    bad.get_by_role("button", name="Start again").click()
    expect(bad).to_have_url(re.compile("index.html$"))
    assert shown(bad) == play.said("proportional", started())
    assert bad.faults == []


def test_without_scripts_it_is_an_example_in_words(visit):
    page = visit(LANDING, java_script_enabled=False)
    assert shown(page) == play.said("proportional", started())
    expect(page.locator(".play-picture")).to_be_visible()
    assert page.locator(".play input:visible, .play button:visible").count() == 0
    expect(page.locator(".play noscript")).to_be_visible()
    expect(page.locator("#contract").get_by_text("80 %", exact=True)).to_be_visible()


def test_a_reader_goes_on_where_they_left_off_and_can_have_it_forgotten(visit):
    page = visit(KOBE)
    page.locator("#exercises").evaluate("place => place.scrollIntoView()")
    expect(page.locator("#places [aria-current]")).to_have_text("Exercises")
    page.goto(page.url.replace(KOBE, LANDING))
    back = page.locator("#resume a")
    expect(back).to_have_text("Kobe, Exercises")
    assert page.evaluate(SHIFTS) < 0.01
    back.click()
    assert page.url.endswith("kobe.html#exercises")
    page.go_back()
    page.get_by_role("button", name="Forget where I left off").click()
    expect(page.locator("#resume")).to_contain_text("Four cases")
    page.reload()
    expect(back).to_have_count(0)
    # a place of another edition, or something else, is no place
    for place in ('{"page": "/gone.html", "id": "x", "section": "X"}', "no json", "3", '{"page": 4}'):
        page.evaluate("place => localStorage.setItem('casebook-place', place)", place)
        page.reload()
        expect(page.locator("#resume")).to_contain_text("Four cases")
    assert page.faults == []


def test_the_contents_show_the_page_and_close_by_a_button(visit):
    page = visit("book/reference/data.html")
    inside = """() => { const nav = document.querySelector("#contents").getBoundingClientRect();
      const link = document.querySelector("#contents [aria-current]").getBoundingClientRect();
      return link.top >= nav.top && link.bottom <= nav.bottom; }"""
    assert page.evaluate(inside)
    page.set_viewport_size({"width": 390, "height": 844})
    for name, place in (("Contents", "contents"), ("On this page", "places")):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(f"#{place}")).to_be_visible()
        if place == "contents":
            assert page.evaluate(inside)
        page.locator(f"#{place}").get_by_role("button", name="Close").click()
        expect(page.locator(f"#{place}")).to_be_hidden()


def test_few_stops_before_the_text(visit):
    page = visit(KOBE)
    for _ in range(7):
        page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#contents') !== null")


@pytest.mark.parametrize("address", [LANDING, KOBE, "book/start.html", "book/across/governance.html"])
def test_without_storage_everything_but_memory_works(visit, address):
    page = visit(address)
    page.wait_for_load_state("networkidle")
    page.context.add_init_script(
        """Object.defineProperty(
          window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });"""
    )
    page.reload()
    page.evaluate("scrollTo(0, 3000)")
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.faults == []


@pytest.mark.parametrize("address", ["book/cases/kobbe.html", "nowhere", "a/b/c/d/negotiation"])
def test_an_address_that_is_none_leads_on_at_any_depth(visit, address):
    missing = addresses.rooted((SITE / "404.html").read_text(encoding="utf-8"), "/below/").encode()

    class Below(Quiet):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/below"))

        def send_error(self, code, message=None, explain=None):
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(missing)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Below, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/below"
    page = visit(address, root=home)
    assert [fault for fault in page.faults if not fault.startswith(("404: " + page.url, "console: Failed"))] == []
    expect(page.locator("h1")).to_have_text("This page is not here")
    near = page.locator("#nearest a")
    expect(near).to_have_count(0 if address == "nowhere" else 1)
    page.locator("main input").fill("dialysis")
    page.locator("main input").press("Enter")
    expect(page.locator("h1")).to_contain_text("Search")
    page.go_back()
    page.locator("main li a").first.click()
    expect(page.locator("h1")).to_contain_text("What does a social impact bond pay for")
    server.shutdown()


@pytest.mark.parametrize(("old", "new"), [pair for pair in addresses.read(ROOT).items() if pair[0] != pair[1]])
def test_an_address_of_an_older_edition_leads_on(visit, old, new):
    for scripts in (True, False):
        page = visit(old, java_script_enabled=scripts)
        page.wait_for_url(f"**/{new}")
        assert len(page.locator("main").inner_text()) > 100


STRICT = "default-src 'self'; img-src 'self' data:; font-src 'self' data:; style-src 'self' 'unsafe-inline'"
PYTHON = STRICT.replace("'unsafe-inline'", "'unsafe-inline'; script-src 'self' 'wasm-unsafe-eval'")


@pytest.fixture
def strict():
    """The site as a host with a strict Content-Security-Policy sends it."""
    servers = []

    def serve(policy: str) -> str:
        class Strict(Quiet):
            def end_headers(self):
                self.send_header("Content-Security-Policy", policy)
                super().end_headers()

        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=str(SITE)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()


def test_a_strict_policy_keeps_nothing_but_python_and_the_page_says_so(visit, strict):
    page = visit(LANDING, root=strict(STRICT))
    page.get_by_label("Result reached").focus()
    page.keyboard.press("End")
    assert shown(page) == play.said("proportional", started() | {"result": 100})
    page.goto(page.url.replace(LANDING, KOBE).partition("#")[0])
    figure = page.locator(".vega-figure[data-live]").first
    figure.scroll_into_view_if_needed()
    figure.and_(page.locator('[data-ready="true"]')).wait_for(timeout=20_000)
    before = figure.locator("svg").inner_html()
    figure.locator("input").first.press("ArrowRight")
    expect(figure.locator("svg")).not_to_have_js_property("innerHTML", before)
    assert page.faults == []
    if page.locator(".live-go").count():
        page.locator(".live-go").click()
        expect(page.locator('.live-bar [role="status"]')).to_contain_text("Content-Security-Policy (script-src)")


def test_where_a_policy_lets_python_start_but_not_load_the_page_says_so(visit, strict):
    page = visit(KOBE, root=strict(PYTHON))
    if not page.locator(".live-go").count():
        pytest.skip("the site was built without live cells")
    page.locator(".live-go").click()
    expect(page.locator('.live-bar [role="status"]')).to_contain_text("Content-Security-Policy", timeout=20_000)
    expect(page.locator(".live-go")).to_have_attribute("aria-disabled", "false")
